"""Ranks the checkpoints of a run by what its health would say of them, and compares with the steps.

    python -m tools.rank_checkpoints --run_dir=runs/mine --out=tools/results/ranks_mine.json

Coverage and diversity of each checkpoint's samples, by the distances of pixels and by those of the
features that health measures images with. A number that says how good samples are rises from
checkpoint to checkpoint while a run learns: the rank correlation with the steps is 1 then (Spearman
1904). Keep the checkpoints of a run for it: --keep_every_steps=500.
"""

from tfgan.cli import flags
from tfgan.core.checks import InputError

EXTRA = {
    "run_dir": flags.Flag(str, "", "The run, of images, with all its checkpoints."),
    "most": flags.Flag(int, 10, "The first so many checkpoints after step 0."),
    "out": flags.Flag(str, "", "Where the numbers go, as JSON. Empty: they are printed alone."),
}


def main(run_dir: str, most: int, out: str) -> None:
    """Measures each checkpoint and prints a table."""
    import json
    from pathlib import Path

    import numpy as np
    import tensorflow as tf
    from scipy.stats import spearmanr

    from tfgan import build
    from tfgan.data import kinds
    from tfgan.metrics import coverage, mean_distance, neighbour_distances, random_features
    from tfgan.runs.checkpoints import assign
    from tfgan.runs.health import NUM_EXAMPLES
    from tfgan.runs.trained import TrainedRun

    if not run_dir:
        raise InputError("name the run: --run_dir=runs/...")
    steps = [step for step in TrainedRun(run_dir).steps if step][:most]
    if len(steps) < 3:
        raise InputError(f"{run_dir} has {len(steps)} checkpoints after step 0; keep more of them.")
    first = TrainedRun(run_dir, steps[0])
    model = first.model(build.maker(first.config, first.made_by, model=""))
    source = build.build_source(first.config)
    if source.kind is not kinds.KINDS["images"]:
        raise InputError(f"{run_dir} is of {source.kind.name}, not of images.")
    batches = -(-NUM_EXAMPLES // source.batch_size)
    real = [source.batch(tf.constant(k, tf.int64))["real"] for k in range(batches)]
    real = tf.concat(real, 0)[:NUM_EXAMPLES]
    inputs = model.inputs(len(real), "health")
    spaces = {
        "pixels": lambda images: tf.reshape(images, [images.shape[0], -1]),
        "features": random_features,
    }
    seen = {name: space(real) for name, space in spaces.items()}
    reach = {name: neighbour_distances(features) for name, features in seen.items()}
    apart = {name: mean_distance(features) for name, features in seen.items()}
    rows = []
    for step in steps:
        assign(model.state(), TrainedRun(run_dir, step).checkpoint.read())
        fake = model.sample(inputs)
        row: dict[str, float] = {"step": step}
        for name, space in spaces.items():
            drawn = space(fake)
            covered = coverage(seen[name], reach[name], drawn)
            row[f"coverage by {name}"] = round(float(covered), 3)
            row[f"diversity by {name}"] = round(float(mean_distance(drawn) / apart[name]), 3)
        rows.append(row)
        print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    ranks = {}
    for name in rows[0]:
        if name != "step":
            with np.errstate(all="ignore"):
                rank = spearmanr(steps, [row[name] for row in rows]).statistic
            ranks[name] = round(float(rank), 3)
    print("rank correlation with the step:", " ".join(f"{n} {r}" for n, r in ranks.items()))
    if out:
        record = {"config": first.config.to_dict(), "rows": rows, "rank correlation": ranks}
        Path(out).write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
