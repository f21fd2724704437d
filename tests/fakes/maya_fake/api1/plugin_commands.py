"""Commands of plug-ins in API 1: MSyntax, MArgList, MArgDatabase, MPxCommand, and calling them from Python and MEL."""

# ruff: noqa: N803  (the names are Maya's)
from __future__ import annotations

from typing import Any

from maya_fake.commands import Call, Command, Flag
from maya_fake.constants import MSYNTAX, constants
from maya_fake.current import scene
from maya_fake.shared_global import say
from maya_fake.undo import Step

_KINDS = {
    "kNoArg": "noarg",
    "kBoolean": "bool",
    "kLong": "int",
    "kUnsigned": "int",
    "kDouble": "float",
    "kString": "str",
    "kDistance": "float",
    "kAngle": "float",
    "kTime": "float",
    "kSelectionItem": "str",
}


@constants(MSYNTAX)
class MSyntax:
    """The flags and arguments of a command."""

    def __init__(self) -> None:
        self._flags: dict[str, tuple[str, str, list[str]]] = {}
        self._multi: set[str] = set()
        self._args: list[str] = []
        self._objects: tuple[int, int | None] | None = None
        self._edit = self._query = self._use_selection = False

    def addFlag(self, short: str, long: str, *kinds: int) -> None:
        for name, fits in ((short, len(short) <= 4), (long, len(long) >= 5)):
            if not isinstance(name, str) or not name.startswith("-") or not fits:
                raise RuntimeError(f"(kFailure): {name!r}: a short flag has up to 3 characters, a long one 4 or more")
        if not kinds:
            kinds = (MSYNTAX["kNoArg"],)
        if short in self._flags or long in self._flags:
            raise RuntimeError(f"(kFailure): the flag {short} {long} exists already")
        names = [_kind(kind) for kind in kinds]
        self._flags[short] = self._flags[long] = (short, long, names)

    def makeFlagMultiUse(self, name: str) -> None:
        if name not in self._flags:
            raise RuntimeError(f"(kInvalidParameter): no flag {name}")
        self._multi.add(self._flags[name][0])

    def addArg(self, kind: int) -> None:
        if self._objects is not None:
            raise RuntimeError("(kFailure): arguments and objects exclude each other")
        self._args.append(_kind(kind))

    def setObjectType(self, kind: int, least: int = 0, most: int | None = None) -> None:
        if self._args:
            raise RuntimeError("(kFailure): arguments and objects exclude each other")
        self._objects = (least, most)

    def setMinObjects(self, count: int) -> None:
        self._objects = (count, (self._objects or (0, None))[1])

    def setMaxObjects(self, count: int) -> None:
        self._objects = ((self._objects or (0, None))[0], count)

    def useSelectionAsDefault(self, use: bool) -> None:
        self._use_selection = bool(use)

    def enableEdit(self, enable: bool) -> None:
        self._edit = bool(enable)

    def enableQuery(self, enable: bool) -> None:
        self._query = bool(enable)


def _kind(number: int) -> str:
    for name, kind in _KINDS.items():
        if MSYNTAX[name] == number:
            return kind
    raise RuntimeError("(kInvalidParameter): no such type of argument")


class MArgList:
    """What a command was called with, in the order of MEL."""

    def __init__(self) -> None:
        self._items: list[Any] = []

    def addArg(self, value: Any) -> None:
        self._items.append(value)

    def length(self) -> int:
        return len(self._items)

    def _at(self, place: int, kinds: tuple[type, ...]) -> Any:
        if not 0 <= place < len(self._items) or not isinstance(self._items[place], kinds):
            raise RuntimeError("(kFailure): Unexpected Internal Failure")
        return self._items[place]

    def asString(self, place: int) -> str:
        return str(self._at(place, (str,)))

    def asInt(self, place: int) -> int:
        return int(self._at(place, (int, bool)))

    def asDouble(self, place: int) -> float:
        return float(self._at(place, (int, float)))

    def asBool(self, place: int) -> bool:
        return bool(self._at(place, (int, bool)))

    def flagIndex(self, short: str, long: str = "") -> int:
        names = ["-" + name.lstrip("-") for name in (short, long) if name]
        places = [place for place, item in enumerate(self._items) if item in names]
        return places[0] if places else MArgList.kInvalidArgIndex

    kInvalidArgIndex = 4294967295


_CHECKS: dict[str, tuple[type, ...]] = {"bool": (bool, int), "int": (int,), "float": (int, float), "str": (str,)}


