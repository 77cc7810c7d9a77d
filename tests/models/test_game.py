"""What the discriminator sees and what each player minimises: packs, augmentation, penalties."""

import numpy as np
import pytest
import tensorflow as tf

from tests.conformance import checks, entries
from tests.models import networks
from tfgan import augmentation
from tfgan.core import random
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Mode
from tfgan.models import game
from tfgan.models.gan import GAN
from tfgan.penalties import PENALTIES

STEP = tf.constant(0, tf.int64)
SHAPE = (4, 4, 1)


class Spy(networks.Discriminator):
    """Writes down what it is shown and what it says."""

    def __init__(self, size=16):
        super().__init__()
        super().__call__(tf.zeros([1, size]))
        self.seen, self.said = [], []

    def __call__(self, x, training=False):
        logits = super().__call__(x, training)
        self.seen.append(x.numpy())
        self.said.append(logits.numpy())
        return logits


def spied(size=16, **options):
    discriminator = Spy(size)
    model = GAN(networks.Generator(SHAPE), discriminator, latent_size=4, **options)
    discriminator.seen, discriminator.said = [], []
    return model, discriminator


def real(count=8):
    return random.uniform([count, *SHAPE], 0, "real")


def numbered(step):
    return tf.constant(step, tf.int64)


# Packs.


def test_a_pack_is_made_of_neighbours_channel_by_channel():
    images = np.arange(6 * 2 * 3 * 2, dtype=np.float32).reshape(6, 2, 3, 2)
    got = game.pack(tf.constant(images), 3).numpy()
    expected = [np.concatenate(list(images[i : i + 3]), axis=-1) for i in (0, 3)]
    np.testing.assert_array_equal(got, expected)
    points = np.arange(8, dtype=np.float32).reshape(4, 2)
    np.testing.assert_array_equal(game.pack(tf.constant(points), 2), points.reshape(2, 4))
    assert game.pack(images, 1) is images


@pytest.mark.parametrize("network", ["mlp", "dcgan"])
def test_a_discriminator_of_packs_gives_each_pack_one_logit(network):
    """As many of real as of generated examples, and each changes with its own pack alone."""
    source = lambda: entries.images((16, 16, 3))  # noqa: E731
    model, source = entries.configured(source, network=network, pack=2)()
    batch = source.batch(STEP)["real"].numpy()

    def logits(batch):
        return model.game.judge(game.pack(batch, 2), Mode.INFERENCE, None).logits.numpy()

    before = logits(tf.constant(batch))
    assert before.shape == (4,)
    batch[5] = -batch[5]
    changed = logits(tf.constant(batch)) != before
    assert changed.tolist() == [False, False, True, False]
    first = model.discriminator.network
    inputs = first.dense[0].in_size if network == "mlp" else first.conv[0].kernel.shape[2]
    assert inputs == {"mlp": 16 * 16 * 6, "dcgan": 6}[network]


def test_both_players_see_packs():
    model, spy = spied(size=32, pack=2, objective="relativistic")
    inputs = model.inputs(8, "x")
    model.discriminator_step({"real": real()}, inputs, STEP)
    model.generator_step(inputs, {"real": real()})
    assert [seen.shape for seen in spy.seen] == [(4, 4, 4, 2)] * 4
    np.testing.assert_array_equal(spy.seen[0], game.pack(real(), 2))
    np.testing.assert_array_equal(spy.seen[1], spy.seen[2])  # the generator's own examples


def test_a_discriminator_that_was_not_made_for_packs_is_refused():
    class Flat(networks.Discriminator):
        def __call__(self, x, training=False):
            return super().__call__(tf.reshape(x, [-1, 16]))

    with pytest.raises(InputError, match=r"one logit for each 2 of the examples.* \[4, 4, 2\]"):
        GAN(networks.Generator(SHAPE), Flat(), latent_size=4, pack=2)


