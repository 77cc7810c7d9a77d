"""What a command line says without saying it: arguments that follow from others.

They come first, so that whatever is written wins. A run's flags.txt holds every field, so nothing
is implied when it is replayed.
"""

from collections.abc import Sequence

from tfgan.cli.flag_files import Argument

POINTS = ("ring", "grid")
"""Values of --data that are points in the plane: the default network is for images."""

PICTURES = "pictures"
"""The recipe that was measured on folders of pictures: a GAN's."""

VAE = "vae"
"""The value of --model_type whose prior is normal, and which cannot take points for pixels."""


_NAMES_A_FILE = ("--flagfile", "--recipe")


def arguments(argv: Sequence[str], given: Sequence[Argument]) -> list[str]:
    """Returns the arguments that go before those of a command line.

    Args:
      argv: its words.
      given: what they say, with its files read.
    """
    last = {argument.name: argument.value for argument in given}
    has_pictures = bool(last.get("image_dir"))
    has_points = last.get("data") in POINTS and not has_pictures
    if last.get("model_type") == VAE:
        of_points = ["--network=mlp", "--likelihood=gaussian"] if has_points else []
        return ["--latent_distribution=normal", *of_points]
    # Not by the files of `given`: one that sets nothing, which says "the defaults", is in none.
    if has_pictures and not any(word.startswith(_NAMES_A_FILE) for word in argv):
        return [f"--recipe={PICTURES}"]
    return ["--network=mlp"] if has_points else []
