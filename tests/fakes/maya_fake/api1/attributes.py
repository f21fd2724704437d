"""The attributes of plug-ins while they are made, in API 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from maya_fake import api_core
from maya_fake.api1.functions import MFnBase
from maya_fake.api1.objects import MObject, handle_of
from maya_fake.api_core import Handle
from maya_fake.attributes import Attr
from maya_fake.constants import MFNATTRIBUTE, MFNDATA, MFNMATRIXATTRIBUTE, MFNNUMERICDATA, constants


@dataclass
class Draft:
    """An attribute of a plug-in while it is made; `made` is what nodes get."""

    made: Attr

    @property
    def name(self) -> str:
        return self.made.name

    @property
    def kind(self) -> str:
        return self.made.kind

    def set(self, **changes: Any) -> None:
        """Change what it will be."""
        self.made = replace(self.made, **changes)


def _setter(name: str) -> Any:
    def put(self: Any, value: bool) -> None:
        if not isinstance(value, (bool, int)):
            raise TypeError("a bool is needed")
        self._draft().set(**{name: bool(value)})

    return put


@constants(MFNATTRIBUTE)
class MFnAttribute(MFnBase):
    """An attribute that is being made."""

    _wanted = "kAttribute"

    def _draft(self) -> Draft:
        draft = self._handle.payload
        if not isinstance(draft, Draft):
            raise RuntimeError("(kFailure): the attribute belongs to Maya")
        return draft

    def _new(self, long: str, short: str, kind: str, **more: Any) -> MObject:
        if not (isinstance(long, str) and isinstance(short, str) and long.isidentifier() and short.isidentifier()):
            raise RuntimeError(f"(kInvalidParameter): {long!r}, {short!r} are no names")
        self._handle = Handle("attr", Draft(Attr(long, short, kind, **more)))
        return self.object()

    def name(self) -> str:
        return api_core.attribute_name(self._handle)

    setArray = _setter("array")
    setStorable = _setter("storable")
    setConnectable = _setter("connectable")
    setHidden = _setter("hidden")
    setKeyable = _setter("keyable")
    setWritable = _setter("writable")
    setReadable = _setter("readable")
    setChannelBox = _setter("channel_box")
    setUsedAsFilename = _setter("filename")

    def setDisconnectBehavior(self, behavior: int) -> None:
        if behavior not in MFNATTRIBUTE.values():
            raise RuntimeError("(kInvalidParameter): no such behaviour")
        self._draft().set(disconnect=behavior)

    def setNiceNameOverride(self, name: str) -> None:
        self._draft().set(nice=name)

    def setCached(self, value: bool) -> None:
        self._draft()

    def setInternal(self, value: bool) -> None:
        self._draft()

    def setIndexMatters(self, value: bool) -> None:
        self._draft()

    def setUsesArrayDataBuilder(self, value: bool) -> None:
        self._draft()

    def setAffectsAppearance(self, value: bool) -> None:
        self._draft()


_NUMERIC = {
    "kBoolean": "bool",
    "kByte": "byte",
    "kShort": "short",
    "kInt": "long",
    "kFloat": "float",
    "kDouble": "double",
}


class MFnNumericAttribute(MFnAttribute):
    """A number."""

    _wanted = "kNumericAttribute"

    def create(self, long: str, short: str, kind: int, default: Any = 0.0) -> MObject:
        found = [name for constant, name in _NUMERIC.items() if MFNNUMERICDATA[constant] == kind]
        if not found:
            raise RuntimeError("(kInvalidParameter): this type of number is not faked")
        value = (
            bool(default) if found[0] == "bool" else float(default) if found[0] in ("float", "double") else int(default)
        )
        return self._new(long, short, found[0], default=value)

    def setMin(self, value: float) -> None:
        self._draft().set(minimum=value)

    def setMax(self, value: float) -> None:
        self._draft().set(maximum=value)

    def setSoftMin(self, value: float) -> None:
        self._draft().set(soft_minimum=value)

    def setSoftMax(self, value: float) -> None:
        self._draft().set(soft_maximum=value)

    def setDefault(self, value: Any) -> None:
        self._draft().set(default=value)


class MFnTypedAttribute(MFnAttribute):
    """Text, a mesh, an array."""

    _wanted = "kTypedAttribute"

    def create(self, long: str, short: str, kind: int, default: MObject | None = None) -> MObject:
        names = {"kString": "string", "kMesh": "mesh", "kDoubleArray": "doubleArray", "kMatrix": "matrix"}
        found = [name for constant, name in names.items() if MFNDATA[constant] == kind]
        if not found:
            raise RuntimeError("(kInvalidParameter): this type of data is not faked")
        value = None
        if default is not None and not default.isNull():
            value = handle_of(default).payload.value
        return self._new(long, short, found[0], default=value)


@constants(MFNMATRIXATTRIBUTE)
class MFnMatrixAttribute(MFnAttribute):
    """A matrix."""

    _wanted = "kMatrixAttribute"

    def create(self, long: str, short: str, kind: int = 1) -> MObject:
        if kind not in MFNMATRIXATTRIBUTE.values():
            raise RuntimeError("(kInvalidParameter): no such type")
        return self._new(long, short, "matrix" if kind == MFNMATRIXATTRIBUTE["kDouble"] else "fltMatrix")


class MFnEnumAttribute(MFnAttribute):
    """A choice."""

    _wanted = "kEnumAttribute"

    def create(self, long: str, short: str, default: int = 0) -> MObject:
        return self._new(long, short, "enum", default=int(default))

    def addField(self, label: str, number: int) -> None:
        self._draft().set(enum=(*self._draft().made.enum, (label, int(number))))


class MFnMessageAttribute(MFnAttribute):
    """A link."""

    _wanted = "kMessageAttribute"

    def create(self, long: str, short: str) -> MObject:
        return self._new(long, short, "message")
