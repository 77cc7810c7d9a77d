"""Bugs to plant in the port of tf_data_gan.py: (name, rule that is right, old text, new text)."""

D_STEP = "d_adam.apply([tf.clip_by_norm(gradient, 1.0) for gradient in gradients])"
G_STEP = "g_adam.apply(tape.gradient(loss, G_WEIGHTS))"
D_ADAM = "d_adam = optimizers.Adam(D_WEIGHTS, learning_rate=3e-4, beta1=0.5)"
G_ADAM = "g_adam = optimizers.Adam(G_WEIGHTS, learning_rate=3e-4, beta1=0.5)"
D_LOSS = "        loss = loss_real + loss_fake\n"
G_LOSS = "        loss = cross_entropy(discriminator(generator(latents(inputs))), 1.0)\n"
DENSE = 'return tf.nn.bias_add(x @ VARIABLES[f"{name}/kernel"], VARIABLES[f"{name}/bias"])'
NETWORK_D = 'return dense(leaky(dense(x, "dis/dense_1")), "dis/dense_2")'
NETWORK_G = 'return tf.sigmoid(dense(tf.nn.relu(dense(z, "gen/dense_1")), "gen/dense_2"))'
CALLS = 'CALLS = {"train_d": train_d, "train_g": train_g}'
MEAN = (
    "return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))"
)
TWO_LOSSES = """        loss_real = cross_entropy(discriminator(inputs["x"]), 0.9)
        loss_fake = cross_entropy(discriminator(fake), 0.0)
        loss = loss_real + loss_fake
"""
UNCONNECTED = [
    ("(loss, G_WEIGHTS)", '(loss, G_WEIGHTS, unconnected_gradients="zero")'),
    ("(loss, D_WEIGHTS)", '(loss, D_WEIGHTS, unconnected_gradients="zero")'),
]

