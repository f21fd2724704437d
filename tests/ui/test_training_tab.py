"""The training tab, driven as a person drives it: real events, real trainings, real files."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")

from glm_deep import dio, launch
from glm_deep.bundle import Bundle
from glm_deep.events import EventWriter, Started
from glm_deep.rundir import MainFolder, TrainingLock
from glm_deep_ui import training
from glm_deep_ui.app import open_window
from glm_deep_ui.qt import QtCore, QtWidgets
from hand import Tab, keys

ROOT = Path(__file__).resolve().parents[2]
QUICK = {
    "cpu_threads": 1,
    "device": "cpu",
    "differential": {"epochs": 12, "neurons": 16, "layers": 1},
    "subspaces": {"epochs": 12, "neurons": 8, "layers": 1},
}


def _python_that_trains() -> str | None:
    """This one, or that of the environment of scripts/test.py, when this one has no torch."""
    if find_spec("torch"):
        return sys.executable
    for place in ("bin/python", "Scripts/python.exe"):
        found = ROOT / ".venv" / place
        if found.is_file():
            return str(found)
    return None


TRAINER = _python_that_trains()
trains = pytest.mark.skipif(TRAINER is None, reason="there is no Python with torch here")


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, make_limb: Any, write_archive: Any) -> Path:
    """A folder with a configuration and samples, made by the command line."""
    if TRAINER is None:
        pytest.skip("there is no Python with torch here")
    folder = tmp_path_factory.mktemp("Zoë und Björn")
    write_archive(folder / "frames.npz", make_limb())
    import subprocess

    for command in (["new", "limb.dio", "--from", "frames.npz"], ["import", "limb.dio", "frames.npz"]):
        launched = launch.launch(*command, folder=folder, environment={**os.environ, launch.PYTHON: TRAINER})
        done = subprocess.run(
            launched.arguments, env=dict(launched.environment), cwd=folder, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
    document = dio.load(folder / "limb.dio")
    values = {**document.values, "training": QUICK, "export": {"after_training": "none"}}
    (folder / "limb.dio").write_text(json.dumps(values, indent=2), encoding="utf-8")
    return folder


@pytest.fixture
def place(tmp_path: Path, imported: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of its own, and trainings by the Python that can."""
    assert TRAINER is not None
    monkeypatch.setenv(launch.PYTHON, TRAINER)
    shutil.copytree(imported, tmp_path / "limb é")
    return tmp_path / "limb é"


@pytest.fixture
def tab(qapp: Any, place: Path) -> Any:
    made = Tab(open_window(place / "limb.dio"))
    made.look()
    yield made
    made.close()


def begin_a_long_training(tab: Tab) -> None:
    """Starts one that ends only when it is stopped, and waits for its first epochs."""
    tab.unfold()
    tab.type("training.differential.epochs", "50000")
    keys().mouseClick(tab.field("training.early_stop"), QtCore.Qt.MouseButton.LeftButton)
    tab.click("primary")
    tab.wait(lambda: "differential" in tab.window.windowTitle(), "the first epochs")


def model_of(folder: Path) -> Path:
    return folder / "models" / "limb.glmdeep"


def test_before_anything_there_are_buttons_and_one_line_of_what_to_do(tab: Tab) -> None:
    assert tab.train_says == "Train Model"
    assert tab.button("primary").isEnabled()
    assert not tab.button("clear").isEnabled()
    assert not tab.button("export").isEnabled()
    assert "60 frames are there: press Train Model." in tab.said
    assert not tab.field("training.seed").isVisible()
    assert tab.window.windowTitle() == "limb - glm_deep"


def test_without_samples_training_says_what_to_do_first(qapp: Any, place: Path) -> None:
    shutil.rmtree(place / "samples")
    tab = Tab(open_window(place / "limb.dio"))
    tab.look()
    assert not tab.button("primary").isEnabled()
    assert "Add samples first" in tab.button("primary").toolTip()
    assert "Add samples first" in tab.said
    tab.close()


def test_every_setting_of_the_training_has_a_field_with_its_help_and_critical_ones_are_bold(tab: Tab) -> None:
    from glm_deep_ui.form import training_fields

    tab.unfold()
    tab.look()
    assert "Available Extracted Frame Count: 60" in tab.said
    fields = training_fields()
    assert len(fields) >= 15
    for field in fields:
        assert tab.field(field.key).isVisible()
        assert field.help in tab.field(field.key).toolTip()
    bold = {
        label.buddy().objectName()
        for label in tab.window.findChildren(QtWidgets.QLabel)
        if label.buddy() is not None and label.font().bold()
    }
    assert bold == {field.key for field in fields if field.critical}


