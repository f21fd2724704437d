"""The page of the Python that trains."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")
pytest.importorskip("pyqtgraph", reason="there is no pyqtgraph")

from glm_deep_ui.qt import QtCore
from hand import Tab, keys
from page_scene import Scene, place, scene, window

__all__ = ["place", "scene", "window"]


def test_the_python_that_trains_is_chosen_and_looked_into(window: Tab, scene: Scene) -> None:
    window.turn_to("Python")
    assert "Maya 2026, numpy: no" in window.field("found").toPlainText()
    window.type("training python", "/no/such/python")
    assert "there is no such Python: /no/such/python" in window.said
    assert scene.python == ""
    window.type("training python", f'"{sys.executable}"')
    assert scene.python == sys.executable
    window.click("doctor")
    window.wait(lambda: "playing models and importing frames: yes" in window.field("found").toPlainText(), "the doctor")
    assert "Maya 2026, numpy: no" in window.field("found").toPlainText()
    window.field("training python").selectAll()
    keys().keyClick(window.field("training python"), QtCore.Qt.Key.Key_Backspace)
    keys().keyClick(window.field("training python"), QtCore.Qt.Key.Key_Return)
    assert scene.python == ""


def python(place: Path, lines: str) -> Path:
    """A program that is no Python."""
    path = place / "no python"
    path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="a script of a shell")
@pytest.mark.parametrize(("lines", "said"), [("exit 0", "It said nothing."), ("exec sleep 60", "It said nothing.")])
def test_what_is_no_python_is_said_also_when_it_never_answers(
    window: Tab, scene: Scene, place: Path, monkeypatch: pytest.MonkeyPatch, lines: str, said: str
) -> None:
    from glm_deep_ui.widgets import python_page

    monkeypatch.setattr(python_page, "PATIENCE", 1000)
    monkeypatch.setattr(scene, "environment", lambda: {"GLM_DEEP_PYTHON": str(python(place, lines))}, raising=False)
    window.turn_to("Python")
    window.click("doctor")
    window.wait(lambda: "That Python does not run glm_deep." in window.said, "what was found")
    assert said in window.field("found").toPlainText()
    assert window.button("doctor").isEnabled()


def test_a_file_that_cannot_be_run_is_said(window: Tab, scene: Scene, place: Path, monkeypatch: Any) -> None:
    path = place / "notes.txt"
    path.write_text("no program", encoding="utf-8")
    monkeypatch.setattr(scene, "environment", lambda: {"GLM_DEEP_PYTHON": str(path)}, raising=False)
    window.turn_to("Python")
    window.click("doctor")
    window.wait(lambda: "That Python does not run glm_deep." in window.said, "what was found")
    assert window.button("doctor").isEnabled()
