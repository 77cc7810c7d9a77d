"""Bugs in the way from samples to numbers: which examples, which features, which floor."""

from tools.mutants.mutant import Mutant

FEATURES, EXAMPLES = "tfgan/evaluation/real_features.py", "tfgan/evaluation/examples.py"
OF_COMMAND, OF_TRAINING = (
    f"tests/evaluation/test_{name}.py" for name in ("evaluate", "while_training")
)
OF_FLOOR = f"{OF_COMMAND}::test_the_real_examples_in_the_place_of_samples_have_the_floor"

MUTANTS = (
    Mutant(
        "the floor is that of the very examples that are compared with",
        FEATURES,
        "return self.of(self._real, self._count, self._count)",
        "return self.of(self._real, 0, self._count)",
        (OF_FLOOR,),
    ),
    Mutant(
        "the floor of a density explains the examples that it is made of",
        "tfgan/evaluation/measuring.py",
        "((known.other, False), (known.real, True))",
        "((known.other, False), (known.other, True))",
        (f"{OF_COMMAND}::test_the_floor_of_a_density_is_not_made_of_what_it_explains[True]",),
    ),
    Mutant(
        "samples that look real and cover little are healthy",
        "tfgan/models/gan_health.py",
        "return max(spacing) <= FEW_MODES_SPACING",
        "return False",
        ("tests/models/test_gan_health_runs.py::test_a_sick_run_is_found[few modes]",),
    ),
    Mutant(
        "a run from before the newer columns of health gets them when it resumes",
        "tfgan/runs/health.py",
        "not written or name in written or name not in LATER",
        "bool(name)",
        (
            "tests/runs/test_health_by_class.py::"
            "test_a_run_from_before_precision_and_spacing_goes_on_without",
        ),
    ),
    Mutant(
        "examples that are compared with are taken for held out",
        "tfgan/evaluation/subjects.py",
        "if _place(other) == _place(config):",
        "if _place(other) is _place(config):",
        (f"{OF_COMMAND}::test_the_examples_that_are_compared_with_are_not_held_out[train]",),
    ),
    Mutant(
        "copies are looked for in a part of the training set twice",
        FEATURES,
        "rest = self.of(self._real, self._count, more)",
        "rest = self.of(self._real, 0, more)",
        (
            "tests/evaluation/test_measuring.py::test_copies_are_looked_for_in_the_whole_training_set_once",
        ),
    ),
    Mutant(
        "the picture of neighbours has the farthest samples",
        "tfgan/evaluation/neighbours.py",
        'chosen = np.argsort(distances, kind="stable")[:ROWS]',
        'chosen = np.argsort(-distances, kind="stable")[:ROWS]',
        (
            "tests/evaluation/test_neighbours_picture.py::test_the_nearest_samples_come_first_each_before_its_nearest_examples",
        ),
    ),
    Mutant(
        "samples are the same for every seed",
        EXAMPLES,
        'stream = f"{STREAM}/{seed}"',
        "stream = STREAM",
        (f"{OF_COMMAND}::test_samples_do_not_depend_on_how_they_are_asked_for",),
    ),
    Mutant(
        "every chunk of samples is the first",
        EXAMPLES,
        "model.inputs(CHUNK, stream, number)",
        "model.inputs(CHUNK, stream, 0)",
        (f"{OF_COMMAND}::test_no_sample_comes_twice",),
    ),
    Mutant(
        "pixels stay in [-1, 1]",
        "tfgan/evaluation/extractors.py",
        "(rows + np.float32(1)) * np.float32(0.5) if self.gives_pixels else rows, None",
        "rows, None",
        (f"{OF_COMMAND}::test_pixels_are_those_of_people_who_publish_numbers",),
    ),
    Mutant(
        "the classifier is judged by examples that it was trained on",
        "tfgan/evaluation/classifier.py",
        "in real.labelled(num_seen, num_unseen):",
        "in real.labelled(0, num_unseen):",
        ("tests/evaluation/test_classifier.py::test_what_judges_it_was_never_trained_on",),
    ),
    Mutant(
        "a graph of other shapes bears the name FID",
        "tfgan/evaluation/inception.py",
        "if found != expected or tensor.dtype",
        "if tensor.dtype",
        (
            "tests/evaluation/test_inception_files.py::"
            "test_only_a_graph_of_the_shapes_of_the_original_bears_the_name",
        ),
    ),
    Mutant(
        "the floor of the modes is measured at each evaluation",
        "tfgan/evaluation/measuring.py",
        "if self._has_floors and not any((name, by) in self._floors for name in values):",
        "if self._has_floors:",
        (f"{OF_TRAINING}::test_the_floors_are_measured_once[fields1]",),
    ),
    Mutant(
        "a run resumes with another extractor's numbers in the old columns",
        "tfgan/runs/best.py",
        "if before and names and before != list(names):",
        "if not names and before:",
        (f"{OF_TRAINING}::test_inception_measures_while_training_and_its_file_may_move",),
    ),
    Mutant(
        "the best checkpoint is the worst",
        "tfgan/runs/best.py",
        "return int(min(measured,",
        "return int(max(measured,",
        (f"{OF_TRAINING}::test_the_best_step_follows_the_direction_of_the_metric",),
    ),
    Mutant(
        "the best checkpoint goes with the others",
        "tfgan/runs/checkpoints.py",
        "if not is_kept and old != self.best:",
        "if not is_kept:",
        (f"{OF_TRAINING}::test_the_best_checkpoint_stays_and_the_others_go",),
    ),
    Mutant(
        "a digit of a stack counts in another place",
        "tfgan/evaluation/modes.py",
        "number = number * num_classes + probabilities.argmax(1)",
        "number = number + num_classes * probabilities.argmax(1)",
        ("tests/evaluation/test_modes_of_digits.py::test_the_three_digits_name_the_mode",),
    ),
    Mutant(
        "the end of somebody's own file is cut off",
        "tfgan/evaluation/records.py",
        "if left.startswith(BEGIN) or BEGIN.startswith(left):",
        "if True:",
        (f"{OF_COMMAND}::test_a_file_of_something_else_is_neither_cut_nor_added_to",),
    ),
    Mutant(
        "samples are compared with examples of another shape",
        "tfgan/evaluation/measuring.py",
        "if samples.shape != real:",
        "if False:",
        (f"{OF_COMMAND}::test_samples_of_another_shape_are_refused",),
    ),
    Mutant(
        "runs of two seeds meet other real examples",
        "tfgan/evaluation/subjects.py",
        'condition="none", seed=0)',
        'condition="none")',
        (f"{OF_COMMAND}::test_all_runs_are_compared_with_the_same_examples",),
    ),
)
