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


FILLED = """    weights = {optimizer}.variables_to_train
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((tf.matmul(x, weights[0]) - y) ** 2)
    {optimizer}.apply(tape.gradient(loss, weights))
"""


def test_two_sessions_are_two_sets_of_variables(tmp_path):
    recording = rig.recorded("odd/two_sessions", tmp_path, calls=20)
    _, source, error = rig.parity("scaffold", recording, cwd=tmp_path)
    assert error == ""
    for name in ("op", "op_2"):
        filled = FILLED.format(optimizer=f"{name}_optimizer")
        source = source.replace("    raise NotImplementedError\n", filled, 1)
    port = tmp_path / "port.py"
    port.write_text(source.replace("...", "loss"))
    status, said, error = rig.parity("compare", recording, port, "--window=3", cwd=tmp_path)
    assert status == 0, said + error
    assert "| op | 9 | 0 | - |\n| op_2 | 9 | 0 | - |" in said

    port.write_text(port.read_text().replace("learning_rate=0.01,", "learning_rate=0.02,"))
    status, said, error = rig.parity("compare", recording, port, cwd=tmp_path)
    assert status == 1, said + error
    assert "| op | 9 | 0 | - |\n| op_2 | 9 | 9 | 4 |" in said
    assert "**number** (call 4, op_2): alpha is 0.01 in the session, 0.02 in the port" in said
