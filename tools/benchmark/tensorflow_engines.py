"""The document's session and its port, and how fast this machine multiplies matrices.

What every engine has: `run(num_iterations)` trains that many and returns the last two losses,
g_loss and d_loss. Whoever calls it has all of the work behind it when it returns.
"""

import os

import numpy as np
import tensorflow as tf

from legacy import gan_session
from tfgan import build, training
from tfgan.core import runtime
from tfgan.core.interfaces import Source
from tfgan.data import folder
from tfgan.data.arrays import Arrays
from tools import document
from tools.benchmark import pictures
from tools.benchmark.workloads import WORKLOADS, Workload

VERSIONS = {"tensorflow": tf.__version__, "numpy": np.__version__}


def _configure(workload: Workload, num_threads: int, default_compiler: bool) -> None:
    if default_compiler:
        tf.config.threading.set_intra_op_parallelism_threads(num_threads)
    else:
        # As `tfgan.train` sets it: one thread an operation for an MLP.
        runtime.configure(build.num_threads(workload.config) or num_threads)


class Session:
    """`legacy.gan_session`, fed from NumPy as its users do.

    Args:
      name: of the workload.
      num_threads: threads inside an operation, where tfgan does not choose them.
      default_compiler: leave TensorFlow's graph compiler, and the threads, as they come.
    """

    def __init__(self, name: str, num_threads: int, default_compiler: bool = False):
        workload = WORKLOADS[name]
        _configure(workload, num_threads, default_compiler)
        options = document.legacy_options(workload.config, workload.shape, checkpoint="")
        self._session = gan_session.gan_session(options, _batches(workload))
        next(self._session)

    def run(self, num_iterations: int) -> tuple[float, float]:
        """Trains."""
        for _ in range(num_iterations):
            _, g_loss, d_loss = next(self._session)
        return float(g_loss), float(d_loss)


def _batches(workload: Workload):
    """Draws batches as a session's users do: the same kind of data as the port's source."""
    if workload.config.data == "ring":
        yield from gan_session.ring_loader(workload.config.batch_size, seed=0)
    images = workload.images()
    while True:
        chosen = np.random.randint(len(images), size=workload.config.batch_size)
        yield images[chosen].astype(np.float32) / 127.5 - 1


class Port:
    """tfgan's own loop.

    Args:
      name: of the workload.
      num_threads: threads inside an operation, where tfgan does not choose them.
      window: iterations in one call into TensorFlow; 0: all of a run.
      default_compiler: leave TensorFlow's graph compiler, and the threads, as they come; this is
        not reproducible.
    """

    def __init__(
        self, name: str, num_threads: int, window: int = 0, default_compiler: bool = False
    ):
        workload = WORKLOADS[name]
        _configure(workload, num_threads, default_compiler)
        model, source = make(workload)
        self._run_steps = training.make_loop(model, source)
        self._window, self._step = window, 0

    def run(self, num_iterations: int) -> tuple[float, float]:
        """Trains."""
        end = self._step + num_iterations
        while self._step < end:
            count = min(self._window or num_iterations, end - self._step)
            losses = self._run_steps(self._step, count)
            self._step += count
        return float(losses["g_loss"][-1]), float(losses["d_loss"][-1])


def make(workload: Workload) -> build.Parts:
    """Makes the port's model and source of a workload."""
    config = workload.config
    if config.data == "ring":
        return build.build(config)
    settings = dict(batch_size=config.batch_size, seed=config.seed)
    source: Source
    if workload.pictures:
        place, size = os.environ[pictures.VARIABLE], workload.shape[0]
        memory_mb = 0 if workload.pictures == "disk" else 10**6
        source = folder.load(place, image_size=size, memory_mb=memory_mb, **settings)
    else:
        source = Arrays({"real": workload.images()}, name="noise", **settings)
    return build.Parts(build.build_model(config, source.specs), source)


class Peak:
    """A product of two matrices of 3072 x 3072: what the machine can do at best.

    Args:
      name: dtype of the matrices.
      num_threads: threads inside an operation.
    """

    SIZE = 3072
    flops = 2 * SIZE**3

    def __init__(self, name: str, num_threads: int):
        runtime.configure(num_threads)
        draw = np.random.RandomState(0).uniform(-1, 1, (self.SIZE, self.SIZE))
        self._matrix = tf.constant(draw, name)

    def run(self, num_iterations: int) -> tuple[float, float]:
        """Multiplies; what it returns only shows that the products were made."""
        for _ in range(num_iterations):
            product = tf.matmul(self._matrix, self._matrix)
        corner = float(product[0, 0].numpy())
        return corner, corner
