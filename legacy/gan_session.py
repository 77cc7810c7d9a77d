"""The document's TF1 snippet, made to run: `python -m legacy.gan_session --flagfile=legacy/document.flags`.

How to read this file: every line between `# [document]` and `# [ours]` stands in the document as it
stands here, but for its indentation and the two marked `# document:`, which show the original. Its names,
order and arithmetic are kept. All else fills in what the document leaves out.

It runs in a graph of its own and never turns eager execution off, so that a TF2 program can import it. It
imports nothing from tfgan, and tfgan imports nothing from here.

How the snippet is completed: its `discriminator` returns `prob_real`, but its losses want logits. Here
`prob_real` is the sigmoid of a logit, and `discriminating_x` is that logit. `--literal_probabilities`
takes the snippet at its word and feeds the probabilities as if they were logits: then d_loss cannot leave
[1.0064, 2.0064] nor g_loss [0.3133, 0.6931].
"""

import collections
import dataclasses
import os
import sys

import numpy as np
import tensorflow.compat.v1 as tf
from absl import app, flags

Iteration = collections.namedtuple("Iteration", "sess g_loss d_loss")


@dataclasses.dataclass(frozen=True)
class Options:
    """What the document leaves open, and its two other losses."""

    network: str = "mlp"  # mlp or dcgan
    x_shape: tuple = (8, 8, 1)  # one example; (2,) for points
    z_dim: int = 64
    batch_size: int = 64
    num_iterations: int = 1000
    loss: str = "non_saturating"  # the snippet's; minimax: section 4's V; wasserstein: Q2
    weight_clip: float = 0.0  # wasserstein: D's weights are clipped to [-c, c] after its step
    hidden_size: int = 256
    hidden_layers: int = 2
    base_channels: int = 64
    batch_norm: bool = False
    adam: tuple = ()  # (name, value) pairs; empty: AdamOptimizer(), as in the document
    literal_probabilities: bool = False
    seed: int = 0
    checkpoint: str = (
        ""  # v1 Saver prefix: weights before training at -0, after it at -num_iterations
    )


def dense(x, out_size, name, initializer):
    """x W + b."""
    with tf.variable_scope(name):
        kernel = tf.get_variable("kernel", [x.shape[1], out_size], initializer=initializer)
        bias = tf.get_variable("bias", [out_size], initializer=tf.zeros_initializer())
    return tf.nn.bias_add(tf.matmul(x, kernel), bias)


def convolution(x, out_channels, name, transpose=False, use_bias=True):
    """5 x 5, stride 2: halves height and width, or doubles them if transposed."""
    in_channels = x.shape[3]
    channels = [out_channels, in_channels] if transpose else [in_channels, out_channels]
    with tf.variable_scope(name):
        kernel = tf.get_variable(
            "kernel", [5, 5, *channels], initializer=tf.random_normal_initializer(stddev=0.02)
        )
        if transpose:
            size = [tf.shape(x)[0], 2 * x.shape[1], 2 * x.shape[2], out_channels]
            x = tf.nn.conv2d_transpose(x, kernel, tf.stack(size), 2, "SAME")
        else:
            x = tf.nn.conv2d(x, kernel, 2, "SAME")
        if use_bias:
            bias = tf.get_variable("bias", [out_channels], initializer=tf.zeros_initializer())
            x = x + bias
    return x


def batch_norm(x, name):
    """Normalises by the batch; leaves the update of its moving statistics in UPDATE_OPS."""
    channels = [x.shape[3]]
    ones, zeros = tf.ones_initializer(), tf.zeros_initializer()
    with tf.variable_scope(name):
        scale = tf.get_variable("scale", channels, initializer=ones)
        offset = tf.get_variable("offset", channels, initializer=zeros)
        mean = tf.get_variable("moving_mean", channels, initializer=zeros, trainable=False)
        variance = tf.get_variable("moving_variance", channels, initializer=ones, trainable=False)
    x, batch_mean, batch_variance = tf.nn.fused_batch_norm(x, scale, offset, epsilon=1e-3)
    # A second pass of one network moves the statistics after the first one has.
    scope = tf.get_variable_scope().name
    earlier = [
        op for op in tf.get_collection(tf.GraphKeys.UPDATE_OPS, scope) if op.name.endswith(name)
    ]
    with tf.control_dependencies(earlier):
        momentum = 0.9
        updates = [
            mean.assign_sub((mean.read_value() - batch_mean) * (1.0 - momentum), read_value=False),
            variance.assign_sub(
                (variance.read_value() - batch_variance) * (1.0 - momentum), read_value=False
            ),
        ]
    with tf.control_dependencies(updates):
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.no_op(f"moved_{name}"))
    return x


