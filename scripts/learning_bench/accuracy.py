"""Fits all contestants to one character and measures them on the same test frames."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from baselines.methods import FITS, Means
from baselines.predictor import Predictor, Watch
from glm_deep.dataset.source import ArchiveSource
from glm_deep.runtime.evaluation import Predictor as OfInputs
from glm_deep.train.resources import choose_device, use_threads
from learning_bench import ours
from learning_bench.names import CONTESTANTS, OURS, TITLES
from learning_bench.progress import say
from learning_bench.scores import ALL, by_clip
from learning_bench.subject import character_in, errors_of, of_inputs, prepared_in, unseen_frames

_SECONDS_BETWEEN = 10.0


def bench(
    configuration: Path, archive: Path, model: Path | None, only: Sequence[str], published_epochs: int
) -> dict[str, Any]:
    """The errors of the contestants and how long they took to fit, ready for JSON.

    Raises:
        GlmDeepError: the character, its samples, its model or the test frames cannot be used.
    """
    character = character_in(configuration)
    training = character.config.training
    bundle = ours.load(character, model) if OURS in only else None
    test = unseen_frames(character, archive)
    device, threads = choose_device(training.device).used, use_threads(training.cpu_threads)
    found: dict[str, Any] = {
        "asset": character.config.asset,
        "threads": threads,
        "device": str(device),
        "published_epochs": published_epochs,
        "seconds": {},
        "notes": {},
        "meshes": _meshes(test),
    }
    with threadpool_limits(threads), tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        say("reading the samples")
        prepared = prepared_in(character, Path(folder))
        counts = len(prepared.split.train), len(prepared.split.validation), test.frame_count
        found["frames"] = dict(zip(("training", "validation", "test"), counts))
        everything = np.arange(len(prepared.x))
        for name in (each for each in CONTESTANTS if each in only and each != OURS):
            say(f"fitting: {TITLES[name]}")
            means = Means(training.seed, device, published_epochs, everything, _told(TITLES[name]))
            begun = time.perf_counter()
            fitted = FITS[name](prepared, means)
            found["seconds"][name] = time.perf_counter() - begun
            found["notes"][name] = fitted.note
            _measure(found, name, test, of_inputs(prepared, fitted.predict))
    if bundle is not None:
        found["seconds"][OURS] = ours.training_seconds(bundle.facts)
        found["notes"][OURS] = "as its training reported"
        for name, predict in ours.forms(bundle).items():
            _measure(found, name, test, predict)
    return found


def _meshes(test: ArchiveSource) -> dict[str, Any]:
    """The meshes without any errors yet."""
    clips = list(dict.fromkeys(test.clips))
    frames = {ALL: test.frame_count, **{clip: test.clips.count(clip) for clip in clips}}
    return {
        mesh.name: {"vertices": len(mesh.rest), "diagonal": mesh.diagonal, "frames": frames, "errors": {}}
        for mesh in test.meshes
    }


def _measure(found: dict[str, Any], name: str, test: ArchiveSource, predict: OfInputs) -> None:
    """Adds the errors of a contestant to those of every mesh and clip."""
    errors = errors_of(test, np.arange(test.frame_count), predict)
    for mesh in test.meshes:
        for clip, figures in by_clip(errors[mesh.name], test.clips, mesh.diagonal).items():
            found["meshes"][mesh.name]["errors"].setdefault(clip, {})[name] = figures


def _told(title: str) -> Watch:
    """A watch that says now and then how far a fit is."""
    last = [time.perf_counter()]

    def watch(epochs: int, predict: Predictor) -> bool:
        if time.perf_counter() - last[0] > _SECONDS_BETWEEN:
            last[0] = time.perf_counter()
            say(f"{title}: {epochs:,} epochs done")
        return False

    return watch
