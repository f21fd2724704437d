"""Drop this file into a viewport of Maya: glm_deep is loaded, and is there whenever Maya starts.

Nothing is copied, so the folder that this file lies in has to stay where it is. To take glm_deep away again, untick
glm_deep_plugin.py in Maya's Plug-in Manager, and delete the glm_deep.mod that the dialog names.
"""

from __future__ import annotations

import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path

from maya import OpenMaya as om1
from maya import cmds

# Not resolved: on Windows, a drive letter would become the name of a server.
MODULE = Path(__file__).absolute().parent
PLUGIN = "glm_deep_plugin.py"


class InstallError(Exception):
    """Why nothing was installed, in one sentence."""


def onMayaDroppedPythonFile(*_: object) -> None:  # noqa: N802 - Maya's name
    """What Maya calls when this file is dropped: installs, and says what was done and what comes next."""
    try:
        said = install()
    except (InstallError, OSError, RuntimeError) as problem:
        said = f"glm_deep was not installed: {problem}"
    finally:
        sys.modules.pop(__name__, None)  # else Maya takes this one again when that of another folder is dropped
    _tell(said)


def install() -> str:
    """Loads the plug-in, now and whenever Maya starts; what was done and what comes next, in words.

    Raises:
        InstallError: the files of the module are not here.
    """
    packages, ours = _packages()
    version = _version(ours)
    is_new = _load(version)
    written = _write(version, packages)
    cmds.pluginInfo(PLUGIN, edit=True, autoload=True)
    done = [
        f"glm_deep {version} is installed, for each Maya of this user.",
        f"It stays in {MODULE.as_posix()}: please do not move that folder.",
        f"To take it away, untick {PLUGIN} in the Plug-in Manager and delete {written.as_posix()}",
        "",
        *_next(is_new),
    ]
    return "\n".join(done)


def _packages() -> tuple[list[str], str]:
    """The folders of packages, from the module, and the one with ours: those that were packed, or of a checkout."""
    packed = (MODULE / "site-packages").is_dir()
    found, ours = (["site-packages"], "scripts") if packed else (["..", "../ui"], "..")
    for path in (MODULE / "plug-ins" / PLUGIN, MODULE / "scripts", MODULE / ours / "glm_deep" / "__init__.py"):
        if not path.exists():
            raise InstallError(f"{path.as_posix()} is missing. Unpack the whole zip, and drop the file from there.")
    return found, ours


def _version(ours: str) -> str:
    """The version of glm_deep here; what Python has imported may be another one."""
    text = (MODULE / ours / "glm_deep" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    return found[1] if found else "0"


def _load(version: str) -> bool:
    """Loads the plug-in, which puts its packages on Python's path; False where this session keeps another one."""
    folder = MODULE / "plug-ins"
    known = [each for each in os.environ.get("MAYA_PLUG_IN_PATH", "").split(os.pathsep) if each]
    if folder.as_posix() not in known:
        os.environ["MAYA_PLUG_IN_PATH"] = os.pathsep.join([*known, folder.as_posix()])
    if not cmds.pluginInfo(PLUGIN, query=True, loaded=True):
        cmds.loadPlugin((folder / PLUGIN).as_posix())
        return True
    loaded = Path(str(cmds.pluginInfo(PLUGIN, query=True, path=True))).resolve()
    return loaded == (folder / PLUGIN).resolve() and cmds.pluginInfo(PLUGIN, query=True, version=True) == version


def _write(version: str, packages: list[str]) -> Path:
    """Tells each Maya of this user where the module is; the file that says so."""
    path = Path(str(cmds.internalVar(userAppDir=True)), "modules", "glm_deep.mod")
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"+ glm_deep {version} {MODULE.as_posix()}", *(f"PYTHONPATH +:= {each}" for each in packages)]
    path.write_bytes("".join(f"{line}\n" for line in lines).encode("utf-8"))
    return path


def _next(is_new: bool) -> list[str]:
    """What is left to do."""
    lines = []
    if not str(MODULE).isascii():  # in which encoding Maya reads a .mod is not documented
        lines += ["Should Maya not find glm_deep when it starts next, move that folder to a path of plain letters."]
    from glm_deep_maya.numpy_line import numpy_line  # which there is since the plug-in was loaded

    if find_spec("numpy") is None:
        lines += ["Next: numpy is missing in Maya. Run this in a terminal, then start Maya again:", numpy_line()]
    elif not is_new:
        lines += ["Next: start Maya again. Until then this session keeps the glm_deep that was loaded before."]
    else:
        lines += ["Next: open the window with glm_deep > Settings and Training."]
    return lines


def _tell(said: str) -> None:
    """Shows a text in a dialog where there are windows, and in the Script Editor, from which it can be copied."""
    om1.MGlobal.displayInfo(said)
    if om1.MGlobal.mayaState() in (om1.MGlobal.kInteractive, om1.MGlobal.kBaseUIMode):
        cmds.confirmDialog(title="glm_deep", message=said, button=["OK"])
