"""Regions: parts of the mesh that the same inputs move, each learned from these inputs.

At a few hundred or thousand frames generalisation decides, and what buys it is to feed a part of the mesh with nothing
but what moves it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csc_matrix, csr_matrix, diags_array
from scipy.sparse.csgraph import dijkstra
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from glm_deep.train.prepare import Prepared

MOST_REGIONS = 24
FRAMES_A_REGION = 25
FEWEST_WHERE_MEASURED = 4
"""Regions that few frames make too, where it was measured which inputs move what."""
_VERTICES_A_REGION = 80
_PLACE = 4.0  # how much the place counts beside what moves it: positions in diagonals, inputs as roots of shares
_BLENDING = 1 / 3  # width of the border in region radii
_MOST_STEPS = 16
_SMALLEST_WEIGHT = 0.01
_SHORTEST = 1e-12  # a sparse graph takes a length of zero for no edge


@dataclass(frozen=True)
class Region:
    """Some vertices of a mesh.

    Attributes:
        mesh: its number.
        vertices: (n,) in ascending order.
        blend: (n,) their share in this region, positive; over all regions the shares of a vertex add up to one.
        samples: numbers of the sample vertices that made it.
    """

    mesh: int
    vertices: NDArray[np.int64]
    blend: NDArray[np.float64]
    samples: NDArray[np.int64]


def find_regions(
    prepared: Prepared,
    samples: tuple[NDArray[np.int64], ...],
    moved: NDArray[np.float64],
    seed: int,
) -> tuple[Region, ...]:
    """Regions of all meshes, clusters of sample vertices in place and in what moves them.

    The shares fade across a border within a shell, so that the deformation has no seam.

    Args:
        samples: (S,) sample vertices of each mesh.
        moved: (S of all meshes, number of inputs) how much each input moves each, from `closed_form.survey`.
        seed: of the clustering.
    """
    vertices = np.array([len(mesh.rest) for mesh in prepared.source.meshes])
    by_frames = len(prepared.split.train) // FRAMES_A_REGION
    if prepared.measured is not None:
        by_frames = max(by_frames, FEWEST_WHERE_MEASURED)
    wanted = min(MOST_REGIONS, by_frames, int(vertices.sum()) // _VERTICES_A_REGION)
    regions: list[Region] = []
    first = 0
    for mesh, of_mesh in enumerate(samples):
        own = slice(first, first + len(of_mesh))
        count = max(1, round(wanted * vertices[mesh] / vertices.sum()))
        labels = _cluster(prepared, mesh, of_mesh, moved[own], count, seed)
        for label, (members, blend) in enumerate(blended(prepared, mesh, of_mesh, labels)):
            if len(members):
                regions.append(Region(mesh, members, blend, first + np.flatnonzero(labels == label)))
        first += len(of_mesh)
    return tuple(regions)


def _cluster(
    prepared: Prepared,
    mesh: int,
    samples: NDArray[np.int64],
    moved: NDArray[np.float64],
    count: int,
    seed: int,
) -> NDArray[np.int64]:
    """(S,) labels; vertices that move much decide more."""
    rest = prepared.source.meshes[mesh]
    energy = moved.sum(axis=1)
    floor = 1e-9 * max(float(energy.mean()), 1e-300)
    shares = (moved + floor / moved.shape[1]) / (energy + floor)[:, None]
    features = np.column_stack([_PLACE * rest.rest[samples] / rest.diagonal, np.sqrt(shares)])
    strength = np.sqrt(energy)
    strength += max(0.05 * float(strength.mean()), 1e-300)
    clusters = KMeans(min(count, len(samples)), n_init=2, random_state=seed)
    with threadpool_limits(1):  # threads would add up in an order of their own each time
        labels: NDArray[np.int64] = clusters.fit(features, sample_weight=strength / strength.sum()).labels_
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def blended(
    prepared: Prepared,
    mesh: int,
    samples: NDArray[np.int64],
    labels: NDArray[np.int64],
    width: float = _BLENDING,
) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Vertices and shares of each region: the nearest sample's label, averaged over neighbours some times."""
    graph = prepared.graphs[mesh]
    rest = prepared.source.meshes[mesh].rest
    count, regions = len(rest), int(labels.max()) + 1
    nearest = labels[nearest_sample(rest, graph.laplacian, samples)]
    shares = csr_matrix((np.ones(count), (np.arange(count), nearest)), shape=(count, regions))
    steps = min(_MOST_STEPS, max(1, round(width * np.sqrt(count / regions))))
    valence = graph.laplacian.diagonal()
    inverse = np.divide(1.0, valence, out=np.zeros(count), where=valence > 0)
    average = diags_array(np.ones(count)) - 0.5 * (diags_array(inverse) @ graph.laplacian)
    for _ in range(steps if regions > 1 else 0):
        shares = csr_matrix(average @ shares)
    shares.data[shares.data < _SMALLEST_WEIGHT] = 0.0
    shares.eliminate_zeros()
    columns = csc_matrix(diags_array(1.0 / np.asarray(shares.sum(axis=1)).ravel()) @ shares)
    columns.sort_indices()
    ends = columns.indptr
    return [(columns.indices[a:b].astype(np.int64), columns.data[a:b].copy()) for a, b in zip(ends[:-1], ends[1:])]


def nearest_sample(rest: NDArray[np.floating], laplacian: csr_matrix, samples: NDArray[np.int64]) -> NDArray[np.int64]:
    """(V,) number of the nearest sample along the edges: lips are no neighbours. Samples cover all shells."""
    edges = coo_matrix(laplacian)
    apart = edges.row != edges.col
    rows, columns = edges.row[apart], edges.col[apart]
    positions = np.asarray(rest, np.float64)
    lengths = np.maximum(np.linalg.norm(positions[rows] - positions[columns], axis=1), _SHORTEST)
    graph = csr_matrix((lengths, (rows, columns)), shape=laplacian.shape)
    _, _, sources = dijkstra(graph, indices=samples, min_only=True, return_predecessors=True)
    number = np.full(len(rest), -1, np.int64)
    number[samples] = np.arange(len(samples))
    result: NDArray[np.int64] = number[sources]
    return result
