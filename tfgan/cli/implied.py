"""What a command line says without saying it: arguments that follow from others.

They come first, so that whatever is written wins. A run's flags.txt holds every field, so nothing
is implied when it is replayed.
"""

from collections.abc import Sequence

from tfgan.cli.flag_files import Argument

POINTS = ("ring", "grid")
"""Values of --data that are points in the plane: the default network is for images."""

PICTURES = "pictures"
"""The recipe that was measured on folders of pictures."""


def arguments(given: Sequence[Argument]) -> list[str]:
    """Returns the arguments that go before those of a command line, with its files read."""
    last = {argument.name: argument.value for argument in given}
    has_pictures = bool(last.get("image_dir"))
    if has_pictures and not any(argument.files for argument in given):
        return [f"--recipe={PICTURES}"]
    if last.get("data") in POINTS and not has_pictures:
        return ["--network=mlp"]
    return []
