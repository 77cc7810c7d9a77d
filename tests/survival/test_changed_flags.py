"""What of a run's config may change on the way, and that no bit changes with it: every field."""

import dataclasses
import shutil

import numpy as np
import PIL.Image
import pytest

from tests.survival.rig import Rig, everything, forget
from tfgan.config import FIELDS, Config
from tfgan.core.checks import InputError
from tfgan.runs.folder import RunFolder
from tools import zygote


def never_changes_numbers(name):
    """Says whether a run may resume with another value of a field."""
    return not FIELDS[name].metadata["changes_numbers"]


OTHER = dict(
    **dict(
        data="grid",
        image_dir="/images",
        background="black",
        data_dir="/data",
        split="test",
        image_size=16,
        mirror=True,
        binarise="dynamic",
    ),
    **dict(model_type="vae", likelihood="gaussian", likelihood_stddev=0.5),
    **dict(data_memory_mb=1, batch_size=9, network="dcgan", latent_size=3, hidden_size=9),
    **dict(
        latent_distribution="normal",
        hidden_layers=3,
        base_channels=8,
        max_channels=9,
        generator_norm="layer",
        discriminator_norm="layer",
        norm_groups=4,
        attention_size=4,
        minibatch_stddev=True,
    ),
    **dict(condition="projection", label_distribution="uniform", num_categories=9, num_codes=1),
    **dict(compute_dtype="bfloat16", objective="minimax", weight_clip=0.01, label_smoothing=0.1),
    **dict(penalties="r1:10", penalty_target=0.5, penalty_every_steps=2, pack=3, augment="color"),
    **dict(
        learning_rate_schedule="linear",
        warmup_steps=5,
        decay_steps=9,
        discriminator_decay=False,
        gradient_clip_norm=1.0,
        condition_weight=0.5,
    ),
    **dict(update_order="discriminator_first", discriminator_steps=2, optimizer="sgd"),
    **dict(generator_learning_rate=0.1, discriminator_learning_rate=0.1, beta1=0.6, beta2=0.9),
    **dict(epsilon=1e-7, rho=0.8, momentum=0.1, average_decay=0.5, num_steps=40, seed=1),
    **dict(
        warm_start="/run", num_threads=1, steps_per_call=3, log_every_steps=7, sample_every_steps=9
    ),
    **dict(checkpoint_every_steps=7, keep_checkpoints=1, keep_every_steps=10),
    **dict(evaluate_every_steps=10, evaluate_metrics="recall", evaluate_extractor="pixels"),
    **dict(evaluate_inception="keras", evaluate_num_samples=99, keep_best="recall"),
    **dict(strategy="mirrored", replicas=2, sync_batch_norm=True),
    **dict(on_nonfinite="rollback", max_rollbacks=0, stop_when="converged", num_samples=5),
)
"""Of every field, a value that the run does not have."""

FREE = [name for name in OTHER if never_changes_numbers(name)]
FIXED = [name for name in OTHER if not never_changes_numbers(name)]


def test_every_field_has_another_value(finished):
    config = finished[0].config.to_dict()
    assert OTHER.keys() == FIELDS.keys() == {*FREE, *FIXED}
    assert not [name for name in OTHER if OTHER[name] == config[name]]


@pytest.mark.parametrize("name", FIXED)
def test_what_changes_numbers_is_refused_whatever_is_allowed(name, run):
    tested, path = run
    changed = dataclasses.replace(tested.config, **{name: OTHER[name]})
    before = everything(path)
    for allowed in (False, True):
        with pytest.raises(InputError, match=f"--{name}=.*, got {OTHER[name]}: this is another"):
            RunFolder(str(path), changed, allowed)
    assert everything(path) == before


@pytest.mark.parametrize("name", FREE)
def test_what_never_changes_numbers_is_allowed_if_asked_for(name, run):
    tested, path = run
    changed = dataclasses.replace(tested.config, **{name: OTHER[name]})
    match = f"--{name}=.*, got {OTHER[name]}: set it back, or add --allow_changed_flags to resume"
    if name != "num_steps":  # of which there are more, and that needs no permission
        with pytest.raises(InputError, match=match):
            RunFolder(str(path), changed)
    RunFolder(str(path), changed, allow_changed_flags=True).close()


