"""The door through which Maya loads glm_deep: registers the commands, and takes them away again.

Scenes remember the name of this file; it stays what it is. Loads without numpy and without torch.
"""

import sys
from pathlib import Path

from maya import OpenMaya as om1
from maya import OpenMayaMPx as ompx
from maya import cmds

VENDOR = "glm_deep"


def _make_importable(folder):
    """Puts the packages of the module on the path, also where the plug-in was loaded by its path alone.

    Answers with the folder in which ours lie.
    """
    module = Path(folder).resolve().parent
    ours, others = module / "scripts", [module / "site-packages"]
    if not others[0].is_dir():  # a checkout, in which they lie beside the module
        ours, others = module.parent, [module.parent, module.parent / "ui"]
    for path in (module / "scripts", *others):
        if path.is_dir() and str(path) not in sys.path:
            sys.path.append(str(path))
    return ours


def _say_if_another_is_loaded(packages, version):
    """Warns when this plug-in came with another version of the packages than the one that Python has loaded.

    Python keeps what was imported once, also after the plug-in was unloaded. It stays that way: with the modules taken
    out of `sys.modules` an open window, or a script, would go on with the old ones, and two versions of every class and
    of every exception would be about. A new version needs a new start of Maya.
    """
    file = packages / "glm_deep" / "__init__.py"
    if file.is_file() and f'__version__ = "{version}"' not in file.read_text(encoding="utf-8"):
        om1.MGlobal.displayWarning(
            f"glm_deep {version} was loaded before and is used until Maya starts again: {packages} has another version."
        )


def _command_class(command):
    """The class that Maya registers for a command."""

    class Registered(ompx.MPxCommand):
        def doIt(self, arguments):  # noqa: N802 - Maya's name
            from glm_deep_maya.calls import call

            result = call(command, om1.MArgDatabase(self.syntax(), arguments))
            if isinstance(result, list):
                for each in result:
                    self.appendToResult(each)
            else:
                self.setResult(result)

        def isUndoable(self):  # noqa: N802 - Maya's name
            return False

        def hasSyntax(self):  # noqa: N802 - Maya's name
            return True

    Registered.__name__ = command.name
    return Registered


def _syntax_of(command):
    """What creates the syntax of a command, for Maya to call."""

    def create():
        kinds = {"text": om1.MSyntax.kString, "switch": om1.MSyntax.kNoArg, "whole": om1.MSyntax.kLong}
        syntax = om1.MSyntax()
        for flag in command.flags:
            syntax.addFlag("-" + flag.short, "-" + flag.long, kinds[flag.kind])
        return syntax

    return create


def _creator_of(registered):
    return lambda: ompx.asMPxPtr(registered())


def initializePlugin(plugin):  # noqa: N802 - Maya's name
    """Registers all commands, or none."""
    found = ompx.MFnPlugin(plugin, VENDOR, "0", "Any")
    packages = _make_importable(found.loadPath())
    import glm_deep
    from glm_deep_maya.commands import COMMANDS

    found.setVersion(glm_deep.__version__)
    _say_if_another_is_loaded(packages, glm_deep.__version__)
    done = []
    try:
        for command in COMMANDS:
            found.registerCommand(command.name, _creator_of(_command_class(command)), _syntax_of(command))
            done.append(command.name)
        _show_menu()
    except RuntimeError:
        for name in reversed(done):
            found.deregisterCommand(name)
        raise


def _show_menu():
    """Adds the menu, as soon as Maya has its main window: a userSetup.py loads plug-ins before there is one."""
    from glm_deep_maya import menu

    if menu.has_window() and not cmds.window("MayaWindow", exists=True):
        cmds.evalDeferred(menu.build)
    else:
        menu.build()


def uninitializePlugin(plugin):  # noqa: N802 - Maya's name
    """Takes everything away that was registered, the last first."""
    found = ompx.MFnPlugin(plugin)
    from glm_deep_maya import menu
    from glm_deep_maya.commands import COMMANDS

    menu.remove()
    for command in reversed(COMMANDS):
        found.deregisterCommand(command.name)
