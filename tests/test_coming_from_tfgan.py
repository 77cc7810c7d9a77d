"""The page for those who come from TF-GAN: it leaves out none of TF-GAN's names, each name of ours
exists, and the factors between the two are those of the numbers that TF-GAN gives."""

import importlib
import re
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tfgan import losses, penalties, relativistic
from tfgan.__main__ import COMMANDS
from tfgan.cli import flags
from tfgan.core.interfaces import Judgement
from tfgan.models import conditions

PAGE = (Path(__file__).parents[1] / "tfgan" / "COMING_FROM_TFGAN.md").read_text()

NAMES = """
GANModel InfoGANModel ACGANModel CycleGANModel StarGANModel GANLoss CycleGANLoss GANTrainOps
GANTrainSteps gan_model infogan_model acgan_model cyclegan_model stargan_model gan_loss
cyclegan_loss stargan_loss gan_train_ops gan_train get_sequential_train_hooks
get_joint_train_hooks get_sequential_train_steps RunTrainOpsHook

acgan_discriminator_loss acgan_generator_loss least_squares_discriminator_loss
least_squares_generator_loss modified_discriminator_loss modified_generator_loss
minimax_discriminator_loss minimax_generator_loss relativistic_discriminator_loss
relativistic_generator_loss wasserstein_discriminator_loss wasserstein_hinge_discriminator_loss
wasserstein_hinge_generator_loss wasserstein_generator_loss wasserstein_gradient_penalty
mutual_information_penalty combine_adversarial_loss cycle_consistency_loss
stargan_generator_loss_wrapper stargan_discriminator_loss_wrapper stargan_gradient_penalty_wrapper

clip_variables clip_discriminator_weights VariableClippingOptimizer condition_tensor
condition_tensor_from_onehot group_norm instance_norm tensor_pool compute_spectral_norm
spectral_normalize spectral_norm_regularizer spectral_normalization_custom_getter VBN

run_classifier_fn sample_and_run_classifier_fn classifier_score classifier_score_streaming
classifier_score_from_logits classifier_score_from_logits_streaming frechet_classifier_distance
frechet_classifier_distance_streaming frechet_classifier_distance_from_activations
frechet_classifier_distance_from_activations_streaming
mean_only_frechet_classifier_distance_from_activations
diagonal_only_frechet_classifier_distance_from_activations kernel_classifier_distance
kernel_classifier_distance_and_std kernel_classifier_distance_from_activations
kernel_classifier_distance_and_std_from_activations image_grid image_reshaper python_image_grid
classifier_fn_from_tfhub run_inception sample_and_run_inception inception_score
inception_score_streaming frechet_inception_distance frechet_inception_distance_streaming
kernel_inception_distance kernel_inception_distance_and_std INCEPTION_TFHUB INCEPTION_OUTPUT
INCEPTION_FINAL_POOL INCEPTION_DEFAULT_IMAGE_SIZE sliced_wasserstein_distance
add_gan_model_image_summaries add_image_comparison_summaries add_gan_model_summaries
add_regularization_loss_summaries add_cyclegan_image_summaries add_stargan_image_summaries

GANEstimator SummaryType get_latent_gan_estimator StarGANEstimator
stargan_prediction_input_fn_wrapper TPUGANEstimator

cross_replica_mean cross_replica_moments batch_norm standardize_batch
"""
"""What tensorflow-gan 2.1.0 lists in `__all__`: itself, losses, features, eval, estimator, tpu."""


def rows():
    """Returns the cells of the rows whose first cell is names of TF-GAN's."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if line.startswith("| `")
    ]
    return [(re.findall(r"`(\w+)`", first), here, rest) for first, here, *rest in cells]


def test_every_public_name_of_tf_gan_has_one_row():
    named = [name for names, _, _ in rows() for name in names]
    assert sorted(named) == sorted(NAMES.split())


def test_every_row_says_what_is_here_or_that_it_is_not():
    for names, here, _ in rows():
        assert here == "not here" or "`" in here, names


OURS = {
    name
    for _, here, _ in rows()
    for name in re.findall(r"`([^`]*)`", here)
    if not name.startswith("--")
}


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_name_of_ours_exists(name):
    if name.startswith("tfgan "):
        command, *given = name.split()[1:]
        assert command in COMMANDS
        extra = importlib.import_module(f"tfgan.{command}").EXTRA
        assert all(flag.removeprefix("--").partition("=")[0] in extra for flag in given)
        return
    *path, last = ["tfgan", *name.removeprefix("tfgan.").split(".")]
    for length in range(len(path), 0, -1):
        try:
            found = importlib.import_module(".".join(path[:length]))
        except ImportError:
            continue
        for attribute in path[length:]:
            found = getattr(found, attribute)
        if hasattr(found, last):
            return
    importlib.import_module(".".join([*path, last]))


def test_every_flag_on_the_page_is_one_and_has_such_a_value():
    of_commands = {"run_dir", "label", "seeds", "out", "metrics", "extractors", "inception"}
    found = [
        flag
        for flag in re.findall(r"--[a-z_0-9]+=[^\s`]+", PAGE)
        if flag[2:].partition("=")[0] not in of_commands
    ]
    assert len(found) > 30
    for flag in found:
        extra = {"--decay_steps=10"} if "schedule" in flag else set()
        flags.parse([flag, *extra])


STEPS = np.arange(6.0)
LABELS = np.array([0, 2, 1, 1, 0, 2])
REAL, FAKE = 2 * np.sin(STEPS), 2 * np.cos(3 * STEPS)
LOGITS = tf.constant(REAL), tf.constant(FAKE)
OF_REAL, OF_FAKE = (2 * f(k * np.arange(18.0).reshape(6, 3)) for f, k in ((np.sin, 1), (np.cos, 5)))
CODES, GUESSES = (f(np.arange(12.0).reshape(6, 2)) for f in (np.sin, np.cos))
EXAMPLES = [tf.constant(f(np.arange(24.0).reshape(6, 4))) for f in (np.sin, np.cos)]
SLOPE = tf.constant([1.0, 2.0, -1.0, 0.5], tf.float64)  # of length 2.5


def pair(name, **options):
    generator_loss, discriminator_loss = losses.OBJECTIVES[name][:2]
    return generator_loss(*LOGITS[1:]), discriminator_loss(*LOGITS, **options)


def penalty(name, target):
    """Ours, of a linear discriminator, by TF-GAN's factor."""
    found = penalties.PENALTIES[name](
        lambda x: tf.linalg.matvec(x, SLOPE),
        *EXAMPLES,
        lambda shape, stream: tf.fill(shape, 0.5),
        target=target,
    )
    return found / target**2


