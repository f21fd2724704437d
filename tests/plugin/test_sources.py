"""Every name and every flag of Maya that the plug-in and its tests use is there in the stubs of Maya."""

from __future__ import annotations

from pathlib import Path

import pytest

import maya_names
from stubs import find

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "plugin").rglob("*.py"))
FAKES = ROOT / "tests" / "fakes"
# What scripts/run_maya_tests.py runs in a real Maya.
TESTS = [*sorted((ROOT / "tests" / "plugin").glob("*.py")), FAKES / "bulge_deformer.py", FAKES / "rigs.py"]
OF_STYLE = ("write the long name", "cannot be checked")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT / "plugin").as_posix())
def test_it_uses_no_name_and_no_flag_that_maya_does_not_have(path: Path) -> None:
    stubs = find()
    if isinstance(stubs, str):
        pytest.skip(stubs)
    source = path.read_text(encoding="utf-8")
    assert maya_names.check(source, stubs, own=set(), where=path.name) == []


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_no_test_does_either(path: Path) -> None:
    from glm_deep_maya.commands import COMMANDS

    stubs = find()
    if isinstance(stubs, str):
        pytest.skip(stubs)
    own = {command.name for command in COMMANDS}
    found = maya_names.check(path.read_text(encoding="utf-8"), stubs, own=own, where=path.name)
    assert [each for each in found if not any(words in each for words in OF_STYLE)] == []
