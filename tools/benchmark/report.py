"""What the benchmark says: a table for people, and everything for programs."""

import dataclasses
import math
import os
import platform

from tools.benchmark.engines import BEFORE
from tools.benchmark.race import Outcome, Result
from tools.benchmark.workloads import WORKLOADS


def markdown(outcomes: dict[str, Outcome], settings: dict) -> str:
    """Returns the tables: all workloads at a glance, then each one with its spread.

    Args:
      outcomes: by name of the workload.
      settings: as `to_json` takes them.
    """
    rounds, seconds = settings["rounds"], settings["seconds_per_turn"]
    lines = [
        "Microseconds of one iteration (generator step and discriminator step): the median of "
        f"{rounds} turns of about {seconds:g} s, engines in turns; in brackets, how many times the "
        "best.",
        "",
        *_glance(outcomes),
    ]
    for name, outcome in outcomes.items():
        lines += ["", *_details(name, outcome)]
    versions = ", ".join(f"{k} {v}" for k, v in sorted(settings["versions"].items()))
    machine = settings["machine"]
    lines += [
        "",
        f"{machine['processor']}, {settings['num_threads']} of {machine['cores']} cores.",
        f"{versions}.",
    ]
    return "\n".join(lines)


def to_json(outcomes: dict[str, Outcome], settings: dict) -> dict:
    """Returns all that was measured, every single turn included.

    Args:
      outcomes: by name of the workload.
      settings: what the run was started with: rounds, seconds_per_turn, num_threads, machine,
        versions.
    """
    return settings | {
        "workloads": {
            name: {
                "flops_per_iteration": WORKLOADS[name].flops(),
                "peak_dtype": WORKLOADS[name].config.compute_dtype,
                "peak_gflops": _giga(outcome.peak_flops),
                "floor_microseconds": floor_microseconds(name, outcome),
                "session_to_loop": ratio(outcome, "session", "loop"),
                "peak": dataclasses.asdict(outcome.peak),
                "engines": {
                    engine: {"microseconds": result.microseconds} | dataclasses.asdict(result)
                    for engine, result in outcome.results.items()
                },
            }
            for name, outcome in outcomes.items()
        }
    }


def machine() -> dict:
    """Returns what the machine is."""
    try:
        with open("/proc/cpuinfo") as file:
            models = [line.split(":", 1)[1].strip() for line in file if "model name" in line]
    except OSError:
        models = []
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "platform": platform.platform(),
        "python": platform.python_version(),
    }


def floor_microseconds(name: str, outcome: Outcome) -> float | None:
    """Returns how long an iteration's operations take at the measured peak."""
    peak = outcome.peak_flops
    return WORKLOADS[name].flops() / peak * 1e6 if peak else None


def ratio(outcome: Outcome, slow: str, fast: str) -> float | None:
    """Returns how many times faster `fast` is than `slow`, by their medians."""
    times = [
        outcome.results[e].microseconds if e in outcome.results else None for e in (slow, fast)
    ]
    return None if None in times else times[0] / times[1]


def _glance(outcomes: dict[str, Outcome]) -> list[str]:
    rows = [_row("engine", outcomes), _row("---", ["---:"] * len(outcomes))]
    notes: list[str] = []
    engines = dict.fromkeys(e for outcome in outcomes.values() for e in outcome.results)
    for engine in engines:
        cells = []
        for outcome in outcomes.values():
            result = outcome.results[engine]
            cells.append(_cell(result, best(outcome)) if not result.reason else "-")
            note = f"{engine}: {result.reason}."
            if result.reason and note not in notes:
                notes.append(note)
        rows.append(_row(engine, cells))
    for other in ("session", BEFORE) if BEFORE in engines else ("session",):
        ratios = [_times(ratio(outcome, other, "loop")) for outcome in outcomes.values()]
        rows.append(_row(f"{other} / loop", ratios))
    floors = [floor_microseconds(name, outcome) for name, outcome in outcomes.items()]
    rows.append(_row("arithmetic floor", [_number(floor) for floor in floors]))
    return [*rows, "", *(f"- {note}" for note in notes)] if notes else rows


def _details(name: str, outcome: Outcome) -> list[str]:
    workload, peak = WORKLOADS[name], outcome.peak_flops
    floor = floor_microseconds(name, outcome)
    dtype = workload.config.compute_dtype
    head = f"{name}: {_number(workload.flops() / 1e6)} MFLOP an iteration"
    if peak:
        head += f"; at this machine's {_number(peak / 1e9)} GFLOP/s ({dtype} matrix product), "
        head += f"{_number(floor)} us"
    elif outcome.peak.reason:
        head += f"; peak {outcome.peak.reason}"
    lines = [head + ".", ""]
    lines.append(_row("engine", ["median", "min .. max", "x best", "x floor", "peak MB"]))
    lines.append(_row("---", ["---:"] * 5))
    for engine, result in outcome.results.items():
        if result.reason:
            lines.append(_row(engine, [result.reason, "", "", "", ""]))
            continue
        times = [turn.microseconds for turn in result.turns]
        spread = f"{_number(min(times))} .. {_number(max(times))}"
        to_best = result.microseconds / best(outcome)
        to_floor = result.microseconds / floor if floor else None
        cells = [_number(result.microseconds), spread, _times(to_best), _times(to_floor)]
        cells.append(_number(result.peak_megabytes or None))
        lines.append(_row(engine, cells))
    return lines


def best(outcome: Outcome) -> float:
    """Returns the smallest median; infinity where no engine has one."""
    times = [result.microseconds for result in outcome.results.values() if not result.reason]
    return min(times, default=math.inf)


def _cell(result: Result, fastest: float) -> str:
    return f"{_number(result.microseconds)} ({result.microseconds / fastest:.2f})"


def _row(head: str, cells) -> str:
    return f"| {head} | {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _times(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _giga(value: float | None) -> float | None:
    return value and value / 1e9
