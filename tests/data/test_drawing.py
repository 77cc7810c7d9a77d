"""Pictures: exact pixels, and grids of any number."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from tfgan.data import drawing, kinds


def test_pixels_are_rounded_and_clipped():
    values = np.array([-2.0, -1.0, -1.0 + 0.99 / 127.5, 0.0, 1.0, 3.0])
    assert drawing.to_uint8(values).tolist() == [0, 0, 1, 128, 255, 255]


def test_what_was_read_is_written_again():
    every = np.arange(256, dtype=np.uint8)
    floats = every.astype(np.float32) * np.float32(2 / 255) - np.float32(1)
    assert (drawing.to_uint8(floats) == every).all()


def test_a_grid_shows_each_image_in_its_place():
    images = np.full([5, 300, 300, 3], -1.0, np.float32)
    images[1] = 1.0  # first row, second column
    images[3, :, :, 0] = 1.0  # second row, first column
    grid = np.asarray(kinds.KINDS["images"].draw(images))
    assert grid.shape == (601, 902, 3)  # 2 x 3 images with a line of one pixel between
    assert (grid[:300, 301:601] == 255).all()
    assert (grid[:300, :300] == 0).all()
    assert (grid[301:, :300] == [255, 0, 0]).all()
    assert (grid[300] == 96).all()


def test_small_grey_images_grow():
    picture = kinds.KINDS["images"].draw(np.zeros([64, 8, 8, 1], np.float32))
    assert picture.mode == "L"
    assert picture.size == (71 * 7, 71 * 7)


def scattered(*points):
    """A scatter plot, float [400, 400, 3] without its frame: how far each pixel is from white."""
    picture = kinds.KINDS["points"].draw(np.array(points, np.float32).reshape(-1, 2))
    assert picture.size == (400, 400)
    return 255.0 - np.asarray(picture.convert("RGB"))[1:-1, 1:-1]


@pytest.mark.parametrize(
    ("point", "place"),
    [
        ((0, 0), (199.5, 199.5)),
        ((1, 0), (199.5, 381.318)),
        ((0, 1), (17.682, 199.5)),
        ((-0.55, -0.275), (249.5, 99.5)),
    ],
)
def test_a_point_is_a_soft_dot_in_its_place(point, place):
    ink = scattered(point).sum(axis=2)
    rows, columns = np.mgrid[1:399, 1:399]
    centre = (rows * ink).sum() / ink.sum(), (columns * ink).sum() / ink.sum()
    np.testing.assert_allclose(centre, place, atol=0.1)
    assert len(np.unique(ink)) >= 3  # nothing, the edge, the middle
    assert np.ptp(np.nonzero(ink), axis=1).max() <= 4


def test_where_more_points_are_is_more_ink():
    one, two, many = (scattered(*[(0.0, 0.0)] * number).max(axis=(0, 1)) for number in (1, 2, 99))
    blue = 255.0 - np.array([31, 119, 180])
    np.testing.assert_allclose(one, 0.5 * blue, atol=2)
    np.testing.assert_allclose(two, 0.75 * blue, atol=2)
    np.testing.assert_allclose(many, blue, atol=1)


@pytest.mark.parametrize("odd", [1.11, -3e38, np.inf, -np.inf, np.nan])
def test_points_outside_of_the_square_are_left_out(odd):
    expected = scattered((0.5, 0.5))
    assert (scattered((0.5, 0.5), (odd, 0.2), (0.2, odd)) == expected).all()
    assert not scattered((odd, odd)).any()
    assert not scattered().any()


@pytest.mark.parametrize("across", [-1.095, 1.095])
@pytest.mark.parametrize("up", [-1.095, 1.095])
def test_a_point_on_the_edge_is_drawn_as_far_as_it_is_inside(across, up):
    rows, columns = np.nonzero(scattered((across, up)).sum(axis=2))
    assert set(rows) == ({0, 1} if up > 0 else {396, 397})
    assert set(columns) == ({0, 1} if across < 0 else {396, 397})


@pytest.mark.parametrize("shape", [(3,), (5, 7), (4, 4, 2), (2, 3, 4, 5), (1,)])
def test_examples_of_any_shape_are_drawn(shape):
    kind = kinds.of_shape(shape)
    assert kind.name == ("points" if len(shape) == 1 else "examples")
    dark, light = (np.asarray(kind.draw(np.full([4, *shape], v, np.float32))) for v in (-1, 1))
    assert dark.shape == light.shape
    assert (dark != light).any()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_images_are_known_by_their_channels(channels):
    assert kinds.of_shape((8, 6, channels)).name == "images"


@pytest.mark.parametrize("rounding", [np.float32(-1), np.float32(0.3), np.float32(1)])
def test_what_is_served_is_what_is_drawn(rounding):
    image = np.full([2, 3, 1], rounding, np.float32)
    served = kinds.KINDS["images"].served(tf.constant(image))
    assert (served["images"].numpy() == drawing.to_uint8(image)).all()
    assert (tf.io.decode_png(served["png_bytes"]).numpy() == drawing.to_uint8(image)).all()


def test_a_program_s_choice_of_a_backend_stays():
    program = (
        "import matplotlib, numpy, sys; matplotlib.use('svg')\n"
        "import tfgan.training, tfgan.run, tfgan.parity.report\n"
        "from tfgan.runs import pictures\n"
        "pictures.plot({'step': numpy.arange(3), 'loss': numpy.ones(3)}, title='', unit='')\n"
        "assert matplotlib.get_backend().lower() == 'svg'"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1000:]


def test_points_of_one_row_have_a_colour_and_no_line_between_them():
    points = np.array([[-0.5, 0.5], [0.5, 0.5], [-0.5, -0.5], [0.5, -0.5]], np.float32)
    draw = kinds.KINDS["points"].draw
    dots, lines = (
        np.asarray(draw(points, columns=2, joined=joined).convert("RGB")).astype(int)
        for joined in (False, True)
    )
    near, middle, far = round(200 - 200 * 0.5 / 1.1), 200, round(200 + 200 * 0.5 / 1.1)
    assert (dots[near, middle] == 255).all()
    assert (lines[near, middle] < 200).any()
    assert np.abs(dots[near, near] - dots[near, far]).max() < 60  # at their edges they are soft
    assert np.abs(dots[near, near] - dots[far, near]).max() > 60
