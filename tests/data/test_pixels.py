import io
import re

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfgan.core.checks import InputError
from tfgan.data import pixels


def encode(array, mode=None, file_format="PNG"):
    stream = io.BytesIO()
    array = array[..., 0] if array.shape[-1] == 1 else array
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(stream, file_format)
    return stream.getvalue()


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def test_every_level_maps_to_the_nearest_float():
    levels = np.arange(256, dtype=np.uint8)
    values = pixels.to_float(tf.constant(levels)).numpy()
    assert values.dtype == np.float32
    assert values[0] == -1.0
    assert values[255] == 1.0
    np.testing.assert_array_equal(values, ((2 * np.arange(256) - 255) / 255).astype(np.float32))
    np.testing.assert_array_equal(values, -values[::-1])


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_png_comes_back_exactly(channels):
    array = noise(5, 7, channels)
    decoded = pixels.decode(encode(array), "x", array.shape, resize=False)
    assert decoded.dtype == np.uint8
    np.testing.assert_array_equal(decoded, array)


def test_grey_becomes_colour_and_colour_grey():
    grey = noise(4, 4, 1)
    np.testing.assert_array_equal(
        pixels.decode(encode(grey), "x", (4, 4, 3), resize=False), grey.repeat(3, -1)
    )
    np.testing.assert_array_equal(
        pixels.decode(encode(grey.repeat(3, -1)), "x", (4, 4, 1), resize=False), grey
    )


def test_palette_and_transparency():
    colours = np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8)
    palette = encode(colours, mode="P")
    np.testing.assert_array_equal(pixels.decode(palette, "x", (1, 2, 3), resize=False), colours)
    # Opaque, wholly transparent: under which there is a colour that nobody sees.
    half = np.concatenate([colours, np.array([[[255], [0]]], np.uint8)], -1)
    for background in ((255, 255, 255), (9, 8, 7)):
        decoded = pixels.decode(encode(half), "x", (1, 2, 3), resize=False, background=background)
        np.testing.assert_array_equal(decoded, [[[255, 0, 0], background]])
    np.testing.assert_array_equal(pixels.decode(encode(half), "x", (1, 2, 4), resize=False), half)


def test_transparency_of_every_mode_is_laid_on_the_background():
    """Half transparent grey on white; a palette with one transparent entry."""
    grey = Image.merge("LA", [Image.new("L", (1, 1), 0), Image.new("L", (1, 1), 128)])
    palette = Image.new("P", (2, 1), 0)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    palette.putpixel((1, 0), 1)
    for image, options, expected in (
        (grey, {}, [[[127]]]),
        (palette, {"transparency": 1}, [[[255, 0, 0], [255, 255, 255]]]),
    ):
        stream = io.BytesIO()
        image.save(stream, "PNG", **options)
        shape = np.shape(expected)
        decoded = pixels.decode(stream.getvalue(), "x", shape, resize=False)
        np.testing.assert_array_equal(decoded, expected)


@pytest.mark.parametrize("turn", range(1, 9))
def test_the_orientation_mark_of_a_camera_is_followed(turn, tmp_path):
    upright = noise(4, 7, 3)
    # How the sensor saw it, for each mark of EXIF 2.3, section 4.6.4.
    seen = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: upright.transpose(1, 0, 2)[::-1],
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: upright.transpose(1, 0, 2)[:, ::-1],
    }[turn]
    exif = Image.Exif()
    exif[0x0112] = turn
    Image.fromarray(np.ascontiguousarray(seen)).save(tmp_path / "a.png", exif=exif)
    header = pixels.header(tmp_path / "a.png")
    assert (header.height, header.width, header.is_turned) == (4, 7, turn != 1)
    decoded = pixels.decode((tmp_path / "a.png").read_bytes(), "a", (4, 7, 3), resize=False)
    np.testing.assert_array_equal(decoded, upright)


@pytest.mark.parametrize("file_format", ["WEBP", "GIF", "TIFF", "BMP"])
def test_other_formats_are_read_as_pillow_reads_them(file_format, tmp_path):
    array = noise(6, 5, 3) // 64 * 64
    path = tmp_path / "x"
    frames = [Image.fromarray(255 - array)] if file_format == "GIF" else []
    options = {"save_all": True, "append_images": frames} if frames else {}
    if file_format == "WEBP":
        options["lossless"] = True
    Image.fromarray(array).save(path, file_format, **options)
    with Image.open(path) as image:
        expected = np.asarray(image.convert("RGB"))
    decoded = pixels.decode(path.read_bytes(), "x", array.shape, resize=False)
    np.testing.assert_array_equal(decoded, expected)
    assert pixels.header(path).is_animated == bool(frames)


