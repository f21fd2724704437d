"""Both kinds of networks trained together on the error of the vertices, from where each kind had come alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from glm_deep.runtime.model import Stacked
from glm_deep.train.assemble import stacked
from glm_deep.train.fit import WEIGHT_DECAY, EpochResult
from glm_deep.train.luck import proved
from glm_deep.train.mesh_loss import MeshLoss
from glm_deep.train.networks import StackedNetworks
from glm_deep.train.schedule import Schedule


class Both:
    """The networks and how their outputs make coefficients and anchors.

    Args:
        differential, subspaces: the networks, on one device. scales: of the outputs of each, (R,) and (A,).
        sizes: (R,) coefficients of each region.
    """

    def __init__(
        self,
        differential: StackedNetworks,
        subspaces: StackedNetworks,
        scales: tuple[NDArray[np.float64], NDArray[np.float64]],
        sizes: NDArray[np.integer],
    ) -> None:
        self.parameters = [*differential.parameters(), *subspaces.parameters()]
        self._differential, self._subspaces = differential, subspaces
        self._scales = [torch.tensor(scale, dtype=torch.float32)[:, None] for scale in scales]
        widest = int(max(1, sizes.max(initial=1)))
        used = np.arange(widest)[None] < np.asarray(sizes)[:, None]
        self._used = torch.from_numpy(np.flatnonzero(used))

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Coefficients (n,K) and what is added at the anchors (n,A,3) for inputs (n,I)."""
        outputs = self._differential(x) * self._scales[0]
        return outputs.reshape(len(x), -1)[:, self._used], self._subspaces(x) * self._scales[1]

    def stacked(self) -> tuple[Stacked, Stacked]:
        """Differential and subspace models as arrays."""
        differential, subspaces = (each[:, 0].double().numpy() for each in self._scales)
        return stacked(self._differential, differential), stacked(self._subspaces, subspaces)


def vertex_errors(both: Both, loss: MeshLoss, x: Tensor, frames: Tensor) -> Tensor:
    """(n,) errors of some frames (n,)."""
    with torch.no_grad():
        return loss(frames, *both(x[frames]))


def fine_tune(
    both: Both,
    loss: MeshLoss,
    x: Tensor,
    train: Tensor,
    validation: Tensor,
    blocks: Tensor,
    schedule: Schedule,
    batches: int,
    seed: int,
    stopped: Callable[[], bool],
) -> Iterator[EpochResult]:
    """Trains epoch after epoch and yields after each.

    In the end the networks are as in the best epoch, or as before where the validation frames do not prove that better.

    Args:
        x: (F,I) inputs. train, validation: frame numbers. blocks: of the validation frames.
    """
    optimiser = torch.optim.AdamW(both.parameters, lr=1.0, weight_decay=WEIGHT_DECAY)
    best = [value.detach().clone() for value in both.parameters]
    before, begun = best, time.monotonic()
    untrained = vertex_errors(both, loss, x, validation)
    lowest = untrained
    batches = min(batches, len(train))
    for epoch in range(schedule.epochs):
        if stopped():
            break
        shuffle = torch.Generator().manual_seed((seed * 1_000_003 + epoch) % 2**63)
        order = train[torch.randperm(len(train), generator=shuffle)]
        total, rate = torch.zeros(1), 0.0
        for index, frames in enumerate(torch.tensor_split(order, batches)):
            rate = schedule.at(epoch + index / batches)
            for group in optimiser.param_groups:
                group["lr"] = rate
            error = loss(frames, *both(x[frames])).mean()
            optimiser.zero_grad(set_to_none=True)
            error.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            total += error.detach() * (len(frames) / len(order))
        found = vertex_errors(both, loss, x, validation)
        better = bool(found.mean() < lowest.mean())
        if better:
            lowest, best = found, [value.detach().clone() for value in both.parameters]
        left = (time.monotonic() - begun) / (epoch + 1) * (schedule.epochs - epoch - 1)
        yield EpochResult(epoch + 1, total, found.mean(), rate, better, left)
    if not proved((untrained - lowest)[:, None], blocks).all():
        best = before
    with torch.no_grad():
        for value, kept in zip(both.parameters, best):
            value.copy_(kept)
