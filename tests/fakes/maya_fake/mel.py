"""The little of MEL that is needed: commands with flags and quoted strings, `$variable = ...`, `eval(...)`.

What Maya's parser refuses is refused: an unquoted path, a stray backslash, a string without end, an unknown command.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from maya_fake.ui_state import VARIABLES

_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<back>`)"""
    r"""|(?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)|(?P<variable>\$[A-Za-z_]\w*)"""
    r"""|(?P<word>[A-Za-z_|:][\w|:]*(?:\[\d+(?::\d+)?\])?(?:\.[A-Za-z_]\w*(?:\[\d+(?::\d+)?\])?)*)"""
    r"""|(?P<sign>[;=(){}\[\],+\-*/%<>!&?.@])""",
    re.S | re.X,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Token:
    """A piece of MEL: its kind, its text, and whether there is a blank before it."""

    kind: str
    text: str
    apart: bool


def syntax_error(text: str) -> RuntimeError:
    """What `mel.eval` raises for what cannot be parsed."""
    return RuntimeError(f"Error occurred during execution of MEL script\nSyntax error: {text}")


def tokens(text: str) -> list[Token]:
    """The pieces of a text.

    Raises:
        RuntimeError: there is a character that MEL does not know.
    """
    made, place, apart = [], 0, True
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise syntax_error(f"Invalid character or unterminated string at {text[place : place + 20]!r}")
        kind = str(found.lastgroup)
        if kind in ("space", "comment"):
            apart = True
        else:
            made.append(Token(kind, found.group(), apart))
            apart = False
        place = found.end()
    return made


def unescaped(text: str) -> str:
    """What a quoted string stands for; an unknown escape loses its backslash, as in Maya."""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1], flags=re.S)


class _Reader:
    """Runs the statements of a text one by one, after all of it has been parsed."""

    def __init__(self, scene: Any, text: str) -> None:
        self.scene = scene
        self.tokens = tokens(text)
        self.place = 0

    def peek(self) -> Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def next(self) -> Token:
        token = self.peek()
        if token is None:
            raise syntax_error("unexpected end of the statement")
        self.place += 1
        return token

    def expect(self, sign: str) -> None:
        token = self.next()
        if token.text != sign or token.kind not in ("sign", "back"):
            raise syntax_error(f"{sign!r} expected, not {token.text!r}")

    def statements(self) -> list[Any]:
        made = []
        while self.peek() is not None:
            if self.peek().text == ";":  # type: ignore[union-attr]
                self.next()
                continue
            made.append(self.statement())
            if self.peek() is not None:
                self.expect(";")
        return made

    def statement(self) -> Any:
        token = self.next()
        if token.kind == "word" and token.text in ("global", "string", "int", "float"):
            while token.kind == "word" and token.text in ("global", "string", "int", "float"):
                token = self.next()
            if token.kind != "variable":
                raise syntax_error(f"a variable expected, not {token.text!r}")
            if self.peek() is None or self.peek().text == ";":  # type: ignore[union-attr]
                return ("declare", token.text[1:])
        if token.kind == "variable":
            if self.peek() is not None and self.peek().text == "=":  # type: ignore[union-attr]
                self.next()
                return ("assign", token.text[1:], self.expression())
            return ("get", token.text[1:])
        if token.kind == "word":
            return self.call(token)
        raise syntax_error(token.text)

    def expression(self) -> Any:
        token = self.next()
        if token.kind == "string":
            left: Any = ("value", unescaped(token.text))
        elif token.kind == "number":
            left = ("value", number(token.text))
        elif token.kind == "variable":
            left = ("get", token.text[1:])
        elif token.kind == "back":
            left = self.call(self.next(), "`")
            self.expect("`")
        elif token.kind == "sign" and token.text == "(":
            left = self.expression()
            self.expect(")")
        elif token.kind == "sign" and token.text == "-":
            left = ("value", -number(self.next().text))
        elif token.kind == "word" and self.peek() is not None and self.peek().text == "(":  # type: ignore[union-attr]
            left = self.call(token)
        else:
            raise syntax_error(token.text)
        if self.peek() is not None and self.peek().text == "+":  # type: ignore[union-attr]
            self.next()
            return ("add", left, self.expression())
        return left

    def call(self, name: Token, end: str = ";") -> Any:
        if name.kind != "word":
            raise syntax_error(name.text)
        if name.text not in self.scene.commands and name.text not in (
            "eval",
            "python",
            "print",
            "catch",
            "catchQuiet",
            "source",
        ):
            raise RuntimeError(f'Error occurred during execution of MEL script\nCannot find procedure "{name.text}".')
        if self.peek() is not None and self.peek().text == "(" and not self.peek().apart:  # type: ignore[union-attr]
            self.next()
            arguments = []
            while self.peek() is not None and self.peek().text != ")":  # type: ignore[union-attr]
                arguments.append(self.expression())
                if self.peek() is not None and self.peek().text == ",":  # type: ignore[union-attr]
                    self.next()
            self.expect(")")
            return ("call", name.text, arguments)
        arguments = []
        while (token := self.peek()) is not None and token.text not in (";", end) and token.text != ")":
            arguments.append(self.argument())
        return ("call", name.text, arguments)

    def argument(self) -> Any:
        """One argument in command syntax: a flag, a quoted string, a number, a single word, or (expression)."""
        token = self.peek()
        assert token is not None
        if not token.apart:
            raise syntax_error(f"{token.text!r} right behind another argument")
        if token.kind == "sign" and token.text == "-":
            self.next()
            follower = self.next()
            if follower.apart or follower.kind not in ("word", "number"):
                raise syntax_error("-")
            return ("flag", follower.text) if follower.kind == "word" else ("value", -number(follower.text))
        if token.kind == "word":
            self.next()
            follower = self.peek()
            if follower is not None and not follower.apart and follower.text not in (";", ")", "`"):
                raise syntax_error(f"{token.text}{follower.text}: quotes are needed")
            return ("value", token.text)
        return self.expression()


