"""The environment of the scripts: what makes it current, and what it says when it cannot be made."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

import environment
from environment import Environment, EnvironmentSetupError

Calls = list[tuple[str, ...]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "a checkout with ä space"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (root / "constraints.txt").write_text("numpy==2.4.6\n", encoding="utf-8")
    return root


@pytest.fixture
def pip_calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Makes environments without installing anything into them; what would be installed is listed."""
    calls: Calls = []

    def record(_: Environment, *arguments: str) -> None:
        calls.append(arguments)

    def make(self: Environment) -> None:
        self.python.parent.mkdir(parents=True, exist_ok=True)
        self.python.write_text("", encoding="utf-8")

    monkeypatch.setattr(Environment, "_pip", record)
    monkeypatch.setattr(Environment, "_create", make)
    return calls


def test_it_installs_the_extras_once(checkout: Path, pip_calls: Calls) -> None:
    made = Environment(checkout)
    made.prepare(["train", "pictures"])
    made.prepare(["train"])
    Environment(checkout).prepare(["pictures", "train"])
    assert [call[-1] for call in pip_calls] == ["editables", ".[pictures,train]"]


def test_a_further_extra_is_added_to_those_that_are_there(checkout: Path, pip_calls: Calls) -> None:
    made = Environment(checkout)
    made.prepare(["train"])
    made.prepare(["dev"])
    assert pip_calls[-1][-1] == ".[dev,train]"
    assert made.is_current(["train", "dev"])


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_it_is_out_of_date_when_the_checkout_asks_for_something_else(
    checkout: Path, pip_calls: Calls, name: str
) -> None:
    made = Environment(checkout)
    made.prepare(["train"])
    with (checkout / name).open("a", encoding="utf-8") as file:
        file.write("# more\n")
    assert not made.is_current(["train"])
    made.prepare(["train"])
    assert made.is_current(["train"])
    assert len(pip_calls) == 4


def test_an_interrupted_installation_is_made_anew(
    checkout: Path, pip_calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Environment(checkout)

    def interrupted(_: Environment, *arguments: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Environment, "_pip", interrupted)
        with pytest.raises(KeyboardInterrupt):
            made.prepare(["train"])
    assert json.loads(made.marker.read_text(encoding="utf-8"))["complete"] is False
    made.python.unlink()
    made.prepare(["train"])
    assert made.python.exists()
    assert made.is_current(["train"])


def test_an_environment_that_was_moved_is_not_current(checkout: Path, pip_calls: Calls) -> None:
    Environment(checkout).prepare(["train"])
    moved = checkout.rename(checkout.with_name("elsewhere"))
    assert not Environment(moved).is_current(["train"])


def test_a_folder_of_somebody_else_is_left_alone(checkout: Path, pip_calls: Calls) -> None:
    theirs = checkout / ".venv" / "pyvenv.cfg"
    theirs.parent.mkdir()
    theirs.write_text("home = there\n", encoding="utf-8")
    with pytest.raises(EnvironmentSetupError, match="was not made by these scripts"):
        Environment(checkout).prepare(["train"])
    assert theirs.read_text(encoding="utf-8") == "home = there\n"
    assert not pip_calls


def test_a_half_made_folder_of_ours_is_emptied_before_it_is_made_again(checkout: Path) -> None:
    made = Environment(checkout)
    made.folder.mkdir()
    made.marker.write_text('{"complete": false}', encoding="utf-8")
    (made.folder / "lib").mkdir()
    (made.folder / "lib" / "half.py").write_text("", encoding="utf-8")
    made._create()
    assert made.python.exists()
    assert not (made.folder / "lib" / "half.py").exists()
    assert not made.is_current([])


def test_its_processes_do_not_see_the_packages_of_another_tool(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "of another tool")
    monkeypatch.setenv("PYTHONHOME", "of another tool")
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    variables = Environment(checkout).variables()
    assert variables["PYTHONPATH"] == str(checkout)
    assert "PYTHONHOME" not in variables
    assert variables["OMP_WAIT_POLICY"] == "PASSIVE"
    assert variables["PATH"] == os.environ["PATH"]


def test_a_system_without_torch_is_told_which_python_to_install(checkout: Path) -> None:
    said = environment.explanation(["ERROR: No matching distribution found for torch==2.13.0"])
    assert said == (
        "There is no torch for this Python on this system. Install 64-bit Python 3.11, delete .venv and run this again."
    )


def test_the_end_of_what_pip_said_is_shown_without_its_warnings() -> None:
    said = environment.explanation(["first", *["more"] * 20, "WARNING: of no use", "ERROR: disk full"])
    assert "first" not in said
    assert "WARNING" not in said
    assert said.splitlines()[-2] == "ERROR: disk full"


def test_without_a_python_that_fits_it_says_which_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "probe", lambda command: None)
    with pytest.raises(EnvironmentSetupError, match=r"needs a 64-bit Python 3\.11, 3\.12, 3\.13 .* Install 64-bit"):
        environment.find_interpreter(environment.VERSIONS)


def test_the_running_python_is_recognised() -> None:
    found = environment.probe([sys.executable])
    assert found == environment.Interpreter((sys.executable,), sys.version_info[:2])


def test_commands_that_start_no_python_are_passed_over(tmp_path: Path) -> None:
    assert environment.probe([str(tmp_path / "python3.11")]) is None
    assert environment.probe([sys.executable, "-c", "raise SystemExit(127)"]) is None
