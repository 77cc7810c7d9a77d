"""Fields: where a run trains, and by how many replicas."""

import dataclasses
import functools

from tfgan.core import fields

GROUP = "Replicas"
"""As --help names it."""

field = functools.partial(fields.field, GROUP)


@dataclasses.dataclass(frozen=True)
class Replicas:
    """Where a run trains, and by how many replicas."""

    strategy: str = field(
        "one",
        "Where it trains: one device; mirrored: replicas on the devices of this machine; "
        "multi_worker: on several, as TF_CONFIG says.",
        choices=("one", "mirrored", "multi_worker"),
        changes_numbers=False,
        before="one",
    )
    replicas: int = field(
        0,
        "Of mirrored: copies of the model, each with its share of the batch; more than GPUs: "
        "logical CPUs. 0: one a GPU.",
        minimum=0,
        maximum=1024,
        changes_numbers=False,
        before=0,
    )
    sync_batch_norm: bool = field(
        False,
        "Batch normalisation by the examples of all replicas, as one device would; else of each.",
        before=False,
    )