def number(text: str) -> float | int:
    """A number as MEL reads it."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def evaluate_mel(scene: Any, text: str) -> Any:
    """Run MEL; the value of the last statement.

    Raises:
        RuntimeError: it cannot be parsed, a command does not exist, or fails.
    """
    if not isinstance(text, str):
        raise TypeError("mel.eval takes a string")
    statements = _Reader(scene, text).statements()
    result = None
    for statement in statements:
        result = _value(scene, statement)
    return result


def _value(scene: Any, part: Any) -> Any:
    kind, *rest = part
    if kind == "value":
        return rest[0]
    if kind == "get":
        return _variable(scene, rest[0])
    if kind == "declare":
        return None
    if kind == "assign":
        scene.mel_variables[rest[0]] = _value(scene, rest[1])
        return scene.mel_variables[rest[0]]
    if kind == "add":
        left, right = _value(scene, rest[0]), _value(scene, rest[1])
        return f"{left}{right}" if isinstance(left, str) or isinstance(right, str) else left + right
    assert kind == "call"
    return _run(scene, *rest)


def _variable(scene: Any, name: str) -> Any:
    if name in scene.mel_variables:
        return scene.mel_variables[name]
    if name in VARIABLES:
        return VARIABLES[name] if scene.interactive else ""
    raise syntax_error(f'"${name}" is an undeclared variable.')


def _run(scene: Any, name: str, arguments: list[Any]) -> Any:
    if name in ("catch", "catchQuiet"):
        try:
            _value(scene, arguments[0])
        except RuntimeError as error:
            scene.say("error", str(error))
            return 1
        return 0
    if name == "eval":
        return evaluate_mel(scene, " ".join(str(_value(scene, each)) for each in arguments))
    if name == "python":
        text = str(_value(scene, arguments[0]))
        try:
            return eval(text, scene.main_names)
        except SyntaxError:
            return exec(text, scene.main_names)
    if name == "print":
        scene.say("output", str(_value(scene, arguments[0])))
        return None
    if name == "source":
        raise RuntimeError("source: not faked")
    try:
        args, flags = _gathered(scene, name, arguments)
        return scene.run(name, *args, **flags)
    except (TypeError, ValueError, RuntimeError) as error:
        raise RuntimeError(f"Error occurred during execution of MEL script\n{error}") from error


def _gathered(scene: Any, name: str, arguments: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Objects and flags as Python would give them."""
    spec = scene.commands[name]
    asking = any(part == ("flag", each) for part in arguments for each in ("query", "q"))
    args: list[Any] = []
    flags: dict[str, Any] = {}
    waiting = list(arguments)
    while waiting:
        kind, value = waiting.pop(0) if waiting[0][0] in ("flag",) else ("value", _value(scene, waiting.pop(0)))
        if kind != "flag":
            args.append(value)
            continue
        if value in ("query", "q", "edit", "e"):
            flags[{"q": "query", "e": "edit"}.get(value, value)] = True
            continue
        flag = spec.flags.get(value)
        if flag is None:
            raise TypeError(f"Invalid flag '-{value}'")
        if flag.kind == "noarg" or (asking and not flag.named):
            given: Any = True
        else:
            given = _mel_values(scene, flag, waiting) if flag.kind == "tuple" else _mel_value(scene, flag, waiting)
        if flag.multi:
            flags.setdefault(flag.name, []).append(given)
        elif flag.name in flags:
            raise TypeError(f"the flag -{value} is given twice")
        else:
            flags[flag.name] = given
    return args, flags


_SWITCHES = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


def _mel_value(scene: Any, flag: Any, waiting: list[Any]) -> Any:
    """The value behind a flag; a bool flag without one is a switch of Maya's own commands."""
    if flag.kind == "bool" and (not waiting or waiting[0][0] == "flag" or not _is_switch(waiting[0])):
        return True
    if not waiting or waiting[0][0] == "flag":
        raise TypeError(f"Flag '-{flag.name}' must be passed an argument")
    value = _value(scene, waiting.pop(0))
    if flag.kind == "bool" and isinstance(value, str):
        return _SWITCHES[value]
    if flag.kind == "str" and not isinstance(value, str):
        return str(value)
    return value


def _mel_values(scene: Any, flag: Any, waiting: list[Any]) -> tuple[Any, ...]:
    """The values behind a flag that takes several: as many as it has, two for a name and its value, or all numbers."""
    made: list[Any] = []
    while waiting and waiting[0][0] != "flag" and (flag.count is None or len(made) < flag.count):
        value = _value(scene, waiting[0])
        if flag.count is None and len(made) >= 2 and not isinstance(value, (int, float)):
            break
        made.append(value)
        waiting.pop(0)
        if flag.count is None and len(made) == 2 and isinstance(made[0], str):
            break
    if not made or (flag.count is not None and len(made) < flag.count):
        raise TypeError(f"Flag '-{flag.name}' must be passed more arguments")
    return tuple(made)


def _is_switch(part: Any) -> bool:
    return part[0] == "value" and (isinstance(part[1], (int, bool)) or part[1] in _SWITCHES)
