"""Augmentation against numpy, image by image, with known random numbers."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan import augmentation, build
from tfgan.core.checks import InputError

LAST = 1.0 - 2.0**-23  # the largest number that is drawn
SHAPES = [(8, 12, 3), (7, 5, 1), (16, 6, 4)]


def given(**numbers):
    """Draws given numbers, [count, B] by stream."""

    def draw(shape, stream, axis):
        assert axis == 1
        values = np.float32(numbers[stream.removeprefix("augment/")])
        assert tuple(shape) == (*values.shape, 1, 1, 1)
        return tf.constant(values.reshape(shape))

    return draw


def drawn(count, batch_size=6):
    numbers = np.random.RandomState(5).uniform(size=(count, batch_size))
    numbers[:, 0], numbers[:, 1] = 0.0, LAST
    return np.float64(np.float32(numbers))


def images(shape, batch_size=6):
    return np.random.RandomState(1).uniform(-1, 1, size=(batch_size, *shape))


def color_of(image, brightness, saturation, contrast):
    image = image + brightness - 0.5
    grey = image.mean(axis=2)[:, :, None]
    image = grey + 2 * saturation * (image - grey)
    return image.mean() + (0.5 + contrast) * (image - image.mean())


def whole(number, count):
    """Returns which of `count` equal parts of [0, 1) a number is in."""
    return min(int(float(number) * count), count - 1)


def translation_of(image, down, right):
    """Moves by -most .. most pixels, each as often as the others."""
    height, width, _ = image.shape
    most = [int(size / 8 + 0.5) for size in (height, width)]
    y, x = (whole(n, 2 * m + 1) - m for n, m in zip((down, right), most, strict=True))
    moved = np.zeros_like(image)
    for i in range(height):
        for j in range(width):
            if 0 <= i + y < height and 0 <= j + x < width:
                moved[i + y, j + x] = image[i, j]
    return moved


def cutout_of(image, top, left):
    """The square's centre is any pixel, or for an even side any corner of one."""
    image = image.copy()
    places = []
    for number, size in zip((top, left), image.shape, strict=False):
        side = int(size / 2 + 0.5)
        first = whole(number, size + (side % 2 == 0)) - side // 2
        places.append([i for i in range(first, first + side) if 0 <= i < size])
    image[np.ix_(*places)] = 0.0
    return image


EXPECTED = {"color": (color_of, 3), "translation": (translation_of, 2), "cutout": (cutout_of, 2)}


def test_every_augmentation_is_tested():
    assert augmentation.AUGMENTATIONS.keys() == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("shape", SHAPES)
def test_each_image_is_changed_by_its_own_numbers(name, shape):
    one, count = EXPECTED[name]
    before, numbers = images(shape), drawn(count)
    got = augmentation.augment([name], tf.constant(before), given(**{name: numbers}))
    expected = np.stack([one(x, *own) for x, own in zip(before, numbers.T, strict=True)])
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
    assert got.shape == (6, *shape)


def test_they_follow_each_other():
    before, numbers = images((8, 8, 3)), {name: drawn(n) for name, (_, n) in EXPECTED.items()}
    got = augmentation.augment(list(EXPECTED), tf.constant(before), given(**numbers))
    for name, (one, _) in EXPECTED.items():
        before = [one(x, *own) for x, own in zip(before, numbers[name].T, strict=True)]
    np.testing.assert_allclose(got, before, rtol=1e-12, atol=1e-12)


def test_an_image_moves_by_every_whole_number_of_pixels_up_to_an_eighth():
    image = np.zeros((16, 16, 1))
    image[8, 8] = 1.0
    grid = np.linspace(0.0, LAST, 40)
    numbers = np.stack(np.meshgrid(grid, grid), -1).reshape(-1, 2).T
    batch = tf.constant(np.broadcast_to(image, (1600, 16, 16, 1)))
    got = augmentation.translation(batch, given(translation=numbers)).numpy()
    assert {*got.ravel()} == {0.0, 1.0}
    places = {tuple(place) for place in np.argwhere(got[..., 0])[:, 1:]}
    assert places == {(i, j) for i in range(6, 11) for j in range(6, 11)}


def test_the_hole_is_half_as_wide_and_reaches_every_pixel():
    grid = np.linspace(0.0, LAST, 40)
    numbers = np.stack(np.meshgrid(grid, grid), -1).reshape(-1, 2).T
    got = augmentation.cutout(tf.ones([1600, 8, 8, 1]), given(cutout=numbers)).numpy()
    holes = 1.0 - got[..., 0]
    assert holes.sum((1, 2)).max() == 16.0
    assert (holes.mean(0) > 0.0).all()
    assert (got.reshape(1600, -1).mean(1) > 0.5).all()


@pytest.mark.parametrize("name", EXPECTED)
def test_the_gradient_passes(name):
    before = images((4, 6, 2), batch_size=2)
    numbers = np.random.RandomState(6).uniform(size=(EXPECTED[name][1], 2))

    def changed(x):
        return augmentation.augment([name], x, given(**{name: numbers}))

    (got,), (expected,) = tf.test.compute_gradient(changed, [tf.constant(before)], delta=1e-3)
    np.testing.assert_allclose(got, expected, atol=1e-9)
    assert np.abs(got).max() > 0.4


def test_what_is_no_image_is_refused():
    with pytest.raises(
        InputError, match=r"augment=color,cutout is for images, .* shape \[2\]: lea"
    ):
        augmentation.check(["color", "cutout"], [2])
    with pytest.raises(InputError, match="unknown augmentation 'colour'; did you mean 'color'"):
        augmentation.check(["colour"], [8, 8, 1])
    augmentation.check([], [2])


def test_points_cannot_be_augmented(small_config):
    with pytest.raises(InputError, match=r"augment=color is for images, .* shape \[2\]: leave it"):
        build.build(small_config(data="ring", augment="color"))
