"""The arrays of a model as the player uses them, and how they lie in a bundle.

For scaled inputs x and every region r the model is

    c_r = matern(|x - centre|^2 in the metric of r) @ weights_r     closed form
    n_r = network_r(inputs of r)                                    differential model
    d   = subspaces(x) - anchor_basis @ n                           where the subspace models pull the anchors
    o   = mean + sum_r basis_r @ (c_r + n_r) + response @ d         offsets; `response` is the least-squares solve
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glm_deep.bundle import Bundle
from glm_deep.errors import BundleError
from glm_deep.inputs import InputLayout, InputStatistics
from glm_deep.kernel import kernel

_GELU = np.float32(np.sqrt(2.0 / np.pi))


@dataclass(frozen=True, eq=False)
class Stacked:
    """P small networks side by side.

    Attributes:
        inputs: (P,N) the input values that each is fed with; where one has fewer than N, its weights there are zero.
        layers: weights (P,in,out) and biases (P,1,out).
    """

    inputs: np.ndarray
    layers: tuple[tuple[np.ndarray, np.ndarray], ...]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """(P,n,N out) for inputs x (n,I)."""
        y = np.moveaxis(x[:, self.inputs], 0, 1)
        for index, (weight, bias) in enumerate(self.layers):
            y = y @ weight + bias
            if index + 1 < len(self.layers):
                y = gelu(y)
        return y

    def of(self, parts: np.ndarray) -> Stacked:
        """Some of the networks."""
        return Stacked(self.inputs[parts], tuple((weight[parts], bias[parts]) for weight, bias in self.layers))


@dataclass(frozen=True, eq=False)
class RegionModel:
    """A region: its mesh, its vertices (n,), and the basis (n,3,K) of their offsets, shares included."""

    mesh: int
    vertices: np.ndarray
    basis: np.ndarray


@dataclass(frozen=True, eq=False)
class MeshModel:
    """One mesh.

    Attributes:
        name: of the mesh. shell_count: connected shells. diagonal: of its rest box.
        mean: (V,3).
        response: (V,A) how far each vertex follows each anchor. at_anchors: (A,A) its rows at the anchors, float64.
        anchors: (A,) vertices in nested order.
        anchor_basis: (A,3,K) the basis of all regions at the anchors.
    """

    name: str
    shell_count: int
    diagonal: float
    mean: np.ndarray
    response: np.ndarray
    at_anchors: np.ndarray
    anchors: np.ndarray
    anchor_basis: np.ndarray


@dataclass(frozen=True, eq=False)
class Model:
    """All that is played; offsets in scene units, float32 but for `at_anchors`.

    Attributes:
        layout: rig inputs. statistics: their scaling.
        centres: (m,I). metrics: (R,I). weights: (m,K): the closed form, regions one after the other in K.
        differential: a network a region. subspaces: one an anchor, mesh after mesh.
        regions, meshes: the geometry.
    """

    layout: InputLayout
    statistics: InputStatistics
    centres: np.ndarray
    metrics: np.ndarray
    weights: np.ndarray
    differential: Stacked
    subspaces: Stacked
    regions: tuple[RegionModel, ...]
    meshes: tuple[MeshModel, ...]

    @property
    def starts(self) -> np.ndarray:
        """Where the coefficients of each region begin; the last entry is K."""
        return np.concatenate([[0], np.cumsum([region.basis.shape[2] for region in self.regions])])

    def coefficients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Closed form and network, (n,K) each, for scaled inputs (n,I)."""
        starts = self.starts
        radial = kernel(x, self.centres, self.metrics)
        closed = np.empty((len(x), int(starts[-1])), np.float32)
        learned = np.empty_like(closed)
        outputs = self.differential(x)
        for region, (first, last) in enumerate(zip(starts[:-1], starts[1:])):
            closed[:, first:last] = radial[region] @ self.weights[:, first:last]
            learned[:, first:last] = outputs[region, :, : last - first]
        return closed, learned

    def direct_offsets(self, coefficients: np.ndarray) -> list[np.ndarray]:
        """Offsets of each mesh, (n,V,3), for coefficients (n,K), the anchors not asked."""
        starts, count = self.starts, len(coefficients)
        results = [np.repeat(mesh.mean[None], count, axis=0) for mesh in self.meshes]
        for region, first, last in zip(self.regions, starts[:-1], starts[1:]):
            flat = region.basis.reshape(3 * len(region.vertices), last - first)
            some = coefficients[:, first:last].astype(np.float32) @ flat.T
            results[region.mesh][:, region.vertices] += some.reshape(count, -1, 3)
        return results


