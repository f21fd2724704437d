"""What Maya's own Python has of what the plug-in needs there."""

from __future__ import annotations

from maya import cmds

from glm_deep.machine.doctor import ABILITIES, python_in_words
from glm_deep_maya.numpy_line import numpy_line


def own_python() -> str:
    """Which Python Maya runs, whether it has numpy, and the line that installs it where it has not."""
    (numpy,) = [package for each in ABILITIES for package in each.packages if package.name == "numpy"]
    lines = [f"Maya {cmds.about(version=True)}, {python_in_words()}"]
    if numpy.version is None:
        lines += ["  numpy: no. For a terminal, then start Maya again:", f"  {numpy_line()}"]
    else:
        lines += [f"  extraction: yes (numpy {numpy.version})"]
    return "\n".join(lines)
