"""Requests that make no sense are refused by the graph, clearly, and the process lives on."""

import json
import pathlib
import subprocess
import sysconfig
import venv

import numpy as np
import pytest
import tensorflow as tf

from tests.serving import rig
from tfgan.data import drawing
from tfgan.serving import model as served_models

ZEROS = {
    "serving_default": np.zeros([3, 64], np.float32),
    "sample": np.zeros([3], np.int64),
    "discriminate": np.zeros([3, 8, 8, 1], np.float32),
}
MALFORMED = [
    ("serving_default", ZEROS["serving_default"].astype(np.float64), "float"),
    ("serving_default", np.zeros([3, 63], np.float32), "[?,64]"),
    ("serving_default", np.zeros([64], np.float32), "[?,64]"),
    ("serving_default", np.zeros([3, 1, 64], np.float32), "[?,64]"),
    ("serving_default", np.zeros([], np.float32), "[?,64]"),
    ("sample", np.zeros([3], np.int32), "int64"),
    ("sample", np.zeros([3], np.float32), "int64"),
    ("sample", np.zeros([], np.int64), "[?]"),
    ("sample", np.zeros([3, 2], np.int64), "[?]"),
    ("discriminate", np.zeros([3, 8, 8, 1], np.uint8), "float"),
    ("discriminate", np.zeros([3, 8, 8], np.float32), "[?,8,8,1]"),
    ("discriminate", np.zeros([3, 4, 16, 1], np.float32), "[?,8,8,1]"),  # as many numbers
    ("discriminate", np.zeros([3, 8, 8, 3], np.float32), "[?,8,8,1]"),
]


@pytest.mark.parametrize("family", ["mlp", "dcgan"])
def test_each_is_refused_and_the_next_one_answered(family, exported, loader_program, tmp_path):
    version, _ = exported(family)
    loader = rig.Loader(loader_program, version, tmp_path)
    for signature, value, _ in MALFORMED:
        loader.ask(signature, value)
        loader.ask(signature, ZEROS[signature])
    answers = loader.answers()
    for (signature, value, clue), refused, answered in zip(
        MALFORMED, answers[::2], answers[1::2], strict=True
    ):
        where = (signature, value.dtype.name, value.shape)
        assert isinstance(refused, str), where
        assert refused.startswith("error 3 "), (where, refused)  # invalid argument
        assert clue in refused.replace(" ", ""), (where, refused)
        assert all(len(rows) == 3 for rows in answered.values())


# Run in a virtual environment that has TensorFlow and no tfgan.
CLEAN = """
import importlib.util, json, sys
assert importlib.util.find_spec("tfgan") is None
import numpy as np, tensorflow as tf
path, kind = sys.argv[1:]
latents = np.linspace(-1, 1, 3 * 64).reshape(3, 64).astype(np.float32)
if kind == "v2":
    loaded = tf.saved_model.load(path)
    images = loaded.signatures["serving_default"](latents=tf.constant(latents))["images"].numpy()
    pngs = loaded.signatures["sample"](seed=tf.constant([5, -5], tf.int64))["png_bytes"].numpy()
else:
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        graph = tf.compat.v1.saved_model.loader.load(session, ["serve"], path)
        def run(name, output, value):
            signature = graph.signature_def[name]
            (tensor,) = signature.inputs.values()
            return session.run(signature.outputs[output].name, {tensor.name: value})
        images = run("serving_default", "images", latents)
        pngs = run("sample", "png_bytes", np.array([5, -5]))
print(json.dumps([images.tobytes().hex(), [png.hex() for png in pngs]]))
"""


@pytest.fixture(scope="module")
def clean_python(tmp_path_factory):
    """The interpreter of a new virtual environment: what is installed here is linked, not tfgan.

    An editable installation is a `.pth` file, a plain one is a folder: neither is linked.
    """
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder)
    scheme = {"base": str(folder), "platbase": str(folder)}
    packages = pathlib.Path(sysconfig.get_path("purelib", "posix_prefix", scheme))
    for installed in pathlib.Path(sysconfig.get_path("purelib")).iterdir():
        if installed.suffix != ".pth" and "tfgan" not in installed.name:
            (packages / installed.name).symlink_to(installed)
    return folder / "bin" / "python"


@pytest.mark.parametrize("kind", ["v1", "v2"])
def test_it_loads_where_there_is_no_tfgan(kind, exported, clean_python):
    version, served = exported("mlp")
    done = subprocess.run(
        [clean_python, "-I", "-c", CLEAN, version, kind], cwd="/", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    images, pngs = json.loads(done.stdout)
    latents = np.linspace(-1, 1, 3 * 64).reshape(3, 64).astype(np.float32)
    assert images == served.generate(latents).tobytes().hex()
    expected = drawing.to_uint8(served_models.sample(served.model, [5, -5]))
    assert pngs == [tf.io.encode_png(image).numpy().hex() for image in expected]
