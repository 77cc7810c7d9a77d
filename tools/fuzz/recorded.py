"""What may be wrong with a run or an export.

Most changes are signed anew: whoever changes a file can bring the digests beside it up to it too.
"""

import json
import random
import shutil
from pathlib import Path

from tools.fuzz import binaries, documents, places


def record(folder: Path, draw: random.Random) -> str:
    """Changes what a checkpoint or an export records of itself."""
    path = places.home(folder)
    if path.parent.name == "export":
        card = json.loads((path / "model_card.json").read_bytes())
        said = documents.change(card, draw, places.canary(folder, draw))
        (path / "model_card.json").write_text(json.dumps(card))
        return said
    whole = json.loads((path / "manifest.json").read_bytes())
    if draw.random() < 0.9:
        said = documents.change(whole["content"], draw, places.canary(folder, draw))
        documents.sign_checkpoint(path, whole["content"])
        return said
    said = documents.change(whole, draw, places.canary(folder, draw))
    (path / "manifest.json").write_text(json.dumps(whole, sort_keys=True, indent=1) + "\n")
    return f"{said}, unsigned"


def record_text(folder: Path, draw: random.Random) -> str:
    """Spoils the text of a manifest, a card, or run.json."""
    path = places.home(folder) / (
        "model_card.json" if (folder / "export").exists() else "manifest.json"
    )
    if (folder / "run").exists() and draw.random() < 0.2:
        path = folder / "run" / "run.json"
    return f"{path.name}: {places.spoil(path, draw)}"


def tensor_bytes(folder: Path, draw: random.Random) -> str:
    """Flips or cuts bytes of the tensors."""
    path = draw.choice([places.prefix(folder).with_suffix(end) for end in places.TENSORS])
    data = path.read_bytes()
    way = draw.choice(["bits flipped", "cut", "empty", "longer", "zeros"])
    place = draw.randrange(len(data))
    path.write_bytes(
        {
            "bits flipped": documents.flipped(data, draw, 20),
            "cut": data[:place],
            "empty": b"",
            "longer": data + draw.randbytes(1000),
            "zeros": bytes(len(data)),
        }[way]
    )
    return f"{path.name}: {way}{places.sign(folder, draw)}"


def tensor_index(folder: Path, draw: random.Random) -> str:
    """Flips bits in the table of the tensors, and makes its checksum right."""
    path = places.prefix(folder).with_suffix(".index")
    path.write_bytes(binaries.index(path.read_bytes(), draw))
    return f"bits flipped{places.sign(folder, draw)}"


def tensors(folder: Path, draw: random.Random) -> str:
    """Writes the tensors anew, of which one is another."""
    return binaries.tensors(places.prefix(folder), draw) + places.sign(folder, draw)


def step(folder: Path, draw: random.Random) -> str:
    """Gives a checkpoint or an export the name of another step."""
    path = places.home(folder)
    new = draw.choice([0, 1, 2**31, 9999999999])
    name = f"{new:010d}" if path.parent.name == "checkpoints" else str(new)
    shutil.rmtree(path.with_name(name), ignore_errors=True)
    path = path.rename(path.with_name(name))
    if path.parent.name == "checkpoints":
        content = json.loads((path / "manifest.json").read_bytes())["content"]
        documents.sign_checkpoint(path, content | {"step": new})
    return f"is now {name}"


def version(folder: Path, draw: random.Random) -> str:
    """Puts odd names beside a version, or a checkpoint."""
    parent = places.home(folder).parent
    names = (
        "9" * 30,
        "\N{ARABIC-INDIC DIGIT THREE}",
        "7.tmp",
        "007",
        "-1",
        "9999999999",
        "0000000009",
    )
    name = draw.choice([*names, "0000000005.tmp", "0000000005.damaged"])
    if draw.random() < 0.5:
        (parent / name).mkdir()
    else:
        (parent / name).write_bytes(b"x")
    return f"there is a {name}"


def graph(folder: Path, draw: random.Random) -> str:
    """Replaces the graph of an export, which nobody should read."""
    path = places.home(folder) / draw.choice(
        ["saved_model.pb", "assets.extra/tf_serving_warmup_requests"]
    )
    data = path.read_bytes()
    way = draw.choice(["empty", "junk", "bits flipped", "cut"])
    path.write_bytes(
        {
            "empty": b"",
            "junk": draw.randbytes(1000),
            "bits flipped": documents.flipped(data, draw, 50),
            "cut": data[: draw.randrange(len(data))],
        }[way]
    )
    return f"{path.name}: {way}{places.sign(folder, draw)}"


def log(folder: Path, draw: random.Random) -> str:
    """Replaces a log, a picture, or another file that a run leaves."""
    files = [p for p in (folder / "run").rglob("*") if p.is_file() and "checkpoints" not in p.parts]
    path = draw.choice(sorted(files))
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    ways = {
        "empty": lambda: b"",
        "shorter": lambda: data[: draw.randrange(len(data) + 1)],
        "longer": lambda: data + draw.randbytes(100),
        "another row": lambda: data + b"9,9,9\n",
        "binary": lambda: draw.randbytes(len(data)),
        "a line of 10 MB": lambda: data + b"9" * 10**7,
        "200,000 lines": lambda: data + b"9\n" * 200_000,
        "the same length of junk": lambda: b"\xff" * len(data),
        "the same length of commas": lambda: b"," * len(data),
        "the same length of lines": lambda: b"\n" * len(data),
        "words for numbers": lambda: data.replace(b"0", b"x"),
        "nan for a number": lambda: data.replace(b"0.", b"nan", 1),
        "the lines in another order": lambda: b"".join(draw.sample(lines, len(lines))),
        "bits flipped": lambda: documents.flipped(data, draw),
        "a bomb": lambda: (
            binaries.png(binaries.formats()["GIF"], draw)[0]
            if not data.startswith(b"\x89PNG")
            else binaries.png(data, draw)[0]
        ),
    }
    way = draw.choice([way for way in ways if way != "a bomb" or path.suffix == ".png"])
    path.write_bytes(ways[way]())
    return f"{path.name}: {way}"
