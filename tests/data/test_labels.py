"""What is known of classes: their names, their shares, and what cannot be trained on."""

import copy
import pickle

import numpy as np
import pytest
import tensorflow as tf

from tests.models import networks
from tfgan.core.checks import InputError
from tfgan.core.interfaces import LabelSpec, num_classes, takes_labels
from tfgan.data import kinds, labels
from tfgan.data.arrays import Arrays
from tfgan.models.gan import GAN
from tfgan.run import Run

ANIMALS = ("cat", "dog", "0", "a, b")


class Classed:
    """A model that has classes."""

    def __init__(self, number, condition="projection"):
        self.num_classes, self.condition = number, condition


def source(numbers, names=(), batch_size=1, **arrays):
    points = np.linspace(-1, 1, len(numbers), dtype=np.float32)[:, None]
    return Arrays(
        {"real": points, "labels": np.array(numbers), **arrays},
        batch_size=batch_size,
        name="toys",
        class_names=names,
    )


def test_a_spec_says_what_labels_are():
    spec = labels.spec_of_counts([1, 0, 3], ("a", "b", "c"))
    assert (spec.num_classes, spec.class_names, spec.frequencies) == (
        3,
        ("a", "b", "c"),
        (0.25, 0, 0.75),
    )
    assert (spec.shape, spec.dtype, spec.name) == ((), tf.int32, "labels")
    assert labels.spec_of_counts([1, 1]).class_names == ("0", "1")
    for copied in (copy.deepcopy(spec), pickle.loads(pickle.dumps(spec))):
        assert (copied.class_names, copied.frequencies) == (spec.class_names, spec.frequencies)


def test_labels_of_arrays_number_classes_or_mean_something_else():
    spec = source([2, 0, 2, 1]).specs["labels"]
    assert (spec.class_names, spec.frequencies) == (("0", "1", "2"), (0.25, 0.25, 0.5))
    assert source([2, 0, 2, 1], "abcd").specs["labels"].frequencies == (0.25, 0.25, 0.5, 0)
    for others in ([-1, 0], [0, 2], [[0, 1], [1, 0]], [0.0, 1.0]):  # 0, 2: more than examples
        assert not isinstance(source(others).specs["labels"], LabelSpec)
    plain = source([2, 0, 2, 1])
    assert plain.fingerprint != source([2, 0, 2, 1], "abc").fingerprint
    assert source([2, 0, 2, 1], "abc").fingerprint != source([2, 0, 2, 1], "abd").fingerprint
    for odd in ([0, 2], [-1, 0], [0.0, 1.0]):
        with pytest.raises(
            InputError, match='toys has 2 class names, and its "labels" are no whole'
        ):
            source(odd, ("a", "b"))
    with pytest.raises(InputError, match="toys has 1 class names"):
        Arrays({"real": np.zeros([4, 2], np.float32)}, batch_size=1, name="toys", class_names=["a"])


@pytest.mark.parametrize(
    ("numbers", "names", "asked", "message"),
    [
        (
            [0, 1, 2],
            (),
            2,
            "toys has labels from 0 to 2, and the model has the classes 0 to 1: make",
        ),
        ([0, 1, 2], (), 4, "class 3 of toys has no example"),
        ([0, 2, 2], ("cat", "dog", "cow"), 3, r"class 1 \(dog\) of toys has no example: give it"),
        ([0, 0], ("cat",), 1, "toys has one class alone, 'cat': add another"),
        ([-1, -1], (), 2, "toys has the label -1, and the model has the classes 0 to 1"),
        ([5, 5], (), 2, "toys has the label 5, and the model has the classes 0 to 1"),
    ],
)
def test_classes_that_do_not_fit_are_one_line(numbers, names, asked, message):
    with pytest.raises(InputError, match=message) as caught:
        labels.check(Classed(asked), source(numbers, names))
    assert "\n" not in str(caught.value)


def test_classes_that_fit_and_models_that_ask_for_none():
    labels.check(Classed(3), source([0, 1, 2]))
    labels.check(object(), source([0, 0]))
    labels.check(Classed(7, "information"), source([0, 1, 2]))  # its classes are its own
    unlabelled = Arrays({"real": np.zeros([4, 2], np.float32)}, batch_size=1, name="toys")
    labels.check(Classed(7, "information"), unlabelled)
    with pytest.raises(InputError, match="the model has 7 classes, and toys has no labels: give"):
        labels.check(Classed(7), unlabelled)
    assert (num_classes(object()), num_classes(Classed(7))) == (0, 7)
    assert not takes_labels(object())


