"""Colours and shapes of the window, on a dark theme as Maya's and on a light one."""

from __future__ import annotations

from dataclasses import dataclass

from glm_deep_ui.qt import QtGui, QtWidgets


@dataclass(frozen=True)
class Colours:
    """The colours of one theme, as #rrggbb.

    Training is green and validation blue, in shades that the colour-blind can tell apart; line styles differ too.
    White is to be read on `primary`.
    """

    window: str
    panel: str
    line: str
    text: str
    quiet: str
    accent: str
    primary: str
    progress: str
    training: str
    validation: str
    ghost: str
    good: str
    warning: str
    bad: str


DARK = Colours(
    window="#2f3236",
    panel="#383c41",
    line="#4b5057",
    text="#e4e6e9",
    quiet="#a4aab2",
    accent="#66b0ec",
    primary="#2f6ea8",
    progress="#2a6398",
    training="#6cc070",
    validation="#5aa9ff",
    ghost="#7b828b",
    good="#7cc47f",
    warning="#e5b567",
    bad="#f08a7d",
)
LIGHT = Colours(
    window="#f3f4f6",
    panel="#ffffff",
    line="#d3d7dc",
    text="#1f2328",
    quiet="#5f6872",
    accent="#1f6fb5",
    primary="#1f6fb5",
    progress="#a9cdf0",
    training="#2c8a34",
    validation="#1560bd",
    ghost="#9aa2ab",
    good="#2c7a33",
    warning="#8f5e00",
    bad="#b3372a",
)


def colours_of(surrounds: QtWidgets.QWidget | QtWidgets.QApplication) -> Colours:
    """The theme that suits what surrounds a widget, or the desktop."""
    return LIGHT if surrounds.palette().color(QtGui.QPalette.ColorRole.Window).lightness() > 127 else DARK


def palette_of(colours: Colours) -> QtGui.QPalette:
    """The palette of a theme, for the window by itself; inside Maya its own is kept."""
    palette = QtGui.QPalette()
    roles = QtGui.QPalette.ColorRole
    for role, colour in (
        (roles.Window, colours.window),
        (roles.WindowText, colours.text),
        (roles.Base, colours.panel),
        (roles.AlternateBase, colours.window),
        (roles.Text, colours.text),
        (roles.Button, colours.panel),
        (roles.ButtonText, colours.text),
        (roles.ToolTipBase, colours.panel),
        (roles.ToolTipText, colours.text),
        (roles.Highlight, colours.primary),
        (roles.HighlightedText, "#ffffff"),
        (roles.PlaceholderText, colours.quiet),
    ):
        palette.setColor(role, QtGui.QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QtGui.QPalette.ColorGroup.Disabled, role, QtGui.QColor(colours.quiet))
    return palette


def sheet(colours: Colours) -> str:
    """The style sheet of the tab, for the application's font."""
    title = round(1.25 * QtGui.QFontInfo(QtWidgets.QApplication.font()).pixelSize())
    return f"""
    QWidget#tab {{ background: {colours.window}; color: {colours.text}; }}
    QFrame#card {{ background: {colours.panel}; border: 1px solid {colours.line}; border-radius: 6px; }}
    QLabel#title {{ font-size: {title}px; font-weight: 600; }}
    QLabel#quiet {{ color: {colours.quiet}; }}
    QLabel#heading {{ color: {colours.quiet}; font-weight: 600; }}
    QLabel[wrong="true"], QLabel#problem, QLabel#failed, QLabel[failed="true"] {{ color: {colours.bad}; }}
    QProgressBar {{ border: 1px solid {colours.line}; border-radius: 4px; background: {colours.window};
                    text-align: center; color: {colours.text}; min-height: 18px; }}
    QProgressBar::chunk {{ background: {colours.progress}; border-radius: 3px; }}
    QScrollArea {{ border: none; background: transparent; }}
    {_buttons(colours)}
    {_editors(colours)}
    {_pages(colours)}
    """


