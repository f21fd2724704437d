"""The import rules of docs/architecture.md, kept true for every file of the package."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "glm_deep"


@dataclass(frozen=True)
class Room:
    """The modules of a room, by the beginnings of their names inside glm_deep, and what they may import."""

    modules: tuple[str, ...]
    rooms: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    at_import: tuple[str, ...] | None = None  # what of `rooms` it may import when it is itself imported; None for all


SETTINGS = ("errors", "config", "dio", "configuration", "events", "rundir")
NUMBERS = ("bundle", "inputs", "metrics", "kernel", "verdict", "dataset", "character")

# The keys are those of the first column in docs/architecture.md. What a new file may import is decided there first.
ROOMS = {
    "errors": Room(("errors",)),
    "config, dio, configuration": Room(("config", "dio", "configuration"), ("errors", "rundir"), ("jsonschema",)),
    "events, rundir": Room(("events", "rundir"), ("errors",), ("filelock",)),
    "launch": Room(("launch",), ("errors",)),
    "bundle": Room(("bundle",), ("errors", "rundir"), ("numpy",)),
    "inputs": Room(("inputs",), ("errors",), ("numpy",)),
    "metrics": Room(("metrics",), ("errors",), ("numpy",)),
    "kernel": Room(("kernel",), (), ("numpy",)),
    "verdict": Room(("verdict",), ("errors",)),
    "dataset": Room(("dataset",), ("errors", "rundir", "inputs", "geometry.skinning"), ("numpy",)),
    "character": Room(("character",), (*SETTINGS, "bundle", "inputs", "dataset"), ("numpy",)),
    "geometry, basis": Room(("geometry", "basis"), ("errors",), ("numpy", "scipy", "sklearn")),
    "train": Room(
        ("train",),
        (
            *(*SETTINGS, *NUMBERS, "geometry", "basis"),
            *("runtime.evaluation", "runtime.evaluator", "runtime.model", "runtime.quality"),
        ),
        ("numpy", "scipy", "sklearn", "threadpoolctl", "torch", "tqdm", "filelock", "psutil"),
    ),
    "runtime": Room(
        ("runtime",), ("errors", "bundle", "inputs", "kernel", "metrics", "dataset", "geometry.skinning"), ("numpy",)
    ),
    "machine": Room(("machine",), ("errors",), ("platformdirs",)),
    "backends": Room(
        (
            "backends.back_end",
            "backends.choice",
            "backends.load",
            "backends.onnxruntime_back_end",
            "backends.opening",
            "backends.player",
        ),
        ("errors", "rundir", "inputs", "machine", "runtime", "backends"),
        ("numpy", "onnxruntime", "torch"),
        at_import=("errors", "rundir", "inputs", "machine", "runtime", "backends"),
    ),
    "backends on the GPU": Room(
        ("backends",),
        ("errors", "rundir", "machine", "runtime", "backends", "export"),
        ("numpy", "torch"),
    ),
    "commands.playing": Room(("commands.playing",), (*SETTINGS, *NUMBERS, "runtime", "backends"), ("numpy",)),
    "export": Room(
        ("export",),
        ("errors", "events", "rundir", "bundle", "inputs", "dataset", "runtime", "machine"),
        ("numpy", "torch", "onnx", "onnxruntime", "onnxscript", "tensorrt", "tensorrt_rtx", "google"),
    ),
    "cli, commands, progress": Room(
        ("cli", "commands", "progress", "__main__"),
        (*SETTINGS, *NUMBERS, "geometry", "basis", "train", "runtime", "export", "backends", "machine"),
        ("numpy", "tqdm", "glm_deep_ui"),
        at_import=SETTINGS,
    ),
}
# These run before any module inside them, so they ask for no more than the lightest of those: nothing.
WITHOUT_IMPORTS = ("", "geometry")

LIGHT_BACK_ENDS = ROOMS["backends"].modules
WITHOUT_NUMPY = (
    "errors",
    "config",
    "dio",
    "events",
    "rundir",
    "launch",
    "verdict",
    "cli",
    "commands",
    "progress",
    "machine",
    "__main__",
)
WITH_NUMPY = (
    "bundle",
    "inputs",
    "metrics",
    "kernel",
    "dataset",
    "character",
    "runtime",
    "geometry.skinning",
    *LIGHT_BACK_ENDS,
)
# What jsonschema 4.17 brings along; all of it runs as plain Python.
BROUGHT_ALONG = {"jsonschema", "attr", "attrs", "pyrsistent", "_pyrsistent_version", "pvectorc"}


@dataclass(frozen=True)
class Import:
    """One import statement: what it names, its line, and whether it runs with the module rather than in a function."""

    module: str
    line: int
    at_import: bool


def imports_of(source: str, module: str, is_package: bool) -> Iterator[Import]:
    """Every import of a source text, in functions too; relative ones with their full names."""

    def visit(node: ast.AST, at_import: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, at_import) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".")
            base = ".".join(parts[: len(parts) - node.level + is_package]) if node.level else ""
            origin = ".".join(part for part in (base, node.module) if part)
            yield from (Import(f"{origin}.{alias.name}", node.lineno, at_import) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("__import__", "importlib.import_module"):
            named = node.args[0]
            name = ast.literal_eval(named) if isinstance(named, ast.Constant) else "<unknown>"
            yield Import(name, node.lineno, at_import)
        for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        in_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        inside = at_import and not for_types and not in_function
        for child in ast.iter_child_nodes(node):
            yield from visit(child, inside)

    return visit(ast.parse(source), True)


def begins(module: str, beginnings: tuple[str, ...]) -> bool:
    """True when the module is one of those, or inside one of those."""
    return any(re.match(rf"{re.escape(beginning)}(?:[.]|$)", module) for beginning in beginnings)


def module_of(path: Path) -> str:
    """The name inside glm_deep of a file of the package; empty for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> Room:
    """The room that a module belongs to."""
    if module in WITHOUT_IMPORTS:
        return Room(())
    rooms = [room for room in ROOMS.values() if begins(module, room.modules)]
    assert rooms, f"glm_deep.{module} belongs to no room: declare it in docs/architecture.md and in ROOMS of this test"
    return rooms[0]


