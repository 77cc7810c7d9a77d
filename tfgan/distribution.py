"""Replicas on several devices or machines: the only file that names a strategy of TensorFlow.

Each replica is a model like any other, with variables of its own. All begin with the same bytes and
take the same steps, since what they step by, the means of their gradients, is the same on each. So
a run is saved, sampled, measured and served by its first replica alone, and nothing but this file
and the means of `core.replicas` knows of the others.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from tfgan.cli import stopping
from tfgan.config import Config
from tfgan.core import bits, contradictions, replicas
from tfgan.core.checks import InputError
from tfgan.core.interfaces import Batch, Model, Source
from tfgan.core.replicas import Replica
from tfgan.workers.link import Link


def start(config: Config) -> tf.distribute.Strategy | None:
    """Returns the strategy of a run, None of a run without.

    Call it before TensorFlow's first operation: on several machines it makes the connections, and
    where one machine has fewer GPUs than replicas, it makes logical CPUs, so that the same can be
    tried and tested anywhere.

    Raises:
      InputError: TensorFlow has started already, or cannot start.
    """
    if config.strategy == "one":
        return None
    if config.strategy == "multi_worker":
        return _multi_worker()
    gpus = tf.config.list_physical_devices("GPU")
    count = config.replicas or max(1, len(gpus))
    if count <= len(gpus):
        return _mirrored(tuple(f"/gpu:{i}" for i in range(count)))
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
    return _mirrored(tuple(f"/cpu:{i}" for i in range(count)))


@functools.cache
def _mirrored(places: tuple[str, ...]) -> tf.distribute.Strategy:
    """Returns the strategy of some devices, the same for all: the exchanges of a second one would
    be taken for those of the first."""
    return tf.distribute.MirroredStrategy(list(places))


@functools.cache
def _multi_worker() -> tf.distribute.Strategy:
    """Returns the strategy of the workers that TF_CONFIG names; all have to call it."""
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    except (RuntimeError, tf.errors.OpError) as error:
        text = " ".join(str(error).split())
        raise InputError(f"the workers' TensorFlow does not start: {text}") from None
    finally:
        stopping.take_back()  # its coordination service waits for SIGTERM, and answers with nothing


class Distribution:
    """The replicas of one run, of which this process has one for each of its devices.

    Args:
      config: of the run.
      strategy: `start(config)`.
      model: the first replica of this process.
      make_model: makes another one.
      link: the chief's, to the other workers.

    Raises:
      InputError: the model or the batch cannot be shared.
    """

    def __init__(
        self,
        config: Config,
        strategy: tf.distribute.Strategy,
        model: Model,
        make_model: Callable[[], Model],
        link: Link | None = None,
    ):
        if not getattr(model, "takes_means", False):
            raise InputError(
                f"strategy={config.strategy} is for models that take the means of all replicas "
                f"(core/replicas.py), and {type(model).__name__} does not say that it does: set "
                "`takes_means = True` on it, or train with --strategy=one."
            )
        self.link = link
        self.count = strategy.num_replicas_in_sync
        contradictions.check_share(config, self.count)
        self._strategy = strategy
        self._shares_batch_statistics = config.sync_batch_norm
        self.devices = strategy.extended.worker_devices
        self.models = [model]
        for device in self.devices[1:]:
            with tf.device(device):
                self.models.append(make_model())

    def described(self, batch_size: int) -> str:
        """Returns how a batch is shared, in a line."""
        names = [device.rpartition("device:")[2] for device in self.devices]
        if self.link:
            names = list(map(self.link.cluster.called, range(len(self.link.cluster.names))))
        share = batch_size // self.count
        return f"replicas       {self.count} of {share} examples on {', '.join(names)}"

    def sources(self, source: Source) -> list[Source]:
        """Returns the examples as each replica draws them: what they keep, they keep apart."""
        seed = self.models[0].training_seed
        return [source, *(source.with_seed(seed) for _ in self.models[1:])]

    def begin(self) -> None:
        """Gives all replicas the state of the first one, whatever has been restored there."""
        if self.count == 1:
            return

        def on_replica():
            index, local = self._place()
            state = list(self.models[local].state().values())
            words = bits.packed(state)
            # A sum of which all but one are zeros, and whole numbers: no bit is rounded.
            mine = words if index == 0 else tf.zeros_like(words)
            total = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, mine)
            for variable, value in zip(state, bits.unpacked(total, state), strict=True):
                variable.assign(value)

        self._strategy.run(on_replica)

    def iteration(self, sources: Sequence[Source]) -> Callable[[tf.Tensor], Mapping[str, Any]]:
        """Returns what runs iteration `step` on all replicas, and returns the mean losses.

        Args:
          sources: as the method of this name has made them.
        """
        for model in self.models[1:]:
            model.training_seed = self.models[0].training_seed
        shares = [Share(source) for source in sources]

        def on_replica(step):
            index, local = self._place()
            context = tf.distribute.get_replica_context()

            def mean(values):
                return context.all_reduce(tf.distribute.ReduceOp.MEAN, values)

            replica = Replica(index, self.count, mean, self._shares_batch_statistics)
            with replicas.acting_as(replica):
                losses = self.models[local].iteration(step, shares[local])
                return dict(zip(losses, replicas.means(list(losses.values())), strict=True))

        def iteration(step):
            losses = self._strategy.run(on_replica, args=(step,))
            return {
                name: self._strategy.experimental_local_results(values)[0]
                for name, values in losses.items()
            }

        return iteration

    def _place(self) -> tuple[int, int]:
        """Returns the index of the replica that is being computed, and that among `models`."""
        context = tf.distribute.get_replica_context()
        index = int(tf.get_static_value(context.replica_id_in_sync_group))
        return index, index % len(self.models)


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
