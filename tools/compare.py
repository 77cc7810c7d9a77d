"""Runs the document's TF1 session and its TF2 port side by side and compares them bit by bit.

    python -m tools.compare --flagfile=tfgan/recipes/document.flags --num_steps=10000

Both start from the same weights: the session saves them by its v1 Saver, the port imports that
checkpoint by a name map. Both see the same latents and batches: the port's own, drawn from (seed,
step), are fed to the session. Then every loss of every step, and at the end of each of the port's
windows every weight, moving statistic and Adam slot are compared. The exit status is 0 only if no
bit differs.
"""

import dataclasses
import queue
import tempfile
import threading
import types
from pathlib import Path

from tfgan.cli import flags
from tfgan.config import Config
from tfgan.core import files
from tfgan.core.checks import InputError

EXTRA = {
    "windows": flags.Flag(
        str, "1", "Iterations per call of the port, e.g. 1,7,100: a port for each."
    ),
    "inject": flags.Flag(
        bool, False, "Move one weight of the port by one unit in the last place: must be caught."
    ),
    "markdown": flags.Flag(str, "", "Also write the table to this Markdown file."),
    "plot": flags.Flag(str, "", "Also plot the distance over the steps to this PNG file."),
}


@dataclasses.dataclass
class Row:
    """What was seen of one tensor (or loss) over all steps and windows."""

    name: str
    size: int
    compared: int = 0  # times it was compared
    max_ulps: int = 0  # largest distance in units in the last place
    first_step: int | None = None  # where it differed first


@dataclasses.dataclass
class Report:
    """The outcome of a comparison."""

    num_steps: int
    windows: list[int]
    rows: dict[str, Row] = dataclasses.field(default_factory=dict)
    ulps: dict[int, list[int]] = dataclasses.field(default_factory=dict)  # per window, per step
    first: tuple[int, str, int] | None = None  # step, tensor, window

    @property
    def equal(self) -> bool:
        """Whether every bit of every comparison agreed."""
        return self.first is None

    def add(self, step: int, window: int, name: str, session, port) -> None:
        """Compares one tensor by its bytes."""
        row = self.rows.setdefault(name, Row(name, session.size))
        row.compared += 1
        if session.dtype == port.dtype and session.tobytes() == port.tobytes():
            return
        distance = ulps(session, port)
        row.max_ulps = max(row.max_ulps, distance)
        self.ulps[window][step - 1] = max(self.ulps[window][step - 1], distance)
        if row.first_step is None or step < row.first_step:
            row.first_step = step
        if self.first is None or step < self.first[0]:
            self.first = (step, name, window)

    def markdown(self) -> str:
        """Returns the table and the verdict as Markdown."""
        lines = [
            "| tensor | elements | comparisons | largest distance (ulp) | first differing step |",
            "|---|---:|---:|---:|---:|",
        ]
        lines += [
            f"| {r.name} | {r.size} | {r.compared} | {r.max_ulps} | {r.first_step or '-'} |"
            for r in self.rows.values()
        ]
        return "\n".join([*lines, "", self.verdict()])

    def verdict(self) -> str:
        """Returns one line: equal, or where the first difference stands."""
        windows = ", ".join(map(str, self.windows))
        scope = f"{self.num_steps} steps, {len(self.rows)} tensors, windows of {windows}"
        if self.first is None:
            return f"EQUAL: 0 differing bits. {scope}."
        step, name, window = self.first
        where = (
            f"step {step}" if window == 1 or name in ("g_loss", "d_loss") else f"or before {step}"
        )
        worst = max(row.max_ulps for row in self.rows.values())
        differing = sum(row.first_step is not None for row in self.rows.values())
        return (
            f"DIFFERENT: first at {where}, in {name} (window {window}); "
            f"{differing} tensors differ, by up to {worst} ulp. {scope}."
        )


