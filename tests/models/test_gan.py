"""The players' steps: what each may touch, in which order, and the classic bugs."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan import build, optimizers
from tfgan.core import random
from tfgan.core.interfaces import Mode
from tfgan.models.gan import GAN

STEP = tf.constant(0, tf.int64)


class Noise:
    """A source of random images, a function of the step."""

    name, num_examples = "noise", None

    def __init__(self, shape=(8, 8, 1), batch_size=16):
        self.shape, self.batch_size = shape, batch_size

    def batch(self, step):
        return {"real": random.uniform([self.batch_size, *self.shape], 0, "noise", step)}


def build_model(config, shape):
    return build.build_model(config, {"real": tf.TensorSpec(shape)})


def draw(model, stream="latents", count=16):
    return model.inputs(count, stream, STEP)


def state(player):
    return {name: v.numpy() for name, v in player.by_place.items()}


def changed(before, after):
    return {name for name in before if before[name].tobytes() != after[name].tobytes()}


@pytest.fixture
def normalised(small_config):
    config = small_config(network="dcgan", generator_norm="batch", discriminator_norm="batch")
    return build_model(config, (16, 16, 1))  # at 8 x 8 the discriminator has no norm


def test_a_generator_step_moves_the_generator_alone(normalised):
    model = normalised
    before_g, before_d = state(model.generator), state(model.discriminator)
    model.generator_step(draw(model), {})
    assert changed(before_d, state(model.discriminator)) == set()
    assert changed(before_g, state(model.generator)) == set(before_g)


def test_a_discriminator_step_moves_the_discriminator_alone(small_config):
    model = build_model(
        small_config(network="dcgan", generator_norm="batch", discriminator_norm="batch"),
        (16, 16, 1),
    )
    before_g, before_d = state(model.generator), state(model.discriminator)
    source = Noise((16, 16, 1))
    model.discriminator_step(source.batch(STEP), draw(model), STEP)
    assert changed(before_g, state(model.generator)) == set()
    assert changed(before_d, state(model.discriminator)) == set(before_d)


def test_real_and_fake_are_normalised_apart(small_config):
    """The moving mean shows what was seen: a mixed batch would have one mean in between."""
    model = build_model(
        small_config(network="dcgan", generator_norm="batch", discriminator_norm="batch"),
        (16, 16, 1),
    )
    real = tf.ones([16, 16, 16, 1])
    inputs = draw(model)
    fake = model.generate(inputs, Mode.FROZEN)
    network = model.discriminator.network
    first, norm = network.conv[:2], network.batch_norm[1]

    def mean(x):
        hidden = first[1](tf.nn.leaky_relu(first[0](x)))
        return tf.reduce_mean(hidden, [0, 1, 2]).numpy()

    expected = 0.9 * (0.1 * mean(real)) + 0.1 * mean(fake)  # one after the other
    model.discriminator_step({"real": real}, inputs, STEP)
    np.testing.assert_allclose(norm.moving_mean, expected, rtol=1e-4, atol=1e-6)


class Spy(GAN):
    """Writes down the calls of its steps."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.calls = []

    def generator_step(self, inputs, batch, step, observe):
        self.calls.append(("g", inputs["latents"].numpy().tobytes()))
        return super().generator_step(inputs, batch, step, observe)

    def discriminator_step(self, batch, inputs, step, observe):
        latents, real = inputs["latents"], batch["real"]
        self.calls.append(("d", latents.numpy().tobytes(), real.numpy().tobytes()))
        return super().discriminator_step(batch, inputs, step, observe)


def spied(small_config, **fields):
    config = small_config(**fields)
    generator, discriminator = build.build_networks(config, (8, 8, 1))
    options = config.options(GAN) | {"optimizer": optimizers.SGD}
    rates = dict(generator_learning_rate=0.1, discriminator_learning_rate=0.1)
    return Spy(generator, discriminator, **(options | rates))


def test_the_document_s_order_generator_first_with_shared_latents(small_config):
    model = spied(small_config)
    model.iteration(STEP, Noise())
    assert [call[0] for call in model.calls] == ["g", "d"]
    assert model.calls[0][1] == model.calls[1][1]


def test_the_discriminator_sees_the_generator_just_updated(small_config):
    model, still = spied(small_config), spied(small_config)
    losses_moved = model.iteration(STEP, Noise())
    still.generator_optimizer.learning_rate = 0.0
    losses_still = still.iteration(STEP, Noise())
    assert losses_moved["g_loss"].numpy() == losses_still["g_loss"].numpy()
    assert losses_moved["d_loss"].numpy() != losses_still["d_loss"].numpy()


def test_discriminator_first_draws_latents_of_its_own(small_config):
    model = spied(small_config, update_order="discriminator_first")
    model.iteration(STEP, Noise())
    assert [call[0] for call in model.calls] == ["d", "g"]
    assert model.calls[0][1] != model.calls[1][1]


