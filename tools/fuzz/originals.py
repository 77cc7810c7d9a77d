"""What mutants are copies of: tiny runs, their exports, pictures, data sets; and the canaries.

python -m tools.fuzz.originals DIRECTORY
"""

import json
import os
import shutil
import sys
from pathlib import Path

RING = dict(
    **dict(data="ring", network="mlp", latent_size=4, hidden_size=8, hidden_layers=1),
    **dict(batch_size=4, num_steps=4, num_samples=4, num_threads=1, steps_per_call=1),
    **dict(checkpoint_every_steps=2, log_every_steps=2, sample_every_steps=2),
)
PIXELS = RING | dict(network="dcgan", base_channels=2, average_decay=0.5)
"""Fields of the two runs; the second one trains on the pictures."""

NUM_RECORDS = 20
"""Of each data set."""

SECRETS = ("secret.txt", "secret.png", "secret_run/losses.csv", "secret_run/manifest.json")
"""Files that no mutant may lead to."""

SETS = {"digits": "tfrecord", "drawn": "tfrecord", "stored": "array_record"}
"""Data sets by name, with their format. TFDS has code for the first one alone."""

SECRET = "this is nobody's business"


def make(folder: Path) -> None:
    """Makes everything in a new directory, which gets its name when all of it is there."""
    from tfgan import export, train
    from tfgan.config import Config
    from tfgan.core import runtime

    runtime.configure(RING["num_threads"])  # before the sets start TensorFlow
    temporary = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    _draw_pictures(temporary / "images")
    _prepare_sets(temporary / "sets")
    pictures = PIXELS | dict(image_dir=str(folder / "images"), image_size=8)
    (temporary / "configs").mkdir()
    for name, fields in {"ring": RING, "pixels": pictures}.items():
        own = fields | {"image_dir": str(temporary / "images")} if name == "pixels" else fields
        run = temporary / "runs" / name
        train.main(Config(**own), str(run), "", False, False)
        export.main(str(run), str(temporary / "exports" / name), "")
        (temporary / "configs" / name).write_text(json.dumps(fields))
    temporary.rename(folder)


def plant(outside: Path) -> None:
    """Makes the files that no mutant may lead to."""
    shutil.rmtree(outside, ignore_errors=True)
    (outside / "secret_run").mkdir(parents=True)
    for name in SECRETS:
        (outside / name).write_text(SECRET)


def look(outside: Path) -> list[tuple]:
    """Returns all that can be told of the canaries without opening one, or their directory."""
    places = [outside, outside / "secret_run", *(outside / name for name in SECRETS)]
    stats = [os.lstat(path) if os.path.lexists(path) else None for path in places]
    return [stat and (stat.st_mode, stat.st_size, stat.st_mtime_ns) for stat in stats]


def _draw_pictures(folder: Path) -> None:
    import numpy as np
    from PIL import Image

    folder.mkdir(parents=True)
    numbers = np.random.default_rng(0)
    colours = numbers.integers(0, 256, [8, 8, 4], np.uint8)
    Image.fromarray(colours[..., :3]).save(folder / "colour.png")
    Image.fromarray(colours).save(folder / "alpha.png")
    Image.fromarray(colours[..., :3]).quantize(16).save(folder / "palette.png")
    Image.fromarray(numbers.integers(0, 2**16, [8, 8], np.uint16)).save(folder / "deep.png")
    Image.fromarray(colours[..., :3]).save(folder / "photo.jpg")


def _prepare_sets(folder: Path) -> None:
    """Makes the sets of the first records of the digits."""
    import tensorflow as tf
    from array_record.python import array_record_module

    from tfgan.data import catalog

    catalog.load(
        *("digits",),
        **dict(data_dir=str(folder / "whole"), split="train", image_size=0, batch_size=1),
        **dict(seed=0, memory_mb=64),
    )
    (whole,) = (folder / "whole" / "digits").iterdir()
    (shard,) = whole.glob("*.tfrecord-*")
    records = list(tf.data.TFRecordDataset(str(shard)).take(NUM_RECORDS).as_numpy_iterator())
    info = json.loads((whole / "dataset_info.json").read_text())
    (split,) = info["splits"]
    split["shardLengths"], split["numBytes"] = [str(NUM_RECORDS)], str(sum(map(len, records)))
    for name, file_format in SETS.items():
        path = folder / name / whole.name
        path.mkdir(parents=True)
        shutil.copy(whole / "features.json", path)
        info |= {"name": name, "fileFormat": file_format}
        (path / "dataset_info.json").write_text(json.dumps(info))
        file = str(path / f"{name}-train.{file_format}-00000-of-00001")
        if file_format == "tfrecord":
            with tf.io.TFRecordWriter(file) as writer:
                for record in records:
                    writer.write(record)
        else:
            writer = array_record_module.ArrayRecordWriter(file, "group_size:1")
            for record in records:
                writer.write(record)
            writer.close()
    shutil.rmtree(folder / "whole")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
