"""What changes the bits of a run without being part of its formulas: set once, and recorded.

TensorFlow's graph rewriter (Grappler) is turned off: what is written is what runs. With it on,
arithmetic rewrites move the losses of a session by a unit in the last place, and constant folding
makes the loop of an MNIST-size MLP differ from one process to the next. Off, session, step, loop
and eager agree to the last bit, in every process; `tools.benchmark` shows what it costs. A
`tf.compat.v1.Session` made without a config of its own takes these settings over.
"""

import os
import platform

import numpy as np
import tensorflow as tf

GRAPH_COMPILER = {"disable_meta_optimizer": True}


def configure(num_threads: int = 0) -> None:
    """Sets graph compiler and number of threads; call it before TensorFlow's first operation.

    Args:
      num_threads: threads inside one operation; 0: one a core. A matrix product split over another
        number of threads rounds differently.

    Raises:
      RuntimeError: TensorFlow has started already, with another number of threads.
    """
    tf.config.optimizer.set_experimental_options(GRAPH_COMPILER)
    num_threads = num_threads or os.cpu_count()
    if tf.config.threading.get_intra_op_parallelism_threads() != num_threads:
        tf.config.threading.set_intra_op_parallelism_threads(num_threads)


def fingerprint() -> dict[str, object]:
    """Returns what the bits depend on beside the config, for the record."""
    return {
        "tensorflow": tf.__version__,
        "tensorflow_git": tf.version.GIT_VERSION,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processor": _processor(),
        "num_threads": tf.config.threading.get_intra_op_parallelism_threads() or os.cpu_count(),
        "graph_compiler": dict(tf.config.optimizer.get_experimental_options()),
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
        "devices": [device.name for device in tf.config.list_logical_devices()],
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            names = [
                line.split(":", 1)[1].strip() for line in file if line.startswith("model name")
            ]
        return names[0]
    except (OSError, IndexError):
        return platform.processor()
