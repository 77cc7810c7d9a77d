"""Checkpoints are ranked; the pages say what the records say."""

import json
from pathlib import Path

import pytest

from tfgan.core.checks import InputError
from tools import rank_checkpoints, zygote

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "tools" / "results"
FEW = ["--network=dcgan", "--base_channels=2", "--image_size=24", "--num_samples=4"]


def record(name):
    return json.loads((RESULTS / f"{name}.json").read_text())


def test_the_page_says_what_the_records_say():
    lines = (ROOT / "tfgan/metrics/README.md").read_text().splitlines()
    header, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith(("| distances of", "| pixels", "| features"))
    ]
    by_step = {row["step"]: row for row in record("emoji_all")["rows"]}
    ranks = record("emoji_first_ten")["rank correlation"]
    assert [row[0] for row in rows] == ["pixels", "features"]
    for space, *numbers, rank in rows:
        assert float(rank) == ranks[f"coverage by {space}"]
        for step, number in zip(header[1:-1], numbers, strict=True):
            assert float(number) == by_step[int(step)][f"coverage by {space}"]


def test_the_records_are_of_the_recipe_for_pictures():
    from tfgan.cli import flags
    from tfgan.config import Config

    recipe = flags.parse(["--recipe=pictures"])[0].to_dict()
    known = {"image_dir", "compute_dtype", "num_steps", "max_channels", "keep_every_steps"}
    for name in ("emoji_first_ten", "emoji_all"):
        config = Config.from_record(record(name)["config"]).to_dict()
        assert {n for n in recipe if config[n] != recipe[n]} <= known
    rows = record("emoji_all")["rows"]
    best = max(rows, key=lambda row: row["coverage by features"])
    assert recipe["num_steps"] == best["step"]
    page = (ROOT / "tfgan/recipes/README.md").read_text()
    numbers = best["coverage by features"], rows[-1]["coverage by features"]
    assert "best at step {:,}, {}, and falls to {}".format(best["step"], *numbers) in page


def test_the_checkpoints_of_a_run(tmp_path, capsys):
    run = [*FEW, "--num_steps=3", "--checkpoint_every_steps=1", "--keep_checkpoints=9"]
    status, child = zygote.train([*run, f"--run_dir={tmp_path}/run"], tmp_path / "run")
    assert status == 0, child.stderr
    rank_checkpoints.main(f"{tmp_path}/run", 10, f"{tmp_path}/ranks.json")
    assert "rank correlation with the step: coverage by pixels" in capsys.readouterr().out
    made = json.loads((tmp_path / "ranks.json").read_text())
    assert [row["step"] for row in made["rows"]] == [1, 2, 3]
    with pytest.raises(InputError, match="name the run"):
        rank_checkpoints.main("", 10, "")
