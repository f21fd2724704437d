"""What is not there, or not there any more: one sentence with the name and the frame; nothing that was read is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_extract import configuration, samples_of

from rigs import build_limb


@pytest.fixture
def path(loaded: None, limb: Any, tmp_path: Path) -> Path:
    """A configuration of the limb, whose linear mesh is made."""
    from maya import cmds

    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    return configuration(tmp_path / "Zoë's rig", limb)


def edit(limb: Any) -> None:
    """Something that the artist did last, and may want to undo."""
    from maya import cmds

    cmds.setAttr(f"{limb.joints[0]}.translateY", 0.0)
    cmds.flushUndo()
    cmds.setAttr(f"{limb.joints[0]}.translateY", 2.0)


@pytest.fixture
def as_before(limb: Any, path: Path) -> Callable[[], None]:
    """A function that tells whether time, selection, keys and undo are as they were when the test began."""
    from maya import cmds

    cmds.currentTime(7)
    cmds.select(limb.control)
    cmds.autoKeyframe(state=True)
    edit(limb)

    def look() -> None:
        assert cmds.currentTime(query=True) == 7
        assert cmds.ls(selection=True) == [limb.control]
        assert cmds.autoKeyframe(query=True, state=True)
        assert not cmds.ls("glmDeep*", type="transform")
        cmds.undo()  # the last step is still that of the artist
        assert cmds.getAttr(f"{limb.joints[0]}.translateY") == 0.0

    return look


def refused(path: Path, sentence: str) -> None:
    """Extracts, and sees it fail with one line that has this sentence."""
    from maya import cmds

    with pytest.raises(RuntimeError, match=sentence) as caught:
        cmds.glmDeepExtract(ioConfFile=str(path))
    assert "\n" not in str(caught.value)


def test_a_renamed_mesh_is_named_as_it_was(path: Path, limb: Any) -> None:
    from maya import cmds

    cmds.rename(limb.mesh, "renamed")
    refused(path, f'there is no "{limb.mesh}" in the scene')
    cmds.rename("renamed", limb.mesh)
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == 24


@pytest.mark.parametrize("gone", ["arm", "arm_linear", "arm_lower", "arm_control"])
def test_what_was_deleted_is_named(path: Path, gone: str) -> None:
    from maya import cmds

    cmds.delete(gone)
    refused(path, f'there is no (attribute )?"{gone}')


def test_a_base_mesh_that_is_not_there_is_named(path: Path) -> None:
    values = json.loads(path.read_text(encoding="utf-8"))
    values["meshes"][0]["base_skin_cluster_mesh"] = "nobody"
    path.write_text(json.dumps(values), encoding="utf-8")
    refused(path, 'there is no "nobody" in the scene')


def test_other_polygons_than_those_of_the_linear_mesh_are_refused_at_once(path: Path, limb: Any) -> None:
    from maya import cmds

    cmds.delete("arm_linear")
    cmds.polyCube(name="arm_linear")
    cmds.skinCluster(limb.joints[0], "arm_linear", toSelectedBones=True)
    refused(path, "deformed mesh of arm: the topology of .*arm is not that of .*arm_linear")


def from_frame(maya: Any, shape: str, first: float, change: Callable[[Any], Any]) -> None:
    """Lets a mesh be another one from a frame on."""
    kind, own = maya.types["mesh"], maya.node(shape).uuid
    plain = kind.computes["outMesh"]

    def mesh(scene: Any, node: Any, steps: Any) -> Any:
        data = plain(scene, node, steps)
        return change(data) if node.uuid == own and scene.evaluation_time >= first else data

    kind.computes["outMesh"] = mesh


def cut(data: Any) -> Any:
    return changed(data, points=data.points[:-8], counts=data.counts[:-8], connects=data.connects[:-32])


def broken(data: Any) -> Any:
    points = data.points.copy()
    points[5, 1] = np.nan
    return changed(data, points=points)


@pytest.mark.parametrize("mesh", ["arm", "arm_linear"])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (cut, "it has 88 vertices now, and had 96 at rest"),
        (broken, "the position of vertex 5 is not a number"),
    ],
)
def test_a_mesh_that_is_another_one_from_a_frame_on_is_named_with_the_frame(
    path: Path, maya: Any, as_before: Callable[[], None], mesh: str, change: Any, sentence: str
) -> None:
    from_frame(maya, f"{mesh}Shape", 13, change)
    refused(path, rf"\|{mesh}: frame 13: {sentence}")
    assert samples_of(path).frame_count == 12
    as_before()


def test_a_mesh_that_goes_in_between_is_named_with_the_frame(
    path: Path, limb: Any, maya: Any, monkeypatch: pytest.MonkeyPatch, as_before: Callable[[], None]
) -> None:
    from maya import cmds

    from glm_deep_maya import extract

    monkeypatch.setattr(extract, "CHECKED", 1)
    step = extract.go_to

    def go_to(frame: float) -> None:
        step(frame)
        if frame == 9:
            cmds.delete("arm_linear")

    monkeypatch.setattr(extract, "go_to", go_to)
    refused(path, r"\|arm_linear: frame 9: the mesh is not there any more")
    assert samples_of(path).frame_count == 8
    as_before()


@pytest.mark.parametrize("method", [0, 1])
def test_a_joint_that_is_no_number_is_named_with_the_frame(
    path: Path, limb: Any, as_before: Callable[[], None], method: int
) -> None:
    from maya import cmds

    for mesh in (limb.skin, *cmds.ls("arm_linear_skin")):
        cmds.setAttr(f"{mesh}.skinningMethod", method)
    for frame, value in ((23, 0.0), (24, float("nan"))):
        cmds.setKeyframe(limb.joints[1], attribute="translateY", time=frame, value=value)
    edit(limb)
    refused(path, f"frame 24: the input {limb.joints[1]}.worldMatrix.* is not a number")
    assert samples_of(path).frame_count == 23
    as_before()


def test_a_linear_mesh_that_is_scaled_to_nothing_is_named(path: Path, limb: Any) -> None:
    from maya import cmds

    cmds.setAttr("arm_linear.scaleY", 0.0)
    refused(path, r"\|arm_linear: frame 1: it is scaled to nothing")


@pytest.mark.parametrize("method", [0, 1])
def test_a_joint_of_the_base_mesh_that_is_no_number_is_named_with_the_frame(
    loaded: None, tmp_path: Path, method: int
) -> None:
    from maya import cmds

    limb, base = build_limb(method=method), build_limb(name="base", method=method)
    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    path = configuration(tmp_path, limb)
    values = json.loads(path.read_text(encoding="utf-8"))
    values["meshes"][0]["base_skin_cluster_mesh"] = base.mesh
    path.write_text(json.dumps(values), encoding="utf-8")
    for frame, value in ((23, 0.0), (24, float("nan"))):
        cmds.setKeyframe(base.joints[2], attribute="translateY", time=frame, value=value)
    refused(path, rf"{base.skin}: frame 24: the matrix of .*{base.joints[2]} is not a number")
    assert samples_of(path).frame_count == 23
