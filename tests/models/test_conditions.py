"""What a class adds to both players' losses: AC-GAN, InfoGAN, and what is refused."""

import numpy as np
import pytest
import tensorflow as tf

from tests.models import networks
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Mode
from tfgan.models import conditions
from tfgan.models.conditions import CONDITIONS
from tfgan.models.gan import GAN

STEP = tf.constant(0, tf.int64)
SHAPE, CLASSES, CODES = (2, 2, 1), 3, 2
ASKING = [name for name, condition in CONDITIONS.items() if condition.asks_class]


def log_softmax(logits):
    return logits - np.log(np.sum(np.exp(logits), -1, keepdims=True))


def test_the_class_s_loss_is_the_cross_entropy():
    draw = np.random.RandomState(0)
    logits, labels = draw.normal(size=(6, CLASSES)), np.array([0, 2, 1, 1, 0, 2], np.int32)
    got = conditions.class_loss(tf.constant(logits), tf.constant(labels))
    np.testing.assert_allclose(got, -log_softmax(logits)[range(6), labels], rtol=1e-12)


def test_the_codes_are_the_first_latents_and_q_has_standard_deviation_1():
    draw = np.random.RandomState(1)
    codes, latents = draw.normal(size=(6, CODES)), draw.normal(size=(6, 5))
    got = conditions.code_loss(tf.constant(codes), tf.constant(latents))
    density = np.exp(-((latents[:, :CODES] - codes) ** 2) / 2) / np.sqrt(2 * np.pi)
    constant = CODES / 2 * np.log(2 * np.pi)
    np.testing.assert_allclose(got, -np.log(density).sum(1) - constant, rtol=1e-12)


def test_more_codes_than_latents_never_broadcast():
    with pytest.raises(ValueError, match=r"codes and latents must have one shape.*\(6, 3\)"):
        conditions.code_loss(tf.zeros([6, 3]), tf.zeros([6, 1]))


def test_infogan_s_bound_is_the_mutual_information_at_the_best_q_and_below_it_elsewhere():
    """Codes c drawn uniformly, of which an example x tells something: exact sums over both."""
    draw = np.random.RandomState(2)
    given_code = draw.dirichlet(np.ones(4), size=CLASSES)  # p(x | c) of 4 possible examples
    joint = given_code / CLASSES
    information = np.sum(joint * np.log(joint / (joint.sum(0) * joint.sum(1, keepdims=True))))

    def bound(class_logits):  # [4, CLASSES]
        losses = np.stack(
            [
                conditions.class_loss(tf.constant(class_logits), tf.fill([4], code))
                for code in range(CLASSES)
            ]
        )
        return np.log(CLASSES) - np.sum(joint * losses)

    posterior = (joint / joint.sum(0)).T
    assert bound(np.log(posterior) + 5.0) == pytest.approx(information, rel=1e-12)
    for other in (np.zeros([4, CLASSES]), np.log(posterior) * 1.5, -np.log(posterior)):
        assert bound(other) < information - 1e-3
    told = bound(100.0 * np.eye(CLASSES)[[0, 1, 2, 0]])  # if each example told its code, as here
    assert told < information


# In the players' steps.


def judge(num_classes=CLASSES, num_codes=0):
    return networks.Judge(num_classes, num_codes, size=4)


def make(condition, weight=1.0, discriminator=None, **options):
    return GAN(
        networks.LabelledGenerator(SHAPE, CLASSES),
        discriminator or judge(),
        latent_size=4,
        num_classes=CLASSES,
        condition=condition,
        condition_weight=weight,
        **options,
    )


def examples(model):
    real = np.random.RandomState(4).uniform(-1, 1, size=(6, *SHAPE)).astype(np.float32)
    batch = {"real": tf.constant(real), "labels": tf.constant([0, 1, 2, 2, 1, 1])}
    return batch, model.inputs(6, "x")


def class_terms(model, batch, inputs):
    """Returns the mean losses of the class of real and of generated examples, and of the codes."""
    network = model.discriminator.network
    fake = model.generate(inputs, Mode.FROZEN)

    def of(images, labels):
        log_q = log_softmax(network(images).class_logits.numpy())
        return -log_q[range(6), labels.numpy()].mean()

    terms = [of(batch["real"], batch["labels"]), of(fake, inputs["labels"]), 0.0]
    if network.codes is not None:
        errors = network(fake).codes.numpy() - inputs["latents"].numpy()[:, :CODES]
        terms[2] = 0.5 * np.sum(errors**2, 1).mean()
    return terms


