"""Many small networks side by side, trained as one batch of stacked weights."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn


class StackedNetworks(nn.Module):
    """P networks with inputs of their own, all evaluated by batched products; they answer zero before they are trained.

    Args:
        fed: (P,I) bool, which input values each network sees.
        layers: hidden layers. neurons: their width. outputs: N of each network.
        seed: of the first weights.
    """

    inputs_of: Tensor
    present: Tensor

    def __init__(self, fed: np.ndarray, layers: int, neurons: int, outputs: int, seed: int) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(seed)
        parts, width = len(fed), max(1, int(fed.sum(axis=1).max()))
        order = np.argsort(~fed, axis=1, kind="stable")[:, :width]
        self.register_buffer("inputs_of", torch.tensor(order))
        self.register_buffer("present", torch.tensor(np.take_along_axis(fed, order, axis=1), dtype=torch.float32))
        fan = self.present.sum(dim=1).clamp(min=1.0)
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for _ in range(layers):
            bound = fan.rsqrt()[:, None, None]
            self.weights.append(_uniform((parts, width, neurons), bound, random))
            self.biases.append(_uniform((parts, 1, neurons), bound, random))
            width, fan = neurons, torch.full((parts,), float(neurons))
        self.weights.append(nn.Parameter(torch.zeros(parts, width, outputs)))
        self.biases.append(nn.Parameter(torch.zeros(parts, 1, outputs)))

    def forward(self, x: Tensor) -> Tensor:
        """(n,P,N) outputs for inputs x (n,I)."""
        # Frames lie last inside: to gather an input of all frames is then to copy a row.
        y = x.T.contiguous()[self.inputs_of.flatten()].view(*self.inputs_of.shape, len(x))
        for index, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            used = weight if index else weight * self.present[:, :, None]
            y = torch.baddbmm(bias.transpose(1, 2), used.transpose(1, 2), y)
            if index + 1 < len(self.weights):
                y = nn.functional.gelu(y, approximate="tanh")
        return y.permute(2, 0, 1)

    def silence(self, parts: Tensor) -> None:
        """Lets some networks (P,) answer zero again."""
        with torch.no_grad():
            for value in (self.weights[-1], self.biases[-1]):
                value[parts] = 0.0


def _uniform(shape: tuple[int, ...], bound: Tensor, random: torch.Generator) -> nn.Parameter:
    return nn.Parameter((torch.rand(shape, generator=random) * 2.0 - 1.0) * bound)