def ulps(a, b) -> int:
    """Largest distance of two float32 arrays of one shape, in units in the last place.

    The count of representable numbers between them; 0.0 and -0.0 are one apart, since their bits
    differ.
    """
    import numpy as np

    def order(x):
        bits = np.ascontiguousarray(x, np.float32).view(np.int32).astype(np.int64)
        return np.where(bits < 0, -(2**31) - bits - 1, bits)

    return int(np.abs(order(a) - order(b)).max())


class SessionEngine:
    """The session, in a thread of its own because graph and eager mode are per thread."""

    def __init__(self, options):
        self._options = options
        self._latents, self._batches, self._states = queue.Queue(), queue.Queue(), queue.Queue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def feed(self, latents, real) -> None:
        """Hands over what one iteration will draw."""
        self._latents.put(latents)
        self._batches.put(real)

    def state(self) -> dict:
        """Returns the arrays after the next iteration, losses first; the start comes first."""
        state = self._states.get()
        if isinstance(state, BaseException):
            raise state
        return state

    def close(self) -> None:
        """Ends the session and its thread: TensorFlow must not be in use when Python exits."""
        self.feed(None, None)
        self._thread.join()

    def _run(self) -> None:
        from legacy import gan_session

        def recorded(waiting):
            while (item := waiting.get()) is not None:
                yield item

        latents, batches = recorded(self._latents), recorded(self._batches)
        random = types.SimpleNamespace(uniform=lambda *_, size: next(latents))
        fake_np = types.SimpleNamespace(random=random)
        try:
            for iteration in gan_session.gan_session(self._options, batches, np=fake_np):
                self._states.put(self._read(iteration))
        except BaseException as error:
            self._states.put(error)

    def _read(self, iteration) -> dict:
        import tensorflow.compat.v1 as tf

        variables = {v.op.name: v for v in tf.global_variables()}
        values = iteration.sess.run(variables)
        losses = (
            {}
            if iteration.g_loss is None
            else {"g_loss": iteration.g_loss, "d_loss": iteration.d_loss}
        )
        return losses | values


class PortEngine:
    """The port, run in windows of a fixed length."""

    def __init__(self, run, window: int, num_steps: int):
        from tfgan import training
        from tfgan.parity import migration

        self.window, self._num_steps = window, num_steps
        self.variables = migration.document_name_map(run.model)
        self._run_steps = training.make_loop(run.model, run.source)
        self._end = 0

    def take_over(self, prefix: str, start: dict) -> None:
        """Imports the session's checkpoint and checks that every bit of it arrived."""
        from tfgan.parity import migration

        migration.import_v1_checkpoint(prefix, self.variables)
        for name, value in start.items():
            if value.tobytes() != self.variables[name].numpy().tobytes():
                raise RuntimeError(f"the hand-over changed {name}.")

    def advance(self, step: int) -> tuple[dict, bool]:
        """Returns the losses of iteration `step`, from 1, and whether the weights stand there."""
        if step > self._end:
            self._begin, count = step, min(self.window, self._num_steps - step + 1)
            self._losses = self._run_steps(step - 1, count)
            self._end = step + count - 1
        losses = {name: values[step - self._begin] for name, values in self._losses.items()}
        return losses, step == self._end


