"""The sizes of feature maps between an image and the smallest map."""

from collections.abc import Sequence

from tfgan.core.checks import InputError

SMALLEST = 4
"""The shorter side of the smallest feature map is this or up to 7: 4 for powers of two."""


def sizes(network: str, shape: Sequence[int]) -> list[tuple[int, int]]:
    """Returns the height and width of an image, then of each map of half of the one before.

    Args:
      network: the family, as a message names it.
      shape: (H, W, C) of an image; halves are rounded up.

    Raises:
      InputError: `shape` is no image, or too small.
    """
    if len(shape) != 3 or min(shape[:2]) < 2 * SMALLEST:
        got = " x ".join(map(str, shape))
        way_out = f"--image_size={2 * SMALLEST} or more, or " if len(shape) == 3 else ""
        raise InputError(
            f"network {network!r} needs images of {2 * SMALLEST} x {2 * SMALLEST} pixels or more, "
            f"got {got}: give {way_out}--network=mlp."
        )
    found = [(shape[0], shape[1])]
    for _ in range((min(found[0]) // SMALLEST).bit_length() - 1):
        height, width = found[-1]
        found.append(((height + 1) // 2, (width + 1) // 2))
    return found


def channels(halvings: int, base_channels: int, max_channels: int) -> int:
    """Returns the channels of a map: twice as many after each halving of its size.

    Args:
      halvings: how many lie between it and the one with `base_channels`.
      base_channels: of the largest map.
      max_channels: more than these no map has; 0: there is no limit.
    """
    wanted = base_channels * 2**halvings
    return min(wanted, max_channels) if max_channels else wanted
