"""The window of glm_deep, docked in Maya and there again when Maya starts anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from maya import OpenMayaUI as omui1
from maya import cmds
from maya.app.general.mayaMixin import MayaQWidgetDockableMixin

from glm_deep import dio
from glm_deep.config import SCHEMA_VERSION
from glm_deep.errors import ConfigError, GlmDeepError
from glm_deep_maya import picks
from glm_deep_maya.config_node import config_nodes
from glm_deep_maya.host import MayaHost
from glm_deep_ui.form import MESHES
from glm_deep_ui.qt import QtWidgets
from glm_deep_ui.widgets.character_tabs import CharacterTabs

PANEL = "glmDeepPanel"
CONTROL = f"{PANEL}WorkspaceControl"
LAST = "glmDeepLastConfiguration"
_FILES = "glm_deep (*.dio)"

# Kept by Maya in the layout of its windows, and run when it starts again, also where glm_deep is there no more.
_RESTORE = """
try:
    from glm_deep_maya import dock
except ImportError:
    pass
else:
    dock.restore()
"""

_shown: list[Panel] = []  # Qt alone does not keep the Python part of a widget


class Panel(MayaQWidgetDockableMixin, QtWidgets.QWidget):  # type: ignore[misc]  # exactly these two bases: see maya.md
    """What the dock holds: the pages of a configuration, or how to open one.

    Args:
        path: the configuration; the one of the scene, or the last one, when it is empty.
    """

    def __init__(self, path: str = "") -> None:
        super().__init__()
        self.setObjectName(PANEL)
        self.setWindowTitle("glm_deep")
        self._layout = QtWidgets.QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._content: QtWidgets.QWidget | None = None
        self.open(path or _likely())

    def open(self, path: str) -> None:
        """Shows a configuration, or why it cannot be shown and how to open another one."""
        try:
            content = self._pages_of(path) if path else _Empty(self, "")
        except ConfigError as error:
            content = _Empty(self, str(error))
        else:
            if path:
                cmds.optionVar(stringValue=(LAST, path))
        self._put(content)

    def _put(self, content: QtWidgets.QWidget) -> None:
        if self._content is not None:
            self._content.deleteLater()
        self._content = content
        self._layout.addWidget(content)

    @staticmethod
    def _pages_of(path: str) -> QtWidgets.QWidget:
        return CharacterTabs(dio.load(path), MayaHost(Path(path)))

    def open_chosen(self, choose: Callable[[], str]) -> None:
        """Shows the configuration that the artist chooses or makes, if any, or why there is none."""
        try:
            chosen = choose()
        except GlmDeepError as error:
            self._put(_Empty(self, str(error)))
            return
        if chosen:
            self.open(chosen)


class _Empty(QtWidgets.QWidget):
    """A panel without a configuration."""

    def __init__(self, panel: Panel, problem: str) -> None:
        super().__init__()
        layout = QtWidgets.QVBoxLayout(self)
        text = QtWidgets.QLabel(problem or "Open the configuration of a character, or make one of the selected meshes.")
        text.setObjectName("nothing open")
        text.setWordWrap(True)
        layout.addWidget(text)
        for name, label, choose in (("open", "Open Configuration…", asked), ("new", "New Configuration…", created)):
            button = QtWidgets.QPushButton(label)
            button.setObjectName(name)
            button.clicked.connect(lambda *_, choose=choose: panel.open_chosen(choose))
            layout.addWidget(button)
        layout.addStretch(1)


def show(path: str = "") -> str:
    """Opens the window, docked at the right; the name of its control. Maya has to run with windows."""
    if cmds.workspaceControl(CONTROL, query=True, exists=True):
        cmds.workspaceControl(CONTROL, edit=True, close=True)
        if cmds.workspaceControl(CONTROL, query=True, exists=True):
            cmds.deleteUI(CONTROL, control=True)
    _forget()
    panel = Panel(path)
    _shown.append(panel)
    docked: Any = panel  # the stubs do not know what the mixin's own `show` takes
    docked.show(dockable=True, floating=False, area="right", width=460, height=820, uiScript=_RESTORE, retain=False)
    return CONTROL


def asked() -> str:
    """The configuration that the artist chooses; empty for none."""
    chosen = cmds.fileDialog2(fileMode=1, fileFilter=_FILES, caption="Open a configuration")
    return str(chosen[0]) if chosen else ""


def created() -> str:
    """A new configuration of the selected meshes, in a file that the artist names; empty for none.

    Raises:
        GlmDeepError: no mesh is selected, there is such a file already, or it cannot be written.
    """
    meshes = picks.selected(MESHES, [])
    chosen = cmds.fileDialog2(fileMode=0, fileFilter=_FILES, caption="New configuration of the selected meshes")
    if not chosen:
        return ""
    path = Path(str(chosen[0])).with_suffix(".dio")
    dio.save(dio.new(path, {"glm_deep": SCHEMA_VERSION, "asset": path.stem, "meshes": meshes}))
    return path.as_posix()


def restore() -> None:
    """Fills the dock that Maya is building again while it starts."""
    _forget()
    parent = omui1.MQtUtil.getCurrentParent()
    panel = Panel()
    _shown.append(panel)
    omui1.MQtUtil.addWidgetToMayaLayout(int(omui1.MQtUtil.findControl(PANEL)), int(parent))


def _forget() -> None:
    for panel in _shown:
        with suppress(RuntimeError):  # the dock has taken it along when it was closed
            panel.setObjectName("")  # which the new one is to have
            panel.deleteLater()
    _shown.clear()


def _likely() -> str:
    """The configuration that the scene names, else the one that was open last; empty where there is neither."""
    nodes = config_nodes()
    last = str(cmds.optionVar(query=LAST)) if cmds.optionVar(exists=LAST) else ""
    if nodes:
        return str(nodes[0].path)
    return last if last and Path(last).is_file() else ""
