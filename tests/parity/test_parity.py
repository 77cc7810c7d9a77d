"""The document's session and its port walk the same path, to the last bit."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tfgan.config import Config
from tfgan.core.checks import InputError
from tools import compare

ROOT = Path(__file__).parents[2]
OBJECTIVES = {
    "non_saturating": {},
    "minimax": {},
    "wasserstein": dict(weight_clip=0.01),
}
NETWORKS = {
    "mlp": dict(network="mlp"),
    "dcgan": dict(network="dcgan"),
    "dcgan with batch norm": dict(network="dcgan", batch_norm=True),
}


def config(objective, network, **fields):
    small = dict(
        data="digits",
        hidden_size=64,
        base_channels=16,
        image_size=16 if network != "mlp" else 0,
        generator_learning_rate=0.001,
        discriminator_learning_rate=0.001,
    )
    fields = small | OBJECTIVES[objective] | NETWORKS[network] | fields
    return Config(objective=objective, **fields)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_no_bit_differs(objective, network):
    report = compare.compare(config(objective, network, num_steps=16), [1, 7])
    assert report.equal, report.markdown()
    # Everything was looked at: both losses, and each weight with its two slots or as a statistic.
    names = set(report.rows)
    assert {"g_loss", "d_loss", "beta1_power", "beta2_power_1"} < names
    kernels = {name for name in names if name.endswith("kernel")}
    assert len(kernels) == 6
    assert {f"{name}/Adam" for name in kernels} < names
    assert {f"{name}/Adam_1" for name in kernels} < names
    assert report.rows["g_loss"].compared == 2 * 16
    assert report.rows["generator/dense_0/kernel"].compared == 16 + 3
    if network == "dcgan with batch norm":
        assert "discriminator/batch_norm_1/moving_variance" in names


@pytest.mark.slow
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_no_bit_differs_in_10000_iterations_of_the_mlp(objective):
    report = compare.compare(config(objective, "mlp", num_steps=10_000), [1, 7, 100])
    assert report.equal, report.markdown()


@pytest.mark.slow
@pytest.mark.parametrize("network", ["dcgan", "dcgan with batch norm"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_no_bit_differs_in_1000_iterations_of_the_dcgan(objective, network):
    report = compare.compare(config(objective, network, num_steps=1_000), [1, 7, 100])
    assert report.equal, report.markdown()


@pytest.mark.parametrize("network", NETWORKS)
def test_one_unit_in_the_last_place_is_caught_at_step_1(network):
    report = compare.compare(config("non_saturating", network, num_steps=2), [1], inject=True)
    assert not report.equal
    step, name, _ = report.first
    assert step == 1
    assert name in report.rows
    assert report.rows["generator/dense_0/kernel"].first_step == 1
    assert report.verdict().startswith("DIFFERENT: first at step 1, in ")


def test_the_distance_counts_representable_numbers():
    one = np.float32(1.0)
    above = np.nextafter(one, np.float32(2))
    assert compare.ulps(one, one) == 0
    assert compare.ulps(one, above) == 1
    assert compare.ulps(np.float32(0.0), np.float32(-0.0)) == 1
    tiny = np.nextafter(np.float32(0), np.float32(1))
    assert compare.ulps(tiny, -tiny) == 3
    assert compare.ulps(np.float32([1, 2]), np.float32([1, np.nextafter(np.float32(2), 3)])) == 1


def test_bits_are_compared_not_values():
    report = compare.Report(1, [1], ulps={1: [0]})
    report.add(1, 1, "zero", np.float32(0.0), np.float32(-0.0))
    assert not report.equal


@pytest.mark.parametrize(
    "fields",
    [
        dict(optimizer="sgd"),
        dict(update_order="discriminator_first"),
        dict(discriminator_steps=2),
        dict(latent_distribution="normal"),
        dict(discriminator_learning_rate=0.1),
    ],
)
def test_what_the_document_cannot_say_is_refused(fields):
    with pytest.raises(InputError, match=f"knows only --{next(iter(fields))}="):
        compare.compare(config("non_saturating", "mlp", num_steps=2, **fields), [1])


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tools.compare", "--flagfile=tfgan/recipes/document.flags"]
        + list(arguments),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_the_command_answers_0_only_when_equal(threads, tmp_path):
    table, picture = tmp_path / "table.md", tmp_path / "plot.png"
    flags = ["--num_steps=20", f"--num_threads={threads}", "--windows=1,7"]
    done = command(*flags, f"--markdown={table}", f"--plot={picture}")
    assert done.returncode == 0, done.stderr
    assert "EQUAL: 0 differing bits. 20 steps, 42 tensors, windows of 1, 7." in done.stdout
    assert table.read_text() == done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_command_answers_1_when_a_bit_differs():
    done = command("--num_steps=2", "--inject")
    assert done.returncode == 1, done.stderr
    assert "DIFFERENT: first at step 1" in done.stdout


@pytest.mark.parametrize("flag", ["markdown", "plot"])
def test_the_command_looks_first_where_it_will_write(flag, tmp_path, monkeypatch):
    monkeypatch.setattr(compare, "compare", None)  # which would work for hours
    for path, reason in ((tmp_path, "it is a folder"), ("/nowhere/x.png", "/nowhere is not a fo")):
        files = {"markdown": "", "plot": ""} | {flag: str(path)}
        with pytest.raises(InputError, match=f"--{flag}={path} cannot be written: {reason}"):
            compare.main(Config(), "1", False, **files)


def test_the_command_says_which_windows_fit():
    done = command("--num_steps=2", "--windows=1,0")
    assert done.returncode == 2
    assert "--windows must be positive whole numbers" in done.stderr
