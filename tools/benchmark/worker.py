"""One engine in a process of its own: it is built once, then told over a pipe how far to run.

    python -m tools.benchmark.worker FACTORY NAME NUM_THREADS OPTIONS

Each line of stdin is a number of iterations; each is answered by a line of JSON on what was
stdout: the seconds it took, the processor seconds, the most memory so far, and the last losses. The
first answer comes unasked, when the engine is built: its versions, and the multiple that numbers of
iterations have to be of.
"""

import contextlib
import importlib
import json
import os
import resource
import sys
import time


def main(factory: str, name: str, num_threads: str, options: str) -> None:
    """Builds the engine and serves until stdin ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints must not stand between the answers
    num_threads = int(num_threads)
    if hasattr(os, "sched_setaffinity"):  # the only setting that every library obeys
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:num_threads])

    def answer(**fields) -> None:
        print(json.dumps(fields), file=answers, flush=True)

    module_name, class_name = factory.split(":")
    module = importlib.import_module(module_name)
    engine = getattr(module, class_name)(name, num_threads, **json.loads(options))
    answer(versions=module.VERSIONS, multiple=getattr(engine, "multiple", 1))
    for line in sys.stdin:
        wall, processor = time.perf_counter(), time.process_time()
        losses = engine.run(int(line))
        answer(
            seconds=time.perf_counter() - wall,
            processor_seconds=time.process_time() - processor,
            peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            losses=losses,
        )
    os._exit(0)  # not a library's slow farewell


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):  # the parent says so once
        main(*sys.argv[1:])
