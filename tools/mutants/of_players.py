"""Bugs in the players' steps: what each sees, moves and leaves alone."""

from tools.mutants.mutant import Mutant

OF_FITTING = "tests/models/test_fitting.py"
GAME, GAN = "tfgan/models/game.py", "tfgan/models/gan.py"
CONDITIONS, LATENTS = "tfgan/models/conditions.py", "tfgan/models/latents.py"
SPECTRAL, AVERAGE = "tfgan/nn/spectral.py", "tfgan/nn/average.py"
OF_GAME, OF_GAN = "tests/models/test_game.py", "tests/models/test_gan.py"
OF_CONDITIONS, OF_LATENTS = "tests/models/test_conditions.py", "tests/models/test_latents.py"
OF_SPECTRAL = "tests/nn/test_spectral.py"
BOTH_SEE = f"{OF_GAME}::test_both_players_see_augmented_images_and_each_pass_its_own"

MUTANTS = (
    Mutant(
        "the generator's step moves the discriminator's statistics",
        GAME,
        'self.judge(self.seen(fake, draw, "fake"), Mode.FROZEN, inputs.get("labels"))',
        'self.judge(self.seen(fake, draw, "fake"), Mode.TRAIN, inputs.get("labels"))',
        (f"{OF_GAN}::test_a_generator_step_moves_the_generator_alone",),
    ),
    Mutant(
        "the discriminator's step moves the generator's statistics",
        GAN,
        "fake = self.generate(inputs, Mode.FROZEN)  # outside",
        "fake = self.generate(inputs, Mode.TRAIN)  # outside",
        (f"{OF_GAN}::test_a_discriminator_step_moves_the_discriminator_alone",),
    ),
    Mutant(
        "the discriminator trains by its moving statistics",
        GAME,
        'of_fake = self.judge(fake, mode, inputs.get("labels"))',
        'of_fake = self.judge(fake, Mode.INFERENCE, inputs.get("labels"))',
        (f"{OF_GAN}::test_real_and_fake_are_normalised_apart",),
    ),
    Mutant(
        "real examples are judged twice, generated ones never",
        GAME,
        'of_fake = self.judge(fake, mode, inputs.get("labels"))',
        'of_fake = self.judge(real, mode, inputs.get("labels"))',
        (f"{OF_GAN}::test_real_and_fake_are_normalised_apart",),
    ),
    Mutant(
        "no gradient reaches the generator",
        GAME,
        "        examples = tf.cast(examples, self.dtype)\n",
        "        examples = tf.stop_gradient(tf.cast(examples, self.dtype))\n",
        ("tests/models/test_dirac.py::test_both_players_follow_the_closed_form[hinge-]",),
    ),
    Mutant(
        "a power iteration moves the other player's vectors",
        GAN,
        "        self.generator.before_step()\n",
        "        self.discriminator.before_step()\n",
        (f"{OF_SPECTRAL}::test_they_move_once_in_their_owner_s_step_and_never_else[mlp]",),
    ),
    Mutant(
        "a power iteration in every pass",
        SPECTRAL,
        "        sigma = tf.reduce_sum(",
        "        self.before_step()\n        sigma = tf.reduce_sum(",
        (f"{OF_SPECTRAL}::test_they_move_once_in_their_owner_s_step_and_never_else[mlp]",),
    ),
    Mutant(
        "sigma is a constant of the gradient",
        SPECTRAL,
        "return self.weight / sigma",
        "return self.weight / tf.stop_gradient(sigma)",
        (f"{OF_SPECTRAL}::test_gradients_pass_sigma_and_leave_u_and_v",),
    ),
    Mutant(
        "weights are clipped from above alone",
        GAN,
        "weight.assign(tf.clip_by_value(weight, -self.weight_clip, self.weight_clip))",
        "weight.assign(tf.minimum(weight, self.weight_clip))",
        (f"{OF_GAN}::test_weights_are_clipped_after_the_step",),
    ),
    Mutant(
        "the generator's weights are clipped",
        GAN,
        "for weight in self.discriminator.weights.values():",
        "for weight in self.generator.weights.values():",
        (f"{OF_GAN}::test_weights_are_clipped_after_the_step",),
    ),
    Mutant(
        "several discriminator steps see batches of other iterations",
        GAN,
        "step * self.discriminator_steps + i for i",
        "step + i for i",
        (
            f"{OF_GAN}::test_every_discriminator_step_sees_new_examples_and_latents"
            "[generator_first]",
        ),
    ),
    Mutant(
        "all discriminator steps see the same latents",
        GAN,
        'inputs = [draw("latents", update) for update in updates]',
        'inputs = [draw("latents", step) for update in updates]',
        (
            f"{OF_GAN}::test_every_discriminator_step_sees_new_examples_and_latents"
            "[generator_first]",
        ),
    ),
    Mutant(
        "the generator compares with the last batch in place of the first",
        GAN,
        "g_loss = self.generator_step(inputs[0], batches[0], step, observe)",
        "g_loss = self.generator_step(inputs[0], batches[-1], step, observe)",
        (f"{OF_GAME}::test_the_generator_is_shown_the_iteration_s_first_batch[generator_first]",),
    ),
    Mutant(
        "simultaneous players move one after the other",
        GAN,
        "g_loss, move = self._generator_update(inputs[0], batches[0], step, observe)",
        "g_loss = self.generator_step(inputs[0], batches[0], step, observe)\n"
        "            move = self.generator.before_step",
        (f"{OF_GAN}::test_simultaneous_players_move_from_one_state",),
    ),
    Mutant(
        "samples come from the generator that trains, not from its average",
        GAN,
        "generator = self.generator if self.average is None else self.average.twin",
        "generator = self.generator",
        (f"{OF_GAN}::test_samples_come_from_the_average_when_it_is_on",),
    ),
    Mutant(
        "the average takes the larger share of each step",
        AVERAGE,
        "share = 1.0 - self.decay if",
        "share = self.decay if",
        ("tests/nn/test_average.py::test_the_average_is_the_formula_and_copies_statistics",),
    ),
    Mutant(
        "generated examples are not augmented in the discriminator's step",
        GAME,
        'real, fake = self.seen(batch["real"], draw, "real"), self.seen(fake, draw, "fake")',
        'real, fake = self.seen(batch["real"], draw, "real"), pack(fake, self.pack_size)',
        (BOTH_SEE,),
    ),
    Mutant(
        "the generator's examples are not augmented in its own step",
        GAME,
        'said = self.judge(self.seen(fake, draw, "fake"), Mode',
        "said = self.judge(pack(fake, self.pack_size), Mode",
        (BOTH_SEE,),
    ),
    Mutant(
        "real and generated examples are augmented alike",
        GAME,
        'draw(shape, f"{side}/{stream}", axis)',
        "draw(shape, stream, axis)",
        (BOTH_SEE,),
    ),
    Mutant(
        "a pack is joined value by value in place of image by image",
        GAME,
        "[0, *axes, 1, apart.shape.rank - 1]",
        "[0, *axes, apart.shape.rank - 1, 1]",
        (f"{OF_GAME}::test_a_pack_is_made_of_neighbours_channel_by_channel",),
    ),
    Mutant(
        "a pack is made of pixels of one image",
        GAME,
        "tf.transpose(apart, [0, *axes, 1, apart.shape.rank - 1])",
        "apart",
        (f"{OF_GAME}::test_a_pack_is_made_of_neighbours_channel_by_channel",),
    ),
    Mutant(
        "a discriminator of packs is made for single examples",
        "tfgan/build.py",
        "packed = (*shape[:-1], shape[-1] * config.pack)",
        "packed = shape",
        (f"{OF_GAME}::test_a_discriminator_of_packs_gives_each_pack_one_logit[mlp]",),
    ),
    Mutant(
        "generated examples are judged by the labels of the real ones",
        GAME,
        'of_fake = self.judge(fake, mode, inputs.get("labels"))',
        'of_fake = self.judge(fake, mode, batch.get("labels"))',
        (f"{OF_CONDITIONS}::test_the_discriminator_is_given_the_labels_of_each_side[projection]",),
    ),
    Mutant(
        "the generator hides the class",
        CONDITIONS,
        "return loss if fake.codes is None else loss + code_loss",
        "return -loss if fake.codes is None else loss + code_loss",
        (f"{OF_CONDITIONS}::test_both_players_minimise_the_loss_of_the_class[auxiliary]",),
    ),
    Mutant(
        "AC-GAN's discriminator learns no class of real examples",
        CONDITIONS,
        'return of_fake + class_loss(real.class_logits, batch["labels"])',
        "return of_fake",
        (f"{OF_CONDITIONS}::test_both_players_minimise_the_loss_of_the_class[auxiliary]",),
    ),
    Mutant(
        "InfoGAN's codes are the last latents",
        CONDITIONS,
        "drawn = latents[:, : codes.shape[1]]",
        "drawn = latents[:, -codes.shape[1] :]",
        (f"{OF_CONDITIONS}::test_the_codes_are_the_first_latents_and_q_has_standard_deviation_1",),
    ),
    Mutant(
        "the weight of a condition is dropped",
        GAME,
        "loss + self.condition_weight * tf.reduce_mean(extra)",
        "loss + tf.reduce_mean(extra)",
        (f"{OF_CONDITIONS}::test_both_players_minimise_the_loss_of_the_class[auxiliary]",),
    ),
    Mutant(
        "labels are drawn from the upper half of their frequencies",
        LATENTS,
        "uniform = 0.5 * (1.0 + random.uniform([count, 1], seed, stream, step))",
        "uniform = tf.abs(random.uniform([count, 1], seed, stream, step)) ** 0.5",
        (f"{OF_LATENTS}::test_each_class_comes_as_often_as_it_should[frequencies1-expected1]",),
    ),
    Mutant(
        "labels and latents share their random numbers",
        LATENTS,
        'f"{stream}/labels", step)',
        "stream, step)",
        (f"{OF_LATENTS}::test_labels_tell_nothing_of_the_latents",),
    ),
    Mutant(
        "a penalty of each example meets batch normalisation",
        "tfgan/models/fitting.py",
        'mixing = _batch_norm(discriminator.network) if asked else ""',
        'mixing = ""',
        (f"{OF_FITTING}::test_a_gradient_of_each_example_and_batch_normalisation_are_refused",),
    ),
    Mutant(
        "a batch that cannot be packed is trained on",
        "tfgan/models/fitting.py",
        "if source.batch_size % pack:",
        "if False:",
        (
            f"{OF_FITTING}::"
            "test_a_source_that_cannot_be_trained_on_is_refused_before_anything_is_written",
        ),
    ),
    Mutant(
        "a label that is no class is trained on",
        "tfgan/data/labels.py",
        "known = tf.reduce_all((labels >= 0) & (labels < self._num_classes))",
        "known = tf.constant(True)",
        ("tests/data/test_labels.py::test_a_label_that_is_no_class_is_seen_in_whatever_batch",),
    ),
)
