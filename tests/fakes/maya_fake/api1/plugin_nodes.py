"""Nodes of plug-ins in API 1: MPxNode, MPxDeformerNode, `cvar`, MFnPlugin, and how their output is worked out."""

# ruff: noqa: N803  (the names are Maya's)
from __future__ import annotations

import traceback
from typing import Any

from maya_fake import api_core
from maya_fake.api1.attributes import Draft
from maya_fake.api1.block import MDataBlock, MItGeometry, attribute_of
from maya_fake.api1.functions import MFnBase
from maya_fake.api1.memory import MMatrix
from maya_fake.api1.objects import MFn, MObject, MPlug
from maya_fake.api1.plugin_commands import MPxCommand, plugin_command
from maya_fake.api_core import Cell, Handle
from maya_fake.attributes import Attr, Table
from maya_fake.constants import MPXGEOMETRYFILTER, MPXNODE, constants
from maya_fake.current import scene
from maya_fake.evaluate import filter_input, world_matrix
from maya_fake.node_types import BASE, FILTER, WEIGHT_LIST, NodeType, _fixed
from maya_fake.state import Node

_FILTER_TABLE = Table(_fixed((*FILTER, WEIGHT_LIST)))


def asMPxPtr(made: Any) -> Any:
    """Give an object to Maya."""
    if not isinstance(made, (MPxCommand, MPxNode)):
        raise TypeError("asMPxPtr takes a command or a node")
    made._owned = True
    return made


class MTypeId:
    """The number of a type of nodes."""

    def __init__(self, first: int = 0, second: int | None = None) -> None:
        number = first if second is None else (first << 8) | second
        if not 0 <= number < 2**32:
            raise ValueError("no id")
        self._number = number

    def id(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MTypeId) and self._number == other._number

    def __hash__(self) -> int:
        return hash(self._number)


@constants(MPXNODE)
class MPxNode:
    """The base of nodes."""

    _base_table = Table(_fixed(BASE))
    _drafts: list[Draft]
    _affects: set[tuple[str, str]]
    _node_uuid: str | None = None

    def __init__(self) -> None:
        self._initialised = True

    def _attach(self, node: Node) -> None:
        if not getattr(self, "_initialised", False):
            raise RuntimeError("MPxNode.__init__ was not called")
        self._node_uuid = node.uuid

    @classmethod
    def _own_names(cls) -> set[str]:
        return {each.name for draft in vars(cls).get("_drafts", []) for each in draft.made.tree()}

    @classmethod
    def addAttribute(cls, attribute: MObject) -> None:
        draft = attribute._handle.payload
        if attribute._handle.kind != "attr" or not isinstance(draft, Draft):
            raise RuntimeError("(kInvalidParameter): an attribute that was made is needed")
        drafts = cls._declared("_drafts", list)
        names = {name for each in drafts for name in (each.made.name, each.made.short)} | set(cls._base_table)
        if draft.made.name in names or draft.made.short in names or draft.made.short in cls._base_table.short:
            raise RuntimeError(f"(kFailure): the name {draft.made.name} or {draft.made.short} is taken")
        drafts.append(draft)

    @classmethod
    def _declared(cls, name: str, kind: Any) -> Any:
        if name not in vars(cls):
            setattr(cls, name, kind())
        return vars(cls)[name]

    @classmethod
    def attributeAffects(cls, source: MObject, dest: MObject) -> None:
        known = cls._own_names() | set(cls._base_table)
        names = api_core.attribute_name(source._handle), api_core.attribute_name(dest._handle)
        for name in names:
            if name not in known:
                raise RuntimeError(f"(kInvalidParameter): {name} is no attribute of the node")
        cls._declared("_affects", set).add(names)

    def postConstructor(self) -> None:
        """Called when the node is there."""

    def thisMObject(self) -> MObject:
        if self._node_uuid is None:
            raise RuntimeError("(kFailure): there is no node yet; use postConstructor")
        return MObject._of(Handle("node", self._node_uuid))

    def name(self) -> str:
        return scene().state.nodes[self._node_uuid or ""].name

    def typeName(self) -> str:
        return scene().state.nodes[self._node_uuid or ""].type

    def compute(self, plug: MPlug, block: MDataBlock) -> Any:
        return None

    def schedulingType(self) -> int:
        return MPXNODE["kGloballySerial"]

    def preEvaluation(self, context: Any, evaluation: Any) -> None:
        """Called before an evaluation."""

    def postEvaluation(self, context: Any, evaluation: Any, kind: int) -> None:
        """Called after an evaluation."""

    def setDependentsDirty(self, plug: MPlug, affected: Any) -> None:
        """Called when something is dirty."""

    def connectionMade(self, plug: MPlug, other: MPlug, asSrc: bool) -> None:
        """Called on a connection."""

    def connectionBroken(self, plug: MPlug, other: MPlug, asSrc: bool) -> None:
        """Called when a connection goes."""


