"""Skin weights are the same from an archive and from the store, and absent where nobody knows whose they are."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

from glm_deep.dataset.frames import Frames, MeshFrames
from glm_deep.dataset.selection import LimitedSource
from glm_deep.dataset.source import ArchiveSource, FrameSource
from glm_deep.dataset.store import SampleStore
from store_frames import add, make_frames


@pytest.fixture(autouse=True)
def _quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for the disk is slow, and what it is for cannot be tested."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def sources(frames: Frames, folder: Path) -> list[FrameSource]:
    store = SampleStore(folder / "samples")
    add(store, frames)
    return [ArchiveSource(frames), store.open(), LimitedSource(store.open(), {})]


def nameless(mesh: MeshFrames) -> MeshFrames:
    return dataclasses.replace(mesh, skinning=dataclasses.replace(mesh.skinning, influence_names=()))


def test_every_source_tells_the_weights_and_whose_they_are(tmp_path: Path) -> None:
    frames = make_frames(4)
    for source in sources(frames, tmp_path):
        for number, mesh in enumerate(frames.meshes):
            found = source.skin_weights(number)
            assert found is not None
            np.testing.assert_array_equal(found.weights, mesh.skinning.weights)
            assert found.influence_names == ("a", "b")


@pytest.mark.parametrize("kind", ["affine", "none"])
def test_meshes_without_weights_have_none(kind: str, tmp_path: Path) -> None:
    assert [source.skin_weights(1) for source in sources(make_frames(4, kind=kind), tmp_path)] == [None] * 3


def test_weights_of_unnamed_influences_are_as_good_as_none(tmp_path: Path) -> None:
    frames = make_frames(4)
    frames = dataclasses.replace(frames, meshes=tuple(nameless(mesh) for mesh in frames.meshes))
    assert [source.skin_weights(0) for source in sources(frames, tmp_path)] == [None] * 3
