"""Prepares a data set on disk, once: training never touches the network.

    python -m tfgan.prepare --data=mnist                     # downloads it
    python -m tfgan.prepare --data=mnist --from_files=DIR    # its IDX files are in DIR

Afterwards `python -m tfgan.train --data=mnist` trains on it, and plain `tfds.load("mnist")` works.
Exit status: 0 prepared, or it was already; 2 bad input, no network, or TensorFlow Datasets failed.
"""

from tfgan.cli import flags
from tfgan.core.checks import InputError

EXTRA = {
    "data": flags.Flag(str, "", "TensorFlow Datasets' name of the set, or digits."),
    "data_dir": flags.Flag(
        str, "", "Where TFDS keeps prepared sets. Empty: ~/tensorflow_datasets."
    ),
    "file_format": flags.Flag(
        str,
        "",
        "array_record can be read from disk while training. Empty: tfrecord.",
        choices=("", "tfrecord", "array_record"),
    ),
    "from_files": flags.Flag(
        str, "", "Directory with the set's original files, plain or .gz. Empty: download them."
    ),
}


def main(data: str, data_dir: str, file_format: str, from_files: str) -> None:
    """Prepares the set, and prints what it holds and where."""
    from tfgan.data import preparation

    if not data:
        raise InputError("name the set: --data=mnist")
    builder = preparation.prepare(data, data_dir, file_format, from_files)
    splits = ", ".join(
        f"{split.num_examples} {name}" for name, split in builder.info.splits.items()
    )
    print(f"{data}: {splits} examples as {builder.info.file_format.value} in {builder.data_dir}")


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
