"""The legacy script: the document's lines stand in it, it runs alone, its literal reading."""

import math
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from legacy import gan_session

ROOT = Path(__file__).parents[2]

# The document's section 5, all code lines in their order.
SNIPPET = """
def generator(z):
return x_hat
def discriminator(x):
return prob_real
z_placeholder = tf.placeholder(tf.float32, shape=[None, z_dim])
x_placeholder = tf.placeholder(tf.float32, shape=[None, img_size, img_size, 3])
d_loss = tf.reduce_mean(
tf.nn.sigmoid_cross_entropy_with_logits(logits=discriminating_x, labels=tf.ones_like(discriminating_x))
+ tf.nn.sigmoid_cross_entropy_with_logits(logits=discriminating_x_hat, labels=tf.zeros_like(discriminating_x_hat)))
g_loss = tf.reduce_mean(
tf.nn.sigmoid_cross_entropy_with_logits(logits=discriminating_x_hat, labels=tf.ones_like(discriminating_x_hat)))
optimizer_d = tf.train.AdamOptimizer().minimize(d_loss, var_list=d_vars)
optimizer_g = tf.train.AdamOptimizer().minimize(g_loss, var_list=g_vars)
with tf.Session() as sess:
sess.run(tf.global_variables_initializer())
for _ in range(num_iterations):
z_batch = np.random.uniform(-1, 1, size=(batch_size, z_dim))
g_loss_, _ = sess.run([g_loss, optimizer_g], feed_dict={z_placeholder: z_batch})
x_batch = next(data_loader)
d_loss_, _ = sess.run([d_loss, optimizer_d], feed_dict={x_placeholder: x_batch, z_placeholder: z_batch})
"""  # noqa: E501


def document_lines():
    """The lines that the script says are the document's, replaced ones by their originals."""
    lines, inside, replaced = [], False, False
    for raw in (ROOT / "legacy/gan_session.py").read_text().splitlines():
        line = raw.strip()
        if line in ("# [document]", "# [ours]"):
            inside = line == "# [document]"
        elif inside and line.startswith("# document: "):
            lines.append(line.removeprefix("# document: "))
            replaced = True
        elif inside and line and not line.startswith("#"):
            if not replaced:
                lines.append(line)
            replaced = False
    return lines


def test_the_document_s_lines_stand_in_the_script_in_their_order():
    assert document_lines() == SNIPPET.strip().splitlines()


def run(**fields):
    options = gan_session.Options(**(dict(hidden_size=32, batch_size=32) | fields))
    loader, shape = gan_session.LOADERS["digits"]
    np.random.seed(options.seed)
    session = gan_session.gan_session(options, loader(options.batch_size, options.seed))
    assert options.x_shape == shape
    assert next(session).g_loss is None
    return [(g, d) for _, g, d in session]


@pytest.mark.parametrize("network", ["mlp", "dcgan"])
@pytest.mark.parametrize("loss", ["non_saturating", "minimax", "wasserstein"])
def test_every_loss_trains(network, loss):
    clip = 0.01 if loss == "wasserstein" else 0.0
    losses = run(network=network, loss=loss, weight_clip=clip, num_iterations=60, base_channels=8)
    assert len(losses) == 60
    assert np.isfinite(losses).all()
    # The discriminator gets ahead of where it began (its first loss is before the first clip).
    assert losses[-1][1] < losses[1][1]


def test_before_training_the_losses_are_where_theory_puts_them():
    # Weights of standard deviation 0.02 give logits near 0.
    g_loss, d_loss = run(network="dcgan", num_iterations=1, base_channels=8)[0]
    assert abs(g_loss - math.log(2)) < 0.02
    assert abs(d_loss - math.log(4)) < 0.02


def test_the_literal_reading_has_its_signature():
    losses = run(literal_probabilities=True, num_iterations=300)
    g_losses, d_losses = np.transpose(losses)
    # Logits confined to [0, 1]: softplus(-1) .. softplus(0), and its sums.
    low, high = math.log1p(math.exp(-1)), math.log1p(math.exp(1))
    assert low - 1e-6 <= g_losses.min()
    assert g_losses.max() <= math.log(2) + 1e-6
    assert low + math.log(2) - 1e-6 <= d_losses.min()
    assert d_losses.max() <= math.log(2) + high + 1e-6
    # And the completed snippet leaves them, so the flag is what makes the difference.
    completed = np.transpose(run(num_iterations=300))
    assert completed[0].max() > math.log(2)
    assert completed[1].min() < 1.0064


def test_eager_execution_stays_on():
    run(num_iterations=2)
    assert tf.executing_eagerly()
    assert "disable_eager" not in (ROOT / "legacy/gan_session.py").read_text()


def test_legacy_and_tfgan_do_not_import_each_other():
    for path in ROOT.glob("legacy/*.py"):
        assert not re.search(r"^\s*(import|from) tfgan", path.read_text(), re.MULTILINE)
    for path in ROOT.glob("tfgan/**/*.py"):
        assert not re.search(r"^\s*(import|from) legacy", path.read_text(), re.MULTILINE)


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "legacy.gan_session", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )


def test_the_command_prints_a_line_per_step_and_saves(tmp_path):
    prefix = str(tmp_path / "checkpoints" / "gan")
    done = command(
        "--flagfile=legacy/document.flags", "--num_iterations=5", f"--checkpoint={prefix}"
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 5
    for number, line in enumerate(lines, 1):
        assert re.fullmatch(rf"{number} g_loss \d+\.\d+ d_loss \d+\.\d+", line)
    start, end = tf.train.load_checkpoint(f"{prefix}-0"), tf.train.load_checkpoint(f"{prefix}-5")
    name = "generator/dense_0/kernel"
    assert (start.get_tensor(name) != end.get_tensor(name)).any()
    assert end.has_tensor(f"{name}/Adam_1")


def test_the_command_refuses_what_does_not_fit():
    done = command("--data=ring", "--network=dcgan")
    assert done.returncode != 0
    assert "error: --network=dcgan needs images" in done.stderr
    assert "Traceback" not in done.stderr
