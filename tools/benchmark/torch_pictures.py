"""PyTorch's way with a folder of pictures: a DataLoader, whose workers decode and resize."""

from collections.abc import Iterator

import torch
from torch.utils import data

from tools.benchmark import pictures


class Pictures(data.Dataset):
    """The pictures as uint8 [S, S, 3], each decoded when it is asked for.

    Args:
      size: height and width.
    """

    def __init__(self, size: int):
        self._paths, self._size = pictures.paths(), size

    def __len__(self):
        return len(self._paths)

    def __getitem__(self, i):
        return torch.tensor(pictures.decode(self._paths[i], self._size))


def batches(size: int, batch_size: int, num_workers: int) -> Iterator[torch.Tensor]:
    """Yields shuffled batches without end, uint8 [B, S, S, 3]."""
    loader = data.DataLoader(
        Pictures(size),
        batch_size,
        shuffle=True,
        num_workers=num_workers,
        drop_last=True,
        persistent_workers=True,
    )
    while True:
        yield from loader
