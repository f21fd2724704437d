"""Plain arrows, since style sheets take away those of the system or draw them over a text that runs leftwards."""

from __future__ import annotations

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets

DOWN = ((-3.5, -1.5), (0.0, 2.0), (3.5, -1.5))
RIGHT = ((-1.5, -3.5), (2.0, 0.0), (-1.5, 3.5))
LEFT = ((1.5, -3.5), (-2.0, 0.0), (1.5, 3.5))


def draw_chevron(
    widget: QtWidgets.QWidget, painter: QtGui.QPainter, x: float, shape: tuple[tuple[float, float], ...]
) -> None:
    """Draws an arrow around a place on the middle line of a widget, in the colour of its text."""
    painter.save()
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.setPen(QtGui.QPen(widget.palette().color(QtGui.QPalette.ColorRole.ButtonText), 1.4))
    painter.translate(x, widget.height() / 2)
    painter.drawPolyline(QtGui.QPolygonF([QtCore.QPointF(*each) for each in shape]))
    painter.restore()


class Choice(QtWidgets.QComboBox):
    """A list of choices, which the wheel does not turn while somebody scrolls past it."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Leaves the wheel to what it lies in."""
        event.ignore()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draws the arrow where the line ends."""
        super().paintEvent(event)
        painter = QtGui.QPainter(self)
        draw_chevron(self, painter, 11 if self.isRightToLeft() else self.width() - 11, DOWN)
        painter.end()


class FoldButton(QtWidgets.QToolButton):
    """A heading with an arrow before it, which folds what is below it."""

    _ROOM = 18  # pixels for the arrow

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setText(text)
        self.toggled.connect(self.update)

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        """What text and arrow need."""
        metrics = self.fontMetrics()
        return QtCore.QSize(metrics.horizontalAdvance(self.text()) + self._ROOM + 8, metrics.height() + 8)

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        """The same: the text is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draws the ground as the style has it, then arrow and text in the direction of reading."""
        option = QtWidgets.QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QtGui.QPainter(self)
        self.style().drawComplexControl(QtWidgets.QStyle.ComplexControl.CC_ToolButton, option, painter, self)
        leftwards = self.isRightToLeft()
        shape = DOWN if self.isChecked() else LEFT if leftwards else RIGHT
        draw_chevron(self, painter, self.width() - 8 if leftwards else 8, shape)
        flags = QtCore.Qt.AlignmentFlag
        side = flags.AlignRight if leftwards else flags.AlignLeft
        room = self.rect().adjusted(4 if leftwards else self._ROOM, 0, -self._ROOM if leftwards else -4, 0)
        painter.setPen(self.palette().color(QtGui.QPalette.ColorRole.ButtonText))
        painter.drawText(room, int(side | flags.AlignVCenter | flags.AlignAbsolute), self.text())
        painter.end()
