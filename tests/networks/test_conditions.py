"""Labels and conditions in every family, and what a family does not take."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan import build, networks
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Judgement, Mode
from tfgan.nn.heads import CONDITIONS

SHAPE, NUM_CLASSES = (8, 8, 1), 3
LABELS, OTHERS = tf.constant([0, 2, 1, 2]), tf.constant([1, 2, 1, 0])
IMAGES = tf.constant(np.random.RandomState(0).uniform(-1, 1, (4, *SHAPE)), tf.float32)
LATENTS = tf.constant(np.random.RandomState(1).uniform(-1, 1, (4, 8)), tf.float32)

each_family = pytest.mark.parametrize("network", networks.NETWORKS)


def options(config, constructor, **more):
    return config.options(constructor) | dict(shape=SHAPE, num_classes=NUM_CLASSES) | more


@pytest.fixture
def discriminator(small_config):
    def make(network, **more):
        constructor = networks.NETWORKS[network].Discriminator
        config = small_config(network=network, hidden_size=20)
        return constructor(**options(config, constructor, **more))

    return make


@pytest.fixture
def generator(small_config):
    def make(network, **more):
        constructor = networks.NETWORKS[network].Generator
        config = small_config(network=network, hidden_size=20)
        return constructor(**options(config, constructor, **more))

    return make


def rows_that_differ(a, b):
    return [not np.array_equal(x, y) for x, y in zip(a.numpy(), b.numpy(), strict=True)]


@each_family
def test_a_generator_hears_the_label_of_each_example(network, generator):
    made = generator(network)
    fake = made(LATENTS, Mode.FROZEN, LABELS)
    changed = rows_that_differ(fake, made(LATENTS, Mode.FROZEN, OTHERS))
    assert fake.shape == (4, *SHAPE)
    assert changed == [True, False, False, True]


@pytest.mark.parametrize("network", ["mlp", "dcgan", "resnet"])
def test_conditional_batch_norm_is_another_way_to_hear_it(network, generator):
    made = generator(network, generator_norm="conditional_batch")
    first = made.dense[0] if isinstance(made.dense, list) else made.dense
    assert first.in_size == LATENTS.shape[1]  # nothing goes in beside the latents
    place = "conditional_batch_norm" if network != "resnet" else "norm"
    tables = [v for v in made.trainable_variables if "scale" in v.name or "offset" in v.name]
    assert tables
    assert all(table.shape[0] == NUM_CLASSES for table in tables)
    assert any(place in name for name in vars(made))
    same = made(LATENTS, Mode.FROZEN, LABELS), made(LATENTS, Mode.FROZEN, OTHERS)
    np.testing.assert_array_equal(*same)  # the tables start alike
    for table in tables:
        table.assign_add(np.random.RandomState(0).normal(size=table.shape))
    fake = made(LATENTS, Mode.INFERENCE, LABELS)
    changed = rows_that_differ(fake, made(LATENTS, Mode.INFERENCE, OTHERS))
    assert changed == [True, False, False, True]


@each_family
@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_discriminator_has_every_condition(network, condition, discriminator):
    made = discriminator(network, condition=condition, num_codes=2)
    said = made(IMAGES, Mode.FROZEN, LABELS)
    if condition in ("auxiliary", "information"):
        assert isinstance(said, Judgement)
        assert said.logits.shape == (4,)
        assert said.class_logits.shape == (4, NUM_CLASSES)
        assert (said.codes is None) == (condition == "auxiliary")
        if condition == "information":
            assert said.codes.shape == (4, 2)
        np.testing.assert_array_equal(made(IMAGES, Mode.FROZEN).logits, said.logits)
    else:
        assert said.shape == (4,)
        changed = rows_that_differ(said, made(IMAGES, Mode.FROZEN, OTHERS))
        hears = condition != "none"
        assert changed == [hears, False, False, hears]
    assert {v.dtype for v in tf.nest.flatten(said) if v is not None} == {tf.float32}


@each_family
def test_a_condition_adds_no_variable_and_no_bit_where_there_is_none(network, discriminator):
    plain = discriminator(network, num_classes=0)
    auxiliary = discriminator(network, condition="auxiliary")
    of_plain = {v.name for v in plain.variables}
    assert {v.name for v in auxiliary.variables} - of_plain == {
        "discriminator/head/classes/kernel:0",
        "discriminator/head/classes/bias:0",
    }
    np.testing.assert_array_equal(plain(IMAGES), auxiliary(IMAGES).logits)


@pytest.mark.parametrize("network", ["mlp", "dcgan", "resnet"])
def test_minibatch_stddev_tells_a_batch_of_one_kind(network, discriminator):
    made = discriminator(network, minibatch_stddev=True)
    alike = tf.tile(IMAGES[:1], [4, 1, 1, 1])
    both = made(IMAGES, Mode.FROZEN), made(alike, Mode.FROZEN)
    assert both[0][0] != both[1][0]  # the same image, in another company
    np.testing.assert_allclose(
        made(IMAGES)[0], made(alike)[0], rtol=1e-4
    )  # which inference ignores


# What does not go together is refused before anything is made.


@pytest.mark.parametrize(
    ("fields", "shape", "match"),
    [
        (
            dict(network="r3gan", generator_norm="batch", discriminator_norm="spectral"),
            SHAPE,
            "--network=r3gan has no place for --generator_norm=batch --discriminator_norm=spectral"
            ": give --generator_norm=none --discriminator_norm=none, or "
            "--network=mlp or dcgan or resnet.",
        ),
        (
            dict(network="maxout", generator_norm="batch", discriminator_norm="batch"),
            SHAPE,
            "--network=maxout has no place for --discriminator_norm=batch: give --discr",
        ),
        (
            dict(network="mlp", attention_size=8, minibatch_stddev=True),
            (2,),
            "mlp has no place for --attention_size=8: give --attention_size=0, or "
            "--network=dcgan or resnet.",
        ),
        (
            dict(network="r3gan", minibatch_stddev=True),
            SHAPE,
            "for --minibatch_stddev=true: give --minibatch_stddev=false, or",
        ),
        (dict(network="dcgan", attention_size=3), SHAPE, "sides of the generator's .* are 4: give"),
        (dict(discriminator_norm="conditional_batch"), SHAPE, "learns the class by --condition=pr"),
        (dict(generator_norm="conditional_batch"), SHAPE, "needs labels, and there are none: add"),
        (
            dict(generator_norm="group", norm_groups=3),
            SHAPE,
            "--norm_groups=3 does not divide the 16 channels of generator/group_norm_0: give 1",
        ),
        (
            dict(network="maxout", hidden_size=16),
            SHAPE,
            "--hidden_size=16, but --network=maxout ma",
        ),
        (dict(network="resnet"), (7, 8, 1), "network 'resnet' needs images of 8 x 8"),
        (
            dict(network="r3gan"),
            (2,),
            "network 'r3gan' needs images of 8 x 8 pixels or more, got 2",
        ),
    ],
)
def test_what_contradicts_is_refused(fields, shape, match, small_config):
    with pytest.raises(InputError, match=match):
        build.build_networks(small_config(**fields), shape)


def test_an_unknown_normalisation_is_refused(small_config):
    with pytest.raises(InputError, match="unknown generator_norm 'bach'; did you mean 'batch'?"):
        build.check_names(small_config(generator_norm="bach"))
