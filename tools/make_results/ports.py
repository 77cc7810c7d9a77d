"""TF1 scripts beside their ports, and bugs planted in these: what `tfgan.parity` says."""

import tempfile
from pathlib import Path

from tools import ports
from tools.make_results.record import Outcome, Record, Trial

NUM_CALLS = 1000
BUG_CALLS = 60
WINDOW = 5
BUGS_OF = ("ring_gan", "tf_data_gan")
TEMPLATE = Path(__file__).with_name("ports.template.md")


def trials(record: Record, num_steps: int = 0) -> list[Trial]:
    """Returns a trial for each script and for each bug; a rehearsal has as many calls."""
    calls = {"calls": num_steps} if num_steps else {}
    scripts = [
        Trial("scripts", name, "port", {"calls": NUM_CALLS} | calls, 0) for name in ports.names()
    ]
    return scripts + [
        Trial("bugs", bug, name, {"calls": BUG_CALLS, "rule": rule} | calls, 0)
        for name in BUGS_OF
        for bug, (rule, _) in ports.bugs(name).items()
    ]


def measure(trial: Trial) -> Outcome:
    """Records a script, and compares its port, or one with a bug."""
    with tempfile.TemporaryDirectory() as made:
        folder, calls = Path(made), trial.fields["calls"]
        if trial.part == "scripts":
            recording, seconds = ports.record(trial.row, folder, calls)
            found = ports.compare(recording, ports.PORTS / f"{trial.row}.py", f"--window={WINDOW}")
            problems = ports.check(recording)
            return {
                "equal": int(found["equal"]),
                "calls": calls,
                "compared": sum(each["compared"] for each in found["calls"].values()),
                "values": len(found["tensors"]),
                "windows": found["windows"],
                "max_ulps": max(row["max_ulps"] for row in found["tensors"].values()),
                "problems": [line.partition(": ")[2].split(":")[0] for line in problems],
                "record_seconds": round(seconds, 1),
            }
        recording, _ = ports.record(trial.column, folder, calls)
        port = folder / "port.py"
        port.write_text(ports.planted(trial.column, ports.bugs(trial.column)[trial.row][1]))
        found = ports.compare(recording, port)
        causes = found["causes"] or [{"rule": "none", "text": found["verdict"]}]
        return {
            "rule": causes[0]["rule"],
            "text": causes[0]["text"],
            "max_ulps": max(row["max_ulps"] for row in found["tensors"].values()),
        }


def page(record: Record, known: list[Trial]) -> str:
    """Returns the page as Markdown."""
    from tools.make_results.pages import machine, table

    scripts = [["script", "calls compared", "values", "windows of 5", "problems told", "verdict"]]
    for trial in known:
        if trial.part == "scripts" and (found := record.outcome(trial)):
            verdict = "0 differing bits" if found["equal"] else f"{found['max_ulps']} ulp"
            told = "; ".join(dict.fromkeys(found["problems"])) or "-"
            row = [found["compared"], found["values"], found["windows"]]
            scripts.append([trial.row, *map(str, row), told, verdict])
    tables, rights = [], []
    for name in BUGS_OF:
        bugs = [["planted in the port", "named by", "in the words"]]
        right = 0
        for trial in known:
            if (trial.part, trial.column) == ("bugs", name) and (found := record.outcome(trial)):
                is_right = found["rule"] == trial.fields["rule"]
                right += is_right
                rule = found["rule"] if is_right else f"**{found['rule']}**"
                bugs.append([trial.row, rule, found["text"].replace("|", "\\|")])
        tables.append("\n".join(table(bugs)))
        rights.append(f"{right} of {len(bugs) - 1}")
    return TEMPLATE.read_text().format(
        calls=NUM_CALLS,
        scripts="\n".join(table(scripts)),
        first=tables[0],
        second=tables[1],
        first_right=rights[0],
        second_right=rights[1],
        machine=machine(record.about),
    )
