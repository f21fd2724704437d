"""The training loop of both kinds of networks; it reads and writes nothing."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from glm_deep.train.schedule import Schedule

WEIGHT_DECAY = 0.01
_PATIENCE = 0.25  # of all epochs without a better validation error end the training
_LEAST_PATIENCE = 20
_WORTH_WAITING = 0.001  # fall of the validation error that counts as better for the early stop


@dataclass(frozen=True)
class Problem:
    """What a network learns.

    The loss is the sum over the P networks of the squared distance to the target, summed over the outputs and averaged
    over the frames, times `unit` (P,); plus a floor.

    Attributes:
        x, y: (n,I) inputs and (n,P,N) targets of the training frames.
        validation_x, validation_y: the same of the validation frames.
        unit: turns the errors into parts of what the linear mesh leaves.
        floor, validation_floor: what no output of the network can remove.
    """

    x: Tensor
    y: Tensor
    validation_x: Tensor
    validation_y: Tensor
    unit: Tensor
    floor: float = 0.0
    validation_floor: float = 0.0


@dataclass(frozen=True)
class EpochResult:
    """One epoch, counted from 1; losses are per part (P,), without the floor."""

    epoch: int
    train: Tensor
    validation: Tensor
    rate: float
    better: bool
    seconds_left: float


@dataclass
class FitState:
    """Where a fit stands: all that is needed to go on with it."""

    network: nn.Module
    optimiser: torch.optim.AdamW
    best: dict[str, Tensor]
    best_loss: Tensor
    reached: float
    best_epoch: int = 0
    epoch: int = 0


def begin(network: nn.Module, problem: Problem) -> FitState:
    """The state before the first epoch; the untrained network is the best so far."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=1.0, weight_decay=WEIGHT_DECAY)
    best = {name: value.detach().clone() for name, value in network.named_parameters()}
    losses = _losses(network, problem.validation_x, problem.validation_y, problem)
    return FitState(network, optimiser, best, losses, float((losses * problem.unit).sum()))


def run_epochs(
    state: FitState,
    problem: Problem,
    schedule: Schedule,
    batches: int,
    early_stop: bool,
    seed: int,
    stopped: Callable[[], bool],
) -> Iterator[EpochResult]:
    """Trains epoch after epoch, and yields after each; the best state of every part is kept in `state.best`.

    The order of the frames in an epoch depends on `seed` and the epoch alone, so a fit that is taken up again goes on
    as if it had never been left.
    """
    count = len(problem.x)
    batches = min(batches, count)
    patience = max(_LEAST_PATIENCE, math.ceil(_PATIENCE * schedule.epochs))
    begun, first = time.monotonic(), state.epoch
    while state.epoch < schedule.epochs and not stopped():
        if early_stop and state.epoch - state.best_epoch >= patience:
            return
        shuffle = torch.Generator().manual_seed((seed * 1_000_003 + state.epoch) % 2**63)
        order = torch.randperm(count, generator=shuffle).to(problem.x.device)
        total, rate = torch.zeros_like(problem.unit), 0.0
        for index, rows in enumerate(torch.tensor_split(order, batches)):
            rate = schedule.at(state.epoch + index / batches)
            total += _step(state, problem, rows, rate) * (len(rows) / count)
        state.epoch += 1
        validation = _losses(state.network, problem.validation_x, problem.validation_y, problem)
        better = validation < state.best_loss
        _keep(state, better, validation)
        whole = float((state.best_loss * problem.unit).sum())
        if whole < (1.0 - _WORTH_WAITING) * state.reached:
            state.reached, state.best_epoch = whole, state.epoch
        spent = (time.monotonic() - begun) / (state.epoch - first)
        yield EpochResult(
            state.epoch,
            total * problem.unit,
            validation * problem.unit,
            rate,
            bool(better.any()),
            spent * (schedule.epochs - state.epoch),
        )


def best_loss(state: FitState, problem: Problem) -> float:
    """Validation loss with the best state of every part."""
    return float((state.best_loss * problem.unit).sum()) + problem.validation_floor


def restore_best(state: FitState) -> nn.Module:
    """The network with the best state of every part."""
    with torch.no_grad():
        for name, value in state.network.named_parameters():
            value.copy_(state.best[name])
    return state.network


def errors(network: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """(n,P) squared distances summed over the outputs of a part."""
    squares: Tensor = (network(x) - y) ** 2
    return squares.sum(dim=2)


def _losses(network: nn.Module, x: Tensor, y: Tensor, problem: Problem) -> Tensor:
    with torch.no_grad():
        return errors(network, x, y).mean(dim=0) if len(x) else torch.full_like(problem.unit, math.inf)


def _step(state: FitState, problem: Problem, rows: Tensor, rate: float) -> Tensor:
    """One step on some frames; the (P,) errors before it."""
    for group in state.optimiser.param_groups:
        group["lr"] = rate
    found = errors(state.network, problem.x[rows], problem.y[rows]).mean(dim=0)
    state.optimiser.zero_grad(set_to_none=True)
    found.sum().backward()  # type: ignore[no-untyped-call]
    state.optimiser.step()
    return found.detach()


def _keep(state: FitState, better: Tensor, losses: Tensor) -> None:
    """Copies the parameters of the parts that are better than ever; parts lie along the first axis."""
    if not bool(better.any()):
        return
    state.best_loss = torch.where(better, losses, state.best_loss)
    for name, value in state.network.named_parameters():
        state.best[name][better] = value.detach()[better]
