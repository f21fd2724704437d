"""The networks of the published recipe: one large one for the differentials, one small one for every anchor."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

RATE, MOMENTUM, DECAY, BATCH = 0.1, 0.9, 1e-6, 128
LAYERS, NEURONS = 5, 2048
ANCHOR_LAYERS, ANCHOR_NEURONS = 3, 64


class Differential(torch.nn.Module):
    """Hidden layers of ReLU and a linear one to the coefficients of a fixed basis, which makes all outputs of them.

    Args:
        inputs: I. basis: (K,N) orthonormal components of the scaled targets. mean: (N,) of the scaled targets.
    """

    basis: torch.Tensor
    mean: torch.Tensor

    def __init__(self, inputs: int, basis: NDArray[np.floating], mean: NDArray[np.floating]) -> None:
        super().__init__()
        sizes = [inputs, *[NEURONS] * LAYERS, len(basis)]
        self.layers = torch.nn.ModuleList()
        for before, after in zip(sizes[:-1], sizes[1:]):
            layer = torch.nn.Linear(before, after)
            torch.nn.init.xavier_uniform_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
            self.layers.append(layer)
        self.register_buffer("basis", torch.as_tensor(basis, dtype=torch.float32))
        self.register_buffer("mean", torch.as_tensor(mean, dtype=torch.float32))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n,N) scaled outputs for inputs (n,I)."""
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return torch.addmm(self.mean, self.layers[-1](x), self.basis)


class Anchors(torch.nn.Module):
    """A network for every anchor, all of them one batch of stacked weights.

    Args:
        fed: (A,I) which input values each of them is fed with.
    """

    fed: torch.Tensor

    def __init__(self, fed: NDArray[np.bool_]) -> None:
        super().__init__()
        count, inputs = fed.shape
        self.register_buffer("fed", torch.as_tensor(fed, dtype=torch.float32)[:, :, None])
        sizes = [inputs, *[ANCHOR_NEURONS] * ANCHOR_LAYERS, 3]
        self.weights, self.biases = torch.nn.ParameterList(), torch.nn.ParameterList()
        for number, (before, after) in enumerate(zip(sizes[:-1], sizes[1:])):
            used = self.fed.sum(dim=1, keepdim=True) if number == 0 else torch.full((count, 1, 1), float(before))
            limit = torch.sqrt(6.0 / (used + after))  # Glorot and Bengio 2010, for the inputs that there are
            self.weights.append(torch.nn.Parameter(limit * (2.0 * torch.rand(count, before, after) - 1.0)))
            self.biases.append(torch.nn.Parameter(torch.zeros(count, 1, after)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n,A,3) scaled offsets for inputs (n,I)."""
        y: torch.Tensor = torch.matmul(x, self.weights[0] * self.fed) + self.biases[0]
        for weight, bias in zip(self.weights[1:], self.biases[1:]):
            y = torch.baddbmm(bias, torch.relu(y), weight)
        return y.movedim(0, 1)


class Descent:
    """Stochastic gradient descent with Nesterov momentum whose rate falls by 1 / (1 + decay * steps)."""

    def __init__(self, network: torch.nn.Module) -> None:
        self._optimiser = torch.optim.SGD(network.parameters(), RATE, MOMENTUM, nesterov=True)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimiser, lambda step: 1.0 / (1.0 + DECAY * step))

    def step(self, loss: torch.Tensor) -> None:
        """Follows the gradient of a loss once."""
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self._schedule.step()
