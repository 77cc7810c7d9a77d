"""Bugs to plant in the port of endless_gan.py: (name, rule that is right, old text, new text)."""

LOSS = "return -tf.reduce_mean(tf.math.log(real)) - tf.reduce_mean(tf.math.log(1 - fake))"
STEP_G = "@tf.function\ndef learn_g"

BUGS = [
    ("rate", "number", "learning_rate=1.0", "learning_rate=0.5"),
    ("slots_of_momentum", "operation", "learning_rate=1.0", "learning_rate=1.0, momentum=0.9"),
    ("loss_halved", "loss_scale", LOSS, LOSS.replace("return ", "return 0.5 * (") + ")"),
    (
        "mean_of_sum",
        "reduction",
        LOSS,
        "return -tf.reduce_mean(tf.math.log(real) + tf.math.log(1 - fake))",
    ),
    ("bias_add_for_plus", "fused_bias", "hidden @ w2 + b2", "tf.nn.bias_add(hidden @ w2, b2)"),
    (
        "biases_exchanged",
        "wrong_variable",
        "    w1, b1, w2, b2, w3, b3 = D_WEIGHTS",
        "    w1, b2, w2, b1, w3, b3 = D_WEIGHTS",
    ),
    ("not_centred", "operation", "(number - 2.0)", "number"),
    ("centred_elsewhere", "number", "(number - 2.0)", "(number - 3.0)"),
    ("clips_less", "number", "1e-3, 1 - 1e-3", "0.45, 0.55"),
    (
        "noise_of_another_call",
        "another_calls_feed",
        [
            (STEP_G, f"kept = tf.Variable(tf.zeros([64, 1]))\n\n\n{STEP_G}"),
            ("    d_sgd.apply", '    kept.assign(inputs["noise"])\n    d_sgd.apply'),
            (
                'loss = -tf.reduce_mean(tf.math.log(discriminator(generator(inputs["noise"]))))',
                "loss = -tf.reduce_mean(tf.math.log(discriminator(generator(kept))))",
            ),
        ],
    ),
    ("relu_for_softplus", "operation", "tf.nn.softplus", "tf.nn.relu"),
    ("jit_compile", "compiler", STEP_G, "@tf.function(jit_compile=True)\ndef learn_g"),
    (
        "float64",
        "dtype",
        "-tf.reduce_mean(tf.math.log(real))",
        "-tf.cast(tf.reduce_mean(tf.math.log(tf.cast(real, tf.float64))), tf.float32)",
    ),
]
