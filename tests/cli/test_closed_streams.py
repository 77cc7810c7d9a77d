"""A command whose standard streams are closed, as a daemon's are."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "closed",
    [
        "<&- >&- 2>&-",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("2>&-", ">&- 2>&-", ">&-")),
    ],
)
@pytest.mark.parametrize(
    "flag", ["--nonsense=1", pytest.param("--num_steps=2", marks=pytest.mark.slow)]
)
def test_it_ends_as_it_would_with_them(closed, flag, tmp_path):
    command = f"{sys.executable} -m tfgan.train --network=mlp --num_samples=4 {flag}"
    command += f" --run_dir={tmp_path}/run {closed}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=120)
    assert done.returncode == (2 if "nonsense" in flag else 0)
    assert (tmp_path / "run" / "losses.csv").exists() == (done.returncode == 0)