def test_packs_have_no_label_and_no_weights():
    labelled = networks.LabelledGenerator(SHAPE, 3), networks.LabelledDiscriminator(3)
    with pytest.raises(InputError, match="pack=2 .* each of its own class: train without a cond"):
        GAN(*labelled, latent_size=4, num_classes=3, pack=2)
    model, _ = spied(size=32, pack=2)
    batch = {"real": real(), "weights": tf.ones([8])}
    with pytest.raises(InputError, match="weights belong to single examples: leave them, or pack"):
        model.discriminator_step(batch, model.inputs(8, "x"), STEP)


# Augmentation.


def passes(model, spy, step=0, **options):
    """Returns what the discriminator sees: real and fake in its own step, fake in the other's."""
    spy.seen = []
    inputs = model.inputs(8, "x")
    model.discriminator_gradients({"real": tf.ones([8, *SHAPE])}, inputs, numbered(step))
    model.generator_gradients(inputs, {"real": tf.ones([8, *SHAPE])}, numbered(step))
    return spy.seen


def test_both_players_see_augmented_images_and_each_pass_its_own():
    model, spy = spied(augment=("cutout",), objective="relativistic")
    plain = model.generate(model.inputs(8, "x"), Mode.FROZEN).numpy()
    sides = [np.ones([8, *SHAPE]), plain, plain, np.ones([8, *SHAPE])]  # g_step: fake, then real
    holes = []
    for seen, before in zip(passes(model, spy), sides, strict=True):
        assert ((seen == 0.0) | (seen == before)).all()
        holes.append(seen == 0.0)
        assert holes[-1].any((1, 2, 3)).all()
    assert len({hole.tobytes() for hole in holes}) == 4
    assert len({hole.tobytes() for hole in holes[0]}) > 1  # each image has its own


def test_augmentation_is_a_pure_function_of_seed_and_step():
    def seen(step, **options):
        model, spy = spied(augment=tuple(augmentation.AUGMENTATIONS), **options)
        return [each.tobytes() for each in passes(model, spy, step)]

    assert seen(3) == seen(3)
    assert not {*seen(3)} & {*seen(4)}
    assert not {*seen(3)} & {*seen(3, seed=1)}


def test_what_is_generated_or_served_is_not_augmented():
    model, spy = spied(augment=("color", "translation", "cutout"))
    other, _ = spied()
    inputs = model.inputs(8, "x")
    assert model.sample(inputs).numpy().tobytes() == other.sample(inputs).numpy().tobytes()
    kind = entries.images(SHAPE).kind
    served = model.signatures(kind)["discriminate"].function(images=real())
    np.testing.assert_array_equal(spy.seen[-1], real())
    assert served["logits"].shape == (8,)


