"""The scripts that a person runs: what they check, and what they leave alone."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

import demo
import environment

# By its path: the standard library has a `test` of its own.
_spec = importlib.util.spec_from_file_location("scripts_test", Path(demo.__file__).with_name("test.py"))
assert _spec is not None
assert _spec.loader is not None
checks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(checks)


def test_the_demo_empties_only_a_folder_that_it_made(tmp_path: Path) -> None:
    folder = tmp_path / "dëmo output"
    demo.make_anew(folder)
    (folder / "arm").mkdir()
    (folder / "arm" / "old.npz").write_text("", encoding="utf-8")
    demo.make_anew(folder)
    assert [path.name for path in folder.iterdir()] == [demo.MARKER]


def test_the_demo_leaves_the_folder_of_somebody_else_alone(tmp_path: Path) -> None:
    (tmp_path / "film.dio").write_text("{}", encoding="utf-8")
    with pytest.raises(FileExistsError, match="holds files that no demo made"):
        demo.make_anew(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["film.dio"]


def test_the_demo_ends_with_the_command_that_failed(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(demo.CommandFailedError, match=r"exit code 7\): python -c \"raise SystemExit\(7\)\"") as caught:
        demo.run(["-c", "raise SystemExit(7)"])
    assert caught.value.exit_code == 7
    assert '$ python -c "raise SystemExit(7)"' in capfd.readouterr().out


@pytest.mark.parametrize(
    ("source", "light"),
    [
        ("import numpy as np\nfrom glm_deep.inputs import InputLayout", True),
        ("from glm_deep.geometry.skinning import posed", True),
        ("from glm_deep.geometry import skinning", True),
        ("from glm_deep.geometry import anchors", False),
        ("import glm_deep.train.run", False),
        ("def test():\n    from glm_deep import cli", False),
        ("from glm_deep import bundle\nimport scipy.sparse", False),
        ("import pytest", False),
    ],
)
def test_tests_for_the_oldest_python_are_those_of_light_rooms(source: str, light: bool) -> None:
    assert checks.is_light(source) is light


def test_all_checks_run_and_any_failure_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = []

    def passes(step: checks.Step) -> bool:
        ran.append(step.name)
        return step.name != "format"

    monkeypatch.setattr(environment, "enter", lambda extras: None)
    monkeypatch.setattr(checks, "passes", passes)
    assert checks.main(["-k", "store"]) == 1
    assert ran == ["lint", "format", "types", "tests"]
    assert "== failed: format" in capsys.readouterr().out


def test_a_check_passes_when_its_command_does() -> None:
    assert checks.passes(checks.Step("good", [sys.executable, "-c", "raise SystemExit(0)"]))
    assert not checks.passes(checks.Step("bad", [sys.executable, "-c", "raise SystemExit(1)"]))


def test_another_python_is_tested_where_it_is_and_its_failure_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def step(other: checks.Other) -> checks.Step:
        if other.version == (3, 9):
            raise environment.EnvironmentSetupError("there is none")
        code = 1 if other.version == (3, 10) else 0
        return checks.Step(
            "on {}.{}".format(*other.version), [sys.executable, "-c", f"print('é'); raise SystemExit({code})"]
        )

    monkeypatch.setattr(environment, "enter", lambda extras: None)
    monkeypatch.setattr(checks, "passes", lambda step: True)
    monkeypatch.setattr(checks, "other_step", step)
    assert checks.main([]) == 1
    said = capsys.readouterr().out
    assert "== Python 3.9 is not tested: there is none" in said
    assert "== on 3.10\n" in said
    assert "== failed: on 3.10 (" in said


def test_every_python_of_a_maya_since_2023_is_among_those_that_are_tested() -> None:
    tested = {other.version for other in checks.OTHERS} | set(environment.VERSIONS)
    assert {(3, 9), (3, 10), (3, 11), (3, 13)} <= tested  # Maya 2023, 2024, 2025 and 2026, 2027


def test_arguments_reach_pytest() -> None:
    assert list(checks.steps(["-k", "store"])[-1].command[-2:]) == ["-k", "store"]
