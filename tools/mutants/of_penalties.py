"""Bugs in penalties, and in when and where they are taken."""

from tools.mutants.mutant import Mutant

PENALTIES, GAME = "tfgan/penalties.py", "tfgan/models/game.py"
LINEAR = "tests/test_penalties.py::test_of_a_linear_discriminator_it_is_exact"
PLACE = "tests/test_penalties.py::test_where_it_is_taken"
DIRAC = "tests/models/test_dirac.py::test_both_players_follow_the_closed_form"
OF_GAME = "tests/models/test_game.py"

MUTANTS = (
    Mutant(
        "the norm is one of the whole batch",
        PENALTIES,
        "tf.reduce_sum(tf.square(gradient), range(1, gradient.shape.rank))",
        "tf.reduce_sum(tf.square(gradient)) * tf.ones_like(gradient[:, 0])",
        (f"{LINEAR}[shape0-gradient_penalty]",),
    ),
    Mutant(
        "the norm is one of each pixel's channels",
        PENALTIES,
        "tf.reduce_sum(tf.square(gradient), range(1, gradient.shape.rank))",
        "tf.reduce_mean(tf.reduce_sum(tf.square(gradient), -1), range(1, gradient.shape.rank - 1))",
        (f"{LINEAR}[shape1-r1]",),
    ),
    Mutant(
        "one interpolation weight for each value",
        PENALTIES,
        "    share = draw([count], stream)\n",
        "    return tf.cast(draw(tf.shape(like), stream), like.dtype)\n",
        (f"{PLACE}[shape0-gradient_penalty]",),
    ),
    Mutant(
        "interpolation weights are normal",
        PENALTIES,
        "share = draw([count], stream)",
        "share = tf.random.stateless_normal([count], [0, 0])",
        (f"{PLACE}[shape0-gradient_penalty]",),
    ),
    Mutant(
        "one interpolation weight for the whole batch",
        PENALTIES,
        "share = draw([count], stream)",
        "share = tf.repeat(draw([count], stream)[:1], count)",
        (f"{PLACE}[shape0-gradient_penalty]",),
    ),
    Mutant(
        "the gradient is the one of the mean logit, a batch-th of it",
        PENALTIES,
        "        logits = discriminator(examples)\n",
        "        logits = tf.reduce_mean(discriminator(examples))\n",
        (f"{LINEAR}[shape0-gradient_penalty]",),
    ),
    Mutant(
        "the gradient penalty is detached from the weights",
        PENALTIES,
        "    return tape.gradient(logits, examples)\n",
        "    return tf.stop_gradient(tape.gradient(logits, examples))\n",
        (f"{DIRAC}[wasserstein-gradient_penalty]",),
    ),
    Mutant(
        "R1 and R2 are detached from the weights",
        PENALTIES,
        "return discriminator.tape.gradient(logits, judged)",
        "return tf.stop_gradient(discriminator.tape.gradient(logits, judged))",
        (f"{DIRAC}[wasserstein-r1]",),
    ),
    Mutant(
        "the root has no gradient at 0",
        PENALTIES,
        "tf.sqrt(squares + tf.constant(1e-12, squares.dtype))",
        "tf.sqrt(squares)",
        (
            "tests/test_penalties.py::test_where_the_gradient_is_0_its_own_gradient_is_finite"
            "[float64-gradient_penalty]",
        ),
    ),
    Mutant(
        "the root is missing",
        PENALTIES,
        "tf.sqrt(squares + tf.constant(1e-12, squares.dtype))",
        "squares",
        (f"{LINEAR}[shape0-gradient_penalty]",),
    ),
    Mutant(
        "the one-sided penalty has two sides",
        PENALTIES,
        "tf.square(tf.nn.relu(excess) if one_sided else excess)",
        "tf.square(excess)",
        (f"{LINEAR}[shape0-one_sided_gradient_penalty]",),
    ),
    Mutant(
        "DRAGAN's noise has lost its scale",
        PENALTIES,
        "reach = 0.5 * _stddev(real) * noise",
        "reach = 0.5 * noise",
        (f"{PLACE}[shape0-dragan]",),
    ),
    Mutant(
        "R1's gamma is not halved",
        PENALTIES,
        "return 0.5 * _squared_norm(discriminator, real)",
        "return _squared_norm(discriminator, real)",
        (f"{LINEAR}[shape0-r1]",),
    ),
    Mutant(
        "R1 is taken at generated examples",
        PENALTIES,
        "return 0.5 * _squared_norm(discriminator, real)",
        "return 0.5 * _squared_norm(discriminator, fake)",
        (f"{PLACE}[shape0-r1]",),
    ),
    Mutant(
        "LeCam holds each side at its own average",
        PENALTIES,
        "tf.square(logits.real - averages.fake) + tf.square(logits.fake - averages.real)",
        "tf.square(logits.real - averages.real) + tf.square(logits.fake - averages.fake)",
        ("tests/test_penalties.py::test_lecam_is_the_distance_from_the_other_side_s_average",),
    ),
    Mutant(
        "LeCam's averages follow the other side",
        GAME,
        "zip(self.averages, logits, strict=True)",
        "zip(self.averages, logits[::-1], strict=True)",
        (f"{OF_GAME}::test_averages_follow_the_logits_of_their_side_and_a_look_moves_none",),
    ),
    Mutant(
        "a look at the players moves LeCam's averages",
        GAME,
        "if self.averages is not None and mode is Mode.TRAIN:",
        "if self.averages is not None:",
        (f"{OF_GAME}::test_averages_follow_the_logits_of_their_side_and_a_look_moves_none",),
    ),
    Mutant(
        "LeCam's averages are no state of the model",
        GAME,
        'return {f"discriminator_averages/{k}": v for k, v in self.averages._asdict().items()}',
        "return {}",
        (f"{OF_GAME}::test_averages_are_state_and_go_on_to_the_bit",),
    ),
    Mutant(
        "a penalty of each k-th step is not k-fold",
        GAME,
        "                weight *= self.penalty_every_steps\n",
        "",
        (f"{OF_GAME}::test_penalties_count_in_each_kth_step_and_k_fold[2]",),
    ),
    Mutant(
        "penalties count in the step after each k-th",
        GAME,
        "tf.math.floormod(step, self.penalty_every_steps), 0)",
        "tf.math.floormod(step, self.penalty_every_steps), 1)",
        (f"{OF_GAME}::test_penalties_count_in_each_kth_step_and_k_fold[2]",),
    ),
    Mutant(
        "several penalties share the last one's weight",
        GAME,
        "value += weight * tf.reduce_mean(self._penalty(penalty, judged, logits, draw))",
        "value += self.penalties[-1][1] * "
        "tf.reduce_mean(self._penalty(penalty, judged, logits, draw))",
        ("tests/models/test_dirac.py::test_penalties_add_up_each_with_its_weight",),
    ),
    Mutant(
        "penalties look at generated examples by the labels of the real ones",
        GAME,
        "(inputs if points is fake else batch).get",
        "batch.get",
        (f"{OF_GAME}::test_penalties_look_by_the_labels_of_what_they_look_at",),
    ),
    Mutant(
        "penalties move the discriminator's statistics",
        GAME,
        "return self.judge(points, Mode.FROZEN, labels).logits\n\n        return Judged",
        "return self.judge(points, Mode.TRAIN, labels).logits\n\n        return Judged",
        (f"{OF_GAME}::test_penalties_look_by_the_labels_of_what_they_look_at",),
    ),
    Mutant(
        "the target of a penalty is dropped",
        "tfgan/build.py",
        "return functools.update_wrapper(aimed, penalty), weight",
        "return penalty, weight",
        (f"{OF_GAME}::test_the_flags_of_penalties_reach_them",),
    ),
)
