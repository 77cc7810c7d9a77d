"""Says whether a run left what it should, and how its samples compare with real digits.

    python -m tools.look_at_run --run_dir=runs/digits

For the digits, a classifier trained on the real ones reads 1,000 samples: how sure it is, and how
many of the ten digits it finds. Exit status 1 if a file is missing, the samples are not told apart
from noise, or fewer than eight digits appear.
"""

from pathlib import Path

from tfgan.cli import flags
from tfgan.core.checks import InputError

FILES = ("flags.txt", "run.json", "losses.csv", "health.csv", "losses.png", "samples.gif")


EXTRA = {"run_dir": flags.Flag(str, "", "The run's directory, as --run_dir of tfgan.train.")}


def main(run_dir: str) -> int:
    """Looks at one run folder and prints what it saw."""
    if not run_dir:
        raise InputError("name the run: --run_dir=runs/...")
    folder = Path(run_dir)
    missing = [name for name in FILES if not (folder / name).is_file()]
    pictures = sorted((folder / "samples").glob("*.png"))
    if missing or not pictures:
        print(f"{folder}: missing {', '.join(missing) or 'sample pictures'}")
        return 1
    config, _ = flags.parse([f"--flagfile={folder}/flags.txt"])
    steps = len((folder / "losses.csv").read_text().splitlines()) - 1
    print(f"{folder}: {steps} of {config.num_steps} steps, {len(pictures)} pictures")
    if steps != config.num_steps:
        return 1
    return 0 if config.data != "digits" else _read_digits(folder)


def _read_digits(folder: Path) -> int:
    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.svm import SVC

    from tfgan import build
    from tfgan.runs.trained import TrainedRun

    run = TrainedRun(str(folder))
    model = run.model(build.maker(run.config, run.made_by, model=""))
    real = load_digits()
    reader = SVC(probability=True, random_state=0, gamma=0.001, C=10).fit(real.data, real.target)

    def read(images):
        sure = reader.predict_proba(images.reshape(len(images), -1))
        return sure.max(axis=1).mean(), np.bincount(sure.argmax(axis=1), minlength=10)

    samples = model.sample(model.inputs(1000, "look_at_run")).numpy()
    samples = (samples + 1.0) * 8.0  # to 16 grey levels
    noise = np.random.RandomState(0).uniform(0, 16, size=samples.shape)
    sure, counts = read(samples)
    sure_of_noise, _ = read(noise)
    found = int((counts >= 10).sum())
    print(
        f"a classifier's mean confidence: {sure:.2f} on samples, {sure_of_noise:.2f} on noise; "
        f"{found} of 10 digits make up at least 1 % of the samples: {counts.tolist()}"
    )
    return 0 if sure > sure_of_noise + 0.1 and found >= 8 else 1


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
