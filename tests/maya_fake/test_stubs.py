"""Every name, flag, mode and constant that the fake offers is one of Maya, as the stub packages know it."""

from __future__ import annotations

import keyword
import sys
from types import ModuleType
from typing import Any

import pytest

from maya_fake.commands import REGISTRY
from maya_names import FLAGS_WITHOUT_STUBS, MODULES_WITHOUT_STUBS, NAMES_WITHOUT_STUBS
from stubs import Stubs


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_the_flags_of_a_command_are_those_of_maya(stubs: Stubs, name: str) -> None:
    command = stubs.command(name)
    assert command is not None
    wrong = []
    for flag in REGISTRY[name].long_flags:
        for mode in flag.modes:
            if (name, flag.name, mode) in FLAGS_WITHOUT_STUBS or keyword.iskeyword(flag.name):
                continue
            if flag.name not in command.modes[mode]:
                wrong.append(f"{flag.name} in {mode}")
        if flag.short not in command.flags and not keyword.iskeyword(flag.short):
            wrong.append(flag.short)
    assert wrong == []


def test_the_modules_hold_nothing_that_maya_does_not_have(maya: Any, stubs: Stubs) -> None:
    wrong = []
    for module, name, value in _offered():
        if (module, name) in NAMES_WITHOUT_STUBS or isinstance(value, ModuleType) or module == "maya.cmds":
            continue
        if module not in stubs.modules() or name not in stubs.names(module):
            wrong.append(f"{module}.{name}")
        elif isinstance(value, type):
            wrong += _members(stubs, module, name, value)
    assert wrong == []


def test_the_modules_are_those_of_maya(maya: Any, stubs: Stubs) -> None:
    present = {name for name in sys.modules if name == "maya" or name.startswith("maya.")}
    assert present - stubs.modules() == set(MODULES_WITHOUT_STUBS)


def test_the_variables_of_deformers_are_their_attributes(maya: Any, stubs: Stubs) -> None:
    import maya.OpenMayaMPx as ompx

    for name in dir(ompx.cvar):
        if not name.startswith("_"):
            owner, _, member = name.partition("_")
            assert member in (stubs.members("maya.OpenMayaMPx", owner) or {})


def _offered() -> list[tuple[str, str, Any]]:
    modules = [name for name in sys.modules if name == "maya" or name.startswith("maya.")]
    return [
        (module, name, value)
        for module in modules
        for name, value in vars(sys.modules[module]).items()
        if not name.startswith("_")
    ]


def _members(stubs: Stubs, module: str, name: str, made: type) -> list[str]:
    known = stubs.members(module, name) or {}
    wrong = []
    for member in dir(made):
        if member.startswith("_"):
            continue
        value = getattr(made, member)
        if member not in known:
            wrong.append(f"{module}.{name}.{member}")
        elif isinstance(value, int) and known[member] not in (None, value):
            wrong.append(f"{module}.{name}.{member} is {known[member]}, not {value}")
    return wrong
