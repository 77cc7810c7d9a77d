"""How a network is told a label, and what a discriminator says of it."""

import numpy as np
import pytest
import tensorflow as tf

from tests.nn import derivatives
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Judgement
from tfgan.nn.conditions import concatenate
from tfgan.nn.heads import CONDITIONS, Head

LABELS = tf.constant([2, 0, 2])
FEATURES = np.random.RandomState(0).normal(size=(3, 5))
LOGITS = np.random.RandomState(1).normal(size=(3, 1))


def make(condition, num_classes=4, num_codes=2, **options):
    options = dict(seed=0, name="head", dtype=tf.float64) | options
    sizes = dict(num_classes=num_classes, num_codes=num_codes)
    return Head(5, condition=condition, **sizes, **options)


def call(head, labels=LABELS, features=FEATURES):
    return head(tf.constant(LOGITS), tf.constant(features), labels, tf.float64)


def test_a_label_goes_behind_the_last_axis():
    latents, images = tf.ones([3, 2]), tf.ones([3, 4, 5, 2])
    one_hot = np.eye(4)[[2, 0, 2]]
    np.testing.assert_array_equal(
        concatenate(latents, LABELS, 4), np.concatenate([np.ones((3, 2)), one_hot], 1)
    )
    planes = concatenate(images, LABELS, 4)
    assert planes.shape == (3, 4, 5, 6)
    np.testing.assert_array_equal(planes[:, 3, 2, 2:], one_hot)
    np.testing.assert_array_equal(planes[:, 0, 0], planes[:, -1, -1])
    assert concatenate(latents, None, 0) is latents
    assert concatenate(tf.ones([3, 2], tf.bfloat16), LABELS, 4).dtype == tf.bfloat16


@pytest.mark.parametrize("condition", ["none", "concatenation"])
def test_a_head_may_add_nothing(condition):
    head = make(condition)
    assert not head.variables
    np.testing.assert_array_equal(call(head, None), LOGITS[:, 0])


def test_projection_adds_the_product_with_the_embedding():
    head = make("projection")
    embedding = head.embedding.kernel.numpy()
    assert embedding.shape == (4, 5)
    expected = LOGITS[:, 0] + (embedding[[2, 0, 2]] * FEATURES).sum(1)
    np.testing.assert_allclose(call(head), expected, rtol=1e-12)


@pytest.mark.parametrize("condition", ["auxiliary", "information"])
def test_a_judgement_is_read_from_the_same_features(condition):
    head = make(condition)
    got = call(head, None)
    assert isinstance(got, Judgement)
    np.testing.assert_array_equal(got.logits, LOGITS[:, 0])
    np.testing.assert_allclose(got.class_logits, FEATURES @ head.classes.kernel.numpy(), 1e-12)
    if condition == "auxiliary":
        assert got.codes is None
    else:
        np.testing.assert_allclose(got.codes, FEATURES @ head.codes.kernel.numpy(), 1e-12)


def test_information_of_classes_or_of_codes_alone():
    assert call(make("information", num_codes=0), None).codes is None
    assert call(make("information", num_classes=0), None).class_logits is None


@pytest.mark.parametrize(("condition", "field"), [("projection", None), ("auxiliary", 1)])
def test_gradients_of_heads(condition, field):
    head = make(condition)

    def answer(features):
        said = call(head, LABELS, features)
        return said if field is None else said[field]

    derivatives.check(head, tf.constant(FEATURES), answer)


def test_what_lies_in_a_head_may_have_a_spectral_norm():
    head = make("projection", spectral=True)
    largest = np.linalg.svd(head.embedding.spectral_norm().numpy(), compute_uv=False)[0]
    assert abs(largest - 1.0) < 0.01


def test_a_condition_about_nothing_is_refused():
    with pytest.raises(InputError, match="unknown condition 'projektion'; did you mean"):
        make("projektion")
    for condition in CONDITIONS[1:4]:
        with pytest.raises(InputError, match=f"--condition={condition} needs labels, and there"):
            make(condition, num_classes=0)
    with pytest.raises(InputError, match="without classes and without codes"):
        make("information", num_classes=0, num_codes=0)
