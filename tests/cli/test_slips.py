"""Slips of a new user: each gets one line that names the way out, before TensorFlow is imported."""

import dataclasses

import pytest
from PIL import Image

from tfgan import build
from tfgan.cli import flags, implied, slips
from tfgan.config import FIELDS, Config
from tfgan.core.checks import InputError
from tfgan.data import catalog, folder
from tfgan.data.synthetic import MIXTURES

FLAGS = {
    "--lr=0.001": "--lr; here it is --generator_learning_rate and --discriminator_learning_rate.",
    "--learning-rate=0.001": "here it is --generator_learning_rate and --discriminator_learning",
    "--epochs=10": "here it is --num_steps: N epochs of M images are N * M / batch_size of them",
    "--nz=100": "here it is --latent_size.",
    "--ngf=64": "here it is --base_channels.",
    "--dataroot=photos": "here it is --image_dir.",
    "--dataset=mnist": "here it is --data.",
    "--output_dir=x": "here it is --run_dir.",
    "--resume": "here it is no flag: the same command resumes by itself.",
    "--pretrained=runs/a": "here it is --warm_start.",
    "--gpu=0": "here it is no flag: TensorFlow takes the GPU that it sees",
    "--n_critic=5": "here it is --discriminator_steps.",
    "--gan_mode=lsgan": "here it is --objective.",
    "--fp16": "here it is --compute_dtype=bfloat16.",
    "--BATCH_SIZE=8": "did you mean --batch_size?",
    "--network=DCGAN": "unknown network 'DCGAN'; did you mean 'dcgan'?",
    "--optimizer=ADAM": "unknown optimizer 'ADAM'; did you mean 'adam'?",
    "--objective=Wasserstein": "did you mean 'wasserstein'?",
    "--image_size=64px": "must be a whole number of decimal digits, such as 64",
    "--num_steps=3k": "must be a whole number of decimal digits, such as 64",
    "--learning_rate": "here it is --generator_learning_rate",
}


@pytest.mark.parametrize("argument", FLAGS)
def test_a_flag_that_is_called_otherwise_here(argument):
    extra = {"run_dir": flags.Flag(str, "", "Where.")}
    with pytest.raises(InputError) as caught:
        flags.parse([argument], extra)
    assert FLAGS[argument] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_name_elsewhere_leads_to_a_flag_that_there_is():
    known = {*FIELDS, "run_dir", "flagfile"}
    for name in slips.ELSEWHERE:
        assert name not in known
        assert slips.hint(name, known).startswith("here it is "), name
    assert slips.hint("lr", {"run_dir"}) == ""  # a command that has no learning rate
    assert slips.hint("zzz", known) == ""


def test_a_directory_without_a_flag(tmp_path):
    with pytest.raises(InputError, match=f"write --run_dir={tmp_path} or --image_dir={tmp_path}"):
        flags.parse([str(tmp_path)])


def test_a_path_where_the_name_of_a_set_belongs(tmp_path):
    (tmp_path / "a.png").touch()
    for path in (tmp_path, tmp_path / "a.png"):
        with pytest.raises(InputError, match=f"is a path, not a set: .* --image_dir={tmp_path}$"):
            catalog.find(str(path), "")


def test_a_file_where_a_folder_belongs(tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "a.png")
    settings = dict(image_size=0, batch_size=1, seed=0, memory_mb=1)
    with pytest.raises(InputError, match="a.png' is a file: name its folder"):
        folder.load(str(tmp_path / "a.png"), **settings)
    with pytest.raises(InputError, match="gone' is not there"):
        folder.load(str(tmp_path / "gone"), **settings)


@pytest.mark.parametrize(
    ("shape", "way_out"),
    [
        ((4, 4, 3), "--image_size=8 or more, or --network=mlp"),
        ((6, 100, 1), "--image_size=8 or more, or --network=mlp"),
        ((2,), "give --network=mlp"),
    ],
)
def test_a_shape_that_the_network_cannot_have(shape, way_out):
    with pytest.raises(InputError, match=way_out):
        build.build_networks(Config(), shape)


def test_points_choose_the_network_by_themselves(tmp_path):
    def network(*argv):
        return flags.parse(argv)[0].network

    assert network("--data=ring") == network("--data=grid") == "mlp"
    assert network("--data=ring", "--network=dcgan") == "dcgan"
    assert network("--data=digits") == network() == "dcgan"
    file = tmp_path / "ring.flags"
    file.write_text("--data=ring\n")
    assert network(f"--flagfile={file}") == "mlp"
    assert set(implied.POINTS) == set(MIXTURES)


def test_a_folder_of_pictures_takes_the_recipe_that_was_measured(tmp_path):
    def config(*argv):
        return flags.parse([f"--image_dir={tmp_path}", *argv])[0]

    recipe, _ = flags.parse([f"--recipe={implied.PICTURES}"])
    assert config() == dataclasses.replace(recipe, image_dir=str(tmp_path))
    assert config("--base_channels=8").base_channels == 8
    assert config("--base_channels=8").discriminator_norm == "batch"
    assert config("--recipe=mnist").base_channels == 16
    file = tmp_path / "own.flags"
    file.write_text("--seed=1\n")
    assert config(f"--flagfile={file}") == Config(image_dir=str(tmp_path), seed=1)
    file.write_text("# all as it is by default\n")
    assert (
        config(f"--flagfile={file}")
        == config("--flagfile", str(file))
        == Config(image_dir=str(tmp_path))
    )
    assert flags.parse(["--image_dir="])[0] == Config()
