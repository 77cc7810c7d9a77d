"""Writes a report of runs to look at in a browser: one HTML file that needs nothing beside it.

    python -m tfgan.report runs/*                               # writes report.html
    python -m tfgan.report --run_dir=runs/a,runs/b --out=ab.html

Shows what was run, curves, pictures over the steps, verdicts, metrics with their floors, and what
differs between several runs. Reads the runs' files alone; they may be training meanwhile. What is
no run is named and left out. Exit status: 0 written, 2 bad input, 74 the disk refused.
"""

import sys
from collections.abc import Sequence

from tfgan.cli import flags
from tfgan.core.checks import InputError

EXTRA = {
    "run_dir": flags.Flag(
        str, "runs", "A run, several with commas between them, or their parent.", takes_words=True
    ),
    "out": flags.Flag(str, "report.html", "The file that is written."),
}


def main(run_dir: Sequence[str], out: str) -> None:
    """Reads the runs and writes the page."""
    from tfgan.core import files, paths
    from tfgan.pages import page, reading
    from tfgan.runs import summary

    path = paths.output("out", out)
    if path.name in files.names(path.parent):
        with files.disk_errors(path), files.open_plain(path, "rb") as file:
            if file.read(len(page.BEGINNING)) != page.BEGINNING.encode():
                raise InputError(f"--out={out} is there, and no report: choose another name.")
    runs, left_out = reading.read(summary.find(run_dir))
    text, notes = page.page(runs, left_out)
    files.write(path, text.encode())
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"{path}: {len(runs)} run{'s' * (len(runs) > 1)}, {len(text) / 2**20:.1f} MB")


if __name__ == "__main__":
    flags.run(main, __doc__, EXTRA, with_config=False)
