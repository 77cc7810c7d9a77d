"""Either of two workers is killed at a random moment; what the same command makes of it then."""

import contextlib
import random
import shutil
import time
from pathlib import Path
from typing import Any

from tools.make_results.record import Outcome, Record, Trial, by_seed

NUM_STEPS = 400
SECONDS_OF_START = 5.0
SECONDS_OF_TRAINING = 3.0
"""About how long both take here; a kill that comes after the end is drawn again."""

SECONDS_TO_WAIT = 15
"""How long one that was not yet met by the other is waited for."""

MOMENTS = ("while it starts", "while it trains")
SEEDS = range(50)
TEMPLATE = Path(__file__).with_name("kills.template.md")


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns a trial for each moment and seed; a rehearsal has as many steps."""
    return by_seed("kills", "two workers", {moment: {} for moment in MOMENTS}, SEEDS, num_steps)


def measure(trial: Trial) -> Outcome:
    """Kills one of the workers of a run, and resumes it."""
    from tools import workers
    from tools.make_results import running

    steps = trial.fields.get("num_steps", NUM_STEPS)
    folder = running.RUNS / "kills"
    whole = folder / f"whole_{steps}_steps"
    if not whole.exists():
        # Trials beside each other may each make it; it has the same bytes, and the first one stays.
        made = folder / f"whole_of_{trial.slug}"
        workers.trained(made, f"--num_steps={steps}")
        with contextlib.suppress(OSError):
            made.rename(whole)
    run = folder / f"{trial.slug}_{steps}_steps"
    draw = random.Random(f"{trial.row} {trial.seed}")
    found = killed_and_resumed(draw, run, whole, trial.row, steps)
    shutil.rmtree(run)
    return found


def killed_and_resumed(
    draw: random.Random,
    run: Path,
    whole: Path,
    moment: str = MOMENTS[1],
    num_steps: int = NUM_STEPS,
) -> dict[str, Any]:
    """Trains by two workers, kills one, and gives the same command again.

    Args:
      draw: whom, and when.
      run: its directory, which is made.
      whole: that of the same run without a kill.
      moment: one of `MOMENTS`.
      num_steps: of the run.

    Returns:
      Who was killed; after which saved step; how the other one ended, and after how long; whether
      what was resumed has the bytes of `whole`.
    """
    from tools import workers

    while True:
        shutil.rmtree(run, ignore_errors=True)
        index, share = draw.randrange(2), draw.random()
        flags = (f"--num_steps={num_steps}", f"--wait_for_workers_s={SECONDS_TO_WAIT}")
        with workers.Workers(run, *flags) as started:
            if moment == MOMENTS[1]:
                while not (run / "losses.csv").exists() and _all_run(started):
                    time.sleep(0.01)
                time.sleep(share * SECONDS_OF_TRAINING)
            else:
                time.sleep(share * SECONDS_OF_START)
            started.processes[index].kill()
            killed_at = time.monotonic()
            status, said = started.ends()[1 - index]
            seconds = time.monotonic() - killed_at
        if status != 0:  # else it was too late: all had ended
            break
    saved = [int(path.name) for path in run.glob("checkpoints/*") if path.name.isdigit()]
    workers.trained(run, f"--num_steps={num_steps}")
    return {
        "killed": f"worker {index}",
        "saved_step": max(saved, default=None),
        "status": status,
        "named": int(f"worker {index} at 127.0.0.1:" in said.splitlines()[-1]),
        "seconds_to_end": round(seconds, 2),
        "same_bytes": int(workers.content(run) == workers.content(whole)),
    }


def _all_run(started: Any) -> bool:
    return all(process.poll() is None for process in started.processes.values())


def page(record: Record, known: list[Trial]) -> str:
    """Returns the page as Markdown."""
    from tools.make_results.pages import machine, table

    lines = [["killed", "times", "the other one named it", "and ended after, median / longest, s"]]
    lines[0] += ["resumed to the same bytes"]
    for moment in MOMENTS:
        outcomes = record.known([trial for trial in known if trial.row == moment])
        for killed in ("worker 0", "worker 1"):
            found = [outcome for outcome in outcomes if outcome["killed"] == killed]
            times = sorted(outcome["seconds_to_end"] for outcome in found)
            span = f"{times[len(times) // 2]:.1f} / {times[-1]:.1f}" if times else "-"
            named = sum(outcome["named"] and outcome["status"] in (69, 2) for outcome in found)
            same = sum(outcome["same_bytes"] for outcome in found)
            line = [f"{killed}, {moment}", str(len(found)), str(named), span, str(same)]
            lines.append(line)
    return TEMPLATE.read_text().format(
        num_steps=NUM_STEPS, table="\n".join(table(lines)), machine=machine(record.about)
    )