def _attribute(name: str) -> MObject:
    return MObject._of(Handle("attr", _FILTER_TABLE[name]))


@constants(MPXGEOMETRYFILTER)
class MPxGeometryFilter(MPxNode):
    """The base of deformers."""

    _base_table = _FILTER_TABLE
    _details = 0

    def deform(self, block: MDataBlock, iterator: MItGeometry, matrix: MMatrix, index: int) -> Any:
        raise RuntimeError("(kFailure): deform is not implemented")

    def setDeformationDetails(self, details: int) -> None:
        self._details = details

    def getDeformationDetails(self) -> int:
        return self._details

    def accessoryAttribute(self) -> MObject:
        return MObject()


class MPxDeformerNode(MPxGeometryFilter):
    """The base of deformers with painted weights."""

    def weightValue(self, block: MDataBlock, index: int, vertex: int) -> float:
        return float(block._node.values.get(f"weightList[{index}].weights[{vertex}]", 1.0))


class _Variables:
    """The attributes that every deformer has, as `cvar` names them."""

    MPxGeometryFilter_input = _attribute("input")
    MPxGeometryFilter_inputGeom = _attribute("inputGeometry")
    MPxGeometryFilter_outputGeom = _attribute("outputGeometry")
    MPxGeometryFilter_originalGeometry = _attribute("originalGeometry")
    MPxGeometryFilter_envelope = _attribute("envelope")
    MPxGeometryFilter_groupId = _attribute("groupId")
    MPxGeometryFilter_componentTagExpression = _attribute("componentTagExpression")
    MPxDeformerNode_weightList = _attribute("weightList")
    MPxDeformerNode_weights = _attribute("weights")


cvar = _Variables()
for _name in ("input", "inputGeom", "outputGeom", "originalGeometry", "envelope", "groupId", "componentTagExpression"):
    setattr(MPxGeometryFilter, _name, getattr(cvar, f"MPxGeometryFilter_{_name}"))
for _name in ("weightList", "weights"):
    setattr(MPxDeformerNode, _name, getattr(cvar, f"MPxDeformerNode_{_name}"))


def deformed(here: Any, node: Node, steps: Any) -> Any:
    """The output geometry of a deformer in Python: what `deform` makes of the input at this index."""
    index = steps[0][1]
    data = filter_input(here, node, index)
    if data is None or here.get(node, "nodeState") == 1:
        return data
    made = here.python_object(node)
    block = MDataBlock(node)
    cell = block._cells.setdefault(f"outputGeometry[{index}]", Cell(data))
    members = node.extra.get("members", {}).get(index)
    shape = next((each for each in [_shape(here, node, index)] if each), None)
    matrix = MMatrix._of(world_matrix(here, shape)) if shape is not None else MMatrix()
    try:
        made.deform(block, MItGeometry(cell, members), matrix, index)
    except Exception as error:  # Maya prints the traceback and leaves the output as it is
        here.say("error", "".join(traceback.format_exception(type(error), error, error.__traceback__)))
        return data
    here.colors[node.uuid, index] = cell.colors
    return cell.value


def _shape(here: Any, node: Node, index: int) -> Node | None:
    from maya_fake.deformers import outputs

    return outputs(here, node).get(index)


def computed(here: Any, node: Node, steps: Any) -> Any:
    """The output of a node in Python."""
    from maya_fake.graph import Plug

    name = steps[-1][0]
    attribute = here.attribute(node, name)
    made = here.python_object(node)
    block = MDataBlock(node, name)
    try:
        made.compute(MPlug._of(Plug(node, attribute, name)), block)
    except Exception as error:
        here.say("error", f"{type(error).__name__}: {error}")
    cell = block._cells.get(name)
    return cell.value if cell is not None else attribute.rest()


