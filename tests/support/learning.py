"""A small character that learns in a second, and what its training told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from glm_deep.config import Anchors, Differential, Subspaces, Training
from glm_deep.dataset.frames import Frames, MeshFrames, MeshRest, Skinning
from glm_deep.dataset.source import ArchiveSource
from glm_deep.events import Epoch, Event
from glm_deep.inputs import InputFrames, InputLayout
from glm_deep.runtime.evaluation import measure
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import to_bundle
from glm_deep.train.fit import FitState
from glm_deep.train.learn import Learned, learn
from glm_deep.train.measured import Measured
from glm_deep.train.report import ridge_predictor
from glm_deep.train.setting import Setting

ROWS, COLUMNS, LENGTH = 12, 14, 6.0
QUICK = Training(
    differential=Differential(layers=2, neurons=16, batch_split=2, epochs=12),
    subspaces=Subspaces(epochs=8, layers=1, neurons=8),
    anchors=Anchors(percent=5.0),
    learning_rate=1e-3,
)


def grid(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Quads of a grid whose rows are closed: sizes and vertices."""
    corners = []
    for row in range(rows - 1):
        for column in range(columns):
            here, following = row * columns + column, row * columns + (column + 1) % columns
            corners.append((here, following, following + columns, here + columns))
    return np.full(len(corners), 4, np.int32), np.array(corners, np.int32).ravel()


def tube(name: str, radius: float = 1.0) -> MeshRest:
    """A tube along x with a ring around it, which is a shell of its own."""
    angles = np.linspace(0, 2 * np.pi, COLUMNS, endpoint=False)
    along = np.concatenate([np.linspace(0, LENGTH, ROWS), [4.0, 4.5]])
    wide = np.concatenate([np.full(ROWS, radius), [1.3 * radius, 1.3 * radius]])
    x, angle = np.meshgrid(along, angles, indexing="ij")
    rest = np.stack([x, wide[:, None] * np.cos(angle), wide[:, None] * np.sin(angle)], axis=-1).reshape(-1, 3)
    sizes, vertices = grid(ROWS, COLUMNS)
    ring_sizes, ring = grid(2, COLUMNS)
    sizes, vertices = np.concatenate([sizes, ring_sizes]), np.concatenate([vertices, ring + ROWS * COLUMNS])
    return MeshRest(name, rest.astype(np.float32), sizes, vertices)


def bend(angles: np.ndarray) -> np.ndarray:
    """(F,4,4) turns about z."""
    result = np.tile(np.eye(4), (len(angles), 1, 1))
    result[:, 0, 0] = result[:, 1, 1] = np.cos(angles)
    result[:, 1, 0], result[:, 0, 1] = np.sin(angles), -np.sin(angles)
    return result


def offsets_of(rest: np.ndarray, angle: np.ndarray, floats: np.ndarray) -> np.ndarray:
    """(F,V,3): a muscle that follows the bend, and a product of both floats at the far end, none of them linear."""
    x = rest[:, 0].astype(float)
    out = np.stack([0 * x, rest[:, 1], rest[:, 2]], axis=-1).astype(float)
    muscle = np.exp(-((x - 2.0) ** 2))[None] * np.sin(1.5 * angle)[:, None] ** 2
    swell = np.exp(-((x - 5.0) ** 2))[None] * (floats[:, :1] * floats[:, 1:2])
    slide = np.exp(-((x - 3.0) ** 2))[None] * np.abs(angle)[:, None]
    return (0.3 * muscle + 0.2 * swell)[:, :, None] * out + 0.1 * slide[:, :, None] * np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True)
