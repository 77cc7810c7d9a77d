"""Bugs in augmentation, schedules and optimizers."""

from tools.mutants.mutant import Mutant

AUGMENTATION, SCHEDULES = "tfgan/augmentation.py", "tfgan/schedules.py"
OPTIMIZERS, GAN = "tfgan/optimizers.py", "tfgan/models/gan.py"
EACH = "tests/test_augmentation.py::test_each_image_is_changed_by_its_own_numbers"
VALUES = "tests/test_schedules.py::test_values"

MUTANTS = (
    Mutant(
        "no gradient passes the augmentation",
        AUGMENTATION,
        "images = AUGMENTATIONS[name](images, draw)",
        "images = tf.stop_gradient(AUGMENTATIONS[name](images, draw))",
        ("tests/test_augmentation.py::test_the_gradient_passes[color]",),
    ),
    Mutant(
        "all images of a batch are augmented alike",
        AUGMENTATION,
        'tf.cast(draw(shape, f"augment/{stream}", axis=1), images.dtype)',
        'tf.cast(draw(shape, f"augment/{stream}", axis=1), images.dtype)[:, :1]',
        (f"{EACH}[shape0-color]",),
    ),
    Mutant(
        "what leaves an image on one side comes in on the other",
        AUGMENTATION,
        "tf.equal(places[:, None] - moved[:, :, :, 0], places[None, :])",
        "tf.equal(tf.math.floormod(places[:, None] - moved[:, :, :, 0], 1.0 * size), places)",
        (f"{EACH}[shape0-translation]",),
    ),
    Mutant(
        "images move to the right and down alone",
        AUGMENTATION,
        "tf.floor(offset * (2 * most + 1)) - most",
        "tf.floor(offset * (2 * most + 1))",
        (f"{EACH}[shape0-translation]",),
    ),
    Mutant(
        "the hole is never at the edge",
        AUGMENTATION,
        "first = tf.floor(offset * (size + 1 - side % 2)) - side // 2",
        "first = tf.floor(offset * (size - side + 1))",
        (f"{EACH}[shape0-cutout]",),
    ),
    Mutant(
        "saturation changes the brightness of a pixel",
        AUGMENTATION,
        "images = grey + (images - grey) * (2.0 * saturation)",
        "images = images * (2.0 * saturation)",
        (f"{EACH}[shape0-color]",),
    ),
    Mutant(
        "a warm-up begins at 0",
        SCHEDULES,
        "tf.minimum((step + 1.0) / max",
        "tf.minimum(step / max",
        (f"{VALUES}[4-constant]",),
    ),
    Mutant(
        "the fall begins inside the warm-up",
        SCHEDULES,
        "over = (step - self.warmup_steps) / max",
        "over = step / max",
        (f"{VALUES}[4-linear]",),
    ),
    Mutant(
        "after its fall a cosine rises again",
        SCHEDULES,
        "tf.clip_by_value(over, 0.0, 1.0)",
        "tf.maximum(over, 0.0)",
        (f"{VALUES}[0-cosine]",),
    ),
    Mutant(
        "the schedule counts discriminator steps",
        GAN,
        "iteration, clip_norm = step // self.discriminator_steps, self.gradient_clip_norm",
        "iteration, clip_norm = step, self.gradient_clip_norm",
        (
            "tests/test_schedules.py::"
            "test_both_players_follow_the_iteration_and_not_the_discriminator_s_steps",
        ),
    ),
    Mutant(
        "the discriminator's rate falls though it was asked to stay",
        SCHEDULES,
        'return self._replace(name="constant", decay_steps=0)',
        "return self",
        ("tests/test_schedules.py::test_the_discriminator_s_rate_stays_where_it_is_asked_to",),
    ),
    Mutant(
        "each weight's gradient is clipped by itself",
        OPTIMIZERS,
        "gradients, _ = tf.clip_by_global_norm(gradients, clip_norm)",
        "gradients = [tf.clip_by_norm(gradient, clip_norm) for gradient in gradients]",
        (
            "tests/test_optimizers.py::"
            "test_a_gradient_is_clipped_to_the_norm_of_all_weights_together[0.5]",
        ),
    ),
    Mutant(
        "a short gradient is made longer",
        OPTIMIZERS,
        "gradients, _ = tf.clip_by_global_norm(gradients, clip_norm)",
        "norm = tf.linalg.global_norm(gradients)\n"
        "            gradients = [gradient * clip_norm / norm for gradient in gradients]",
        ("tests/test_optimizers.py::test_a_gradient_that_is_short_enough_is_left_as_it_is[8.0]",),
    ),
    Mutant(
        "the factor of a learning rate is dropped",
        OPTIMIZERS,
        "rate if rate_factor is None else rate * tf.cast(rate_factor, rate.dtype)",
        "rate",
        ("tests/test_optimizers.py::test_a_factor_of_the_rate_is_another_rate[adam]",),
    ),
)
