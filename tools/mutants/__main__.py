"""Plants the classic bugs of GAN code one at a time, and shows which test kills each.

    python -m tools.mutants                        # all: about four minutes on two cores
    python -m tools.mutants --list                 # what there is
    python -m tools.mutants --only=gamma,smoothed  # those with one of these words in their names

First it runs the killers on a copy without a bug, where all have to pass. Exit status 1 if a mutant
survives, if its text is not in its file any more, or if its tests do not run.
"""

from collections.abc import Sequence

from tfgan.cli import flags
from tfgan.core.checks import InputError
from tools.mutants import (
    of_aids,
    of_evaluations,
    of_games,
    of_losses,
    of_penalties,
    of_players,
    of_ports,
    of_replicas,
    of_vaes,
)
from tools.mutants.mutant import Mutant
from tools.mutants.runner import Copy, Verdict

EXTRA = {
    "list": flags.Flag(bool, False, "Only list the mutants."),
    "only": flags.Flag(str, "", "Words, by commas: mutants with one of them in their names."),
}

MUTANTS: tuple[Mutant, ...] = (
    *of_losses.MUTANTS,
    *of_penalties.MUTANTS,
    *of_players.MUTANTS,
    *of_replicas.MUTANTS,
    *of_ports.MUTANTS,
    *of_aids.MUTANTS,
    *of_vaes.MUTANTS,
    *of_games.MUTANTS,
    *of_evaluations.MUTANTS,
)


def main(list: bool, only: str) -> int:  # noqa: A002 (a flag's name)
    """Judges the mutants; returns the exit status."""
    mutants = chosen(only)
    if list:
        print("\n".join(f"{mutant.file}: {mutant.name}" for mutant in mutants))
        return 0
    verdicts = judge(mutants)
    bad = [verdict for verdict in verdicts if verdict.outcome != "killed"]
    print(f"{len(mutants)} mutants, {len(mutants) - len(bad)} killed")
    return 1 if bad else 0


def chosen(only: str) -> Sequence[Mutant]:
    """Returns the mutants that --only names.

    Raises:
      InputError: there is none.
    """
    words = [word.strip() for word in only.split(",") if word.strip()]
    found = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    if not found:
        raise InputError(f"--only={only}: no mutant has such a word in its name: see --list.")
    return found


def judge(mutants: Sequence[Mutant]) -> list[Verdict]:
    """Judges mutants, and prints a line of each.

    Raises:
      InputError: a killer fails without a mutant, or does not run.
    """
    with Copy() as copy:
        killers = dict.fromkeys(killer for mutant in mutants for killer in mutant.killers)
        failed, trouble = copy.failures([*killers], first=False)
        if failed or trouble:
            raise InputError(f"without a mutant these fail: {', '.join(failed) or trouble}")
        verdicts = []
        for mutant in mutants:
            verdict = copy.judge(mutant)
            print(line(verdict), flush=True)
            verdicts.append(verdict)
        return verdicts


def line(verdict: Verdict) -> str:
    """Returns a verdict as a line of the table."""
    mutant, detail = verdict.mutant, verdict.detail.removeprefix("tests/")
    return f"{verdict.outcome:<9}{verdict.seconds:5.1f} s  {mutant.file}: {mutant.name}  {detail}"


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False, with_tensorflow=False)
