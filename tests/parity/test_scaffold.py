"""A scaffold can be imported, and has what the session has."""

import runpy

import pytest

from tests.parity import rig


@pytest.mark.parametrize(
    "script",
    ["conditional_gan", *(pytest.param(s, marks=pytest.mark.slow) for s in ("vae", "endless_gan"))],
)
def test_it_runs_and_knows_the_session(script, tmp_path):
    recording = rig.recorded(script, tmp_path, calls=20)
    status, source, error = rig.parity("scaffold", recording, cwd=tmp_path)
    assert status == 0, error
    (tmp_path / "port.py").write_text(source)
    port = runpy.run_path(str(tmp_path / "port.py"))
    status, said, error = rig.parity("compare", recording, "port.py", cwd=tmp_path)
    assert status == 2
    assert "NotImplementedError" in error.splitlines()[-1]  # all names and shapes fit
    if script == "conditional_gan":
        assert set(port["CALLS"]) >= {"gTrain", "dTrain"}
        assert port["gTrain_optimizer"].settings()["beta1"] == 0.9
        assert port["dTrain_optimizer"].settings()["momentum"] == 0.5
        assert 'noise = inputs["noise"]' in source
        assert len(port["VARIABLES"]) == 22
    if script == "endless_gan":
        assert "Its learning_rate is the session's rate" in source