def complaint(room: Room, statement: Import) -> str | None:
    """Why a room may not have that import, or None where it may."""
    top, _, inside = statement.module.partition(".")
    if top != "glm_deep":
        if top in sys.stdlib_module_names or top in room.packages:
            return None
        return f"line {statement.line}: this room may not import {top}"
    if begins(inside, room.modules) or statement.module in ("glm_deep", "glm_deep.__version__"):
        return None
    if not begins(inside, room.rooms):
        return f"line {statement.line}: this room may not import glm_deep.{inside}"
    if statement.at_import and room.at_import is not None and not begins(inside, room.at_import):
        return f"line {statement.line}: import glm_deep.{inside} in the function that uses it"
    return None


def complaints(source: str, module: str, is_package: bool = False) -> list[str]:
    """All that a source text imports against the rules of its room."""
    room = room_of(module)
    found = imports_of(source, f"glm_deep.{module}".rstrip("."), is_package)
    return [text for text in (complaint(room, statement) for statement in found) if text]


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=[module_of(path) or "glm_deep" for path in FILES])
def test_a_file_imports_only_what_its_room_may(path: Path) -> None:
    found = complaints(path.read_text(encoding="utf-8"), module_of(path), path.name == "__init__.py")
    assert not found, f"{path.relative_to(ROOT).as_posix()}: " + "; ".join(found)


def test_the_rooms_are_those_of_the_document() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+`) \|", text, flags=re.MULTILINE)
    assert [row.replace("`", "") for row in rows] == list(ROOMS)


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("errors", "import enum", None),
        ("errors", "import numpy as np", "line 1: this room may not import numpy"),
        ("config", "def check():\n    import jsonschema", None),
        ("runtime.evaluator", "def load():\n    import torch", "line 2: this room may not import torch"),
        ("runtime.evaluator", "from glm_deep.geometry.skinning import posed", None),
        ("runtime.evaluator", "from glm_deep.geometry import skinning", None),
        (
            "runtime.evaluator",
            "from ..geometry import anchors",
            "line 1: this room may not import glm_deep.geometry.anchors",
        ),
        ("dataset.store", "from . import shards", None),
        ("dataset.store", "from ..train import run", "line 1: this room may not import glm_deep.train.run"),
        ("train.run", "from glm_deep.runtime.evaluator import Evaluator", None),
        ("train.run", "import glm_deep.runtime.engines", "line 1: this room may not import glm_deep.runtime.engines"),
        (
            "train.run",
            "import importlib\nimportlib.import_module('maya.cmds')",
            "line 2: this room may not import maya",
        ),
        ("commands.train", "def run():\n    from glm_deep.train.run import train", None),
        (
            "commands.train",
            "if True:\n    import glm_deep.train",
            "line 2: import glm_deep.train in the function that uses it",
        ),
        ("commands.info", "if TYPE_CHECKING:\n    from glm_deep.bundle import Bundle", None),
        ("commands.playing", "from glm_deep.runtime.evaluator import Evaluator", None),
        ("commands.playing", "import glm_deep.train.run", "line 1: this room may not import glm_deep.train.run"),
        ("geometry.skinning", "from glm_deep import __version__", None),
    ],
)
def test_the_rules_find_what_is_forbidden_and_nothing_else(module: str, source: str, found: str | None) -> None:
    assert complaints(source, module) == ([found] if found else [])


