"""Says how many samples of a class an independent classifier reads as that class.

    python -m tools.read_labels --run_dir=runs/cgan

The classifier is trained here, on the real examples of the run's own data set at the run's own
size, and never sees a sample; its accuracy on real examples that it has not seen stands beside
the result. Exit status 1 where fewer than 98 % are read as they were asked for.
"""

import dataclasses
import json

from tfgan.cli import flags
from tfgan.core.checks import InputError

WANTED = 0.98
SAMPLES_OF_CLASS = 200
EPOCHS, BATCH_SIZE = 4, 128

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
    from tfgan.runs.trained import TrainedRun

    run = TrainedRun(run_dir)
    if run.config.condition == "none":
        raise InputError(f"{run_dir} was trained without labels: there is nothing to ask for.")
    model = run.model(build.maker(run.config, run.made_by, model=""))
    (images, labels), (unseen, unseen_labels) = _real(run.config)
    classifier = _trained(images, labels)
    accuracy = float(np.mean(_read(classifier, unseen) == unseen_labels))

    asked = np.repeat(np.arange(model.num_classes), SAMPLES_OF_CLASS).astype(np.int32)
    inputs = dict(model.inputs(len(asked), "read_labels"))
    samples = model.sample(inputs | {"labels": asked}).numpy()
    read = _read(classifier, samples)
    if run.config.condition == "information":
        # InfoGAN's categories are its own: each is named after the class that it mostly shows.
        counts = np.array([np.bincount(read[asked == k], minlength=10) for k in set(asked)])
        asked = counts.argmax(1)[asked]
    right = read == asked
    by_class = {int(k): round(float(right[asked == k].mean()), 4) for k in sorted(set(asked))}
    found = {
        "step": run.checkpoint.step,
        "samples": len(asked),
        "read_as_asked": round(float(right.mean()), 4),
        "by_class": by_class,
        "classifier_accuracy": round(accuracy, 4),
        "classifier_unseen": len(unseen),
    }
    print(json.dumps(found))
    if out:
        with open(out, "w", encoding="utf-8") as file:
            json.dump(found, file, indent=1)
    return 0 if right.mean() >= WANTED else 1


def _real(config):
    """Returns (images, labels) to learn from, and others that the classifier never sees."""
    import numpy as np
    import tensorflow as tf

    from tfgan import build

    def examples(split, count=None):
        labelled = dataclasses.replace(
            config, condition="auxiliary", split=split, batch_size=100, mirror=False, pack=1
        )
        source = build.build_source(labelled)
        steps = (count or source.num_examples) // source.batch_size
        batches = [source.batch(tf.constant(step, tf.int64)) for step in range(steps)]
        return tuple(
            np.concatenate([b[name].numpy() for b in batches]) for name in ("real", "labels")
        )

    if config.data == "digits":  # it has one split: every fifth example is kept back
        images, labels = examples("train")
        kept = np.arange(len(labels)) % 5 == 0
        return (images[~kept], labels[~kept]), (images[kept], labels[kept])
    return examples("train"), examples("test")


def _trained(images, labels):
    """Returns a small convolutional classifier, a pure function of its examples."""
    import keras

    keras.utils.set_random_seed(0)
    size, layers = images.shape[1], keras.layers
    blocks = [layers.Conv2D(32, 3, padding="same", activation="relu")]
    while size > 7:
        blocks += [
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
        ]
        size //= 2
    classifier = keras.Sequential(
        [
            *blocks,
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(int(labels.max()) + 1),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.compile(keras.optimizers.Adam(1e-3), loss)
    epochs = max(EPOCHS, 100_000 // len(labels))
    classifier.fit(images, labels, BATCH_SIZE, epochs=min(epochs, 40), verbose=0)
    return classifier


def _read(classifier, images):
    return classifier.predict(images, 500, verbose=0).argmax(1)


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
