"""Whether what was chosen on few held-out frames is better than what it replaces, or only lucky."""

from __future__ import annotations

import torch
from scipy.special import stdtrit
from torch import Tensor

_SURE = 0.975  # of 1: how seldom chance alone must do as much


def proved(gains: Tensor, blocks: Tensor) -> Tensor:
    """(P,) bool: whether the mean gain is beyond chance by the t distribution, with every block as one observation.

    The best of many epochs always looks better on the frames that choose it. Frames of one block resemble each other,
    so sixty frames of three blocks are three observations.

    Args:
        gains: (n,P) by how much the error of each of P parts fell in each held-out frame.
        blocks: (n,) number of the block of each.
    """
    _, block = torch.unique(blocks, return_inverse=True)
    count = int(block.max()) + 1 if len(block) else 0
    if count < 2:
        return torch.zeros(gains.shape[1], dtype=torch.bool, device=gains.device)
    sums = torch.zeros(count, gains.shape[1], dtype=torch.float64, device=gains.device)
    sums.index_add_(0, block.to(gains.device), gains.double())
    sizes = torch.bincount(block, minlength=count).to(sums)
    mean = sums.sum(dim=0) / sizes.sum()
    apart = sums - sizes[:, None] * mean
    error = torch.sqrt((apart**2).sum(dim=0) * count / (count - 1)) / sizes.sum()
    return mean > float(stdtrit(count - 1, _SURE)) * error
