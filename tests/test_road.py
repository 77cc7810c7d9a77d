"""The README's road from a folder of pictures to a model to serve, as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
FEW = "--num_steps=2 --batch_size=8 --num_samples=4 --base_channels=4"


def road():
    """The block of the README."""
    section = (ROOT / "README.md").read_text().partition("## Your own pictures\n")[2]
    return re.search(r"```bash\n(.*?)```", section, re.DOTALL)[1].splitlines()


@pytest.fixture
def home(tmp_path):
    """A home with pictures as people have them, and `tfgan` on the path."""
    pictures = tmp_path / "Pictures"
    pictures.mkdir()
    draw = np.random.RandomState(0)
    for i in range(12):
        noise = draw.randint(0, 256, (40 + i, 60 - i, 3)).astype(np.uint8)
        Image.fromarray(noise).save(pictures / f"IMG_{i}.jpg")
    bin_dir = tmp_path / "bin"
    bin_dir.mkdir()
    command = bin_dir / "tfgan"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m tfgan "$@"\n')
    command.chmod(0o755)
    return tmp_path


def test_seven_commands_from_a_folder_to_a_served_model(home):
    lines = road()
    verbs = [line.split()[1] for line in lines[1:]]
    assert verbs == ["prepare", "train", "show", "sample", "evaluate", "export"]
    environment = os.environ | {
        "HOME": str(home),
        "PATH": f"{home}/bin:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    said = {}
    for line in lines:
        words = f"{line} {FEW}" if " train " in line else line
        done = subprocess.run(
            ["bash", "-euc", words], cwd=home, env=environment, capture_output=True, text=True
        )
        if " evaluate " in line:  # of 12 pictures there is nothing to measure, in one line
            assert done.returncode == 2
            assert "has 12 examples: at least 50 real ones are compared" in done.stderr
            continue
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        said[line.split()[1]] = done.stdout
    assert "40 x 60 to 50 x 50 pixels: cut to squares and resized to 32 x 32" in said["train"]
    assert "12 images are few: samples may copy them" in said["train"]
    assert "--mirror" in said["train"]
    assert "runs/photos" in said["show"]
    assert Image.open(home / "grid.png").width >= 256
    assert (home / "runs/photos/samples/real.png").is_file()
    assert (home / "exports/photos/2/saved_model.pb").is_file()


@pytest.mark.parametrize(("block", "command"), [(1, "tfgan train"), (2, "-m pytest")])
def test_ci_finds_its_two_commands_in_the_readme(block, command):
    """By the very function of `.ci/run`, which else would end before it has tried anything."""
    script = (ROOT / ".ci/run").read_text()
    function = re.search(r"^readme_command\(\) \{\n.*?^\}\n", script, re.DOTALL | re.MULTILINE)[0]
    found = subprocess.run(
        ["bash", "-euc", f"{function}readme_command {block}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert command in found.stdout