@pytest.mark.parametrize("name", ["paper", "#12", "rgb(", ""])
def test_a_background_that_is_no_colour_is_named(name):
    assert pixels.colour("#ffcc00") == pixels.colour("#fc0") == (255, 204, 0)
    assert pixels.colour("white") == (255, 255, 255)
    with pytest.raises(InputError, match=f"--background={re.escape(name)} is no colour: give a"):
        pixels.colour(name)


def test_sixteen_bits_keep_the_upper_eight():
    array = np.array([[[0], [255], [256], [40_000], [65_535]]], np.uint16)
    decoded = pixels.decode(encode(array), "x", (1, 5, 1), resize=False)
    np.testing.assert_array_equal(decoded, (array >> 8).astype(np.uint8))


@pytest.mark.parametrize(("height", "width"), [(4, 9), (9, 4), (4, 8), (4, 4)])
def test_the_centred_square_is_cut(height, width):
    array = noise(height, width, 3)
    top, left = (height - 4) // 2, (width - 4) // 2
    np.testing.assert_array_equal(
        pixels.decode(encode(array), "x", (4, 4, 3), resize=True),
        array[top : top + 4, left : left + 4],
    )


def test_shrinking_antialiases():
    stripes = np.zeros([64, 64, 1], np.uint8)
    stripes[:, ::2] = 255  # without a filter every pixel of the result would be 0 or 255
    inner = pixels.decode(encode(stripes), "x", (16, 16, 1), resize=True)[2:-2, 2:-2]
    assert np.abs(inner.astype(int) - 127.5).max() < 3


@pytest.mark.parametrize("size", [8, 64])
def test_one_colour_stays_that_colour(size):
    colour = np.array([255, 128, 0, 10], np.uint8)  # almost transparent: colours stay unweighted
    array = np.tile(colour, [32, 40, 1])
    decoded = pixels.decode(encode(array), "x", (size, size, 4), resize=True)
    np.testing.assert_array_equal(decoded, np.tile(colour, [size, size, 1]))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no image at all",
        encode(noise(64, 64, 3))[:-500],
        encode(noise(64, 64, 3), file_format="JPEG")[:-500],
        encode(noise(4, 4, 3), file_format="EPS"),
        encode(noise(64, 64, 3))[:500] + bytes(100) + encode(noise(64, 64, 3))[600:],
        encode(noise(64, 64, 3)).replace(b"\x0dIHDR", b"\x0cIHDR"),  # Pillow: ValueError
        b"I\x00AT".join(encode(noise(200, 200, 3)).rsplit(b"IDAT", 1)),  # Pillow: SyntaxError
    ],
    ids=["empty", "text", "cut png", "cut jpeg", "eps", "overwritten", "header", "second chunk"],
)
def test_a_damaged_image_is_named(content, tmp_path):
    with pytest.raises(InputError, match=r"^holiday\.png cannot be read as a picture") as caught:
        pixels.decode(content, "holiday.png", (64, 64, 3), resize=True)
    assert "\n" not in str(caught.value)


def test_another_size_is_named():
    with pytest.raises(InputError, match=r"a\.png is 4x5, not 4x4: .*--image_size"):
        pixels.decode(encode(noise(4, 5, 3)), "a.png", (4, 4, 3), resize=False)


with_and_without_threads = pytest.mark.parametrize("encoded_bytes", [100, 10_000])


@with_and_without_threads
def test_many_are_decoded_in_the_order_asked_for(encoded_bytes):
    indices = np.random.default_rng(0).permutation(100)
    images = pixels.decode_all(
        lambda i: np.full([2, 2, 3], i, np.uint8), indices, (2, 2, 3), encoded_bytes
    )
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images[:, -1, -1, -1], indices)


@with_and_without_threads
def test_one_bad_image_among_many_is_named(encoded_bytes):
    def decode(i):
        if i == 7:
            raise InputError("image 7 is bad.")
        return np.zeros([2, 2, 3], np.uint8)

    with pytest.raises(InputError, match="image 7 is bad"):
        pixels.decode_all(decode, np.arange(20), (2, 2, 3), encoded_bytes)


def test_too_many_pixels_are_refused_before_they_are_decoded():
    stream = io.BytesIO()
    Image.new("1", (9000, 9000)).save(stream, "PNG")
    with pytest.raises(InputError, match="x has 9000 x 9000 pixels, more than 64,000,000"):
        pixels.decode(stream.getvalue(), "x", (8, 8, 1), resize=True)
