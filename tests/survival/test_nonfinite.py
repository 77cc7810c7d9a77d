"""Numbers that are not finite: never in a checkpoint, and the place is named."""

import random
import re
from collections import Counter

import numpy as np
import pytest

from tests.survival.rig import Rig, digest
from tfgan import build
from tfgan.core.checks import NonFiniteError
from tfgan.runs.checkpoints import Checkpoints
from tools.sweep import nonfinite
from tools.sweep.nonfinite import CONFIG, KINDS, STEPS, Injector, check, sick_run


@pytest.fixture(scope="module")
def tested():
    return Rig(CONFIG, sick_run(build.build(CONFIG), Injector()))


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("kind", KINDS)
def test_the_step_the_player_and_the_tensor_are_named(kind, value, tested, tmp_path, capsys):
    check(tested, tmp_path, kind, 17, value)


@pytest.mark.slow
def test_in_200_runs_no_checkpoint_holds_it(tmp_path):
    sweep, outcomes = nonfinite.NonFinite(tmp_path), Counter()
    for number in range(200):
        sweep.trial(random.Random(number), outcomes)
    assert len({name.partition(" in the ")[2] for name in outcomes}) == len(KINDS)


def test_in_the_first_and_in_the_last_step(tested, tmp_path, capsys):
    check(tested, tmp_path / "first", "pixels", 0, np.nan)
    # Nothing comes after the discriminator's last step: its losses are finite, its weights are not.
    check(tested, tmp_path / "last", "discriminator gradients", STEPS - 1, np.nan)


def test_a_fault_that_does_not_come_again_is_the_machine_s(tested, tmp_path, monkeypatch, capsys):
    real, faults = tested.traced.run_steps, [25]

    def faulty(first, number):
        losses = real(first, number)
        if faults and first <= faults[0] < first + number:
            losses["g_loss"] = np.where(np.arange(number) == faults.pop() - first, np.nan, 0.0)
        return losses

    monkeypatch.setattr(tested, "traced", tested.traced._replace(run_steps=faulty))
    with pytest.raises(NonFiniteError, match="which a sound machine does not do: suspect its mem"):
        tested.train(tmp_path)


# Rollback.


@pytest.fixture
def rolling(tested):
    """A rig that is sick at step 20, until it has rolled back `times` times."""

    def make(times=1):
        injector = Injector()
        injector.kind.assign("pixels")
        injector.step.assign(20)
        injector.times = times
        return Rig(tested.config, sick_run(build.build(tested.config), injector))

    return make


def test_a_rollback_goes_on_with_other_numbers_and_always_the_same(
    rolling, tested, tmp_path, capsys
):
    rolling().train(tmp_path / "a", on_nonfinite="rollback")
    assert "back to step 14, with other random numbers" in capsys.readouterr().out
    rolling().train(tmp_path / "b", on_nonfinite="rollback")
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    healthy = Rig(tested.config)
    healthy.train(tmp_path / "healthy")
    a, b = (
        [line.split(",", 1)[1] for line in (tmp_path / name / "losses.csv").read_text().split()]
        for name in ("a", "healthy")
    )
    assert a[:15] == b[:15]  # the header and 14 steps
    assert all(x != y for x, y in zip(a[15:], b[15:], strict=True))


def test_a_run_that_is_stopped_after_a_rollback_resumes(rolling, tested, tmp_path, capsys):
    rolling().train(tmp_path / "whole", on_nonfinite="rollback")
    expected = digest(tmp_path / "whole")
    path = tmp_path / "stopped"
    rolling().train(path, on_nonfinite="rollback", num_steps=28)
    (path / "samples" / f"{28:08d}.png").unlink()  # which it drew as its last
    Rig(tested.config).train(path, on_nonfinite="rollback")  # whose health is untouched
    assert digest(path) == expected


def steps_gone_back_to(capsys):
    return [int(step) for step in re.findall("back to step ([0-9]+)", capsys.readouterr().out)]


def test_rollbacks_are_bounded_and_go_further_back_each_time(rolling, tmp_path, capsys):
    with pytest.raises(NonFiniteError):
        rolling(times=99).train(tmp_path, on_nonfinite="rollback", max_rollbacks=4)
    assert steps_gone_back_to(capsys) == [14, 7, 0, 0]
    newest, _ = Checkpoints(tmp_path / "checkpoints", keep=1).newest()
    assert newest.step == 14


@pytest.mark.parametrize(
    "stopped_after", [2, *(pytest.param(each, marks=pytest.mark.slow) for each in (0, 1, 3))]
)
def test_a_run_that_ends_between_rollbacks_resumes(stopped_after, rolling, tmp_path, capsys):
    rolling(times=3).train(tmp_path / "whole", on_nonfinite="rollback")
    assert steps_gone_back_to(capsys) == [14, 7, 0]
    path = tmp_path / "stopped"
    with pytest.raises(NonFiniteError):
        rolling(times=99).train(path, on_nonfinite="rollback", max_rollbacks=stopped_after)
    newest, _ = Checkpoints(path / "checkpoints", keep=1).newest()
    known = newest.record["rollbacks"]  # the first seed that is asked for tells the rig of it
    rolling(times=3 - known + bool(known)).train(path, on_nonfinite="rollback")
    # Not health.csv: it is measured on a batch into which the injector may put its value, too.
    for name in ("losses.csv", f"checkpoints/{STEPS:010d}/state.data-00000-of-00001"):
        assert (path / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_rollback_that_helped_is_the_end_of_it(rolling, tmp_path, capsys):
    """What fails later goes back to the newest checkpoint again."""
    tested = rolling(times=1)
    tested.train(tmp_path, on_nonfinite="rollback", num_steps=30)
    record = Checkpoints(tmp_path / "checkpoints", keep=1).newest()[0].record
    assert (record["rollbacks"], "retried" in record) == (1, False)
