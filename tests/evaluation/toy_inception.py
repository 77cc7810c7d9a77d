"""A small graph with the nodes, the features and the logits of the one that defined the FID."""

import numpy as np
import tensorflow as tf

KERNEL = np.random.default_rng(1).normal(size=[3, 3, 3, 2048]).astype(np.float32)
WEIGHTS = np.random.default_rng(2).normal(scale=0.01, size=[2048, 1008]).astype(np.float32)


def write(
    path,
    side=12,
    kernel=KERNEL,
    weights=WEIGHTS,
    logits="softmax/logits/MatMul",
    between=lambda x: x,
):
    """Writes a graph that reads a file, as the original one decodes a JPEG, and ends as it does.

    The logits are of zeros: they are left behind, and only their weights count.
    """
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        pixels = v1.image.decode_jpeg(v1.read_file("/etc/hostname"), channels=3)
        images = tf.expand_dims(tf.cast(pixels, tf.float32), 0, name="ExpandDims")
        x = tf.raw_ops.ResizeBilinear(images=images, size=[side, side])
        x = between((x - 128.0) * (1.0 / 128.0))
        x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "VALID"))
        tf.nn.avg_pool2d(x, 10, 10, "VALID", name="pool_3")
        features = tf.zeros([1, len(weights)])
        tf.matmul(features, tf.identity(tf.constant(weights)), name=logits)
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return str(path)