def _pages(colours: Colours) -> str:
    """The tabs of the pages, and the tables in them."""
    return f"""
    QTabWidget#pages::pane {{ border: none; border-top: 1px solid {colours.line}; }}
    QTabWidget#pages > QTabBar {{ background: {colours.window}; qproperty-drawBase: 0; }}
    QTabWidget#pages > QTabBar::tab {{ padding: 6px 7px; border: none; border-bottom: 2px solid transparent;
                                       background: transparent; color: {colours.quiet}; }}
    QTabWidget#pages > QTabBar::tab:selected {{ color: {colours.text}; border-bottom-color: {colours.accent}; }}
    QTabWidget#pages > QTabBar::tab:hover {{ color: {colours.text}; }}
    QTableWidget {{ background: {colours.panel}; color: {colours.text}; border: 1px solid {colours.line};
                    border-radius: 4px; gridline-color: {colours.line};
                    selection-background-color: {colours.primary}; selection-color: #ffffff; }}
    QTableWidget QLineEdit {{ border: none; border-radius: 0; padding: 0 3px; }}
    QHeaderView {{ background: {colours.panel}; border: none; }}
    QHeaderView::section {{ background: {colours.panel}; color: {colours.quiet}; padding: 4px 6px; border: none;
                            border-bottom: 1px solid {colours.line}; }}
    QPlainTextEdit {{ background: {colours.panel}; color: {colours.text}; border: 1px solid {colours.line};
                      border-radius: 4px; padding: 3px 6px; }}
    QPlainTextEdit:focus {{ border-color: {colours.accent}; }}
    """


def _buttons(colours: Colours) -> str:
    """Buttons; the one that has the keyboard wears a ring."""
    return f"""
    QPushButton {{ padding: 6px 12px; border: 1px solid {colours.line}; border-radius: 4px;
                   background: {colours.panel}; color: {colours.text}; }}
    QPushButton:hover {{ border-color: {colours.accent}; }}
    QPushButton:focus {{ padding: 5px 11px; border: 2px solid {colours.accent}; }}
    QPushButton:disabled {{ color: {colours.quiet}; }}
    QPushButton[primary="true"] {{ background: {colours.primary}; border-color: {colours.primary}; color: #ffffff;
                           font-weight: 600; }}
    QPushButton[primary="true"]:hover {{ border-color: {colours.accent}; }}
    QPushButton[primary="true"]:focus {{ border-color: {colours.text}; }}
    QPushButton[primary="true"]:disabled {{ background: {colours.panel}; border-color: {colours.line};
                                    color: {colours.quiet}; }}
    QPushButton[small="true"] {{ padding: 3px 8px; }}
    QPushButton[small="true"]:focus {{ padding: 2px 7px; }}
    QToolButton#fold {{ border: 1px solid transparent; border-radius: 4px; padding: 3px 0; background: transparent;
                        color: {colours.text}; font-weight: 600; }}
    QToolButton#reset {{ border: 1px solid transparent; border-radius: 4px; padding: 0 2px; background: transparent;
                         color: {colours.accent}; }}
    QToolButton#fold:hover, QToolButton#reset:hover {{ border-color: {colours.line}; }}
    QToolButton#fold:focus, QToolButton#reset:focus {{ border-color: {colours.accent}; }}
    """


def _editors(colours: Colours) -> str:
    """What settings are entered with."""
    return f"""
    QLineEdit, QComboBox {{ padding: 3px 6px; border: 1px solid {colours.line}; border-radius: 4px;
                            background: {colours.window}; color: {colours.text};
                            selection-background-color: {colours.primary}; selection-color: #ffffff; }}
    QLineEdit:focus, QComboBox:focus {{ border-color: {colours.accent}; }}
    QLineEdit[wrong="true"] {{ border-color: {colours.bad}; }}
    QComboBox::drop-down {{ border: none; width: 16px; }}
    QComboBox::down-arrow {{ image: none; }}
    QCheckBox {{ border: 1px solid transparent; border-radius: 4px; padding: 1px; }}
    QCheckBox:focus {{ border-color: {colours.accent}; }}
    QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {colours.line}; }}
    QSlider::handle:horizontal {{ width: 12px; margin: -5px 0; border: 1px solid {colours.accent}; border-radius: 7px;
                                  background: {colours.accent}; }}
    QSlider[automatic="true"]::handle:horizontal {{ border-color: {colours.quiet}; background: {colours.panel}; }}
    QSlider::handle:horizontal:disabled {{ border-color: {colours.line}; background: {colours.panel}; }}
    QSlider::handle:horizontal:focus {{ border: 2px solid {colours.text}; width: 10px; }}
    """