def mlp_generator(z, options):
    """ReLU layers; tanh at the end."""
    x = z
    for i in range(options.hidden_layers):
        x = tf.nn.relu(dense(x, options.hidden_size, f"dense_{i}", tf.glorot_uniform_initializer()))
    size = int(np.prod(options.x_shape))
    x = dense(x, size, f"dense_{options.hidden_layers}", tf.glorot_uniform_initializer())
    return tf.reshape(tf.tanh(x), [-1, *options.x_shape])


def mlp_discriminator(x, options):
    """ReLU layers; one logit an example."""
    x = tf.reshape(x, [-1, int(np.prod(options.x_shape))])
    for i in range(options.hidden_layers):
        x = tf.nn.relu(dense(x, options.hidden_size, f"dense_{i}", tf.glorot_uniform_initializer()))
    return dense(x, 1, f"dense_{options.hidden_layers}", tf.glorot_uniform_initializer())


def dcgan_channels(options):
    """Channels of the hidden feature maps, from the largest map to the 4 x 4 one."""
    halvings = options.x_shape[0].bit_length() - 3
    return [options.base_channels * 2**i for i in range(halvings)]


def dcgan_generator(z, options):
    """Dense to 4 x 4, then transposed convolutions up to the image; tanh at the end."""
    channels = dcgan_channels(options)[::-1]
    x = dense(z, 16 * channels[0], "dense_0", tf.random_normal_initializer(stddev=0.02))
    x = tf.reshape(x, [-1, 4, 4, channels[0]])
    for i, out_channels in enumerate([*channels[1:], options.x_shape[2]]):
        if options.batch_norm:
            x = batch_norm(x, f"batch_norm_{i}")
        last = i == len(channels) - 1
        use_bias = last or not options.batch_norm
        x = convolution(
            tf.nn.relu(x), out_channels, f"conv_transpose_{i}", transpose=True, use_bias=use_bias
        )
    return tf.tanh(x)


def dcgan_discriminator(x, options):
    """Convolutions down to 4 x 4; one logit an example."""
    for i, out_channels in enumerate(dcgan_channels(options)):
        use_bias = i == 0 or not options.batch_norm
        x = convolution(x, out_channels, f"conv_{i}", use_bias=use_bias)
        if options.batch_norm and i > 0:
            x = batch_norm(x, f"batch_norm_{i}")
        x = tf.nn.leaky_relu(x)
    x = tf.reshape(x, [-1, int(np.prod(x.shape[1:]))])
    return dense(x, 1, "dense_0", tf.random_normal_initializer(stddev=0.02))


