"""What there is of the character and what the last run has to say, in words."""

from __future__ import annotations

from pathlib import Path

from glm_deep_ui.qt import QtCore, QtWidgets
from glm_deep_ui.run_state import RunState
from glm_deep_ui.style import colours_of
from glm_deep_ui.summary import BROKEN, NO_MODEL, NO_SAMPLES, READY, STALE, Summary

_MODELS = {"differential": "Differential model", "subspaces": "Subspace models"}


class StateCard(QtWidgets.QFrame):
    """A card with the state of the model, the held-out error, the verdicts and the warnings."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._asks = False  # whether the headline says what to do first
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(4)
        self._headline = _label("headline")
        self._details = _label("quiet")
        self._verdicts = _label("verdicts")
        self._notes = _label("notes")
        for each in (self._headline, self._details, self._verdicts, self._notes):
            layout.addWidget(each)

    @property
    def says_anything(self) -> bool:
        """Whether there is anything in it to be seen."""
        return any(not each.isHidden() for each in (self._headline, self._details, self._verdicts, self._notes))

    def show_summary(self, summary: Summary) -> None:
        """Shows what there is."""
        colours = colours_of(self)
        dots = {READY: colours.good, STALE: colours.warning, BROKEN: colours.bad}
        self._asks = summary.state in (NO_SAMPLES, NO_MODEL)
        dot = dots.get(summary.state, colours.quiet)
        mark = "" if self._asks else f'<span style="color:{dot}">\N{BLACK CIRCLE}</span> '
        self._headline.setText(f"{mark}<b>{_plain(summary.headline)}</b>")
        _set(self._details, "<br>".join(_plain(line) for line in summary.details))

    def show_run(self, state: RunState, *, running: bool) -> None:
        """Shows what a run judges of its curves and warns of."""
        self._headline.setVisible(not (running and self._asks))
        colours = colours_of(self)
        lines = []
        for name, judged in state.verdicts.items():
            colour = {"good": colours.good, "too_early": colours.text}.get(judged.verdict, colours.warning)
            lines.append(
                f'<p style="margin: 4px 0 0 0"><span style="color:{colour}"><b>{_MODELS.get(name, name)}: '
                f"{_plain(judged.headline)}.</b></span> {_plain(judged.evidence)} {_plain(judged.advice)}</p>"
            )
        _set(self._verdicts, "".join(lines))
        exported = [f"Exported: {', '.join(Path(path).name for path in state.exported)}."] if state.exported else []
        notes = [*state.warnings, *exported, *state.not_exported]
        _set(self._notes, "<br>".join(f'<span style="color:{colours.quiet}">{_plain(each)}</span>' for each in notes))


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


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
