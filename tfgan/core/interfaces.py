"""What the rooms expect of each other: a Source of real examples, a Model that trains."""

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf

Batch = Mapping[str, tf.Tensor]
"""Named tensors [B, ...] of one step: "real", and what else a source has, such as "labels"."""

Inputs = Mapping[str, tf.Tensor]
"""Named tensors [B, ...] from which a model makes examples, such as "latents"."""

Specs = Mapping[str, tf.TensorSpec]
"""Shapes and dtypes of named tensors."""


class LabelSpec(tf.TensorSpec):
    """What the label of an example is: the number of its class, an int32 scalar.

    Args:
      class_names: names of the classes, in the order of their numbers.
      frequencies: share of the examples in each class; they sum to 1.
    """

    def __init__(self, class_names: Sequence[str], frequencies: Sequence[float]):
        super().__init__([], tf.int32, "labels")
        self.class_names = tuple(map(str, class_names))
        self.frequencies = tuple(map(float, frequencies))

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)

    def __reduce__(self):
        return LabelSpec, (self.class_names, self.frequencies)


Observe = Callable[[str, Mapping[str, tf.Tensor]], None]
"""Is shown what a player works with while an iteration runs eagerly: (player, tensors by name)."""


def ignore(player: str, tensors: Mapping[str, tf.Tensor]) -> None:
    """Observes nothing: the default, which leaves no trace in a graph."""


class Mode(enum.Enum):
    """What a network may do in one pass."""

    INFERENCE = "inference"
    """Normalises by moving statistics, drops nothing, moves no variable."""

    FROZEN = "frozen"
    """Behaves as in training, but moves no variable: a pass in the other player's step."""

    TRAIN = "train"
    """Behaves as in training, and moves its statistics: a pass in the network's own step."""

    @property
    def uses_batch_statistics(self) -> bool:
        """Whether a normalisation takes mean and variance from the batch."""
        return self is not Mode.INFERENCE


class Judgement(NamedTuple):
    """What a discriminator says of examples, where it says more than whether they are real."""

    logits: tf.Tensor
    """[B]: raw scores of being real."""

    class_logits: tf.Tensor | None = None
    """[B, num_classes]: raw scores of each class."""

    codes: tf.Tensor | None = None
    """[B, num_codes]: the codes that the example was made from, as far as it can tell."""


class Kind(Protocol):
    """A kind of examples, such as images or points: how they are drawn, compared and served."""

    name: str
    """Plural, as it names examples in signatures: "images", "points"."""

    distance_dtype: tf.DType
    """Precision in which distances between examples are measured."""

    def features(self, examples: tf.Tensor) -> tf.Tensor:
        """Maps examples [N, *shape] to rows [N, F] that lie near where examples look alike."""

    def draw(
        self, examples: np.ndarray, columns: int = 0, scale: int = 0, joined: bool = False
    ) -> Any:
        """Returns a `PIL.Image.Image` of examples, float [N, *shape] in [-1, 1].

        Args:
          examples: what to draw.
          columns: so many of them belong together, and make a row of a grid; 0: as the kind likes.
          scale: whole factor by which the picture is enlarged; 0: so that it can be seen.
          joined: those that belong together are the steps of a way.

        Raises:
          InputError: the picture would be too large.
        """

    def served(self, example: tf.Tensor) -> dict[str, tf.Tensor]:
        """Maps one example [*shape] to what a server returns of it, by name."""


class Source(Protocol):
    """Real examples, each batch a pure function of (seed, step).

    One with an attribute `reads_share`, True, returns of each batch the share of the replica that
    asks (see `core.replicas`), and so reads no more than that; of others the share is cut out.
    """

    name: str
    """What the user called it."""

    kind: Kind
    """What its examples are."""

    specs: Specs
    """Shape and dtype of one example, without the batch axis; "real" is always there. That of
    "labels", which name classes, is a `LabelSpec`."""

    batch_size: int
    """Examples in a batch, over all replicas."""

    num_examples: int | None
    """How many there are; None where they are drawn from a distribution."""

    fingerprint: str
    """Changes when the data do; the same in every process."""

    def batch(self, step: tf.Tensor) -> Batch:
        """Returns the examples of `step` (int64 scalar): "real" is float32 [B, *shape] in [-1, 1].

        Can be called inside a `tf.function`, for any step, in any order, with the same result.
        """

    def with_seed(self, seed: int) -> "Source":
        """Returns the same examples in the order, or from the draws, of another seed."""


