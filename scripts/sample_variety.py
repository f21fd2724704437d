"""Writes characters that no default was tuned on: `python scripts/sample_variety.py KIND OUT.npz --part train|test`.

They check that the default settings behave sanely everywhere. Training frames are unrelated poses, or clips where
the sort is about motion (cloth, joints_only); test frames are the clip `animation`, in which many inputs move at once,
and `unseen_poses`. Both parts are archives of the import contract (docs/import.md).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sample_variety_kinds.kinds import KINDS, TEST_FRAMES
from sample_variety_kinds.order import PARTS, Order
from sample_variety_kinds.recording import Arrays

SEED = 7
LEAST_FRAMES = 12


def build(kind: str, part: str, *, frames: int | None = None, seed: int = SEED, vertices: int | None = None) -> Arrays:
    """Return the arrays of the import contract, the same for the same arguments.

    Args:
        kind: one of `KINDS`.
        part: `train` or `test`.
        frames: how many, at least `LEAST_FRAMES`; None takes what is usual for the sort.
        seed: of the motion; the character itself never changes.
        vertices: about how many; None takes what is usual. `production` has the nearest level of detail.
    """
    if kind not in KINDS or part not in PARTS:
        raise ValueError(f"kind is one of {', '.join(KINDS)} and part one of {', '.join(PARTS)}, not {kind}, {part}")
    chosen = KINDS[kind]
    if frames is None:
        frames = chosen.training_frames if part == "train" else TEST_FRAMES
    if frames < LEAST_FRAMES:
        raise ValueError(f"frames is at least {LEAST_FRAMES}, not {frames}")
    return chosen.build(Order(kind, part, frames, seed, vertices or chosen.vertices))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write one archive and return the exit code."""
    parser = argparse.ArgumentParser(description="Writes the frames of a character that no default was tuned on.")
    parser.add_argument("kind", choices=KINDS, help="the sort of character")
    parser.add_argument("out", type=Path, help="the archive to write (.npz)")
    parser.add_argument("--part", choices=PARTS, required=True, help="which frames")
    parser.add_argument("--frames", type=int, help="how many (default: 600, tiny 120, for testing 100)")
    parser.add_argument("--seed", type=int, default=SEED, help="seed of the motion (default %(default)s)")
    parser.add_argument("--vertices", type=int, help="about how many vertices (default: what is usual for the sort)")
    given = parser.parse_args(arguments)
    if given.frames is not None and given.frames < LEAST_FRAMES:
        parser.error(f"--frames is at least {LEAST_FRAMES}, not {given.frames}")
    if given.vertices is not None and given.vertices < 1:
        parser.error(f"--vertices is at least 1, not {given.vertices}")
    if given.seed < 0:
        parser.error(f"--seed is 0 or more, not {given.seed}")
    arrays: dict[str, Any] = dict(
        build(given.kind, given.part, frames=given.frames, seed=given.seed, vertices=given.vertices)
    )
    given.out.parent.mkdir(parents=True, exist_ok=True)
    with given.out.open("wb") as file:  # so that the name stays as it was given
        np.savez(file, **arrays)
    count = sum(len(arrays[f"{mesh}.rest"]) for mesh in arrays["meshes"])
    print(f"{given.out}: {len(arrays['clip'])} frames of {given.kind}, {count:,} vertices")
    return 0


if __name__ == "__main__":
    sys.exit(main())