def of_class(logits):
    return conditions.class_loss(tf.constant(logits), LABELS)


def of_discriminator():
    real, fake = (Judgement(None, tf.constant(logits)) for logits in (OF_REAL, OF_FAKE))
    labels = {"labels": tf.constant(LABELS)}
    return conditions.of_discriminator(
        conditions.CONDITIONS["auxiliary"], real, labels, fake, labels
    )


def information():
    codes = conditions.code_loss(tf.constant(GUESSES), tf.constant(CODES))
    return (of_class(OF_FAKE) + codes / CODES.shape[1] + 0.9189) / 2


CLAIMS = {
    "wasserstein_generator_loss": (lambda: pair("wasserstein")[0], -0.047738),
    "wasserstein_discriminator_loss": (lambda: pair("wasserstein")[1], -0.010983),
    "wasserstein_hinge_generator_loss": (lambda: pair("hinge")[0], -0.047738),
    "wasserstein_hinge_discriminator_loss": (lambda: pair("hinge")[1], 2.626210),
    "minimax_generator_loss": (lambda: pair("minimax")[0] - 0.3133, -1.399683),
    "minimax_discriminator_loss": (lambda: pair("minimax", label_smoothing=0.125)[1], 1.984325),
    "modified_generator_loss": (lambda: pair("non_saturating")[0], 1.038683),
    "modified_discriminator_loss": (
        lambda: pair("non_saturating", label_smoothing=0.125)[1],
        1.984325,
    ),
    "least_squares_generator_loss": (lambda: pair("least_squares")[0], 2.126057),
    "least_squares_discriminator_loss": (lambda: pair("least_squares")[1], 3.130774),
    "relativistic_generator_loss": (
        lambda: relativistic.average_generator_loss(*LOGITS),
        1.992841,
    ),
    "relativistic_discriminator_loss": (
        lambda: relativistic.average_discriminator_loss(*LOGITS),
        1.970876,
    ),
    "acgan_generator_loss": (lambda: of_class(OF_FAKE), 1.769010),
    "acgan_discriminator_loss": (of_discriminator, 4.264249),
    "mutual_information_penalty": (information, 1.580690),
    "wasserstein_gradient_penalty": (lambda: penalty("gradient_penalty", 4.0), 0.140625),
}
"""Ours, by the page's column "TF-GAN's number", and what tensorflow-gan 2.1.0 itself gave for
the same values in a session of TensorFlow 2.21."""


@pytest.mark.parametrize("name", CLAIMS)
def test_our_losses_give_tf_gans_number(name):
    ours, theirs = CLAIMS[name]
    np.testing.assert_allclose(tf.reduce_mean(ours()), theirs, atol=5e-5)


def test_every_number_on_the_page_is_claimed():
    claimed = {name for names, _, rest in rows() for name in names if len(rest) == 2 and rest[0]}
    assert claimed == set(CLAIMS)


@pytest.mark.parametrize(
    ("name", "target", "theirs"),
    [
        ("gradient_penalty", 1.0, 2.25),
        ("gradient_penalty", 2.0, 0.0625),
        ("one_sided_gradient_penalty", 2.0, 0.0625),
        ("one_sided_gradient_penalty", 4.0, 0.0),
    ],
)
def test_targets_and_sides_of_the_gradient_penalty(name, target, theirs):
    np.testing.assert_allclose(penalty(name, target), [theirs] * 6, atol=1e-6)


def test_theirs_by_hand():
    """The recorded numbers are those of the formulas in TF-GAN's docstrings, in NumPy."""

    def log_sigmoid(x):
        return -np.log1p(np.exp(-x))

    smoothed = -(0.875 * log_sigmoid(REAL) + 0.125 * log_sigmoid(-REAL)) - log_sigmoid(-FAKE)
    one_half = (np.square(REAL - 1) + np.square(FAKE)) / 2
    hinge = np.maximum(0, 1 - REAL) + np.maximum(0, 1 + FAKE)
    minimax = log_sigmoid(1.0) + log_sigmoid(-FAKE)
    by_hand = {
        "wasserstein_discriminator_loss": FAKE - REAL,
        "wasserstein_hinge_discriminator_loss": hinge,
        "minimax_generator_loss": minimax,
        "minimax_discriminator_loss": smoothed,
        "modified_generator_loss": -log_sigmoid(FAKE),
        "least_squares_discriminator_loss": one_half,
        "least_squares_generator_loss": np.square(FAKE - 1) / 2,
        "wasserstein_gradient_penalty": np.square(np.linalg.norm(SLOPE) / 4 - 1),
    }
    for name, values in by_hand.items():
        np.testing.assert_allclose(np.mean(values), CLAIMS[name][1], atol=1e-6, err_msg=name)
