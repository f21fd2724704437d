"""The part of the model that is solved, not trained: a basis and a kernel regression for every region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from glm_deep.basis.pca import Pca, principal_components
from glm_deep.kernel import kernel
from glm_deep.train.prepare import Prepared
from glm_deep.train.regions import Region
from glm_deep.train.regression import MOST_CENTRES, Kernel, choose_kernel, kernel_weights, left_out_residuals
from glm_deep.train.relevance import changes_by_input

WITHIN = 0.005
"""The default PCA size is the smallest whose validation error is within this part of the best."""

MOST_COMPONENTS = 64
"""Components of a region at the most, when PCA is on."""

_CHOOSING_FRAMES = 600
_POWERS = (0.5, 1.0, 1.5)
# Of the strongest input's: one that hardly moves the region in the frames that were asked may do so in others.
_LEAST_SHARE = 1e-4
_SURVEY_COMPONENTS = 100

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class SolvedRegion:
    """A region with its basis and regression.

    Attributes:
        region: its vertices.
        pca: basis of its offsets, each vertex weighed by the root of its share and by the scale of its mesh.
        kernel: what was chosen.
        weights: (m,K) of the kernels about the centres.
        residuals: (n,K) errors in the frames of the fit, each left out of the fit in its turn.
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
    """

    regions: tuple[SolvedRegion, ...]
    frames: NDArray[np.int64]
    centres: NDArray[np.float64]

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
        inputs = np.asarray(x, np.float64)
        parts = [kernel(inputs, self.centres, each.kernel.metric[None])[0] @ each.weights for each in self.regions]
        return np.concatenate(parts, axis=1)


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
    rows = _some(prepared.split.train, _CHOOSING_FRAMES, seed)
    pca = principal_components(truth, rows, _SURVEY_COMPONENTS, seed)
    x, blocks = prepared.x[rows].astype(np.float64), prepared.split.blocks[rows]
    chosen = choose_kernel(x, pca.coefficients[rows], [(0.0, equal_inputs(x, prepared.groups))], blocks)
    weights = kernel_weights(chosen, x, pca.coefficients[rows], np.arange(len(rows)))
    moved = np.zeros((len(samples), len(prepared.input_names)))
    for group, changes in changes_by_input(weights, chosen.metric, x, x, prepared.groups, seed):
        moved[:, group] = np.sum((changes @ pca.vectors.T).reshape(len(changes), -1, 3) ** 2, axis=(0, 2)) / len(x)
    return moved


def solve(
    prepared: Prepared,
    regions: Sequence[Region],
    moved: NDArray[np.float64],
    most: int | None,
    seed: int,
    threads: int,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> Solved:
    """Bases and regressions of the regions on the training frames.

    Args:
        moved: (S,number of inputs) from `survey`, in the order of the regions' samples.
        most: components of a region at the most; None keeps all.
        seed: of the frames that choose. threads: regions at once.
    """
    train = prepared.split.train
    centres = prepared.x[_some(train, MOST_CENTRES, seed)].astype(np.float64)

    def one(region: Region) -> SolvedRegion | None:
        if stopped():
            return None
        return _solve_region(prepared, region, moved[region.samples].sum(axis=0), most, seed)

    found = [each for each in in_threads(one, regions, threads, progress) if each is not None]
    return Solved(tuple(found), train, centres)


def solve_again(prepared: Prepared, solved: Solved, seed: int, threads: int) -> Solved:
    """The same regressions on all frames, with the bases and kernels that were found."""
    frames = np.arange(len(prepared.x))
    carrying = _some(frames, MOST_CENTRES, seed)
    x = prepared.x.astype(np.float64)

    def one(each: SolvedRegion) -> SolvedRegion:
        return replace(each, weights=kernel_weights(each.kernel, x, each.pca.coefficients, carrying))

    found = in_threads(one, solved.regions, threads, lambda done, total: None)
    return Solved(tuple(found), frames, x[carrying])


def size_errors(
    solved: Solved, x: NDArray[np.float32], frames: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Root mean squared error on `frames` with 1, 2, ... K components, and the region that each component is of.

    Components of all regions come in the order of their variance. One that is left out costs its whole variance, one
    that is kept costs its error.
    """
    fitted = solved.frames
    truth = solved.coefficients
    error = truth[frames] - solved.predict(x[frames])
    gains = np.mean(error**2 - truth[frames] ** 2, axis=0)
    dropped = float(np.mean(np.sum(truth[frames] ** 2, axis=1) + solved.left[frames]))
    order = np.argsort(-np.mean(truth[fitted] ** 2, axis=0), kind="stable")
    owner = np.repeat(np.arange(len(solved.regions)), np.diff(solved.starts))
    return np.sqrt(np.maximum(dropped + np.cumsum(gains[order]), 0.0)), owner[order]


