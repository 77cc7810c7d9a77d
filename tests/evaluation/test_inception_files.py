"""Inception from a file: the graph of the original FID, Keras's weights, and what is neither.

The real files cannot be had here: `toy_inception` stands in for the former.
"""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tests.evaluation.toy_inception import KERNEL, WEIGHTS, write
from tests.models import networks
from tfgan.core.checks import InputError
from tfgan.data.arrays import Arrays
from tfgan.evaluation import extractors, inception
from tfgan.models.gan import GAN
from tfgan.run import Run

IMAGES = np.random.default_rng(0).uniform(-1, 1, [6, 12, 12, 3]).astype(np.float32)


def source(channels=3):
    return Arrays({"real": IMAGES[..., :channels]}, batch_size=2)


def expected(images):
    pixels = np.clip(np.rint((images + 1.0) * 127.5), 0, 255)
    scaled = ((pixels - 128.0) / 128.0).astype(np.float32)
    maps = np.maximum(tf.nn.conv2d(scaled, KERNEL, 1, "VALID").numpy(), 0.0)
    features = maps.mean((1, 2))
    logits = np.exp(features @ WEIGHTS)
    return features, logits / logits.sum(1, keepdims=True)


def test_the_graph_of_2015_is_run_on_whole_bytes_in_three_channels(tmp_path):
    path = write(tmp_path / "graph.pb")
    (made,) = extractors.make(["inception"], source(), path)
    assert made.name.startswith(inception.FID_GRAPH)
    for images in (IMAGES, IMAGES[:1]):
        for found, right in zip(made(images), expected(images), strict=True):
            np.testing.assert_allclose(found, right, rtol=1e-5)
    grey = IMAGES[..., :1]
    found, _ = inception.load(source(1), path)(grey)
    np.testing.assert_allclose(found, expected(np.repeat(grey, 3, -1))[0], rtol=1e-5)


def test_what_reads_the_picture_in_that_graph_is_not_imported(tmp_path):
    path = tmp_path / "graph.pb"
    write(path)
    part, weights = inception._checked(path.read_bytes(), path)
    np.testing.assert_array_equal(weights, WEIGHTS)
    assert not {"ReadFile", "DecodeJpeg"} & {node.op for node in part.node}


def test_a_graph_that_does_something_else_is_not_run(tmp_path):
    def written(x):
        with tf.control_dependencies([tf.io.write_file(str(tmp_path / "written"), "hello")]):
            return tf.identity(x)

    path = write(tmp_path / "graph.pb", between=written)
    with pytest.raises(InputError, match="holds the operation WriteFile .* it is not run"):
        inception.load(source(), path)
    assert not (tmp_path / "written").exists()


def said(file, channels=3):
    """Returns the line that ends a command with a file."""
    with pytest.raises(InputError) as error:
        inception.load(source(channels), str(file))
    assert "\n" not in str(error.value)
    return str(error.value)


def test_what_is_no_such_file(tmp_path):
    assert "needs its weights: --inception=classify_image_graph_def.pb" in said("")
    assert "there is no such file" in said(tmp_path / "none.pb")
    (tmp_path / "text.pb").write_text("hello")
    assert "is no frozen TensorFlow graph" in said(tmp_path / "text.pb")
    other = write(tmp_path / "other.pb", logits="logits")
    assert "is not the graph of the original FID: it has no node softmax/logits" in said(other)
    (tmp_path / "text.h5").write_text("hello")
    assert "no weights of Keras's InceptionV3" in said(tmp_path / "text.h5")
    with pytest.raises(InputError, match="needs --extractors=inception"):
        extractors.make(["pixels"], source(), other)


def test_only_a_graph_of_the_shapes_of_the_original_bears_the_name(tmp_path, subtests):
    path = tmp_path / "graph.pb"
    for case, fields, expected in (
        (
            "width",
            dict(kernel=KERNEL[..., :5]),
            "gives float32 (2, 1, 1, 5), not float32 (2, 1, 1",
        ),
        ("maps", dict(side=22), "gives float32 (2, 2, 2, 2048), not float32 (2, 1, 1, 2048)."),
        (
            "features",
            dict(weights=WEIGHTS[:5]),
            "are [5, 1008], not float32 [2048, 1008].",
        ),
        (
            "logits",
            dict(weights=WEIGHTS[:, :7]),
            "are [2048, 7], not float32 [2048, 1008].",
        ),
    ):
        with subtests.test(case):
            line = said(write(path, **fields))
            assert line.startswith(f"{path} is not the graph of the original FID: ")
            assert expected in line


