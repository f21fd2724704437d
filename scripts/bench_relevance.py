"""Measures what a training gains when it is known which input moves which vertices.

    python scripts/bench_relevance.py [--kinds arm production floats_only] [--frames 40 100 300] [--seeds 7 8]

Sample characters are swept as `glmDeepRelevance` sweeps a rig, trained with and without what that tells, with default
settings, and measured on frames that nothing was trained with.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch  # noqa: TID253 - a training is what is measured here

import sample_character
import sample_variety
from bench_output import Report, add_output_options, run
from glm_deep.config import Training
from glm_deep.dataset.archive import read_archive
from glm_deep.dataset.frames import Frames
from glm_deep.dataset.source import ArchiveSource
from glm_deep.runtime.evaluation import measure
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.train.learn import learn
from glm_deep.train.measured import measured_of
from glm_deep.train.resources import usable_threads
from glm_deep.train.setting import Setting
from relevance_bench.sweep import measured_by, sweeps
from sample_limb.character import archive
from sample_limb.poses import CHANNELS, motion_of
from sample_variety_kinds.kinds import KINDS
from sample_variety_kinds.order import Order

ARM = "arm"
VERTICES = {"production": 3_200, "floats_only": 2_500}
TEST_FRAMES = {ARM: 600}
_HEAD = "| character | frames | seed | linear mesh | without | with | mean | p95 |\n|---|---|---|---|---|---|---|---|\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table and writes it where asked; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = (ARM, *VERTICES)
    parser.add_argument("--kinds", nargs="+", choices=kinds, default=kinds, help="sample characters")
    parser.add_argument("--frames", nargs="+", type=int, default=(40, 100, 300), metavar="N", help="training frames")
    parser.add_argument("--seeds", nargs="+", type=int, default=(7, 8), metavar="S", help="of the training frames")
    add_output_options(parser, "all figures", "the table")
    return run("bench_relevance", parser.parse_args(arguments), _measured)


def _measured(chosen: argparse.Namespace) -> Report:
    found = []
    for kind in chosen.kinds:
        relevance, test = measured_by(swept(kind)), frames_of(kind, "test", TEST_FRAMES.get(kind, 100), 7)
        for count in chosen.frames:
            for seed in chosen.seeds:
                train = ArchiveSource(frames_of(kind, "train", count, seed))
                known = measured_of(train, relevance)
                errors = {name: error(train, test, each) for name, each in (("without", None), ("with", known))}
                found.append({"character": kind, "frames": count, "seed": seed, **errors})
    return Report(_HEAD + "".join(map(_row, found)), {"rows": found})


def swept(kind: str) -> Frames:
    """Return the frames of a sample character in which every channel is swept."""
    if kind == ARM:
        limits = np.array([(each.low, each.high) for each in CHANNELS])
        values = sweeps(*limits.T)
        return _as_frames(archive(motion_of(values), ["sweeps"] * len(values)))
    return _as_frames(KINDS[kind].build(Order(kind, "train", 0, 0, VERTICES[kind], sweeps)))


def frames_of(kind: str, part: str, count: int, seed: int) -> Frames:
    """Return frames of a sample character; the arm's test archive has a sixth of `count`."""
    if kind == ARM:
        return _as_frames(sample_character.build(count, seed, part))
    return _as_frames(sample_variety.build(kind, part, frames=count, seed=seed, vertices=VERTICES[kind]))


def _as_frames(arrays: dict[str, Any]) -> Frames:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "frames.npz")
        np.savez(path, **arrays)
        return read_archive(path)


def error(train: ArchiveSource, test: Frames, known: Any) -> dict[str, float]:
    """Return the error of the vertices of a model, in % of the diagonal of their mesh, and that of the linear mesh.

    Args:
        known: what was measured, None for a training without.
    """
    with tempfile.TemporaryDirectory() as folder:
        setting = Setting(
            device=torch.device("cpu"),
            threads=usable_threads(),
            folder=Path(folder),
            tell=lambda event: None,
            stopped=lambda: False,
            fitted=lambda model, state: None,
            resume=lambda model, state: None,
        )
        learned = learn(train, Training(), setting, known)
        source = ArchiveSource(test)
        names, count = [mesh.name for mesh in source.meshes], [len(mesh.rest) for mesh in source.meshes]
        predictors = {"model": Evaluator(learned.model).offsets}
        found = measure(source, np.arange(source.frame_count), names, predictors)
    result = {}
    for name, predictor, figure in (
        ("linear", "linear_only", "mean"),
        ("mean", "model", "mean"),
        ("p95", "model", "p95"),
    ):
        each = [found[mesh.name][predictor].summary(mesh.diagonal).percent_of_diagonal for mesh in source.meshes]
        result[name] = float(np.average([one[figure] for one in each], weights=count))
    return result


def _row(found: dict[str, Any]) -> str:
    before, after = found["without"], found["with"]
    gains = " | ".join(f"{after[name] / before[name] - 1:+.1%}" for name in ("mean", "p95"))
    figures = " | ".join(f"{value:.4f}" for value in (before["linear"], before["mean"], after["mean"]))
    return f"| {found['character']} | {found['frames']} | {found['seed']} | {figures} | {gains} |\n"


if __name__ == "__main__":
    sys.exit(main())