def smallest_size(errors: NDArray[np.float64], bound: int) -> int:
    """The smallest size up to `bound` whose error is within half a percent of the best up to there."""
    allowed = errors[: max(1, bound)]
    return int(np.flatnonzero(allowed <= (1.0 + WITHIN) * allowed.min())[0]) + 1


def equal_inputs(x: NDArray[np.float64], groups: NDArray[np.integer]) -> NDArray[np.float64]:
    """(I,) metric in which every rig input has the same variance, however many values it has."""
    of_group = np.zeros(int(groups.max(initial=0)) + 1)
    np.add.at(of_group, groups, x.var(axis=0))
    result: NDArray[np.float64] = 1.0 / np.maximum(of_group[groups], 1e-12)
    return result


def region_values(prepared: Prepared, region: Region) -> NDArray[np.float32]:
    """(F,3n) offsets of a region, weighed so that squared errors add up over regions and meshes.

    The root of the share makes the sum over regions bound the error of their blend (Jensen's inequality).
    """
    offsets = prepared.targets.offsets[region.mesh][:, region.vertices]
    factors = (prepared.targets.scales[region.mesh] * np.sqrt(region.blend)).astype(np.float32)
    return (offsets * factors[:, None]).reshape(len(offsets), -1)


def region_basis(prepared: Prepared, each: SolvedRegion) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a region adds to the offsets of its vertices in scene units: mean (n,3) and basis (n,3,K)."""
    region = each.region
    scale = prepared.targets.scales[region.mesh]
    factors = np.sqrt(region.blend) / scale if scale > 0 else np.zeros(len(region.blend))
    count = len(factors)
    mean = each.pca.mean.reshape(count, 3) * factors[:, None]
    return mean, each.pca.vectors.reshape(count, 3, -1) * factors[:, None, None]


def in_threads(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int, progress: Callable[[int, int], None]
) -> list[Result]:
    """`work` done on all items, in their order; each on one thread, so that the result does not depend on how many."""
    todo = list(items)
    results: list[Result] = []
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(max(1, threads)) as pool:
        for done, result in enumerate(pool.map(work, todo)):
            results.append(result)
            progress(done + 1, len(todo))
    return results


def _solve_region(
    prepared: Prepared, region: Region, moved: NDArray[np.float64], most: int | None, seed: int
) -> SolvedRegion:
    train, groups = prepared.split.train, prepared.groups
    pca = principal_components(region_values(prepared, region), train, most, seed)
    rows = _some(train, _CHOOSING_FRAMES, seed)
    x, blocks = prepared.x.astype(np.float64), prepared.split.blocks
    equal = equal_inputs(x[train], groups)

    def choose(moved: NDArray[np.float64]) -> tuple[Kernel, NDArray[np.float64]]:
        """The kernel whose metric follows how much each input moves the region, and how much each does with it."""
        share = np.maximum(moved / max(float(moved.max()), 1e-300), _LEAST_SHARE)
        candidates = [(power, equal * share[groups] ** power) for power in _POWERS]
        chosen = choose_kernel(x[rows], pca.coefficients[rows], candidates, blocks[rows])
        weights = kernel_weights(chosen, x[rows], pca.coefficients[rows], np.arange(len(rows)))
        found = np.zeros(len(moved))
        for group, changes in changes_by_input(weights, chosen.metric, x[rows], x[rows], groups, seed):
            found[group] = np.sum(changes**2) / len(rows)
        return chosen, found

    # The second choice knows what the first has found; a third gains next to nothing.
    chosen, moved = choose(choose(moved)[1])
    carrying = np.searchsorted(train, _some(train, MOST_CENTRES, seed))
    weights = kernel_weights(chosen, x[train], pca.coefficients[train], carrying)
    residuals = left_out_residuals(chosen, x[train], pca.coefficients[train], carrying, blocks[train])
    return SolvedRegion(region, pca, chosen, weights, residuals, moved)


def _some(rows: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """All of `rows`, or `most` of them at random, in order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
