"""Prepares data on disk, once: a set of TensorFlow Datasets, or a directory of large pictures.

    python -m tfgan.prepare --data=mnist                     # downloads it
    python -m tfgan.prepare --data=mnist --from_files=DIR    # its IDX files are in DIR
    python -m tfgan.prepare --image_dir=photos --image_size=64

Afterwards `python -m tfgan.train --data=mnist` trains on the set, without a network, and plain
`tfds.load("mnist")` works. Pictures are decoded and resized into ~/.cache/tfgan/resized, where
`python -m tfgan.train --image_dir=photos --image_size=64` finds them by itself: it trains to the
same bits, and starts at once. They are safe to remove; changed files are prepared anew.

Exit status: 0 prepared, or it was already; 2 bad input, no network, or TensorFlow Datasets failed;
74 the disk refused; 75 stopped by a signal, and nothing half-made is left.
"""

from tfgan.cli import flags
from tfgan.config import check
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
    "image_dir": flags.Flag(str, "", "Directory of pictures, in place of --data."),
    "image_size": flags.CONFIG_FLAGS["image_size"],
    "background": flags.CONFIG_FLAGS["background"],
}


def main(data: str, image_dir: str, image_size: int, background: str, **of_a_set: str) -> None:
    """Prepares what is named, and prints what it holds and where."""
    if data and image_dir:
        raise InputError("give --data or --image_dir, not both.")
    if image_dir:
        for name, value in of_a_set.items():
            if value:
                raise InputError(f"--{name} goes with --data, not with --image_dir.")
        check("image_size", image_size)
        _prepare_pictures(image_dir, image_size, background)
    elif data:
        if image_size:
            raise InputError("--image_size goes with --image_dir: a set is prepared as is.")
        _prepare_set(data, **of_a_set)
    else:
        raise InputError("name the set: --data=mnist; or your own pictures: --image_dir=photos")


def _prepare_pictures(image_dir: str, image_size: int, background: str) -> None:
    from tfgan.data import folder_preparation

    made = folder_preparation.prepare(image_dir, image_size, background)
    number, height, width, channels = made.shape
    size = number * height * width * channels / 1e6
    text = f"{number:,} pictures of {height}x{width}x{channels} ({size:.1f} MB) in {made.path}"
    if made.damage:
        print(f"{made.damage}: made again")
    print(f"{image_dir}: {text}, {f'{made.seconds:.1f} s' if made.seconds else 'already'}")


def _prepare_set(data: str, data_dir: str, file_format: str, from_files: str) -> None:
    from tfgan.data import preparation

    builder = preparation.prepare(data, data_dir, file_format, from_files)
    splits = ", ".join(
        f"{split.num_examples} {name}" for name, split in builder.info.splits.items()
    )
    print(f"{data}: {splits} examples as {builder.info.file_format.value} in {builder.data_dir}")


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