def gelu(x: np.ndarray) -> np.ndarray:
    """The smooth rectifier of the networks in its tanh form (Hendrycks and Gimpel 2016)."""
    result: np.ndarray = 0.5 * x * (1.0 + np.tanh(_GELU * (x + np.float32(0.044715) * x * x * x)))
    return result


def to_bundle(model: Model, facts: Mapping[str, Any]) -> Bundle:
    """The model with everything that is known of it."""
    layout = model.layout
    arrays = {f"inputs/{name}": array for name, array in model.statistics.to_arrays().items()}
    arrays["inputs/float_limits"], arrays["inputs/joint_rest"] = layout.float_limits, layout.joint_rest
    arrays["inputs/joint_parents"] = np.asarray(layout.joint_parents, np.int32)
    for name in ("centres", "metrics", "weights"):
        arrays[f"closed_form/{name}"] = getattr(model, name)
    for name, stacked in (("differential", model.differential), ("subspaces", model.subspaces)):
        arrays[f"{name}/inputs"] = stacked.inputs
        for index, (weight, bias) in enumerate(stacked.layers):
            arrays[f"{name}/{index}/weight"], arrays[f"{name}/{index}/bias"] = weight, bias
    for index, region in enumerate(model.regions):
        arrays[f"regions/{index}/vertices"], arrays[f"regions/{index}/basis"] = region.vertices, region.basis
    for index, mesh in enumerate(model.meshes):
        for name in ("mean", "response", "at_anchors", "anchors", "anchor_basis"):
            arrays[f"meshes/{index}/{name}"] = getattr(mesh, name)
    own = {
        "layers": {"differential": len(model.differential.layers), "subspaces": len(model.subspaces.layers)},
        "meshes": [{"name": mesh.name, "shells": mesh.shell_count, "diagonal": mesh.diagonal} for mesh in model.meshes],
        "regions": [region.mesh for region in model.regions],
        "floats": list(layout.float_names),
        "joints": list(layout.joint_names),
        "matrices": list(layout.matrix_names),
    }
    return Bundle({**facts, "model": own}, arrays)


def from_bundle(bundle: Bundle) -> Model:
    """The model in a bundle.

    Raises:
        BundleError: something is missing in it.
    """
    try:
        return _from_bundle(bundle.facts["model"], bundle.arrays)
    except (KeyError, TypeError, AttributeError) as error:
        raise BundleError(
            f"the model file lacks {error}", hint="Train the model again, or take the file from a back-up"
        ) from error


def _from_bundle(own: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Model:
    def room(name: str) -> dict[str, np.ndarray]:
        return {key[len(name) + 1 :]: array for key, array in arrays.items() if key.startswith(f"{name}/")}

    def stacked(name: str) -> Stacked:
        found = room(name)
        layers = tuple((found[f"{i}/weight"], found[f"{i}/bias"]) for i in range(own["layers"][name]))
        return Stacked(found["inputs"], layers)

    inputs = room("inputs")
    layout = InputLayout(
        tuple(own["floats"]),
        inputs["float_limits"],
        tuple(own["joints"]),
        inputs["joint_parents"],
        inputs["joint_rest"],
        tuple(own["matrices"]),
    )
    return Model(
        layout=layout,
        statistics=InputStatistics.from_arrays(inputs),
        differential=stacked("differential"),
        subspaces=stacked("subspaces"),
        regions=tuple(RegionModel(mesh, **room(f"regions/{i}")) for i, mesh in enumerate(own["regions"])),
        meshes=tuple(
            MeshModel(mesh["name"], mesh["shells"], mesh["diagonal"], **room(f"meshes/{i}"))
            for i, mesh in enumerate(own["meshes"])
        ),
        **room("closed_form"),
    )
