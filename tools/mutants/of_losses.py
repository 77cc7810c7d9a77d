"""Bugs in objectives and divergences."""

from tools.mutants.mutant import Mutant

LOSSES, RELATIVISTIC = "tfgan/losses.py", "tfgan/relativistic.py"
DIVERGENCES = "tfgan/divergences.py"
VALUES = "tests/test_losses.py::test_values_and_gradients_are_the_closed_forms"
TIGHT = "tests/test_divergences.py::test_the_bound_is_tight_at_the_best_discriminator"
SMOOTHING = "tests/test_losses.py::test_smoothing_lowers_the_target_of_real_examples_alone"

MUTANTS = (
    Mutant(
        "a sigmoid before a loss of logits",
        LOSSES,
        "cross_entropy_with_logits(labels=labels, logits=logits)",
        "cross_entropy_with_logits(labels=labels, logits=tf.sigmoid(logits))",
        (f"{VALUES}[non_saturating]",),
    ),
    Mutant(
        "labels of real and fake swapped",
        LOSSES,
        "labels = tf.ones_like(logits) if is_real else tf.zeros_like(logits)",
        "labels = tf.zeros_like(logits) if is_real else tf.ones_like(logits)",
        (f"{VALUES}[non_saturating]",),
    ),
    Mutant(
        "the minimax generator helps the discriminator",
        LOSSES,
        "return -_cross_entropy(fake_logits, is_real=False)",
        "return _cross_entropy(fake_logits, is_real=False)",
        (f"{VALUES}[minimax]",),
    ),
    Mutant(
        "the fake side is smoothed too",
        LOSSES,
        "pairs.weighted(of_real, weights) + _cross_entropy(fake_logits, is_real=False)",
        "pairs.weighted(of_real, weights) + tf.nn.sigmoid_cross_entropy_with_logits(\n"
        "        labels=label_smoothing * tf.ones_like(fake_logits), logits=fake_logits\n    )",
        (f"{SMOOTHING}[non_saturating]",),
    ),
    Mutant(
        "label smoothing does nothing",
        LOSSES,
        "labels = labels if target == 1.0 else target * labels",
        "labels = labels",
        (f"{SMOOTHING}[minimax]",),
    ),
    Mutant(
        "the least squares generator aims at the fake target",
        LOSSES,
        "return 0.5 * tf.square(fake_logits - 1.0)",
        "return 0.5 * tf.square(fake_logits)",
        (f"{VALUES}[least_squares]",),
    ),
    Mutant(
        "the hinge's margin of fake examples is on the wrong side",
        LOSSES,
        "tf.nn.relu(1.0 + fake_logits)",
        "tf.nn.relu(1.0 - fake_logits)",
        (f"{VALUES}[hinge]",),
    ),
    Mutant(
        "the hinge is in the generator's loss too",
        LOSSES,
        "hinge_generator_loss = wasserstein_generator_loss",
        "hinge_generator_loss = lambda logits: tf.nn.relu(1.0 - logits)",
        (f"{VALUES}[hinge]",),
    ),
    Mutant(
        "weights of the data are dropped",
        "tfgan/core/pairs.py",
        "return loss * tf.cast(weights, loss.dtype)",
        "return loss",
        ("tests/test_losses.py::test_weights_are_of_the_real_examples[wasserstein]",),
    ),
    Mutant(
        "logits of other shapes broadcast",
        "tfgan/core/pairs.py",
        "    checks.same_shape(real_logits=real_logits, fake_logits=fake_logits)\n",
        "",
        ("tests/test_losses.py::test_logits_never_broadcast[hinge]",),
    ),
    Mutant(
        "the sides of the relativistic generator are swapped",
        RELATIVISTIC,
        "tf.nn.softplus(real_logits - fake_logits)",
        "tf.nn.softplus(fake_logits - real_logits)",
        (f"{VALUES}[relativistic]",),
    ),
    Mutant(
        "a relativistic example is compared with its own side's average",
        RELATIVISTIC,
        "tf.nn.softplus(mean_fake - real_logits)",
        "tf.nn.softplus(mean_real - real_logits)",
        (f"{VALUES}[relativistic_average]",),
    ),
    Mutant(
        "no gradient passes a relativistic average",
        RELATIVISTIC,
        "tf.nn.softplus(mean_fake - real_logits)",
        "tf.nn.softplus(tf.stop_gradient(mean_fake) - real_logits)",
        (f"{VALUES}[relativistic_average]",),
    ),
    Mutant(
        "f* of Kullback-Leibler is wrong by a factor e",
        DIVERGENCES,
        "conjugate=lambda v: tf.exp(v - 1.0)",
        "conjugate=tf.exp",
        (f"{TIGHT}[kullback_leibler]",),
    ),
    Mutant(
        "f* of reverse Kullback-Leibler is wrong by a constant, which no gradient shows",
        DIVERGENCES,
        "conjugate=lambda v: v - 1.0",
        "conjugate=lambda v: v + 1.0",
        (f"{TIGHT}[reverse_kullback_leibler]",),
    ),
    Mutant(
        "f* of Pearson has another factor",
        DIVERGENCES,
        "0.25 * tf.square(v) + v",
        "0.5 * tf.square(v) + v",
        (f"{TIGHT}[pearson]",),
    ),
    Mutant(
        "the total variation has lost its factor 1/2",
        DIVERGENCES,
        "activation=lambda v: 0.5 * tf.tanh(v),\n    conjugate=lambda v: 0.5 * tf.tanh(v)",
        "activation=tf.tanh,\n    conjugate=tf.tanh",
        (f"{TIGHT}[total_variation]",),
    ),
    Mutant(
        "a higher logit of Hellinger means less real",
        DIVERGENCES,
        "activation=lambda v: -tf.math.expm1(-v)",
        "activation=lambda v: tf.math.expm1(-v)",
        ("tests/test_divergences.py::test_a_higher_logit_means_more_real[squared_hellinger]",),
    ),
)
