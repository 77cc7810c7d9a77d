"""MOVING_FROM_TF1.md: its commands answer what it shows, and its code is that of its files."""

import os
import re
import subprocess
import sys

import pytest

from tests.parity import rig

PAGE = (rig.ROOT / "tfgan" / "MOVING_FROM_TF1.md").read_text()
WRONG = (
    "        loss = tf.reduce_mean(bce(real, tf.ones_like(real)))\n"
    "        loss += tf.reduce_mean(bce(fake, tf.zeros_like(fake)))\n",
    "        both = bce(real, tf.ones_like(real)) + bce(fake, tf.zeros_like(fake))\n"
    "        loss = tf.reduce_mean(both)\n",
)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_its_code_is_in_its_files():
    sources = [(folder / "ring_gan.py").read_text() for folder in (rig.SCRIPTS, rig.PORTS)]
    found = blocks("python")
    assert len(found) == 3
    for code in found:
        assert any(code in source for source in sources), code


def test_every_rule_is_named():
    from tfgan.parity import causes

    table = PAGE.split("## What the verdict names")[1].split("## ")[0]
    named = set(re.findall(r"`(\w+)`", table.split("|---|---|")[1]))
    assert {rule.__name__ for rule in causes.RULES} | {"initial_value"} <= named


def test_its_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (rig.ROOT / "tfgan" / target).exists(), target


@pytest.mark.slow
def test_its_commands_answer_what_it_shows(tmp_path):
    for name in ("ring_gan", "wgan_race"):
        (tmp_path / f"{name}.py").write_bytes((rig.SCRIPTS / f"{name}.py").read_bytes())
    environment = rig.environment() | {"PATH": f"{_folder_of_python()}:{os.environ['PATH']}"}
    count = 0
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            answer = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            assert answer.stdout == shown, f"{command}\n{answer.stdout}\n{answer.stderr}"
            count += 1
            if "scaffold" in command:  # the reader fills it in
                right = (rig.PORTS / "ring_gan.py").read_text()
                (tmp_path / "port.py").write_text(right)
                (tmp_path / "first_try.py").write_text(right.replace(*WRONG))
                assert right != right.replace(*WRONG)
    assert count == 7


def _folder_of_python():
    return os.path.dirname(sys.executable)