def test_a_wrong_entry_is_said_at_its_field_and_keeps_the_training_from_starting(tab: Tab) -> None:
    tab.unfold()
    tab.type("training.seed", "-3")
    assert "Seed is -3, but must be a whole number" in tab.said
    assert not tab.button("primary").isEnabled()
    assert "Correct first: Seed is -3" in tab.button("primary").toolTip()
    tab.type("training.seed", "3")
    assert "but must be" not in tab.said
    assert tab.button("primary").isEnabled()


def test_changes_can_be_undone_and_done_again_and_reset(tab: Tab) -> None:
    tab.unfold()
    tab.type("training.seed", "5")
    tab.type("training.seed", "6")
    field = tab.field("training.seed")
    for text, key, modifier in (
        ("5", "Z", QtCore.Qt.KeyboardModifier.ControlModifier),
        ("0", "Z", QtCore.Qt.KeyboardModifier.ControlModifier),
        ("5", "Y", QtCore.Qt.KeyboardModifier.ControlModifier),
    ):
        tab.button("fold").setFocus()
        keys().keyClick(tab.window.centralWidget(), getattr(QtCore.Qt.Key, f"Key_{key}"), modifier)
        tab.look(0.05)
        assert field.text() == text
    resets = [each for each in tab.window.findChildren(QtWidgets.QToolButton, "reset") if each.isVisible()]
    (reset,) = [each for each in resets if each.accessibleName() == "Reset Seed"]
    keys().mouseClick(reset, QtCore.Qt.MouseButton.LeftButton)
    assert field.text() == "0"
    assert not reset.isVisible()


@trains
def test_a_character_is_trained_watched_and_its_model_shown(tab: Tab, place: Path) -> None:
    tab.unfold()
    tab.type("training.seed", "7")
    tab.click("primary")
    tab.wait(lambda: tab.train_says == "Cancel", "the training")
    assert not tab.button("clear").isEnabled()
    tab.wait(lambda: tab.train_says == "Train Model", "the end of the training")
    tab.look()
    assert model_of(place).is_file()
    assert Bundle.load(model_of(place)).facts["seed"] == 7
    assert dio.load(place / "limb.dio").config.training.seed == 7
    assert "Run 0001 finished in" in tab.said
    assert "Trained on 60 frames" in tab.said
    assert "held-out error" in tab.said
    assert "Worst frames: " in tab.said
    assert "Differential model: " in tab.said
    assert tab.button("clear").isEnabled()
    assert tab.button("export").isEnabled()


@trains
def test_cancel_keeps_the_best_model_so_far(tab: Tab, place: Path) -> None:
    begin_a_long_training(tab)
    tab.click("primary")
    tab.wait(lambda: tab.train_says == "Train Model", "the end of the training")
    tab.look()
    assert "was stopped after" in tab.said
    assert "the best model so far was kept" in tab.said
    assert Bundle.load(model_of(place)).facts["partial"] is True


@trains
def test_a_training_that_was_cancelled_can_be_taken_up_again(tab: Tab, place: Path) -> None:
    assert not tab.button("resume").isVisible()
    begin_a_long_training(tab)
    tab.click("primary")
    tab.wait(lambda: tab.train_says == "Train Model", "the end of the training")
    tab.look()
    tab.click("resume")
    tab.wait(lambda: "Run 0002" in tab.said and "differential" in tab.window.windowTitle(), "the second run")
    assert not tab.button("resume").isVisible()
    tab.click("primary")
    tab.wait(lambda: tab.train_says == "Train Model", "the end of the second run")
    assert "There is no unfinished run" not in tab.said


@trains
def test_after_a_training_the_slider_says_what_each_size_keeps(tab: Tab, place: Path) -> None:
    tab.unfold()
    tab.look()
    assert "automatic\n" in tab.said
    tab.click("primary")
    tab.wait(lambda: model_of(place).is_file() and tab.train_says == "Train Model", "the end of the training")
    tab.wait(lambda: "% of the deformation kept" in tab.said, "the share")
    slider = tab.window.findChild(QtWidgets.QSlider, "pca slider")
    slider.setFocus()
    keys().keyClick(slider, QtCore.Qt.Key.Key_Home)
    tab.look()
    assert tab.field("training.pca.size").text() == "1"
    few = share_said(tab)
    keys().keyClick(slider, QtCore.Qt.Key.Key_End)
    tab.look()
    assert int(tab.field("training.pca.size").text()) > 1
    assert 0 < few < share_said(tab) <= 100
    tab.press("Z", control=True)
    assert tab.field("training.pca.size").text() == "1"


