"""Pictures: exact pixels, and grids of any number."""

import numpy as np
import pytest

from tfgan.runs import pictures


def test_pixels_are_rounded_and_clipped():
    values = np.array([-2.0, -1.0, -1.0 + 0.99 / 127.5, 0.0, 1.0, 3.0])
    assert pictures.to_uint8(values).tolist() == [0, 0, 1, 128, 255, 255]


def test_what_was_read_is_written_again():
    every = np.arange(256, dtype=np.uint8)
    floats = every.astype(np.float32) * np.float32(2 / 255) - np.float32(1)
    assert (pictures.to_uint8(floats) == every).all()


def test_a_grid_shows_each_image_in_its_place():
    images = np.full([5, 300, 300, 3], -1.0, np.float32)
    images[1] = 1.0  # first row, second column
    images[3, :, :, 0] = 1.0  # second row, first column
    grid = np.asarray(pictures.draw_examples(images))
    assert grid.shape == (601, 902, 3)  # 2 x 3 images with a line of one pixel between
    assert (grid[:300, 301:601] == 255).all()
    assert (grid[:300, :300] == 0).all()
    assert (grid[301:, :300] == [255, 0, 0]).all()
    assert (grid[300] == 96).all()


def test_small_grey_images_grow():
    picture = pictures.draw_examples(np.zeros([64, 8, 8, 1], np.float32))
    assert picture.mode == "L"
    assert picture.size == (71 * 7, 71 * 7)


def test_points_are_drawn():
    picture = np.asarray(pictures.draw_examples(np.zeros([10, 2], np.float32)))
    assert picture.ndim == 3
    assert picture.min() < 200


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="no picture for examples of shape"):
        pictures.draw_examples(np.zeros([10, 3], np.float32))
