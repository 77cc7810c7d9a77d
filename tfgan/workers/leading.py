"""How the chief leads: it tells the other workers of each call into TensorFlow, and hears them."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfgan.cli import stopping
from tfgan.core.interfaces import Model
from tfgan.workers.connection import WorkerGone
from tfgan.workers.link import Link

RunSteps = Callable[[int, int], dict[str, Any]]


def leading(run_steps: RunSteps, model: Model, link: Link) -> RunSteps:
    """Returns `run_steps` as all workers call it together.

    Args:
      run_steps: of `training.make_loop`.
      model: whose training seed the others take.
      link: to the others.

    A signal that another worker has received counts as one of this process. What is returned raises
    WorkerGone or Ended where another worker is the cause of a failure.
    """

    def run(first_step: int, num_steps: int) -> dict[str, Any]:
        link.tell({"seed": model.training_seed, "step": first_step, "num_steps": num_steps})
        losses = together(run_steps, first_step, num_steps, link)
        for index, said in link.collect().items():
            if said.get("signal"):
                stopping.ask(f"{said['signal']} of {link.cluster.called(index)}")
        return losses

    return run


def together(run_steps: RunSteps, first_step: int, num_steps: int, link: Link) -> dict[str, Any]:
    """Makes one call that all workers make.

    Raises:
      WorkerGone, Ended: another worker is the cause of a failure.
    """
    try:
        return run_steps(first_step, num_steps)
    except tf.errors.OpError as error:
        link.explain()
        text = " ".join(error.message.split())
        raise WorkerGone(
            f"the workers lost each other ({text}). What was saved is whole: run the same command "
            "on all of them to resume."
        ) from error
