"""The menu of glm_deep in Maya's main window, while there is one."""

from __future__ import annotations

from maya import OpenMaya as om1
from maya import cmds, mel

from glm_deep.errors import GlmDeepError
from glm_deep_maya import scene

MENU = "glmDeepMenu"
_LABEL = "glm_deep"

_ITEMS = (
    ("Settings and Training…", "Opens the window of glm_deep", "from glm_deep_maya import dock; dock.show()"),
    (
        "Open Configuration…",
        "Opens the window for another character",
        "from glm_deep_maya import menu; menu.open_configuration()",
    ),
    (
        "New Configuration…",
        "Makes one of the selected meshes, and opens the window for it",
        "from glm_deep_maya import menu; menu.new_configuration()",
    ),
    (
        "Duplicate Mesh Linear",
        "Copies the selected mesh with its skinCluster alone",
        "from glm_deep_maya import menu; menu.duplicate_selected()",
    ),
    (
        "Add To Shelf",
        "Adds a button to the shelf in front, which opens the window",
        "from glm_deep_maya import menu; menu.add_to_shelf()",
    ),
)
_OPEN = _ITEMS[0][2]


def has_window() -> bool:
    """Whether Maya runs with its windows."""
    return om1.MGlobal.mayaState() in (om1.MGlobal.kInteractive, om1.MGlobal.kBaseUIMode)


def build() -> None:
    """Adds the menu."""
    if not has_window():
        return
    remove()
    cmds.menu(MENU, label=_LABEL, parent="MayaWindow", tearOff=True)
    for label, hint, command in _ITEMS:
        cmds.menuItem(label=label, annotation=hint, command=command, sourceType="python", parent=MENU)  # type: ignore[arg-type]  # or text


def remove() -> None:
    """Takes the menu away."""
    if has_window() and cmds.menu(MENU, exists=True):
        cmds.deleteUI(MENU, menu=True)


def add_to_shelf() -> None:
    """Adds a button that opens the window to the shelf that is in front; one that is there already stays alone."""
    shelf = str(cmds.shelfTabLayout(mel.eval("$glmDeepShelf = $gShelfTopLevel"), query=True, selectTab=True))
    for each in scene.texts(cmds.shelfLayout(shelf, query=True, childArray=True)):
        if cmds.shelfButton(each, exists=True) and cmds.shelfButton(each, query=True, label=True) == _LABEL:
            cmds.warning(f"The shelf {shelf} has the button already.")
            return
    cmds.shelfButton(
        parent=shelf,
        label=_LABEL,
        annotation="Opens the window of glm_deep",
        image="commandButton.png",
        imageOverlayLabel="deep",
        command=_OPEN,  # type: ignore[arg-type]  # or text
        sourceType="python",
    )


def open_configuration() -> None:
    """Opens the window for a configuration that the artist chooses."""
    from glm_deep_maya import dock  # which wants Qt

    chosen = dock.asked()
    if chosen:
        dock.show(chosen)


def new_configuration() -> None:
    """Makes a configuration of the selected meshes, and opens the window for it."""
    from glm_deep_maya import dock  # which wants Qt

    try:
        chosen = dock.created()
    except GlmDeepError as error:
        cmds.warning(str(error))
        return
    if chosen:
        dock.show(chosen)


def duplicate_selected() -> None:
    """Makes the linear mesh of each selected mesh."""
    from glm_deep_maya.linear_mesh import duplicate_linear

    chosen = cmds.ls(selection=True, long=True, objectsOnly=True) or []
    if not chosen:
        cmds.warning("Select the mesh whose linear mesh is wanted.")
    for mesh in chosen:
        duplicate_linear(mesh)
