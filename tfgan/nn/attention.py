"""Self-attention between the places of a feature map."""

from collections.abc import Sequence

import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.nn.layers import Conv2D


class SelfAttention(tf.Module):
    """Each place of a feature map looks at all others: y = gamma o + x.

    o_j = W_v sum_i softmax_i(<W_f x_i, W_g x_j>) W_h x_i over the places i, all W being
    convolutions of 1 x 1, three of them to an eighth of the channels. `gamma` starts at 0: at first
    the layer does nothing.

    Args:
      channels: of the feature map.
      seed: seed of the run.
      name: prefix of the variables `query`, `key`, `value`, `output` and `gamma`, a scalar.
      spectral: divide each kernel by its largest singular value.
      dtype: of the weights.

    Source: Zhang et al., "Self-Attention Generative Adversarial Networks", 2019, section 3.
    """

    def __init__(
        self, channels: int, *, seed: int, name: str, spectral: bool = False, dtype=tf.float32
    ):
        inner = max(1, channels // 8)

        def convolution(what, in_channels, out_channels):
            return Conv2D(
                in_channels,
                out_channels,
                kernel_size=1,
                stride=1,
                seed=seed,
                name=f"{name}/{what}",
                use_bias=False,
                stddev=(2.0 / (in_channels + out_channels)) ** 0.5,
                spectral=spectral,
                dtype=dtype,
            )

        self.query = convolution("query", channels, inner)  # W_g
        self.key = convolution("key", channels, inner)  # W_f
        self.value = convolution("value", channels, inner)  # W_h
        self.output = convolution("output", inner, channels)  # W_v
        self.gamma = tf.Variable(tf.zeros([], dtype), name=f"{name}/gamma")

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Maps [B, H, W, channels] to the same shape."""
        height, width = x.shape[1:3]
        query, key, value = (
            tf.reshape(part, [-1, height * width, part.shape[-1]])
            for part in (self.query(x), self.key(x), self.value(x))
        )  # [B, H W, inner]
        weights = tf.nn.softmax(tf.matmul(query, key, transpose_b=True))  # [B, H W, H W]
        seen = tf.reshape(tf.matmul(weights, value), [-1, height, width, value.shape[-1]])
        return x + tf.cast(self.gamma, x.dtype) * self.output(seen)


def layers(
    attention_size: int, maps: Sequence[tuple[int, int, int]], *, name: str, **options
) -> list[SelfAttention | None]:
    """Makes the self-attention of a network, which has it at one feature map.

    Args:
      attention_size: shorter side of that feature map, the first of this size; 0: there is none.
      maps: height, width and channels of the network's feature maps.
      name: of the network.
      options: of `SelfAttention`.

    Returns:
      For each map its layer, or None.

    Raises:
      InputError: no map has that size.
    """
    sides = [min(height, width) for height, width, _ in maps]
    if attention_size and attention_size not in sides:
        known = ", ".join(str(side) for side in sorted({*sides}))
        raise InputError(
            f"--attention_size={attention_size}, but the shorter sides of the {name}'s feature "
            f"maps are {known}: give one of these, or 0 for no attention."
        )
    made: list[SelfAttention | None] = [None] * len(maps)
    if attention_size:
        i = sides.index(attention_size)
        made[i] = SelfAttention(maps[i][2], name=f"{name}/attention_{i}", **options)
    return made
