"""Every name and every flag of Maya that the plug-in uses is there in the stubs of Maya."""

from __future__ import annotations

from pathlib import Path

import pytest

import maya_names
from stubs import find

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "plugin").rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT / "plugin").as_posix())
def test_it_uses_no_name_and_no_flag_that_maya_does_not_have(path: Path) -> None:
    stubs = find()
    if isinstance(stubs, str):
        pytest.skip(stubs)
    source = path.read_text(encoding="utf-8")
    assert maya_names.check(source, stubs, own=set(), where=path.name) == []