@pytest.mark.parametrize("condition", ASKING)
def test_both_players_minimise_the_loss_of_the_class(condition):
    """AC-GAN: the discriminator of real ones too. InfoGAN: of generated ones alone."""
    make_judge = {"auxiliary": judge, "information": lambda: judge(num_codes=CODES)}[condition]
    losses = []
    for weight in (0.0, 2.5):
        model = make(condition, weight, make_judge())
        batch, inputs = examples(model)
        g_loss, _ = model.generator_gradients(inputs, batch)
        d_loss, _ = model.discriminator_gradients(batch, inputs, STEP)
        losses.append([float(g_loss), float(d_loss)])
    real, fake, codes = class_terms(model, batch, inputs)
    of_discriminator = {"auxiliary": real + fake, "information": fake + codes}[condition]
    g_more, d_more = np.subtract(losses[1], losses[0])
    np.testing.assert_allclose(g_more, 2.5 * (fake + codes), rtol=1e-4)
    np.testing.assert_allclose(d_more, 2.5 * of_discriminator, rtol=1e-4)
    assert (codes > 0.0) == (condition == "information")


@pytest.mark.parametrize("condition", ASKING)
def test_a_step_of_each_player_tells_the_class_better(condition):
    model = make(condition, 100.0, optimizer="sgd", learning_rate=0.001)
    batch, inputs = examples(model)
    for step in (
        lambda: model.generator_step(inputs, batch),
        lambda: model.discriminator_step(batch, inputs, STEP),
    ):
        _, before, _ = class_terms(model, batch, inputs)
        step()
        _, after, _ = class_terms(model, batch, inputs)
        assert after < before - 1e-3


def test_infogan_asks_no_label_of_the_data_and_acgan_gives_none_to_the_discriminator():
    model = make("information")  # whose discriminator would refuse `labels`
    batch, inputs = examples(model)
    del batch["labels"]
    model.discriminator_step(batch, inputs, STEP)
    model.generator_step(inputs, batch)
    assert "labels" not in model.signatures(_Images())["discriminate"].inputs


class _Images:
    name = "images"


def test_a_server_is_told_the_probabilities_of_the_classes():
    model = make("auxiliary")
    batch, _ = examples(model)
    served = model.signatures(_Images())["discriminate"].function(images=batch["real"])
    logits = model.discriminator.network(batch["real"]).class_logits.numpy()
    expected = np.exp(log_softmax(logits))
    np.testing.assert_allclose(served["class_probabilities"], expected, rtol=1e-5)
    assert set(served) == {"logits", "probability", "class_probabilities"}


@pytest.mark.parametrize("condition", ["none", "concatenation", "projection"])
def test_the_discriminator_is_given_the_labels_of_each_side(condition):
    given = []

    class Given(networks.LabelledDiscriminator):
        def __call__(self, x, labels, training=False):
            given.append(labels.numpy().tolist())
            return super().__call__(x, labels, training)

    model = make(condition, discriminator=Given(CLASSES), objective="relativistic")
    batch, inputs = examples(model)
    real, fake = batch["labels"].numpy().tolist(), inputs["labels"].numpy().tolist()
    assert real != fake
    given.clear()
    model.discriminator_step(batch, inputs, STEP)
    model.generator_step(inputs, batch)
    assert given == [real, fake, fake, real]


@pytest.mark.parametrize(
    ("make_model", "message"),
    [
        (
            lambda: make("auxiliary", discriminator=networks.Discriminator()),
            r"must tell 3 classes for this condition, and tells none: .* class_logits \[B, 3\]",
        ),
        (
            lambda: make("information", discriminator=judge(5)),
            "must tell 3 classes for this condition, and tells 5",
        ),
        (
            lambda: make("projection"),
            "the discriminator takes no `labels`: add the parameter, or train without",
        ),
        (lambda: make("auxilary"), "unknown condition 'auxilary'; did you mean 'auxiliary'"),
        (
            lambda: GAN(networks.Generator(SHAPE), judge(), latent_size=4, condition="auxiliary"),
            "condition=auxiliary is about classes, and there are none: give num_classes, or train",
        ),
    ],
)
def test_what_contradicts_a_condition_is_refused(make_model, message):
    with pytest.raises(InputError, match=message):
        make_model()
