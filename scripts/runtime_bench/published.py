"""The runtime of the published method, with random weights: only its time and its memory count.

What it does in a frame is what Song, Shi and Reed 2020 ("Accurate Face Rig Approximation with Deep Differential
Subspace Reconstruction") describe: one wide network gives the differential coordinates through a PCA, small networks
give the anchors, and a sparse least-squares solve puts both together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glm_deep.dataset.frames import MeshRest
from glm_deep.inputs import InputFrames

LAYERS, NEURONS = 5, 2048
COMPONENT_SHARE = 0.05  # of the vertices
ANCHOR_SHARE = 0.02  # of the vertices
ANCHOR_LAYERS, ANCHOR_NEURONS = 3, 64
ANCHOR_INPUT_SHARE = 14 / 149  # inputs that move a vertex of the published character, the median of its vertices

Floats = NDArray[np.float32]
Layer = tuple[Floats, Floats]


class Solve:
    """Offsets from differential coordinates delta and anchors a, by factorised normal equations in double precision.

        minimise || L o - D delta ||^2 + || C o - a ||^2
        (L^T L + C^T C) o = L^T D delta + C^T a

    Args:
        laplacian: L (V,V), sparse.
        anchors: (A,) vertices that C picks; every connected shell has one.
    """

    def __init__(self, laplacian: Any, anchors: NDArray[np.integer]) -> None:
        from scipy.sparse import csc_matrix, csr_matrix, diags_array
        from scipy.sparse.linalg import splu

        ones = csc_matrix((np.ones(len(anchors)), (anchors, anchors)), shape=laplacian.shape)
        self._anchors = anchors
        self._right = csr_matrix(laplacian.T @ diags_array(laplacian.diagonal()))
        # The ordering and mode for symmetric systems: their factors are the sparsest, so that the solve is the fastest.
        self._factors = splu(
            csc_matrix(laplacian.T @ laplacian) + ones, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}
        )

    @property
    def nbytes(self) -> int:
        """Memory of the factors and of the right-hand side's matrix: values, and an index of each."""
        index = 4
        own = self._right.data.nbytes + self._right.indices.nbytes + self._right.indptr.nbytes
        return int(self._factors.nnz) * (np.dtype(float).itemsize + index) + int(own)

    def __call__(self, delta: NDArray[np.floating], anchors: NDArray[np.floating]) -> NDArray[np.float64]:
        """Offsets (V,N) of differential coordinates (V,N) and anchor offsets (A,N)."""
        right = self._right @ delta.astype(np.float64)
        right[self._anchors] += anchors
        solved: NDArray[np.float64] = self._factors.solve(right)
        return solved


class Published:
    """The published runtime for some meshes, which it takes as one.

    Args:
        meshes: rest positions and polygons.
        features: from rig inputs to the scaled input values (n,I), as our player computes them.
        inputs: I.
        frames: training frames, which bound the components.
    """

    def __init__(
        self,
        meshes: Sequence[MeshRest],
        features: Callable[[InputFrames], Floats],
        inputs: int,
        frames: int,
    ) -> None:
        random = np.random.default_rng(0)
        self._features = features
        self._ends = np.cumsum([len(mesh.rest) for mesh in meshes])
        self.vertex_count = int(self._ends[-1])
        self.components = max(1, min(round(COMPONENT_SHARE * self.vertex_count), frames))
        self._network = _layers(random, (), inputs, LAYERS, NEURONS, self.components)
        self._basis = random.standard_normal((3 * self.vertex_count, self.components), np.float32)
        self._mean = random.standard_normal(3 * self.vertex_count, np.float32)
        self._solve, self.anchor_count = _solve_of(meshes)
        fed = max(1, round(ANCHOR_INPUT_SHARE * inputs))
        self._fed = np.sort(random.integers(0, inputs, (self.anchor_count, fed)), axis=1)
        self._anchor_networks = _layers(random, (self.anchor_count,), fed, ANCHOR_LAYERS, ANCHOR_NEURONS, 3)

    @property
    def nbytes(self) -> int:
        """Memory of all weights and factors."""
        layers = [*self._network, *self._anchor_networks]
        weights = sum(weight.nbytes + bias.nbytes for weight, bias in layers)
        return weights + self._basis.nbytes + self._mean.nbytes + self._fed.nbytes + self._solve.nbytes

    def offsets(self, inputs: InputFrames) -> list[np.ndarray]:
        """Offsets before skinning of each mesh, (n,V,3) float32; their values mean nothing."""
        x = self._features(inputs)
        count = len(x)
        delta = _through(self._network, x) @ self._basis.T + self._mean
        anchors = _through(self._anchor_networks, np.moveaxis(x[:, self._fed], 0, 1))
        columns = delta.reshape(count, -1, 3).swapaxes(0, 1).reshape(self.vertex_count, -1)
        solved = self._solve(columns, anchors.reshape(self.anchor_count, -1))
        result = solved.reshape(-1, count, 3).swapaxes(0, 1).astype(np.float32)
        return np.split(result, self._ends[:-1], axis=1)


def _layers(
    random: np.random.Generator, stack: tuple[int, ...], inputs: int, layers: int, neurons: int, outputs: int
) -> list[Layer]:
    """Hidden layers and a linear output, as large as random weights must be to keep values near 1."""
    sizes = [inputs, *[neurons] * layers, outputs]
    return [
        (
            random.standard_normal((*stack, first, second), np.float32) * np.float32(np.sqrt(2 / first)),
            random.standard_normal((*stack, 1, second) if stack else second, np.float32) * np.float32(0.1),
        )
        for first, second in zip(sizes[:-1], sizes[1:])
    ]


def _through(layers: Sequence[Layer], x: Floats) -> Floats:
    """What ReLU layers with a linear output make of x."""
    for index, (weight, bias) in enumerate(layers):
        x = x @ weight
        x += bias
        if index + 1 < len(layers):
            np.maximum(x, 0, out=x)
    return x


def _solve_of(meshes: Sequence[MeshRest]) -> tuple[Solve, int]:
    """The solve of all meshes as one, and how many anchors it has."""
    from glm_deep.geometry.anchors import choose_anchors
    from glm_deep.geometry.differential import graph_laplacian
    from glm_deep.geometry.topology import edges_of, shells_of

    starts = np.cumsum([0, *(len(mesh.rest) for mesh in meshes)])
    edges = np.concatenate(
        [edges_of(mesh.face_sizes, mesh.face_vertices) + first for mesh, first in zip(meshes, starts)]
    )
    count = int(starts[-1])
    rest = np.concatenate([mesh.rest for mesh in meshes])
    anchors = choose_anchors(rest, shells_of(count, edges), round(ANCHOR_SHARE * count))
    return Solve(graph_laplacian(count, edges), anchors), len(anchors)
