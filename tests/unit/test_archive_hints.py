"""What to do about an archive that is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glm_deep.configuration.rules import broken_rules
from glm_deep.dataset.npz import Archive
from glm_deep.errors import DataError


def hint_about_matrices(tmp_path: Path, matrices: np.ndarray) -> str | None:
    np.savez(tmp_path / "frames.npz", joints=matrices)
    with Archive(tmp_path / "frames.npz") as archive, pytest.raises(DataError) as caught:
        archive.matrices("joints", {"frames": 2, "joints": 1}, names={"joints": ["elbow"]})
    assert caught.value.what.endswith('in frame 1, joint "elbow", but (0, 0, 0, 1) is expected')
    return caught.value.hint


def test_only_matrices_that_look_transposed_are_said_to_be(tmp_path: Path) -> None:
    matrices = np.tile(np.eye(4), (2, 1, 1, 1))
    matrices[1, 0, 3, :3] = (1, 2, 3)
    transposed = "Transpose the matrices, which seem to be written for row vectors"
    assert hint_about_matrices(tmp_path, matrices) == transposed
    write = "Write (0, 0, 0, 1) into the bottom row"
    matrices[1, 0, :3, 3] = (0, 4, 0)
    assert hint_about_matrices(tmp_path, matrices) == write
    matrices[1, 0, 3] = 0
    matrices[1, 0, :3, 3] = 0
    assert hint_about_matrices(tmp_path, matrices) == write


def test_axes_in_another_order_lead_to_the_list_of_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "frames.npz", floats=np.zeros((3, 5)))
    with Archive(tmp_path / "frames.npz") as archive, pytest.raises(DataError) as caught:
        archive.numbers("floats", {"frames": 5, "floats": 3})
    assert caught.value.hint is not None
    assert "docs/import.md" in caught.value.hint


def test_a_mesh_that_is_named_twice_is_listed_once() -> None:
    values = {
        "meshes": [{"deformed": "arm"}, {"deformed": "arm"}],
        "training": {"anchors": {"additional": [{"mesh": "Zebra", "vertices": [1]}]}},
    }
    texts = [problem.sentence for problem in broken_rules(values, {})]
    assert any(text.endswith('not a deformed mesh of this file; those are "arm"') for text in texts)
