"""What there is of the character and what the last run has to say, in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glm_deep.events import Judged
from glm_deep_ui.qt import QtCore, QtWidgets
from glm_deep_ui.run_state import RunState
from glm_deep_ui.style import Colours, colours_of
from glm_deep_ui.summary import BROKEN, NO_MODEL, NO_SAMPLES, READY, STALE, Summary
from glm_deep_ui.widgets.error_table import ErrorTable

_MODELS = {"differential": "Differential model", "subspaces": "Subspace models"}


class StateCard(QtWidgets.QFrame):
    """A card with the state of the model, the verdicts, the held-out error and the warnings."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._asks = False  # whether the headline says what to do first
        self._layout = QtWidgets.QVBoxLayout(self)
        self._layout.setContentsMargins(12, 10, 12, 10)
        self._layout.setSpacing(4)
        self._headline = _label("headline")
        self._details = _label("quiet")
        self._verdicts = _label("verdicts")
        self._notes = _label("quiet")
        self._errors: ErrorTable | None = None
        self._meshes: Mapping[str, Any] = {}
        for each in (self._headline, self._details, self._verdicts, self._notes):
            self._layout.addWidget(each)
            each.setVisible(each is self._headline)

    @property
    def says_anything(self) -> bool:
        """Whether there is anything in it to be seen."""
        parts = (self._headline, self._details, self._verdicts, self._errors, self._notes)
        return any(each is not None and not each.isHidden() for each in parts)

    def show_summary(self, summary: Summary) -> None:
        """Shows what there is."""
        colours = colours_of(self)
        dots = {READY: colours.good, STALE: colours.warning, BROKEN: colours.bad}
        self._asks = summary.state in (NO_SAMPLES, NO_MODEL)
        dot = dots.get(summary.state, colours.quiet)
        mark = "" if self._asks else f"{_coloured(dot, chr(0x25CF))} "
        stale = f" {_coloured(dot, '(stale)')}" if summary.state == STALE else ""
        self._headline.setText(f"{mark}<b>{_plain(summary.headline)}{stale}</b>")
        _set(self._details, "<br>".join(_plain(line) for line in summary.details))
        self._show_errors((summary.report or {}).get("meshes", {}))

    def _show_errors(self, meshes: Mapping[str, Any]) -> None:
        if meshes == self._meshes:
            return
        self._meshes = meshes
        if self._errors is not None:
            self._errors.hide()
            self._errors.deleteLater()
            self._errors = None
        if meshes:
            self._errors = ErrorTable(meshes)
            self._layout.insertWidget(self._layout.indexOf(self._notes), self._errors)

    def show_run(self, state: RunState, *, running: bool) -> None:
        """Shows what a run judges of its curves and warns of."""
        self._headline.setVisible(not (running and self._asks))
        _set(self._verdicts, _in_words(state.verdicts, colours_of(self)))
        exported = [f"Exported: {', '.join(Path(path).name for path in state.exported)}."] if state.exported else []
        notes = [*state.warnings, *exported, *state.not_exported]
        _set(self._notes, "<br>".join(_plain(each) for each in notes))


def _in_words(verdicts: Mapping[str, Judged], colours: Colours) -> str:
    """The verdicts below one another: each in a line, its evidence quietly, and what to do about it."""
    lines = []
    judgements = list(verdicts.items())
    for place, (name, judged) in enumerate(judgements):
        colour = {"good": colours.good, "too_early": colours.text}.get(judged.verdict, colours.warning)
        headline = f"<b>{_MODELS.get(name, name)}: {_plain(judged.headline)}.</b>"
        evidence = _coloured(colours.quiet, _plain(judged.evidence))
        # What two verdicts advise in the same words is said once, after both.
        again = any(later.advice == judged.advice for _, later in judgements[place + 1 :])
        # A good one advises to look at the errors, which the card shows below.
        silent = again or not judged.advice or (judged.verdict == "good" and not judged.live)
        advice = "" if silent else f"<br>{_plain(judged.advice)}"
        lines.append(f'<p style="margin: 4px 0 2px 0">{_coloured(colour, headline)}<br>{evidence}{advice}</p>')
    return "".join(lines)


def _label(name: str) -> QtWidgets.QLabel:
    label = QtWidgets.QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(QtCore.Qt.TextFormat.RichText)
    label.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _set(label: QtWidgets.QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
    label.setVisible(bool(text))


def _coloured(colour: str, text: str) -> str:
    return f'<span style="color:{colour}">{text}</span>'


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
