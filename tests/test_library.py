"""The library as a user's program: fifteen lines, in a process of its own, and in a notebook."""

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import tfgan
from tests.models import networks
from tests.serving import rig
from tfgan.runs.checkpoints import snapshot

ROOT = Path(__file__).parents[1]
QUIET = dict(shows_progress=False)


def arrays(what):
    draw = np.random.RandomState(0)
    if what == "points":
        return {"real": draw.uniform(-1, 1, (60, 2)).astype(np.float32)}
    images = {"real": draw.randint(0, 256, (60, 6, 5, 3)).astype(np.uint8)}
    return images | ({"labels": draw.randint(0, 3, 60)} if what == "labels" else {})


def players(what, source):
    shape = tuple(source.specs["real"].shape)
    if what == "keras":
        return networks.keras_players(shape), {}
    if what == "labels":
        made = networks.LabelledGenerator(shape, 3), networks.LabelledDiscriminator(3)
        return made, {"num_classes": 3}
    return (networks.Generator(shape), networks.Discriminator()), {}


def make(what, run_dir, **settings):
    source = tfgan.data.Arrays(arrays(what), batch_size=16)
    networks_, options = players(what, source)
    model = tfgan.GAN(*networks_, latent_size=4, learning_rate=2e-4, **options)
    return tfgan.Run(model, source, run_dir=run_dir, seed=3, **settings)


@pytest.mark.parametrize("what", ["images", "points", "labels", "keras"])
def test_fifteen_lines(what, tmp_path, loader_program):
    whole = make(what, tmp_path / "whole")
    whole.train(num_steps=20, **QUIET)
    make(what, tmp_path / "parts").train(num_steps=8, **QUIET)
    parts = make(what, tmp_path / "parts")  # new objects, as a second start has them
    assert parts.step == 8
    parts.train(num_steps=20, **QUIET)
    states = [snapshot(run.model.state()) for run in (whole, parts)]
    assert states[0].keys() == states[1].keys()
    assert all(states[0][name].tobytes() == states[1][name].tobytes() for name in states[0])
    assert list(parts.losses()) == ["step", "g_loss", "d_loss"]
    assert parts.losses()["step"].tolist() == list(range(1, 21))

    labels = [2] if what == "labels" else None
    samples = parts.sample(seeds=range(5), labels=labels)
    assert samples.examples.shape == (5, *parts.source.specs["real"].shape)
    samples.save(tmp_path / "mine.png")
    assert (tmp_path / "mine.png").read_bytes().startswith(b"\x89PNG")
    version = parts.export(tmp_path / "exports")
    loader = rig.Loader(loader_program, version, tmp_path)
    asked = {"seed": np.arange(5)} | ({"label": np.full(5, 2, np.int32)} if labels else {})
    loader.ask("sample", asked)
    (served,) = loader.answers()
    kind = "points" if what == "points" else "images"
    expected = samples.examples
    if kind == "images":
        expected = np.clip(np.rint((expected + 1.0) * 127.5), 0, 255).astype(np.uint8)
    assert served[kind].tobytes() == expected.tobytes()


def test_a_run_without_a_directory_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    run = make("points", None)
    run.train(num_steps=3, **QUIET)
    assert run.step == 3
    assert len(list(tmp_path.iterdir())) == 1
    run.sample(range(2))
    del run
    assert list(tmp_path.iterdir()) == []


def test_training_goes_on_from_where_it_is(tmp_path):
    run = make("points", tmp_path / "run")
    run.train(num_steps=5, **QUIET)
    run.train(num_steps=9, **QUIET)
    whole = make("points", tmp_path / "whole")
    whole.train(num_steps=9, **QUIET)
    for name in ("losses.csv", "samples/00000009.png"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_run_that_is_opened_again_samples_what_was_trained(tmp_path):
    run = make("points", tmp_path / "run")
    fresh = run.sample(range(3)).examples
    run.train(num_steps=5, **QUIET)
    trained = run.sample(range(3)).examples
    opened = make("points", tmp_path / "run").sample(range(3)).examples
    assert opened.tobytes() == trained.tobytes() != fresh.tobytes()


def test_the_seed_of_a_run_is_that_of_its_batches():
    run, step = make("points", None), tf.constant(0, tf.int64)
    seeded = tfgan.data.Arrays(arrays("points"), batch_size=16, seed=3)
    assert np.array_equal(run.source.batch(step)["real"], seeded.batch(step)["real"])
    assert run.model.seed == run.model.training_seed == 3


def test_callbacks_are_told_and_can_end_the_training(tmp_path):
    told = []

    def watch(window):
        told.append((window.step, {n: v.shape for n, v in window.losses.items()}, window.verdict))
        return window.step >= 6

    run = make("points", tmp_path / "run", steps_per_call=2, log_every_steps=4)
    run.train(num_steps=20, callbacks=[watch], **QUIET)
    assert [step for step, _, _ in told] == [2, 4, 6]
    assert told[0][1] == {"g_loss": (2,), "d_loss": (2,)}
    assert [verdict for _, _, verdict in told] == ["", "training", ""]
    assert run.step == 6


def test_ctrl_c_ends_after_a_checkpoint(tmp_path):
    import os
    import signal

    def interrupt(window):
        if window.step == 4:
            os.kill(os.getpid(), signal.SIGINT)

    run = make("points", tmp_path / "run", steps_per_call=2)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt, match="stopped after step 4, which is saved"):
        run.train(num_steps=20, callbacks=[interrupt], **QUIET)
    assert signal.getsignal(signal.SIGINT) is before
    assert run.step == 4