def test_a_graph_that_cannot_be_run_ends_in_a_line(tmp_path, subtests):
    """Whatever TensorFlow finds while it imports or runs it: its errors are of any kind."""

    def other_type(node):
        node.attr["T"].type = tf.float16.as_datatype_enum

    def no_strides(node):
        del node.attr["strides"]

    def no_operation(node):
        node.op = "Concat"

    def other_rank(node):  # of which pool_3 averages what is no image
        node.input[0] = "mul/y"

    path = tmp_path / "graph.pb"
    for change in (other_type, no_strides, no_operation, other_rank):
        with subtests.test(change=change.__name__):
            graph = tf.compat.v1.GraphDef.FromString(Path(write(path)).read_bytes())
            (pooled,) = (node for node in graph.node if node.name == "pool_3")
            change(pooled)
            path.write_bytes(graph.SerializeToString())
            line = said(path)
            assert line.startswith(f"{path} is no graph of the original FID that TensorFlow can ru")


def test_a_graph_that_fails_at_an_example_ends_in_a_line(tmp_path):
    path = write(tmp_path / "graph.pb", between=lambda x: tf.debugging.check_numerics(x, "bad"))
    made = inception.load(source(), path)
    with pytest.raises(InputError, match=r"graph\.pb is no graph .* \(.*bad"):
        made(np.full_like(IMAGES, np.nan))


def test_weights_that_are_damaged_end_in_a_line(tmp_path):
    path = Path(write(tmp_path / "graph.pb"))
    graph = tf.compat.v1.GraphDef.FromString(path.read_bytes())
    for node in graph.node:
        if node.op == "Const" and len(node.attr["value"].tensor.tensor_content) == WEIGHTS.nbytes:
            node.attr["value"].tensor.tensor_content = b"123456"
    path.write_bytes(graph.SerializeToString())
    assert said(path).startswith(f"{path} is damaged: the weights of its logits (")


def test_weights_of_another_network_end_in_a_line_alone(tmp_path, capfd, recwarn):
    """Keras warns of each layer whose weights it does not find."""
    import keras

    path = tmp_path / "other.weights.h5"
    other = keras.applications.MobileNetV2(
        input_shape=(32, 32, 3), alpha=0.35, classes=10, weights=None
    )
    other.save_weights(path)
    recwarn.clear()
    capfd.readouterr()
    assert said(path).startswith(f"{path}: no weights of Keras's InceptionV3 with its top (")
    assert not recwarn.list
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_keras_weights_give_keras_features(tmp_path):
    import keras

    keras.utils.set_random_seed(3)
    network = keras.applications.InceptionV3(weights=None, classifier_activation=None)
    network.save_weights(tmp_path / "inception.weights.h5")
    made = inception.load(source(), str(tmp_path / "inception.weights.h5"))
    assert made.name.startswith("keras_inception_")
    pixels = np.clip(np.rint((IMAGES + 1.0) * 127.5), 0, 255)
    resized = tf.image.resize(pixels, [299, 299]) / 127.5 - 1.0
    pooled = keras.Model(network.input, network.get_layer("avg_pool").output)
    features, probabilities = made(IMAGES)
    np.testing.assert_allclose(features, pooled(resized), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(probabilities, tf.nn.softmax(network(resized)), rtol=1e-4)


def test_a_run_in_python_names_the_file(tmp_path):
    images = np.random.default_rng(0).uniform(-1, 1, [120, 12, 12, 3]).astype(np.float32)
    made = Arrays({"real": images}, batch_size=20)
    gan = GAN(networks.Generator((12, 12, 3)), networks.Discriminator(), latent_size=4)
    run = Run(gan, made, tmp_path / "run")
    options = dict(metrics=["precision"], extractors=["inception"])
    [row] = run.evaluate(inception=write(tmp_path / "graph.pb"), **options)
    assert row.extractor.startswith(inception.FID_GRAPH)
    with pytest.raises(InputError, match="the extractor inception needs its weights"):
        run.evaluate(**options)