def share_said(tab: Tab) -> float:
    """The share of the deformation that the form says is kept, in percent."""
    (found,) = re.findall(r"([\d.]+) % of the deformation kept", tab.said)
    return float(found)


@trains
def test_a_window_that_is_closed_leaves_the_training_alone_and_a_new_one_finds_it(tab: Tab, place: Path) -> None:
    begin_a_long_training(tab)
    tab.close()
    other = Tab(open_window(place / "limb.dio"))
    other.wait(lambda: other.train_says == "Cancel" and "differential" in other.window.windowTitle(), "the run")
    other.click("primary")
    other.wait(lambda: other.train_says == "Train Model", "the end of the training")
    assert model_of(place).is_file()
    other.close()


def test_a_process_that_cannot_be_started_is_said(tab: Tab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(launch.PYTHON, str(tmp_path / "no python"))
    tab.click("primary")
    tab.look()
    assert "there is no such Python" in tab.said
    assert tab.train_says == "Train Model"


@trains
def test_a_training_that_begins_no_run_says_why(tab: Tab, place: Path) -> None:
    with TrainingLock(MainFolder(place)):
        tab.click("primary")
        tab.wait(lambda: "is at work here" in tab.said, "the reason")
    tab.look()
    assert tab.train_says == "Train Model"
    assert not (place / "runs").exists()


def test_samples_that_are_damaged_are_said_and_keep_the_training_from_starting(tab: Tab, place: Path) -> None:
    (place / "samples" / "index.json").write_text("{", encoding="utf-8")
    tab.wait(lambda: "The index is damaged" in tab.said, "the reason")
    assert not tab.button("primary").isEnabled()


def test_a_file_that_was_changed_outside_is_read_again_and_what_was_typed_stays(tab: Tab, place: Path) -> None:
    tab.unfold()
    tab.type("training.seed", "7")
    text = (place / "limb.dio").read_text(encoding="utf-8").replace('"neurons": 16', '"neurons": 24')
    (place / "limb.dio").write_text(text, encoding="utf-8")
    tab.wait(lambda: "has been read again" in tab.said, "the notice")
    assert tab.field("training.differential.neurons").text() == "24"
    assert tab.field("training.seed").text() == "7"


@pytest.mark.parametrize("answer", ["Cancel", "Clear Model"])
def test_clear_asks_and_tells_where_the_back_up_is(tab: Tab, place: Path, answer: str) -> None:
    model_of(place).parent.mkdir()
    model_of(place).write_bytes(b"a model")
    tab.wait(lambda: tab.button("clear").isEnabled(), "the button")
    asked: list[str] = []

    def reply() -> None:
        (box,) = tab.window.findChildren(QtWidgets.QMessageBox)
        asked.append(f"{box.text()} {box.informativeText()}")
        (button,) = [each for each in box.buttons() if each.text().replace("&", "") == answer]
        keys().mouseClick(button, QtCore.Qt.MouseButton.LeftButton)

    QtCore.QTimer.singleShot(300, reply)
    tab.click("clear")
    tab.wait(lambda: answer == "Cancel" or "The model went to" in tab.said, "the answer")
    assert asked == ["Clear the model of limb? limb.glmdeep goes to a numbered back-up beside it. The samples stay."]
    assert model_of(place).exists() == (answer == "Cancel")
    if answer != "Cancel":
        assert "The model went to limb" in tab.said
        (backup,) = model_of(place).parent.iterdir()
        assert backup.name in tab.said
        assert backup.read_bytes() == b"a model"


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of processes that were ended instead of really ending them; there is no time of grace."""
    numbers: list[int] = []
    monkeypatch.setattr(training, "GRACE", -1)
    monkeypatch.setattr(training.os, "kill", lambda number, signal: numbers.append(number))
    return numbers


def test_a_training_on_another_host_is_not_ended_by_its_number(
    tab: Tab, place: Path, ended: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    main = MainFolder(place)
    monkeypatch.setattr("glm_deep.rundir.platform.node", lambda: "farm-17")
    with TrainingLock(main), EventWriter(main.new_run().events) as writer:
        writer.write(Started("0001", "limb", os.getpid(), "farm-17", "1"))
        monkeypatch.setattr("glm_deep.rundir.platform.node", lambda: "desk-3")
        tab.wait(lambda: tab.train_says == "Cancel", "the run")
        tab.click("primary")
        tab.wait(lambda: tab.train_says == "End It Now", "the grace period")
        tab.click("primary")
        tab.look()
        assert "The training runs on farm-17; end it there." in tab.said
    assert ended == []


def test_a_training_that_does_not_stop_in_time_can_be_ended(tab: Tab, place: Path, ended: list[int]) -> None:
    main = MainFolder(place)
    with TrainingLock(main), EventWriter(main.new_run().events) as writer:
        writer.write(Started("0001", "limb", os.getpid(), platform.node(), "1"))
        tab.wait(lambda: tab.train_says == "Cancel", "the run")
        tab.click("primary")
        tab.wait(lambda: tab.train_says == "End It Now", "the grace period")
        assert "is lost" in tab.button("primary").toolTip()
        assert ended == []
        tab.click("primary")
        assert "The training was ended. It had saved nothing yet." in tab.said
    assert ended == [os.getpid()]


def test_a_run_that_broke_off_is_not_ended_because_another_holds_the_folder(
    tab: Tab, place: Path, ended: list[int]
) -> None:
    main = MainFolder(place)
    with EventWriter(main.new_run().events) as writer:
        writer.write(Started("0001", "limb", 4711, platform.node(), "1"))
    with TrainingLock(main):
        tab.wait(lambda: "broke off" in tab.said, "the sentence")
        assert tab.train_says == "Train Model"
    assert ended == []


def test_two_windows_agree_that_a_run_is_to_stop(qapp: Any, tab: Tab, place: Path) -> None:
    main = MainFolder(place)
    other = Tab(open_window(place / "limb.dio"))
    with TrainingLock(main), EventWriter(main.new_run().events) as writer:
        writer.write(Started("0001", "limb", os.getpid(), platform.node(), "1"))
        tab.wait(lambda: tab.train_says == other.train_says == "Cancel", "the run")
        tab.click("primary")
        other.wait(lambda: tab.train_says == other.train_says == "Stopping…", "the request")
        assert not other.button("primary").isEnabled()
    other.close()


@trains
def test_cancel_before_the_training_has_begun_stops_it_and_no_older_run(tab: Tab, place: Path) -> None:
    older = MainFolder(place).new_run()
    with EventWriter(older.events) as writer:
        writer.write(Started("0001", "limb", 1, platform.node(), "1"))
    tab.wait(lambda: "broke off" in tab.said, "the older run")
    tab.click("primary")
    assert tab.train_says == "Cancel"
    tab.click("primary")
    assert tab.train_says == "Stopping…"
    tab.wait(lambda: tab.train_says == "Train Model", "the end")
    assert not older.stop_requested
    assert "Run 0002 was stopped" in tab.said


def test_a_process_that_dies_before_its_run_is_noticed_at_once(
    tab: Tab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if os.name == "nt":
        pytest.skip("a script of a shell stands for the Python")
    python = tmp_path / "python that lacks everything"
    python.write_text("#!/bin/sh\necho 'No module named torch' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setenv(launch.PYTHON, str(python))
    tab.click("primary")
    monkeypatch.setattr(training, "PATIENCE", 3_600_000)  # for which nobody waits
    tab.wait(lambda: "The training did not begin: No module named torch." in tab.said, "the reason")
    assert tab.train_says == "Train Model"
    tab.click("show log")
    tab.look()
    (shown,) = tab.window.findChildren(QtWidgets.QDialog, "log")
    assert "No module named torch" in shown.findChild(QtWidgets.QPlainTextEdit, "log text").toPlainText()


def test_another_main_directory_is_watched_from_then_on(tab: Tab, place: Path) -> None:
    shutil.copytree(place / "samples", place / "elsewhere" / "samples")
    values = json.loads((place / "limb.dio").read_text(encoding="utf-8"))
    text = json.dumps({**values, "main_directory": "elsewhere"}, indent=2)
    (place / "limb.dio").write_text(text, encoding="utf-8")
    tab.wait(lambda: "has been read again" in tab.said, "the notice")
    main = MainFolder(place / "elsewhere")
    with TrainingLock(main), EventWriter(main.new_run().events) as writer:
        writer.write(Started("0001", "limb", os.getpid(), platform.node(), "1"))
        tab.wait(lambda: tab.train_says == "Cancel", "the run there")