class MArgParser:
    """The flags of a call, checked by the syntax.

    Raises:
        RuntimeError: a flag does not exist, lacks its values, or they are of another type.
    """

    def __init__(self, syntax: MSyntax, args: MArgList) -> None:
        if not isinstance(syntax, MSyntax) or not isinstance(args, MArgList):
            raise TypeError("an MSyntax and an MArgList are needed")
        self._syntax = syntax
        self._uses: dict[str, list[list[Any]]] = {}
        self._given: list[Any] = []
        self._edit = self._query = False
        waiting = list(args._items)
        while waiting:
            item = waiting.pop(0)
            if isinstance(item, _FlagName):
                self._flag(str(item), waiting)
            else:
                self._given.append(item)
        wanted = len(syntax._args)
        if syntax._objects is None and len(self._given) != wanted:
            raise RuntimeError(f"(kInvalidParameter): {wanted} arguments are needed, not {len(self._given)}")

    def _flag(self, name: str, waiting: list[Any]) -> None:
        if name in ("-q", "-query") and self._syntax._query:
            self._query = True
            return
        if name in ("-e", "-edit") and self._syntax._edit:
            self._edit = True
            return
        if name not in self._syntax._flags:
            raise RuntimeError(f"Invalid flag '{name}'")
        short, long, kinds = self._syntax._flags[name]
        if short in self._uses and short not in self._syntax._multi:
            raise RuntimeError(f"Flag '{long}' cannot be used more than once")
        values = []
        for kind in kinds:
            if kind == "noarg":
                continue
            if not waiting or isinstance(waiting[0], _FlagName):
                raise RuntimeError(f"Flag '{long}' must be passed a {kind} argument")
            value = waiting.pop(0)
            if not isinstance(value, _CHECKS[kind]):
                raise RuntimeError(f"Invalid argument for flag '{long}': expected {kind}, got {value!r}")
            values.append(value)
        self._uses.setdefault(short, []).append(values)

    def _used(self, name: str) -> list[list[Any]]:
        if name not in self._syntax._flags:
            raise RuntimeError(f"(kInvalidParameter): the syntax has no flag {name}")
        return self._uses.get(self._syntax._flags[name][0], [])

    def isFlagSet(self, name: str) -> bool:
        return bool(self._used(name))

    def numberOfFlagUses(self, name: str) -> int:
        return len(self._used(name))

    def numberOfFlagsUsed(self) -> int:
        return len(self._uses)

    def isQuery(self) -> bool:
        return self._query

    def isEdit(self) -> bool:
        return self._edit

    def _argument(self, name: str, place: int, kind: str) -> Any:
        uses = self._used(name)
        if not uses or place >= len(uses[0]) or not isinstance(uses[0][place], _CHECKS[kind]):
            raise RuntimeError(f"(kFailure): the flag {name} has no {kind} argument number {place}")
        return uses[0][place]

    def flagArgumentString(self, name: str, place: int) -> str:
        return str(self._argument(name, place, "str"))

    def flagArgumentInt(self, name: str, place: int) -> int:
        return int(self._argument(name, place, "int"))

    def flagArgumentDouble(self, name: str, place: int) -> float:
        return float(self._argument(name, place, "float"))

    def flagArgumentBool(self, name: str, place: int) -> bool:
        return bool(self._argument(name, place, "bool"))

    def getFlagArgumentList(self, name: str, use: int, found: MArgList) -> None:
        uses = self._used(name)
        if not 0 <= use < len(uses):
            raise RuntimeError(f"(kFailure): the flag {name} is not used that often")
        found._items = list(uses[use])

    def _command_argument(self, place: int, kind: str) -> Any:
        if place >= len(self._given) or not isinstance(self._given[place], _CHECKS[kind]):
            raise RuntimeError(f"(kFailure): there is no {kind} argument number {place}")
        return self._given[place]

    def commandArgumentString(self, place: int) -> str:
        return str(self._command_argument(place, "str"))

    def commandArgumentInt(self, place: int) -> int:
        return int(self._command_argument(place, "int"))

    def commandArgumentDouble(self, place: int) -> float:
        return float(self._command_argument(place, "float"))

    def commandArgumentBool(self, place: int) -> bool:
        return bool(self._command_argument(place, "bool"))

    def getObjects(self, found: Any) -> None:
        """Into an MSelectionList, or a list of strings."""
        names = self._given or (scene().selected_names() if self._syntax._use_selection else [])
        if isinstance(found, list):
            found[:] = names
            return
        found.clear()
        for name in names:
            found.add(name)


class MArgDatabase(MArgParser):
    """The flags of a call, checked by the syntax."""


