"""The Maya names and flags that a source uses, and whether Maya has them: read from the source, nothing is run.

    problems = check(source, stubs.find(), own={"glmDeepTrain"})

What is found: names reached through imported `maya` modules, members of classes of the API (of the class itself, of
what it makes, and of variables that hold what it makes), commands with their flags, and `getattr` of such with a text.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from stubs import CREATE, EDIT, QUERY, StubCommand, Stubs

MODULES_WITHOUT_STUBS = {
    "maya.app": "a package of Python files, of which maya.md 4.2 names mayaMixin",
    "maya.app.general": "the same",
    "maya.app.general.mayaMixin": "docks a widget (maya.md 4.2); of Autodesk's own Python files there are no stubs",
}
NAMES_WITHOUT_STUBS = {
    ("maya.app.general.mayaMixin", "MayaQWidgetDockableMixin"): "maya.md 4.2",
    ("maya.app.general.mayaMixin", "MayaQWidgetBaseMixin"): "the base of the former",
}
_EXISTS = "maya.md 4.2 and Autodesk's own scripts ask `query=True, exists=True`; the documentation lists creation only"
_KEYS = "the documentation lists it without query, where it chooses the keys that are asked for"
FLAGS_WITHOUT_STUBS: dict[tuple[str, str, str], str] = {
    ("optionVar", "query", QUERY): "its query flag takes the name of the variable",
    **{
        (command, name, QUERY): _EXISTS
        for command in (
            "workspaceControl",
            "menu",
            "menuItem",
            "shelfLayout",
            "shelfTabLayout",
            "shelfButton",
            "window",
            "control",
            "layout",
            "progressBar",
        )
        for name in ("exists", "ex")
    },
    **{("keyframe", name, QUERY): _KEYS for name in ("attribute", "at", "time", "t", "index")},
}
"""What Maya has though the stubs lack it: (command, flag, mode), with the reason."""


@dataclass(frozen=True)
class Use:
    """A name of a module with its line: `path` is such as `MSpace.kWorld`; the flags of a call where it is one."""

    module: str
    path: str
    line: int
    flags: tuple[str, ...] | None = None
    mode: str = CREATE
    opaque: bool = False


@dataclass
class _Scope:
    """What the variables of a module or a function stand for: modules and names, or objects of a class."""

    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    objects: dict[str, tuple[str, str] | None] = field(default_factory=dict)


def names_used(source: str) -> list[Use]:
    """All uses of Maya in a source."""
    tree = ast.parse(source)
    return list(dict.fromkeys(_Walker(tree).uses()))


def check(source: str, stubs: Stubs, own: Collection[str] = (), where: str = "") -> list[str]:
    """What is wrong with a source, one line each; `own` are commands that plug-ins add."""
    problems = []
    for use in names_used(source):
        for text in _wrong(use, stubs, own):
            problems.append(f"{where}{':' if where else 'line '}{use.line}: {text}")
    return list(dict.fromkeys(problems))


def _wrong(use: Use, stubs: Stubs, own: Collection[str]) -> Iterator[str]:
    if use.module not in stubs.modules():
        if use.module not in MODULES_WITHOUT_STUBS:
            yield f"there is no module {use.module}"
        elif use.path and not _known_without_stubs(use.module, use.path.partition(".")[0]):
            yield f"{use.module} has no {use.path}, as far as is known"
        return
    if not use.path:
        return
    if use.module == "maya.cmds":
        yield from _wrong_command(use, stubs, own)
        return
    first, _, member = use.path.partition(".")
    if first not in stubs.names(use.module) and f"{use.module}.{first}" not in stubs.modules():
        yield f"{use.module} has no {first}"
        return
    members = stubs.members(use.module, first) if member else None
    if members is not None and member.partition(".")[0] not in members and not member.startswith("__"):
        yield f"{use.module}.{first} has no {member}"


def _known_without_stubs(module: str, name: str) -> bool:
    return (module, name) in NAMES_WITHOUT_STUBS or f"{module}.{name}" in MODULES_WITHOUT_STUBS


def _wrong_command(use: Use, stubs: Stubs, own: Collection[str]) -> Iterator[str]:
    name = use.path.partition(".")[0]
    if name in own:
        return
    command = stubs.command(name)
    if command is None:
        yield f"there is no command {name}"
        return
    if use.opaque:
        yield f"{name}: the flags of a ** that is no literal cannot be checked"
    for flag in use.flags or ():
        yield from _wrong_flag(name, flag, use.mode, command)


def _wrong_flag(name: str, flag: str, mode: str, command: StubCommand) -> Iterator[str]:
    if (name, flag, mode) in FLAGS_WITHOUT_STUBS:
        return
    if flag in (QUERY, EDIT):
        if flag not in command.can:
            yield f"{name} cannot be used with {flag}"
        return
    if flag in ("q", "e"):
        yield f"{name}: write {'query' if flag == 'q' else 'edit'} instead of {flag}"
        return
    if flag not in command.flags:
        yield f"{name} has no flag {flag}"
    elif flag not in command.modes[mode]:
        yield f"{name} has no flag {flag} in {mode} mode"
    elif len(flag) <= 3 and flag not in command.long_only and not keyword.iskeyword(flag):
        yield f"{name}: write the long name of the flag {flag}"


class _Walker:
    """Finds the uses of one source, function by function."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._found: list[Use] = []

    def uses(self) -> list[Use]:
        """All uses, in the order of their lines."""
        self._body(self._tree, _Scope())
        return sorted(self._found, key=lambda use: (use.line, use.path))

    def _body(self, node: ast.AST, outer: _Scope) -> None:
        scope = _Scope(dict(outer.names), dict(outer.objects))
        inner: list[ast.AST] = []
        statements = list(_own_nodes(node, inner))
        for each in statements:
            self._import(each, scope)
        for each in statements:
            self._bind(each, scope)
        for each in statements:
            self._use(each, scope)
        for each in inner:
            self._body(each, scope)

    def _import(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name.split(".")[0] == "maya":
                    self._found.append(Use(name.name, "", node.lineno))
                    scope.names[name.asname or "maya"] = (name.name, "") if name.asname else ("maya", "")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "maya" and not node.level:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                is_module = full in _MODULES
                target = (full, "") if is_module else (node.module or "", name.name)
                scope.names[name.asname or name.name] = target
                self._found.append(Use(target[0], target[1], node.lineno))

    def _bind(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name, made = node.targets[0].id, self._made(node.value, scope)
            known = scope.objects.get(name, made)
            scope.objects[name] = made if made == known else None

    def _path(self, node: ast.AST, scope: _Scope) -> tuple[str, str] | None:
        """The module and path that an expression stands for."""
        if isinstance(node, ast.Name):
            return scope.names.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self._path(node.value, scope)
            if base is None:
                return None
            module, path = base
            if not path and f"{module}.{node.attr}" in _MODULES:
                return f"{module}.{node.attr}", ""
            return module, f"{path}.{node.attr}" if path else node.attr
        return None

    def _made(self, node: ast.AST, scope: _Scope) -> tuple[str, str] | None:
        """The class of the API whose object an expression makes."""
        if isinstance(node, ast.Call):
            target = self._path(node.func, scope)
            if target and "OpenMaya" in target[0] and target[1][:1] == "M" and "." not in target[1]:
                return target
        return None

    def _use(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, ast.Call):
            self._call(node, scope)
        elif isinstance(node, ast.Attribute):
            target = self._path(node, scope)
            if target and target[1]:
                self._found.append(Use(*target, node.lineno))
                return
            owner = self._made(node.value, scope)
            if owner is None and isinstance(node.value, ast.Name):
                owner = scope.objects.get(node.value.id)
            if owner is not None:
                self._found.append(Use(owner[0], f"{owner[1]}.{node.attr}", node.lineno))

    def _call(self, node: ast.Call, scope: _Scope) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) >= 2:
            base, name = self._path(node.args[0], scope), node.args[1]
            if base and isinstance(name, ast.Constant) and isinstance(name.value, str):
                path = f"{base[1]}.{name.value}" if base[1] else name.value
                self._found.append(Use(base[0], path, node.lineno))
            return
        target = self._path(node.func, scope)
        if target is None or target[0] != "maya.cmds" or not target[1]:
            return
        flags: list[str] = []
        opaque, mode = False, CREATE
        for word in node.keywords:
            names = [word.arg] if word.arg else _literal_keys(word.value)
            opaque = opaque or names is None
            flags += names or []
            if word.arg in (QUERY, "q", EDIT, "e") and not _is_false(word.value):
                mode = QUERY if word.arg in (QUERY, "q") else EDIT
        self._found.append(Use(*target, node.lineno, tuple(flags), mode, opaque))


_MODULES = {
    "maya.cmds",
    "maya.mel",
    "maya.utils",
    "maya.standalone",
    "maya.OpenMaya",
    "maya.OpenMayaMPx",
    "maya.OpenMayaAnim",
    "maya.OpenMayaUI",
    "maya.OpenMayaFX",
    "maya.OpenMayaRender",
    "maya.api",
    "maya.api.OpenMaya",
    "maya.api.OpenMayaAnim",
    "maya.api.OpenMayaUI",
    "maya.api.OpenMayaRender",
    "maya.api.MDGContextGuard",
    "maya.app",
    "maya.app.general",
    "maya.app.general.mayaMixin",
}


def _own_nodes(node: ast.AST, inner: list[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of a module or function but those of the functions in it, which come into `inner`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            inner.append(child)
            continue
        yield child
        yield from _own_nodes(child, inner)


def _literal_keys(node: ast.AST) -> list[str] | None:
    if not isinstance(node, ast.Dict):
        return None
    keys = [key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return keys if len(keys) == len(node.keys) else None


def _is_false(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
