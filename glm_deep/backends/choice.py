"""Which back-end is the fastest for a model on this machine: measured at its first load, and remembered."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

import glm_deep
from glm_deep.backends.back_end import BACK_ENDS, NUMPY, TORCH_CPU, BackEnd
from glm_deep.backends.opening import ModelFile, open_back_end
from glm_deep.errors import GlmDeepError, Unavailable, first_line
from glm_deep.machine.cache import cache_folder
from glm_deep.rundir import atomic_write_text, graph_path
from glm_deep.runtime.evaluator import exact_player
from glm_deep.runtime.model import Model

CANDIDATES = tuple(name for name in BACK_ENDS if name != TORCH_CPU)
"""torch on the CPU has never been the fastest, and takes seconds to import: it plays when it is asked for."""

MOST_APART = 2e-4
"""How far a back-end may be from the model, in parts of the diagonal: twice the limit of half precision, for it tells
those that are broken from those that round."""

_WARM, _TIMED, _SECONDS = 2, 15, 1.0
_PACKAGES = ("numpy", "onnxruntime", "onnxruntime-gpu", "torch", "tensorrt", "tensorrt-cu12", "tensorrt-rtx")


@dataclass(frozen=True)
class Loaded:
    """A back-end that is ready: its name, and what to know of the choice, a sentence without full stop each."""

    name: str
    back_end: BackEnd
    told: tuple[str, ...]


def fastest(file: ModelFile, frames_at_once: int, threads: int = 0, names: Sequence[str] = CANDIDATES) -> Loaded:
    """The fastest of some back-ends, as remembered, or else as measured now.

    Args:
        file: what is played. frames_at_once: how many frames. threads: of onnxruntime. names: numpy first.
    """
    note = _note(file, frames_at_once, threads, names)
    remembered = _remembered(note)
    if remembered is not None and remembered in names:
        with suppress(Exception):  # the graph was deleted, or the GPU is in no state to work: measured anew
            return Loaded(remembered, open_back_end(remembered, file, threads), ())
    back_ends: dict[str, BackEnd] = {}
    reasons: dict[str, str] = {}
    lasting = True  # whether what is missing now will be missing the next time
    for name in names:
        try:
            back_ends[name] = open_back_end(name, file, threads)
        except Exception as error:
            reasons[name], lasting = _reason(error), lasting and isinstance(error, Unavailable)
    values = some_values(file.model, frames_at_once)
    truth = exact_player(file.model).play(values)
    seconds = {}
    for name, back_end in back_ends.items():
        try:
            apart = _apart(file.model, truth, back_end.play(values))
            if name != NUMPY and not apart <= MOST_APART:
                raise Unavailable(f"it is {apart:.1e} of the diagonal from the model")
            seconds[name] = _seconds(back_end, values)
        except Exception as error:
            reasons[name], lasting = _reason(error), lasting and isinstance(error, Unavailable)
    best = min(seconds, key=seconds.__getitem__)
    figures = ", ".join(f"{name} {1000 * each / frames_at_once:.2f} ms" for name, each in seconds.items())
    told = [f"{best} plays, the fastest here ({figures} a frame)"]
    for reason in dict.fromkeys(reasons.values()):
        left_out = [name for name in reasons if reasons[name] == reason]
        told.append(f"{', '.join(left_out)} left out: {reason}")
    if not lasting:
        return Loaded(best, back_ends[best], (*told, "this is measured again the next time"))
    try:
        atomic_write_text(note, json.dumps({"back_end": best, "told": told}, ensure_ascii=False, indent=1) + "\n")
    except GlmDeepError as error:
        told.append(f"this cannot be remembered, and is measured again each time: {error.what}")
    return Loaded(best, back_ends[best], tuple(told))


def _reason(error: Exception) -> str:
    """Why a back-end is left out; each has exceptions of its own, and what breaks down here would in a shot."""
    return error.what if isinstance(error, GlmDeepError) else first_line(error)


def some_values(model: Model, count: int) -> np.ndarray:
    """(count,I) raw values of training frames."""
    centres, statistics = model.closed_form.centres, model.statistics
    values = np.tile((statistics.low + statistics.high) / 2, (count, 1))
    chosen = np.linspace(0, len(centres) - 1, count).round().astype(int)
    values[:, statistics.kept] = centres[chosen] * statistics.scale + statistics.centre
    return values


def _apart(model: Model, truth: Sequence[np.ndarray], found: Sequence[np.ndarray]) -> float:
    """Largest difference in parts of the diagonal; without end where meshes or frames are others."""
    if [each.shape for each in truth] != [each.shape for each in found]:
        return float("inf")
    parts = (
        np.linalg.norm(a.astype(np.float64) - b, axis=2).max(initial=0.0) / mesh.diagonal
        for a, b, mesh in zip(truth, found, model.meshes)
    )
    return float(np.max([*parts]))


def _seconds(back_end: BackEnd, values: np.ndarray) -> float:
    """Median time of a call; of few calls where they are slow."""
    taken: list[float] = []
    end = time.perf_counter() + _SECONDS
    while len(taken) < _WARM + _TIMED and (time.perf_counter() < end or len(taken) <= _WARM):
        begun = time.perf_counter()
        back_end.play(values)
        taken.append(time.perf_counter() - begun)
    return float(np.median(taken[_WARM:]))


def _remembered(note: Path) -> str | None:
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    name = found.get("back_end") if isinstance(found, dict) else None
    return name if isinstance(name, str) else None


def _note(file: ModelFile, frames_at_once: int, threads: int, names: Sequence[str]) -> Path:
    """Where the choice is remembered: another model, machine, batch or package has another place."""
    try:
        from glm_deep.machine.gpu import find_gpu

        gpu = str(find_gpu())
    except Unavailable as absence:
        gpu = absence.what
    beside = [graph_path(file.path, precision) for precision in ("fp32", "fp16")]
    with suppress(OSError):
        beside += sorted(path for path in file.path.parent.iterdir() if path.suffix == ".engine")
    exported = []
    for path in beside:
        with suppress(OSError):
            exported.append((path.name, path.stat().st_size, path.stat().st_mtime_ns))
    facts: list[object] = [
        file.identity,
        platform.node(),
        platform.processor(),
        os.cpu_count(),
        gpu,
        frames_at_once,
        threads,
    ]
    facts += [list(names), exported, glm_deep.__version__, *(_version(name) for name in _PACKAGES)]
    name = hashlib.sha256(json.dumps(facts).encode("utf-8")).hexdigest()[:32]
    return cache_folder() / "back-ends" / f"{name}.json"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
