"""The pose sampler takes curves off their controls: they are there again afterwards, whatever Maya does with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_extract import configuration
from test_sampler import scene_as_it_is

from glm_deep import dio
from glm_deep.character import Character
from glm_deep.errors import GlmDeepError


@pytest.fixture
def path(loaded: None, limb: Any, tmp_path: Path) -> Path:
    """A configuration of the limb."""
    from maya import cmds

    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    return configuration(tmp_path, limb)


@pytest.fixture
def greedy(loaded: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A Maya that deletes a curve as soon as it drives nothing; the curves that it has deleted."""
    from maya import cmds

    disconnect, deleted = cmds.disconnectAttr, []

    def disconnected(source: str, target: str) -> None:
        disconnect(source, target)
        curve = source.partition(".")[0]
        if not cmds.listConnections(curve, source=False, destination=True):
            cmds.delete(curve)
            deleted.append(curve)

    monkeypatch.setattr(cmds, "disconnectAttr", disconnected)
    return deleted


@pytest.mark.fact("a curve of animation survives being disconnected and connected again")
def test_a_curve_that_drives_nothing_is_kept_alive(path: Path, limb: Any, greedy: list[str]) -> None:
    from maya import cmds

    before = scene_as_it_is(limb)
    assert cmds.glmDeepSample(ioConfFile=str(path), count=20) == 20
    assert greedy == []
    assert scene_as_it_is(limb) == before


def test_that_maya_would_have_deleted_it(loaded: None, limb: Any, greedy: list[str]) -> None:
    from maya import cmds

    plug = f"{limb.joints[1]}.rotateZ"
    source = cmds.connectionInfo(plug, sourceFromDestination=True)
    for other in cmds.connectionInfo(source, destinationFromSource=True):
        cmds.disconnectAttr(source, other)
    assert greedy == [source.partition(".")[0]]


def test_angles_lengths_and_numbers_are_kept_alive_without_conversion(path: Path, limb: Any, loaded: None) -> None:
    from maya import cmds

    from glm_deep_maya.controls import freed
    from glm_deep_maya.poses import Control

    cmds.setKeyframe(limb.joints[0], attribute="translateX", time=3, value=0.5)
    plugs = [f"{limb.joints[1]}.rotateZ", f"{limb.joints[0]}.translateX", f"{limb.control}.muscle"]
    with freed([Control(plug, (plug,), 0.0, 1.0, 0.0) for plug in plugs]):
        (keeper,) = cmds.ls("glmDeepKeeper*")
        kept = cmds.listAttr(keeper, userDefined=True)
        for plug, name in zip(plugs, kept):
            source = cmds.connectionInfo(f"{keeper}.{name}", sourceFromDestination=True)
            assert cmds.objectType(source.partition(".")[0], isAType="animCurve")
            assert cmds.getAttr(f"{keeper}.{name}", type=True) == cmds.getAttr(source, type=True)
            assert not cmds.connectionInfo(plug, isDestination=True)
    assert not cmds.ls("glmDeepKeeper*")


def test_an_extraction_is_closed_when_the_controls_cannot_be_found(
    path: Path, limb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glm_deep_maya import sampler
    from glm_deep_maya.extract import Extraction

    closed, close = [], Extraction.close

    def closing(extraction: Extraction) -> None:
        closed.append(extraction)
        close(extraction)

    def failing(*_: Any) -> Any:
        raise GlmDeepError("no limits")

    before = scene_as_it_is(limb)
    monkeypatch.setattr(Extraction, "close", closing)
    monkeypatch.setattr(sampler, "controls_of", failing)
    with pytest.raises(GlmDeepError, match="no limits"), sampler.under_control(Character(dio.load(path)), 45.0):
        pass
    assert len(closed) == 1
    assert scene_as_it_is(limb) == before
