"""What must stay the same for samples to belong together and to a model: meshes and inputs.

A fingerprint is plain data for JSON: names and counts that a person can read, and hashes of the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glm_deep.dataset.frames import MeshRest
from glm_deep.inputs import InputLayout

Fingerprint = Mapping[str, Any]

_HASH_LETTERS = 16


def fingerprint(layout: InputLayout, meshes: Sequence[MeshRest], skinned: Sequence[bool]) -> dict[str, Any]:
    """The fingerprint of meshes and inputs, ready for JSON.

    Args:
        layout: the inputs; their limits do not count.
        meshes: the meshes at bind.
        skinned: of every mesh, whether its offsets are taken before skinning, or else in mesh space.
    """
    parents = [layout.joint_names[parent] if parent >= 0 else None for parent in layout.joint_parents]
    joints = [
        {"name": name, "parent": parent, "rest": _hash(rest)}
        for name, parent, rest in zip(layout.joint_names, parents, layout.joint_rest)
    ]
    return {
        "meshes": [_mesh(mesh, before) for mesh, before in zip(meshes, skinned)],
        "floats": list(layout.float_names),
        "joints": joints,
        "matrices": list(layout.matrix_names),
    }


def difference(old: Fingerprint, new: Fingerprint) -> list[str]:
    """What `new` has otherwise than `old`, a phrase each; nothing when they fit together."""
    found = _compare_names("mesh", _names(old["meshes"]), _names(new["meshes"]))
    before = {mesh["name"]: mesh for mesh in old["meshes"]}
    for mesh in new["meshes"]:
        if mesh["name"] in before:
            found += _compare_mesh(before[mesh["name"]], mesh)
    found += _compare_names("float", old["floats"], new["floats"])
    found += _compare_names("joint", _names(old["joints"]), _names(new["joints"]))
    earlier = {joint["name"]: joint for joint in old["joints"]}
    for joint in new["joints"]:
        if joint["name"] in earlier:
            found += _compare_joint(earlier[joint["name"]], joint)
    return found + _compare_names("matrix", old["matrices"], new["matrices"])


def _mesh(mesh: MeshRest, skinned: bool) -> dict[str, Any]:
    in_any_order = mesh.rest[np.lexsort(mesh.rest.T)]
    return {
        "name": mesh.name,
        "vertices": len(mesh.rest),
        "polygons": len(mesh.face_sizes),
        "topology": _hash(mesh.face_sizes.astype(np.int32), mesh.face_vertices.astype(np.int32)),
        "rest": _hash(mesh.rest),
        "rest_in_any_order": _hash(in_any_order),
        "skinned": bool(skinned),
    }


def _hash(*arrays: np.ndarray) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        if array.dtype.kind == "f":
            # adding zero makes -0.0 and 0.0 the same
            array = array.astype("<f4") + np.float32(0)
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:_HASH_LETTERS]


def _names(items: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(item["name"]) for item in items]


def _compare_names(kind: str, old: Sequence[str], new: Sequence[str]) -> list[str]:
    found = [f"{kind} {name} is missing" for name in old if name not in new]
    found += [f"{kind} {name} is new" for name in new if name not in old]
    if not found and list(old) != list(new):
        place = next(number for number, (before, after) in enumerate(zip(old, new)) if before != after)
        found.append(f"{kind} order differs: {new[place]} instead of {old[place]} at position {place}")
    return found


def _compare_mesh(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    prefix = f"mesh {new['name']}"
    found = []
    for count in ("vertices", "polygons"):
        if old[count] != new[count]:
            found.append(f"{prefix}: {new[count]:,} {count} instead of {old[count]:,}")
    if not found and (old["rest"], old["topology"]) != (new["rest"], new["topology"]):
        if old["rest"] != new["rest"] and old["rest_in_any_order"] == new["rest_in_any_order"]:
            found.append(f"{prefix}: vertex order differs, the vertices are the same")
        else:
            found += [f"{prefix}: topology differs, the polygons join other vertices"] * (
                old["topology"] != new["topology"]
            )
            found += [f"{prefix}: rest pose differs"] * (old["rest"] != new["rest"])
    if old["skinned"] != new["skinned"]:
        words = "before skinning", "in mesh space, without skinning"
        now, then = words if new["skinned"] else words[::-1]
        found.append(f"{prefix}: offsets are taken {now} instead of {then}")
    return found


def _compare_joint(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    found = []
    if old["parent"] != new["parent"]:
        now, then = (joint["parent"] or "none" for joint in (new, old))
        found.append(f"joint {new['name']}: the parent is {now} instead of {then}")
    if old["rest"] != new["rest"]:
        found.append(f"joint {new['name']}: rest pose differs")
    return found
