"""What is read from a disk is data: nothing in the library could run it."""

import ast
from pathlib import Path

import pytest

import tfgan

ROOT = Path(tfgan.__file__).parents[1]
FILES = sorted((ROOT / "tfgan").rglob("*.py"))
MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml"}
MODULES |= {"tarfile", "zipfile", "importlib", "keras", "torch"}
CALLS = {"eval", "exec", "compile", "__import__", "extractall", "unpack_archive", "load_model"}
# numpy's reader of its own files can unpickle; `load` of our own modules reads pictures.
QUALIFIED = {"np.load", "numpy.load", "np.fromfile", "tf.saved_model.load", "tf.io.decode_raw"}


def dangers(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.name.split(".")[0] for alias in node.names}
            yield from (f"imports {name}" for name in names & MODULES)
        elif isinstance(node, ast.ImportFrom):
            root = (node.module or "").split(".")[0]
            if root in MODULES:
                yield f"imports {root}"
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.split(".")[-1] in CALLS - {"compile"} or called in QUALIFIED | {"compile"}:
                yield f"calls {called}"
            if any(keyword.arg == "allow_pickle" for keyword in node.keywords):
                yield "allow_pickle"


ALLOWED = {
    # The package's own modules; what --model names, on the user's own command line alone.
    "tfgan/__init__.py": {"imports importlib"},
    "tfgan/build.py": {"imports importlib"},
    # The port and the stubs that the user's own command line names, of a script that it runs.
    "tfgan/parity/proof.py": {"imports importlib"},
    "tfgan/parity/stubs.py": {"imports importlib"},
    # The weights of a network that keras.applications builds: no model is read from a file.
    "tfgan/evaluation/inception.py": {"imports keras"},
    # Where the source of a module is, which is read and not run.
    "tfgan/core/registry.py": {"imports importlib"},
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_of_the_library_runs_what_it_reads(path):
    assert set(dangers(ast.parse(path.read_text()))) == ALLOWED.get(
        str(path.relative_to(ROOT)), set()
    )


@pytest.mark.parametrize(
    "code",
    [
        *("import pickle", "from pickle import loads", "eval(text)", "np.load(path)"),
        *("x.extractall(path)", "f(allow_pickle=True)", "tf.keras.models.load_model(path)"),
        *("import keras.models", "exec(text)", "__import__(name)"),
    ],
)
def test_each_danger_is_seen(code):
    assert list(dangers(ast.parse(code)))