def test_another_model_or_setting_in_the_same_directory_is_refused(tmp_path):
    make("points", tmp_path / "run").train(num_steps=2, **QUIET)
    source = tfgan.data.Arrays(arrays("points"), batch_size=16)
    model = tfgan.GAN(
        networks.Generator((2,)), networks.Discriminator(), latent_size=4, learning_rate=1e-3
    )
    other = tfgan.Run(model, source, tmp_path / "run", seed=3)
    with pytest.raises(
        tfgan.InputError,
        match="optimizer learning_rate was 0.0002 and is now 0.001: this is another",
    ):
        other.train(num_steps=4, **QUIET)
    with pytest.raises(tfgan.InputError, match="--seed=3, got 4: this is another run"):
        tfgan.Run(model, source, tmp_path / "run", seed=4).train(num_steps=4, **QUIET)
    with pytest.raises(tfgan.InputError, match="unknown setting 'log_every_step'; did you mean"):
        tfgan.Run(model, source, log_every_step=3)


def test_what_cannot_be_a_player_is_refused_in_one_line():
    def gan(generator, discriminator, **options):
        return tfgan.GAN(generator, discriminator, latent_size=4, **options)

    good = networks.Generator((2,)), networks.Discriminator()
    with pytest.raises(tfgan.InputError, match="the generator must be callable, got int"):
        gan(7, good[1])
    with pytest.raises(tfgan.InputError, match="the generator has no weight to train"):
        gan(lambda latents: latents, good[1])
    with pytest.raises(tfgan.InputError, match="the generator cannot be called with float32"):
        gan(networks.Layer(5, 2, seed=0), good[1])
    with pytest.raises(tfgan.InputError, match=r"one logit per example, \[B\] or \[B, 1\]"):
        gan(good[0], networks.Layer(2, 3, seed=0))
    with pytest.raises(tfgan.InputError, match="takes no `labels`"):
        gan(*good, num_classes=3)
    with pytest.raises(tfgan.InputError, match="unknown objective 'hinges'"):
        gan(*good, objective="hinges")


def test_data_that_cannot_be_trained_on_is_refused():
    def refused(match, given, batch_size=2):
        with pytest.raises(tfgan.InputError, match=match):
            tfgan.data.Arrays(given, batch_size=batch_size)

    images = np.zeros([4, 8, 8, 1], np.uint8)
    refused('have to be named: {"real": images}', images)
    refused("one entry per example", {"real": images, "labels": np.zeros(3)})
    refused("give uint8 images, or floats", {"real": images.astype(np.int64)})
    refused("must be images", {"real": images[0]})
    refused("NaN or infinity", {"real": np.full([4, 2], np.nan)})
    refused("numbers can be trained on", {"real": np.array(["a", "b"])})
    refused("batch_size 8 is more than the 4 examples", {"real": images}, batch_size=8)
    with pytest.warns(UserWarning, match="cannot leave"):
        tfgan.data.Arrays({"real": np.full([4, 2], 3.0)}, batch_size=2)


def test_a_dataset_is_read_into_arrays():
    images = np.arange(6 * 4).reshape(6, 2, 2, 1).astype(np.uint8)
    labels = np.arange(6)
    expected = tfgan.data.Arrays({"real": images, "labels": labels}, batch_size=2)
    pairs = tf.data.Dataset.from_tensor_slices((images, labels))
    tfds = tf.data.Dataset.from_tensor_slices({"image": images, "label": labels, "id": [b"a"] * 6})
    for dataset in (pairs, tfds):
        source = tfgan.data.from_dataset(dataset, batch_size=2)
        assert source.fingerprint == expected.fingerprint
        for step in range(5):
            got, wanted = (s.batch(tf.constant(step, tf.int64)) for s in (source, expected))
            assert all(
                got[name].numpy().tobytes() == wanted[name].numpy().tobytes() for name in got
            )
    with pytest.raises(tfgan.InputError, match="has no end: cut it with dataset.take"):
        tfgan.data.from_dataset(pairs.repeat(), batch_size=2)
    with pytest.raises(tfgan.InputError, match="is empty"):
        tfgan.data.from_dataset(pairs.take(0), batch_size=2)


PROGRAM = """
import sys
import tfgan
assert "tensorflow" not in sys.modules, "import tfgan alone imports TensorFlow"
import matplotlib, numpy as np
matplotlib.use("svg")
import tensorflow as tf
already = tf.Variable(1.0)  # TensorFlow has started: its threads cannot be set any more
def options():
    return {k: v for k, v in tf.config.optimizer.get_experimental_options().items() if v}
before = options()

def cell():
    import keras
    source = tfgan.data.Arrays({"real": np.zeros([40, 4, 4, 1], np.uint8)}, batch_size=8)
    generator = keras.Sequential([keras.layers.Dense(16, activation="tanh"),
                                  keras.layers.Reshape([4, 4, 1])])
    discriminator = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
    model = tfgan.GAN(generator, discriminator, latent_size=3)
    run = tfgan.Run(model, source, run_dir=sys.argv[1])
    run.train(num_steps=run.step + 3)
    return run

first = cell()
second = cell()  # Keras has gone on numbering its names; the first run is still there
assert second.step == 6, second.step
second.sample(range(2))
assert list(second.model.state()) == list(first.model.state())
assert matplotlib.get_backend().lower() == "svg"
assert options() == before
print("done")
"""


def test_the_second_cell_of_a_notebook_trips_over_nothing(tmp_path):
    program = textwrap.dedent(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "run")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == "done"


def test_the_public_list_is_what_can_be_had():
    assert all(getattr(tfgan, name) is not None for name in tfgan.__all__)
    assert set(tfgan.__all__) <= set(dir(tfgan))
    with pytest.raises(AttributeError):
        tfgan.nonsense  # noqa: B018
