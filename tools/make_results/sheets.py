"""The pictures of runs, kept in a record as text, and laid out as one sheet."""

import base64
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

SIDE, GAP, LINE, NUM_COLORS = 240, 12, 18, 16
"""Pixels: of a picture, between two, of a line of text; colours of the sheet."""

DIGEST = "Record"
"""The sheet's text with this keyword says of which pictures it is."""

Pictures = Mapping[str, Mapping[str, str]]
"""By row and caption: PNG files, in base64."""


def kept(path: Path) -> str:
    """Returns a PNG file as text: no larger than a sheet shows it."""
    with Image.open(path) as picture:
        small = picture.convert("L" if picture.mode in ("1", "L") else "RGB")
    small.thumbnail((SIDE, SIDE))
    content = io.BytesIO()
    small.quantize(NUM_COLORS).save(content, format="png", optimize=True)
    return base64.b64encode(content.getvalue()).decode()


def digest(pictures: Pictures) -> str:
    """Returns a SHA-256 of the pictures and of what stands beside them."""
    return hashlib.sha256(json.dumps(pictures).encode()).hexdigest()


def sheet(pictures: Pictures) -> bytes:
    """Returns a PNG: each row under its name, each picture under its caption."""
    font = ImageFont.load_default(13)
    height = SIDE + 2 * LINE + GAP
    width = max((len(row) for row in pictures.values()), default=0) * (SIDE + GAP) + GAP
    made = Image.new("RGB", (width, len(pictures) * height + GAP), "white")
    draw = ImageDraw.Draw(made)
    for i, (name, row) in enumerate(pictures.items()):
        top = i * height + GAP
        draw.text((GAP, top), name, "black", font)
        for k, (caption, text) in enumerate(row.items()):
            left = GAP + k * (SIDE + GAP)
            draw.text((left, top + LINE), caption, "gray", font)
            with Image.open(io.BytesIO(base64.b64decode(text))) as picture:
                made.paste(picture.convert("RGB"), (left, top + 2 * LINE))
    about, content = PngInfo(), io.BytesIO()
    about.add_text(DIGEST, digest(pictures))
    made.quantize(NUM_COLORS).save(content, format="png", optimize=True, pnginfo=about)
    return content.getvalue()
