"""One planted bug."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Mutant(NamedTuple):
    """A bug: a text of a file that is replaced by another one.

    Args:
      name: in few words, what is wrong then.
      file: below the repository's root.
      old: the text, which is once in the file.
      new: what it becomes.
      killers: tests of which at least one has to fail, as pytest names them; quick ones.
    """

    name: str
    file: str
    old: str
    new: str
    killers: tuple[str, ...]

    def plant(self, root: Path) -> str:
        """Replaces the text in the file below `root`; returns what the file was.

        Raises:
          LookupError: the text is not there exactly once.
        """
        path = root / self.file
        text = path.read_text()
        if text.count(self.old) != 1:
            raise LookupError(
                f"{self.name}: its text is {text.count(self.old)} times in {self.file}, not once: "
                f"{self.old!r}."
            )
        path.write_text(text.replace(self.old, self.new))
        return text
