"""The ways to play a model file, by the name of their back-end, and the memory that each takes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import numpy as np
import psutil

from glm_deep.backends.back_end import BACK_ENDS, BackEnd
from glm_deep.backends.opening import ModelFile, open_back_end
from glm_deep.bundle import Bundle
from glm_deep.errors import GlmDeepError, first_line
from glm_deep.inputs import InputFrames, InputLayout, raw_values
from glm_deep.runtime.model import from_bundle


class Player(Protocol):
    """Plays a model at one quality."""

    def offsets(self, inputs: InputFrames) -> list[np.ndarray]:
        """Offsets before skinning of each mesh, (F,V,3) float32 in scene units."""
        ...


class Played:
    """A back-end, from inputs to offsets."""

    def __init__(self, layout: InputLayout, back_end: BackEnd) -> None:
        self._layout, self._back_end = layout, back_end

    def offsets(self, inputs: InputFrames) -> list[np.ndarray]:
        """Offsets before skinning of each mesh, (F,V,3) float32 in scene units."""
        return self._back_end.play(raw_values(self._layout, inputs))


def model_file(path: Path) -> ModelFile:
    """The model of a file."""
    bundle = Bundle.load(path)
    return ModelFile(path, bundle.identity, from_bundle(bundle))


def players(file: ModelFile, threads: int, frame: InputFrames) -> tuple[dict[str, Player], dict[str, str]]:
    """All back-ends that can play a frame here, and why the others cannot."""
    found: dict[str, Player] = {}
    reasons: dict[str, str] = {}
    for name in BACK_ENDS:
        try:
            found[name] = Played(file.model.layout, open_back_end(name, file, threads))
            found[name].offsets(frame)
        except Exception as error:  # each back-end has exceptions of its own, and the others are measured all the same
            found.pop(name, None)
            reasons[name] = str(error) if isinstance(error, GlmDeepError) else first_line(error)
    return found, reasons


def resident_growth(model: Path, back_end: str, frame: InputFrames) -> int:
    """Bytes by which a fresh process grows when it loads a model file and plays one frame."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_grow, model, back_end, frame).result()


def _grow(model: Path, back_end: str, frame: InputFrames) -> int:
    process = psutil.Process()
    square = np.ones((256, 256), np.float32)
    np.dot(square, square)  # else the work space of the linear algebra would count as the model's
    before = process.memory_info().rss
    file = model_file(model)
    Played(file.model.layout, open_back_end(back_end, file)).offsets(frame)
    return int(process.memory_info().rss - before)
