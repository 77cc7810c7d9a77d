"""What changes the bits of a run without being part of its formulas: set once, and recorded.

TensorFlow's graph rewriter (Grappler) is turned off: what is written is what runs. With it on,
arithmetic rewrites move the losses of a session by a unit in the last place, and constant folding
makes the loop of an MNIST-size MLP differ from one process to the next. Off, session, step, loop
and eager agree to the last bit, in every process; `tools.benchmark` shows what it costs. A
`tf.compat.v1.Session` made without a config of its own takes these settings over.
"""

import contextlib
import os
import platform
import re
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from tfgan.core.checks import InputError

GRAPH_COMPILER = {"disable_meta_optimizer": True}

# Variables of the environment that choose kernels, in TensorFlow, oneDNN and XLA.
_VARIABLES = (
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_SET_ONEDNN_FPMATH_MODE",
    "ONEDNN_MAX_CPU_ISA",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)
_VECTOR = re.compile(r"sse|ssse|avx|fma|f16c|amx|asimd|sve|bf16|i8mm")


def configure(num_threads: int = 0) -> None:
    """Sets graph compiler and number of threads; call it before TensorFlow's first operation.

    Args:
      num_threads: threads inside one operation; 0: one a core. A matrix product split over another
        number of threads rounds differently.

    Raises:
      InputError: TensorFlow has started already, with another number of threads.
    """
    tf.config.optimizer.set_experimental_options(GRAPH_COMPILER)
    num_threads = num_threads or cores()
    if tf.config.threading.get_intra_op_parallelism_threads() == num_threads:
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(num_threads)
    except RuntimeError:
        raise InputError(
            f"TensorFlow has started already, with {current_threads()} threads inside an "
            f"operation, and {num_threads} are asked for: restart Python, or set the number first."
        ) from None


def current_threads() -> int:
    """Returns how many threads an operation has."""
    return tf.config.threading.get_intra_op_parallelism_threads() or cores()


def cores() -> int:
    """Returns how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def graph_compiler() -> Iterator[None]:
    """Sets the graph compiler inside the `with` alone: for a program that is not ours.

    A function's graph is compiled by the settings under which it is called.
    """
    before = tf.config.optimizer.get_experimental_options()
    tf.config.optimizer.set_experimental_options(GRAPH_COMPILER)
    try:
        yield
    finally:
        options = {name: before.get(name, False) for name in GRAPH_COMPILER}
        tf.config.optimizer.set_experimental_options(options)


def fingerprint() -> dict[str, object]:
    """Returns what the bits depend on beside the config."""
    return {
        "tensorflow": f"{tf.__version__} {tf.version.GIT_VERSION}",
        "num_threads": current_threads(),
        "graph_compiler": dict(tf.config.optimizer.get_experimental_options()),
        "environment": {name: os.environ[name] for name in _VARIABLES if name in os.environ},
        "devices": [device.name for device in tf.config.list_logical_devices()],
        "machine": platform.machine(),
        "processor": _cpuinfo("model name"),
        "instructions": _instructions(),
    }


def versions() -> dict[str, str]:
    """Returns the versions that do not change the bits, for the record."""
    return {"python": platform.python_version(), "numpy": np.__version__}


def _instructions() -> str:
    """Returns the vector instructions of the processor: what oneDNN chooses its kernels by."""
    return " ".join(sorted(filter(_VECTOR.match, _cpuinfo("flags").split())))


def _cpuinfo(field: str) -> str:
    """Returns the first entry of a field in Linux's description of the processors."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith(field))
    except (OSError, StopIteration):
        return platform.processor()
