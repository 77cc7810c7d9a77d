"""Images mirrored half of the time: by (seed, step), nothing else changed."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from source_checks import check_pure, eager

from tfgan import build
from tfgan.core.checks import InputError
from tfgan.data import Arrays, Mirrored, ring
from tfgan.data.synthetic import Mixture


def source(seed=0, num_examples=50, batch_size=20):
    """Images whose left half is lighter, each with its number in a corner."""
    images = np.zeros([num_examples, 4, 6, 1], np.uint8)
    images[:, :, :3] = 200
    images[:, 0, 0, 0] = images[:, 0, 5, 0] = np.arange(num_examples)
    labels = np.arange(num_examples)
    return Arrays({"real": images, "labels": labels}, batch_size=batch_size, seed=seed)


def test_a_batch_is_a_function_of_seed_and_step():
    check_pure(lambda seed: Mirrored(source(seed), seed))


def test_each_image_is_itself_or_its_mirror_image_with_its_own_label():
    plain, mirrored = source(), Mirrored(source(), seed=0)
    turned = 0
    for step in map(functools.partial(tf.constant, dtype=tf.int64), range(100)):
        was, now = plain.batch(step), mirrored.batch(step)
        np.testing.assert_array_equal(now["labels"], was["labels"])
        pairs = zip(was["real"].numpy(), now["real"].numpy(), was["labels"].numpy(), strict=True)
        for before, after, label in pairs:
            is_turned = before.tobytes() != after.tobytes()
            assert after.tobytes() == (before[:, ::-1] if is_turned else before).tobytes()
            assert np.rint((after[0, 0, 0] + 1) * 127.5) == label
            turned += is_turned
    assert abs(turned - 1000) < 4 * 22.4  # of 2,000: four standard deviations


def test_all_else_is_the_other_source_s():
    plain, mirrored = source(), Mirrored(source(), seed=0)
    for name in ("name", "kind", "batch_size", "num_examples", "fingerprint", "specs", "notes"):
        assert getattr(mirrored, name) == getattr(plain, name)
    assert not hasattr(Mirrored(ring_of_images(), 0), "former_fingerprint")


def ring_of_images():
    mixture = Mixture("m", np.zeros([1, 2]), 1.0, 4, 0)
    mixture.kind = source().kind
    return mixture


def test_another_seed_gives_another_order_and_another_choice():
    one, other = Mirrored(source(0), 0), Mirrored(source(0), 0).with_seed(1)
    assert eager(other, [3]).tobytes() == eager(Mirrored(source(1), 1), [3]).tobytes()
    assert eager(other, [3]).tobytes() != eager(one, [3]).tobytes()
    choice_alone = Mirrored(source(0), 1)
    assert eager(choice_alone, [3]).tobytes() != eager(one, [3]).tobytes()


def test_points_have_no_mirror_image(small_config):
    with pytest.raises(InputError, match="ring has points, and --mirror needs images"):
        Mirrored(ring(4, 0), 0)
    with pytest.raises(InputError, match="ring has points, and --mirror needs images"):
        build.build_source(small_config(data="ring", mirror=True))


def test_the_flag_mirrors(small_config):
    mirrored = build.build_source(small_config(mirror=True, seed=5))
    assert isinstance(mirrored, Mirrored)
    plain = build.build_source(small_config(seed=5))
    expected = eager(Mirrored(plain, 5), [7])
    assert eager(mirrored, [7]).tobytes() == expected.tobytes() != eager(plain, [7]).tobytes()