def test_the_generator_s_gradient_passes_the_augmentation():
    """Of an image that is cut out whole it is 0, and else not."""
    model, _ = spied(augment=("cutout",))
    inputs = model.inputs(8, "x")
    for side, some in ((0.5, True), (2.5, False)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(augmentation, "CUTOUT", side)
            _, gradients = model.generator_gradients(inputs, {}, STEP)
        assert any(np.abs(g).max() > 0.0 for g in gradients) == some


# Penalties.


def losses_of(model, steps, **more):
    inputs = model.inputs(8, "x")
    batch = {"real": real()} | more
    return [float(model.discriminator_gradients(batch, inputs, numbered(i))[0]) for i in steps]


def gradients_of(model, step):
    batch, inputs = {"real": real()}, model.inputs(8, "x")
    _, gradients = model.discriminator_gradients(batch, inputs, numbered(step))
    return [g.numpy() for g in gradients]


def two_each(discriminator, real, fake, draw):
    return tf.fill([8], 2.0)


@pytest.mark.parametrize("every", [1, 2, 3])
def test_penalties_count_in_each_kth_step_and_k_fold(every):
    plain, _ = spied()
    model, _ = spied(penalties=[(two_each, 5.0)], penalty_every_steps=every)
    extra = np.subtract(losses_of(model, range(7)), losses_of(plain, range(7)))
    due = [every * 10.0 if step % every == 0 else 0.0 for step in range(7)]
    np.testing.assert_allclose(extra, due, rtol=1e-5, atol=1e-6)


def test_the_gradient_of_a_penalty_is_k_fold_too_and_0_between():
    plain, _ = spied()
    each, _ = spied(penalties=[(PENALTIES["r1"], 5.0)])
    lazy, _ = spied(penalties=[(PENALTIES["r1"], 5.0)], penalty_every_steps=4)
    for step, factor in ((0, 4.0), (1, 0.0), (3, 0.0), (4, 4.0)):
        models = (plain, each, lazy)
        for base, every, rare in zip(*(gradients_of(m, step) for m in models), strict=True):
            np.testing.assert_allclose(rare - base, factor * (every - base), rtol=1e-3, atol=1e-5)


def test_with_several_discriminator_steps_it_is_they_that_are_counted():
    model, _ = spied(penalties=[(two_each, 5.0)], penalty_every_steps=2, discriminator_steps=3)
    plain, _ = spied(discriminator_steps=3)
    source = entries.images(SHAPE)
    high = [
        float(model.iteration(numbered(i), source)["d_loss"])
        - float(plain.iteration(numbered(i), source)["d_loss"])
        > 10.0
        for i in range(4)  # of an iteration's three updates, the last one's loss is returned
    ]
    assert high == [True, False, True, False]  # updates 2, 5, 8, 11


def at_generated_ones(discriminator, real, fake, draw):
    """A penalty of a user's own."""
    return tf.square(discriminator(fake))


def test_penalties_look_by_the_labels_of_what_they_look_at():
    """R1 and R2 need no pass; one between real and fake has the real labels; none moves a thing."""
    asked = []

    class Labelled(networks.LabelledDiscriminator):
        def __call__(self, x, labels, training=False):
            asked.append((x.numpy().tobytes(), labels.numpy().tolist(), training))
            return super().__call__(x, labels, training)

    players = networks.LabelledGenerator(SHAPE, 3), Labelled(3)
    asking = [PENALTIES["r1"], PENALTIES["r2"], PENALTIES["gradient_penalty"], at_generated_ones]
    model = GAN(*players, latent_size=4, num_classes=3, penalties=[(p, 1.0) for p in asking])
    asked.clear()
    inputs = model.inputs(8, "x")
    batch = {"real": real(), "labels": tf.constant([2, 1, 0, 0, 1, 2, 2, 0])}
    model.discriminator_step(batch, inputs, STEP)
    of_real, of_fake, between, at_fake = asked
    assert of_real[1] == between[1] == batch["labels"].numpy().tolist()
    assert of_fake[1] == at_fake[1] == inputs["labels"].numpy().tolist() != of_real[1]
    assert len({of_real[0], of_fake[0], between[0]}) == 3
    assert of_fake[0] == at_fake[0]
    assert [each[2] for each in asked] == [True, True, False, False]
    asked.clear()
    model.generator_step(inputs, batch)
    assert [each[1:] for each in asked] == [(of_fake[1], False)]


def test_random_numbers_of_penalties_are_uniform_and_each_step_s_own():
    model, _ = spied()
    draws = [
        model.random_numbers("", numbered(i))([10_000], "penalty/x").numpy() for i in (0, 0, 1)
    ]
    assert draws[0].tobytes() == draws[1].tobytes() != draws[2].tobytes()
    assert 0.0 <= draws[0].min() < 0.001 < 0.999 < draws[0].max() < 1.0
    quarters = np.histogram(draws[0], 4, (0.0, 1.0))[0]
    assert np.abs(quarters - 2500).max() < 150  # 3.5 standard deviations


def test_the_flags_of_penalties_reach_them():
    """The target of those that have one, and each weight."""
    make = entries.configured(
        network="mlp", penalties="gradient_penalty:3,r2:0.5,dragan:2", penalty_target=0.25
    )
    (first, *first_weight), (second, *second_weight), (third, *_) = make()[0].game.penalties
    assert first_weight == [3.0]
    assert second_weight == [0.5]
    numbers = lambda shape, stream: tf.fill(shape, 0.5)  # noqa: E731
    ones = tf.ones([4, 2])

    def slope_2(x):
        return 2.0 * x[:, 0]

    np.testing.assert_allclose(first(slope_2, ones, -ones, numbers), [1.75**2] * 4, rtol=1e-6)
    np.testing.assert_allclose(second(slope_2, ones, -ones, numbers), [2.0] * 4, rtol=1e-6)
    np.testing.assert_allclose(third(slope_2, ones, -ones, numbers), [1.75**2] * 4, rtol=1e-6)


# LeCam's averages.


def test_averages_follow_the_logits_of_their_side_and_a_look_moves_none():
    model, spy = spied(penalties=[(PENALTIES["lecam"], 0.3)])
    source = entries.images(SHAPE)
    expected = np.zeros(2)
    for step in range(3):
        before = [float(average) for average in model.game.averages]
        np.testing.assert_allclose(before, expected, rtol=1e-5, atol=1e-9)
        model.diagnostics(numbered(step), source)
        model.generator_step(model.inputs(8, "y"), source.batch(numbered(step)))
        assert [float(average) for average in model.game.averages] == before
        spy.said = []
        inputs, batch = model.inputs(8, "x"), source.batch(numbered(step))
        loss = model.discriminator_step(batch, inputs, numbered(step))
        of_real, of_fake = (said[:, 0].astype(np.float64) for said in spy.said)
        # The penalty has the averages of the steps before, and the other side's each.
        penalty = (of_real - expected[1]) ** 2 + (of_fake - expected[0]) ** 2
        plain = np.log1p(np.exp(-of_real)) + np.log1p(np.exp(of_fake))
        np.testing.assert_allclose(loss, np.mean(plain + 0.3 * penalty), rtol=1e-5)
        expected += 0.01 * (np.array([of_real.mean(), of_fake.mean()]) - expected)
    assert abs(expected[0] - expected[1]) > 1e-5
    names = [name for name in model.state() if "averages" in name]
    assert names == ["discriminator_averages/real", "discriminator_averages/fake"]


def test_averages_are_state_and_go_on_to_the_bit():
    make = entries.own("hinge", penalties=((PENALTIES["lecam"], 0.3),))
    model = checks.check_state_is_all(make)
    assert all(float(average) != 0.0 for average in model.game.averages)


# Real examples that the generator's loss compares with.


@pytest.mark.parametrize("order", ["generator_first", "discriminator_first", "simultaneous"])
def test_the_generator_is_shown_the_iteration_s_first_batch(order):
    options = dict(objective="relativistic", discriminator_steps=3, update_order=order)
    model, spy = spied(**options)
    source = entries.images(SHAPE)
    model.iteration(numbered(2), source)  # whose discriminator steps are 6, 7 and 8
    batches = [source.batch(numbered(step))["real"].numpy().tobytes() for step in (6, 7, 8)]
    seen = [batches.index(each.tobytes()) for each in spy.seen if each.tobytes() in batches]
    assert seen == ([0, 1, 2, 0] if order == "discriminator_first" else [0, 0, 1, 2])


# Weights of the data's own.


def test_a_batch_s_weights_reach_the_loss_of_its_real_examples():
    model, spy = spied()
    weights = tf.range(8, dtype=tf.float32)
    (loss,) = losses_of(model, [0], weights=weights)
    of_real, of_fake = (said[:, 0].astype(np.float64) for said in spy.said)
    expected = weights * np.log1p(np.exp(-of_real)) + np.log1p(np.exp(of_fake))
    assert loss == pytest.approx(np.mean(expected), rel=1e-5)