def compare(config: Config, windows: list[int], inject: bool = False) -> Report:
    """Compares session and port over `config.num_steps` iterations.

    Args:
      config: the run; has to be one that the document's script can express.
      windows: the lengths of the port's calls; each one is a port of its own.
      inject: move one weight of each port by one unit in the last place after the hand-over.

    Raises:
      InputError: the session script has no such network, optimiser or order.
    """
    import tensorflow as tf

    from tfgan import build

    runs = [build.build(config) for _ in windows]
    source, model = runs[0].source, runs[0].model
    report = Report(config.num_steps, windows, ulps={w: [0] * config.num_steps for w in windows})

    @tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
    def draw(step):
        return model.latents("latents", step), source.batch(step)

    with tempfile.TemporaryDirectory() as folder:
        session = SessionEngine(legacy_options(config, source.shape, f"{folder}/handover"))
        try:
            start = session.state()
            ports = [
                PortEngine(run, window, config.num_steps)
                for run, window in zip(runs, windows, strict=True)
            ]
            for port in ports:
                port.take_over(f"{folder}/handover-0", start)
                if inject:
                    _inject(port.variables)
            for step in range(1, config.num_steps + 1):
                session.feed(*(tensor.numpy() for tensor in draw(tf.constant(step - 1, tf.int64))))
                ported = [port.advance(step) for port in ports]
                state = session.state()
                for port, (losses, at_end) in zip(ports, ported, strict=True):
                    for name, loss in losses.items():
                        report.add(step, port.window, name, state[name], loss)
                    if at_end:
                        for name, variable in port.variables.items():
                            report.add(step, port.window, name, state[name], variable.numpy())
        finally:
            session.close()
    return report


def legacy_options(config: Config, x_shape, checkpoint: str):
    """Returns the script's options for a config.

    Raises:
      InputError: the document's script cannot do what the config says.
    """
    from legacy import gan_session

    required = {
        "optimizer": "adam",
        "update_order": "generator_first",
        "discriminator_steps": 1,
        "latent_distribution": "uniform",
        "compute_dtype": "float32",
        "discriminator_learning_rate": config.generator_learning_rate,
    }
    for name, value in required.items():
        if getattr(config, name) != value:
            raise InputError(
                f"the document's script knows only --{name}={value}, got {getattr(config, name)}."
            )
    return gan_session.Options(
        network=config.network,
        x_shape=tuple(x_shape),
        z_dim=config.latent_size,
        batch_size=config.batch_size,
        num_iterations=config.num_steps,
        loss=config.objective,
        weight_clip=config.weight_clip,
        hidden_size=config.hidden_size,
        hidden_layers=config.hidden_layers,
        base_channels=config.base_channels,
        batch_norm=config.batch_norm,
        adam=(
            ("learning_rate", config.generator_learning_rate),
            ("beta1", config.beta1),
            ("beta2", config.beta2),
            ("epsilon", config.epsilon),
        ),
        seed=config.seed,
        checkpoint=checkpoint,
    )


def _inject(variables) -> None:
    """Moves the largest weight of the generator's first kernel by one unit in the last place."""
    import numpy as np

    kernel = variables["generator/dense_0/kernel"]
    value = kernel.numpy()
    largest = np.unravel_index(np.abs(value).argmax(), value.shape)
    value[largest] = np.nextafter(value[largest], np.float32(np.inf))
    kernel.assign(value)


def _windows(text: str) -> list[int]:
    parts = text.split(",")
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise InputError(f"--windows must be positive whole numbers such as 1,7,100, got {text!r}.")
    return [int(part) for part in parts]


def draw(report: Report, path: Path) -> None:
    """Plots the largest distance of any tensor at each step, one line per window."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 3))
    for window, distances in report.ulps.items():
        axes.plot(range(1, report.num_steps + 1), distances, label=f"window {window}")
    axes.set(xlabel="iteration", ylabel="largest distance (ulp)", title=report.verdict()[:60])
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(bottom=-0.1)
    axes.legend()
    figure.savefig(path, dpi=100, bbox_inches="tight")
    plt.close(figure)


def main(config: Config, windows: str, inject: bool, markdown: str, plot: str) -> int:
    """Compares, prints the table and answers 0 only if nothing differs."""
    lengths = _windows(windows)
    table = files.output("markdown", markdown) if markdown else None
    picture = files.output("plot", plot) if plot else None
    from tfgan import build
    from tfgan.core import runtime

    runtime.configure(build.num_threads(config))
    report = compare(config, lengths, inject)
    print(report.markdown())
    if table:
        table.write_text(report.markdown() + "\n")
    if picture:
        draw(report, picture)
    return 0 if report.equal else 1


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA)
