"""The engines by name, without importing any of them: what a worker loads, and what it needs."""

import dataclasses
import importlib.util
from typing import Any

_SLOW_CONVOLUTIONS = (
    "left out: the gradients of strided convolutions take JAX many seconds on a CPU; "
    "name it in --engines to run it"
)


@dataclasses.dataclass(frozen=True)
class Engine:
    """How a worker makes an engine.

    Args:
      factory: module:class, called with (name of the workload, num_threads, **options).
      package: what has to be installed.
      options: further arguments of the class.
      reasons: workloads that it does not run, and why.
      slow: workloads that it runs only if its name is given, and why.
      checkout: whose `tools` and `tfgan` it is made of; empty: this one.
    """

    factory: str
    package: str = "tensorflow"
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    reasons: dict[str, str] = dataclasses.field(default_factory=dict)
    slow: dict[str, str] = dataclasses.field(default_factory=dict)
    checkout: str = ""

    @property
    def installed(self) -> bool:
        """Whether the package is there; it is not imported."""
        return importlib.util.find_spec(self.package) is not None


_PICTURES = ("pictures_memory", "pictures_disk")
_PENALISED = ("dcgan_wgan_gp", "dcgan_r1_r2")
_ONE_OF_OURS = dict.fromkeys(_PICTURES, "pictures are read by the loop alone")


def _ours(kind: str, **options) -> Engine:
    reasons = _ONE_OF_OURS if kind == "Session" or options else {}
    if kind == "Session":
        reasons = reasons | {"dcgan_bfloat16": "float32 only"}
        reasons |= dict.fromkeys(_PENALISED, "the document's script has no penalties")
    return Engine(f"tools.benchmark.tensorflow_engines:{kind}", options=options, reasons=reasons)


def _torch(kind: str) -> Engine:
    return Engine(f"tools.benchmark.torch_engines:{kind}", "torch")


def _jax(kind: str) -> Engine:
    slow = dict.fromkeys(("dcgan", "dcgan_bfloat16", *_PICTURES), _SLOW_CONVOLUTIONS)
    reasons = dict.fromkeys(_PENALISED, "penalties are compared with PyTorch alone")
    return Engine(f"tools.benchmark.jax_engines:{kind}", "jax", reasons=reasons, slow=slow)


ENGINES = {
    "session": _ours("Session"),
    "session_default_compiler": _ours("Session", default_compiler=True),
    "step": _ours("Port", window=1),
    "loop": _ours("Port"),
    "loop_default_compiler": _ours("Port", default_compiler=True),
    "torch_eager": _torch("Eager"),
    "torch_compile": _torch("Compiled"),
    "jax_step": _jax("Step"),
    "jax_scan": _jax("Scan"),
}

BEFORE = "loop_before"
"""What `loop` was in another checkout: the name that `--before` adds."""


def of_checkout(checkout: str) -> Engine:
    """Returns `loop` as another checkout has it."""
    return dataclasses.replace(ENGINES["loop"], checkout=checkout)


PEAK = Engine("tools.benchmark.tensorflow_engines:Peak")
"""Not a trainer: how fast the machine multiplies matrices. Its workload is a dtype."""
