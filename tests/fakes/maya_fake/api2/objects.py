"""MObject, MPlug, MDagPath, MSelectionList of API 2."""

from __future__ import annotations

from typing import Any

from maya_fake import api_core
from maya_fake.api2.numbers import MMatrix, _Array
from maya_fake.api_core import Handle, incompatible
from maya_fake.api_objects import ObjectBase, ObjectHandleBase
from maya_fake.constants import MFN, constants
from maya_fake.current import scene
from maya_fake.evaluate import parent_matrix, world_matrix
from maya_fake.matrices import flat
from maya_fake.state import Node


@constants(MFN)
class MFn:
    """The types of objects."""


class MObject(ObjectBase):
    """Something of Maya."""

    def isNull(self) -> bool:
        return self._handle.kind == "null"

    @property
    def apiTypeStr(self) -> str:
        return api_core.api_name(self._handle)


MObject.kNullObj = MObject()  # type: ignore[attr-defined]


def handle_of(given: Any) -> Handle:
    """The handle of an object or a path of API 2.

    Raises:
        TypeError: it is of API 1, or something else.
    """
    if isinstance(given, MObject):
        return given._handle
    if isinstance(given, MDagPath):
        return Handle("node", given._node().uuid)
    raise TypeError(
        f"an MObject or an MDagPath of API 2 is needed, not {type(given).__module__}.{type(given).__name__}"
    )


class MObjectHandle(ObjectHandleBase):
    """An object that may be gone."""

    _object_type = MObject


class MDagPath:
    """A node in the hierarchy."""

    def __init__(self, other: MDagPath | None = None) -> None:
        self._uuid: str | None = other._uuid if other is not None else None

    @classmethod
    def _of(cls, node: Node) -> MDagPath:
        made = cls()
        made._uuid = node.uuid
        return made

    @staticmethod
    def getAPathTo(given: MObject) -> MDagPath:
        node = handle_of(given).node()
        if not scene().is_dag(node):
            raise incompatible()
        return MDagPath._of(node)

    def _node(self) -> Node:
        node = scene().state.nodes.get(self._uuid or "")
        if node is None:
            raise RuntimeError("(kInvalidParameter): The path is not valid")
        return node

    def isValid(self) -> bool:
        return (self._uuid or "") in scene().state.nodes

    def node(self) -> MObject:
        return MObject._node(self._node())

    def transform(self) -> MObject:
        node = self._node()
        return MObject._node(node if scene().type_of(node).is_a("transform") else scene().state.nodes[node.parent])

    def hasFn(self, constant: int) -> bool:
        return self.node().hasFn(constant)

    def apiType(self) -> int:
        return self.node().apiType()

    def fullPathName(self) -> str:
        return str(scene().long_name(self._node()))

    def partialPathName(self) -> str:
        return str(scene().short_name(self._node()))

    def length(self) -> int:
        return self.fullPathName().count("|")

    def pop(self, count: int = 1) -> MDagPath:
        for _ in range(count):
            parent = self._node().parent
            if parent is None:
                raise RuntimeError("(kFailure): the path is at the root")
            self._uuid = parent
        return self

    def push(self, child: MObject) -> MDagPath:
        self._uuid = handle_of(child).node().uuid
        return self

    def childCount(self) -> int:
        return len(scene().children(self._node()))

    def child(self, place: int) -> MObject:
        return MObject._node(scene().children(self._node())[place])

    def numberOfShapesDirectlyBelow(self) -> int:
        return len(scene().shapes(self._node()))

    def extendToShape(self, place: int | None = None) -> MDagPath:
        node = self._node()
        shapes = scene().shapes(node)
        if scene().type_of(node).is_a("shape"):
            return self
        if not shapes or (place is None and len(shapes) > 1):
            raise RuntimeError("(kFailure): there is no shape, or more than one")
        self._uuid = shapes[place or 0].uuid
        return self

    def inclusiveMatrix(self) -> MMatrix:
        return MMatrix(flat(world_matrix(scene(), self._node())))

    def inclusiveMatrixInverse(self) -> MMatrix:
        return self.inclusiveMatrix().inverse()

    def exclusiveMatrix(self) -> MMatrix:
        return MMatrix(flat(parent_matrix(scene(), self._node())))

    def exclusiveMatrixInverse(self) -> MMatrix:
        return self.exclusiveMatrix().inverse()

    def isInstanced(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MDagPath) and self._uuid == other._uuid

    def __hash__(self) -> int:
        return hash(self._uuid)

    def __str__(self) -> str:
        return self.partialPathName()


class MDagPathArray(_Array):
    """Paths."""

    @classmethod
    def _made(cls, value: Any) -> MDagPath:
        if not isinstance(value, MDagPath):
            raise TypeError("an MDagPath is needed")
        return value
