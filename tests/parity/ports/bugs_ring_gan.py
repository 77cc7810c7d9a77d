"""Bugs to plant in the port of ring_gan.py, and the rule that has to name each.

(name, rule, old text, new text) or (name, rule, [(old, new), ...]). The rules were made on these
and on their like; those of bugs_tf_data_gan.py they had not seen.
"""

_STEP = "    D_solver_optimizer.apply(tape.gradient(loss, weights))\n"
_D_LOSS = (
    "        loss = tf.reduce_mean(bce(real, tf.ones_like(real)))\n"
    "        loss += tf.reduce_mean(bce(fake, tf.zeros_like(fake)))\n"
)
_G_LOSS = "        loss = tf.reduce_mean(bce(fake, tf.ones_like(fake)))\n    weights = G"
_HIDDEN = 'h = tf.nn.relu(tf.matmul(x, V["Variable_4"]) + V["Variable_5"])'
_WITHOUT_5 = [
    ('"Variable_4", "Variable_5", "Variable_6"', '"Variable_4", "Variable_6"'),
]
_D_ADAM = "[VARIABLES[name] for name in D_SOLVER],\n    learning_rate=0.001,\n    beta1=0.5,\n"
_G_ADAM = "[VARIABLES[name] for name in G_SOLVER],\n    learning_rate=0.001,\n    beta1=0.5,\n"

BUGS = [
    ("learning rate", "number", _D_ADAM, _D_ADAM.replace("0.001", "0.0011")),
    ("beta1", "number", _G_ADAM, _G_ADAM.replace("0.5", "0.9")),
    ("epsilon", "number", "epsilon=1e-08", "epsilon=1e-07"),
    (
        "Keras' Adam",
        "keras_adam",
        [
            ("V = VARIABLES\n", "V = VARIABLES\nKERAS = tf.keras.optimizers.Adam(0.001, 0.5)\n"),
            ("\n\ndef bce", "\n\nKERAS.build(D_solver_optimizer.variables_to_train)\n\n\ndef bce"),
            (
                _STEP,
                "    KERAS.apply_gradients(zip(tape.gradient(loss, weights), weights))\n",
            ),
        ],
    ),
    ("loss halved", "loss_scale", _D_LOSS, f"{_D_LOSS}        loss *= 0.5\n"),
    ("loss of the other sign", "loss_scale", _G_LOSS, _G_LOSS.replace("= tf", "= -tf")),
    (
        "mean of the sum",
        "reduction",
        _D_LOSS,
        "        loss = tf.reduce_mean(\n"
        "            bce(real, tf.ones_like(real)) + bce(fake, tf.zeros_like(fake))\n"
        "        )\n",
    ),
    (
        "missing bias",
        "missing_bias",
        [*_WITHOUT_5, (_HIDDEN, 'h = tf.nn.relu(tf.matmul(x, V["Variable_4"]))')],
    ),
    (
        "fused bias",
        "fused_bias",
        _HIDDEN,
        'h = tf.nn.relu(tf.nn.bias_add(tf.matmul(x, V["Variable_4"]), V["Variable_5"]))',
    ),
    (
        "shared latents",
        "another_calls_feed",
        [
            ("V = VARIABLES\n", "V = VARIABLES\nKEPT = {}\n"),
            ("@tf.function\ndef D_solver", "def D_solver"),
            ("@tf.function\ndef G_solver", "def G_solver"),
            ('    X = inputs["X"]', '    KEPT["Z"] = inputs["Z"]\n    X = inputs["X"]'),
            ("        fake = discriminator(generator(Z))\n", "        fake = look(KEPT)\n"),
            (
                "\n\n# In this order",
                '\n\ndef look(kept):\n    return discriminator(generator(kept["Z"]))\n'
                "\n\n# In this order",
            ),
        ],
    ),
    ("a feed of the other sign", "scaled_input", 'Z = inputs["Z"]', 'Z = -inputs["Z"]'),
    (
        "loss after the step",
        "update_order",
        _STEP,
        f"{_STEP}    loss = tf.reduce_mean(bce(discriminator(X), tf.ones_like(real)))\n"
        "    loss += tf.reduce_mean(bce(discriminator(generator(Z)), tf.zeros_like(fake)))\n",
    ),
    ("a weight forgotten", "moved", _WITHOUT_5),
    (
        "another variable of its shape",
        "wrong_variable",
        [
            ("discriminator(X), discriminator(generator(Z))", "discriminator(X), look(Z)"),
            (
                "\n\n# In this order",
                "\n\ndef look(z):\n"
                '    h = tf.nn.relu(tf.matmul(z, V["Variable"]) + V["Variable_5"])\n'
                '    return discriminator(tf.matmul(h, V["Variable_2"]) + V["Variable_3"])\n'
                "\n\n# In this order",
            ),
        ],
    ),
    (
        "float64 inside",
        "dtype",
        _HIDDEN,
        "double = tf.matmul(tf.cast(x, tf.float64), tf.cast(V['Variable_4'], tf.float64))\n"
        "    h = tf.nn.relu(tf.cast(double, tf.float32) + V['Variable_5'])",
    ),
    (
        "a bias that starts elsewhere",
        "initial_value",
        '"Variable_5": variable([64])',
        '"Variable_5": variable([64], 0.1)',
    ),
    ("another activation", "operation", _HIDDEN, _HIDDEN.replace("relu", "leaky_relu")),
    (
        "compiled by XLA",
        "compiler",
        "@tf.function\ndef D_solver",
        "@tf.function(jit_compile=True)\ndef D_solver",
    ),
]
