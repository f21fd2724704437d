"""The differential model: networks, one a region, that learn what the closed form leaves of the deformation."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from glm_deep.config import Training
from glm_deep.train.closed_form import Solved
from glm_deep.train.fit import Problem
from glm_deep.train.networks import StackedNetworks
from glm_deep.train.prepare import Prepared
from glm_deep.train.relevance import relevant_inputs
from glm_deep.train.told import told_of_regions

_SMALLEST = 1e-12


def differential_problem(
    prepared: Prepared, solved: Solved, device: torch.device
) -> tuple[Problem, NDArray[np.float64]]:
    """What the networks learn, and the scales (R,) by which their outputs are to be multiplied.

    The targets in the training frames are the residuals with each frame left out, so that the networks see what the
    closed form gets wrong in frames that it does not know, as in the validation frames. Their squares add up to vertex
    errors.
    """
    train, validation = prepared.split.train, prepared.split.validation
    left = _by_region(solved, solved.coefficients - solved.held_out(prepared.x))
    scales = np.array(
        [max(np.sqrt(np.mean(each.residuals**2)), _SMALLEST) if each.residuals.size else 1.0 for each in solved.regions]
    )

    def tensor(values: NDArray[np.floating]) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float32, device=device)

    problem = Problem(
        tensor(prepared.x[train]),
        tensor(left[train] / scales[:, None]),
        tensor(prepared.x[validation]),
        tensor(left[validation] / scales[:, None]),
        tensor(scales**2),
        float(solved.left[train].mean()),
        float(solved.left[validation].mean()),
    )
    return problem, scales


def make_differential(prepared: Prepared, solved: Solved, settings: Training) -> StackedNetworks:
    """The untrained networks; their weights depend on the seed alone."""
    told = told_of_regions(prepared, settings.relevance, [each.region for each in solved.regions])
    fed = relevant_inputs(np.array([each.moved for each in solved.regions]), prepared.input_sizes, told)[
        :, prepared.groups
    ]
    outputs = max(1, int(np.diff(solved.starts).max()))
    differential = settings.differential
    return StackedNetworks(fed, differential.layers, differential.neurons, outputs, settings.seed)


def _by_region(solved: Solved, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,R,largest size) from (n,K), filled up with zeros."""
    starts = solved.starts
    result = np.zeros((len(values), len(solved.regions), max(1, int(np.diff(starts).max()))))
    for region, (first, last) in enumerate(zip(starts[:-1], starts[1:])):
        result[:, region, : last - first] = values[:, first:last]
    return result
