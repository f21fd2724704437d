"""The sorts of characters by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sample_variety_kinds import cloth, easy, floats_only, joints_only, jumpy, production, tiny
from sample_variety_kinds.order import Order
from sample_variety_kinds.recording import Arrays


@dataclass(frozen=True)
class Kind:
    """A sort of character: what makes it, its usual number of vertices, and of frames for training."""

    build: Callable[[Order], Arrays]
    vertices: int
    training_frames: int = 600


TEST_FRAMES = 100

KINDS = {
    "production": Kind(production.build, 12_000),
    "cloth": Kind(cloth.build, 5_000),
    "tiny": Kind(tiny.build, 1_000, training_frames=120),
    "floats_only": Kind(floats_only.build, 8_000),
    "joints_only": Kind(joints_only.build, 5_000),
    "easy": Kind(easy.build, 3_000),
    "jumpy": Kind(jumpy.build, 4_000),
}
