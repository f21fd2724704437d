"""The whole way in Maya: a limb with a stack, its linear mesh, two sessions of extraction, a training by MEL.

Samples and model are those of the same numbers imported from NumPy in the shell.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_extract import configuration, samples_of, seen
from test_training import QUICK, TRAINER, trains

from glm_deep import launch
from glm_deep.bundle import Bundle
from glm_deep.cli import main

FIRST, SECOND = np.arange(1, 12.5, 0.5), np.arange(12, 24.5, 0.5)
FRAMES = np.arange(1, 24.5, 0.5)


def set_values(path: Path, **groups: Any) -> None:
    values = json.loads(path.read_text(encoding="utf-8"))
    for name, group in groups.items():
        values[name] = {**values.get(name, {}), **group}
    path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")


def archive_of(limb: Any, samples: Any, frames: Any) -> dict[str, Any]:
    """What the scene shows, in the plainest way, as an archive to import; topology and names are those of `samples`."""
    shown = seen(limb, frames)
    return {
        "meshes": np.array([limb.mesh]),
        f"{limb.mesh}.rest": limb.rest,
        f"{limb.mesh}.face_sizes": samples.meshes[0].face_sizes,
        f"{limb.mesh}.face_vertices": samples.meshes[0].face_vertices,
        f"{limb.mesh}.deformed": np.array(shown["deformed"]),
        f"{limb.mesh}.linear": np.array(shown["linear"]),
        f"{limb.mesh}.weights": limb.weights,
        "skinning_matrices": np.array(shown["joints"]) @ np.linalg.inv(samples.layout.joint_rest),
        "influence_names": np.array(limb.joints),
        "joints": np.array(shown["joints"]),
        "joints_rest": samples.layout.joint_rest,
        "joint_parents": samples.layout.joint_parents,
        "joint_names": np.array(samples.layout.joint_names),
        "floats": np.array(shown["muscle"]),
        "float_names": np.array(samples.layout.float_names),
        "float_limits": np.array([[0.0, 1.0]]),
        "clip": np.array(["untitled"] * len(frames)),
    }


@trains
def test_samples_and_model_are_those_of_the_same_limb_imported_from_numpy(
    loaded: None, limb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maya import mel

    monkeypatch.setenv(launch.PYTHON, TRAINER)
    assert mel.eval(f'glmDuplicateMeshLinear -input "{limb.mesh}"') == f"{limb.mesh}_linear"
    ours = configuration(tmp_path / "Zoë's rig", limb, step=0.5, end_frame=12)
    set_values(ours, training=QUICK, export={"after_training": "none"})
    conf = ours.as_posix()
    assert mel.eval(f'glmDeepExtract -ioConfFile "{conf}"') == len(FIRST)
    set_values(ours, extraction={"start_frame": 12, "end_frame": 24, "session_directory": "afternoon"})
    assert mel.eval(f'glmDeepExtract -ioConfFile "{conf}"') == len(SECOND) - 1  # frame 12 is there already

    mine = samples_of(ours)
    theirs = tmp_path / "other" / ours.name
    theirs.parent.mkdir()
    shutil.copyfile(ours, theirs)
    np.savez(theirs.with_name("frames.npz"), **archive_of(limb, mine, FRAMES))
    assert main(["import", str(theirs), str(theirs.with_name("frames.npz"))]) == 0
    other = samples_of(theirs)
    everything = np.arange(len(FRAMES))
    for mesh in ("deformed", "linear", "linear_part"):
        np.testing.assert_allclose(
            getattr(mine.read(0, everything), mesh), getattr(other.read(0, everything), mesh), atol=1e-5
        )
    np.testing.assert_allclose(mine.inputs.joints, other.inputs.joints, atol=1e-9)
    np.testing.assert_allclose(mine.inputs.floats, other.inputs.floats, atol=1e-9)

    model = mel.eval(f'glmDeepTrain -ioConfFile "{conf}"')
    assert Bundle.load(model).facts["frames"] == len(FRAMES)
    assert main(["train", str(theirs)]) == 0
    played = [predicted(path, limb, mine, tmp_path) for path in (ours, theirs)]
    moved = np.abs(played[0] - np.array(seen(limb, BETWEEN)["linear"])).max()
    assert moved > 0.2  # the bulge is learned at all
    np.testing.assert_allclose(played[0], played[1], atol=0.002 * moved)


BETWEEN = np.arange(1.25, 24, 0.5)


def predicted(path: Path, limb: Any, samples: Any, folder: Path) -> Any:
    """(F, V, 3) what the model of a configuration shows at frames that it was not trained on."""
    np.savez(folder / "between.npz", **archive_of(limb, samples, BETWEEN))
    assert main(["predict", str(path), str(folder / "between.npz"), "-o", str(folder / "out.npz")]) == 0
    with np.load(folder / "out.npz") as found:
        return found[f"{limb.mesh}.posed"]
