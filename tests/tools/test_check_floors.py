"""The check of the floors finds what it is there to find, and nothing else."""

import subprocess
import sys

import pytest

from tools import check_floors

MAIN = 'if __name__ == "__main__":\n    pass\n'

GOOD = {
    "tfgan/__init__.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from tfgan.run import Run\n"
        "def __getattr__(name):\n    import tensorflow\n    from tfgan import run\n"
    ),
    "tfgan/core/__init__.py": "",
    "tfgan/core/checks.py": "from tfgan import __version__\n",
    "tfgan/core/random.py": "import tensorflow\nfrom tfgan.core import checks\n",
    "tfgan/config.py": "from tfgan.core.checks import InputError\n",
    "tfgan/losses.py": "from tfgan.core import checks\n",
    "tfgan/networks/mlp.py": "",
    "tfgan/models/__init__.py": "",
    "tfgan/models/gan.py": "from . import base\nfrom tfgan.losses import OBJECTIVES\n",
    "tfgan/models/base.py": "from ..core import random\n",
    "tfgan/parity/__init__.py": "",
    "tfgan/parity/causes.py": "from tfgan.models import gan\n",
    "tfgan/parity/__main__.py": "from tfgan import run\nfrom tfgan.parity import causes\n",
    "tfgan/run.py": "def f():\n    from tfgan.models import gan\n",
    "tfgan/train.py": f"from tfgan import run\n{MAIN}",
    "tfgan/__main__.py": "from tfgan import config\n",
    "README.md": "",
    **{f"tfgan/{room}/README.md": "" for room in ("core", "networks", "models", "parity")},
    "legacy/session.py": "import tensorflow\n",
    "tools/compare.py": "from legacy import session\nimport tfgan\n",
    "tests/test_run.py": "from legacy import session\nfrom tools import compare\nimport tfgan\n",
}