def numbers(path):
    """Returns the first 30 rows of losses.csv, and the bytes of the state at step 30."""
    rows = (path / "losses.csv").read_bytes().splitlines()
    assert len(rows) > 30
    state = sorted((path / "checkpoints" / f"{30:010d}").glob("state.*"))
    assert state
    return rows[:31], {file.name: file.read_bytes() for file in state}


OF_IMAGES = ("image_dir", "data_dir", "data_memory_mb")  # without a meaning for points
OF_THE_PROCESS = ("num_threads", "strategy", "replicas")  # tests/distribution has the last two
OF_EVALUATIONS = ("evaluate_inception", "keep_best")  # which this run has none of: tests/evaluation


@pytest.mark.parametrize(
    "name", [n for n in FREE if n not in OF_IMAGES + OF_THE_PROCESS + OF_EVALUATIONS]
)
def test_what_is_allowed_leaves_every_bit_as_it_was(name, run):
    """A model built, traced and run under the changed field goes on from step 10."""
    tested, path = run
    expected = numbers(path)
    forget(path, 10)
    changed = dataclasses.replace(tested.config, **{name: OTHER[name]})
    Rig(changed).train(path)
    assert numbers(path) == expected


@pytest.fixture(scope="module")
def finished_on_images(tmp_path_factory):
    """The config and the folder of a finished run on images, and two directories alike."""
    folder = tmp_path_factory.mktemp("images")
    (folder / "images").mkdir()
    draw = np.random.RandomState(0)
    for i in range(16):
        pixels = draw.randint(0, 256, size=(8, 8, 1)).astype(np.uint8)
        PIL.Image.fromarray(pixels[..., 0]).save(folder / "images" / f"{i:02d}.png")
    shutil.copytree(folder / "images", folder / "moved")
    config = Config(
        **dict(image_dir=str(folder / "images"), network="mlp", hidden_size=8, batch_size=8),
        **dict(num_steps=30, checkpoint_every_steps=10, log_every_steps=5, sample_every_steps=10),
    )
    Rig(config).train(folder / "run")
    return config, folder


@pytest.mark.parametrize("change", OF_IMAGES)
def test_data_may_move(change, finished_on_images, tmp_path):
    config, folder = finished_on_images
    shutil.copytree(folder / "run", tmp_path / "run")
    forget(tmp_path / "run", 10)
    moved = dict(image_dir=str(folder / "moved"), data_dir=str(tmp_path), data_memory_mb=0)
    Rig(dataclasses.replace(config, **{change: moved[change]})).train(tmp_path / "run")
    assert numbers(tmp_path / "run") == numbers(folder / "run")


def test_other_data_is_refused(finished_on_images, tmp_path):
    config, folder = finished_on_images
    shutil.copytree(folder / "run", tmp_path / "run")
    shutil.copytree(folder / "moved", tmp_path / "moved")
    PIL.Image.new("L", (8, 8)).save(tmp_path / "moved" / "00.png")
    changed = Rig(dataclasses.replace(config, image_dir=str(tmp_path / "moved")))
    with pytest.raises(InputError, match="data: fingerprint was .*, so the bits would not be"):
        changed.train(tmp_path / "run")
    assert numbers(tmp_path / "run") == numbers(folder / "run")


def test_another_number_of_threads_is_refused_unless_it_comes_to_the_same(tmp_path):
    run = tmp_path / "run"
    arguments = ["--data=ring", "--network=mlp", "--hidden_size=8", f"--run_dir={run}"]
    arguments += ["--checkpoint_every_steps=10", "--num_threads=1"]
    status, child = zygote.train([*arguments, "--num_steps=30"], tmp_path / "first")
    assert status == 0, child.stderr
    expected = numbers(run)
    forget(run, 10)
    more = [*arguments, "--num_steps=30", "--allow_changed_flags"]
    status, child = zygote.train([*more, "--num_threads=2"], tmp_path / "second")
    assert status == 2
    assert "fingerprint: num_threads was 1 and is now 2, so the bits would not" in child.stderr
    status, child = zygote.train([*more, "--num_threads=0"], tmp_path / "third")  # 1 for the mlp
    assert status == 0, child.stderr
    assert numbers(run) == expected