class Character:
    """What a test wants of the character."""

    frames: int = 70
    seed: int = 0
    joints: bool = True
    floats: bool = True
    skinned: bool = True
    meshes: tuple[str, ...] = ("body",)
    linear: tuple[str, ...] = ()
    still: bool = False  # the offsets are the same in all frames
    noise: float = 0.0  # offsets of each frame that nothing explains
    constant: bool = False

    def source(self) -> ArchiveSource:
        random = np.random.default_rng(self.seed)
        angle = random.uniform(-1.2, 1.2, self.frames) if self.joints else np.zeros(self.frames)
        floats = random.uniform(-1, 1, (self.frames, 2))
        if not self.floats:
            floats = np.zeros((self.frames, 0))
        elif self.constant:
            floats = np.column_stack([floats, np.full(self.frames, 0.7)])
        names = ("swell", "push", "still")[: floats.shape[1]]
        elbow_rest = np.eye(4)
        elbow_rest[0, 3] = LENGTH / 2
        joints = np.stack([np.tile(np.eye(4), (self.frames, 1, 1)), elbow_rest @ bend(angle)], axis=1)
        parents, rests = np.array([-1, 0], np.int32), np.stack([np.eye(4), elbow_rest])
        kept = slice(0, 2 if self.joints else 0)
        layout = InputLayout(
            names, np.full((len(names), 2), np.nan), ("root", "elbow")[kept], parents[kept], rests[kept], ()
        )
        inputs = InputFrames(floats, joints[:, kept], np.zeros((self.frames, 0, 4, 4)))
        moving = joints @ np.linalg.inv(rests)
        meshes = tuple(
            self._mesh(tube(name, 1.0 + index), angle, floats, moving) for index, name in enumerate(self.meshes)
        )
        return ArchiveSource(Frames(layout, inputs, ("poses",) * self.frames, meshes))

    def _mesh(self, rest: MeshRest, angle: np.ndarray, floats: np.ndarray, moving: np.ndarray) -> MeshFrames:
        share = 1 / (1 + np.exp(-4 * (rest.rest[:, 0] - LENGTH / 2)))
        weights = np.column_stack([1 - share, share]).astype(np.float32)
        matrices = np.einsum("vw,fwij->fvij", weights.astype(float), moving)
        if not self.skinned:
            matrices = np.tile(np.eye(4), (self.frames, len(weights), 1, 1))
        linear = np.einsum("fvij,vj->fvi", matrices[..., :3, :3], rest.rest) + matrices[..., :3, 3]
        two = floats[:, :2] if self.floats else np.zeros((self.frames, 2))
        offsets = offsets_of(rest.rest, angle, two) * (rest.name not in self.linear)
        offsets = offsets + self.noise * np.random.default_rng(9).normal(size=offsets.shape)
        if self.still:
            offsets = np.tile(offsets[:1], (self.frames, 1, 1))
        deformed = linear + np.einsum("fvij,fvj->fvi", matrices[..., :3, :3], offsets)
        skinning = Skinning(weights, moving) if self.skinned else Skinning()
        return MeshFrames(rest, deformed.astype(np.float32), linear.astype(np.float32), skinning)


@dataclass
class Run:
    """A training and what it told."""

    events: list[Event] = field(default_factory=list)
    states: dict[str, FitState] = field(default_factory=dict)

    def learn(
        self,
        source: ArchiveSource,
        training: Training,
        folder: Path,
        stopped: Callable[[], bool] = lambda: False,
        threads: int = 1,
        known: Measured | None = None,
    ) -> Learned:
        setting = Setting(
            device=torch.device("cpu"),
            threads=threads,
            folder=folder,
            tell=self.events.append,
            stopped=stopped,
            fitted=self.states.__setitem__,
            resume=lambda name, state: None,
        )
        return learn(source, training, setting, known)

    def epochs(self, model: str) -> list[Epoch]:
        return [event for event in self.events if isinstance(event, Epoch) and event.model == model]


def trained(tmp_path: Path, training: Training = QUICK, character: Character | None = None) -> tuple[Learned, Run]:
    run, character = Run(), character or Character()
    folder = tmp_path / f"work {len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    return run.learn(character.source(), training, folder), run


def played(learned: Learned, source: ArchiveSource) -> list[np.ndarray]:
    return Evaluator(learned.model).offsets(source.inputs)


def rms(learned: Learned, source: ArchiveSource, mesh: str = "body") -> dict[str, float]:
    """Errors over all frames of the model, of the ridge regression and of the linear mesh."""
    names = [each.name for each in source.meshes]
    ridge = ridge_predictor(learned, Evaluator(learned.measured))
    predictors = {"model": Evaluator(learned.model).offsets, "ridge": ridge}
    found = measure(source, np.arange(source.frame_count), names, predictors)[mesh]
    return {name: errors.summary(1.0).scene_units["rms"] for name, errors in found.items()}


def arrays(learned: Learned) -> dict[str, np.ndarray]:
    found = {**to_bundle(learned.model, {}).arrays}
    found.update({f"measured/{name}": array for name, array in to_bundle(learned.measured, {}).arrays.items()})
    return found


def same(first: Learned, second: Learned) -> bool:
    one, other = arrays(first), arrays(second)
    return one.keys() == other.keys() and all(one[name].tobytes() == other[name].tobytes() for name in one)


def with_differential(**changes: int) -> Training:
    return replace(QUICK, differential=replace(QUICK.differential, **changes))


def with_subspaces(**changes: int) -> Training:
    return replace(QUICK, subspaces=replace(QUICK.subspaces, **changes))