def gan_session(options, data_loader, np=np):
    """Trains by the document's session loop and yields an `Iteration` after each of its iterations.

    Args:
      options: an `Options`.
      data_loader: iterator of batches, float [batch_size, *x_shape] in [-1, 1].
      np: where the loop's `np.random.uniform` comes from; a comparison hands in recorded latents.

    Yields:
      The open session and the losses of the iteration; first the session alone, before any training.
    """
    z_dim, batch_size = options.z_dim, options.batch_size
    num_iterations = options.num_iterations
    networks = {
        "mlp": (mlp_generator, mlp_discriminator),
        "dcgan": (dcgan_generator, dcgan_discriminator),
    }
    make_generator, make_discriminator = networks[options.network]

    with tf.Graph().as_default():
        tf.set_random_seed(options.seed)

        # [document]
        # 定义生成器和判别器
        def generator(z):
            # [ours]
            with tf.variable_scope("generator", reuse=tf.AUTO_REUSE, use_resource=True):
                x_hat = make_generator(z, options)
            # [document]
            return x_hat

        def discriminator(x):
            # [ours]
            with tf.variable_scope("discriminator", reuse=tf.AUTO_REUSE, use_resource=True):
                prob_real = tf.sigmoid(make_discriminator(x, options))
            # [document]
            return prob_real

        # 创建输入占位符
        z_placeholder = tf.placeholder(tf.float32, shape=[None, z_dim])
        # document: x_placeholder = tf.placeholder(tf.float32, shape=[None, img_size, img_size, 3])
        x_placeholder = tf.placeholder(tf.float32, shape=[None, *options.x_shape])
        # [ours]
        x_hat = generator(z_placeholder)
        g_updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
        prob_real, prob_fake = discriminator(x_placeholder), discriminator(x_hat)
        d_updates = [op for op in tf.get_collection(tf.GraphKeys.UPDATE_OPS) if op not in g_updates]
        if options.literal_probabilities:
            discriminating_x, discriminating_x_hat = prob_real, prob_fake
        else:  # the logits: what went into the sigmoids
            discriminating_x, discriminating_x_hat = prob_real.op.inputs[0], prob_fake.op.inputs[0]
        d_vars = tf.trainable_variables("discriminator")
        g_vars = tf.trainable_variables("generator")
        adam = dict(options.adam)

        # fmt: off
        # [document]
        # 训练损失
        d_loss = tf.reduce_mean(
            tf.nn.sigmoid_cross_entropy_with_logits(logits=discriminating_x, labels=tf.ones_like(discriminating_x))
            + tf.nn.sigmoid_cross_entropy_with_logits(logits=discriminating_x_hat, labels=tf.zeros_like(discriminating_x_hat)))
        g_loss = tf.reduce_mean(
            tf.nn.sigmoid_cross_entropy_with_logits(logits=discriminating_x_hat, labels=tf.ones_like(discriminating_x_hat)))
        # [ours]
        # fmt: on
        if options.loss == "minimax":  # section 4: the generator minimises its share of V
            g_loss = tf.reduce_mean(
                -tf.nn.sigmoid_cross_entropy_with_logits(
                    logits=discriminating_x_hat, labels=tf.zeros_like(discriminating_x_hat)
                )
            )
        elif options.loss == "wasserstein":  # Q2
            d_loss = tf.reduce_mean(discriminating_x_hat - discriminating_x)
            g_loss = tf.reduce_mean(-discriminating_x_hat)

        # The moving statistics of a player move in its own step; then weights; then the clip.
        with tf.control_dependencies(d_updates):
            # [document]
            # 优化器
            # document: optimizer_d = tf.train.AdamOptimizer().minimize(d_loss, var_list=d_vars)
            optimizer_d = tf.train.AdamOptimizer(**adam).minimize(d_loss, var_list=d_vars)
            # [ours]
        with tf.control_dependencies(g_updates):
            # [document]
            # document: optimizer_g = tf.train.AdamOptimizer().minimize(g_loss, var_list=g_vars)
            optimizer_g = tf.train.AdamOptimizer(**adam).minimize(g_loss, var_list=g_vars)
            # [ours]
        if options.weight_clip:
            c = options.weight_clip
            with tf.control_dependencies([optimizer_d]):
                clipped = [tf.clip_by_value(v.read_value(), -c, c) for v in d_vars]
                optimizer_d = tf.group(
                    [v.assign(w, read_value=False) for v, w in zip(d_vars, clipped, strict=True)]
                )
        saver = tf.train.Saver()

        # [document]
        # 初始化 TensorFlow
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            # [ours]
            if options.checkpoint:
                saver.save(sess, options.checkpoint, global_step=0)
            yield Iteration(sess, None, None)
            # [document]
            for _ in range(num_iterations):
                # 生成器训练步
                z_batch = np.random.uniform(-1, 1, size=(batch_size, z_dim))
                g_loss_, _ = sess.run([g_loss, optimizer_g], feed_dict={z_placeholder: z_batch})

                # 判别器训练步
                x_batch = next(data_loader)
                # fmt: off
                d_loss_, _ = sess.run([d_loss, optimizer_d], feed_dict={x_placeholder: x_batch, z_placeholder: z_batch})
                # fmt: on
                # [ours]
                yield Iteration(sess, g_loss_, d_loss_)
            if options.checkpoint:
                saver.save(sess, options.checkpoint, global_step=num_iterations)


