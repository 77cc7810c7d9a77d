"""What a comparison of a port came to: equal, or where it differs and why."""

import json
from typing import NamedTuple

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
        lines = [
            "| call | compared | differing | first differing call |",
            "|---|---:|---:|---:|",
        ]
        for name, count in proof.compared.items():
            first = proof.first.get(name)
            shown = "-" if first is None else first + 1
            lines.append(f"| {name} | {count} | {proof.differing.get(name, 0)} | {shown} |")
        if not proof.report.equal:
            lines += ["", *proof.report.markdown().splitlines()[:-2]]
        if windows := proof.windows:
            lines += [
                "",
                f"{windows.num_windows} windows of {windows.length} iterations of "
                f"{', '.join(windows.pattern)}, each in one tf.function.",
            ]
        lines += ["", *(f"Not compared: {name} ({why})." for name, why in proof.left_out.items())]
        for name in self.races:
            lines.append(f"{name} races with itself: see `check`. No port can be equal to it.")
        for name, (theirs, ours) in proof.initial.items():
            at = next(i for i in range(theirs.size) if theirs.flat[i] != ours.flat[i])
            lines.append(
                f"**initial_value**: {name} starts at {theirs.flat[at]} in the session, at "
                f"{ours.flat[at]} in the port."
            )
        for each in self.explained:
            rule, text = each.cause
            lines.append(f"**{rule}** (call {each.number}, {each.kind}): {text}")
        return "\n".join([*lines, "", self.verdict()])

    def verdict(self) -> str:
        """Returns one line."""
        proof = self.proof
        if self.equal:
            return proof.report.verdict()
        if proof.report.equal:
            why = ", ".join(sorted(proof.missing)[:3]) or ", ".join(proof.initial)
            what = "is missing in the port" if proof.missing else "starts from another value"
            return f"DIFFERENT: {why} {what}; all that was compared is equal."
        return proof.report.verdict()

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
            "causes": [
                {"kind": e.kind, "call": e.number, "rule": e.cause.rule, "text": e.cause.text}
                for e in self.explained
            ]
            + [{"rule": "initial_value", "text": name} for name in proof.initial],
            "missing": sorted(proof.missing),
            "not_compared": proof.left_out,
            "races": self.races,
        }
        return json.dumps(found, indent=1)


def compare(recording: Recording, port: PortFile, num_calls: int = 0, window: int = 0) -> Outcome:
    """Compares a port with its session, and looks for the cause where they differ."""
    proof = Proof(recording, port, num_calls, window)
    proof.run()
    explained = explaining.explain(recording, port, proof)
    races = [
        kind.name
        for kind in recording.kinds
        if kind.name in proof.differing
        and any(race.moves_variables for race in findings.races(recording, kind))
    ]
    return Outcome(proof, explained, races)
