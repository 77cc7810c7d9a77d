"""What may be wrong with pictures, data sets and flag files."""

import json
import os
import random
from pathlib import Path

from tools.fuzz import binaries, documents, places
from tools.fuzz.documents import HUGE


def picture(folder: Path, draw: random.Random) -> str:
    """Makes a picture's file an odd one of its format."""
    path = places.any_picture(folder, draw)
    odd = binaries.png if path.suffix == ".png" else binaries.jpeg
    data, said = odd(path.read_bytes(), draw)
    path.write_bytes(data)
    return f"{path.name}: {said}"


def picture_bytes(folder: Path, draw: random.Random) -> str:
    """Flips, cuts or adds bytes of a picture."""
    path = places.any_picture(folder, draw)
    data = path.read_bytes()
    way = draw.choice(["bits flipped", "cut", "empty", "longer", "junk", "zeros"])
    path.write_bytes(
        {
            "bits flipped": documents.flipped(data, draw, 10),
            "cut": data[: draw.randrange(len(data))],
            "empty": b"",
            "longer": data + draw.randbytes(10_000),
            "junk": draw.randbytes(300),
            "zeros": bytes(300),
        }[way]
    )
    return f"{path.name}: {way}"


def picture_format(folder: Path, draw: random.Random) -> str:
    """Puts another format under a picture's name."""
    path = places.any_picture(folder, draw)
    name = draw.choice(list(binaries.formats()))
    path.write_bytes(binaries.formats()[name])
    return f"{path.name} is {name}"


def suffix(folder: Path, draw: random.Random) -> str:
    """Gives a picture another suffix."""
    path = places.any_picture(folder, draw)
    end = draw.choice([".jpg", ".png", ".PNG", ".jpeg", ".gif", ".eps", "", ".png.tmp"])
    path.rename(path.with_suffix(end))
    return f"{path.name} ends in {end!r}"


def set_record(folder: Path, draw: random.Random) -> str:
    """Changes what a data set records of itself; a module `evil` lies beside it."""
    path = places.set_folder(folder)
    for place in (path, path.parent, path.parent.parent):
        (place / "evil.py").write_text(
            f"open({str(folder.parent / 'outside' / 'imported')!r}, 'w').close()\n"
        )
    path /= draw.choice(["dataset_info.json", "features.json"])
    document = json.loads(path.read_bytes())
    said = documents.change(document, draw, places.canary(folder, draw))
    path.write_text(json.dumps(document))
    return f"{path.name}: {said}"


def set_text(folder: Path, draw: random.Random) -> str:
    """Spoils the text of what a data set records of itself."""
    path = places.set_folder(folder) / draw.choice(["dataset_info.json", "features.json"])
    return f"{path.name}: {places.spoil(path, draw)}"


def shard(folder: Path, draw: random.Random) -> str:
    """Makes one record of a shard another one; of other formats, flips bits."""
    (path,) = places.set_folder(folder).glob("*-00000-of-00001")
    data = path.read_bytes()
    if "tfrecord" in path.name and draw.random() < 0.7:
        data, said = binaries.records(data, draw)
    else:
        said = draw.choice(["bits flipped", "cut", "empty", "twice", "zeros behind it"])
        data = {
            "bits flipped": documents.flipped(data, draw, 10),
            "cut": data[: draw.randrange(len(data))],
            "empty": b"",
            "twice": data + data,
            "zeros behind it": data + bytes(10**6),
        }[said]
    path.write_bytes(data)
    return f"{path.name}: {said}"


def flags(folder: Path, draw: random.Random) -> str:
    """Writes a flag file of odd lines."""
    given = folder / "given.flags"
    os.mkfifo(folder / "pipe.flags")
    (folder / "other.flags").write_text(f"--flagfile={given}\n")
    lines = [
        *(
            "--seed=1",
            "--hidden_size=8",
            "--data=ring",
            "# note",
            "",
            "--batch_norm",
            "--nobatch_norm",
        ),
        *(
            f"--hidden_layers={HUGE}",
            "--seed=1_0",
            "--seed=0x10",
            "--seed=\N{ARABIC-INDIC DIGIT THREE}",
        ),
        *(
            "--model=os:system",
            "--model=evil:make",
            "--undefok=seed",
            "--",
            "-h",
            "--help",
            "seed=1",
        ),
        *(
            f"--flagfile={given}",
            f"--flagfile={folder / 'other.flags'}",
            "--flagfile=",
            "--flagfile=.",
        ),
        *(f"--flagfile={folder / 'pipe.flags'}", "--flagfile=/dev/zero", "--flagfile=/dev/stdin"),
        *(
            "--flagfile=~nobody-at-all/x",
            "--flagfile=/proc/self/mem",
        ),
        *(
            "--recipe=ring",
            "--recipe=../../x",
            "--recipe=",
            "--beta1=1e999",
            "--beta1=nan",
            "--epsilon=-1",
        ),
        *(
            "--seed=1\0",
            "--seed=1 # note",
            "--run_dir=\N{NO-BREAK SPACE}x",
            "--seed='1'",
            "--s=1 --x=2",
        ),
        *(
            "--image_dir=" + "x" * 10**6,
            "x" * 10**7,
            "--" + "y" * 10**5 + "=1",
            "--seed=" + "9" * 10**5,
        ),
        *(
            draw.randbytes(20).decode("latin-1"),
            "\N{RIGHT-TO-LEFT OVERRIDE}",
            "\ud800",
            "--num_threads=-1",
        ),
    ]
    valid = [
        "--seed=1",
        "--hidden_size=8",
        "--data=ring",
        "# note",
        "--batch_norm",
        "--recipe=ring",
    ]
    chosen = draw.sample(valid, draw.randint(1, len(valid)))
    chosen += draw.choices(lines, k=draw.choice([0, 1, 1, 3, 10]))
    draw.shuffle(chosen)
    end = draw.choice(["\n", "\r\n", "\r", "\n\n", "\x0b", "\x85"])
    text = (draw.choice(["", "", "\ufeff"]) + end.join(chosen)).encode(errors="surrogatepass")
    if draw.random() < 0.2:
        text = documents.flipped(text, draw)
    given.write_bytes(text)
    return " | ".join(line if len(line) < 60 else f"{line[:57]}..." for line in chosen)
