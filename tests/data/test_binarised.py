"""Images in black and white: by the probability of a grey value, drawn once or at each step."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from source_checks import check_pure, eager

from tfgan import build
from tfgan.core.checks import InputError
from tfgan.data import Arrays, binarised, ring
from tfgan.data.binarised import Binarised

GREYS = (0, 1, 64, 128, 254, 255)


def source(seed=0, num_examples=50):
    """Images of 6 grey columns."""
    images = np.tile(np.array(GREYS, np.uint8)[:, None], [num_examples, 8, 1, 1])  # [N, 8, 6, 1]
    return Arrays({"real": images, "labels": np.arange(num_examples)}, batch_size=20, seed=seed)


def test_a_pixel_is_white_as_often_as_its_grey_says():
    images = np.tile(np.array(GREYS, np.uint8)[:, None], [4000, 1, 1, 1])  # [N, 1, 6, 1]
    drawn = binarised.binarise(images)
    assert set(np.unique(drawn)) == {0, 255}
    share = (drawn == 255).mean((0, 1, 3))
    expected = np.array(GREYS) / 255
    assert (share[0], share[-1]) == (0, 1)  # black and white stay
    spread = np.sqrt(expected * (1 - expected) / 4000)
    assert (np.abs(share - expected) <= 4 * spread).all()


def test_a_static_draw_is_a_function_of_the_image_and_its_number_alone(monkeypatch):
    images = np.random.RandomState(0).randint(0, 256, (30, 5, 4, 3)).astype(np.uint8)
    whole = binarised.binarise(images)
    np.testing.assert_array_equal(binarised.binarise(images[7:19], first=7), whole[7:19])
    monkeypatch.setattr(binarised, "CHUNK", 7)
    np.testing.assert_array_equal(binarised.binarise(images), whole)
    assert not np.array_equal(binarised.binarise(images, first=1), whole)
    grey = np.full([2, 16, 16, 1], 128, np.uint8)
    first, second = binarised.binarise(grey)  # each pixel by a number of its own
    assert (first != second).any()
    assert len({row.tobytes() for row in first}) == 16


def test_a_static_set_is_the_same_for_every_seed_of_a_run():
    one, other = binarised.static(source(seed=0)), binarised.static(source(seed=1))
    np.testing.assert_array_equal(one.arrays["real"], other.arrays["real"])
    check_pure(lambda seed: binarised.static(source(seed)))
    number = dict.fromkeys(range(50))
    for step in map(functools.partial(tf.constant, dtype=tf.int64), range(10)):
        batch = one.batch(step)
        for real, label in zip(batch["real"].numpy(), batch["labels"].numpy(), strict=True):
            before = number[int(label)]
            assert before is None or before == real.tobytes()
            number[int(label)] = real.tobytes()
    assert None not in number.values()


def test_the_fingerprint_says_that_a_set_is_binarised():
    plain = source()
    assert binarised.static(plain).fingerprint == f"{plain.fingerprint} binarised 0"
    assert binarised.static(plain).specs == plain.specs


def test_a_dynamic_draw_is_a_function_of_seed_and_step():
    check_pure(lambda seed: Binarised(source(seed), seed))
    one, other = Binarised(source(0), 0), Binarised(source(0), 0).with_seed(1)
    assert eager(other, [3]).tobytes() == eager(Binarised(source(1), 1), [3]).tobytes()
    assert eager(Binarised(source(0), 1), [3]).tobytes() != eager(one, [3]).tobytes()


def test_a_dynamic_draw_has_the_same_images_in_the_same_order():
    shares = []
    plain, drawn = source(), Binarised(source())
    for step in map(functools.partial(tf.constant, dtype=tf.int64), range(200)):
        was, now = plain.batch(step), drawn.batch(step)
        np.testing.assert_array_equal(now["labels"], was["labels"])
        real = now["real"].numpy()
        assert set(np.unique(real)) == {-1, 1}
        shares.append((real == 1).mean((0, 1, 3)))
    np.testing.assert_allclose(np.mean(shares, 0), np.array(GREYS) / 255, atol=0.012)  # 4 s.d.


def test_what_cannot_be_binarised_is_refused(small_config):
    with pytest.raises(InputError, match="ring has points, and --binarise needs images"):
        build.build_source(small_config(data="ring", binarise="dynamic"))
    with pytest.raises(InputError, match="ring has no images in memory, .*take --binarise=dynamic"):
        binarised.static(ring(4, 0))


def test_the_flag_binarises(small_config):
    drawn = build.build_source(small_config(binarise="dynamic", seed=5))
    assert isinstance(drawn, Binarised)
    plain = build.build_source(small_config(seed=5))
    assert eager(drawn, [7]).tobytes() == eager(Binarised(plain, 5), [7]).tobytes()
    fixed = build.build_source(small_config(binarise="static", seed=5, data="digits"))
    assert set(np.unique(eager(fixed, [7]))) == {-1, 1}
    turned = build.build_source(small_config(binarise="static", mirror=True, seed=5))
    assert set(np.unique(eager(turned, [7]))) == {-1, 1}
