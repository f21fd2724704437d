"""The arrays of a model as the player uses them, and how they lie in a bundle.

For scaled inputs x and every region r the model is

    c_r = kernel_r(x, centres) @ weights_r                          closed form
    n_r = network_r(inputs of r)                                    differential model
    d   = subspaces(x) - n at the anchors                           where the subspace models pull the anchors
    o   = mean + sum_r basis_r @ (c_r + n_r) + response @ d         offsets; `response` is the least-squares solve

Bases, responses and networks are stored in half precision with a factor of their own, which costs less than a
thousandth of what they add; the closed form, whose sums nearly cancel, in single precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glm_deep.bundle import Bundle
from glm_deep.errors import BundleError
from glm_deep.inputs import InputLayout, InputStatistics

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
            y = y @ weight
            y += bias
            if index + 1 < len(self.layers):
                y = gelu(y)
        return y

    @property
    def heard(self) -> np.ndarray:
        """Numbers of the networks that ever answer anything but zero."""
        return np.flatnonzero(sum(np.abs(last).max(axis=(1, 2), initial=0.0) for last in self.layers[-1]))

    def of(self, parts: np.ndarray) -> Stacked:
        """Some of the networks."""
        return Stacked(self.inputs[parts], tuple((weight[parts], bias[parts]) for weight, bias in self.layers))


@dataclass(frozen=True, eq=False)
class ClosedForm:
    """The kernel regressions of all regions.

    Attributes:
        unit: (I,) factors of squared differences of the input values. firsts: (G,) first value of each rig input.
        centres: (m,I). metrics: (R,PARTS,G). amounts: (R,PARTS).
        weights: (m,K), regions one after the other in K.
    """

    unit: np.ndarray
    firsts: np.ndarray
    centres: np.ndarray
    metrics: np.ndarray
    amounts: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True, eq=False)
class RegionModel:
    """A region: its mesh, its vertices (n,), and the basis (n,3,K) of their offsets, shares included."""

    mesh: int
    vertices: np.ndarray
    basis: np.ndarray


@dataclass(frozen=True, eq=False)
class PatchModel:
    """A patch of a mesh: its vertices (n,), the anchors (a,) in reach, and how the ones follow the others (n,a)."""

    vertices: np.ndarray
    anchors: np.ndarray
    response: np.ndarray


@dataclass(frozen=True, eq=False)
class MeshModel:
    """One mesh.

    Attributes:
        name: of the mesh. shell_count: connected shells. diagonal: of its rest box.
        mean: (V,3).
        anchors: (A,) vertices in nested order.
        patches: together the response of the mesh to its anchors.
    """

    name: str
    shell_count: int
    diagonal: float
    mean: np.ndarray
    anchors: np.ndarray
    patches: tuple[PatchModel, ...]


@dataclass(frozen=True, eq=False)
class Model:
    """All that is played; offsets in scene units, float32.

    Attributes:
        layout: rig inputs. statistics: their scaling.
        closed_form: what was solved.
        differential: a network a region. subspaces: one an anchor, mesh after mesh.
        regions, meshes: the geometry.
    """

    layout: InputLayout
    statistics: InputStatistics
    closed_form: ClosedForm
    differential: Stacked
    subspaces: Stacked
    regions: tuple[RegionModel, ...]
    meshes: tuple[MeshModel, ...]

    @property
    def starts(self) -> np.ndarray:
        """Where the coefficients of each region begin; the last entry is K."""
        return np.concatenate([[0], np.cumsum([region.basis.shape[2] for region in self.regions])])


def gelu(x: np.ndarray) -> np.ndarray:
    """The smooth rectifier of the networks in its tanh form (Hendrycks and Gimpel 2016)."""
    result: np.ndarray = x * x
    result *= _GELU * np.float32(0.044715)
    result += _GELU
    result *= x
    np.tanh(result, out=result)
    result += 1.0
    result *= x
    result *= 0.5
    return result


def to_bundle(model: Model, facts: Mapping[str, Any]) -> Bundle:
    """The model with everything that is known of it."""
    layout = model.layout
    arrays = {f"inputs/{name}": array for name, array in model.statistics.to_arrays().items()}
    arrays["inputs/float_limits"], arrays["inputs/joint_rest"] = layout.float_limits, layout.joint_rest
    arrays["inputs/joint_parents"] = np.asarray(layout.joint_parents, np.int32)
    arrays.update({f"closed_form/{name}": array for name, array in vars(model.closed_form).items()})
    for name, stacked in (("differential", model.differential), ("subspaces", model.subspaces)):
        arrays[f"{name}/inputs"] = stacked.inputs
        for index, (weight, bias) in enumerate(stacked.layers):
            arrays[f"{name}/{index}/bias"] = bias
            arrays.update(_halved(f"{name}/{index}/weight", weight))
    for index, region in enumerate(model.regions):
        arrays[f"regions/{index}/vertices"] = region.vertices
        arrays.update(_halved(f"regions/{index}/basis", region.basis))
    for index, mesh in enumerate(model.meshes):
        arrays[f"meshes/{index}/mean"], arrays[f"meshes/{index}/anchors"] = mesh.mean, mesh.anchors
        for number, patch in enumerate(mesh.patches):
            arrays[f"patches/{index}/{number}/vertices"] = patch.vertices
            arrays[f"patches/{index}/{number}/anchors"] = patch.anchors
            arrays.update(_halved(f"patches/{index}/{number}/response", patch.response))
    own = {
        "layers": {"differential": len(model.differential.layers), "subspaces": len(model.subspaces.layers)},
        "meshes": [
            {
                "name": mesh.name,
                "shells": mesh.shell_count,
                "diagonal": mesh.diagonal,
                "patches": len(mesh.patches),
            }
            for mesh in model.meshes
        ],
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
        found = {key[len(name) + 1 :]: array for key, array in arrays.items() if key.startswith(f"{name}/")}
        return {key: _doubled(key, found) for key in found if not key.endswith(_UNIT)}

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
        closed_form=ClosedForm(**room("closed_form")),
        differential=stacked("differential"),
        subspaces=stacked("subspaces"),
        regions=tuple(RegionModel(mesh, **room(f"regions/{i}")) for i, mesh in enumerate(own["regions"])),
        meshes=tuple(
            MeshModel(
                mesh["name"],
                mesh["shells"],
                mesh["diagonal"],
                patches=tuple(PatchModel(**room(f"patches/{i}/{number}")) for number in range(mesh["patches"])),
                **room(f"meshes/{i}"),
            )
            for i, mesh in enumerate(own["meshes"])
        ),
    )


_UNIT = "_unit"


def _halved(name: str, array: np.ndarray) -> dict[str, np.ndarray]:
    """An array in half precision, and the factor that keeps its range within that of half precision."""
    largest = np.float32(np.abs(array).max(initial=0.0)) or np.float32(1.0)
    return {name: (array / largest).astype(np.float16), name + _UNIT: largest}


def _doubled(name: str, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """The array of this name in single precision, if it was stored in half."""
    unit = arrays.get(name + _UNIT)
    return arrays[name] if unit is None else arrays[name].astype(np.float32) * unit
