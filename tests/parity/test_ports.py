"""Scripts as people wrote them, recorded unedited, beside their ports; bugs planted in these.

All of them: `python -m tools.make_results --tables=ports`. Here are one of each, and a sample.
"""

import ast
import random

import pytest

from tfgan.parity import causes
from tools import ports

NAMES = ports.names()
BUGS = [(name, bug) for name in ("ring_gan", "tf_data_gan") for bug in ports.bugs(name)]
SAMPLE = random.Random(15)


@pytest.fixture(scope="session")
def recording(tmp_path_factory):
    """Records a script once."""
    made = {}

    def record(name, calls):
        if (name, calls) not in made:
            made[name, calls], _ = ports.record(name, tmp_path_factory.mktemp(name), calls)
        return made[name, calls]

    return record


def test_a_port_is_equal_and_a_bug_in_it_is_named(recording, tmp_path):
    found = ports.compare(recording("ring_gan", 40), ports.PORTS / "ring_gan.py", "--window=4")
    assert found["equal"]
    assert found["windows"] == 4
    assert {name: each["compared"] for name, each in found["calls"].items()} == {
        "D_solver": 20,
        "G_solver": 19,
    }
    assert len(found["tensors"]) == 30
    for bug in ("fused bias", "shared latents"):
        is_named(bug, "ring_gan", recording("ring_gan", 40), tmp_path)


def is_named(bug, name, recording, folder):
    rule, edits = ports.bugs(name)[bug]
    port = folder / "port.py"
    port.write_text(ports.planted(name, edits))
    found = ports.compare(recording, port)
    assert not found["equal"]
    assert [each["rule"] for each in found["causes"]][:1] == [rule], found["causes"]


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE.sample([n for n in NAMES if n != "ring_gan"], 4))
def test_a_sample_of_scripts_and_ports(name, recording):
    found = ports.compare(recording(name, 200), ports.PORTS / f"{name}.py", "--window=3")
    assert found["equal"], found["verdict"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "bug"), SAMPLE.sample(BUGS, 6))
def test_a_sample_of_bugs(name, bug, recording, tmp_path):
    is_named(bug, name, recording(name, 60), tmp_path)


def test_every_bug_can_be_planted():
    rules = {rule.__name__ for rule in causes.RULES} | {"initial_value"}
    for name, bug in BUGS:
        rule, edits = ports.bugs(name)[bug]
        assert rule in rules
        ast.parse(ports.planted(name, edits))


def test_every_script_has_a_port():
    racing = {"layers_gan", "wgan_gp", "wgan_race"}  # which no port can be equal to
    scripts = {path.stem for path in ports.SCRIPTS.glob("*.py")} - racing
    assert scripts | {"gan_session"} == set(NAMES)
    assert {"layers_mended", "wgan_gp_mended", "wgan_mended"} <= scripts
