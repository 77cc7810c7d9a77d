"""Bugs in what is measured of a game: its value, the divergence, the duality gap."""

from tools.mutants.mutant import Mutant

VALUE, GAME = "tfgan/metrics/game.py", "tfgan/evaluation/game.py"
OF_GAP = "tests/evaluation/test_duality_gap.py"
STEPS = f"{OF_GAP}::test_it_is_what_both_players_gain_by_steps_of_their_own_on_the_other_half"

MUTANTS = (
    Mutant(
        "the divergence has the sign of what the generator gains",
        VALUE,
        "return 0.5 * (value - OPTIMUM)",
        "return 0.5 * (OPTIMUM - value)",
        (
            "tests/models/test_theory.py::"
            "test_the_value_of_the_best_discriminator_is_the_divergence_and_less_for_others",
        ),
    ),
    Mutant(
        "the value takes samples for real",
        VALUE,
        "np.logaddexp(0.0, fake)",
        "np.logaddexp(0.0, -fake)",
        ("tests/metrics/test_value.py::test_the_value_is_the_mean_logarithm_of_what_is_right",),
    ),
    Mutant(
        "best responses are trained on the examples that judge",
        GAME,
        'source.batch(number % self._examples.num_finding if side == "find" else number)',
        "source.batch(\n"
        "            self._examples.num_finding + number % self._examples.num_judging\n"
        '            if side == "find"\n            else number\n        )',
        (STEPS,),
    ),
    Mutant(
        "the generator answers the discriminator's best response",
        GAME,
        "    finally:\n        assign(model.state(), before)",
        "    finally:\n        pass",
        (STEPS,),
    ),
    Mutant(
        "a schedule that has ended holds the best responses",
        GAME,
        "        self._trained.schedule = self._trained.discriminator_schedule = CONSTANT\n",
        "",
        (f"{OF_GAP}::test_a_schedule_that_has_ended_does_not_hide_the_gap",),
    ),
    Mutant(
        "a mixture is judged by the draws that the run was trained on",
        GAME,
        'return source.with_seed(random.key(seed, "held out") % 2**31)',
        "return source",
        (f"{OF_GAP}::test_examples_that_judge_are_none_that_were_trained_on",),
    ),
)
