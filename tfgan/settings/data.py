"""Fields: what a run is trained on."""

import dataclasses
import functools

from tfgan.core import fields

GROUP = "Data"
"""As --help names it."""

field = functools.partial(fields.field, GROUP)


@dataclasses.dataclass(frozen=True)
class Data:
    """What a run is trained on."""

    data: str = field(
        "digits",
        "ring, grid, digits, stacked_mnist, or any TensorFlow Datasets name (mnist, ...).",
    )
    image_dir: str = field(
        "",
        "Train on the pictures below this directory, instead of --data. Without a --recipe or a "
        "--flagfile, --recipe=pictures holds.",
        changes_numbers=False,
    )
    data_dir: str = field(
        "",
        "Where TFDS keeps prepared sets. Empty: ~/tensorflow_datasets.",
        changes_numbers=False,
    )
    split: str = field("train", "Split of the TFDS set, in TFDS's own notation.")
    image_size: int = field(
        0,
        "Height and width in pixels; 0 keeps the data's own, where pictures have one.",
        minimum=0,
    )
    mirror: bool = field(
        False, "Show each image mirrored, left to right, half of the time.", before=False
    )
    binarise: str = field(
        "none",
        "Show black and white, each pixel white by the probability that its grey value is: static: "
        "one draw for each image, of a seed of its own; dynamic: another draw at each step.",
        choices=("none", "static", "dynamic"),
        before="none",
    )
    background: str = field(
        "white",
        "Colour that transparent images are laid on, such as white or #ffcc00.",
        before="white",
    )
    data_memory_mb: int = field(
        2048,
        "Sets of more uint8 megabytes than this are read from disk while training.",
        minimum=0,
        changes_numbers=False,
    )
    batch_size: int = field(64, "Real examples in one discriminator step.", minimum=1)
    label_distribution: str = field(
        "data",
        "Labels of generated examples: as often as in the data, so that a label alone betrays none "
        "of them; or uniform: each class as often as the others.",
        choices=("data", "uniform"),
        before="data",
    )
