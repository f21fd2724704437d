"""The fixtures `maya` (a fresh fake Maya) and `limb` (a rigged limb in it); conftest files import them."""

from __future__ import annotations

from pathlib import Path

import pytest

from maya_fake import Scene, install
from rigs import Limb, build_limb


@pytest.fixture
def maya(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Scene:
    """A Maya that was just started, with its preferences in a folder of the test."""
    return install(monkeypatch, tmp_path / "maya")


@pytest.fixture
def limb(maya: Scene) -> Limb:
    """A rigged and animated limb in that Maya."""
    return build_limb(maya)
