"""One column in a narrow panel, two on a wide screen."""

from __future__ import annotations

from glm_deep_ui.qt import QtCore, QtWidgets

WIDE, SECOND_LEAST, MARGIN, GAP = 900, 320, 12, 10  # pixels
FIRST, ALONE = 480, 640  # pixels of the column beside a second widget, and at most without one, for a text of 15
_NO_LIMIT = 16_777_215  # what Qt takes for none


def columns_in(page: QtWidgets.QWidget) -> Columns:
    """Fills a page with a scroll area, which shows columns."""
    outer = QtWidgets.QVBoxLayout(page)
    outer.setContentsMargins(0, 0, 0, 0)
    area = QtWidgets.QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    outer.addWidget(area)
    columns = Columns(area)
    area.setWidget(columns)
    return columns


class Columns(QtWidgets.QWidget):
    """What a scroll area shows: a column, and a widget below it or, from `WIDE` on, beside it.

    Attributes:
        first: the layout of the column.
    """

    def __init__(self, area: QtWidgets.QScrollArea) -> None:
        super().__init__()
        self._area = area
        self._second: QtWidgets.QWidget | None = None
        self._both = QtWidgets.QBoxLayout(QtWidgets.QBoxLayout.Direction.TopToBottom, self)
        self._both.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self._both.setSpacing(GAP)
        self._column = QtWidgets.QWidget()
        self.first = QtWidgets.QVBoxLayout(self._column)
        self.first.setContentsMargins(0, 0, 0, 0)
        self.first.setSpacing(GAP)
        self._both.addWidget(self._column, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        # Its own size says too little: beside a long column it stays as tall as before when the window is made smaller.
        area.viewport().installEventFilter(self)

    def add_second(self, widget: QtWidgets.QWidget) -> None:
        """Takes what stands below or beside the column."""
        self._second = widget
        self._both.addWidget(widget, 1)
        self._both.addStretch(0)
        widget.installEventFilter(self)
        self._arrange()

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follows the size of the area, and whether there is a second widget to be seen."""
        kinds = QtCore.QEvent.Type
        if event.type() in (kinds.Resize, kinds.ShowToParent, kinds.HideToParent):
            self._arrange()
        return False

    def _arrange(self) -> None:
        """Takes one column or two."""
        second, flags = self._second, QtCore.Qt.AlignmentFlag
        beside = second is not None and not second.isHidden()
        # Not the viewport's width: the scroll bar that comes with one arrangement must not bring about the other.
        wide = self._area.width() >= WIDE
        ways = QtWidgets.QBoxLayout.Direction
        self._both.setDirection(ways.LeftToRight if wide and beside else ways.TopToBottom)
        self._size_column(wide, beside)
        if second is None:
            return
        # Beside a long column the second widget stays as tall as what is seen of both.
        seen = max(SECOND_LEAST, self._area.viewport().height() - 2 * MARGIN)
        second.setMinimumHeight(seen if wide else SECOND_LEAST)
        second.setMaximumHeight(seen if wide else _NO_LIMIT)
        self._both.setAlignment(second, flags.AlignTop if wide else flags(0))

    def _size_column(self, wide: bool, beside: bool) -> None:
        """Gives the column a width of its own where it does not fill the window."""
        flags = QtCore.Qt.AlignmentFlag
        room = self._area.viewport().width() - 2 * MARGIN
        larger = max(1.0, self.fontMetrics().height() / 15)
        if beside:
            most = min(round(FIRST * larger), (room - GAP) // 2) if wide else _NO_LIMIT
        else:
            most = round(ALONE * larger)
        fixed = most < room
        self._column.setMinimumWidth(most if fixed else 0)
        self._column.setMaximumWidth(most if fixed else _NO_LIMIT)
        centred = flags.AlignHCenter if fixed and not beside else flags(0)
        self._both.setAlignment(self._column, flags.AlignTop | centred)
