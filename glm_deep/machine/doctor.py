"""What this Python has of the packages that glm_deep can use, and what each of them is for."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

UNKNOWN = "of an unknown version"


@dataclass(frozen=True)
class Package:
    """A package as pip names it, the module that it brings, and another module that does as well."""

    name: str
    module: str
    instead: str = ""

    @property
    def version(self) -> str | None:
        """The version that is installed; None when it is not there."""
        if not _is_there(self.module):
            return f"as {self.instead}" if self.instead and _is_there(self.instead) else None
        try:
            return version(self.name)
        except PackageNotFoundError:
            return UNKNOWN  # Maya's own Qt says nothing of itself


@dataclass(frozen=True)
class Ability:
    """Something that glm_deep can do where some packages are.

    Attributes:
        name: what it is. extra: of pyproject.toml, that installs the packages; empty for what always comes along.
        packages: all of which it takes.
    """

    name: str
    extra: str
    packages: tuple[Package, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the packages that are not there."""
        return tuple(each.name for each in self.packages if each.version is None)

    @property
    def install(self) -> str:
        """The line that installs its packages, in a checkout of glm_deep."""
        return f'pip install ".[{self.extra}]"' if self.extra else "pip install ."


ABILITIES = (
    Ability(
        "playing models and importing frames",
        "",
        (Package("numpy", "numpy"), Package("platformdirs", "platformdirs"), Package("jsonschema", "jsonschema")),
    ),
    Ability(
        "training",
        "train",
        (
            Package("torch", "torch"),
            Package("scipy", "scipy"),
            Package("scikit-learn", "sklearn"),
            Package("threadpoolctl", "threadpoolctl"),
            Package("tqdm", "tqdm"),
            Package("filelock", "filelock"),
            Package("psutil", "psutil"),
        ),
    ),
    Ability(
        "ONNX graphs",
        "onnx",
        (Package("onnx", "onnx"), Package("onnxruntime", "onnxruntime"), Package("onnxscript", "onnxscript")),
    ),
    Ability("TensorRT engines", "tensorrt", (Package("tensorrt-rtx", "tensorrt_rtx"),)),
    Ability(
        "the window", "ui", (Package("PySide6-Essentials", "PySide6", "PySide2"), Package("pyqtgraph", "pyqtgraph"))
    ),
)


def python_in_words() -> str:
    """Which Python this is, and where."""
    return f"Python {platform.python_version()} on {platform.system() or sys.platform}: {sys.executable}"


def findings(abilities: Sequence[Ability] = ABILITIES) -> list[str]:
    """A line for each ability: what it has, or what it lacks and the line that installs it."""
    lines = []
    for each in abilities:
        if each.missing:
            lines.append(f"{each.name}: no, for want of {', '.join(each.missing)}. Install with: {each.install}")
        else:
            there = ", ".join(f"{package.name} {package.version}" for package in each.packages)
            lines.append(f"{each.name}: yes ({there})")
    return lines


def _is_there(module: str) -> bool:
    if module in sys.modules:
        return sys.modules[module] is not None
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
