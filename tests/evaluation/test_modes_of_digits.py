"""Modes of stacked digits: three readings of a classifier name one of 1,000."""

import numpy as np

from tfgan.data.arrays import Arrays
from tfgan.data.stacked import Stacked
from tfgan.evaluation import classifier, examples, measuring, modes

LABELS = np.arange(200) % 10
IMAGES = np.broadcast_to((LABELS / 5 - 1)[:, None, None, None], [200, 4, 4, 1]).astype(np.float32)
"""Grey images whose grey says the digit."""


class Reader:
    """A classifier that reads it."""

    name = "classifier_of_greys"

    def __call__(self, images):
        digits = np.rint((images.mean((1, 2, 3)) + 1) * 5).astype(int)
        return images.reshape(len(images), -1), np.eye(10)[digits]


def stacked():
    return Stacked(Arrays({"real": IMAGES, "labels": LABELS}, batch_size=50))


def test_the_three_digits_name_the_mode(monkeypatch):
    monkeypatch.setattr(classifier, "load", lambda source: Reader())
    source = stacked()
    batch = source.batch(3)
    sorter = modes.sorter(source)
    found = sorter.sort([batch["real"].numpy()[:20], batch["real"].numpy()[20:]])
    np.testing.assert_array_equal(found.nearest, batch["labels"])
    assert found.num_modes == 1000
    assert found.is_good.all()
    assert sorter.name == "modes_by_classifier_of_greys"


def test_modes_that_no_sample_has_are_missed(monkeypatch):
    monkeypatch.setattr(classifier, "load", lambda source: Reader())
    reference = measuring.Reference(stacked())

    class Even(examples.Real):
        """Only those whose first digit is even."""

        def chunks(self, first, count):
            for batch in self._batches(0, count):
                images = batch["real"].copy()
                digits = np.rint((images[..., 0].mean((1, 2)) + 1) * 5).astype(int) // 2 * 2
                images[..., 0] = (digits / 5 - 1)[:, None, None]
                yield images

    evaluation = measuring.Evaluation(reference, [], (), 8000)
    rows = {row.metric: row for row in evaluation.measure(Even(reference.source))}
    assert rows.keys() == set(modes.OF_CLASSES)
    assert rows["modes_covered"].value == 500
    assert rows["modes_covered"].floor > 990
    # Twice the share of each: log 2, and what chance adds: 499 / (2 * 8000).
    assert abs(rows["reverse_kl"].value - np.log(2) - 499 / 16_000) < 0.01
    assert rows["reverse_kl"].floor < 0.1
