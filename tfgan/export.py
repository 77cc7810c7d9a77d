"""Exports a run for TensorFlow Serving.

    python -m tfgan.export --run_dir=runs/digits                                # to exports/digits
    python -m tfgan.export --run_dir=runs/digits --export_dir=/models/digits    # elsewhere
    python -m tfgan.export --run_dir=runs/digits --step=5000    # not of the newest checkpoint

Writes the newest good checkpoint as version EXPORT_DIR/<step>, in one rename: a server that
watches the directory sees all of it or nothing. The run may be training meanwhile; its data are not
needed. Exit status: 0 exported, or there already; 2 bad input; 3 a weight is not finite; 74 the
disk refused.
"""

from tfgan.cli import flags

EXTRA = {
    "run_dir": flags.Flag(str, "", "The run's directory, as --run_dir of tfgan.train."),
    "export_dir": flags.Flag(str, "", "Holds the versions. Empty: exports/<name of the run_dir>."),
    "step": flags.Flag(int, None, "Of which checkpoint of the run. Empty: the newest good one."),
    "model": flags.MODEL,
}


def main(run_dir: str, export_dir: str, model: str, step: int | None = None) -> None:
    """Reads the run, and writes the version of a checkpoint."""
    from tfgan import build
    from tfgan.core import paths
    from tfgan.core.checks import InputError
    from tfgan.runs.trained import TrainedRun
    from tfgan.serving import publish
    from tfgan.serving.model import Served

    if not run_dir:
        raise InputError("name the run: --run_dir=runs/...")
    run = TrainedRun(run_dir, step)
    folder = paths.user_path(export_dir or f"exports/{run.path.resolve().name}")
    served = Served(run.model(build.maker(run.config, run.made_by, model)), run.kind)
    path = publish.export(served, run.record(), folder)
    if path is None:
        print(f"{folder / str(run.checkpoint.step)} is there already, of this very checkpoint.")
    else:
        print(f"{path}: {', '.join(sorted(served.signatures))}")


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
