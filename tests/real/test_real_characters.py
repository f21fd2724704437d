"""Two real characters go through every command with default settings, and come out better than the references."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glm_deep.dataset.archive import read_archive
from glm_deep.geometry.skinning import posed

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"

# Percent of the diagonal on the test frames (mean, p95, rms): a ridge regression, one kernel regression over the whole
# mesh, one a region with masked inputs, and what the model is to reach.
REFERENCES = {
    "face_ict": {
        "ridge": (0.0611, 0.275, 0.142),
        "kernel": (0.0442, 0.216, 0.102),
        "kernel a region": (0.0379, 0.182, 0.0897),
        "aim": (0.020, 0.10, 0.050),
    },
    "body_female": {
        "ridge": (0.0200, 0.102, 0.0688),
        "kernel": (0.0180, 0.0938, 0.0593),
        "kernel a region": (0.0117, 0.0657, 0.0421),
        "aim": (0.0075, 0.040, 0.028),
    },
}
LARGEST_FILE = 15e6


def run(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not DATA.is_dir(), reason="the measured characters are not beside this checkout")
@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_a_real_character_is_learned_better_than_the_references(tmp_path: Path, name: str) -> None:
    frames = {part: tmp_path / f"{part}.npz" for part in ("train", "test")}
    for part, path in frames.items():
        run("scripts/import_rigdata.py", DATA / f"{name}.npz", path, "--part", part)
    character = tmp_path / "réal characters" / f"{name}.dio"
    run("-m", "glm_deep", "new", character, "--from", frames["train"])
    run("-m", "glm_deep", "import", character, frames["train"])
    run("-m", "glm_deep", "train", character)
    assert (character.parent / "models" / f"{name}.glmdeep").stat().st_size < LARGEST_FILE
    report, prediction = tmp_path / "errors.json", tmp_path / "predicted.npz"
    run("-m", "glm_deep", "evaluate", character, frames["test"], "--json", report)
    run("-m", "glm_deep", "predict", character, frames["test"], "-o", prediction)
    measured = json.loads(report.read_text(encoding="utf-8"))
    errors = measured["meshes"][name]["percent_of_diagonal"]
    for reference, figures in REFERENCES[name].items():
        for key, figure in zip(("mean", "p95", "rms"), figures):
            assert errors[key] < figure, f"{key} is {errors[key]:.4f}, of {reference} {figure}"
    assert_errors_are_those_of_the_prediction(frames["test"], prediction, name, errors)


def assert_errors_are_those_of_the_prediction(truth: Path, prediction: Path, name: str, errors: dict[str, Any]) -> None:
    (mesh,) = read_archive(truth).meshes
    assert mesh.deformed is not None
    with np.load(prediction, allow_pickle=False) as found:
        positions, offsets = found[f"{name}.posed"], found[f"{name}.offsets"]
    distances = np.linalg.norm(positions - mesh.deformed, axis=2) / mesh.rest.diagonal * 100
    assert errors["mean"] == pytest.approx(distances.mean(dtype=np.float64), rel=1e-4)
    assert errors["p95"] == pytest.approx(np.percentile(distances, 95), rel=1e-4)
    assert errors["rms"] == pytest.approx(np.sqrt(np.mean(distances.astype(np.float64) ** 2)), rel=1e-4)
    assert errors["frame_max"] == pytest.approx(distances.max(axis=1).mean(), rel=1e-4)
    again = posed(mesh.linear[:3], mesh.skinning.linear_part(0, 3), offsets[:3])
    assert np.abs(again - positions[:3]).max() < 1e-5 * mesh.rest.diagonal
