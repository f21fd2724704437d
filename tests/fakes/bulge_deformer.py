"""A plug-in for tests, for the fake Maya and for a real one: the deformer whose formula is `rigs.bulged`.

It is written as plainly as can be, so that what goes wrong in a test is not its doing: points one by one, no pointers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from maya import OpenMaya as om1
from maya import OpenMayaMPx as ompx

from rigs import bulged

NAME = "bulgeDeformer"
TYPE_ID = 0x0007F0D1  # of those that Autodesk leaves to everybody for use at home


class BulgeDeformer(ompx.MPxDeformerNode):
    """Pushes points outwards, by its attributes `muscle` (0 to 1) and `bend` (degrees)."""

    def __init__(self) -> None:
        ompx.MPxDeformerNode.__init__(self)

    def deform(self, block: Any, geometry: Any, to_world: Any, index: int) -> None:
        """Moves the points of one mesh."""
        values = {name: block.inputValue(attribute).asDouble() for name, attribute in _attributes.items()}
        envelope = block.inputValue(ompx.cvar.MPxGeometryFilter_envelope).asFloat()
        read = om1.MPointArray()
        geometry.allPositions(read)
        points = np.array([(read[place].x, read[place].y, read[place].z) for place in range(read.length())])
        share = [envelope * self.weightValue(block, index, vertex) for vertex in range(len(points))]
        points += np.array(share)[:, None] * (bulged(points, values) - points)
        moved = om1.MPointArray()
        for point in points.tolist():
            moved.append(om1.MPoint(*point))
        geometry.setAllPositions(moved)


_attributes: dict[str, Any] = {}


def _create() -> Any:
    return ompx.asMPxPtr(BulgeDeformer())


def _initialize() -> None:
    for name, short in (("muscle", "mus"), ("bend", "ben")):
        function = om1.MFnNumericAttribute()
        _attributes[name] = function.create(name, short, om1.MFnNumericData.kDouble, 0.0)
        function.setKeyable(True)
        BulgeDeformer.addAttribute(_attributes[name])
        BulgeDeformer.attributeAffects(_attributes[name], ompx.cvar.MPxGeometryFilter_outputGeom)


def initializePlugin(plugin: Any) -> None:  # noqa: N802 - Maya's name
    """Registers the deformer."""
    found = ompx.MFnPlugin(plugin, "glm_deep tests", "1.0", "Any")
    found.registerNode(NAME, om1.MTypeId(TYPE_ID), _create, _initialize, ompx.MPxNode.kDeformerNode)


def uninitializePlugin(plugin: Any) -> None:  # noqa: N802 - Maya's name
    """Takes the deformer away."""
    ompx.MFnPlugin(plugin).deregisterNode(om1.MTypeId(TYPE_ID))
