"""Combinations that contradict themselves end a real command in one line, before it writes a thing.

The line names both sides, each with its value, and the way out.
"""

import inspect
import re

import pytest

from tfgan import train
from tfgan.cli import flags
from tfgan.core import contradictions
from tfgan.core.checks import InputError

# The command line, what its message has to name, and a part of the way out. Data are digits.
REFUSED = [
    (["--pack=3"], ["pack=3", "batch_size=64"], "take batch_size=63"),
    (["--pack=64", "--batch_size=16"], ["pack=64", "batch_size=16"], "take batch_size=64"),
    (
        ["--label_smoothing=0.1", "--objective=wasserstein"],
        ["label_smoothing=0.1", "objective=wasserstein"],
        "leave it 0, or take one of minimax, non_saturating, least_squares",
    ),
    (
        ["--discriminator_norm=batch", "--penalties=r1:10"],
        ["penalties=r1:...", "discriminator_norm=batch"],
        "take discriminator_norm=layer, group, spectral or none",
    ),
    (["--penalty_every_steps=4"], ["penalty_every_steps=4", "there are none"], "give --penalties="),
    (
        ["--decay_steps=9"],
        ["decay_steps=9", "learning_rate_schedule=constant"],
        "take linear or cosine, or leave it 0",
    ),
    (
        ["--learning_rate_schedule=linear"],
        ["learning_rate_schedule=linear", "decay_steps says, which is 0"],
        "give it, or take constant",
    ),
    (
        ["--nodiscriminator_decay"],
        ["discriminator_decay=False", "learning_rate_schedule=constant"],
        "take linear or cosine, or leave it out",
    ),
    (
        ["--num_categories=5"],
        ["num_categories=5", "--condition=information"],
        "give that, or leave num_categories out",
    ),
    (
        ["--condition_weight=3"],
        ["condition_weight=3.0", "--condition=auxiliary or information"],
        "give that, or leave",
    ),
    (
        ["--label_distribution=uniform"],
        ["label_distribution=uniform", "a condition on the labels of the data"],
        "give that, or leave",
    ),
    (
        ["--penalty_target=2", "--penalties=r1:1"],
        ["penalty_target=2.0", "one of --penalties=gradient_penalty:..., "],
        "give that, or leave",
    ),
    (
        ["--norm_groups=7", "--generator_norm=layer"],
        ["norm_groups=7", "--generator_norm=group or --discriminator_norm=group"],
        "give that, or leave",
    ),
    (
        ["--network=r3gan", "--base_channels=6", "--max_channels=12", "--image_size=32"],
        ["groups of 16 channels", "the 24 inside a block of 12"],
        "take a --base_channels and a --max_channels that 8 divides",
    ),
    (
        ["--num_codes=2"],
        ["num_codes=2", "condition=none"],
        "give --condition=information, or leave",
    ),
    (
        ["--condition=information", "--num_codes=65"],
        ["num_codes=65", "latent_size=64"],
        "give fewer codes, or more latents",
    ),
    (
        ["--model_type=vae", "--objective=hinge"],
        ["objective=hinge is of model_type=gan", "model_type=vae"],
        "leave it out",
    ),
    (
        ["--model_type=vae", "--penalties=r1:10"],
        ["penalties=r1:10 is of model_type=gan", "model_type=vae"],
        "leave it out",
    ),
    (
        ["--model_type=vae", "--condition=projection"],
        ["condition=projection is of model_type=gan", "model_type=vae"],
        "leave it out",
    ),
    (
        ["--likelihood=gaussian"],
        ["likelihood=gaussian is of model_type=vae", "model_type=gan"],
        "leave it out",
    ),
    (
        ["--model_type=vae", "--latent_distribution=uniform"],
        ["latent_distribution=uniform", "model_type=vae"],
        "give --latent_distribution=normal",
    ),
    (
        ["--model_type=vae", "--likelihood_stddev=0.1"],
        ["likelihood_stddev=0.1", "likelihood=bernoulli"],
        "leave it 0, or give --likelihood=gaussian",
    ),
    (["--penalties=r3:10"], ["unknown penalty 'r3'"], "Known: dragan, grad"),
    (["--penalties=r1"], ["penalty r1 needs a weight above 0, got ''"], "write r1:10"),
    (["--penalties=r1:0"], ["penalty r1 needs a weight above 0, got '0'"], "write r1:10"),
    (["--penalties=r1:-1"], ["penalty r1 needs a weight above 0, got '-1'"], "write r1:10"),
    (["--penalties=r1:nan"], ["penalty r1 needs a weight above 0, got 'nan'"], "write r1:10"),
    (["--penalties=r1:inf"], ["penalty r1 needs a weight above 0, got 'inf'"], "write r1:10"),
    (["--penalties=r1:1_0"], ["penalty r1 needs a weight above 0, got '1_0'"], "write r1:10"),
    (["--penalties=r1:5,r1:5"], ["penalty r1 is there twice"], "give it one weight"),
    (["--augment=colour"], ["unknown augmentation 'colour'; did you mean 'color'"], "Known: color"),
    (["--augment=color,color"], ["augmentation color is there twice"], "name it once"),
]


@pytest.mark.parametrize(
    ("argv", "sides", "way_out"), REFUSED, ids=[" ".join(argv) for argv, *_ in REFUSED]
)
def test_a_contradiction_is_one_line_before_anything_is_written(
    argv, sides, way_out, tmp_path, capsys
):
    folder = tmp_path / "runs" / "x"
    with pytest.raises(SystemExit) as ended:
        flags.run(train.main, "", train.EXTRA, [*argv, "--num_steps=1", f"--run_dir={folder}"])
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert all(side in said.err for side in [*sides, way_out]), said.err
    assert [*tmp_path.iterdir()] == []


def test_every_contradiction_of_fields_is_tried():
    """By the first words of its message, as the source has them."""
    source = inspect.getsource(contradictions.check)
    openings = re.findall(r'raise InputError\(\s*f"(\w+)=', source)
    tried = [name for _, sides, _ in REFUSED for side in sides for name in [side.partition("=")[0]]]
    assert len(openings) >= 6
    assert set(openings) <= set(tried)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("r1:5", [("r1", 5.0)]),
        ("r1:5,r2:0.5", [("r1", 5.0), ("r2", 0.5)]),
        (" gradient_penalty : 1e1 , lecam:.3,", [("gradient_penalty", 10.0), ("lecam", 0.3)]),
    ],
)
def test_penalties_are_read_with_their_weights(text, expected, small_config):
    assert contradictions.penalties(small_config(penalties=text)) == expected


def test_what_does_not_contradict_passes(small_config):
    for fields in (
        dict(pack=4),
        dict(label_smoothing=0.1, objective="least_squares"),
        dict(penalties="r1:5,r2:5", penalty_every_steps=4),
        dict(learning_rate_schedule="cosine", decay_steps=10, warmup_steps=3),
        dict(learning_rate_schedule="linear", decay_steps=10, discriminator_decay=False),
        dict(warmup_steps=3),
        dict(augment="color, translation ,cutout"),
        dict(discriminator_norm="batch", penalties="lecam:0.3"),
    ):
        contradictions.check(small_config(**fields))
    with pytest.raises(InputError):
        contradictions.check(small_config(pack=5))
