"""What recording costs a TF1 script: its calls with digests of all they move, beside the bare ones.

    python -m tools.benchmark.recording --rounds=5 --calls=2000

Both run the script under the same settings; rounds alternate, and the fastest of each counts.
"""

import multiprocessing.connection
import os
import subprocess
import sys
import time

from tfgan.cli import flags
from tfgan.core.checks import InputError
from tools import ports

EXTRA = {
    "scripts": flags.Flag(
        str, "ring_gan,vanilla_gan,wgan_gp,dcgan_bn,gan_session", "Whose calls are timed."
    ),
    "rounds": flags.Flag(int, 5, "How often each way is run."),
    "calls": flags.Flag(int, 2000, "Calls of the session in a run."),
}
WARM_UP = 200
"""Calls before the clock starts: TensorFlow prepares each kind of call once."""


def main(scripts: str, rounds: int, calls: int) -> None:
    """Times both ways and prints their ratio for each script."""
    if rounds < 1 or calls <= WARM_UP:
        raise InputError(f"--rounds must be positive, --calls more than {WARM_UP}.")
    print("| script | bare, us a call | recorded, us a call | ratio |\n|---|---:|---:|---:|")
    for name in scripts.split(","):
        times: dict[str, list[float]] = {"bare": [], "recorded": []}
        for _ in range(rounds):
            for way, taken in times.items():
                taken.append(run(name, way, calls))
        bare, recorded = (1e6 * min(taken) for taken in times.values())
        print(f"| {name} | {bare:.0f} | {recorded:.0f} | {recorded / bare:.2f} |", flush=True)


def run(name: str, way: str, calls: int) -> float:
    """Returns the seconds that a call takes, in a process of its own."""
    from tfgan.parity import running
    from tfgan.parity.requests import Request

    path, arguments = ports.script(name)
    request = Request(str(path), tuple(arguments), calls=calls)
    ours, theirs = multiprocessing.connection.Pipe()
    with running.scratch(ports.ROOT / "legacy" if arguments else path.parent) as copy:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.benchmark.recording", "child", str(theirs.fileno()), way],
            cwd=ports.ROOT if arguments else copy,
            env={**running.environment(), **ports.environment()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        ours.send(request)
        try:
            while (message := ours.recv())[0] != "seconds":
                if message[0] == "end":
                    raise InputError(f"{name} ended early: {message[1:]}.")
        except EOFError:
            raise InputError(f"{name} told no time.") from None
        finally:
            process.kill()
            process.wait()
    return message[1]


def child(descriptor: int, way: str) -> None:
    """Runs the script as `stage.py` does, with a clock."""
    from tfgan.parity import stage

    record, begun = stage.Stage.call, []

    def call(self, session, handle, targets, fetches, feeds, options, metadata):
        if len(begun) == self.request.calls:
            seconds = (time.perf_counter() - begun[WARM_UP]) / (len(begun) - WARM_UP)
            self.teller.tell("seconds", seconds)
            self.leave()
        begun.append(time.perf_counter())
        if way == "bare":
            return self._run(session, handle, targets, fetches, feeds, options, metadata)
        self.count = min(self.count, self.request.calls - 2)  # the clock ends it
        return record(self, session, handle, targets, fetches, feeds, options, metadata)

    stage.Stage.call = call
    stage.main(descriptor)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if sys.argv[1:2] == ["child"]:
        child(int(sys.argv[2]), sys.argv[3])
    else:
        flags.run(main, __doc__, EXTRA, with_config=False, with_tensorflow=False)
