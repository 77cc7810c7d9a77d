"""Examples between those of seeds: a way through the inputs of a generator."""

import numpy as np


def between(latents: np.ndarray, number: int, spherical: bool) -> np.ndarray:
    """Returns the latents of seeds with `number` more between two neighbours.

    Args:
      latents: float [N, Z]; or whole numbers, such as labels, which stay those of the seed before.
      number: how many, at equal distances.
      spherical: on the great circle between two, whose length a straight line would shorten.

    Returns:
      [N + (N - 1) number, Z] of the same dtype.

    Source: White, "Sampling Generative Networks", 2016, section 2.1.
    """
    if latents.dtype.kind != "f":
        return np.concatenate([np.repeat(latents[:-1], number + 1, 0), latents[-1:]])

    rows = [latents[:1]]
    share = (np.arange(1, number + 2) / (number + 1))[:, None]  # the last one is the next seed's
    for start, end in zip(latents[:-1], latents[1:], strict=True):
        weights = [1 - share, share]
        if spherical:
            cosine = start @ end / (np.linalg.norm(start) * np.linalg.norm(end))
            angle = np.arccos(np.clip(cosine, -1.0, 1.0))
            if np.sin(angle) > 1e-6:  # else they point the same way: the line is the circle
                weights = [np.sin(weight * angle) / np.sin(angle) for weight in weights]
        steps = weights[0] * start + weights[1] * end
        steps[-1] = end
        rows.append(steps.astype(latents.dtype))
    return np.concatenate(rows)


def pairs(count: int, number: int) -> np.ndarray:
    """Returns where `between` has each pair of neighbours, with what is between them.

    Args:
      count: of seeds, N.
      number: between two.

    Returns:
      Indices, int [N - 1, number + 2]: a row begins with the one that the row before ends with.
    """
    return np.arange(count - 1)[:, None] * (number + 1) + np.arange(number + 2)
