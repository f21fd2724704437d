"""Extractions that do not come to their end: Esc at any time, failures in the middle; what was read is never lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_extract import FRAMES, configuration, samples_of, seen

from glm_deep.errors import GlmDeepError
from rigs import build_limb

COMPARED = 3  # places in which the skinning is compared first, with one question each whether to stop


@pytest.fixture
def path(loaded: None, limb: Any, tmp_path: Path) -> Path:
    """A configuration of the limb, whose linear mesh is made."""
    from maya import cmds

    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    return configuration(tmp_path / "Zoë's rig", limb)


@pytest.fixture
def small_shards(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """About five frames are held before they are written."""
    from glm_deep_maya import extract

    monkeypatch.setattr(extract, "BYTES_AT_ONCE", 4.5 * 200 * 96)


def shards_of(path: Path) -> list[int]:
    """Frames of each shard that the index names."""
    from glm_deep import dio
    from glm_deep.character import Character

    return [shard.frames for shard in Character(dio.load(path)).store.shards]


def all_read_once(path: Path, limb: Any) -> None:
    """The samples are all frames of the scene, each once."""
    samples, expected = samples_of(path), np.array(seen(limb)["deformed"])
    assert samples.frame_count == len(FRAMES)
    read = samples.read(0, np.arange(len(FRAMES))).deformed
    nearest = np.abs(read[:, None] - expected[None]).max(axis=(2, 3))
    np.testing.assert_array_equal(np.sort(nearest.argmin(axis=1)), np.arange(len(FRAMES)))
    np.testing.assert_allclose(nearest.min(axis=1), 0.0, atol=1e-5)


@pytest.mark.parametrize("read", [1, 7, 23])
def test_a_second_extraction_adds_what_esc_left_out(
    path: Path, small_shards: None, limb: Any, maya: Any, read: int
) -> None:
    from maya import cmds

    maya.press_escape(after=COMPARED + read)
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == read
    whole = [5] * (read // 5)
    assert shards_of(path) == [*whole, *([read % 5] if read % 5 else [])]
    maya.escape_after = None
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == len(FRAMES) - read
    all_read_once(path, limb)


@pytest.mark.parametrize("compared", [1, 2, 3])
def test_esc_while_the_skinning_is_compared_ends_it_too(path: Path, limb: Any, maya: Any, compared: int) -> None:
    from maya import cmds

    cmds.currentTime(7)
    steps = len(maya.evaluations)
    maya.press_escape(after=compared - 1)
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == 0
    assert len(maya.evaluations) - steps == compared + 1  # one more for the way back
    assert shards_of(path) == []
    assert cmds.currentTime(query=True) == 7
    maya.escape_after = None
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == len(FRAMES)


def test_the_comparison_shows_how_far_it_is(path: Path, maya: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from maya import cmds

    shown, bar = [], cmds.progressBar

    def seen_bar(*names: str, **flags: Any) -> Any:
        shown.append(flags.get("status", ""))
        return bar(*names, **flags)

    monkeypatch.setattr(cmds, "progressBar", seen_bar)
    cmds.glmDeepExtract(ioConfFile=str(path))
    assert [text.partition(",")[0] for text in shown if text.startswith("Comparing")] == [
        "Comparing the skinning with its formula",
        *(f"Comparing the skinning with its formula: {done} of {COMPARED}" for done in (1, 2, 3)),
    ]


def test_esc_while_poses_are_compared_leaves_the_rig_as_it_was(path: Path, limb: Any, maya: Any) -> None:
    from maya import cmds
    from test_sampler import scene_as_it_is

    before = scene_as_it_is(limb)
    maya.press_escape(after=1)
    assert cmds.glmDeepSample(ioConfFile=str(path), count=20) == 0
    assert scene_as_it_is(limb) == before


class UnforeseenError(Exception):
    """Something that nobody expects."""


@pytest.mark.parametrize("kind", [UnforeseenError, KeyboardInterrupt])
def test_a_failure_in_the_middle_keeps_the_frames_before_it(
    path: Path,
    small_shards: None,
    limb: Any,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[BaseException],
) -> None:
    from maya import cmds

    from glm_deep_maya.extract import extract
    from glm_deep_maya.targets import Target

    cmds.currentTime(7)
    cmds.select(limb.control)
    read, calls = Target.read, []

    def failing(target: Target) -> Any:
        calls.append(1)
        if len(calls) == 14:
            raise kind
        return read(target)

    monkeypatch.setattr(Target, "read", failing)
    with pytest.raises(kind):
        extract(str(path))
    assert shards_of(path) == [5, 5, 3]
    assert cmds.currentTime(query=True) == 7
    assert cmds.ls(selection=True) == [limb.control]
    monkeypatch.setattr(Target, "read", read)
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == len(FRAMES) - 13
    all_read_once(path, limb)


@pytest.mark.parametrize("way", ["esc", "failure"])
def test_copies_that_measure_the_skinning_go_however_it_ends(
    loaded: None, maya: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    from maya import cmds

    from glm_deep_maya.rig_inputs import Inputs

    limb = build_limb(name="odd", method=1)
    cmds.setAttr(f"{limb.skin}.dqsSupportNonRigid", True)
    cmds.setKeyframe(limb.joints[1], attribute="scaleY", time=1, value=1)
    cmds.setKeyframe(limb.joints[1], attribute="scaleY", time=24, value=2)
    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    path, before = configuration(tmp_path, limb), sorted(cmds.ls())
    seen_copies = []
    read = Inputs.read

    def failing(inputs: Inputs) -> Any:
        seen_copies.append(len(cmds.ls("glmDeepProbe?")))
        if way == "failure" and len(seen_copies) == 5:
            raise GlmDeepError("the disk is full")
        return read(inputs)

    monkeypatch.setattr(Inputs, "read", failing)
    if way == "esc":
        maya.press_escape(after=COMPARED + 4)
        assert cmds.glmDeepExtract(ioConfFile=str(path)) == 4
    else:
        with pytest.raises(RuntimeError, match="the disk is full"):
            cmds.glmDeepExtract(ioConfFile=str(path))
    assert set(seen_copies) == {3}
    assert samples_of(path).frame_count == 4
    assert sorted(cmds.ls()) == before
