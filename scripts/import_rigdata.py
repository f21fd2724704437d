"""Convert a measured character set to the archive that `glm-deep import` reads.

    python scripts/import_rigdata.py face_ict.npz face_train.npz --part train

The set's own reader, rigdata.py, must lie beside the set. The mesh takes the name of the file.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np


def reader_beside(archive: Path) -> ModuleType:
    """The set's own reader, loaded from the folder that holds the set.

    Raises:
        SystemExit: there is no rigdata.py.
    """
    path = archive.resolve().parent / "rigdata.py"
    spec = importlib.util.spec_from_file_location("rigdata", path)
    if not path.is_file() or spec is None or spec.loader is None:
        sys.exit(f"{path} is missing: the set's reader must lie beside the set")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def converted(data: dict[str, Any], mesh: str, frames: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays of the import contract for `frames` (frame numbers) of one set."""
    clip_names = np.array(data["clip_names"])
    return {
        "meshes": np.array([mesh]),
        f"{mesh}.rest": np.asarray(data["rest"], np.float32),
        f"{mesh}.face_sizes": np.asarray(data["face_sizes"], np.int32),
        f"{mesh}.face_vertices": np.asarray(data["face_verts"], np.int32),
        f"{mesh}.deformed": data["deformed"][frames],
        f"{mesh}.linear": data["linear"][frames],
        f"{mesh}.weights": np.asarray(data["weights"], np.float32),
        "skinning_matrices": data["joint_matrices"][frames],
        "joints": data["joint_world"][frames],
        "joints_rest": data["joint_rest"],
        "joint_parents": np.asarray(data["joint_parents"], np.int32),
        "joint_names": np.array(data["joint_names"]),
        "floats": data["float_inputs"][frames],
        "float_names": np.array(data["input_names"]),
        "clip": clip_names[data["clip"][frames]],
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Write one part of a set as an import archive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path, help="the character set (.npz)")
    parser.add_argument("out", type=Path, help="the archive to write (.npz)")
    parser.add_argument("--part", choices=("train", "test"), required=True, help="which frames")
    arguments = parser.parse_args(argv)
    data = reader_beside(arguments.set).load(str(arguments.set))
    arrays: dict[str, Any] = converted(data, arguments.set.stem, data[arguments.part])
    np.savez(arguments.out, **arrays)
    print(f"{arguments.out}: {len(arrays['clip'])} frames of {arguments.set.stem}")


if __name__ == "__main__":
    main()
