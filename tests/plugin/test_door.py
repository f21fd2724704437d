"""The plug-in file: it loads and unloads cleanly, in batch too, and without numpy and torch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOOR = ROOT / "plugin" / "plug-ins" / "glm_deep_plugin.py"


def test_it_registers_its_commands_and_a_menu_and_takes_them_away_again(maya: Any) -> None:
    from maya import cmds

    from glm_deep_maya.commands import COMMANDS

    for _ in range(2):  # a plug-in that was unloaded can be loaded again
        cmds.loadPlugin(DOOR.as_posix())
        assert all(hasattr(cmds, command.name) for command in COMMANDS)
        assert cmds.menu("glmDeepMenu", exists=True)
        cmds.unloadPlugin(DOOR.stem)
        assert not any(hasattr(cmds, command.name) for command in COMMANDS)
        assert not cmds.menu("glmDeepMenu", exists=True)


def test_it_can_be_loaded_again_after_it_was_unloaded(any_maya: None) -> None:
    from maya import cmds

    for _ in range(2):
        (name,) = cmds.loadPlugin(DOOR.as_posix())
        assert cmds.pluginInfo(name, query=True, loaded=True)
        with pytest.raises(RuntimeError, match="the flag -ioConfFile is missing"):
            cmds.glmDeepInfo()
        cmds.unloadPlugin(name)
        assert not cmds.pluginInfo(name, query=True, loaded=True)


def test_loaded_before_maya_has_its_windows_the_menu_comes_with_them(maya: Any) -> None:
    from maya import cmds

    window = maya.ui.controls.pop("MayaWindow")  # as while a userSetup.py runs
    cmds.loadPlugin(DOOR.as_posix())
    maya.ui.controls["MayaWindow"] = window
    assert not cmds.menu("glmDeepMenu", exists=True)
    maya.process_idle_events()
    assert cmds.menu("glmDeepMenu", exists=True)
    cmds.unloadPlugin(DOOR.stem)


def test_in_batch_there_is_no_menu(maya: Any) -> None:
    from maya import cmds

    maya.app = "batch"
    cmds.loadPlugin(DOOR.as_posix())
    assert hasattr(cmds, "glmDeepTrain")
    cmds.unloadPlugin(DOOR.stem)
    assert maya.texts("error") == []


@pytest.mark.fact("the text of the exception that the caller of a command gets")
@pytest.mark.parametrize(
    ("mel", "sentence"),
    [
        ("glmDeepTrain", "glmDeepTrain: the flag -ioConfFile is missing"),
        ('glmDeepTrain -ioConfFile ""', "glmDeepTrain: the flag -ioConfFile is empty"),
        ('glmDeepTrain -icf "/no/such/hero.dio"', "hero.dio"),
        ('glmDeepExtract -icf "/no/such/hero.dio"', "hero.dio"),
        ("glmDuplicateMeshLinear", "the flag -input is missing"),
    ],
)
def test_a_wrong_call_is_one_sentence(loaded: None, said: Any, mel: str, sentence: str) -> None:
    from maya import mel as language

    with pytest.raises(RuntimeError, match=sentence) as caught:
        language.eval(mel)
    assert "Traceback" not in str(caught.value)
    assert sentence in said("error")[-1]


@pytest.mark.parametrize("mel", ["glmDeepTrain -nonsense 3", "glmDeepTrain -ioConfFile /path/to/hero.dio"])
def test_unknown_flags_and_unquoted_paths_are_errors_of_mel(loaded: None, mel: str) -> None:
    from maya import mel as language

    with pytest.raises(RuntimeError):
        language.eval(mel)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/a b/é.dio", "/a b/é.dio"),
        (' "/a/b.dio" ', "/a/b.dio"),
        ("$GLM_TEST_FOLDER/b.dio", "/somewhere/b.dio"),
        ("/a/x/../b.dio", "/a/b.dio"),
    ],
)
def test_paths_are_taken_as_people_write_them(
    any_maya: None, given: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glm_deep_maya.commands import path_of

    monkeypatch.setenv("GLM_TEST_FOLDER", "/somewhere")
    assert path_of(given) == os.path.normpath(path)


def test_a_relative_path_is_one_of_the_project(any_maya: None) -> None:
    from maya import cmds

    from glm_deep_maya.commands import path_of

    root = str(cmds.workspace(query=True, rootDirectory=True))
    assert path_of("rigs/hero.dio") == os.path.normpath(Path(root, "rigs/hero.dio"))


WITHOUT = """
import sys
from pathlib import Path
root = Path(sys.argv[1])
sys.path[:0] = [str(root / each) for each in (".", "ui", "tests/fakes", "plugin/scripts")]
import maya_fake
with maya_fake.installed(Path(sys.argv[2])) as scene:
    import glm_deep_maya
    for name in ("numpy", "torch", "scipy"):
        sys.modules[name] = None  # for what is imported from now on
    from maya import cmds
    cmds.loadPlugin((root / "plugin/plug-ins/glm_deep_plugin.py").as_posix())
    try:
        cmds.glmDuplicateMeshLinear(input="arm")
    except RuntimeError as error:
        print(error)
    cmds.unloadPlugin("glm_deep_plugin")
"""


def test_without_numpy_and_torch_it_loads_and_says_what_to_install(maya: Any, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(ROOT), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "the package numpy is missing in Maya" in done.stdout
    assert "-m pip install --only-binary" in done.stdout
