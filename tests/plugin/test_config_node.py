"""The configuration node: which files belong to a scene, and edits that wait to be saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_extract import configuration

from glm_deep import dio
from glm_deep.errors import ConfigError, GlmDeepError


@pytest.fixture
def path(loaded: None, limb: Any, tmp_path: Path) -> Path:
    return configuration(tmp_path / "Zoë's rig", limb)


def test_a_file_has_one_node_which_is_made_on_demand(path: Path) -> None:
    from glm_deep_maya.config_node import config_nodes, node_for

    assert config_nodes() == []
    node = node_for(path)
    assert node_for(path) == node
    assert config_nodes() == [node]
    assert node.path == path


@pytest.mark.parametrize("how", [{"reference": True}, {"i": True}], ids=["reference", "import"])
def test_it_survives_a_new_name_and_comes_along_with_its_edits_into_a_namespace(
    path: Path, tmp_path: Path, how: dict[str, bool]
) -> None:
    from maya import cmds

    from glm_deep_maya.config_node import config_nodes, node_for

    node = node_for(path)
    cmds.rename(node.name, "renamed")
    assert [each.name for each in config_nodes()] == ["renamed"]
    assert node_for(path).name == "renamed"
    node_for(path).keep({"training.seed": 5})
    scene = (tmp_path / "rig.ma").as_posix()
    cmds.file(rename=scene)
    cmds.file(save=True, type="mayaAscii")
    cmds.file(new=True, force=True)
    assert config_nodes() == []
    cmds.file(scene, namespace="hero", **how)
    assert [each.name for each in config_nodes()] == ["hero:renamed"]
    (found,) = config_nodes()
    assert found.path == path
    assert found.edits == {"training.seed": 5}
    found.save()
    assert dio.load(path).config.training.seed == 5
    assert found.edits == {}


def test_several_files_have_a_node_each(path: Path, limb: Any, tmp_path: Path) -> None:
    from glm_deep_maya.config_node import config_nodes, node_for

    other = configuration(tmp_path / "other", limb)
    assert node_for(path) != node_for(other)
    assert {each.path for each in config_nodes()} == {path, other}


def test_edits_wait_in_the_scene_and_are_saved_before_an_extraction(path: Path, limb: Any) -> None:
    from maya import cmds

    from glm_deep_maya.config_node import node_for

    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    node = node_for(path)
    node.keep({"extraction.end_frame": 5, "training.seed": 0})
    assert node.edits == {"extraction.end_frame": 5}
    assert dio.load(path).config.extraction.end_frame == 24
    assert node.document().config.extraction.end_frame == 5
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == 5
    assert dio.load(path).config.extraction.end_frame == 5
    assert node.edits == {}


def test_an_edit_is_one_step_of_undo(path: Path) -> None:
    from maya import cmds

    from glm_deep_maya.config_node import node_for

    node = node_for(path)
    node.keep({"training.seed": 5})
    node.keep({"training.seed": 6})
    cmds.undo()
    assert node.edits == {"training.seed": 5}


def test_a_wrong_edit_is_refused_and_leaves_the_others(path: Path) -> None:
    from glm_deep_maya.config_node import node_for

    node = node_for(path)
    node.keep({"training.seed": 5})
    with pytest.raises(ConfigError):
        node.keep({"training.seed": -1})
    assert node.edits == {"training.seed": 5}


def test_a_file_that_somebody_else_changed_is_not_overwritten(path: Path) -> None:
    from glm_deep_maya.config_node import node_for

    node = node_for(path)
    node.keep({"training.seed": 5})
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**values, "asset": "other"}), encoding="utf-8")
    assert node.conflicts
    with pytest.raises(GlmDeepError, match="was changed by somebody else"):
        node.save()
    assert dio.load(path).config.training.seed == 0
    assert node.edits == {"training.seed": 5}


def test_a_locked_node_is_named_with_what_to_do(path: Path) -> None:
    from maya import cmds

    from glm_deep_maya.config_node import node_for

    node = node_for(path)
    node.keep({"training.seed": 5})
    cmds.setAttr(f"{node.name}.unsavedEdits", lock=True)
    with pytest.raises(GlmDeepError, match=r"the scene cannot keep what was edited.*Unlock the node"):
        node.keep({"training.seed": 6})
    assert node.edits == {"training.seed": 5}


@pytest.mark.parametrize("written", ["{ no JSON", "[1, 2]"])
def test_what_somebody_wrote_into_the_node_by_hand_is_refused_in_words(path: Path, written: str) -> None:
    from maya import cmds

    from glm_deep_maya.config_node import node_for

    node = node_for(path)
    cmds.setAttr(f"{node.name}.unsavedEdits", written, type="string")
    with pytest.raises(GlmDeepError, match="these are no edits of glm_deep"):
        assert node.edits


def test_a_file_that_is_gone_is_said_rather_than_called_a_conflict(path: Path) -> None:
    from glm_deep_maya.config_node import node_for

    node = node_for(path)
    node.keep({"training.seed": 5})
    path.unlink()
    with pytest.raises(ConfigError, match="There is no such file"):
        assert node.conflicts
