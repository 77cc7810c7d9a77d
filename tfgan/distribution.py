"""Replicas on the devices of one machine, by TensorFlow's strategies: the only file that names one.

Each replica is a model like any other, with variables of its own. All begin with the same bytes and
take the same steps, since what they step by, the means of their gradients, is the same on each. So
a run is saved, sampled, measured and served by its first replica alone, and nothing but this file
and the means of `core.replicas` knows of the others.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from tfgan.config import Config
from tfgan.core import contradictions, replicas
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Batch, Model, Source
from tfgan.core.replicas import Replica


def devices(config: Config) -> list[str]:
    """Returns the devices of a run's replicas; none of a run without.

    Call it before TensorFlow's first operation. Where there are fewer GPUs than replicas, these are
    logical CPUs, so that the same can be tried and tested anywhere.

    Raises:
      InputError: TensorFlow has started already, with too few devices.
    """
    if config.strategy == "one":
        return []
    gpus = tf.config.list_physical_devices("GPU")
    count = config.replicas or max(1, len(gpus))
    if count <= len(gpus):
        return [f"/gpu:{i}" for i in range(count)]
    (cpu, *_) = tf.config.list_physical_devices("CPU")
    if len(tf.config.get_logical_device_configuration(cpu) or [None]) < count:
        logical = [tf.config.LogicalDeviceConfiguration()] * count
        try:
            tf.config.set_logical_device_configuration(cpu, logical)
        except RuntimeError:
            raise InputError(
                f"TensorFlow has started already, and {count} replicas need as many devices: "
                "restart Python."
            ) from None
    return [f"/cpu:{i}" for i in range(count)]


@functools.cache
def _mirrored(places: tuple[str, ...]) -> tf.distribute.Strategy:
    """Returns the strategy of some devices, the same for all: the exchanges of a second one would
    be taken for those of the first."""
    return tf.distribute.MirroredStrategy(list(places))


class Distribution:
    """The replicas of one run.

    Args:
      config: of the run.
      places: the devices, one for each replica.
      model: the first replica.
      make_model: makes another one.

    Raises:
      InputError: the model or the batch cannot be shared.
    """

    def __init__(
        self,
        config: Config,
        places: Sequence[str],
        model: Model,
        make_model: Callable[[], Model],
    ):
        count = len(places)
        if not getattr(model, "takes_means", False):
            raise InputError(
                f"strategy={config.strategy} is for models that take the means of all replicas "
                f"(core/replicas.py), and {type(model).__name__} does not say that it does: set "
                "`takes_means = True` on it, or train with --strategy=one."
            )
        contradictions.check_share(config, count)
        self._strategy = _mirrored(tuple(places))
        self._shares_batch_statistics = config.sync_batch_norm
        self.models = [model]
        for place in places[1:]:
            with tf.device(place):
                self.models.append(make_model())

    def sources(self, source: Source) -> list[Source]:
        """Returns the examples as each replica draws them: what they keep, they keep apart."""
        seed = self.models[0].training_seed
        return [source, *(source.with_seed(seed) for _ in self.models[1:])]

    def begin(self) -> None:
        """Gives all replicas the state of the first one, whatever has been restored there."""
        first, *others = (model.state() for model in self.models)
        for other in others:
            for name, variable in other.items():
                variable.assign(first[name])

    def iteration(self, sources: Sequence[Source]) -> Callable[[tf.Tensor], Mapping[str, Any]]:
        """Returns what runs iteration `step` on all replicas, and returns the mean losses.

        Args:
          sources: as the method of this name has made them.
        """
        for model in self.models[1:]:
            model.training_seed = self.models[0].training_seed
        shares = [Share(source) for source in sources]

        def on_replica(step):
            context = tf.distribute.get_replica_context()
            index = int(tf.get_static_value(context.replica_id_in_sync_group))

            def mean(values):
                return context.all_reduce(tf.distribute.ReduceOp.MEAN, values)

            replica = Replica(index, len(self.models), mean, self._shares_batch_statistics)
            with replicas.acting_as(replica):
                losses = self.models[index].iteration(step, shares[index])
                return dict(zip(losses, replicas.means(list(losses.values())), strict=True))

        def iteration(step):
            losses = self._strategy.run(on_replica, args=(step,))
            return {
                name: self._strategy.experimental_local_results(values)[0]
                for name, values in losses.items()
            }

        return iteration


class Share:
    """The examples of one replica: its slice of each batch. All else is that of the source."""

    def __init__(self, source: Source):
        self._source = source

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def batch(self, step: tf.Tensor) -> Batch:
        """Returns this replica's examples of `step`, [B / replicas, ...] by name."""
        batch = self._source.batch(step)
        if getattr(self._source, "reads_share", False):
            return batch
        return {name: replicas.share(x) for name, x in batch.items()}