def test_classes_are_named_by_name_or_by_number():
    assert labels.numbers(["dog", "0", 0, "1", 3, "a, b"], ANIMALS) == [1, 2, 0, 1, 3, 3]
    assert labels.numbers(["2"], ("0", "1", "10", "2")) == [3]  # directories in their order
    for odd in ("4", 4, "-1", -1, "cow", "", "1.0", "٣", "1_0"):
        with pytest.raises(InputError, match="is no class; the classes are 0 to 3: cat, dog, 0, a"):
            labels.numbers([odd], ANIMALS)
    with pytest.raises(InputError, match="this model has no classes: train one with --condition"):
        labels.numbers(["0"], ())


def test_a_number_that_is_the_name_of_another_class_is_that_class():
    assert labels.numbers(["0"], ANIMALS) == [2]
    assert labels.numbers([0], ANIMALS) == [0]


def test_messages_stay_short_and_on_one_line():
    many = [f"class\n\x1b[31m{i}" for i in range(1000)]
    text = labels.described(many)
    assert len(text) <= 300
    assert text.isprintable()
    assert text.startswith("0 to 999: class??[31m0, ")
    assert labels.described(list("0123")) == "0 to 3"


def test_the_names_of_a_model_s_classes():
    specs = source([0, 1], ("cat", "dog")).specs
    assert labels.names(Classed(2), specs) == ("cat", "dog")
    assert labels.names(Classed(2, "information"), specs) == ("0", "1")
    assert labels.names(Classed(3), {}) == ("0", "1", "2")
    assert labels.names(object(), specs) == ()


def test_examples_of_each_class_are_its_first_ones():
    numbers = np.arange(40) % 3
    numbers[numbers == 2] = np.where(np.arange(len(numbers[numbers == 2])) < 2, 2, 0)
    made = source(numbers, batch_size=7)
    batches = [made.batch(tf.constant(k, tf.int64)) for k in range(6)]
    real, drawn = (
        np.concatenate([batch[name] for batch in batches])[:40] for name in ("real", "labels")
    )
    found = labels.examples_by_class(made, (0, 1, 2), 4, 10**6)
    assert list(found) == [0, 1, 2]
    for each, expected in ((0, 4), (1, 4), (2, 2)):
        np.testing.assert_array_equal(found[each], real[drawn == each][:expected])
    few = labels.examples_by_class(made, (0, 1, 2), 4, 7)  # one batch
    assert sum(map(len, few.values())) <= 7
    assert all(len(examples) for examples in few.values())


class Own:
    """A source of one's own, which does not say what its labels are: 7 from the second batch on."""

    name, batch_size, num_examples, fingerprint = "mine", 8, None, "mine"
    kind = kinds.of_shape((8, 8, 1))
    specs = {
        "real": tf.TensorSpec([8, 8, 1], tf.float32),
        "labels": tf.TensorSpec([], tf.int32),
    }

    def __init__(self, beyond=7):
        self.beyond = beyond

    def batch(self, step):
        labels = tf.fill([8], tf.where(step > 0, self.beyond, 2))
        return {"real": tf.zeros([8, 8, 8, 1]), "labels": labels}

    def with_seed(self, seed):
        return Own(self.beyond)


@pytest.mark.parametrize("beyond", [2, 7, -1])
def test_a_label_that_is_no_class_is_seen_in_whatever_batch(beyond, tmp_path):
    players = networks.LabelledGenerator((8, 8, 1), 3), networks.LabelledDiscriminator(3)
    model = GAN(*players, latent_size=4, num_classes=3)
    run = Run(model, Own(beyond), tmp_path / "run", log_every_steps=1)
    if beyond == 2:
        run.train(3, shows_progress=False)
        return
    with pytest.raises(InputError) as refused:
        run.train(3, shows_progress=False)
    assert str(refused.value) == (
        "mine has another label in some batch, and the model has the classes 0 to 2: make the "
        "model with as many classes as the data, or correct the labels."
    )
