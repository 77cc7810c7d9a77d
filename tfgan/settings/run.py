"""Fields: the run itself, and what it writes."""

import dataclasses
import functools

from tfgan.core import fields

GROUP = "The run"
"""As --help names it."""

field = functools.partial(fields.field, GROUP)


@dataclasses.dataclass(frozen=True)
class Run:
    """The run itself, and what it writes."""

    num_steps: int = field(3000, "Training iterations.", minimum=1, changes_numbers=False)
    seed: int = field(0, "Seed of everything random.", minimum=0, maximum=2**31 - 1)
    warm_start: str = field(
        "",
        "A run or an export whose weights a new run begins with, as far as they fit.",
        before="",
    )
    num_threads: int = field(
        0,
        "Threads inside an operation; changes bits. 0: 1 for mlp and maxout, else one a core.",
        minimum=0,
        maximum=1024,
        changes_numbers=False,
    )
    steps_per_call: int = field(
        0,
        "Iterations per call into TensorFlow; never changes numbers. 0: about a second.",
        minimum=0,
        changes_numbers=False,
    )
    log_every_steps: int = field(
        100, "Steps between printed lines.", minimum=1, changes_numbers=False
    )
    sample_every_steps: int = field(
        500, "Steps between sample pictures.", minimum=1, changes_numbers=False
    )
    checkpoint_every_steps: int = field(
        1000, "Steps between checkpoints.", minimum=1, changes_numbers=False
    )
    keep_checkpoints: int = field(
        3, "How many of the newest checkpoints stay.", minimum=1, changes_numbers=False
    )
    keep_every_steps: int = field(
        0,
        "Checkpoints of every so many steps stay too; 0: none.",
        minimum=0,
        changes_numbers=False,
    )
    on_nonfinite: str = field(
        "stop",
        "At NaN or infinity: stop, or rollback: back to the last checkpoint, with other numbers.",
        choices=("stop", "rollback"),
        changes_numbers=False,
    )
    max_rollbacks: int = field(
        3, "How often a run may roll back.", minimum=0, changes_numbers=False
    )
    stop_when: str = field(
        "",
        "converged: end early, once the samples have matched the data for a while. Empty: never.",
        choices=("", "converged"),
        changes_numbers=False,
    )
    num_samples: int = field(
        64, "Examples in a sample picture.", minimum=1, maximum=4096, changes_numbers=False
    )