PLANTED = {
    "upward": (
        {"tfgan/losses.py": "from tfgan.networks import mlp\n"},
        ["tfgan/losses.py:1: imports tfgan.networks.mlp, which goes up."],
    ),
    "upward inside a function": (
        {"tfgan/core/checks.py": "def f():\n    import tfgan.networks.mlp\n"},
        ["tfgan/core/checks.py:2: imports tfgan.networks.mlp, which goes up."],
    ),
    "upward for a type checker": (
        {"tfgan/losses.py": "if TYPE_CHECKING:\n    import tfgan.networks.mlp\n"},
        ["tfgan/losses.py:2: imports tfgan.networks.mlp, which goes up."],
    ),
    "upward to the package itself": (
        {"tfgan/config.py": "from tfgan import GAN\n"},
        ["tfgan/config.py:1: imports tfgan.GAN, which goes up."],
    ),
    "upward to a command": (
        {"tfgan/config.py": "from tfgan import train\n"},
        ["tfgan/config.py:1: imports tfgan.train, which goes up."],
    ),
    "upward to a command in the same room": (
        {"tfgan/parity/other.py": "from tfgan.parity.__main__ import main\n"},
        ["tfgan/parity/other.py:1: imports tfgan.parity.__main__.main, which goes up."],
    ),
    "upward, written as a relative import": (
        {"tfgan/core/random.py": "from .. import losses\n"},
        ["tfgan/core/random.py:1: imports tfgan.losses, which goes up."],
    ),
    "sideways between files": (
        {"tfgan/optimizers.py": "import tfgan.losses\n"},
        ["tfgan/optimizers.py:1: imports tfgan.losses, which goes sideways."],
    ),
    "sideways between directories": (
        {
            "tfgan/runs/folder.py": "from tfgan.parity.causes import CAUSES\n",
            "tfgan/runs/README.md": "",
        },
        ["tfgan/runs/folder.py:1: imports tfgan.parity.causes.CAUSES, which goes sideways."],
    ),
    "sideways between commands": (
        {"tfgan/sample.py": f"from tfgan import train\n{MAIN}"},
        ["tfgan/sample.py:1: imports tfgan.train, which goes sideways."],
    ),
    "a circle inside a room": (
        {"tfgan/models/base.py": "from tfgan.models.gan import GAN\n"},
        ["import circle: tfgan.models.base -> tfgan.models.gan -> tfgan.models.base."],
    ),
    "a circle half inside a function": (
        {"tfgan/models/base.py": "def f():\n    from tfgan.models import gan\n"},
        ["import circle: tfgan.models.base -> tfgan.models.gan -> tfgan.models.base."],
    ),
    "a circle of three": (
        {
            "tfgan/models/base.py": "from tfgan.models import third\n",
            "tfgan/models/third.py": "from tfgan.models import gan\n",
        },
        [
            "import circle: tfgan.models.base -> tfgan.models.third -> tfgan.models.gan -> "
            "tfgan.models.base."
        ],
    ),
    "a file that imports itself": (
        {"tfgan/models/base.py": "import tfgan.models.base\n"},
        ["import circle: tfgan.models.base -> tfgan.models.base."],
    ),
    "a file of the library that is too long": (
        {"tfgan/models/long.py": "x = 1\n" * 351, "tfgan/models/longest.py": "x = 1\n" * 350},
        ["tfgan/models/long.py: 351 lines, more than 350; make it two files."],
    ),
    "a test that is too long": (
        {"tests/long.py": "x = 1\n" * 401, "tests/longest.py": "x = 1\n" * 400},
        ["tests/long.py: 401 lines, more than 400; make it two files."],
    ),
    "two tests of one name": (
        {
            "tests/core/test_a.py": "",
            "tests/data/test_a.py": "",
            "tests/core/conftest.py": "",
            "tests/data/conftest.py": "",
            "tests/workers/__init__.py": "",
            "tests/workers/test_a.py": "",
        },
        ["tests/data/test_a.py: tests/core/test_a.py has the same name; rename one."],
    ),
    "an unknown directory": (
        {"tfgan/utils/__init__.py": "", "tfgan/utils/README.md": ""},
        [
            "tfgan/utils/__init__.py: 'utils' is an unknown room; give it a floor in "
            "tools/check_floors.py."
        ],
    ),
    "an unknown file that cannot be run": (
        {"tfgan/helpers.py": ""},
        [
            "tfgan/helpers.py: 'helpers' is an unknown room; give it a floor in "
            "tools/check_floors.py."
        ],
    ),
    "TensorFlow with the package": (
        {"tfgan/__init__.py": "try:\n    import tensorflow as tf\nexcept ImportError:\n    pass\n"},
        ["tfgan/__init__.py:2: `import tfgan` imports tensorflow (tfgan)."],
    ),
    "TensorFlow behind a room": (
        {
            "tfgan/__init__.py": "from tfgan.core.checks import InputError\n",
            "tfgan/core/__init__.py": "from tfgan.core import random\n",
        },
        [
            "tfgan/core/random.py:1: `import tfgan` imports tensorflow "
            "(tfgan -> tfgan.core -> tfgan.core.random)."
        ],
    ),
    "the library knows legacy": (
        {"tfgan/parity/causes.py": "def f():\n    from legacy import session\n"},
        ["tfgan/parity/causes.py:2: imports legacy.session: tfgan must not import legacy."],
    ),
    "the library knows tools": (
        {"tfgan/run.py": "import tools.compare\n"},
        ["tfgan/run.py:1: imports tools.compare: tfgan must not import tools."],
    ),
    "legacy knows the library": (
        {"legacy/session.py": "from tfgan import losses\n"},
        ["legacy/session.py:1: imports tfgan.losses: legacy must not import tfgan."],
    ),
    "legacy knows tools": (
        {"legacy/session.py": "from tools import compare\n"},
        ["legacy/session.py:1: imports tools.compare: legacy must not import tools."],
    ),
}


def plant(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_this_tree_keeps_its_floors():
    assert check_floors.problems() == []


def test_a_good_tree_has_no_problems(tmp_path):
    plant(tmp_path, GOOD)
    assert check_floors.problems(tmp_path) == []


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name, tmp_path):
    files, expected = PLANTED[name]
    plant(tmp_path, GOOD | files)
    assert check_floors.problems(tmp_path) == expected


def test_readmes_that_are_missing_or_too_long_are_found(tmp_path):
    plant(tmp_path, GOOD)
    plant(tmp_path, {"README.md": "x\n" * 145, "tfgan/core/README.md": "x\n" * 40})
    plant(tmp_path, {"tfgan/networks/README.md": "", "tfgan/models/README.md": "x\n" * 41})
    (tmp_path / "tfgan/parity/README.md").unlink()
    found = check_floors.problems(tmp_path, [check_floors.readmes])
    assert found == [
        "tfgan/models/README.md: 41 lines, more than 40.",
        "tfgan/parity/README.md is missing.",
    ]
    plant(tmp_path, {"README.md": "x\n" * 146})
    assert "README.md: 146 lines, more than 145." in check_floors.problems(
        tmp_path, [check_floors.readmes]
    )


def test_python_agrees_that_the_package_loads_no_tensorflow():
    code = f"import sys, tfgan; print(*{check_floors.SLOW_TO_IMPORT} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=check_floors.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"
