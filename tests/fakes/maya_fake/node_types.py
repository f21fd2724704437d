"""The types of nodes that the fake scene knows, with their attributes, and those that plug-ins add."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from maya_fake.attributes import Attr, Table, attr, triple

Compute = Callable[[Any, Any, tuple[tuple[str, "int | None"], ...]], Any]

ORDERS = ("xyz", "yzx", "zxy", "xzy", "yxz", "zyx")


@dataclass
class NodeType:
    """A type of nodes.

    `above` are the types it inherits from, the nearest last; `api` the name of its constant in MFn; `computes` gives
    output attributes: (scene, node, steps of the plug) -> value.
    """

    name: str
    above: tuple[str, ...]
    table: Table
    api: str
    computes: dict[str, Compute] = field(default_factory=dict)
    plugin: str | None = None
    python_class: Any = None
    type_id: int | None = None
    affects: set[tuple[str, str]] = field(default_factory=set)

    def is_a(self, other: str) -> bool:
        """Whether it is of this type, or inherits from it."""
        return other == self.name or other in self.above


def _enum(name: str, short: str, *labels: str, default: int = 0, **more: Any) -> Attr:
    return attr(name, short, "enum", default=default, enum=tuple((label, i) for i, label in enumerate(labels)), **more)


def _unit(name: str, short: str, default: float = 0.0, **more: Any) -> Attr:
    return attr(name, short, "float", default=default, minimum=0.0, maximum=1.0, keyable=True, **more)


BASE = (
    attr("message", "msg", "message", writable=False),
    attr("caching", "cch", "bool"),
    attr("frozen", "fzn", "bool"),
    _enum("isHistoricallyInteresting", "ihi", "0", "1", "2", default=2),
    _enum("nodeState", "nds", "Normal", "HasNoEffect", "Blocking"),
)


def _world(name: str, short: str) -> Attr:
    return attr(name, short, "matrix", array=True, writable=False, world_space=True, storable=False)


DAG = (
    *BASE,
    attr("visibility", "v", "bool", default=True, keyable=True),
    attr("intermediateObject", "io", "bool"),
    attr("template", "tmp", "bool"),
    attr("lodVisibility", "lodv", "bool", default=True),
    attr("overrideEnabled", "ove", "bool"),
    attr("matrix", "m", "matrix", writable=False, storable=False),
    attr("inverseMatrix", "im", "matrix", writable=False, storable=False),
    _world("worldMatrix", "wm"),
    _world("worldInverseMatrix", "wim"),
    _world("parentMatrix", "pm"),
    _world("parentInverseMatrix", "pim"),
)


def _limits() -> list[Attr]:
    """Such as minRotXLimit and minRotXLimitEnable: within which a transform may move."""
    made = []
    for name, letter, kind, far in (
        ("Trans", "t", "doubleLinear", 1.0),
        ("Rot", "r", "doubleAngle", 45.0),
        ("Scale", "s", "double", 1.0),
    ):
        for axis in "XYZ":
            for side, first, value in (("min", "m", -far), ("max", "x", far)):
                stem, short = f"{side}{name}{axis}Limit", f"{first}{letter}{axis.lower()}"
                made.append(attr(stem, short + "l", kind, default=value))
                made.append(attr(stem + "Enable", short + "e", "bool"))
    return made


TRANSFORM = (
    *DAG,
    *_limits(),
    triple("translate", "t", "doubleLinear", keyable=True),
    triple("rotate", "r", "doubleAngle", keyable=True),
    triple("scale", "s", "double", 1.0, keyable=True),
    attr(
        "shear",
        "sh",
        "double3",
        attr("shearXY", "shxy", "double"),
        attr("shearXZ", "shxz", "double"),
        attr("shearYZ", "shyz", "double"),
    ),
    _enum("rotateOrder", "ro", *ORDERS),
    triple("rotateAxis", "ra", "doubleAngle"),
    attr("inheritsTransform", "it", "bool", default=True),
    attr("offsetParentMatrix", "opm", "matrix"),
)
JOINT = (
    *TRANSFORM,
    triple("jointOrient", "jo", "doubleAngle"),
    triple("inverseScale", "is", "double", 1.0),
    attr("segmentScaleCompensate", "ssc", "bool", default=True),
    attr("radius", "radi", "float", default=1.0, keyable=True),
    attr("bindPose", "bps", "matrix"),
    attr("lockInfluenceWeights", "liw", "bool"),
)
MESH = (
    *DAG,
    attr("inMesh", "i", "mesh", storable=False),
    attr("outMesh", "o", "mesh", writable=False, storable=False),
    attr("worldMesh", "w", "mesh", array=True, writable=False, world_space=True, storable=False),
    attr("cachedInMesh", "cim", "mesh", hidden=True),
    attr(
        "pnts",
        "pt",
        "float3",
        attr("pntx", "px", "float"),
        attr("pnty", "py", "float"),
        attr("pntz", "pz", "float"),
        array=True,
    ),
    attr("displayColors", "dcol", "bool"),
    attr("displayColorChannel", "dcc", "string", default="Ambient+Diffuse"),
    _enum("vertexColorSource", "vcs", "Color Set", "Color Set Override", "Influence Colors"),
)
WEIGHT_LIST = attr(
    "weightList", "wl", "compound", attr("weights", "w", "float", array=True, default=0.0), array=True, hidden=True
)
FILTER = (
    *BASE,
    attr(
        "input",
        "ip",
        "compound",
        attr("inputGeometry", "ig", "geometry", storable=False),
        attr("groupId", "gi", "long"),
        attr("componentTagExpression", "gtg", "string"),
        array=True,
    ),
    attr("originalGeometry", "orggeom", "geometry", array=True),
    attr("outputGeometry", "og", "geometry", array=True, writable=False, storable=False),
    _unit("envelope", "en", 1.0),
)
SKIN = (
    *FILTER,
    attr("weightList", "wl", "compound", attr("weights", "w", "double", array=True), array=True, hidden=True),
    attr("matrix", "ma", "matrix", array=True),
    attr("bindPreMatrix", "pm", "matrix", array=True),
    attr("geomMatrix", "gm", "matrix"),
    attr("bindMethod", "bm", "long"),
    attr("bindPose", "bp", "message"),
    attr("influenceColor", "ifcl", "message", array=True),
    attr("lockWeights", "lw", "bool", array=True),
    attr("maxInfluences", "mi", "long", default=2),
    attr("maintainMaxInfluences", "mmi", "bool"),
    attr("dropoffRate", "dpr", "double", default=4.0),
    attr("dropoff", "dr", "double", default=4.0, array=True),
    _enum("skinningMethod", "skm", "Classic Linear", "Dual Quaternion", "Weight Blended", keyable=True),
    attr("blendWeights", "bw", "double", array=True),
    attr("useComponents", "uc", "bool", keyable=True),
    _enum("normalizeWeights", "nw", "None", "Interactive", "Post", default=1, keyable=True),
    _enum("weightDistribution", "wtd", "Distance", "Neighbors"),
    attr("dqsSupportNonRigid", "dqsSupportNonRigid", "bool", keyable=True),
    attr("relativeSpaceMode", "relativeSpaceMode", "long"),  # 0 world, 1 local, 2 the matrix below; not skinned by here
    attr("relativeSpaceMatrix", "relativeSpaceMatrix", "matrix"),
    triple("dqsScale", "dqsScale", "double", 1.0),
    _enum("relativeSpaceMode", "rsm", "Off", "Driven", "Custom"),
    attr("relativeSpaceMatrix", "rlsm", "matrix"),
    attr("deformUserNormals", "dun", "bool", default=True),
)
BLEND_SHAPE = (
    *FILTER,
    WEIGHT_LIST,
    attr("weight", "wght", "double", array=True, keyable=True),
    attr(
        "inputTarget",
        "it",
        "compound",
        attr(
            "inputTargetGroup",
            "itg",
            "compound",
            attr(
                "inputTargetItem",
                "iti",
                "compound",
                attr("inputGeomTarget", "igt", "geometry"),
                array=True,
            ),
            array=True,
        ),
        array=True,
    ),
)
CURVE = (
    *BASE,
    attr("input", "i", "time"),
    _enum("preInfinity", "pri", "constant", "linear", "", "cycle", "cycleRelative", "oscillate"),
    _enum("postInfinity", "poi", "constant", "linear", "", "cycle", "cycleRelative", "oscillate"),
)
NETWORK: tuple[Attr, ...] = (*BASE, attr("affects", "afx", "string", array=True), attr("affectedBy", "aby", "message"))


def _type(name: str, above: str, attributes: tuple[Attr, ...], api: str) -> NodeType:
    fixed = _fixed(attributes)
    return NodeType(name, tuple(above.split()), Table(fixed), api)


def _fixed(attributes: tuple[Attr, ...]) -> list[Attr]:
    """Attributes whose children know that they are children of children too."""
    return [_adopt(each) for each in attributes]


def _adopt(each: Attr) -> Attr:
    from dataclasses import replace

    return replace(each, children=tuple(replace(_adopt(child), parent=each.name) for child in each.children))


_DAG = "containerBase entity dagNode"
_CURVES = {"animCurveTL": "doubleLinear", "animCurveTA": "doubleAngle", "animCurveTU": "double", "animCurveTT": "time"}

_CURVE_API = {
    "animCurveTL": "kAnimCurveTimeToDistance",
    "animCurveTA": "kAnimCurveTimeToAngular",
    "animCurveTU": "kAnimCurveTimeToUnitless",
    "animCurveTT": "kAnimCurveTimeToTime",
}


def built_in() -> dict[str, NodeType]:
    """The types that Maya brings, new for every scene."""
    types = [
        _type("transform", _DAG, TRANSFORM, "kTransform"),
        _type("joint", _DAG + " transform", JOINT, "kJoint"),
        _type("mesh", _DAG + " shape geometryShape deformableShape controlPoint surfaceShape", MESH, "kMesh"),
        _type("locator", _DAG + " shape geometryShape", DAG, "kLocator"),
        _type("nurbsCurve", _DAG + " shape geometryShape deformableShape controlPoint curveShape", DAG, "kNurbsCurve"),
        _type(
            "nurbsSurface",
            _DAG + " shape geometryShape deformableShape controlPoint surfaceShape",
            DAG,
            "kNurbsSurface",
        ),
        _type("camera", _DAG + " shape", DAG, "kCamera"),
        _type("skinCluster", "geometryFilter weightGeometryFilter", SKIN, "kSkinClusterFilter"),
        _type("blendShape", "geometryFilter weightGeometryFilter", BLEND_SHAPE, "kBlendShape"),
        _type("tweak", "geometryFilter", FILTER, "kTweak"),
        _type("time", "", (*BASE, attr("outTime", "o", "time"), attr("enableTimewarp", "tw", "bool")), "kTime"),
        _type(
            "dagPose",
            "entity",
            (*BASE, attr("members", "m", "message", array=True), attr("worldMatrix", "wm", "matrix", array=True)),
            "kDagPose",
        ),
        _type("objectSet", "entity", (*BASE, attr("dagSetMembers", "dsm", "message", array=True)), "kSet"),
        _type("network", "", NETWORK, "kAffect"),
        _type(
            "multiplyDivide",
            "",
            (
                *BASE,
                triple("input1", "i1", "float", 0.0),
                triple("input2", "i2", "float", 1.0),
                triple("output", "o", "float", 0.0),
            ),
            "kMultiplyDivide",
        ),
    ]
    types += [
        _type(name, "animCurve", (*CURVE, attr("output", "o", kind, writable=False)), _CURVE_API[name])
        for name, kind in _CURVES.items()
    ]
    return {each.name: each for each in types}


def curve_type(kind: str) -> str:
    """The type of animation curve that drives an attribute of this kind."""
    return {"doubleLinear": "animCurveTL", "doubleAngle": "animCurveTA", "time": "animCurveTT"}.get(kind, "animCurveTU")
