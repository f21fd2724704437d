"""How Maya gets its numpy, which does not come with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from maya import cmds


def numpy_line() -> str:
    """The line for a terminal that gives this Maya its numpy, where Maya 2023 and later look for packages of a user."""
    home, name = os.environ.get("MAYA_LOCATION"), "mayapy.exe" if os.name == "nt" else "mayapy"
    mayapy = Path(home, "bin", name).as_posix() if home else name
    target = Path(str(cmds.internalVar(userScriptDir=True)), "site-packages").as_posix()
    # 1.26.4 is the last one that the PySide of Maya 2023 to 2026 can live with; Python 3.13 came after it.
    wanted = "numpy>=2.1,<2.4" if sys.version_info >= (3, 13) else "numpy==1.26.4"
    return f'"{mayapy}" -m pip install --only-binary :all: --target "{target}" "{wanted}"'
