"""Networks as users write them: unnamed variables, lists, a Keras model, a lazy first call."""

import math

import tensorflow as tf

from tfgan.core.interfaces import Judgement


class Layer(tf.Module):
    """Its variables have no name of their own."""

    def __init__(self, in_size, out_size, seed):
        draw = tf.random.stateless_normal([in_size, out_size], [seed, in_size])
        self.w = tf.Variable(draw * in_size**-0.5)
        self.b = tf.Variable(tf.zeros([out_size]))

    def __call__(self, x):
        return tf.matmul(x, self.w) + self.b


class Generator(tf.Module):
    def __init__(self, shape, latent_size=4, width=16, seed=1):
        self.shape = tuple(shape)
        size = math.prod(self.shape)
        self.layers = [Layer(latent_size, width, seed), Layer(width, size, seed + 1)]

    def __call__(self, latents):
        hidden = tf.nn.elu(self.layers[0](latents))
        return tf.reshape(tf.tanh(self.layers[1](hidden)), [-1, *self.shape])


class Discriminator(tf.Module):
    """Counts its training passes in a variable, and makes its variables at the first call."""

    def __init__(self, width=16, seed=3):
        self.width, self.seed = width, seed
        self.layers = {}
        self.passes = tf.Variable(0, trainable=False)

    def __call__(self, x, training=False):
        x = tf.reshape(x, [tf.shape(x)[0], math.prod(x.shape[1:])])
        if not self.layers:
            first = Layer(x.shape[1], self.width, self.seed)
            self.layers = {"first": first, "last": Layer(self.width, 1, self.seed + 1)}
        if training:
            self.passes.assign_add(1)
        return self.layers["last"](tf.nn.leaky_relu(self.layers["first"](x)))  # [B, 1]


class Rewritable(Generator):
    """Made of what a graph rewriter would replace, and round differently."""

    def __call__(self, latents):
        hidden = tf.nn.elu(self.layers[0](latents))
        hidden = hidden * tf.sigmoid(hidden) / 3.0 + hidden + 0.1 + hidden
        hidden = hidden * (1.0 / tf.sqrt(tf.square(hidden) + 0.7)) + (hidden * hidden + 1.0) ** -0.5
        hidden = tf.matmul(hidden, tf.transpose(self.layers[1].w), transpose_b=True)
        hidden = tf.nn.relu6(hidden + self.layers[1].b + 3.0) / 6.0
        return tf.reshape(2.0 * hidden - 1.0, [-1, *self.shape])


class LabelledGenerator(Generator):
    def __init__(self, shape, num_classes, latent_size=4):
        super().__init__(shape, latent_size + num_classes)
        self.num_classes = num_classes

    def __call__(self, latents, labels):
        return super().__call__(tf.concat([latents, tf.one_hot(labels, self.num_classes)], 1))


class LabelledDiscriminator(Discriminator):
    def __init__(self, num_classes):
        super().__init__()
        self.num_classes = num_classes

    def __call__(self, x, labels, training=False):
        x = tf.reshape(x, [tf.shape(x)[0], math.prod(x.shape[1:])])
        return super().__call__(
            tf.concat([x, tf.one_hot(labels, self.num_classes)], 1), training=training
        )


class Judge(Discriminator):
    """Says the class and the codes from heads of its own; takes no labels."""

    def __init__(self, num_classes, num_codes=0, size=64):
        super().__init__()
        self.head = Layer(size, num_classes, 7) if num_classes else None
        self.codes = Layer(size, num_codes, 8) if num_codes else None

    def __call__(self, x, training=False):
        flat = tf.reshape(x, [-1, math.prod(x.shape[1:])])
        return Judgement(
            super().__call__(x, training),
            None if self.head is None else self.head(flat),
            None if self.codes is None else self.codes(flat),
        )


def keras_players(shape, latent_size=4):
    """Two Keras models, with batch normalisation and dropout, whose names Keras numbers."""
    import keras

    keras.utils.set_random_seed(5)
    size = math.prod(shape)
    generator = keras.Sequential(
        [
            keras.layers.Dense(16, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(size, activation="tanh"),
            keras.layers.Reshape(shape),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.layers.Flatten(),
            keras.layers.Dense(16),
            keras.layers.LeakyReLU(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1),
        ]
    )
    return generator, discriminator


def make(config, specs):
    """Is what `--model` names: a GAN of one's own networks."""
    from tfgan.models.gan import GAN

    return GAN(Generator(specs["real"].shape), Discriminator(), latent_size=4, seed=config.seed)


def make_labelled(config, specs):
    """The same for data with labels."""
    from tfgan.models.gan import GAN

    shape, spec = specs["real"].shape, specs["labels"]
    players = (
        LabelledGenerator(shape, spec.num_classes),
        LabelledDiscriminator(spec.num_classes),
    )
    return GAN(
        *players,
        latent_size=4,
        num_classes=spec.num_classes,
        label_frequencies=spec.frequencies,
        seed=config.seed,
    )
