"""The benchmark: its arithmetic, its answers to bad flags, and that the rivals train the same."""

import dataclasses
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tfgan.cli import flags
from tools.benchmark import __main__ as benchmark
from tools.benchmark import report, services
from tools.benchmark.engines import ENGINES
from tools.benchmark.race import PEAK_FLOPS, Outcome, Result, Turn
from tools.benchmark.workloads import WORKLOADS

ROOT = Path(__file__).parents[2]


def test_the_operations_of_an_iteration_by_hand():
    # Ring: G 2-128-128-2, D 2-128-128-1, batch 128; multiplications of each layer.
    g, d = [2 * 128, 128 * 128, 128 * 2], [2 * 128, 128 * 128, 128]
    generator_step = 2 * sum(g) + sum(g[1:]) + 2 * sum(d)
    discriminator_step = sum(g) + 4 * sum(d) + 2 * sum(d[1:])
    assert WORKLOADS["ring"].flops() == 2 * 128 * (generator_step + discriminator_step)
    assert WORKLOADS["dcgan"].flops() == pytest.approx(42e9, rel=0.01)  # FACTS.md


def test_the_operations_of_penalties_by_hand():
    d = [25 * 16**2 * 64, 25 * 8**2 * 64 * 128, 25 * 4**2 * 128 * 256, 16 * 256]
    gradient, its_gradient = sum(d), sum(d[:-1]) + sum(d)
    for name, extra in {
        "dcgan_wgan_gp": sum(d) + gradient + its_gradient,
        "dcgan_r1_r2": 2 * (gradient + its_gradient),
    }.items():
        workload = WORKLOADS[name]
        config = dataclasses.replace(workload.config, penalties="")
        without = dataclasses.replace(workload, config=config)
        assert workload.flops() - without.flops() == 2 * 64 * extra


@pytest.mark.parametrize("workload", ["dcgan_wgan_gp", "dcgan_r1_r2"])
def test_an_engine_without_penalties_never_runs_a_workload_with_some(workload):
    assert all(ENGINES[engine].reasons[workload] for engine in ("session", "jax_step", "jax_scan"))
    assert not any(workload in ENGINES[engine].reasons for engine in ("loop", "torch_compile"))


def turns(*microseconds):
    return [Turn(1000, value / 1000, 0.0, [0.0, 0.0]) for value in microseconds]


def test_medians_ratios_and_the_floor():
    results = {
        "session": Result(turns=turns(900, 400, 600)),
        "loop": Result(turns=turns(200, 300, 9000)),
        "jax_scan": Result("not installed"),
    }
    peak = Result(turns=[Turn(1, 2.0, 0.0, [0.0]), Turn(1, 4.0, 0.0, [0.0])])
    outcome = Outcome(results, peak)
    assert report.ratio(outcome, "session", "loop") == 2.0
    assert report.ratio(outcome, "session", "jax_scan") is None
    assert report.best(outcome) == 300
    floor = WORKLOADS["ring"].flops() / (PEAK_FLOPS / 2.0) * 1e6
    assert report.floor_microseconds("ring", outcome) == pytest.approx(floor)
    settings = dict(rounds=3, seconds_per_turn=1.0, num_threads=2, versions={})
    settings["machine"] = report.machine()
    table = report.markdown({"ring": outcome}, settings)
    assert "| session | 600 (2.00) |" in table
    assert "| loop | 300 (1.00) |" in table
    assert "jax_scan: not installed." in table
    json.dumps(report.to_json({"ring": outcome}, settings))


BAD = {
    "--engines=lop": "did you mean 'loop'",
    "--workloads=rings": "did you mean 'ring'",
    "--workloads=": "--workloads is empty",
    "--rounds=0": "--rounds must be at least 1",
    "--rounds=x": "rounds",
    "--seconds_per_turn=nan": "--seconds_per_turn",
    "--num_threads=-1": "--num_threads",
    "--json=/nowhere/at/all.json": "cannot be written",
    "--unknown": "unknown",
    "--before=tests": "is no checkout of this repository",
    "stray": "'stray' is not a flag",
}


@pytest.mark.parametrize("argument", BAD)
def test_a_bad_flag_is_answered_in_one_line(argument, capsys):
    with pytest.raises(SystemExit) as ended:
        flags.run(
            benchmark.main,
            extra=benchmark.EXTRA,
            argv=[argument],
            with_config=False,
            with_tensorflow=False,
        )
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert BAD[argument] in line


def test_names_are_taken_once_and_all_of_them_by_default():
    numbers = dict(rounds=1, seconds_per_turn=1.0, num_threads=1)
    chosen = benchmark.check("ring,dcgan,ring", "loop", **numbers)
    assert (chosen.workloads, [*chosen.engines]) == (["ring", "dcgan"], ["loop"])
    assert chosen.engines_named
    chosen = benchmark.check(None, None, **numbers)
    assert chosen.workloads == list(WORKLOADS)
    assert not chosen.engines_named


def test_the_command_measures_side_by_side(tmp_path):
    for name in ("tools", "tfgan", "legacy"):
        shutil.copytree(ROOT / name, tmp_path / "before" / name)
    with open(tmp_path / "before/tools/benchmark/tensorflow_engines.py", "a") as engines:
        engines.write("import pathlib\npathlib.Path(__file__).with_name('ran').touch()\n")
    done = subprocess.run(
        [sys.executable, "-m", "tools.benchmark", "--workloads=ring", "--engines=session,loop"]
        + ["--rounds=1", "--seconds_per_turn=0.05", f"--json={tmp_path / 'all.json'}"]
        + [f"--before={tmp_path / 'before'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    measured = json.loads((tmp_path / "all.json").read_text())["workloads"]["ring"]
    assert measured["session_to_loop"] > 0
    assert len(measured["engines"]["loop"]["turns"]) == 1
    assert "| session / loop |" in done.stdout
    assert "| loop_before / loop |" in done.stdout
    assert (tmp_path / "before/tools/benchmark/ran").exists(), "it was that checkout's"


def test_the_services_of_a_run_are_measured_beside_the_bare_loop(capsys):
    services.main("ring", rounds=2, num_steps=10)
    *_, row = capsys.readouterr().out.splitlines()
    assert row.startswith("| ring | ")
    assert row.count("%") == 6  # median, lowest and highest, by two clocks


def test_the_share_of_services_by_hand():
    numbers = [(2.0, 2.02, 1.0, 1.01), (1.0, 1.5, 1.0, 1.02), (4.0, 4.12, 1.0, 1.2)]
    row = services.row("ring", [services.Turn(*each) for each in numbers], 1000)
    shares = "3.0% (1.0% .. 50.0%) | 2.0% (1.0% .. 20.0%)"
    assert row == f"| ring | 2,000 | {shares} |"
    recipe, _ = flags.parse(["--recipe=ring"])
    config = services.configure("ring", 30)
    assert config.num_steps == 30
    for name in ("log_every_steps", "sample_every_steps", "checkpoint_every_steps", "num_samples"):
        assert getattr(config, name) == getattr(recipe, name)
    assert config.hidden_size == recipe.hidden_size


def test_a_worker_that_dies_is_told_and_the_status_says_so(capsys):
    outcome = Outcome({"loop": Result("failed: no memory", failed=True)}, Result())
    assert benchmark.report_failures({"ring": outcome}) == 1
    assert "loop on ring failed: no memory" in capsys.readouterr().err