class _FlagName(str):
    """A flag, as no string that is given as a value can be."""


class MPxCommand:
    """The base of commands."""

    kLong, kDouble, kString, kNoArg = 0, 1, 2, 3

    def __init__(self) -> None:
        self._result: Any = None
        self._syntax: MSyntax | None = None
        self._undoable: bool | None = None

    def _ready(self) -> None:
        if "_result" not in vars(self):
            raise RuntimeError("MPxCommand.__init__ was not called")

    def doIt(self, args: MArgList) -> Any:
        raise RuntimeError("(kFailure): doIt is not implemented")

    def undoIt(self) -> Any:
        raise RuntimeError("(kFailure): undoIt is not implemented")

    def redoIt(self) -> Any:
        raise RuntimeError("(kFailure): redoIt is not implemented")

    def isUndoable(self) -> bool:
        return False

    def hasSyntax(self) -> bool:
        return self._syntax is not None

    def syntax(self) -> MSyntax:
        return self._syntax or MSyntax()

    def setResult(self, value: Any) -> None:
        self._ready()
        if not isinstance(value, (bool, int, float, str)):
            raise TypeError(f"setResult takes a number or a string, not {type(value).__name__}")
        self._result = int(value) if isinstance(value, bool) else value

    def appendToResult(self, value: Any) -> None:
        self._ready()
        if not isinstance(value, (bool, int, float, str)):
            raise TypeError(f"appendToResult takes a number or a string, not {type(value).__name__}")
        kept = [] if self._result is None else self._result if isinstance(self._result, list) else [self._result]
        self._result = [*kept, value]

    def clearResult(self) -> None:
        self._result = None

    def setCommandString(self, text: str) -> None:
        self._command_string = text

    def setUndoable(self, undoable: bool) -> None:
        self._undoable = bool(undoable)

    def setHistoryOn(self, on: bool) -> None:
        self._history = bool(on)

    @staticmethod
    def displayInfo(text: str, showLineNumber: bool = False) -> None:
        say("info", text)

    @staticmethod
    def displayWarning(text: str, showLineNumber: bool = False) -> None:
        say("warning", text)

    @staticmethod
    def displayError(text: str, showLineNumber: bool = False) -> None:
        say("error", text)


def plugin_command(name: str, creator: Any, syntax_creator: Any) -> Command:
    """The command of a plug-in as `cmds` and MEL call it.

    Raises:
        RuntimeError: what makes its syntax fails or gives no MSyntax.
    """
    syntax = syntax_creator() if syntax_creator is not None else None
    if syntax is not None and not isinstance(syntax, MSyntax):
        raise RuntimeError(f"(kFailure): the syntax of {name} is no MSyntax of API 1")
    flags: dict[str, Flag] = {}
    for short, long, kinds in syntax._flags.values() if syntax else ():
        kind = kinds[0] if len(kinds) == 1 else "tuple"
        flag = Flag(
            long[1:],
            short[1:],
            kind,
            frozenset({"create", "edit", "query"}),
            named=True,
            multi=short in syntax._multi,
            count=len(kinds),
        )
        flags[long[1:]] = flags[short[1:]] = flag

    def run(here: Any, call: Call) -> Any:
        made = creator()
        if not isinstance(made, MPxCommand) or not getattr(made, "_owned", False):
            raise RuntimeError(f"the creator of {name} must return asMPxPtr(command)")
        made._syntax = syntax
        args = _arguments(call, syntax)
        depth, here.depth = here.depth, 0
        try:
            made.doIt(args)
        except Exception as error:
            here.say("error", f"{type(error).__name__}: {error}")
            raise RuntimeError(f"{type(error).__name__}: {error}") from error
        finally:
            here.depth = depth
        if made.isUndoable() if made._undoable is None else made._undoable:
            here.undo.push(Step(name, command=made))
        return made._result

    return Command(name, run, flags, undoable=False)


def _arguments(call: Call, syntax: MSyntax | None) -> MArgList:
    """The call in the order of MEL: flags with their values, then objects."""
    args = MArgList()
    if call.query:
        args.addArg(_FlagName("-query"))
    if call.edit:
        args.addArg(_FlagName("-edit"))
    for name, value in call.flags.items():
        assert syntax is not None
        short, long, kinds = syntax._flags["-" + name]
        for use in value if short in syntax._multi else [value]:
            if kinds == ["noarg"]:
                if use:
                    args.addArg(_FlagName(long))
                continue
            args.addArg(_FlagName(long))
            for each in use if len(kinds) > 1 else [use]:
                args.addArg(each)
    for each in call.args:
        args.addArg(each)
    return args
