"""The tables: their exact bytes, and that a number reads back as its bits."""

import numpy as np
import pytest

from tfgan.core.checks import StorageError
from tfgan.runs import logs


@pytest.fixture
def table(tmp_path):
    """Makes a table, and returns it with its path."""

    def make(*columns):
        made = logs.Table(tmp_path / "table.csv", columns)
        made.cut(0)
        return made, tmp_path / "table.csv"

    return make


def test_the_bytes_of_a_table(table):
    written, path = table("step", "g_loss", "d_loss", "verdict")
    written.append(range(1, 3), np.float32([0.1, 1e-45]), np.float32([-2, 3e38]), ["a", "b c"])
    written.append([3], [1.5], [1e-7], ["d"])
    assert path.read_bytes() == (
        b"step,g_loss,d_loss,verdict\n1,0.1,-2.0,a\n2,1e-45,3e+38,b c\n3,1.5,1e-07,d\n"
    )


def numbers(dtype):
    """Random bits, subnormals, powers of ten, their neighbours, integers; all finite."""
    random = np.random.default_rng(0)
    integer = np.dtype(dtype.__name__.replace("float", "uint"))
    bits = random.integers(0, np.iinfo(integer).max, 20_000, integer, endpoint=True)
    small = random.integers(0, 2**20, 2_000).astype(integer)
    tens = np.array([f"1e{power}" for power in range(-45, 39)]).astype(dtype)
    usual = random.uniform(0, 3, 20_000).astype(dtype)
    whole = random.integers(-(10**9), 10**9, 2_000).astype(dtype)
    near = [np.nextafter(tens, dtype(side)) for side in (-np.inf, np.inf)]
    found = np.concatenate([bits.view(dtype), small.view(dtype), tens, *near, usual, whole])
    return found[np.isfinite(found)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_number_is_the_shortest_text_that_reads_back_as_its_bits(dtype, table):
    values = numbers(dtype)
    written, path = table("step", "loss")
    written.append(range(len(values)), values)
    texts = [line.split(",")[1] for line in path.read_text().splitlines()[1:]]
    assert texts == [str(value) for value in values]  # what earlier versions wrote
    assert np.array(texts).astype(dtype).tobytes() == values.tobytes()
    mantissas = [text.lstrip("-").partition("e")[0].replace(".", "").strip("0") for text in texts]
    for value, mantissa in zip(values, mantissas, strict=True):
        if len(mantissa) > 1:
            assert dtype(f"{value:.{len(mantissa) - 2}e}") != value, value
    assert max(map(len, mantissas)) == {np.float32: 9, np.float64: 17}[dtype]


def test_columns_of_different_lengths_write_nothing(table):
    written, path = table("step", "loss")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="shorter"):
        written.append([1, 2], np.float32([0.5]))
    assert path.read_bytes() == before


def test_a_table_with_other_columns_is_told(table):
    written, path = table("step", "loss")
    written.append([1, 2], [0.5, 0.25])
    found = logs.read_table(path, ("step", "loss"))
    assert {name: values.tolist() for name, values in found.items()} == {
        "step": [1.0, 2.0],
        "loss": [0.5, 0.25],
    }
    with pytest.raises(StorageError, match="has other columns than it had: put it back"):
        logs.read_table(path, ("step", "error"))


def test_a_row_that_is_being_written_does_not_count(table):
    written, path = table("step", "loss")
    written.append([1, 2], [0.5, 0.25])
    whole = path.read_text()
    for end in ("3", "3,", "3,0.1", "3,0.12"):
        path.write_text(whole + end)
        assert logs.read_table(path)["step"].tolist() == [1, 2]
    path.write_text("step,lo")
    with pytest.raises(StorageError, match="is not as it was written"):
        logs.read_table(path)
