"""What tests of several folders share: settings of hypothesis, and a small character that learns in a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

# The same examples in every run, and no time limit on a busy machine.
settings.register_profile("glm_deep", derandomize=True, deadline=None)
settings.load_profile("glm_deep")

Arrays = dict[str, Any]
RINGS, AROUND = 12, 12


def _tube(first: float, last: float, rings: int, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Points (rings * AROUND, 3) of an open tube along x, and its quads."""
    along, angle = np.linspace(first, last, rings), np.linspace(0, 2 * np.pi, AROUND, endpoint=False)
    x, turn = (grid.ravel() for grid in np.meshgrid(along, angle, indexing="ij"))
    points = np.stack([x, radius * np.cos(turn), radius * np.sin(turn)], axis=1)
    ring, place = (grid.ravel() for grid in np.meshgrid(np.arange(rings - 1), np.arange(AROUND), indexing="ij"))
    beside = (place + 1) % AROUND
    quads = np.stack([ring * AROUND + place, (ring + 1) * AROUND + place, (ring + 1) * AROUND + beside], axis=1)
    return points, np.concatenate([quads, (ring * AROUND + beside)[:, None]], axis=1)


def _controls(frames: int, seed: int) -> tuple[np.ndarray, list[str]]:
    """Controls (frames, 3) in -1..1: elbow, muscle, crease; the first half moves on, the second holds random poses."""
    time, half = np.linspace(0, 1, frames // 2), frames // 2
    swing = np.stack([np.sin(5 * time + seed), np.cos(7 * time), np.sin(11 * time + 1)], axis=1)
    poses = np.random.default_rng(seed).uniform(-1, 1, (frames - half, 3))
    return np.concatenate([swing, poses]), ["swing"] * half + ["poses"] * (frames - half)


def limb(frames: int = 60, seed: int = 1) -> Arrays:
    """The arrays of an import archive: a tube with a cuff as its second shell, two joints and two floats."""
    tube, quads = _tube(0.0, 10.0, RINGS, 1.0)
    cuff, more = _tube(7.5, 9.0, 3, 1.3)
    rest, quads = np.concatenate([tube, cuff]), np.concatenate([quads, more + len(tube)])
    controls, clips = _controls(frames, seed)
    angle = 1.2 * controls[:, 0]
    upper, lower_rest = np.tile(np.eye(4), (frames, 1, 1)), np.eye(4)
    lower_rest[0, 3] = 5.0
    lower = np.tile(lower_rest, (frames, 1, 1))
    lower[:, 0, 0], lower[:, 0, 1] = np.cos(angle), -np.sin(angle)
    lower[:, 1, 0], lower[:, 1, 1] = np.sin(angle), np.cos(angle)
    joints, joints_rest = np.stack([upper, lower], axis=1), np.stack([np.eye(4), lower_rest])
    matrices = joints @ np.linalg.inv(joints_rest)
    of_lower = np.clip((rest[:, 0] - 4.0) / 2.0, 0.0, 1.0)
    weights = np.stack([1 - of_lower, of_lower], axis=1)
    blend = np.einsum("vw,fwij->fvij", weights, matrices)
    linear = np.einsum("fvij,vj->fvi", blend[..., :3, :3], rest) + blend[..., :3, 3]
    outwards = rest * (0.0, 1.0, 1.0) / np.linalg.norm(rest[:, 1:], axis=1)[:, None]
    muscle = np.exp(-((rest[:, 0] - 2.5) ** 2))
    crease = np.exp(-4 * (rest[:, 0] - 5.0) ** 2)
    swelling = 0.3 * np.outer(np.tanh(controls[:, 1] + controls[:, 0] ** 2), muscle)
    swelling -= 0.2 * np.outer(np.sin(2 * controls[:, 2]) * np.cos(angle), crease)
    offsets = swelling[..., None] * outwards
    deformed = linear + np.einsum("fvij,fvj->fvi", blend[..., :3, :3], offsets)
    return {
        "meshes": np.array(["limb"]),
        "limb.rest": rest.astype(np.float32),
        "limb.face_sizes": np.full(len(quads), 4, np.int32),
        "limb.face_vertices": quads.ravel().astype(np.int32),
        "limb.deformed": deformed.astype(np.float32),
        "limb.linear": linear.astype(np.float32),
        "limb.weights": weights.astype(np.float32),
        "skinning_matrices": matrices,
        "joints": joints,
        "joints_rest": joints_rest,
        "joint_parents": np.array([-1, 0]),
        "joint_names": np.array(["upper", "lower"]),
        "floats": controls[:, 1:].copy(),
        "float_names": np.array(["muscle", "crease"]),
        "float_limits": np.array([[-1.0, 1.0], [-1.0, 1.0]]),
        "clip": np.array(clips),
    }


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is found out about this machine goes where no test of another run, and no user, finds it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLM_DEEP_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def make_limb() -> Callable[..., Arrays]:
    """The function `limb(frames, seed)`."""
    return limb


@pytest.fixture(scope="session")
def write_archive() -> Callable[[Path, Mapping[str, Any]], Path]:
    """A function that writes an archive and gives its path."""

    def write(path: Path, arrays: Mapping[str, Any]) -> Path:
        np.savez(path, **arrays)
        return path

    return write
