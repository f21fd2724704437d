"""How Maya gets its numpy, which does not come with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from maya import cmds

from glm_deep.errors import first_line


def numpy_line() -> str:
    """The line for a terminal that gives this Maya its numpy, where Maya 2023 and later look for packages of a user."""
    home, name = os.environ.get("MAYA_LOCATION"), "mayapy.exe" if os.name == "nt" else "mayapy"
    mayapy = Path(home, "bin", name).as_posix() if home else name
    target = Path(str(cmds.internalVar(userScriptDir=True)), "site-packages").as_posix()
    # 1.26.4 is the last one that the PySide of Maya 2023 to 2026 can live with; Python 3.13 came after it.
    wanted = "numpy>=2.1,<2.4" if sys.version_info >= (3, 13) else "numpy==1.26.4"
    return f'"{mayapy}" -m pip install --only-binary :all: --target "{target}" "{wanted}"'


def about_numpy(error: ImportError) -> str:
    """What to do about a numpy that is missing, or does not fit this Maya; other errors are raised again."""
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "numpy":
        return f"the package numpy is missing in Maya. Run this in a terminal: {numpy_line()}"
    if "numpy" not in str(error):
        raise error
    return (
        f"the package numpy cannot be loaded in Maya ({first_line(error)}); it was perhaps made for another Python. "
        f"Run this in a terminal, and start Maya again: {numpy_line()} --upgrade"
    )
