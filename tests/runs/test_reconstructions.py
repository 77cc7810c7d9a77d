"""Real examples beside their reconstructions: while a run trains, and afterwards."""

import io
import os

import numpy as np
import PIL.Image
import pytest

from tests.survival.rig import Rig, everything, forget
from tfgan import build, sample
from tfgan.config import Config
from tfgan.core.checks import InputError
from tfgan.data import drawing
from tfgan.run import Run
from tfgan.runs import pictures

SMALL = dict(network="mlp", latent_size=3, hidden_size=8, hidden_layers=1, batch_size=16)
SMALL |= dict(sample_every_steps=2, checkpoint_every_steps=2, log_every_steps=2, num_samples=8)
SMALL |= dict(num_threads=os.cpu_count(), num_steps=4)  # what this process has started with
VAE = SMALL | dict(model_type="vae", latent_distribution="normal")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The rig of a finished run, and its directory."""
    rig, run = Rig(Config(**VAE)), tmp_path_factory.mktemp("vae") / "run"
    rig.train(run)
    return rig, run


def expected(model, config, number):
    """The picture of pairs, made anew."""
    real = pictures.first(build.build_source(config), number)
    pairs = [x for r in real for x in (r, model.reconstruct(r[None]).numpy()[0])]
    return drawing.grid(np.stack(pairs), columns=2 * round((number / 2) ** 0.5))


def pixels(data):
    return np.asarray(PIL.Image.open(io.BytesIO(data) if isinstance(data, bytes) else data))


def test_a_run_shows_pairs_at_each_picture(finished):
    rig, run = finished
    names = sorted(path.name for path in (run / "samples").iterdir())
    steps = ["00000000.png", "00000002.png", "00000004.png"]
    assert names == [*steps, "real.png", *(f"reconstructed_{step}" for step in steps)]
    made = pixels(run / "samples" / "reconstructed_00000004.png")
    difference = made.astype(int) - np.asarray(expected(rig.run.model, rig.config, 4))
    assert abs(difference).max() <= 1  # one row at a time, and all at once


def test_pairs_stay_side_by_side():
    class Half:
        def reconstruct(self, examples):
            return examples / 2

    for number in (1, 2, 3, 8, 32):
        real = np.arange(number, dtype=np.float32).reshape(-1, 1) / number
        pairs, columns = pictures.reconstructions(Half(), real)
        assert columns % 2 == 0
        np.testing.assert_array_equal(pairs[::2], real)
        np.testing.assert_array_equal(pairs[1::2], real / 2)


def test_a_resume_leaves_no_later_picture_and_ends_with_the_same_bytes(finished, tmp_path):
    import shutil

    rig, run = finished
    shutil.copytree(run, tmp_path / "run")
    forget(tmp_path / "run", 2)
    Rig(rig.config).train(tmp_path / "run")
    before, after = everything(run), everything(tmp_path / "run")
    of_samples = {name for name in before if name.startswith("samples") or name.endswith(".csv")}
    assert len(of_samples) >= 9
    assert before.keys() == after.keys()
    assert all(before[name] == after[name] for name in of_samples)


def test_the_command_draws_them_afterwards(finished, tmp_path, capsys):
    rig, run = finished
    options = dict(export="", model="", seeds="", interpolate=0)
    sample.main(str(run), **options, out=str(tmp_path / "pairs.png"), reconstruct=8, scale=1)
    assert "8 examples, each before its reconstruction" in capsys.readouterr().out
    real = pictures.first(build.build_source(rig.config), 8)
    assert pixels(tmp_path / "pairs.png").shape == (4 * 9 - 1, 4 * 9 - 1)
    first = pixels(tmp_path / "pairs.png")[:8, :8]
    np.testing.assert_array_equal(first, drawing.to_uint8(real[0])[..., 0])


def test_what_cannot_be_drawn_is_one_line(finished, tmp_path):
    _, run = finished
    options = dict(export="", model="", interpolate=0, out=str(tmp_path / "pairs.png"))
    with pytest.raises(InputError, match="--reconstruct=3 shows real examples of a run in one pic"):
        sample.main(str(run), seeds="1", reconstruct=3, **options)
    with pytest.raises(InputError, match="--reconstruct=-1 must be 1 to 2048"):
        sample.main(str(run), seeds="", reconstruct=-1, **options)
    Rig(Config(**SMALL)).train(tmp_path / "gan")
    assert not list((tmp_path / "gan" / "samples").glob("reconstructed*"))
    with pytest.raises(InputError, match="reconstructs nothing; train one with --model_type=vae"):
        sample.main(str(tmp_path / "gan"), seeds="", reconstruct=3, **options)


def test_from_python(tmp_path):
    config = Config(**VAE)
    run = Run(*build.build(config), tmp_path / "run", num_samples=4)
    run.train(2, shows_progress=False)
    made = run.reconstruct(5)
    assert made.examples.shape == (10, 8, 8, 1)
    np.testing.assert_array_equal(made.examples[::2], pictures.first(run.source, 5))
    gan = Run(*build.build(Config(**SMALL)), tmp_path / "gan")
    with pytest.raises(InputError, match="non_saturating reconstructs nothing: train a tfgan.VAE"):
        gan.reconstruct()
