"""Where what a mutant holds lies, and the signing of it."""

import random
import shutil
from pathlib import Path

from tools.fuzz import documents

CANARIES = ("secret.txt", "secret.png", "secret_run", "secret_run/losses.csv")

TENSORS = (".index", ".data-00000-of-00001")
"""Endings of the two files that hold tensors."""


def home(folder: Path) -> Path:
    """Returns the directory of the newest checkpoint, or of the export's newest version.

    Raises:
      FileNotFoundError: there is none.
    """
    parent = folder / "export" if (folder / "export").exists() else folder / "run" / "checkpoints"
    found = [p for p in parent.iterdir() if p.name.isascii() and p.name.isdigit() and p.is_dir()]
    if not found:
        raise FileNotFoundError(parent)
    return max(found, key=lambda path: int(path.name))


def prefix(folder: Path) -> Path:
    """Returns the path of the tensors, without the endings of their files."""
    path = home(folder)
    return path / ("variables/variables" if path.parent.name == "export" else "state")


def set_folder(folder: Path) -> Path:
    """Returns the directory of a data set."""
    (path,) = (folder / "sets").glob("*/1.0.0")
    return path


def any_picture(folder: Path, draw: random.Random) -> Path:
    """Returns the path of one of the pictures."""
    return draw.choice(sorted(p for p in (folder / "images").iterdir() if p.is_file()))


def anything(folder: Path, draw: random.Random) -> Path:
    """Returns any file or directory of a mutant, below the one that a user would name."""
    roots = [folder / "run", folder / "export", folder / "images", *folder.glob("sets/*")]
    (root,) = (root for root in roots if root.exists())  # which is the user's own choice
    return draw.choice(sorted(root.rglob("*")))


def canary(folder: Path, draw: random.Random) -> Path:
    """Returns the path of what no mutant may lead to."""
    return folder.parent / "outside" / draw.choice(CANARIES)


def sign(folder: Path, draw: random.Random) -> str:
    """Signs what was changed, mostly; returns what to say of it."""
    if draw.random() < 0.1 or not (folder / "run").exists() and not (folder / "export").exists():
        return ""
    is_export = (folder / "export").exists()
    sign_files = documents.sign_export if is_export else documents.sign_checkpoint_files
    try:
        sign_files(home(folder))
    except OSError:  # what would be signed is gone itself
        return ""
    return ", signed"


def spoil(path: Path, draw: random.Random) -> str:
    """Spoils a text; returns what was done."""
    data, said = documents.spoil(path.read_bytes(), draw)
    path.write_bytes(data)
    return said


def remove(path: Path) -> None:
    """Removes a file, or a directory with all in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
