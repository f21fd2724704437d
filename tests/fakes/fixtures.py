"""The fixtures `maya` (a fresh fake Maya) and `limb` (a rigged limb in it); conftest files import them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maya_fake import Scene, install
from rigs import Limb, build_limb

REAL = os.environ.get("GLM_DEEP_REAL_MAYA") == "1"
"""Whether a real Maya is under test; scripts/run_maya_tests.py says so."""

ONLY_FAKE = (
    "needs the fake Maya: only that one can press Esc, answer dialogs, have windows and be in batch by turns, "
    "start anew, and show its insides"
)


@pytest.fixture
def maya(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Scene:
    """A fake Maya that was just started, with its preferences in a folder of the test; skips in a real Maya."""
    if REAL:
        pytest.skip(ONLY_FAKE)
    return install(monkeypatch, tmp_path / "maya")


@pytest.fixture
def limb(maya: Scene) -> Limb:
    """A rigged and animated limb in that Maya."""
    return build_limb()
