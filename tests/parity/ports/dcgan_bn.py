"""Port of dcgan_bn.py: a small DCGAN with moving averages of its own."""

import tensorflow as tf

from tfgan import optimizers

BATCH, MAPS = 32, 8


def make(*shape, value=0.0):
    return tf.Variable(tf.fill(shape, value))


def make_norm(name, size):
    return {
        f"{name}/shift": make(size),
        f"{name}/scale": make(size),
        f"{name}/avg_mean": make(size),
        f"{name}/avg_var": make(size, value=1.0),
    }


MAKER = {
    "maker/from_z/mat": make(16, 64),
    **make_norm("maker/bn_a", 16),
    "maker/up_a/filt": make(3, 3, 8, 16),
    **make_norm("maker/bn_b", 8),
    "maker/up_b/filt": make(3, 3, 1, 8),
    "maker/last/bias": make(1),
}
JUDGE = {
    "judge/down_a/filt": make(3, 3, 1, 8),
    "judge/first/bias": make(8),
    "judge/down_b/filt": make(3, 3, 8, 16),
    **make_norm("judge/bn", 16),
    "judge/to_logit/mat": make(64, 1),
    "judge/last/bias": make(1),
}
VARIABLES = MAKER | JUDGE


def make_adam(variables, number):
    """Returns an optimizer of what is trained, its slots and powers among VARIABLES."""
    weights = {name: v for name, v in variables.items() if "/avg_" not in name}
    adam = optimizers.Adam(weights.values(), learning_rate=0.0002, beta1=0.5)
    for name, variable in adam.state(weights).items():
        VARIABLES[f"{name}{number}" if name in adam.powers() else name] = variable
    return adam


judge_adam, maker_adam = make_adam(JUDGE, ""), make_adam(MAKER, "_1")


def conv(x, name):
    return tf.nn.conv2d(x, VARIABLES[f"{name}/filt"], 2, "SAME")


def upconv(x, name):
    filt, (_, height, width, _) = VARIABLES[f"{name}/filt"], x.shape
    shape = [BATCH, 2 * height, 2 * width, filt.shape[2]]
    return tf.nn.conv2d_transpose(x, filt, shape, 2, "SAME")


def norm(x, name, training=True, remember=True):
    shift, scale, avg_mean, avg_var = (
        VARIABLES[f"{name}/{part}"] for part in ("shift", "scale", "avg_mean", "avg_var")
    )
    held = {} if training else {"mean": avg_mean, "variance": avg_var}
    y, mean, var = tf.compat.v1.nn.fused_batch_norm(
        x, scale, shift, **held, epsilon=1e-4, is_training=training
    )
    if training and remember:
        avg_mean.assign(0.9 * avg_mean + 0.1 * mean)
        avg_var.assign(0.9 * avg_var + 0.1 * var)
    return y


def maker(z, training=True):
    net = tf.reshape(tf.matmul(z, VARIABLES["maker/from_z/mat"]), [BATCH, 2, 2, 2 * MAPS])
    net = upconv(tf.nn.relu(norm(net, "maker/bn_a", training)), "maker/up_a")
    net = upconv(tf.nn.relu(norm(net, "maker/bn_b", training)), "maker/up_b")
    return tf.tanh(net + VARIABLES["maker/last/bias"])


def judge(pics, remember):
    net = tf.nn.leaky_relu(conv(pics, "judge/down_a") + VARIABLES["judge/first/bias"])
    net = tf.nn.leaky_relu(norm(conv(net, "judge/down_b"), "judge/bn", remember=remember))
    net = tf.matmul(tf.reshape(net, [BATCH, -1]), VARIABLES["judge/to_logit/mat"])
    return net + VARIABLES["judge/last/bias"]


def cross_entropy(logits, label):
    labels = tf.fill([BATCH, 1], label)
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_mean(losses)


@tf.function
def judge_op(inputs):
    with tf.GradientTape() as tape:
        real = judge(inputs["pics"], remember=True)
        fake = judge(maker(inputs["z"]), remember=False)
        loss = cross_entropy(real, 1.0) + cross_entropy(fake, 0.0)
    judge_adam.apply(tape.gradient(loss, judge_adam.variables_to_train))
    return {"judge_loss": loss}


@tf.function
def maker_op(inputs):
    judge(inputs["pics"], remember=True)  # for its moving averages
    with tf.GradientTape() as tape:
        loss = cross_entropy(judge(maker(inputs["z"]), remember=False), 1.0)
    maker_adam.apply(tape.gradient(loss, maker_adam.variables_to_train))
    return {"maker_loss": loss}


@tf.function
def fakes_eval(inputs):
    return {"fakes_eval": maker(inputs["z"], training=False)}


CALLS = {"judge_op": judge_op, "maker_op": maker_op, "fakes_eval": fakes_eval}
