"""The whole model as one torch module: rig inputs to the offsets of all meshes, for any number of frames at once.

The same arithmetic as `glm_deep.runtime.evaluator`, in operations that every inference engine has. Inside, frames lie
last: the sums over overlapping regions are then gathers of contiguous stretches.

The sums of the closed form nearly cancel, so it is worked out in double precision where all else is single. Where
bases and responses, which take the memory and the time, are half, it is single, about the mean of the kernels. There
coefficients are scaled so that the largest entry of each column of a basis is 1, and offsets are worked out in parts of
the diagonal, so that nothing leaves the range of half precision, whatever the unit of length.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from glm_deep.runtime.model import MeshModel, Model, RegionModel, Stacked
from glm_deep.runtime.quality import LEAST_ANCHORS

_PARTS_OF_DIAGONAL = 64.0  # far from what half precision holds with fewer digits


class Graph(nn.Module):
    """Raw rig inputs (N,I), as `glm_deep.inputs.raw_values` gives them, to offsets (N,V,3) of each mesh, float32.

    Args:
        model: what is played.
        half: bases and responses in half precision, and nothing in double.
    """

    centre: Tensor
    scale: Tensor
    kept: Tensor

    def __init__(self, model: Model, *, half: bool = False) -> None:
        super().__init__()
        statistics = model.statistics
        _constant(self, "kept", np.flatnonzero(statistics.kept))
        _constant(self, "centre", statistics.centre.astype(np.float32))
        _constant(self, "scale", statistics.scale.astype(np.float32))
        self.closed_form = _ClosedForm(model, torch.float32 if half else torch.float64)
        self.differential = _Differential(model)
        asked = [_asked(mesh) for mesh in model.meshes]
        firsts = np.concatenate([[0], np.cumsum([len(mesh.anchors) for mesh in model.meshes])])
        numbers = np.concatenate([first + some for first, some in zip(firsts, asked)]).astype(np.int64)
        self.subspaces = _Networks(model.subspaces.of(numbers)) if len(numbers) else None
        self._asked = [len(some) for some in asked]
        self.meshes = nn.ModuleList(
            _Mesh(mesh, model.regions, number, some, half)
            for number, (mesh, some) in enumerate(zip(model.meshes, asked))
        )

    def forward(self, inputs: Tensor, quality: Tensor) -> tuple[Tensor, ...]:
        """Offsets of each mesh, in the order of the model.

        Args:
            inputs: (N,I). quality: (1,) 0..1, the share of the anchors in use.
        """
        x = (inputs[:, self.kept] - self.centre) / self.scale
        closed, learned = self.closed_form(x), self.differential(x)
        added = None if self.subspaces is None else self.subspaces(x)
        results, first = [], 0
        for mesh, count in zip(self.meshes, self._asked):
            own = None if added is None or not count else added[first : first + count]
            results.append(mesh(closed, learned, own, quality))
            first += count
        return tuple(results)


class _ClosedForm(nn.Module):
    """Kernel regressions: (N,I') to coefficients (K,N) float32, worked out in another precision."""

    columns: Tensor
    root: Tensor
    centres: Tensor
    metrics: Tensor
    amounts: Tensor

    def __init__(self, model: Model, kind: torch.dtype) -> None:
        super().__init__()
        closed = model.closed_form
        self._kind = kind
        count, parts, groups = closed.metrics.shape
        # Values of one rig input side by side, the shorter ones filled up with a value of weight zero.
        sizes = np.diff(closed.firsts, append=len(closed.unit))
        columns = closed.firsts[:, None] + np.minimum(np.arange(sizes.max(initial=1)), sizes[:, None] - 1)
        used = np.arange(columns.shape[1]) < sizes[:, None]
        root = np.where(used, np.sqrt(closed.unit.astype(np.float64))[columns], 0.0)
        _constant(self, "columns", columns.ravel())
        _constant(self, "root", root.ravel(), kind)
        _constant(self, "centres", (closed.centres[:, columns] * root).transpose(1, 2, 0), kind)
        _constant(self, "metrics", closed.metrics.reshape(count * parts, groups), kind)
        _constant(self, "amounts", closed.amounts[:, :, None], kind)
        self._shape = (count, parts, columns.shape)
        starts = model.starts
        self.weights = nn.ParameterList(
            _frozen(closed.weights[:, first:last].T, kind) for first, last in zip(starts[:-1], starts[1:])
        )
        self.totals = nn.ParameterList(
            _frozen(closed.weights[:, first:last].sum(axis=0, dtype=np.float64)[:, None], kind)
            for first, last in zip(starts[:-1], starts[1:])
        )

    def forward(self, x: Tensor) -> Tensor:
        count, parts, (groups, width) = self._shape
        scaled = (x.to(self._kind)[:, self.columns] * self.root).reshape(-1, groups, width, 1)
        squares = (scaled - self.centres) ** 2
        distances = squares.sum(dim=2) if width > 1 else squares[:, :, 0]  # (N,G,m)
        squared = torch.matmul(self.metrics, distances).clamp(min=0.0)
        root = torch.sqrt(5.0 * squared)
        radial = (1.0 + root + root * root / 3.0) * torch.exp(-root)
        mixed = (radial.reshape(-1, count, parts, radial.shape[2]) * self.amounts).sum(dim=2)
        mean = mixed.mean(dim=2, keepdim=True)
        about, mean = (mixed - mean).permute(1, 2, 0), mean.permute(1, 2, 0)  # (R,m,N) and (R,1,N)
        sums = [
            torch.matmul(weights, about[region]) + total * mean[region]
            for region, (weights, total) in enumerate(zip(self.weights, self.totals))
        ]
        return torch.cat(sums).to(torch.float32)


class _Networks(nn.Module):
    """Small networks side by side: (N,I') to (P,outputs,N)."""

    inputs: Tensor

    def __init__(self, networks: Stacked) -> None:
        super().__init__()
        _constant(self, "inputs", networks.inputs.astype(np.int64))
        self.weights = nn.ParameterList(_frozen(weight.transpose(0, 2, 1)) for weight, _ in networks.layers)
        self.biases = nn.ParameterList(_frozen(bias.transpose(0, 2, 1)) for _, bias in networks.layers)

    def forward(self, x: Tensor) -> Tensor:
        y = x.T[self.inputs]
        for index, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            y = torch.matmul(weight, y) + bias
            if index + 1 < len(self.weights):
                y = nn.functional.gelu(y, approximate="tanh")
        return y


class _Differential(nn.Module):
    """Networks of the regions that have one: (N,I') to coefficients (K,N), None where there are none at all."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        heard = model.differential.heard
        self.networks = _Networks(model.differential.of(heard)) if len(heard) else None
        sizes, order = np.diff(model.starts), {int(region): place for place, region in enumerate(heard)}
        self._parts = [(order.get(region), int(size)) for region, size in enumerate(sizes)]

    def forward(self, x: Tensor) -> Tensor | None:
        if self.networks is None:
            return None
        outputs = self.networks(x)
        silent = torch.zeros_like(outputs[0, :1])
        parts = [
            silent.expand(size, -1) if place is None else outputs[place, :size] for place, size in self._parts if size
        ]
        return torch.cat(parts)


class _Mesh(nn.Module):
    """Coefficients and what the subspace models add, to the offsets of one mesh."""

    anchor_basis: Tensor
    ranks: Tensor
    mean: Tensor
    order: Tensor

    def __init__(
        self, mesh: MeshModel, regions: Sequence[RegionModel], number: int, asked: np.ndarray, half: bool
    ) -> None:
        super().__init__()
        self._kind = torch.float16 if half else torch.float32
        unit = _PARTS_OF_DIAGONAL / mesh.diagonal
        self._unit = 1.0 / unit
        self.columns: list[tuple[int, int]] = []
        bases, scales, vertices, first = [], [], [], 0
        anchors = mesh.anchors[asked]
        at_anchors = np.zeros((3 * len(anchors), sum(region.basis.shape[2] for region in regions)), np.float32)
        for region in regions:
            count, _, size = region.basis.shape
            columns, first = (first, first + size), first + size
            if region.mesh != number or not size:
                continue
            flat = region.basis.reshape(3 * count, size)
            largest = np.maximum(np.abs(flat).max(axis=0), 1e-30)
            bases.append(_frozen(flat / largest, self._kind))
            scales.append(largest[:, None] * unit)
            vertices.append(region.vertices)
            self.columns.append(columns)
            places = np.searchsorted(region.vertices, anchors).clip(max=count - 1)
            here = np.flatnonzero(region.vertices[places] == anchors)
            rows = (3 * here[:, None] + np.arange(3)).ravel()
            at_anchors[rows, columns[0] : columns[1]] = region.basis[places[here]].reshape(-1, size)
        self.bases = nn.ParameterList(bases)
        self.scales = nn.ParameterList(_frozen(scale.astype(np.float32)) for scale in scales)
        _constant(self, "anchor_basis", at_anchors)
        _constant(self, "ranks", asked.astype(np.float32)[:, None, None])
        self._least = float(min(len(mesh.anchors), max(LEAST_ANCHORS, mesh.shell_count)))
        self._more = float(len(mesh.anchors) - self._least)
        self.responses = nn.ParameterList(_frozen(patch.response, self._kind) for patch in mesh.patches)
        for index, patch in enumerate(mesh.patches):
            _constant(self, f"followed_{index}", np.searchsorted(asked, patch.anchors))
        parts = [*vertices, *(patch.vertices for patch in mesh.patches)]
        self._counts, gathers, order = _sums(parts, len(mesh.mean))
        for index, entries in enumerate(gathers):
            _constant(self, f"gather_{index}", entries)
        _constant(self, "order", order)
        _constant(self, "mean", (mesh.mean * unit)[:, :, None].astype(np.float16 if half else np.float32))

    def forward(self, closed: Tensor, learned: Tensor | None, added: Tensor | None, quality: Tensor) -> Tensor:
        coefficients = closed if learned is None else closed + learned
        count = coefficients.shape[1]
        parts = []
        for (first, last), basis, scale in zip(self.columns, self.bases, self.scales):
            own = (coefficients[first:last] * scale).to(self._kind)
            parts.append(torch.matmul(basis, own).reshape(-1, 3 * count))
        if added is not None:
            pull = self._pull(learned, added, quality).reshape(-1, 3 * count)
            for index, response in enumerate(self.responses):
                parts.append(torch.matmul(response, pull[getattr(self, f"followed_{index}")]))
        entries = torch.cat(parts) if parts else None
        sums = []
        for index, (vertices, turns) in enumerate(self._counts):
            if entries is None or not turns:  # nothing ever moves them
                sums.append(torch.zeros(vertices, 3 * count, dtype=self._kind, device=coefficients.device))
                continue
            gathered = entries[getattr(self, f"gather_{index}")]
            sums.append(gathered.reshape(vertices, turns, 3 * count).sum(dim=1) if turns > 1 else gathered)
        total = torch.cat(sums)[self.order].reshape(-1, 3, count) + self.mean
        return total.permute(2, 0, 1).to(torch.float32) * self._unit

    def _pull(self, learned: Tensor | None, added: Tensor, quality: Tensor) -> Tensor:
        """(a,3,N) how far the anchors in use are taken from where the networks have them; the others stay."""
        pull = added
        if learned is not None:
            pull = pull - torch.matmul(self.anchor_basis, learned).reshape(added.shape)
        in_use = self._least + torch.round(quality.clamp(0.0, 1.0) * self._more)
        return (torch.where(self.ranks < in_use, pull, 0.0) / self._unit).to(self._kind)


def _asked(mesh: MeshModel) -> np.ndarray:
    """Numbers of the anchors that some patch follows."""
    return np.unique(np.concatenate([*(patch.anchors for patch in mesh.patches), np.zeros(0, np.int32)])).astype(
        np.int64
    )


def _sums(parts: Sequence[np.ndarray], count: int) -> tuple[list[tuple[int, int]], list[np.ndarray], np.ndarray]:
    """How entries of overlapping parts add up to vertices.

    Returns:
        for every number of entries that vertices have: how many vertices, and that number; the entries of these, vertex
        after vertex; and where each vertex (V,) then is.
    """
    vertices = np.concatenate([*parts, np.zeros(0, np.int32)]).astype(np.int64)
    entries = np.argsort(vertices, kind="stable")
    counts = np.bincount(vertices, minlength=count)
    firsts = np.cumsum(counts) - counts
    shapes, gathers, order, done = [], [], np.empty(count, np.int64), 0
    for turns in np.unique(counts):
        some = np.flatnonzero(counts == turns)
        order[some] = done + np.arange(len(some))
        done += len(some)
        gathers.append(entries[(firsts[some][:, None] + np.arange(turns)).ravel()])
        shapes.append((len(some), int(turns)))
    return shapes, gathers, order


def _constant(module: nn.Module, name: str, array: np.ndarray, kind: torch.dtype | None = None) -> None:
    module.register_buffer(name, torch.from_numpy(np.ascontiguousarray(array)).to(kind))


def _frozen(array: np.ndarray, kind: torch.dtype = torch.float32) -> nn.Parameter:
    return nn.Parameter(torch.from_numpy(np.ascontiguousarray(array)).to(kind), requires_grad=False)
