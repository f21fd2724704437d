"""What there is of the character and what the last run has to say, in words."""

from __future__ import annotations

from pathlib import Path

from glm_deep_ui.qt import QtCore, QtWidgets
from glm_deep_ui.run_state import FAILED, RUNNING, RunState
from glm_deep_ui.style import colours_of
from glm_deep_ui.summary import BROKEN, NO_MODEL, NO_SAMPLES, READY, STALE, Summary

_MODELS = {"differential": "Differential model", "subspaces": "Subspace models"}
_HEALTHY = ("good", "too_early")


class StateCard(QtWidgets.QFrame):
    """A card with the state of the model, the held-out error, the verdicts and the warnings."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(4)
        self._headline = _label("headline")
        self._details = _label("quiet")
        self._verdicts = _label("verdicts")
        self._notes = _label("notes")
        for each in (self._headline, self._details, self._verdicts, self._notes):
            layout.addWidget(each)

    def show_summary(self, summary: Summary) -> None:
        """Shows what there is."""
        colours = colours_of(self)
        dots = {READY: colours.good, STALE: colours.warning, BROKEN: colours.bad}
        dot = dots.get(summary.state, colours.quiet)
        mark = "" if summary.state in (NO_SAMPLES, NO_MODEL) else f'<span style="color:{dot}">\N{BLACK CIRCLE}</span> '
        self._headline.setText(f"{mark}<b>{_plain(summary.headline)}</b>")
        _set(self._details, "<br>".join(_plain(line) for line in summary.details))

    def show_run(self, state: RunState) -> None:
        """Shows what a run judges of its curves and warns of."""
        colours = colours_of(self)
        lines = []
        for name, judged in state.verdicts.items():
            colour = colours.good if judged.verdict in _HEALTHY else colours.warning
            lines.append(
                f'<span style="color:{colour}"><b>{_MODELS.get(name, name)}: {_plain(judged.headline)}.</b></span> '
                f"{_plain(judged.evidence)} {_plain(judged.advice)}"
            )
        _set(self._verdicts, "<br>".join(lines) if state.state in (RUNNING, FAILED) or lines else "")
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
