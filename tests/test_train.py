"""The main job through its real command: what it prints, what it leaves, how it refuses."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from tfgan import train as train_command
from tfgan.cli import flags
from tfgan.config import Config
from tfgan.losses import OBJECTIVES

ROOT = Path(__file__).parents[1]
SMALL = ["--num_steps=12", "--log_every_steps=5", "--sample_every_steps=6", "--base_channels=4"]


def train(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "tfgan.train", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


def head_commit():
    """Returns the commit that git knows of this code; empty outside of git, or without it."""
    command = ["git", "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "digits"
    return folder, train("--flagfile=tfgan/recipes/digits.flags", *SMALL, f"--run_dir={folder}")


def test_it_says_what_it_will_do_and_how_far_it_is(run):
    folder, done = run
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["data", "digits:", "1797", "examples,", "8", "x", "8", "x", "1"]
    assert lines[2].startswith("generator ")
    assert lines[3].startswith("discriminator ")
    steps = [line.split()[1] for line in lines if line.startswith("step ")]
    expected = ["5/12", "10/12", "12/12"]  # and others, where the machine is slow
    assert [step for step in steps if step in expected] == expected
    assert " steps/s ETA 0:00" in lines[-2]
    assert " V -" in lines[-2]


def test_every_step_is_in_the_losses(run):
    folder, _ = run
    with (folder / "losses.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == [str(i) for i in range(1, 13)]
    assert all(np.isfinite(float(row["g_loss"])) and float(row["d_loss"]) > 0 for row in rows)


def test_pictures_are_left_at_intervals_and_an_animation(run):
    folder, _ = run
    names = sorted(path.name for path in (folder / "samples").iterdir())
    assert names == ["00000000.png", "00000006.png", "00000012.png", "real.png"]
    first, last = (np.asarray(PIL.Image.open(folder / "samples" / n)) for n in names[::2])
    assert first.shape == last.shape
    assert (first != last).any()
    with PIL.Image.open(folder / "samples.gif") as animation:
        assert animation.n_frames == 3
    assert (folder / "losses.png").read_bytes().startswith(b"\x89PNG")


def test_the_data_are_drawn_before_the_first_step(run):
    from tfgan import build

    folder, _ = run
    config, _ = flags.parse([f"--flagfile={folder}/flags.txt"])
    source = build.build_source(config)
    examples = [source.batch(np.int64(0))["real"].numpy()]  # num_samples is one batch
    assert len(examples[0]) == config.num_samples
    expected = source.kind.draw(examples[0])
    drawn = PIL.Image.open(folder / "samples" / "real.png")
    np.testing.assert_array_equal(np.asarray(drawn), np.asarray(expected))


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ({}, "runs/digits"),
        ({"data": "ring"}, "runs/ring"),
        ({"image_dir": "photos/of cats/"}, "runs/of cats"),
        ({"image_dir": "~/cats"}, "runs/cats"),
        ({"image_dir": "/"}, "runs/images"),
    ],
)
def test_where_a_run_goes_that_is_not_told(flag, expected):
    assert train_command.default_run_dir(Config(**flag)) == expected


def test_the_flags_replay_the_run_to_the_last_bit(run, tmp_path):
    folder, _ = run
    again = tmp_path / "again"
    done = train(f"--flagfile={folder}/flags.txt", f"--run_dir={again}")
    assert done.returncode == 0, done.stderr
    for name in ("losses.csv", "flags.txt", "samples/00000012.png"):
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


def test_the_record_holds_what_the_bits_depend_on(run):
    folder, _ = run
    record = json.loads((folder / "run.json").read_text())
    config, _ = flags.parse([f"--flagfile={folder}/flags.txt"])
    assert record["config"] == config.to_dict()
    assert record["fingerprint"]["graph_compiler"]["disable_meta_optimizer"] is True
    assert record["fingerprint"]["num_threads"] == os.cpu_count()
    assert isinstance(record["fingerprint"]["instructions"], str)
    assert record["data"]["num_examples"] == 1797
    assert (record["commit"] or "").removesuffix("-dirty") == head_commit()
    assert [start["step"] for start in record["starts"]] == [0]


def test_the_weights_are_those_of_the_last_picture(run):
    from tfgan import build
    from tfgan.runs.folder import RunFolder

    folder, _ = run
    config, _ = flags.parse([f"--flagfile={folder}/flags.txt"])
    model, source = build.build(config)
    with RunFolder(str(folder), config) as kept:
        kept.restore(model)
    picture = source.kind.draw(model.sample(model.inputs(64, "samples")).numpy())
    kept = PIL.Image.open(folder / "samples" / "00000012.png")
    assert np.asarray(picture).tobytes() == np.asarray(kept).tobytes()


def test_a_run_is_never_written_over(run):
    folder, _ = run
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = train(*SMALL, f"--run_dir={folder}")  # not the digits' recipe
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {folder} has --")
    assert "this is another run; set it back, or choose another --run_dir." in line
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


BAD = {
    "--objektive=minimax": "objektive",
    "--objective=logistic": "unknown objective 'logistic'",
    "--network=dcgann": "did you mean 'dcgan'",
    "--optimizer=adamw": "unknown optimizer 'adamw'",
    "--data=mnits": "mnist",
    "--image_size=7": "8 x 8 pixels or more",
    "--batch_size=1798": "1797",
    "--generator_learning_rate=nan": "generator_learning_rate",
    "--generator_learning_rate=inf": "generator_learning_rate",
    "--num_steps=0": "num_steps",
    "--beta1=1.0": "beta1",
    "--image_dir=/nowhere/at/all": "/nowhere/at/all",
    "digits": "digits",
}


@pytest.mark.parametrize("argument", BAD)
def test_bad_input_is_answered_in_one_line(argument, tmp_path, capsys):
    run_dir = tmp_path / "run"
    with pytest.raises(SystemExit) as stop:
        flags.run(train_command.main, "", train_command.EXTRA, [argument, f"--run_dir={run_dir}"])
    assert stop.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert BAD[argument] in line
    assert not run_dir.exists()


def test_in_a_process_of_its_own_too(tmp_path):
    done = train("--objective=logistic", f"--run_dir={tmp_path / 'run'}")
    assert done.returncode == 2
    assert done.stderr == (
        "error: command line: unknown objective 'logistic'; did you mean 'relativistic'? "
        f"Known: {', '.join(sorted(OBJECTIVES))}.\n"
    )
    assert done.stdout == ""


def test_a_set_that_is_not_prepared_is_answered_with_the_way_out(tmp_path):
    data_dir, run_dir = tmp_path / "data", tmp_path / "run"
    done = train(
        "--data=mnist", "--image_size=32", f"--data_dir={data_dir}", f"--run_dir={run_dir}"
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert not any(path.exists() for path in (data_dir, run_dir))
    (line,) = done.stderr.splitlines()
    assert "python -m tfgan.prepare --data=mnist" in line


def test_a_folder_of_images_trains(tmp_path):
    draw = np.random.RandomState(0)
    for i in range(20):
        pixels = draw.randint(0, 256, size=(20, 24, 3)).astype(np.uint8)
        PIL.Image.fromarray(pixels).save(tmp_path / f"{i}.png")
    done = train(
        *SMALL,
        f"--image_dir={tmp_path}",
        "--image_size=16",
        "--batch_size=8",
        f"--run_dir={tmp_path / 'run'}",
    )
    assert done.returncode == 0, done.stderr
    assert "20 examples, 16 x 16 x 3" in done.stdout


def test_an_image_that_goes_bad_while_training_is_named(tmp_path, capsys, monkeypatch):
    images, run_dir = tmp_path / "images", tmp_path / "run"
    images.mkdir()
    for i in range(8):
        PIL.Image.fromarray(np.full((8, 8, 3), i, np.uint8)).save(images / f"{i}.png")

    def spoil(*_):
        (images / "5.png").write_bytes(b"no picture")

    monkeypatch.setattr("tfgan.runs.folder.RunFolder.write_samples", spoil)  # before the first step
    reading = ["--data_memory_mb=0", "--batch_size=4", f"--image_dir={images}", "--network=mlp"]
    threads = f"--num_threads={os.cpu_count()}"  # what this process has started with
    argv = [*SMALL, *reading, threads, f"--run_dir={run_dir}"]
    with pytest.raises(SystemExit) as stop:
        flags.run(train_command.main, "", train_command.EXTRA, argv)
    assert stop.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert "5.png" in line


def test_classes_are_said_and_what_lacks_them_is_refused_before_anything(tmp_path, capsys):
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    for i in range(3):
        image = PIL.Image.new("L", (8, 8), 80 * i)
        image.save(tmp_path / "photos" / "cats" / f"{i}.png")
    run_dir = tmp_path / "run"
    small = ["--network=mlp", "--hidden_size=8", "--condition=projection", "--num_samples=20"]
    threads = f"--num_threads={os.cpu_count()}"  # what this process has started with
    small += ["--batch_size=2", "--num_steps=1", threads, f"--run_dir={run_dir}"]
    alone = [*small, f"--image_dir={tmp_path / 'photos'}"]
    for arguments, message in (
        (alone, "has one class alone, 'cats'"),
        ([*small, "--num_codes=1"], "num_codes=1 are InfoGAN's"),
    ):
        with pytest.raises(SystemExit) as stop:
            flags.run(train_command.main, extra=train_command.EXTRA, argv=arguments)
        assert stop.value.code == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert message in line
        assert not run_dir.exists()
    flags.run(train_command.main, extra=train_command.EXTRA, argv=small)
    assert "digits: 1797 examples, 8 x 8 x 1, classes 0 to 9" in capsys.readouterr().out
    picture = PIL.Image.open(run_dir / "samples/real.png")
    assert 4 * picture.width < picture.height  # 10 classes, two of each
