"""Bugs of several replicas: what each computes alone that all should compute together."""

from tools.mutants.mutant import Mutant

AGREEMENT = "tests/distribution/test_agreement.py::test_two_replicas_take_the_path_of_one"
DISTRIBUTION = "tfgan/distribution.py"
PLAIN = f"{AGREEMENT}[objective non_saturating]"

MUTANTS = (
    Mutant(
        "each replica steps by its own gradient",
        "tfgan/schedules.py",
        "optimizer.apply(replicas.means(gradients), **options)",
        "optimizer.apply(gradients, **options)",
        (PLAIN,),
    ),
    Mutant(
        "all replicas draw the same latents",
        "tfgan/models/gan.py",
        "{name: replicas.share(values) for name, values in drawn.items()}",
        "{n: tf.split(x, getattr(replicas.current(), 'count', 1))[0] for n, x in drawn.items()}",
        (PLAIN,),
    ),
    Mutant(
        "all replicas see the same examples",
        "tfgan/data/arrays.py",
        "chosen = replicas.share(self._order.indices(step))",
        "chosen = tf.split(\n            self._order.indices(step), "
        "getattr(replicas.current(), 'count', 1)\n        )[0]",
        (PLAIN,),
    ),
    Mutant(
        "LeCam's averages are those of one replica",
        "tfgan/models/game.py",
        "tf.stop_gradient(replicas.mean(tf.reduce_mean(values)))",
        "tf.stop_gradient(tf.reduce_mean(values))",
        (f"{AGREEMENT}[penalty lecam]",),
    ),
    Mutant(
        "a relativistic average is that of one replica",
        "tfgan/relativistic.py",
        "replicas.mean(tf.reduce_mean(logits))",
        "tf.reduce_mean(logits)",
        (f"{AGREEMENT}[objective relativistic_average]",),
    ),
    Mutant(
        "synchronised batch normalisation takes the mean of one replica",
        "tfgan/nn/normalisation.py",
        "mean = replicas.mean(tf.reduce_mean(wide, axes))",
        "mean = tf.reduce_mean(wide, axes)",
        (f"{AGREEMENT}[dcgan, batch]",),
    ),
    Mutant(
        "moving statistics are those of one replica",
        "tfgan/nn/normalisation.py",
        "found = replicas.means([mean, variance])",
        "found = [mean, variance]",
        ("tests/distribution/test_agreement.py::test_per_replica_statistics_are_others",),
    ),
    Mutant(
        "the minibatch's deviation is that of one replica",
        "tfgan/nn/minibatch.py",
        "replicas.variance(tf.cast(x, dtype), 0)",
        "tf.math.reduce_variance(tf.cast(x, dtype), 0)",
        (f"{AGREEMENT}[dcgan, spectral]",),
    ),
    Mutant(
        "restored weights reach the first replica alone",
        DISTRIBUTION,
        "variable.assign(value)",
        "variable.assign(variable)",
        ("tests/distribution/test_command.py::test_a_run_with_replicas_resumes_to_the_bit",),
    ),
    Mutant(
        "a run forgets how many replicas it had",
        "tfgan/train.py",
        'computed_by["replicas"] = replicated.count',
        'computed_by["replicas"] = 1',
        (
            "tests/distribution/test_command.py"
            "::test_another_number_of_replicas_is_refused_or_allowed",
        ),
    ),
    Mutant(
        "workers with other flags are let in",
        "tfgan/workers/meeting.py",
        "if chiefs.get(name) != others.get(name):",
        "if name not in chiefs:",
        ("tests/workers/test_meeting.py::test_what_differs_is_named_to_both",),
    ),
    Mutant(
        "a signal of another worker is not heard",
        "tfgan/workers/leading.py",
        'if said.get("signal"):',
        'if said.get("signals"):',
        ("tests/workers/test_leading.py::test_a_signal_of_another_worker_counts",),
    ),
    Mutant(
        "a worker that is gone without a word is waited for",
        "tfgan/workers/connection.py",
        "        self._received.put(None)\n        if self._is_closing",
        "        if self._is_closing",
        ("tests/workers/test_meeting.py::test_one_that_dies_while_the_chief_waits_is_named",),
    ),
)
