"""The two kinds of networks: one large, and one small for every anchor, trained side by side."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def differential_network(inputs: int, outputs: int, layers: int, neurons: int) -> nn.Sequential:
    """A network from inputs (n,I) to coefficients (n,K) that answers zero before it is trained."""
    parts: list[nn.Module] = []
    width = inputs
    for _ in range(layers):
        parts += [nn.Linear(width, neurons), nn.GELU(approximate="tanh")]
        width = neurons
    last = nn.Linear(width, outputs)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(*parts, last)


class SubspaceNetworks(nn.Module):
    """One small network an anchor, all evaluated by batched products; they answer zero before they are trained.

    Args:
        inputs_of: (A,N) which input values each anchor is fed with, padded with any index.
        present: (A,N) bool, False where `inputs_of` is padding.
    """

    inputs_of: Tensor
    present: Tensor

    def __init__(self, inputs_of: Tensor, present: Tensor, layers: int, neurons: int) -> None:
        super().__init__()
        anchors, width = inputs_of.shape
        self.register_buffer("inputs_of", inputs_of, persistent=False)
        self.register_buffer("present", present.float(), persistent=False)
        fan = self.present.sum(dim=1).clamp(min=1.0)
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for _ in range(layers):
            bound = (1.0 / fan).sqrt()[:, None, None]
            self.weights.append(nn.Parameter((torch.rand(anchors, width, neurons) * 2 - 1) * bound))
            self.biases.append(nn.Parameter((torch.rand(anchors, 1, neurons) * 2 - 1) * bound))
            width, fan = neurons, torch.full((anchors,), float(neurons))
        self.weights.append(nn.Parameter(torch.zeros(anchors, width, 3)))
        self.biases.append(nn.Parameter(torch.zeros(anchors, 1, 3)))

    def forward(self, x: Tensor) -> Tensor:
        """(n,A,3) offsets of the anchors for inputs x (n,I)."""
        y = (x[:, self.inputs_of] * self.present).transpose(0, 1)  # (A,n,N)
        for index, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            y = torch.baddbmm(bias, y, weight)
            if index + 1 < len(self.weights):
                y = nn.functional.gelu(y, approximate="tanh")
        return y.transpose(0, 1)