class Signature(NamedTuple):
    """A function that a server offers, row by row: outputs [B, ...] by name."""

    inputs: Specs
    """Each with an open batch: [None, ...]."""

    function: Callable[..., dict[str, tf.Tensor]]
    """Takes the inputs by their names; a pure function in inference mode."""


def is_of_optimizer(name: str) -> bool:
    """Says whether an entry of a model's state is what an optimizer keeps.

    Its name begins with "optimizer/" or "..._optimizer/", such as "generator_optimizer/".
    """
    first, slash, _ = name.partition("/")
    return bool(slash) and (first == "optimizer" or first.endswith("_optimizer"))


class Model(Protocol):
    """What training, runs and serving know of a model."""

    title: str
    """What it trains by, as a plot's title says it."""

    loss_names: Sequence[str]
    """Names of the losses, which are columns of the log."""

    loss_unit: str
    """Unit of the losses, such as "nats"."""

    diagnostic_names: Sequence[str]
    """Names of what `diagnostics` returns."""

    descriptions: Mapping[str, str]
    """What losses and diagnostics mean, for those who see their curves: Markdown, by name."""

    headline: Mapping[str, str]
    """Diagnostics that a line of progress shows: what it calls each, by name."""

    dtype: tf.DType
    """Of the losses."""

    seed: int
    """Of the run: what `inputs` draws by."""

    training_seed: int
    """What `iteration` and `diagnostics` draw by: another one after each rollback. Both seeds are
    set before anything is traced."""

    def iteration(
        self, step: tf.Tensor, source: Source, observe: Observe = ignore
    ) -> Mapping[str, tf.Tensor]:
        """Runs training iteration `step` (int64 scalar, from 0); returns scalar losses by name."""

    def inputs(self, count: int, stream: str, step: tf.Tensor | int = 0) -> Inputs:
        """Draws the inputs of `count` examples: a pure function of (seed, stream, step).

        Where they have "labels" int32 [count] that name classes, the model has `num_classes` too
        (see `num_classes` below), and `sample` takes any label below in their place.
        """

    def sample(self, inputs: Inputs) -> tf.Tensor:
        """Returns generated examples, float [B, *shape] in [-1, 1], in inference mode."""

    def state(self) -> dict[str, tf.Variable]:
        """Returns all that training moves, by names that are unique and stay.

        What an optimizer keeps has a name of which `is_of_optimizer` says so: a warm start leaves
        it behind.
        """

    def diagnostics(self, step: tf.Tensor, source: Source) -> Mapping[str, tf.Tensor]:
        """Looks at the model before iteration `step` and moves nothing; returns scalars by name."""

    def derived(self, losses: Mapping[str, float]) -> Mapping[str, float]:
        """Returns what follows from the losses of a step and is worth a place on the screen."""

    def verdict(self, rows: Sequence[Mapping[str, float]]) -> str:
        """Returns how the run stands, from its rows of health, oldest first; "training" if unclear.

        Each row holds "step", the losses, the diagnostics, "diversity" and "coverage", and in runs
        that are not older than these "precision" and "spacing".
        """

    def num_parameters(self) -> dict[str, int]:
        """Returns how many weights are trained, by the part that they belong to."""

    def settings(self) -> dict[str, Any]:
        """Returns what the numbers depend on beside state, seed and data, as JSON."""

    def signatures(self, kind: Kind) -> dict[str, Signature]:
        """Returns what a server offers beside what all models have ("serving_default", "sample").

        Args:
          kind: of the examples; its name is that of the tensor that holds them.
        """


def reconstructs(model: Any) -> bool:
    """Says whether a model can make an example of an example, as an autoencoder does.

    It then has a method `reconstruct(examples)`, from [B, *shape] to [B, *shape], in inference mode
    and without anything drawn; a run shows real examples beside what it makes of them.
    """
    return callable(getattr(model, "reconstruct", None))


def num_classes(model: Any) -> int:
    """Returns how many classes the "labels" of a model's inputs name.

    It is the model's attribute `num_classes`, which one without classes need not have; 0: none.
    """
    return getattr(model, "num_classes", 0)


def takes_labels(model: Any) -> bool:
    """Says whether a model's classes are those of the data.

    InfoGAN's are its own: its attribute `condition` is "information".
    """
    return bool(num_classes(model)) and getattr(model, "condition", "") != "information"


def check_source(model: Any, source: Source) -> None:
    """Lets a model that has a method `check_source(source)` refuse what it cannot train on.

    Raises:
      InputError: it does, by the model's own words.
    """
    getattr(model, "check_source", lambda source: None)(source)
