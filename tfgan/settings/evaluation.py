"""Fields: how a run is evaluated while it trains."""

import dataclasses
import functools

from tfgan.core import fields

GROUP = "Evaluation while training"
"""As --help names it."""

field = functools.partial(fields.field, GROUP)


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """How a run is evaluated while it trains."""

    evaluate_every_steps: int = field(
        0,
        "Steps between evaluations, which go into health.csv and TensorBoard: a multiple of "
        "--log_every_steps. 0: none.",
        minimum=0,
        before=0,
    )
    evaluate_metrics: str = field(
        "",
        "Which metrics, with commas between them. Empty: frechet_distance,precision,recall; of "
        "data whose modes are known, those of the modes.",
        before="",
    )
    evaluate_extractor: str = field(
        "",
        "Whose features they compare: see tfgan evaluate. Empty: pixels of up to 16 x 16, else "
        "random_filters.",
        choices=("", "pixels", "random_filters", "classifier", "inception"),
        before="",
    )
    evaluate_inception: str = field(
        "",
        "Weights of the extractor inception: the graph of the original FID (.pb), Keras's (.h5), "
        "or keras, which fetches those.",
        before="",
        changes_numbers=False,  # the file may lie elsewhere: the columns bear its digest
    )
    evaluate_num_samples: int = field(
        1000,
        "How many samples, and as many real examples; fewer of a smaller set.",
        minimum=50,
        maximum=50_000,
        before=1000,
    )
    keep_best: str = field(
        "",
        "One of these metrics, or its column in health.csv: the checkpoint that is best by it "
        "stays, whatever else goes. Empty: none.",
        before="",
        changes_numbers=False,
    )