def digits_loader(batch_size, seed):
    """scikit-learn's 1,797 digits, [B, 8, 8, 1] in [-1, 1], each epoch in another order."""
    from sklearn.datasets import load_digits

    images = load_digits().images.astype(np.float32)[..., None] / 8 - 1
    order = np.random.RandomState(seed)
    while True:
        indices = order.permutation(len(images))
        for start in range(0, len(images) - batch_size + 1, batch_size):
            yield images[indices[start : start + batch_size]]


def ring_loader(batch_size, seed):
    """Eight Gaussians on a circle of radius 0.8, [B, 2]."""
    draw = np.random.RandomState(seed)
    while True:
        angle = 2 * np.pi * draw.randint(8, size=batch_size) / 8
        centre = 0.8 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        yield centre + 0.008 * draw.normal(size=(batch_size, 2))


LOADERS = {"digits": (digits_loader, (8, 8, 1)), "ring": (ring_loader, (2,))}


def main(argv):
    """Trains from flags and prints one line per iteration."""
    del argv
    values = flags.FLAGS.flag_values_dict()
    loader, x_shape = LOADERS[values["data"]]
    names = {field.name for field in dataclasses.fields(Options)}
    options = Options(**{k: v for k, v in values.items() if k in names}, x_shape=x_shape)
    problem = _problem(options)
    if problem:
        sys.exit(f"error: {problem}")
    if options.checkpoint:
        os.makedirs(os.path.dirname(os.path.abspath(options.checkpoint)), exist_ok=True)
    np.random.seed(options.seed)
    run = gan_session(options, loader(options.batch_size, options.seed))
    next(run)
    for iteration, (_, g_loss, d_loss) in enumerate(run, 1):
        print(f"{iteration} g_loss {g_loss:.6f} d_loss {d_loss:.6f}", flush=True)


def _problem(options):
    """Returns what is wrong with the options, or None."""
    if options.network == "dcgan" and len(options.x_shape) != 3:
        return "--network=dcgan needs images: use --data=digits, or --network=mlp."
    if options.literal_probabilities and options.loss == "wasserstein":
        return "--literal_probabilities is about the cross entropies: not with --loss=wasserstein."
    if options.batch_size > 1797 and options.x_shape != (2,):
        return f"--batch_size={options.batch_size} is larger than the set of 1797 digits."
    return None


def _define_flags():
    default = Options()
    flags.DEFINE_enum("data", "digits", sorted(LOADERS), "Real examples.")
    flags.DEFINE_enum("network", default.network, ["mlp", "dcgan"], "Both players.")
    flags.DEFINE_enum("loss", default.loss, ["non_saturating", "minimax", "wasserstein"], "Losses.")
    flags.DEFINE_bool("batch_norm", default.batch_norm, "dcgan: normalise over the batch.")
    flags.DEFINE_bool("literal_probabilities", False, "Feed probabilities as logits, literally.")
    flags.DEFINE_float("weight_clip", default.weight_clip, "Clip D's weights; 0: never.", 0.0)
    for name in [
        "z_dim",
        "batch_size",
        "num_iterations",
        "hidden_size",
        "hidden_layers",
        "base_channels",
    ]:
        flags.DEFINE_integer(name, getattr(default, name), "As in Options.", 1)
    flags.DEFINE_integer("seed", default.seed, "Seed of weights, latents and batches.", 0)
    flags.DEFINE_string("checkpoint", "", "Prefix of the v1 Saver checkpoints; empty: none.")


if __name__ == "__main__":
    _define_flags()
    app.run(main)
