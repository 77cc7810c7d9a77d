"""Training from Python: a model, data, and a directory that it can always be resumed from.

    source = tfgan.data.Arrays({"real": images}, batch_size=64)
    model = tfgan.GAN(MyGenerator(), MyDiscriminator(), latent_size=100, learning_rate=2e-4)
    run = tfgan.Run(model, source, run_dir="runs/mine", seed=0)
    run.train(num_steps=3000)
    run.sample(seeds=range(64)).save("mine.png")
    run.export("exports/mine")

It does what the commands do, by the same code, and leaves the rest of the process as it was.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import PIL.Image

from tfgan import build, training
from tfgan.config import FIELDS, Config
from tfgan.core import checks, files, interfaces, paths, runtime
from tfgan.core.checks import Stopped
from tfgan.core.interfaces import Kind, Model, Source, reconstructs
from tfgan.data import drawing
from tfgan.data import labels as classes
from tfgan.evaluation import evidence, game, passes, records, while_training
from tfgan.evaluation import neighbours as nearest
from tfgan.evaluation.examples import Generated
from tfgan.evaluation.measuring import Reference, Row
from tfgan.runs import identity, pictures, warm_start
from tfgan.runs.checkpoints import assign
from tfgan.runs.folder import RunFolder
from tfgan.runs.layout import CHECKPOINTS, EVALUATIONS, LOSSES
from tfgan.runs.logs import read_table
from tfgan.runs.trained import TrainedRun
from tfgan.serving import model as served_models
from tfgan.serving import publish
from tfgan.settings import evaluation, run

SETTINGS = tuple(
    name
    for name, field in FIELDS.items()
    if field.metadata["group"] in (run.GROUP, evaluation.GROUP)
    and name not in ("seed", "num_steps", "num_threads")
)
"""Fields of Config that `Run` takes by keyword."""


class Samples:
    """Generated examples, and their picture.

    Args:
      examples: float [N, *shape] in [-1, 1].
      kind: draws them.
      columns: of the picture, whose rows are classes; 0: as the kind likes.
    """

    def __init__(self, examples: np.ndarray, kind: Kind, columns: int = 0):
        self.examples, self._kind, self._columns = examples, kind, columns

    def picture(self) -> PIL.Image.Image:
        """Returns all of them in one picture."""
        return self._kind.draw(self.examples, self._columns)

    def save(self, path: str | Path) -> None:
        """Writes the picture, as PNG.

        Raises:
          InputError: the path does not end in .png, or its directory is not there.
          StorageError: the disk refuses.
        """
        path = paths.output("path", str(path))
        if path.suffix != ".png":
            raise checks.InputError(f"{path} must end in .png.")
        files.write(path, self._repr_png_())

    def _repr_png_(self) -> bytes:
        """Returns what a notebook shows."""
        return drawing.png(self.picture())


class Run:
    """A run of one model on one source.

    Args:
      model: trains; a `tfgan.GAN`, or whatever else keeps the protocol of `core.interfaces.Model`.
      source: real examples.
      run_dir: new, empty, or that of this very run, which then resumes; None: a temporary one that
        goes with the object.
      seed: of all that is drawn. The initial weights are the networks' own business.
      settings: fields of `Config` by name (`SETTINGS`), such as checkpoint_every_steps=500. What
        `warm_start` names is read when the training begins.

    Raises:
      InputError: a setting is unknown or out of its bounds; or the model cannot train on the
        source, whose classes are others, or whose batches cannot be packed.
    """

    def __init__(
        self,
        model: Model,
        source: Source,
        run_dir: str | Path | None = None,
        *,
        seed: int = 0,
        **settings: Any,
    ):
        for name in settings:
            checks.one_of("setting", name, SETTINGS)
        settings = {n: str(v) if isinstance(v, Path) else v for n, v in settings.items()}
        self.config = Config(data=source.name, batch_size=source.batch_size, seed=seed, **settings)
        self.model, self.source = model, source.with_seed(seed)
        classes.check(model, self.source)
        interfaces.check_source(model, self.source)
        self.source = classes.checked(model, self.source)
        model.seed = model.training_seed = seed
        if run_dir is None:
            run_dir = files.temporary_folder(owner=self)
        self.path = paths.user_path(str(run_dir))
        self._traced: training.Traced | None = None

    @property
    def step(self) -> int:
        """How many iterations are saved."""
        return self._saved().checkpoint.step if self._has_checkpoint() else 0

    def train(
        self,
        num_steps: int,
        *,
        callbacks: Sequence[training.Callback] = (),
        shows_progress: bool = True,
        allow_different_bits: bool = False,
    ) -> None:
        """Trains up to step `num_steps`, counted from the beginning of the run.

        Args:
          num_steps: where to end; a run that is there already only draws its pictures again.
          callbacks: called between windows; training ends after one that returns True.
          shows_progress: whether to print lines, or a bar on a terminal.
          allow_different_bits: resume though software, machine or data changed.

        Raises:
          InputError: the directory holds another run, or is in use; or of what `warm_start` names
            nothing fits.
          NonFiniteError: a number is not finite; the message says where that began.
          StorageError: the disk refuses; what was saved before is whole.
          KeyboardInterrupt: after Ctrl-C, and after the checkpoint that it leads to.
        """
        config = _with_steps(self.config, num_steps)
        with runtime.graph_compiler(), RunFolder(str(self.path), config, True) as folder:
            config = folder.config
            began = warm_start.begin(self.model, build.parent(config, folder.record))
            made = identity.identify(
                config, self.model, self.source, identity.FROM_CODE, folder.record, began.record
            )
            kind = self.source.kind
            evaluator = while_training.make(config, self.model, self.source)
            evaluated = evaluator.names if evaluator else ()
            folder.start(
                self.model,
                kind,
                made,
                allow_different_bits=allow_different_bits,
                evaluated=evaluated,
            )
            if shows_progress and began.lines:
                print(*began.lines, sep="\n", flush=True)
            if not folder.rollbacks:
                self._traced = self._traced or training.trace(self.model, self.source)
            try:
                training.train(
                    config,
                    self.model,
                    self.source,
                    folder,
                    traced=self._traced,
                    evaluator=evaluator,
                    callbacks=callbacks,
                    shows_progress=shows_progress,
                )
            except Stopped as stop:
                raise KeyboardInterrupt(str(stop)) from stop

    def losses(self) -> dict[str, np.ndarray]:
        """Returns "step" and each loss of all steps so far, float64 [num_steps] by name."""
        return read_table(self.path / LOSSES)

    def sample(
        self, seeds: Iterable[int] = range(64), labels: Iterable[int | str] | None = None
    ) -> Samples:
        """Returns an example for each seed: the one that the export's "sample" gives for it.

        Args:
          seeds: integers of 64 bits.
          labels: classes by name or number, of a model that has some: all seeds of the first, then
            all of the next, a row of the picture for each. None: each seed draws a class too.

        Raises:
          InputError: one is no class.
        """
        self._restore()
        seeds, chosen = list(seeds), cast(list[int | None], [None])
        if labels is not None:
            names = classes.names(self.model, self.source.specs)
            chosen = [*classes.numbers(labels, names)]
        with runtime.graph_compiler():
            examples = served_models.sample(self.model, seeds, chosen)
        columns = len(seeds) if len(chosen) > 1 else 0
        return Samples(examples, self.source.kind, columns)

    def reconstruct(self, number: int = 32) -> Samples:
        """Returns the first real examples, each before what the model makes of it.

        Raises:
          InputError: the model is no autoencoder.
        """
        if not reconstructs(self.model):
            raise checks.InputError(f"{self.model.title} reconstructs nothing: train a tfgan.VAE.")
        self._restore()
        with runtime.graph_compiler():
            real = pictures.first(self.source, number)
            examples, columns = pictures.reconstructions(self.model, real)
        return Samples(examples, self.source.kind, columns)

    def evaluate(
        self,
        held_out: Source | None = None,
        *,
        metrics: Sequence[str] = (),
        extractors: Sequence[str] = (),
        inception: str | Path = "",
        num_samples: int = 0,
        seed: int = 0,
        response_steps: int = game.NUM_STEPS,
        num_weights: int = evidence.NUM_WEIGHTS,
        neighbours: str | Path = "",
    ) -> list[Row]:
        """Measures samples of the newest checkpoint against the real examples, as `tfgan evaluate`.

        Args:
          held_out: real examples that were not trained on: without them no copies are looked for,
            and half of the data stand in the place of samples for the floors.
          metrics: names of `tfgan.metrics.METRICS`, of which (): all that fit; and of a GAN those
            that its discriminator is asked for: value, jensen_shannon, duality_gap; of a VAE elbo
            and log_likelihood.
          extractors: names of `evaluation.extractors.EXTRACTORS`; (): what suits the data.
          inception: the file of that extractor, or "keras".
          num_samples: how many; 0: 10,000, 2,500 points, or half of a smaller set. A VAE explains
            as many real examples, or all of a smaller set.
          seed: of the samples.
          response_steps: of each best response, for duality_gap.
          num_weights: importance weights of an example, for log_likelihood.
          neighbours: a picture (.png) to write: the samples nearest to the training examples, each
            before its nearest.

        Returns:
          The numbers, each with its extractor, its spread and its floor; they are added to
          evaluations.jsonl too.

        Raises:
          InputError: a name is unknown, or a metric cannot be had with these examples.
          StorageError: the disk refuses.
        """
        counts = num_samples, seed, response_steps, num_weights
        picture = nearest.path_of(str(neighbours)) if neighbours else None
        asked = passes.Asked(metrics, extractors, str(inception), *counts, bool(picture))
        asked.check(self.model)
        saved = self._restore()
        reference = Reference(self.source, held_out)
        about = {"subject": str(self.path)} | records.of_data(self.source.name, "", reference)
        if saved is not None:
            about |= {"step": saved.checkpoint.step, "subject_sha256": saved.checkpoint.sha256()}
        with runtime.graph_compiler():
            samples = Generated(self.model, seed)
            found = passes.evaluate(asked, samples, self.model, reference, about)
        if saved is not None:
            records.append(self.path / EVALUATIONS, found.records)
        if picture and found.neighbours:
            nearest.write(picture, found.neighbours, self.source.kind)
        return found.rows

    def export(self, export_dir: str | Path) -> Path:
        """Writes the newest checkpoint as a SavedModel; returns the directory of its version.

        Args:
          export_dir: holds a directory for each version; TensorFlow Serving's base path.

        Raises:
          InputError: nothing was trained; that version is there and of another run; the networks
            hold an operation that may not be served.
          StorageError: the disk refuses.
        """
        saved = self._restore()
        if saved is None:
            raise checks.InputError("nothing is trained yet: call run.train(num_steps=...) first.")
        folder = paths.user_path(str(export_dir))
        with runtime.graph_compiler():
            served = served_models.Served(self.model, self.source.kind)
            publish.export(served, saved.record(), folder)
        return folder / str(saved.checkpoint.step)

    def _has_checkpoint(self) -> bool:
        return bool(files.names(self.path / CHECKPOINTS))

    def _saved(self) -> TrainedRun:
        return TrainedRun(str(self.path))

    def _restore(self) -> TrainedRun | None:
        """Gives the model the state of the newest checkpoint, if there is one; returns the run."""
        if not self._has_checkpoint():
            return None
        saved = self._saved()
        assign(self.model.state(), saved.checkpoint.read())
        return saved


def _with_steps(config: Config, num_steps: int) -> Config:
    return Config(**(config.to_dict() | {"num_steps": num_steps}))
