"""The part of the model that is solved, not trained: a basis and a kernel regression for every region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from glm_deep.basis.pca import Pca, principal_components
from glm_deep.kernel import input_distances, mixed_kernel
from glm_deep.train.kernel_choice import choose_kernel
from glm_deep.train.prepare import Prepared
from glm_deep.train.regions import Region
from glm_deep.train.regression import MOST_CENTRES, Inputs, Kernel, inputs_of, kernel_weights, regress
from glm_deep.train.relevance import changes_by_input
from glm_deep.train.threads import in_threads

MOST_COMPONENTS = 64
"""Components of a region at the most, when PCA is on."""

_CHOOSING_FRAMES = 400
_SURVEY_COMPONENTS = 100
_MOVES, _TIMES = 0.01, 5  # how far of its range a value moves, and how often to be known
_FRAMES_AT_ONCE = 16


@dataclass(frozen=True)
class SolvedRegion:
    """A region with its basis and regression.

    Attributes:
        region: its vertices.
        pca: basis of its offsets, each vertex weighed by the root of its share and by the scale of its mesh.
        kernel: what was chosen.
        weights: (m,K) of the kernels about the centres.
        residuals: (n,K) errors in the frames of the fit, each left out of the fit in its turn; none (0,K) where nobody
            asks for them, after `solve_again`.
        moved: (number of inputs,) mean squared movement that each input causes.
    """

    region: Region
    pca: Pca
    kernel: Kernel
    weights: NDArray[np.float64]
    residuals: NDArray[np.float64]
    moved: NDArray[np.float64]

    def truncated(self, size: int) -> SolvedRegion:
        """The same with the first `size` components."""
        return replace(
            self, pca=self.pca.truncated(size), weights=self.weights[:, :size], residuals=self.residuals[:, :size]
        )


@dataclass(frozen=True)
class Solved:
    """The closed form of all regions. Their coefficients follow one another in every array over K.

    Attributes:
        regions: the regions.
        frames: (n,) frames of the fit.
        centres: (m,I) inputs that carry the kernels.
        inputs: how values make rig inputs.
    """

    regions: tuple[SolvedRegion, ...]
    frames: NDArray[np.int64]
    centres: NDArray[np.float64]
    inputs: Inputs

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where the coefficients of each region begin; the last entry is K."""
        return np.concatenate([[0], np.cumsum([each.weights.shape[1] for each in self.regions])])

    @property
    def coefficients(self) -> NDArray[np.float64]:
        """(F,K) the truth in the basis."""
        return np.concatenate([each.pca.coefficients for each in self.regions], axis=1)

    @property
    def residuals(self) -> NDArray[np.float64]:
        """(n,K) errors in the frames of the fit, each left out."""
        return np.concatenate([each.residuals for each in self.regions], axis=1)

    @property
    def left(self) -> NDArray[np.float64]:
        """(F,) squared distance of each frame from the basis."""
        result: NDArray[np.float64] = np.sum([each.pca.left for each in self.regions], axis=0)
        return result

    def predict(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """(n,K) for inputs (n,I)."""
        starts, root = self.starts, np.sqrt(self.inputs.unit)
        inputs, centres = x * root, np.ascontiguousarray((self.centres * root).T)
        metrics = np.array([each.kernel.metrics for each in self.regions])
        amounts = np.array([each.kernel.amounts for each in self.regions])
        result = np.empty((len(inputs), int(starts[-1])))
        for first in range(0, len(inputs), _FRAMES_AT_ONCE):
            some = slice(first, first + _FRAMES_AT_ONCE)
            distances = input_distances(inputs[some], centres, self.inputs.firsts)
            for region, radial in enumerate(mixed_kernel(distances, metrics, amounts)):
                result[some, starts[region] : starts[region + 1]] = radial @ self.regions[region].weights
        return result

    def held_out(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """(F,K) what is predicted of all frames (F,I) by a fit that has not seen them, or not this one."""
        result = self.coefficients
        result[self.frames] -= self.residuals
        others = np.setdiff1d(np.arange(len(x)), self.frames)
        result[others] = self.predict(x[others])
        return result


def survey(prepared: Prepared, samples: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """(S,number of inputs): how much each input moves each sample vertex, from one regression over the whole mesh.

    Args:
        samples: (S,) vertices, numbered through all meshes.
        seed: of the frames that are asked.
    """
    truth = prepared.targets.at(samples)
    first = np.concatenate([[0], np.cumsum(prepared.targets.vertex_counts)])
    of_mesh = np.searchsorted(first, samples, side="right") - 1
    truth = (truth * np.array(prepared.targets.scales, np.float32)[of_mesh, None]).reshape(len(truth), -1)
    rows = some_frames(prepared, prepared.split.train, _CHOOSING_FRAMES, seed)
    pca = principal_components(truth, rows, _SURVEY_COMPONENTS, seed)
    x, blocks = prepared.x[rows].astype(np.float64), prepared.split.blocks[rows]
    inputs = inputs_of(x, prepared.groups)
    chosen = choose_kernel(x, pca.coefficients[rows], inputs, np.ones(len(inputs.names)), blocks)
    weights = kernel_weights(chosen, inputs, x, pca.coefficients[rows], np.arange(len(rows)))
    moved = np.zeros((len(samples), len(prepared.input_names)))
    for group, changes in changes_by_input(chosen, inputs, weights, x, x, seed):
        of_vertices = (changes @ pca.vectors.T).reshape(len(changes), -1, 3)
        moved[:, inputs.names[group]] = np.mean(np.sum(of_vertices**2, axis=2), axis=0)
    return moved


def solve(
    prepared: Prepared,
    regions: Sequence[Region],
    shares: NDArray[np.float64],
    most: int | None,
    seed: int,
    threads: int,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> Solved:
    """Bases and regressions of the regions on the training frames.

    Args:
        shares: (R,number of inputs) how much each input is thought to count in each region; 0 keeps it out.
        most: components of a region at the most; None keeps all.
        seed: of the frames that choose. threads: regions at once.
    """
    train = prepared.split.train
    x = prepared.x.astype(np.float64)
    inputs = inputs_of(x[train], prepared.groups)

    def one(each: tuple[Region, NDArray[np.float64]]) -> SolvedRegion | None:
        return None if stopped() else _solve_region(prepared, each[0], x, inputs, each[1], most, seed)

    found = [each for each in in_threads(one, zip(regions, shares), threads, progress) if each is not None]
    return Solved(tuple(found), train, x[some_frames(prepared, train, MOST_CENTRES, seed)], inputs)


def solve_again(prepared: Prepared, solved: Solved, seed: int, threads: int) -> Solved:
    """The same regressions on all frames, with the bases and kernels that were found."""
    frames = np.arange(len(prepared.x))
    carrying = some_frames(prepared, frames, MOST_CENTRES, seed)
    x = prepared.x.astype(np.float64)

    def one(each: SolvedRegion) -> SolvedRegion:
        weights = kernel_weights(each.kernel, solved.inputs, x, each.pca.coefficients, carrying)
        return replace(each, weights=weights, residuals=each.residuals[:0])

    found = in_threads(one, solved.regions, threads, lambda done, total: None)
    return Solved(tuple(found), frames, x[carrying], solved.inputs)


def region_values(prepared: Prepared, region: Region) -> NDArray[np.float32]:
    """(F,3n) offsets of a region, weighed so that squared errors add up over regions and meshes.

    The root of the share makes the sum over regions bound the error of their blend (Jensen's inequality).
    """
    offsets = np.asarray(prepared.targets.offsets[region.mesh][:, region.vertices])  # a copy, out of the file
    factors = (prepared.targets.scales[region.mesh] * np.sqrt(region.blend)).astype(np.float32)
    offsets *= factors[:, None]
    return offsets.reshape(len(offsets), -1)


def region_basis(prepared: Prepared, each: SolvedRegion) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a region adds to the offsets of its vertices in scene units: mean (n,3) and basis (n,3,K)."""
    region = each.region
    scale = prepared.targets.scales[region.mesh]
    factors = np.sqrt(region.blend) / scale if scale > 0 else np.zeros(len(region.blend))
    count = len(factors)
    mean = each.pca.mean.reshape(count, 3) * factors[:, None]
    return mean, each.pca.vectors.reshape(count, 3, -1) * factors[:, None, None]


def _solve_region(
    prepared: Prepared,
    region: Region,
    x: NDArray[np.float64],
    inputs: Inputs,
    shares: NDArray[np.float64],
    most: int | None,
    seed: int,
) -> SolvedRegion:
    train, blocks = prepared.split.train, prepared.split.blocks
    pca = principal_components(region_values(prepared, region), train, most, seed)
    rows = some_frames(prepared, train, _CHOOSING_FRAMES, seed)
    chosen = choose_kernel(x[rows], pca.coefficients[rows], inputs, shares[inputs.names], blocks[rows])
    carrying = np.searchsorted(train, some_frames(prepared, train, MOST_CENTRES, seed))
    weights, residuals = regress(chosen, inputs, x[train], pca.coefficients[train], carrying, blocks[train])
    found = np.zeros(len(shares))
    for group, changes in changes_by_input(chosen, inputs, weights, x[train][carrying], x[train], seed):
        found[inputs.names[group]] = np.mean(np.sum(changes**2, axis=1))
    return SolvedRegion(region, pca, chosen, weights, residuals, found)


def some_frames(prepared: Prepared, rows: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """All of `rows`, or some at random, in order: `most`, and beside them frames of inputs that seldom move."""
    if len(rows) <= most:
        return rows
    random = np.random.default_rng(seed)
    chosen = random.choice(len(rows), most, replace=False)
    x = prepared.x[rows]
    away = np.abs(x - np.median(x, axis=0)) > _MOVES * np.ptp(x, axis=0)
    seldom = np.flatnonzero(away[chosen].sum(axis=0) < _TIMES)
    more = [random.permutation(np.flatnonzero(away[:, value]))[:_TIMES] for value in seldom]
    result: NDArray[np.int64] = rows[np.unique(np.concatenate([chosen, *more]))]
    return result
