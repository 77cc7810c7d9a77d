"""Says how many samples of a class an independent classifier reads as that class.

    python -m tools.read_labels --run_dir=runs/cgan

The classifier is that of `tfgan evaluate`: trained on real examples of the run's own data set at
the run's own size, it never sees a sample; how often it is right on real examples that it has not
seen stands beside the result. Exit status 1 where fewer than 98 % are read as they were asked for.
"""

import json

from tfgan.cli import flags
from tfgan.core.checks import InputError

WANTED = 0.98
SAMPLES_OF_CLASS = 200

EXTRA = {
    "run_dir": flags.Flag(str, "", "The run's directory, as --run_dir of tfgan.train."),
    "out": flags.Flag(str, "", "Where to write the result as JSON; empty: nowhere."),
}


def main(run_dir: str, out: str) -> int:
    """Reads samples of each class of a run and prints what was read."""
    if not run_dir:
        raise InputError("name the run: --run_dir=runs/...")
    import numpy as np

    from tfgan import build
    from tfgan.evaluation import classifier, subjects
    from tfgan.runs.trained import TrainedRun

    run = TrainedRun(run_dir)
    if run.config.condition == "none":
        raise InputError(f"{run_dir} was trained without labels: there is nothing to ask for.")
    model = run.model(build.maker(run.config, run.made_by, model=""))
    reader = classifier.load(subjects.reference(run.config).source)

    asked = np.repeat(np.arange(model.num_classes), SAMPLES_OF_CLASS).astype(np.int32)
    inputs = dict(model.inputs(len(asked), "read_labels"))
    _, probabilities = reader(model.sample(inputs | {"labels": asked}).numpy())
    read = probabilities.argmax(1)
    if run.config.condition == "information":
        # InfoGAN's categories are its own: each is named after the class that it mostly shows.
        counts = [
            np.bincount(read[asked == k], minlength=probabilities.shape[1]) for k in set(asked)
        ]
        asked = np.argmax(counts, 1)[asked]
    right = read == asked
    found = {
        "step": run.checkpoint.step,
        "samples": len(asked),
        "read_as_asked": round(float(right.mean()), 4),
        "by_class": {int(k): round(float(right[asked == k].mean()), 4) for k in sorted(set(asked))},
        "classifier": reader.name,
        "classifier_accuracy": round(reader.accuracy, 4),
    }
    print(json.dumps(found))
    if out:
        with open(out, "w", encoding="utf-8") as file:
            json.dump(found, file, indent=1)
    return 0 if right.mean() >= WANTED else 1


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
