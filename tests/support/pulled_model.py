"""A trained model in which an anchor surely matters; of small characters most anchors are left out as useless."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from glm_deep.bundle import Bundle
from glm_deep.runtime.model import Model, PatchModel, from_bundle, to_bundle

PULL = 0.01


def pulled(model: Model) -> Model:
    """The model with a patch in every mesh that follows the mesh's last anchor, and subspace models that pull each."""
    meshes = []
    for mesh in model.meshes:
        vertices, last = np.arange(len(mesh.mean), dtype=np.int32), np.array([len(mesh.anchors) - 1], np.int32)
        response = np.linspace(0.2, 1.0, len(vertices), dtype=np.float32)[:, None]
        meshes.append(replace(mesh, patches=(*mesh.patches, PatchModel(vertices, last, response))))
    *layers, (weight, bias) = model.subspaces.layers
    subspaces = replace(model.subspaces, layers=(*layers, (weight, bias + np.float32(PULL))))
    return replace(model, meshes=tuple(meshes), subspaces=subspaces)


def pull_model_file(path: Path) -> None:
    """The same for a model file."""
    bundle = Bundle.load(path)
    to_bundle(pulled(from_bundle(bundle)), bundle.facts).save(path)