BUGS = [
    ("learning_rate", "number", D_ADAM, D_ADAM.replace("3e-4", "2e-4")),
    ("beta1", "number", G_ADAM, G_ADAM.replace(", beta1=0.5", "")),
    ("beta2", "number", D_ADAM, D_ADAM.replace("0.5", "0.5, beta2=0.99")),
    ("epsilon", "number", D_ADAM, D_ADAM.replace("0.5", "0.5, epsilon=1e-7")),
    (
        "keras_adam",
        "keras_adam",
        [
            (D_ADAM, f"{D_ADAM}\nkeras = tf.keras.optimizers.Adam(3e-4, 0.5, epsilon=1e-8)"),
            ("@tf.function\ndef train_d", "keras.build(D_WEIGHTS)\n\n\n@tf.function\ndef train_d"),
            (
                D_STEP,
                "keras.apply([tf.clip_by_norm(gradient, 1.0) for gradient in gradients])",
            ),
        ],
    ),
    ("loss_halved", "loss_scale", D_LOSS, "        loss = 0.5 * (loss_real + loss_fake)\n"),
    ("loss_of_g_halved", "loss_scale", G_LOSS, f"{G_LOSS}        loss *= 0.5\n"),
    ("loss_sign", "loss_scale", G_LOSS, G_LOSS.replace("cross", "-cross")),
    ("minimax_loss", "operation", G_LOSS, G_LOSS.replace("cross", "-cross").replace("1.0", "0.0")),
    (
        "mean_of_sum",
        "reduction",
        [
            (MEAN, MEAN.replace("tf.reduce_mean(", "")[:-1]),
            (D_LOSS, "        loss = tf.reduce_mean(loss_real + loss_fake)\n"),
            (
                G_LOSS,
                G_LOSS.replace("cross_entropy(", "tf.reduce_mean(cross_entropy(")[:-1] + ")\n",
            ),
        ],
    ),
    (
        "one_pass_for_both",
        "operation",
        TWO_LOSSES,
        """        logits = discriminator(tf.concat([inputs["x"], fake], 0))
        loss = cross_entropy(logits[:32], 0.9) + cross_entropy(logits[32:], 0.0)
""",
    ),
    (
        "sum_turned_round",
        "reduction",
        MEAN,
        "losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)\n"
        "    return tf.reduce_mean(losses[::-1])",
    ),
    (
        "missing_bias",
        "missing_bias",
        [
            (
                NETWORK_G,
                NETWORK_G.replace('dense(z, "gen/dense_1")', 'z @ VARIABLES["gen/dense_1/kernel"]'),
            ),
            *UNCONNECTED,
        ],
    ),
    (
        "plus_for_bias_add",
        "fused_bias",
        DENSE,
        'return x @ VARIABLES[f"{name}/kernel"] + VARIABLES[f"{name}/bias"]',
    ),
    (
        "latents_of_another_call",
        "another_calls_feed",
        [
            (
                "@tf.function\ndef train_d",
                "kept = tf.Variable(tf.zeros([32, 16]))\n\n\n@tf.function\ndef train_d",
            ),
            ("    d_adam.apply", "    kept.assign(latents(inputs))\n    d_adam.apply"),
            (G_LOSS, G_LOSS.replace("latents(inputs)", "kept")),
        ],
    ),
    (
        "wrong_variable",
        "wrong_variable",
        [
            (
                DENSE,
                'bias = VARIABLES[f"{name}/bias".replace("gen/dense_1", "dis/dense_1")]\n'
                '    return tf.nn.bias_add(x @ VARIABLES[f"{name}/kernel"], bias)',
            ),
            *UNCONNECTED,
        ],
    ),
    (
        "powers_exchanged",
        "wrong_variable",
        "VARIABLES |= g_adam.state(G_NAMES) | d_adam.state(D_NAMES)\n",
        "VARIABLES |= d_adam.state(D_NAMES) | g_adam.state(G_NAMES)\n"
        'VARIABLES |= {f"{name}_1": power for name, power in d_adam.powers().items()}\n',
    ),
    (
        "forgets_a_weight",
        "moved",
        [
            ("[*SHAPES][4:]", "[*SHAPES][4:7]"),
        ],
    ),
    (
        "trains_both",
        "moved",
        [
            ("gradients = tape", "g_gradients, gradients = tape"),
            ("(loss, D_WEIGHTS)", "(loss, (G_WEIGHTS, D_WEIGHTS))"),
            ("    d_adam.apply", "    g_adam.apply(g_gradients)\n    d_adam.apply"),
        ],
    ),
    (
        "loss_after_the_step",
        "update_order",
        'return {"d_loss": loss}',
        'loss = cross_entropy(discriminator(inputs["x"]), 0.9)\n'
        '    return {"d_loss": loss + cross_entropy(discriminator(fake), 0.0)}',
    ),
    (
        "step_read_before",
        "update_order",
        [
            (
                "    global_step.assign_add(1)\n",
                "    before = global_step.read_value()\n    global_step.assign_add(1)\n",
            ),
            ('"global_step:0": global_step', '"global_step:0": before'),
        ],
    ),
    (
        "float64",
        "dtype",
        [
            ("    labels = label", "    logits = tf.cast(logits, tf.float64)\n    labels = label"),
            (
                MEAN,
                "losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)\n"
                "    return tf.cast(tf.reduce_mean(losses), tf.float32)",
            ),
        ],
    ),
    (
        "bfloat16",
        "dtype",
        DENSE,
        "half = tf.bfloat16\n"
        '    product = tf.cast(x, half) @ tf.cast(VARIABLES[f"{name}/kernel"], half)\n'
        '    return tf.nn.bias_add(tf.cast(product, tf.float32), VARIABLES[f"{name}/bias"])',
    ),
    ("initial_constant", "initial_value", "tf.zeros(shape)", "tf.fill(shape, 0.1)"),
    ("slope", "number", "0.2 * x", "0.1 * x"),
    ("no_smoothing", "number", ", 0.9)", ", 1.0)"),
    ("two_sided_smoothing", "operation", "discriminator(fake), 0.0)", "discriminator(fake), 0.1)"),
    ("no_clipping", "operation", D_STEP, "d_adam.apply(gradients)"),
    (
        "clips_the_global_norm",
        "operation",
        D_STEP,
        "d_adam.apply(gradients, clip_norm=1.0)",
    ),
    ("clips_less", "number", "(gradient, 1.0)", "(gradient, 2.0)"),
    (
        "jit_compile",
        "compiler",
        "@tf.function\ndef train_d",
        "@tf.function(jit_compile=True)\ndef train_d",
    ),
    (
        "graph_rewriter",
        "threads",
        "SHAPES = {",
        'tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})\n'
        "SHAPES = {",
    ),
    ("step_not_counted", "batch_statistics", "    global_step.assign_add(1)\n", ""),
    ("elu_for_relu", "operation", "tf.nn.relu", "tf.nn.elu"),
    (
        "pixels_to_255",
        "scaled_input",
        'discriminator(inputs["x"])',
        'discriminator(255 * inputs["x"])',
    ),
    (
        "pixels_from_minus_1",
        "operation",
        'discriminator(inputs["x"])',
        'discriminator(2 * inputs["x"] - 1)',
    ),
    ("no_noise", "feed", ' + inputs["random_normal:0"]', ""),
    (
        "noise_of_its_own",
        "feed",
        'inputs["random_normal:0"]',
        "tf.random.normal([32, 16], stddev=0.1)",
    ),
    (
        "logarithms_by_hand",
        "operation",
        MEAN,
        "p = tf.sigmoid(logits)\n"
        "    return -tf.reduce_mean(labels * tf.math.log(p) + (1 - labels) * tf.math.log(1 - p))",
    ),
    ("momentum_of_zero", "number", D_ADAM, D_ADAM.replace("beta1=0.5", "beta1=0.0")),
]
