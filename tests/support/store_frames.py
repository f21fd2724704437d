"""Small frames for tests of the sample store."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from glm_deep.dataset.frames import Frames, MeshFrames, MeshRest, Skinning
from glm_deep.dataset.store import AddResult, SampleStore
from glm_deep.inputs import InputFrames, InputLayout

TOLERANCE = 1e-6


def rig() -> InputLayout:
    rest = np.array([np.eye(4)] * 2)
    return InputLayout(("smile", "blink"), np.full((2, 2), np.nan), ("a", "b"), np.array([-1, 0]), rest, ())


def make_frames(count: int = 6, seed: int = 0, kind: str = "weights", clip: str = "walk") -> Frames:
    """Two meshes, two floats, two joints; random values."""
    rng = np.random.default_rng(seed)
    joints = np.tile(np.eye(4), (count, 2, 1, 1))
    joints[:, :, :3, 3] = rng.uniform(-1, 1, (count, 2, 3))
    meshes = []
    for name, quads in (("arm", 2), ("Bein 脚", 3)):
        rest = np.array([[x, y, 0] for x in range(quads + 1) for y in (0, 1)], np.float32)
        corners = np.array([[2 * q, 2 * q + 2, 2 * q + 3, 2 * q + 1] for q in range(quads)], np.int32).ravel()
        vertices = len(rest)
        skinning = {
            "weights": Skinning(rng.dirichlet([1, 1], vertices).astype(np.float32), joints, influence_names=("a", "b")),
            "affine": Skinning(affine=rng.uniform(size=(count, vertices, 3, 4)).astype(np.float32)),
            "none": Skinning(),
        }[kind]
        linear, deformed = rng.uniform(-1, 1, (2, count, vertices, 3)).astype(np.float32)
        mesh_rest = MeshRest(name, rest, np.full(quads, 4, np.int32), corners)
        meshes.append(MeshFrames(mesh_rest, deformed, linear, skinning))
    inputs = InputFrames(rng.uniform(-1, 1, (count, 2)), joints, np.zeros((count, 0, 4, 4)))
    clips = tuple(f"{clip}{frame % 2}" for frame in range(count))
    return Frames(rig(), inputs, clips, tuple(meshes))


def chosen(frames: Frames, numbers: list[int]) -> Frames:
    """Some of the frames."""
    meshes = []
    for mesh in frames.meshes:
        assert mesh.deformed is not None
        assert mesh.skinning.matrices is not None
        skinning = dataclasses.replace(mesh.skinning, matrices=mesh.skinning.matrices[numbers])
        meshes.append(MeshFrames(mesh.rest, mesh.deformed[numbers], mesh.linear[numbers], skinning))
    inputs = frames.inputs
    return Frames(
        frames.layout,
        InputFrames(inputs.floats[numbers], inputs.joints[numbers], inputs.matrices[numbers]),
        tuple(frames.clips[number] for number in numbers),
        tuple(meshes),
    )


def add(store: SampleStore, frames: Frames, session: str = "one", discard: bool = False) -> AddResult:
    return store.add(frames, session=session, discard_identical=discard, tolerance=TOLERANCE)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
