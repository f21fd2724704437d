"""The arrays of one mesh laid out for playing: few large products, and sums over overlapping parts without loops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glm_deep.runtime.model import MeshModel, RegionModel


class MeshPlayer:
    """Coefficients and pulls of the anchors to offsets of one mesh.

    Every region and patch writes its part into one buffer; a vertex then adds up the entries that are its own.

    Args:
        mesh: with the anchors that are in use.
        regions: of all meshes, in the order of the coefficients. number: of this mesh.

    Attributes:
        anchor_count: anchors in use.
        asked: (a,) those among them that some patch follows; the others need not be worked out.
    """

    def __init__(self, mesh: MeshModel, regions: Sequence[RegionModel], number: int) -> None:
        self.anchor_count = len(mesh.anchors)
        numbers = [patch.anchors for patch in mesh.patches]
        self.asked = np.unique(np.concatenate([*numbers, np.zeros(0, np.int32)])).astype(np.int64)
        anchors = mesh.anchors[self.asked]
        self._bases: list[tuple[slice, np.ndarray]] = []
        vertices, first = [], 0
        at_anchors = np.zeros((sum(region.basis.shape[2] for region in regions), len(anchors), 3), np.float32)
        for region in regions:
            count, _, size = region.basis.shape
            columns = slice(first, first + size)
            first += size
            if region.mesh != number:
                continue
            self._bases.append((columns, np.ascontiguousarray(region.basis.reshape(3 * count, size).T)))
            vertices.append(region.vertices)
            places = np.searchsorted(region.vertices, anchors).clip(max=count - 1)
            here = np.flatnonzero(region.vertices[places] == anchors)
            at_anchors[columns, here] = np.moveaxis(region.basis[places[here]], 2, 0)
        self._anchor_basis = at_anchors.reshape(len(at_anchors), -1)
        self._patches = [(np.searchsorted(self.asked, patch.anchors), patch.response) for patch in mesh.patches]
        self._direct = _Sum(vertices, mesh.mean)
        self._whole = _Sum([*vertices, *(patch.vertices for patch in mesh.patches)], mesh.mean)

    def pull(self, added: np.ndarray, learned: np.ndarray) -> np.ndarray:
        """(a,n,3) how far what the subspace models add takes the asked anchors from where the networks have them.

        Args:
            added: (a,n,3) beside the closed form. learned: (n,K) coefficients of the differential model.
        """
        there = (learned @ self._anchor_basis).reshape(len(learned), len(self.asked), 3)
        result: np.ndarray = added - there.transpose(1, 0, 2)
        return result

    def offsets(self, coefficients: np.ndarray, pull: np.ndarray | None) -> np.ndarray:
        """(n,V,3) float32 offsets for coefficients (n,K) and pulls (a,n,3), None to leave the anchors out."""
        count = len(coefficients)
        sums = self._direct if pull is None else self._whole
        buffer = sums.buffer(count)
        segments = iter(sums.segments)
        for columns, basis in self._bases:
            np.matmul(coefficients[:, columns], basis, out=buffer[:, next(segments)])
        if pull is not None:
            flat = pull.reshape(len(self.asked), 3 * count)
            for anchors, response in self._patches:
                followed = (response @ flat[anchors]).reshape(-1, count, 3)
                buffer[:, next(segments)] = followed.transpose(1, 0, 2).reshape(count, -1)
        return sums.of(buffer)


class _Sum:
    """Sums over parts that share vertices, as gathers of contiguous stretches: the form of it that numpy does fast.

    Inside, vertices with the most entries come first, so that the second, third, ... entries are those of the first
    vertices.
    """

    def __init__(self, parts: Sequence[np.ndarray], mean: np.ndarray) -> None:
        ends = 3 * np.cumsum([0, *(len(part) for part in parts)])
        self.segments = [slice(int(a), int(b)) for a, b in zip(ends[:-1], ends[1:])]
        self._size = int(ends[-1])
        vertices = np.concatenate([*parts, np.zeros(0, np.int32)]).astype(np.int64)
        counts = np.bincount(vertices, minlength=len(mean))
        inside = np.argsort(-counts, kind="stable")
        place = np.empty(len(mean), np.int64)
        place[inside] = np.arange(len(mean))
        order = np.argsort(place[vertices], kind="stable")
        firsts = np.cumsum(counts[inside]) - counts[inside]
        self._gathers = []
        for turn in range(int(counts.max(initial=0))):
            some = np.count_nonzero(counts > turn)
            self._gathers.append(_by_axis(order[firsts[:some] + turn]))
        self._mean = np.ascontiguousarray(mean[inside], np.float32).ravel()
        self._place = _by_axis(place)

    def buffer(self, count: int) -> np.ndarray:
        """(count, entries) to be filled."""
        return np.empty((count, self._size), np.float32)

    def of(self, buffer: np.ndarray) -> np.ndarray:
        """(n,V,3): the sums of every vertex, its mean among them."""
        total = np.repeat(self._mean[None], len(buffer), axis=0)
        for entries in self._gathers:
            total[:, : len(entries)] += _taken(buffer, entries)
        return _taken(total, self._place).reshape(len(buffer), -1, 3)


def _taken(rows: np.ndarray, entries: np.ndarray) -> np.ndarray:
    """(n, entries) some columns; entries lie within, so that the check that "wrap" leaves out is not missed."""
    result: np.ndarray = np.take(rows, entries, axis=1, mode="wrap")
    return result


def _by_axis(numbers: np.ndarray) -> np.ndarray:
    """Entries of x, y and z, one after the other, of vertices (n,)."""
    return (3 * numbers[:, None] + np.arange(3)).ravel().astype(np.intp)
