"""The names, flags and constants that Maya has, read from the stub packages maya-stubs and types-maya.

They are found among the installed distributions, or in the site-packages folders that the environment variable
GLM_DEEP_MAYA_STUBS names (separated as in PATH).
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path

DISTRIBUTIONS = ("maya-stubs", "types-maya")
CREATE, EDIT, QUERY = "create", "edit", "query"


@dataclass
class StubCommand:
    """The flags of a command by mode, and the modes that it has (`can`)."""

    modes: dict[str, set[str]] = field(default_factory=lambda: {CREATE: set(), EDIT: set(), QUERY: set()})
    long_only: set[str] = field(default_factory=set)
    can: set[str] = field(default_factory=lambda: {CREATE})

    @property
    def flags(self) -> set[str]:
        """All flags, long and short ones."""
        return set().union(*self.modes.values()) | self.long_only


class Stubs:
    """What the stub files say; names are of modules such as `maya.api.OpenMaya`."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self._files: dict[str, list[Path]] = {}
        for root in roots:
            for path in sorted(root.rglob("*.pyi")):
                parts = [*path.relative_to(root).with_suffix("").parts]
                if parts and parts[-1] == "__init__":
                    parts.pop()
                self._files.setdefault(".".join(["maya", *parts]), []).append(path)

    def modules(self) -> set[str]:
        """The modules that there are stubs of."""
        return set(self._files)

    @cache  # noqa: B019  (there is one object, as long as the tests run)
    def _trees(self, module: str) -> list[ast.Module]:
        return [ast.parse(path.read_text(encoding="utf-8")) for path in self._files.get(module, [])]

    @cache  # noqa: B019
    def names(self, module: str) -> frozenset[str]:
        """What a module holds (not `maya.cmds`, which has its own function)."""
        return frozenset(name for tree in self._trees(module) for node in tree.body for name in _defined(node))

    @cache  # noqa: B019
    def members(self, module: str, name: str) -> dict[str, int | None] | None:
        """The members of a class with the numbers of its constants, inherited ones too; None if there is no class."""
        found: dict[str, int | None] = {}
        classes = [
            node
            for tree in self._trees(module)
            for node in tree.body
            if isinstance(node, ast.ClassDef) and node.name == name
        ]
        for made in classes:
            for base in made.bases:
                text = ast.unparse(base)
                above = self.members(*(text.rsplit(".", 1) if "." in text else (module, text)))
                found.update(above or {})
            for node in made.body:
                for each in _defined(node):
                    found[each] = _number(node) if found.get(each) is None else found[each]
        return found if classes else None

    @cache  # noqa: B019
    def _command_lines(self) -> dict[str, list[str]]:
        """The text of every definition in `maya.cmds`, by the name of the command."""
        found: dict[str, list[str]] = {}
        for path in self._files.get("maya.cmds", []):
            lines = path.read_text(encoding="utf-8").splitlines()
            place = 0
            while place < len(lines):
                match = re.match(r"def (\w+)\(", lines[place])
                if match is None:
                    place += 1
                    continue
                text = lines[place]
                while not text.endswith(": ..."):
                    place += 1
                    text += lines[place]
                found.setdefault(match[1], []).append(text)
                place += 1
        return found

    def commands(self) -> set[str]:
        """The commands of `maya.cmds`."""
        return set(self._command_lines())

    @cache  # noqa: B019
    def command(self, name: str) -> StubCommand | None:
        """The flags of a command, or None if there is no such command."""
        lines = self._command_lines().get(name)
        if lines is None:
            return None
        made = StubCommand()
        for line in lines:
            (function,) = ast.parse(line).body
            assert isinstance(function, ast.FunctionDef)
            flags = {arg.arg: ast.unparse(arg.annotation) if arg.annotation else "" for arg in function.args.kwonlyargs}
            literal = {arg for arg, kind in flags.items() if kind == "Literal[True]"}
            modes = {QUERY: {"query", "q"} & literal, EDIT: {"edit", "e"} & literal}
            if modes[QUERY] or modes[EDIT]:  # an overload of types-maya
                mode = QUERY if modes[QUERY] else EDIT
                made.modes[mode] |= set(flags) - modes[mode]
                made.can.add(mode)
            elif {"query", "edit"} & set(flags):  # one signature of maya-stubs
                own = set(flags) - {"query", "edit"}
                made.long_only |= own
                made.can |= {QUERY, EDIT} & set(flags)
                made.modes[CREATE] |= own
                made.modes[EDIT] |= own if "edit" in flags else set()
                made.modes[QUERY] |= {each for each in own if "Query" in flags[each]}
            else:
                made.modes[CREATE] |= set(flags)
                made.long_only |= {each for each in flags if len(each) > 3}
        return made


def _defined(node: ast.stmt) -> list[str]:
    """The names that a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def _number(node: ast.stmt) -> int | None:
    value = node.value if isinstance(node, (ast.AnnAssign, ast.Assign)) else None
    try:
        number = ast.literal_eval(value) if value is not None else None
    except ValueError:
        return None
    return number if isinstance(number, int) else None


@cache
def find() -> Stubs | str:
    """The stubs, or why there are none."""
    roots: dict[Path, None] = {}
    missing = []
    for name in DISTRIBUTIONS:
        try:
            files = metadata.files(name) or []
        except metadata.PackageNotFoundError:
            missing.append(name)
            continue
        for file in files:
            if file.suffix == ".pyi" and file.parts[0] == "maya-stubs":
                roots[Path(str(file.locate())).parents[len(file.parts) - 2]] = None
    for folder in os.environ.get("GLM_DEEP_MAYA_STUBS", "").split(os.pathsep):
        if folder and (Path(folder) / "maya-stubs").is_dir():
            roots[Path(folder) / "maya-stubs"] = None
            missing = [name for name in missing if not list(Path(folder).glob(f"{name.replace('-', '_')}-*.dist-info"))]
    if missing:
        return f"not installed: {', '.join(missing)} (they are stubs of Maya, only read; see tests/fakes/stubs.py)"
    made = Stubs(roots)
    if "MObject" not in made.names("maya.OpenMaya") or made.command("ls") is None:
        return "the stub packages overwrote each other; install types-maya first, then maya-stubs"
    return made