class MFnPlugin(MFnBase):
    """The plug-in that is being loaded."""

    _wanted = "kPlugin"

    def __init__(
        self, given: MObject, vendor: str = "Unknown", version: str = "Unknown", requiredApiVersion: str = "Any"
    ) -> None:
        super().__init__(given)
        self._plugin = self._handle.payload
        for name, value in (("vendor", vendor), ("version", version)):
            if value != "Unknown":
                setattr(self._plugin, name, value)

    def loadPath(self) -> str:
        return str(self._plugin.path.parent.as_posix())

    def name(self) -> str:
        return str(self._plugin.name)

    def vendor(self) -> str:
        return str(self._plugin.vendor)

    def version(self) -> str:
        return str(self._plugin.version)

    def apiVersion(self) -> str:
        return str(scene().version_year * 10000)

    def setName(self, name: str, allowRename: bool = True) -> None:
        raise RuntimeError("(kFailure): renaming a plug-in is not faked")

    def setVersion(self, version: str) -> None:
        self._plugin.version = version

    def registerCommand(self, name: str, creator: Any, syntax: Any = None) -> None:
        if not callable(creator) or (syntax is not None and not callable(syntax)):
            raise TypeError("the creators must be callable")
        scene().plugins.add_command(self._plugin, plugin_command(name, creator, syntax))

    def deregisterCommand(self, name: str) -> None:
        scene().plugins.remove_command(self._plugin, name)

    def registerNode(
        self, name: str, number: MTypeId, creator: Any, initialize: Any, kind: int = 0, classification: str = ""
    ) -> None:
        if not isinstance(number, MTypeId):
            raise TypeError("an MTypeId of API 1 is needed")
        if kind not in (MPXNODE["kDependNode"], MPXNODE["kDeformerNode"]):
            raise RuntimeError("(kInvalidParameter): this kind of nodes is not faked")
        made = creator()
        base = MPxDeformerNode if kind == MPXNODE["kDeformerNode"] else MPxNode
        if not isinstance(made, base) or not getattr(made, "_owned", False):
            raise RuntimeError(f"the creator of {name} must return asMPxPtr of an {base.__name__}")
        owner = type(made)
        owner._drafts, owner._affects = [], set()
        initialize()
        table = Table([*_base(kind), *_fixed(tuple(draft.made for draft in owner._drafts))])
        deforms = kind == MPXNODE["kDeformerNode"]
        above = ("geometryFilter", "weightGeometryFilter") if deforms else ()
        type_made = NodeType(name, above, table, "kPluginDeformerNode" if deforms else "kPluginDependNode")
        type_made.python_class, type_made.type_id = creator, number.id()
        type_made.plugin, type_made.affects = self._plugin.name, owner._affects
        creator_class = _Creator(creator, owner)
        type_made.python_class = creator_class
        if deforms:
            type_made.computes["outputGeometry"] = deformed
        for output in {dest for _, dest in owner._affects} & owner._own_names():
            type_made.computes[output] = computed
        scene().plugins.add_type(self._plugin, type_made)

    def deregisterNode(self, number: MTypeId) -> None:
        found = [name for name in self._plugin.nodes if scene().types[name].type_id == number.id()]
        if not found:
            raise RuntimeError("(kFailure): the plug-in has not registered a node of this id")
        scene().plugins.remove_type(self._plugin, found[0])

    @staticmethod
    def isNodeRegistered(name: str) -> bool:
        return name in scene().types

    @staticmethod
    def findPlugin(name: str) -> MObject:
        plugin = scene().plugins.loaded(name)
        return MObject._plugin(plugin) if plugin else MObject()


class _Creator:
    """What makes the Python objects of a type of nodes."""

    def __init__(self, creator: Any, owner: Any) -> None:
        self._creator, self._owner = creator, owner

    def __call__(self) -> Any:
        return self._creator()

    def _own_names(self) -> set[str]:
        found: set[str] = self._owner._own_names()
        return found


def _base(kind: int) -> list[Attr]:
    return list(_fixed((*FILTER, WEIGHT_LIST) if kind == MPXNODE["kDeformerNode"] else BASE))


__all__ = ["MFn", "attribute_of"]
