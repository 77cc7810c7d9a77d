"""The check of the floors finds what it is there to find."""

from tools import check_floors


def test_this_tree_keeps_its_floors():
    assert check_floors.problems() == []


def test_each_kind_of_problem_is_found(tmp_path):
    files = {
        "tfgan/losses.py": "from tfgan import gan\n",  # up
        "tfgan/layers.py": "import tfgan.optimizers\n",  # sideways
        "tfgan/gan.py": "from legacy import gan_session\n",
        "tfgan/novel.py": "from tfgan import checks\n",
        "tfgan/random.py": "def f():\n    from tfgan.config import Config\n",  # down: fine
        "legacy/gan_session.py": "from tfgan import losses\n",
        "tools/long.py": "x = 1\n" * 401,
        "tests/ok.py": "from tfgan import gan\nfrom tools import long\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    found = "\n".join(check_floors.problems(tmp_path))
    assert "tfgan/losses.py:1: imports tfgan.gan: floor" in found
    assert "tfgan/layers.py:1: imports tfgan.optimizers: floor" in found
    assert "tfgan/gan.py:1: imports legacy.gan_session: the library knows nothing" in found
    assert "tfgan/novel.py:1: imports tfgan.checks: 'novel' has no floor" in found
    assert "legacy/gan_session.py:1: imports tfgan.losses: legacy stands alone" in found
    assert "tools/long.py: more than 400 lines" in found
    assert len(found.splitlines()) == 6