WINDOW = ROOT / "ui" / "glm_deep_ui"
LIGHT_FOR_THE_WINDOW = (*SETTINGS, "launch", "character", "bundle", "progress", "verdict")
PLOTS = {"numpy", "pyqtgraph"}
DRAWS = ("curve_plot", "plot_axes", "plot_curve", "plot_legend", "plot_lines")
ONLY_HERE = {"qt.py": {"PySide2", "PySide6"}, **{f"widgets/{name}.py": PLOTS for name in DRAWS}}


@pytest.mark.parametrize("path", sorted(WINDOW.rglob("*.py")), ids=lambda path: path.relative_to(WINDOW).as_posix())
def test_the_window_imports_light_rooms_alone_and_qt_in_one_place(path: Path) -> None:
    name = path.relative_to(WINDOW).as_posix()
    allowed = {*sys.stdlib_module_names, "glm_deep_ui", *ONLY_HERE.get(name, ())}
    for statement in imports_of(path.read_text(encoding="utf-8"), "glm_deep_ui", False):
        top, _, inside = statement.module.partition(".")
        if top == "glm_deep":
            assert begins(inside, LIGHT_FOR_THE_WINDOW), (
                f"{name}, line {statement.line}: glm_deep.{inside} is not light"
            )
        else:
            assert top in allowed, f"{name}, line {statement.line}: {top} does not belong here"


PLUGIN = ROOT / "plugin"
LIGHT_FOR_MAYA = (*LIGHT_FOR_THE_WINDOW, "inputs", "dataset", "geometry.skinning", "runtime", "machine", "backends")


@pytest.mark.parametrize("path", sorted(PLUGIN.rglob("*.py")), ids=lambda path: path.relative_to(PLUGIN).as_posix())
def test_the_plugin_imports_light_rooms_alone(path: Path) -> None:
    allowed = {*sys.stdlib_module_names, "glm_deep_maya", "glm_deep_ui", "maya", "numpy"}
    for statement in imports_of(path.read_text(encoding="utf-8"), "glm_deep_maya", False):
        top, _, inside = statement.module.partition(".")
        if top == "glm_deep" and inside:
            assert begins(inside, LIGHT_FOR_MAYA), f"line {statement.line}: glm_deep.{inside} is not light"
        else:
            assert top in {*allowed, "glm_deep"}, f"line {statement.line}: {top} does not belong here"


def test_a_file_of_no_room_is_refused_by_its_name() -> None:
    with pytest.raises(AssertionError, match=r"glm_deep\.novelty belongs to no room"):
        complaints("", "novelty")


def there_are(modules: tuple[str, ...]) -> list[str]:
    """The full names of all modules of the package that begin so."""
    return [f"glm_deep.{module_of(path)}" for path in FILES if begins(module_of(path), modules)]


def loaded_by(modules: list[str], forbidden: list[str]) -> set[str]:
    """What a new Python has loaded beyond the standard library after importing those, with some made un-importable."""
    program = (
        "import importlib, sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "sys.modules.update(dict.fromkeys(sys.argv[3].split(','), None))\n"
        "before = set(sys.modules)\n"
        "for name in sys.argv[2].split(','):\n"
        "    importlib.import_module(name)\n"
        "tops = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(tops - sys.stdlib_module_names))\n"
    )
    arguments = [str(ROOT), ",".join(modules), ",".join(forbidden)]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_rooms_without_arrays_load_where_there_is_no_numpy() -> None:
    modules = [module for module in there_are(WITHOUT_NUMPY) if module != "glm_deep.commands.playing"]
    loaded = loaded_by(modules, ["numpy", "torch", "scipy", "sklearn", "matplotlib"])
    assert loaded <= {"glm_deep", *BROUGHT_ALONG}


@pytest.mark.parametrize("module", WITH_NUMPY)
def test_a_light_room_loads_numpy_and_nothing_else(module: str) -> None:
    modules = there_are((module,))
    if not modules:
        pytest.skip(f"glm_deep.{module} is not there")
    assert loaded_by(modules, ["torch"]) <= {"glm_deep", "numpy"}
