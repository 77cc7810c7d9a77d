"""Random features: their definition, what they tell apart, and that they are always the same."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageDraw, ImageFilter

from tfgan.core import random
from tfgan.data import kinds
from tfgan.metrics import coverage, mean_distance, neighbour_distances
from tfgan.metrics.features import WIDTHS, random_features


def pictures(seed, number=128, size=32):
    """Discs and squares of many colours on white, float32 [number, size, size, 3]."""
    draw = np.random.RandomState(seed)
    images = []
    for _ in range(number):
        image = Image.new("RGB", (size, size), "white")
        pen = ImageDraw.Draw(image)
        for _ in range(3):
            x, y = draw.randint(0, size - 8, 2)
            box = [x, y, x + draw.randint(6, 20), y + draw.randint(6, 20)]
            colour = tuple(map(int, draw.randint(0, 256, 3)))
            (pen.ellipse if draw.rand() < 0.5 else pen.rectangle)(box, fill=colour)
        images.append(np.asarray(image))
    return np.stack(images).astype(np.float32) / 127.5 - 1


def mush(images, radius):
    """The same pictures out of focus."""
    blurred = []
    for image in images:
        picture = Image.fromarray(np.uint8((image + 1) * 127.5))
        blurred.append(np.asarray(picture.filter(ImageFilter.GaussianBlur(radius))))
    return np.stack(blurred).astype(np.float32) / 127.5 - 1


def test_they_are_the_statistics_of_each_map():
    images = np.random.RandomState(0).uniform(-1, 1, (3, 20, 30, 3)).astype(np.float32)
    x, channels = images, 3
    expected = [x.mean((1, 2)), np.sqrt(x.var((1, 2)) + 1e-8)]
    for i, width in enumerate(WIDTHS):
        stddev = (2 / (9 * channels)) ** 0.5
        kernel = random.normal([3, 3, channels, width], 0, f"features/{i}", stddev=stddev)
        kernel -= tf.reduce_mean(kernel, [0, 1], keepdims=True)
        x = np.maximum(tf.nn.conv2d(x, kernel, 2, "SAME").numpy(), 0)
        expected += [x.mean((1, 2)), np.sqrt(x.var((1, 2)) + 1e-8)]
        channels = width
    found = random_features(images)
    assert found.shape == (3, 2 * (3 + sum(WIDTHS)))
    np.testing.assert_allclose(found, np.concatenate(expected, 1), rtol=1e-4, atol=1e-5)


def test_many_images_are_as_each_by_itself():
    images = pictures(0, number=70)
    whole = random_features(images).numpy()
    for i in (0, 63, 64, 69):
        np.testing.assert_allclose(whole[i], random_features(images[i : i + 1])[0], rtol=1e-5)


def test_they_are_the_same_in_every_process_and_inside_a_graph():
    program = (
        "import numpy as np; from tfgan.metrics.features import _kernels; import hashlib;"
        "print(hashlib.sha256(b''.join(k.tobytes() for k in _kernels(3))).hexdigest())"
    )
    made = [subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)]
    made += [subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)]
    assert len({each.stdout for each in made}) == 1
    assert made[0].stdout.strip()
    images = pictures(1, number=4, size=24)
    inside = tf.function(random_features, autograph=False)(tf.constant(images))
    np.testing.assert_allclose(inside, random_features(images), rtol=1e-5)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_any_image_has_them(channels):
    found = random_features(np.zeros([2, 17, 40, channels], np.float32))
    assert found.shape == (2, 2 * (channels + sum(WIDTHS)))


def numbers(real, fake):
    """Coverage and diversity."""
    reach = neighbour_distances(real)
    return float(coverage(real, reach, fake)), float(mean_distance(fake) / mean_distance(real))


def test_they_tell_a_mush_from_pictures_as_pixels_do_not():
    """Fault 5 of issue 11: blurred pictures covered the data, by their pixels."""
    real, other = pictures(0), pictures(1)
    pixels = [x.reshape(len(x), -1) for x in (real, other, mush(real, 2.5))]
    assert numbers(pixels[0], pixels[2])[0] > 0.95
    features = [random_features(x) for x in (real, other, mush(real, 2.5))]
    assert numbers(features[0], features[1])[0] > 0.9
    assert numbers(features[0], features[2])[0] < 0.2


def test_the_more_is_wrong_the_less_is_covered():
    real = pictures(0)
    features = random_features(real)
    covered = [
        numbers(features, random_features(mush(pictures(1), radius)))[0]
        for radius in (0.0, 0.7, 1.0, 1.5, 2.5, 5.0)
    ]
    assert covered == sorted(covered, reverse=True)
    assert covered[0] > 0.9
    assert covered[-1] < 0.1


def test_wrong_colours_are_seen():
    real, other = random_features(pictures(0)), pictures(1)
    assert numbers(real, random_features(other * 0.5 - 0.5))[0] < 0.1


def test_large_images_are_compared_by_them_and_small_ones_by_their_pixels():
    images = kinds.KINDS["images"]
    small, large = pictures(0, 4, 16), pictures(0, 4, 20)
    np.testing.assert_array_equal(images.features(tf.constant(small)), small.reshape(4, -1))
    np.testing.assert_array_equal(images.features(tf.constant(large)), random_features(large))
