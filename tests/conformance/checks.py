"""What every entry has to do. Each check raises where the entry does not do it."""

import numpy as np
import tensorflow as tf

from tests.serving import rig
from tfgan import training
from tfgan.core.interfaces import num_classes
from tfgan.run import Run
from tfgan.runs.checkpoints import snapshot

STEP = tf.constant(0, tf.int64)
QUIET = dict(shows_progress=False)


def check_state(model):
    """The names are unique and stay; no variable is missing, as far as one traversal tells."""
    state = model.state()
    assert len({id(variable) for variable in state.values()}) == len(state)
    assert list(state) == list(model.state())
    assert all(isinstance(variable, tf.Variable) for variable in state.values())


def check_open_batch(model):
    """Sampling is traced once for all batch sizes, and each row is an example of its own inputs."""
    specs = {
        name: tf.TensorSpec([None, *tensor.shape[1:]], tensor.dtype, name)
        for name, tensor in model.inputs(1, "open").items()
    }
    sample = tf.function(model.sample, [specs], autograph=False)
    for count in (1, 2, 5):
        inputs = model.inputs(count, "open")
        examples = sample(inputs)
        assert examples.shape[0] == count
        np.testing.assert_allclose(examples, model.sample(inputs), atol=0.02)
    assert sample.experimental_get_tracing_count() == 1


def check_windows(make):
    """The length of a window never changes the numbers, and the loop is traced once."""
    whole, parts = make(), make()
    run_whole, run_parts = training.make_loop(*whole), training.make_loop(*parts)
    expected = run_whole(0, 6)
    got = [run_parts(step, count) for step, count in ((0, 1), (1, 3), (4, 2))]
    assert run_parts.num_traces == 1
    assert list(expected) == list(whole[0].loss_names)
    for name in expected:
        together = np.concatenate([window[name] for window in got])
        assert together.tobytes() == expected[name].tobytes(), name
    check_same(snapshot(whole[0].state()), snapshot(parts[0].state()))


def check_state_is_all(make):
    """A new model that is given another's state goes on as that one does, to the bit.

    What `check_resume` shows through files, in a tenth of its time.
    """
    (first, source), (second, again) = make(), make()
    whole = training.make_loop(first, source)
    whole(0, 3)
    half = snapshot(first.state())
    for name, variable in second.state().items():
        variable.assign(half[name])
    whole(3, 3)
    training.make_loop(second, again)(3, 3)
    check_same(snapshot(first.state()), snapshot(second.state()))
    return first


def check_players(make):
    """A player's step moves its own variables alone, and its weights are moved."""
    model, source = make()
    inputs = model.inputs(source.batch_size, "latents")
    batch = source.batch(STEP)
    steps = {
        "generator": lambda: model.generator_step(inputs, batch),
        "discriminator": lambda: model.discriminator_step(batch, inputs, STEP),
    }
    for player, step in steps.items():
        before = snapshot(model.state())
        step()
        moved = {
            name
            for name, value in snapshot(model.state()).items()
            if value.tobytes() != before[name].tobytes()
        }
        own = {"generator": ("generator", "average/generator")}.get(player, (player,))
        strange = {name for name in moved if not name.startswith(own)}
        assert not strange, f"the {player}'s step moved {sorted(strange)}"
        assert moved & set(getattr(model, player).weights), f"the {player}'s step moved no weight"


def check_diagnostics(make):
    """A look at the model moves nothing, and says what it says it will."""
    model, source = make()
    before = snapshot(model.state())
    values = model.diagnostics(STEP, source)
    assert list(values) == list(model.diagnostic_names)
    assert all(np.isfinite(value) for value in values.values())
    check_same(snapshot(model.state()), before)


def check_resume(make, folder):
    """Stopped in the middle and resumed by new objects, a run ends with the same bytes."""
    settings = dict(log_every_steps=3, sample_every_steps=6, num_samples=4)
    whole = Run(*make(), folder / "whole", **settings)
    whole.train(6, **QUIET)
    Run(*make(), folder / "parts", **settings).train(3, **QUIET)
    parts = Run(*make(), folder / "parts", **settings)
    for variable in parts.model.state().values():  # what a resume does not restore would show
        variable.assign(tf.ones_like(variable) * tf.cast(7, variable.dtype))
    parts.train(6, **QUIET)
    check_same(snapshot(whole.model.state()), snapshot(parts.model.state()))
    for name in ("losses.csv", "health.csv", "samples/00000006.png"):
        assert (folder / "whole" / name).read_bytes() == (folder / "parts" / name).read_bytes()
    return whole


def check_export(run, loader_program, folder):
    """The C loader gives, for seeds and for inputs, the bits that the model gives here."""
    version = run.export(folder / "exports")
    loader = rig.Loader(loader_program, version, folder)
    kind = run.source.kind.name
    seeds = np.array([0, 7, -3], np.int64)
    row = {name: tensor.numpy() for name, tensor in run.model.inputs(1, "export", 7).items()}
    asked, label = {"seed": seeds}, num_classes(run.model) - 1
    if label >= 0:  # in place of the label that the seed draws
        del row["labels"]
        row["label"], asked["label"] = np.array([label], np.int32), np.full(3, label, np.int32)
    loader.ask("sample", asked)
    loader.ask("serving_default", row)
    sampled, generated = loader.answers()
    expected = run.sample(seeds.tolist(), [label] if label >= 0 else None).examples
    assert generated[kind].tobytes() == expected[1:2].tobytes()
    if kind == "images":
        expected = np.clip(np.rint((expected + 1.0) * 127.5), 0, 255).astype(np.uint8)
    assert sampled[kind].tobytes() == expected.tobytes()


def check_same(a, b):
    """Both hold the same names and bytes."""
    assert a.keys() == b.keys()
    differing = [name for name in a if a[name].tobytes() != b[name].tobytes()]
    assert not differing, differing
