"""How a command is started as a process of its own: its arguments, and what it gets of this one's environment."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import glm_deep
from glm_deep.errors import GlmDeepError
from glm_deep.launch import PYTHON, Launch, launch

CHECKOUT = str(Path(glm_deep.__file__).resolve().parents[1])
OF_THE_HOST = [
    *("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONEXECUTABLE"),
    *("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH", "DYLD_INSERT_LIBRARIES"),
    *("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH", "QML2_IMPORT_PATH"),
]


@pytest.fixture
def maya(monkeypatch: pytest.MonkeyPatch) -> None:
    """This Python is Maya's own."""
    monkeypatch.setitem(sys.modules, "maya", ModuleType("maya"))


@pytest.fixture
def python(tmp_path: Path) -> str:
    """The path of a file that might be a Python."""
    path = tmp_path / "Zoë's python"
    path.write_bytes(b"")
    return str(path)


def joined(*paths: str) -> str:
    return os.pathsep.join(paths)


def output_of(launched: Launch) -> str:
    """What the process prints, which has to end well."""
    done = subprocess.run(
        launched.arguments,
        env=dict(launched.environment),
        cwd=launched.folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_program_comes_first_and_the_arguments_as_they_are(tmp_path: Path) -> None:
    launched = launch("train", "Zoë's hero.dio", "--set", "training.seed=5", folder=tmp_path, environment={})
    assert launched.arguments[:3] == (sys.executable, "-m", "glm_deep")
    assert launched.arguments[3:] == ("train", "Zoë's hero.dio", "--set", "training.seed=5")
    assert launched.folder == tmp_path


def test_the_path_of_python_begins_with_the_checkout(tmp_path: Path) -> None:
    def path_for(given: dict[str, str]) -> str:
        return launch(folder=tmp_path, environment=given).environment["PYTHONPATH"]

    assert path_for({}) == path_for({"PYTHONPATH": ""}) == CHECKOUT
    assert path_for({"PYTHONPATH": joined("/a b", "/ü")}) == joined(CHECKOUT, "/a b", "/ü")
    assert path_for({"PYTHONPATH": joined("/a", CHECKOUT, "", "/a", "/b")}) == joined(CHECKOUT, "/a", "/b")


def test_inside_maya_the_path_of_python_is_the_checkout_alone(tmp_path: Path, maya: None) -> None:
    given = {"PYTHONPATH": joined("/a", CHECKOUT), PYTHON: sys.executable}
    assert launch(folder=tmp_path, environment=given).environment["PYTHONPATH"] == CHECKOUT


def test_outside_a_host_the_environment_is_kept(tmp_path: Path) -> None:
    given = {name: f"of {name}" for name in OF_THE_HOST if name != "PYTHONPATH"}
    given.update(PATH="/bin", NAME="Zoë", QT_QPA_PLATFORM="offscreen", LANG="de_DE.UTF-8")
    before = dict(given)
    environment = dict(launch("info", folder=tmp_path, environment=given).environment)
    assert environment == {**before, "PYTHONPATH": CHECKOUT, "PYTHONIOENCODING": "utf-8"}
    assert given == before


@pytest.mark.parametrize("name", OF_THE_HOST)
def test_inside_maya_what_bends_its_own_python_is_gone(tmp_path: Path, python: str, name: str, maya: None) -> None:
    given = {PYTHON: python, "PATH": "/bin", "NAME": "Zoë", "PYTHONUTF8": "1", name: "/opt/maya 2024/lib"}
    before = dict(given)
    environment = dict(launch("info", folder=tmp_path, environment=given).environment)
    assert environment.pop("PYTHONPATH") == CHECKOUT
    assert environment.pop("PYTHONIOENCODING") == "utf-8"
    assert environment.pop("PYTHONNOUSERSITE") == environment.pop("PYTHONUNBUFFERED") == "1"
    assert environment == {PYTHON: python, "PATH": "/bin", "NAME": "Zoë", "PYTHONUTF8": "1"}
    assert given == before


def test_inside_maya_its_own_programs_are_gone_from_the_path(tmp_path: Path, python: str, maya: None) -> None:
    home = tmp_path / "Maya 2025"
    first, deeper, last = "/usr/bin", str(home / "bin" / "deeper"), "/other/bin"
    path = joined(first, str(home / "bin"), deeper, f"{home}/bin/", f"{home}/plug-ins/../bin", str(home), last)
    given = {PYTHON: python, "MAYA_LOCATION": str(home), "PATH": path}
    kept = launch("info", folder=tmp_path, environment=given).environment["PATH"]
    assert kept == joined(first, deeper, str(home), last)


def test_texts_are_printed_in_utf8_whatever_was_said_before(tmp_path: Path) -> None:
    launched = launch(folder=tmp_path, environment={"PYTHONIOENCODING": "cp1252"})
    assert launched.environment["PYTHONIOENCODING"] == "utf-8"


@pytest.mark.parametrize("in_maya", [True, False])
def test_the_python_that_is_named_is_the_program(
    tmp_path: Path, python: str, in_maya: bool, request: pytest.FixtureRequest
) -> None:
    if in_maya:
        request.getfixturevalue("maya")
    launched = launch("train", folder=tmp_path, environment={PYTHON: python})
    assert launched.arguments == (python, "-m", "glm_deep", "train")
    assert launched.environment[PYTHON] == python


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_python_that_is_no_file_is_refused_by_name(tmp_path: Path, is_folder: bool) -> None:
    missing = tmp_path / "kein Python für Zoë"
    if is_folder:
        missing.mkdir()
    with pytest.raises(GlmDeepError) as caught:
        launch("train", folder=tmp_path, environment={PYTHON: str(missing)})
    assert str(missing) in caught.value.what
    assert PYTHON in str(caught.value.where)
    assert caught.value.hint


@pytest.mark.parametrize("named", [{}, {PYTHON: ""}])
def test_inside_maya_a_python_has_to_be_named(tmp_path: Path, named: dict[str, str], maya: None) -> None:
    with pytest.raises(GlmDeepError, match="Maya's own Python does not train") as caught:
        launch("train", folder=tmp_path, environment=named)
    assert PYTHON in str(caught.value.hint)


def test_a_shell_that_knows_where_maya_is_is_not_maya(tmp_path: Path) -> None:
    given = {"MAYA_LOCATION": "/opt/maya 2024", "LD_LIBRARY_PATH": "/opt/lib"}
    launched = launch("train", folder=tmp_path, environment=given)
    assert launched.arguments[0] == sys.executable
    assert launched.environment["LD_LIBRARY_PATH"] == "/opt/lib"


def test_outside_a_host_an_empty_name_is_none(tmp_path: Path) -> None:
    assert launch(folder=tmp_path, environment={PYTHON: ""}).arguments[0] == sys.executable


def test_without_an_environment_that_of_this_process_is_taken_and_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: str
) -> None:
    monkeypatch.setenv("GLM_DEEP_TEST", "Zoë")
    monkeypatch.setenv("PYTHONPATH", "/ü")
    monkeypatch.setenv(PYTHON, python)
    before = dict(os.environ)
    launched = launch("info", folder=tmp_path)
    assert launched.environment["GLM_DEEP_TEST"] == "Zoë"
    assert launched.environment["PYTHONPATH"] == joined(CHECKOUT, "/ü")
    assert launched.arguments[0] == python
    assert dict(os.environ) == before
    assert launch("info", folder=tmp_path, environment={}).environment.keys() == {"PYTHONPATH", "PYTHONIOENCODING"}


def test_a_launch_is_data_that_nobody_changes(tmp_path: Path) -> None:
    launched = launch("info", folder=tmp_path, environment={})
    with pytest.raises(dataclasses.FrozenInstanceError):
        launched.folder = tmp_path.parent  # type: ignore[misc]
    assert launched == launch("info", folder=tmp_path, environment={})


@pytest.mark.parametrize("in_maya", [True, False])
def test_the_process_runs_the_command_of_this_checkout_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_maya: bool
) -> None:
    folder = tmp_path / "Zoë's folder"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "elsewhere"))
    if in_maya:
        other = tmp_path / "host" / "glm_deep"
        other.mkdir(parents=True)
        (other / "__init__.py").write_text("raise SystemExit('that of the host')", encoding="utf-8")
        monkeypatch.setitem(sys.modules, "maya", ModuleType("maya"))
        monkeypatch.setenv("PYTHONHOME", str(tmp_path / "nowhere"))  # with it no Python but the host's would start
        monkeypatch.setenv("PYTHONPATH", str(other.parent))
        monkeypatch.setenv(PYTHON, sys.executable)
    assert output_of(launch("--version", folder=folder)).split()[-1] == glm_deep.__version__
