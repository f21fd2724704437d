"""The page of the extraction: which frames become samples, and how many there are."""

from __future__ import annotations

from collections.abc import Callable

from glm_deep.configuration.fields import number
from glm_deep.errors import GlmDeepError
from glm_deep_ui.editing import LOOK, Editing
from glm_deep_ui.form import single_fields
from glm_deep_ui.host import Host
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.summary import frames_of
from glm_deep_ui.widgets.model_commands import ModelCommands
from glm_deep_ui.widgets.page import Page
from glm_deep_ui.widgets.setting_list import SettingList

POSES, MOST_POSES, LARGEST_SEED = 500, 100_000, 2**31 - 1


class ExtractionPage(Page):
    """Extracts frames, samples poses, and clears what was extracted."""

    def __init__(self, editing: Editing, host: Host) -> None:
        super().__init__("extraction", host)
        self._editing, self._host = editing, host
        self._commands = ModelCommands(self, host.environment)
        self._commands.said.connect(lambda text, wrong: self.message.say(text, wrong=wrong))
        self._commands.ended.connect(self._count)
        self.column.addWidget(
            SettingList(editing, [field for field in single_fields() if field.key.startswith("extraction.")])
        )
        self._frames = QtWidgets.QLabel()
        self._frames.setObjectName("extracted")
        self._frames.setWordWrap(True)
        self.column.addWidget(self._frames)
        self._build_buttons()
        self._build_poses()
        self.column.addWidget(self.message)
        editing.taken.connect(lambda _: self._count())
        timer = QtCore.QTimer(self)
        timer.timeout.connect(self._count)
        timer.start(LOOK)
        self._count()

    def _build_buttons(self) -> None:
        extract = self.button(
            "extract",
            "Extract",
            "Adds the frames to the samples; Esc stops and keeps those that were read",
            lambda: self._with_saved(self._host.extract),
        )
        extract.setProperty("primary", True)
        timeline = self.button(
            "timeline",
            "Frames From Timeline",
            "Takes the range of the animation",
            self._from_timeline,
            short="Timeline",
        )
        clear = self.button(
            "clear samples", "Clear Extraction", "Puts all samples into a back-up", self._clear, scene=False
        )
        self.add_buttons(extract, timeline, clear)

    def _build_poses(self) -> None:
        self.add_heading("Poses", "Samples without an animation")
        said = QtWidgets.QLabel(
            "Poses the inputs within their limits: each by itself, in pairs, at random. Animation stays as it is."
        )
        said.setObjectName("quiet")
        said.setWordWrap(True)
        self.column.addWidget(said)
        count, seed = _whole("poses", 1, MOST_POSES, POSES), _whole("seed", 0, LARGEST_SEED, 0)
        row = QtWidgets.QHBoxLayout()
        for text, line in (("Poses", count), ("Seed", seed)):
            label = QtWidgets.QLabel(text)
            label.setBuddy(line)
            row.addWidget(label)
            row.addWidget(line)
        row.addStretch(1)
        self.column.addLayout(row)
        self.add_buttons(
            self.button(
                "sample",
                "Sample Poses",
                "Adds so many poses to the samples; Esc stops and keeps those that were read",
                lambda: self._with_saved(lambda: self._host.sample(_value(count), _value(seed))),
            ),
            self.button(
                "relevance",
                "Measure What Moves What",
                "Moves each input by itself and stores which vertices follow, for the training",
                lambda: self._with_saved(self._host.measure_relevance),
                short="Measure",
            ),
        )

    def _with_saved(self, action: Callable[[], str]) -> str | None:
        self._editing.finish()
        problems = self._editing.form.problems()
        if problems:
            raise GlmDeepError(next(iter(problems.values())), hint="Correct it first")
        if not self._editing.save():
            return None  # which has said why
        try:
            return action()
        finally:
            self._count()

    def _from_timeline(self) -> str:
        first, last = map(number, self._host.time_range())
        self._editing.type({"extraction.start_frame": first, "extraction.end_frame": last})
        return f"Frames {first} to {last}."

    def _clear(self) -> str | None:
        frames = frames_of(self._editing.form.document)
        if not frames:
            return "There are no samples to clear."
        self._commands.clear_samples(self._editing.form.document, frames)
        return None

    def _count(self) -> None:
        found = frames_of(self._editing.form.document)
        self._frames.setText(f"Available Extracted Frame Count: {'unknown' if found is None else f'{found:,}'}")


def _whole(name: str, least: int, most: int, value: int) -> QtWidgets.QLineEdit:
    """A field for a whole number."""
    line = QtWidgets.QLineEdit(str(value))
    line.setObjectName(name)
    validator, plain = QtGui.QIntValidator(least, most, line), QtCore.QLocale.c()
    plain.setNumberOptions(QtCore.QLocale.NumberOption.RejectGroupSeparator)  # which `int` does not know
    validator.setLocale(plain)
    line.setValidator(validator)
    line.setToolTip(f"A whole number from {least:,} to {most:,}")
    line.setMaximumWidth(line.fontMetrics().horizontalAdvance(str(most)) + 24)
    return line


def _value(line: QtWidgets.QLineEdit) -> int:
    """What a field holds.

    Raises:
        GlmDeepError: no number.
    """
    if not line.hasAcceptableInput():
        raise GlmDeepError(f"{line.objectName()} is not {line.toolTip()[0].lower()}{line.toolTip()[1:]}")
    return int(line.text())
