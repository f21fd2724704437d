"""The ways to play a model file, by the name of their back-end, and the memory that each takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import numpy as np
import psutil

from glm_deep.bundle import Bundle
from glm_deep.inputs import InputFrames
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import from_bundle


class Player(Protocol):
    """Plays a model at one quality."""

    def offsets(self, inputs: InputFrames) -> list[np.ndarray]:
        """Offsets before skinning of each mesh, (F,V,3) float32 in scene units."""
        ...


Qualities = Callable[[float], Player]
"""A loaded model: gives a player for any quality from 0 to 1."""


def _with_numpy(bundle: Bundle) -> Qualities:
    model = from_bundle(bundle)
    return lambda quality: Evaluator(model, quality)


BACK_ENDS: Mapping[str, Callable[[Bundle], Qualities]] = {"numpy": _with_numpy}


def resident_growth(model: Path, back_end: str, frame: InputFrames) -> int:
    """Bytes by which a fresh process grows when it loads a model file and plays one frame."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_grow, model, back_end, frame).result()


def _grow(model: Path, back_end: str, frame: InputFrames) -> int:
    process = psutil.Process()
    square = np.ones((256, 256), np.float32)
    np.dot(square, square)  # else the work space of the linear algebra would count as the model's
    before = process.memory_info().rss
    player = BACK_ENDS[back_end](Bundle.load(model))(1.0)
    player.offsets(frame)
    return int(process.memory_info().rss - before)
