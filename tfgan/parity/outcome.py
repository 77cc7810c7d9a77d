"""What a comparison of a port came to: equal, or where it differs and why."""

import json
from typing import Any, NamedTuple

from tfgan.parity import explaining, findings
from tfgan.parity.explaining import Explained
from tfgan.parity.proof import PortFile, Proof
from tfgan.parity.recording import Recording


class Outcome(NamedTuple):
    """A comparison."""

    proof: Proof
    explained: list[Explained]
    races: list[str]
    """Kinds of call that race with themselves: no port can be equal to them."""

    @property
    def equal(self) -> bool:
        """Whether no bit differs."""
        return self.proof.equal

    def markdown(self) -> str:
        """Returns all of it as Markdown."""
        proof = self.proof
        calls = ["| call | compared | differing | first differing call |", "|---|---:|---:|---:|"]
        for name, count in proof.compared.items():
            first = proof.first[name] + 1 if name in proof.first else "-"
            calls.append(f"| {name} | {count} | {proof.differing.get(name, 0)} | {first} |")
        parts = [calls]
        if not proof.report.equal:
            parts.append(proof.report.table(differing=True))
        if windows := proof.windows:
            parts.append(
                [
                    f"{windows.num_windows} windows of {windows.length} iterations of "
                    f"{', '.join(windows.pattern)}, each in one tf.function."
                ]
            )
        parts.append([f"Not compared: {n} ({why})." for n, why in proof.left_out.items()])
        lacking = ", ".join(sorted(proof.missing))
        causes = [f"The port lacks {lacking}."] if lacking else []
        causes += [
            f"{name} races with itself: see `check`. No port can be equal to it."
            for name in self.races
        ]
        causes += [f"**{each['rule']}** {each['text']}" for each in self.causes()]
        parts += [[cause] for cause in causes] + [[self.verdict()]]
        return "\n\n".join("\n".join(part) for part in parts if part)

    def causes(self) -> list[dict[str, Any]]:
        """Returns what was found of the causes: the rule, and what it says."""
        found: list[dict[str, Any]] = []
        for kind, number, (rule, text) in self.explained:
            about = f"(call {number}, {kind}): {text}"
            found.append({"rule": rule, "kind": kind, "call": number, "text": about})
        for name, (theirs, ours) in self.proof.initial.items():
            at = int((theirs != ours).ravel().argmax())
            text = f"{theirs.flat[at]} in the session, at {ours.flat[at]} in the port"
            found.append({"rule": "initial_value", "text": f"{name} starts at {text}."})
        return found

    def verdict(self) -> str:
        """Returns one line."""
        proof, report = self.proof, self.proof.report
        scope = f"{proof.num_calls} calls, {len(report.rows)} values"
        if self.equal:
            return f"EQUAL: 0 differing bits. {scope}."
        if report.first is None:
            if proof.missing:
                what = f"the port lacks {', '.join(sorted(proof.missing)[:3])}"
            else:
                what = f"{', '.join(proof.initial)} starts from another value"
            return f"DIFFERENT: {what}; all that was compared is equal. {scope}."
        first = report.first
        kind = self.proof.recording.kinds[proof.recording.calls[first.step - 1].kind].name
        differing = [row for row in report.rows.values() if row.first_step is not None]
        worst = max(row.max_ulps for row in differing)
        return (
            f"DIFFERENT: first in {first.name} of call {first.step} ({kind}); {len(differing)} "
            f"values differ, by up to {worst} ulp. {scope}."
        )

    def json(self) -> str:
        """Returns all of it as JSON."""
        proof = self.proof
        found = {
            "equal": self.equal,
            "verdict": self.verdict(),
            "calls": {
                name: {
                    "compared": count,
                    "differing": proof.differing.get(name, 0),
                    "first": proof.first[name] + 1 if name in proof.first else None,
                }
                for name, count in proof.compared.items()
            },
            "tensors": {
                row.name: {"max_ulps": row.max_ulps, "first": row.first_step}
                for row in proof.report.rows.values()
            },
            "causes": self.causes(),
            "missing": sorted(proof.missing),
            "not_compared": proof.left_out,
            "races": self.races,
            "windows": proof.windows.num_windows if proof.windows else 0,
        }
        return json.dumps(found, indent=1)


def compare(recording: Recording, port: PortFile, num_calls: int = 0, window: int = 0) -> Outcome:
    """Compares a port with its session, and looks for the cause where they differ."""
    proof = Proof(recording, port, num_calls, window)
    proof.run()
    races = [
        kind.name
        for kind in recording.kinds
        if kind.name in proof.differing
        and any(race.moves_variables for race in findings.races(recording, kind))
    ]
    explained = explaining.explain(recording, port, proof, races)
    return Outcome(proof, explained, races)
