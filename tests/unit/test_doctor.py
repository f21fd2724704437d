"""What a Python has of the packages that glm_deep can use."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from glm_deep.machine import doctor
from glm_deep.machine.doctor import ABILITIES, UNKNOWN, Ability, Package, findings

PYPROJECT = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("ability", ABILITIES, ids=lambda each: each.name)
def test_each_ability_names_the_packages_of_its_extra(ability: Ability) -> None:
    head = f"\n{ability.extra} = [\n" if ability.extra else "\ndependencies = [\n"
    block = PYPROJECT.partition(head)[2].partition("\n]")[0]
    named = {name for name in re.findall(r'^    "([A-Za-z0-9-]+)', block, re.MULTILINE) if name != "glm-deep"}
    assert {each.name for each in ability.packages} == named


def test_what_is_missing_is_named_with_the_line_that_installs_it() -> None:
    ability = Ability("flying", "wings", (Package("numpy", "numpy"), Package("no-such-thing", "no_such_thing")))
    assert findings([ability]) == ['flying: no, for want of no-such-thing. Install with: pip install ".[wings]"']


def test_what_is_there_is_told_with_its_version() -> None:
    pytest.importorskip("numpy")
    import numpy

    assert findings([Ability("counting", "", (Package("numpy", "numpy"),))]) == [
        f"counting: yes (numpy {numpy.__version__})"
    ]


def test_a_module_that_no_package_owns_is_there_of_an_unknown_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "of_the_host", doctor)
    assert Package("of-the-host", "of_the_host").version == UNKNOWN
    assert Package("not-here", "not_here", "of_the_host").version == "as of_the_host"


def test_a_module_that_may_not_be_imported_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert Package("numpy", "numpy").version is None
