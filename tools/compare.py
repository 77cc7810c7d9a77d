"""Runs the document's TF1 session and its TF2 port side by side and compares them bit by bit.

    python -m tools.compare --recipe=document --num_steps=10000

Both start from the same weights: the session saves them by its v1 Saver, the port imports that
checkpoint by a name map. Both see the same latents and batches: the port's own, drawn from (seed,
step), are fed to the session. Then every loss of every step, and at the end of each of the port's
windows every weight, moving statistic and Adam slot are compared. The exit status is 0 only if no
bit differs. `tfgan.parity` does the same for any other session and port.
"""

import tempfile

from tfgan.cli import flags
from tfgan.config import Config
from tfgan.core import paths
from tfgan.core.checks import InputError

EXTRA = {
    "windows": flags.Flag(str, "1", "Iterations per call of the port, e.g. 1,7: one port each."),
    "inject": flags.Flag(
        bool, False, "Move one weight of the port by one unit in the last place: must be caught."
    ),
    "markdown": flags.Flag(str, "", "Also write the table to this Markdown file."),
    "plot": flags.Flag(
        str, "", "Also plot the distance over the steps to this .png, .svg, .pdf or .jpg file."
    ),
}


def compare(config: Config, windows: list[int], inject: bool = False):
    """Compares session and port over `config.num_steps` iterations; returns a `parity` Report.

    Args:
      config: the run; has to be one that the document's script can express.
      windows: the lengths of the port's calls; each one is a port of its own.
      inject: move one weight of each port by one unit in the last place after the hand-over.

    Raises:
      InputError: the session script has no such network, optimiser or order.
    """
    from tfgan import build, training
    from tfgan.parity import checkpoints, comparison
    from tfgan.parity.port import Port
    from tfgan.parity.session import Session
    from tools import document

    runs = [build.build(config) for _ in windows]
    draw = drawer(runs[0].model, runs[0].source)
    with tempfile.TemporaryDirectory() as folder:
        x_shape = draw(0)["real"][0].shape[1:]
        options = document.legacy_options(config, x_shape, f"{folder}/handover")
        with Session(lambda drawn: document.script(options, drawn)) as session:
            start = session.start()
            ports = []
            for run, window in zip(runs, windows, strict=True):
                variables = checkpoints.document_name_map(run.model.state())
                port = Port(training.make_loop(run.model, run.source), variables, window)
                port.take_over(f"{options.checkpoint}-0", start.variables)
                ports.append(port)
                if inject:
                    _inject(variables)
            return comparison.compare(session, ports, draw, config.num_steps)


def drawer(model, source):
    """Returns the function of what the port draws at a step: the only place that asks for it."""
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
    def drawn(step):
        latents = model.inputs(source.batch_size, "latents", step)["latents"]
        return {"latents": latents, "real": source.batch(step)["real"]}

    return lambda step: {
        name: [tensor.numpy()] for name, tensor in drawn(tf.constant(step, tf.int64)).items()
    }


def _inject(variables) -> None:
    """Moves the largest weight of the generator's first kernel by one unit in the last place."""
    import numpy as np

    value = (kernel := variables["generator/dense_0/kernel"]).numpy()
    largest = np.unravel_index(np.abs(value).argmax(), value.shape)
    value[largest] = np.nextafter(value[largest], np.float32(np.inf))
    kernel.assign(value)


def _windows(text: str) -> list[int]:
    lengths = [int(part) if part.isdecimal() else 0 for part in text.split(",")]
    if 0 in lengths or len({*lengths}) < len(lengths):
        raise InputError(
            f"--windows must be different positive whole numbers such as 1,7,100, got {text!r}."
        )
    return lengths


def main(config: Config, windows: str, inject: bool, markdown: str, plot: str) -> int:
    """Compares, prints the table and returns 0 only if nothing differs."""
    lengths = _windows(windows)
    from tfgan import build
    from tfgan.core import runtime
    from tfgan.parity import report

    table = paths.output("markdown", markdown) if markdown else None
    if picture := paths.output("plot", plot) if plot else None:
        report.picture_suffix(picture)
    runtime.configure(build.num_threads(config))
    outcome = compare(config, lengths, inject)
    print(outcome.markdown())
    if table:
        table.write_text(outcome.markdown() + "\n")
    if picture:
        report.plot(outcome, picture)
    return 0 if outcome.equal else 1


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA)
