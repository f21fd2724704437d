"""Writes the sample character: `python scripts/sample_character.py OUT_DIR [--frames N] [--seed S]`.

It is a human arm in a shirt sleeve (see `sample_limb`). Two archives of the import contract are written:
`sample_train.npz` with random poses and the continuous clip `swing`, and `sample_test.npz` with another clip and poses
that the training has not seen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sample_limb.character import archive
from sample_limb.poses import continuous_clip, joined, random_poses

FRAMES = 600
SEED = 7


def build(frames: int = FRAMES, seed: int = SEED, part: str = "train") -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of the import contract, the same for the same arguments.

    Args:
        frames: frames of the training archive, at least 12; the test archive has a sixth of them.
        seed: of the poses; the character itself never changes.
        part: `train` (clips `random_poses` and `swing`) or `test` (clips `curl` and `unseen_poses`).
    """
    if part not in ("train", "test") or frames < 12:
        raise ValueError(f"part is 'train' or 'test' and frames at least 12, not {part!r} and {frames}")
    if part == "train":
        rng, unrelated, continuous = np.random.default_rng([seed, 0]), frames - frames // 6, frames // 6
        names = ["random_poses"] * unrelated + ["swing"] * continuous
    else:
        rng, unrelated = np.random.default_rng([seed, 1]), frames // 15
        continuous = frames // 6 - unrelated
        names = ["unseen_poses"] * unrelated + ["curl"] * continuous
    return archive(joined(random_poses(unrelated, rng), continuous_clip(continuous, rng)), names)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write both archives and return the exit code."""
    parser = argparse.ArgumentParser(description="Writes the sample character: an arm in a shirt sleeve.")
    parser.add_argument("out_dir", type=Path, help="folder for sample_train.npz and sample_test.npz")
    parser.add_argument(
        "--frames", type=int, default=FRAMES, help="frames of the training archive (default %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=SEED, help="seed of the poses (default %(default)s)")
    given = parser.parse_args(arguments)
    if given.frames < 12:
        parser.error(f"--frames is at least 12, not {given.frames}")
    given.out_dir.mkdir(parents=True, exist_ok=True)
    for part in ("train", "test"):
        path = given.out_dir / f"sample_{part}.npz"
        arrays: dict[str, Any] = dict(build(given.frames, given.seed, part))
        np.savez(path, **arrays)
        print(f"{path}: {len(arrays['clip'])} frames")
    return 0


if __name__ == "__main__":
    sys.exit(main())