def test_simultaneous_players_move_from_one_state(small_config):
    """Each takes the step that it takes where the other stands still, to the bit."""
    both, *alone = (
        spied(small_config, update_order="simultaneous", discriminator_steps=2, average_decay=0.5)
        for _ in range(3)
    )
    players = ("generator", "discriminator")
    for model, still in zip(alone, reversed(players), strict=True):
        getattr(model, f"{still}_optimizer").learning_rate = 0.0
    losses, *others = (model.iteration(STEP, Noise()) for model in (both, *alone))
    for model, player in zip(alone, players, strict=True):
        before, after = state(getattr(spied(small_config), player)), state(getattr(both, player))
        assert changed(before, after) == set(before)
        assert changed(after, state(getattr(model, player))) == set()
    assert losses["g_loss"].numpy() == others[0]["g_loss"].numpy() == others[1]["g_loss"].numpy()
    assert losses["d_loss"].numpy() == others[1]["d_loss"].numpy() != others[0]["d_loss"].numpy()
    averages = [state(model.average.twin) for model in (both, *alone)]
    assert changed(*averages[:2]) == set() != changed(averages[0], averages[2])


def test_simultaneous_players_see_the_same_latents(small_config):
    first, simultaneous = (
        spied(small_config, update_order=order) for order in ("generator_first", "simultaneous")
    )
    losses = [model.iteration(STEP, Noise()) for model in (first, simultaneous)]
    assert losses[0]["g_loss"].numpy() == losses[1]["g_loss"].numpy()
    assert first.calls[1] == simultaneous.calls[0]  # the discriminator's


@pytest.mark.parametrize("order", ["generator_first", "discriminator_first"])
def test_every_discriminator_step_sees_new_examples_and_latents(small_config, order):
    model = spied(small_config, discriminator_steps=3, update_order=order)
    for step in range(2):
        model.iteration(tf.constant(step, tf.int64), Noise())
    steps = [call for call in model.calls if call[0] == "d"]
    assert len(steps) == 6
    assert len({call[1] for call in steps}) == 6
    assert len({call[2] for call in steps}) == 6
    assert len([call for call in model.calls if call[0] == "g"]) == 2


def test_weights_are_clipped_after_the_step(small_config):
    config = small_config(objective="wasserstein", weight_clip=0.01)
    model = build_model(config, (8, 8, 1))
    model.discriminator_step(Noise().batch(STEP), draw(model), STEP)
    weights = [v.numpy() for v in model.discriminator.weights.values()]
    assert max(np.abs(w).max() for w in weights) == np.float32(0.01)
    assert max(np.abs(v).max() for v in model.generator.weights.values()) > 0.02


def test_samples_come_from_the_average_when_it_is_on(small_config):
    model = build_model(small_config(average_decay=0.5), (8, 8, 1))
    inputs = draw(model)
    model.generator_step(inputs, {})
    sample = model.sample(inputs).numpy()
    assert sample.tobytes() == model.average.twin(inputs["latents"]).numpy().tobytes()
    assert sample.tobytes() != model.generator(inputs["latents"]).numpy().tobytes()


@pytest.mark.parametrize("objective", ["non_saturating", "wasserstein"])
def test_diagnostics_show_what_the_steps_see_and_move_nothing(objective, small_config):
    config = small_config(
        network="dcgan", generator_norm="batch", discriminator_norm="batch", objective=objective
    )
    model, source = build_model(config, (16, 16, 1)), Noise((16, 16, 1))
    before = {name: v.numpy().tobytes() for name, v in model.state().items()}
    got = {name: float(value) for name, value in model.diagnostics(STEP, source).items()}
    assert {name: v.numpy().tobytes() for name, v in model.state().items()} == before

    inputs, batch = draw(model, "diagnostics"), source.batch(STEP)
    examples = (batch["real"], model.generate(inputs, Mode.FROZEN))
    logits = [model.discriminator(x, Mode.FROZEN) for x in examples]
    outputs = logits if objective == "wasserstein" else [tf.sigmoid(x) for x in logits]
    _, g_gradients = model.generator_gradients(inputs, batch)
    _, d_gradients = model.discriminator_gradients(batch, inputs, STEP)
    expected = {
        "d_real": np.mean(outputs[0]),
        "d_fake": np.mean(outputs[1]),
        "g_gradient_norm": np.sqrt(sum(np.sum(np.square(g)) for g in g_gradients)),
        "d_gradient_norm": np.sqrt(sum(np.sum(np.square(g)) for g in d_gradients)),
    }
    assert got == pytest.approx(expected, rel=1e-4)


def test_after_a_rollback_training_draws_others_and_samples_stay(small_config):
    model, again = spied(small_config), spied(small_config)
    again.training_seed = model.training_seed + 1
    for each in (model, again):
        each.iteration(STEP, Noise())
    assert not {call[1] for call in model.calls} & {call[1] for call in again.calls}
    inputs = (each.inputs(2, "samples")["latents"].numpy().tobytes() for each in (model, again))
    assert len(set(inputs)) == 1
