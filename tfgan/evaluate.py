"""Measures how good samples are: those of a run, of an export, or the pictures in a directory.

    python -m tfgan.evaluate --run_dir=runs/mnist --held_out=test
    python -m tfgan.evaluate --run_dir=runs/digits --metrics=precision,recall --step=3000
    python -m tfgan.evaluate --export=exports/mnist --data=mnist --held_out=test
    python -m tfgan.evaluate --images=fakes/ --image_dir=photos/ --image_size=64
    python -m tfgan.evaluate --run_dir=runs/mnist --neighbours=nearest.png
    python -m tfgan.evaluate --run_dir=runs/mnist --metrics=duality_gap,value --held_out=test
    python -m tfgan.evaluate --run_dir=runs/vae --metrics=elbo,log_likelihood --held_out=test

Samples of stated seeds are compared with as many real examples, by the features of each extractor;
beside each number stands its floor: what other real examples have in the place of the samples. Of a
run the numbers are added to RUN/evaluations.jsonl, a line of JSON each. The real examples are those
that the run was trained on, unless --data or --image_dir says others; --held_out names some that it
was not trained on, which also lets copies be found; --neighbours shows the samples that are nearest
to one. What a GAN's discriminator says of them is measured where it is named: value,
jensen_shannon, duality_gap; and how well a VAE explains them: elbo, log_likelihood. Exit status:
0 measured, 2 bad input, 3 a weight is not finite, 74 the disk refused.
"""

import sys

from tfgan.cli import flags
from tfgan.core.checks import InputError

EXTRA = {
    "run_dir": flags.Flag(str, "", "Measure the samples of a run: of its newest good checkpoint."),
    "export": flags.Flag(str, "", "Measure those of an export: of its newest version."),
    "images": flags.Flag(str, "", "Measure the pictures in a directory."),
    "step": flags.Flag(int, None, "Of which checkpoint of the run. Empty: the newest good one."),
    "model": flags.MODEL,
    "data": flags.Flag(str, "", "Real examples: a data set. Empty: what the run was trained on."),
    "split": flags.Flag(str, "", "Its split. Empty: that of the run, or train."),
    "data_dir": flags.Flag(str, "", "Where TFDS keeps data sets. Empty: as the run had it."),
    "image_dir": flags.Flag(str, "", "Real examples: the pictures in a directory."),
    "image_size": flags.Flag(int, 0, "Of them, in pixels. 0: that of the run, or as they are."),
    "binarise": flags.Flag(
        str, "", "Them in black and white: static, dynamic, or none. Empty: as the run had it."
    ),
    "held_out": flags.Flag(
        str, "", "Real examples that were not trained on: a split, such as test, or a directory."
    ),
    "metrics": flags.Flag(str, "", "Which, with commas between them. Empty: all that fit."),
    "extractors": flags.Flag(
        str,
        "",
        "Whose features are compared: pixels, random_filters, classifier (trained here once on "
        "the labels of the data), inception. Empty: what suits the data.",
    ),
    "inception": flags.Flag(
        str,
        "",
        "Weights of the extractor inception: the graph of the original FID (.pb), Keras's (.h5), "
        "or keras, which fetches those.",
    ),
    "num_samples": flags.Flag(
        int, 0, "How many samples. 0: 10000, 2500 points, or half of a smaller set."
    ),
    "seed": flags.Flag(int, 0, "Of the samples."),
    "response_steps": flags.Flag(int, 500, "Of each best response, for duality_gap."),
    "num_weights": flags.Flag(
        int, 5000, "Importance weights of each real example, for elbo and log_likelihood of a VAE."
    ),
    "neighbours": flags.Flag(
        str,
        "",
        "A picture (.png): the samples nearest to the training examples, each before its nearest.",
    ),
    "out": flags.Flag(
        str, "", "A file to which the numbers are added as JSON. Empty: evaluations.jsonl of a run."
    ),
}


def main(
    run_dir: str,
    export: str,
    images: str,
    step: int | None,
    model: str,
    metrics: str,
    extractors: str,
    inception: str,
    held_out: str,
    num_samples: int,
    seed: int,
    response_steps: int,
    num_weights: int,
    neighbours: str,
    out: str,
    **data,
) -> None:
    """Finds samples and real examples, measures, prints a table and appends the numbers."""
    if sum(map(bool, (run_dir, export, images))) != 1:
        raise InputError("name one of --run_dir=..., --export=... and --images=...")
    if images and not (data["data"] or data["image_dir"]):
        raise InputError(
            f"--images={images} is compared with real ones: name them by --data or --image_dir."
        )
    if data["data"] and data["image_dir"]:
        raise InputError("name real examples by --data or by --image_dir, not by both.")
    from tfgan.core import paths
    from tfgan.evaluation import neighbours as nearest
    from tfgan.evaluation import passes, records, subjects, table
    from tfgan.runs.layout import EVALUATIONS

    path = paths.output("out", out) if out else None
    if run_dir and not out:
        path = paths.user_path(run_dir) / EVALUATIONS
    if path:
        records.check(path)
    picture = nearest.path_of(neighbours) if neighbours else None
    subject, config = None, None
    if run_dir:
        subject, config = subjects.of_run(run_dir, step, model, seed)
    elif export:
        subject, config = subjects.of_export(export, model, seed)
    named = _parts(metrics), _parts(extractors)
    counts = num_samples, seed, response_steps, num_weights
    asked = passes.Asked(*named, inception, *counts, bool(picture))
    asked.check(subject.model if subject else None)
    config = subjects.reference_config(config, **data)
    reference = subjects.reference(config, held_out)
    subject = subject or subjects.of_folder(images, reference.source)
    subjects.check_classes(subject, reference)
    split = "all" if config.image_dir else config.split
    about = subject.record() | records.of_data(config.image_dir or config.data, split, reference)
    about["held_out"] = held_out  # as the user names it
    with table.progress() as seen:
        found = passes.evaluate(
            asked,
            subject.examples,
            subject.model,
            reference,
            about,
            lambda: subjects.as_trained(config, held_out, reference),
            seen,
        )
    print(table.table(found.rows, found.about, found.used))
    is_own = not any(data.values())
    notes = [*subjects.notes(subject, reference, is_own), *found.notes]
    if "num_samples" in found.about:
        notes += subjects.notes_on_means(config)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    if path:
        records.append(path, found.records)
        print(f"added to {path}")
    if picture and found.neighbours:
        nearest.write(picture, found.neighbours, reference.source.kind)
        print(f"{picture}: the samples nearest to training examples, by {found.used[0].name}")


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
