"""Paths as they come from MEL and from every system."""

from __future__ import annotations

import ntpath
import os
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import pytest
from test_extract import configuration

from glm_deep.errors import GlmDeepError


def mel_string(text: str) -> str:
    """A text as MEL has it between quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class WindowsPath(PureWindowsPath):
    """A path of Windows on any system, as far as the commands ask for it."""

    def expanduser(self) -> WindowsPath:
        return WindowsPath("C:/Users/zoe", *self.parts[1:]) if str(self).startswith("~") else self


@pytest.fixture
def windows(any_maya: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands take paths as on Windows."""
    from glm_deep_maya import commands

    monkeypatch.setattr(commands, "Path", WindowsPath)
    monkeypatch.setattr(commands, "os", SimpleNamespace(path=ntpath))
    monkeypatch.setenv("GLM_RIGS", "D:\\rigs")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("C:/rigs/hero.dio", r"C:\rigs\hero.dio"),
        (r"C:\rigs\hero.dio", r"C:\rigs\hero.dio"),
        (r"C:\my rigs\..\Zoë\hero.dio", r"C:\Zoë\hero.dio"),
        ("//server/share/rigs/hero.dio", r"\\server\share\rigs\hero.dio"),
        (r"\\server\share\rigs\hero.dio", r"\\server\share\rigs\hero.dio"),
        ("%GLM_RIGS%/hero.dio", r"D:\rigs\hero.dio"),
        ("$GLM_RIGS/hero.dio", r"D:\rigs\hero.dio"),
        ("~/hero.dio", r"C:\Users\zoe\hero.dio"),
        (' "C:/a b/hero.dio" ', r"C:\a b\hero.dio"),
        ("C:/Zoë's/hero's.dio", r"C:\Zoë's\hero's.dio"),
    ],
)
def test_paths_of_windows(windows: None, given: str, path: str) -> None:
    from glm_deep_maya.commands import path_of

    assert path_of(given) == path


def test_a_relative_path_of_windows_is_one_of_the_project(windows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from maya import cmds

    from glm_deep_maya.commands import path_of

    monkeypatch.setattr(cmds, "workspace", lambda **asked: "//server/share/project/")
    assert path_of("rigs/hero.dio") == r"\\server\share\project\rigs\hero.dio"
    assert path_of(r"..\hero.dio") == r"\\server\share\hero.dio"


@pytest.mark.skipif(os.name == "nt", reason="paths of Windows are tested above")
@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("//server/share/hero.dio", "//server/share/hero.dio"),
        ("/a//b/./c/../hero.dio", "/a/b/hero.dio"),
        (r"\a\hero.dio", "/a/hero.dio"),
        ("'/a b/Zoë.dio'", "/a b/Zoë.dio"),
        ("'", None),
        ("/a/hero's.dio'", "/a/hero's.dio'"),
    ],
)
def test_paths_of_other_systems(any_maya: None, given: str, path: str | None) -> None:
    from maya import cmds

    from glm_deep_maya.commands import path_of

    root = str(cmds.workspace(query=True, rootDirectory=True))
    assert path_of(given) == (path or os.path.normpath(f"{root}/{given}"))


@pytest.mark.parametrize("folder", ["plain", "two words", "Zoë's 人物", 'a "quoted" one', "semi;colon $x `y` %z"])
def test_any_path_goes_through_mel_between_quotes(loaded: None, limb: Any, tmp_path: Path, folder: str) -> None:
    from maya import mel

    if os.name == "nt" and '"' in folder:
        pytest.skip("Windows has no quotes in names")
    path = configuration(tmp_path / folder, limb)
    for written in (path.as_posix(), str(path)):
        assert mel.eval(f"glmDeepStatus -ioConfFile {mel_string(written)}")[0] == "none"


def test_the_same_path_from_python_needs_no_quotes(loaded: None, limb: Any, tmp_path: Path) -> None:
    from maya import cmds

    path = configuration(tmp_path / "Zoë's rig", limb)
    assert cmds.glmDeepStatus(ioConfFile=str(path))[0] == "none"
    assert cmds.glmDeepStatus(icf=f'"{path}"')[0] == "none"


@pytest.mark.parametrize("written", [r'"C:\rigs\new.dio"', r'"C:\hero\test.dio"'])
def test_single_backslashes_in_mel_are_told_from_a_path(loaded: None, written: str) -> None:
    from maya import mel

    with pytest.raises(RuntimeError, match=r"has a tab or a line break in it\. Write slashes"):
        mel.eval(f"glmDeepTrain -ioConfFile {written}")


@pytest.mark.skipif(os.name == "nt", reason="Windows looks beside the own home for that of others")
def test_the_home_of_nobody_is_said(any_maya: None) -> None:
    from glm_deep_maya.commands import path_of

    with pytest.raises(GlmDeepError, match=r"nobody knows the home in ~no such user/hero\.dio"):
        path_of("~no such user/hero.dio")


def test_the_path_of_a_node_goes_through_mel_between_quotes(loaded: None, limb: Any) -> None:
    from maya import cmds, mel

    cmds.group(limb.mesh, name="parts")
    assert mel.eval(f'glmDuplicateMeshLinear -input "|parts|{limb.mesh}" -overrideName "plain"') == "plain"
