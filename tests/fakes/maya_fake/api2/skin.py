"""Deformers and skinClusters in API 2."""

# ruff: noqa: N803  (the names are Maya's)
from __future__ import annotations

from typing import Any

import numpy as np

from maya_fake import api_core
from maya_fake.api2.functions import MFnDependencyNode
from maya_fake.api2.numbers import MDoubleArray, MIntArray
from maya_fake.api2.objects import MDagPath, MDagPathArray, MFn, MObject, handle_of
from maya_fake.api_core import Handle, incompatible
from maya_fake.current import scene
from maya_fake.deformers import outputs
from maya_fake.evaluate import dense_weights, influences
from maya_fake.graph import Plug
from maya_fake.state import Node


class MFnGeometryFilter(MFnDependencyNode):
    """A deformer."""

    _wanted = "kGeometryFilt"

    envelope = property(lambda self: scene().get(self._node(), "envelope"))

    def getInputGeometry(self) -> list[MObject]:
        found = []
        for index in scene().indices(Plug(self._node(), scene().attribute(self._node(), "input"), "input")):
            source = scene().state.connections.get((self._node().uuid, f"input[{index}].inputGeometry"))
            if source:
                found.append(MObject._node(scene().state.nodes[source[0]]))
        return found

    def getOutputGeometry(self) -> list[MObject]:
        found = outputs(scene(), self._node())
        return [MObject._node(found[index]) for index in sorted(found)]

    def indexForOutputShape(self, shape: MObject) -> int:
        for index, node in outputs(scene(), self._node()).items():
            if node.uuid == handle_of(shape).node().uuid:
                return index
        raise RuntimeError("(kInvalidParameter): the shape is not deformed by it")

    def outputShapeAtIndex(self, index: int) -> MObject:
        return MObject._node(outputs(scene(), self._node())[index])

    def numOutputConnections(self) -> int:
        return len(outputs(scene(), self._node()))

    def getPathAtIndex(self, index: int) -> MDagPath:
        return MDagPath._of(outputs(scene(), self._node())[index])


class MFnSkinCluster(MFnGeometryFilter):
    """A skinCluster; influences are counted physically in weights."""

    _wanted = "kSkinClusterFilter"

    def influenceObjects(self) -> MDagPathArray:
        from maya_fake.cmds_deform import influence_nodes

        return MDagPathArray([MDagPath._of(node) for node in influence_nodes(scene(), self._node())])

    def indexForInfluenceObject(self, path: MDagPath) -> int:
        """The logical index."""
        if not isinstance(path, MDagPath):
            raise TypeError("an MDagPath is needed")
        paths = list(self.influenceObjects())
        if path not in paths:
            raise RuntimeError("(kInvalidParameter): the object is no influence")
        return influences(scene(), self._node())[paths.index(path)]

    def _vertices(self, shape: Any, component: Any) -> tuple[list[int], int]:
        if not isinstance(shape, MDagPath):
            raise TypeError("an MDagPath of the shape is needed")
        node = shape._node()
        if node.uuid not in {each.uuid for each in outputs(scene(), self._node()).values()}:
            raise RuntimeError("(kInvalidParameter): the shape is not deformed by the skinCluster")
        count = len(api_core.mesh_of_handle(Handle("node", node.uuid)).points)
        if component._handle.kind == "null":
            return list(range(count)), count
        if component._handle.kind != "component" or component._handle.payload.kind != MFn.kMeshVertComponent:  # type: ignore[attr-defined]
            raise incompatible()
        numbers = component._handle.payload.numbers()
        if any(not 0 <= number < count for number in numbers):
            raise RuntimeError("(kInvalidParameter): there is no such vertex")
        return numbers, count

    def getWeights(self, shape: Any, component: Any, which: Any = None) -> Any:
        """All weights and how many influences there are; or those of one influence, or of several (physical)."""
        vertices, count = self._vertices(shape, component)
        dense = dense_weights(scene(), self._node(), count)[vertices]
        if which is None:
            return MDoubleArray(dense.ravel().tolist()), dense.shape[1]
        columns = [which] if isinstance(which, int) else list(which)
        self._check(columns, dense.shape[1])
        return MDoubleArray(dense[:, columns].ravel().tolist())

    @staticmethod
    def _check(columns: list[int], most: int) -> None:
        if any(not 0 <= column < most for column in columns):
            raise RuntimeError("(kInvalidParameter): there is no influence of that physical index")

    def setWeights(
        self,
        shape: Any,
        component: Any,
        which: Any,
        weights: Any,
        normalize: bool = True,
        returnOldWeights: bool = False,
    ) -> Any:
        vertices, count = self._vertices(shape, component)
        node = self._node()
        logical = influences(scene(), node)
        if not isinstance(which, (int, MIntArray)):
            raise TypeError("the influences must be an int or an MIntArray")
        columns = [which] if isinstance(which, int) else list(which)
        self._check(columns, len(logical))
        single = isinstance(weights, (int, float))
        if not single and not isinstance(weights, MDoubleArray):
            raise TypeError("the weights must be a number or an MDoubleArray")
        if not single and len(weights) != len(vertices) * len(columns):
            raise RuntimeError("(kInvalidParameter): the number of weights does not fit")
        dense = dense_weights(scene(), node, count)
        old = MDoubleArray(dense[np.ix_(vertices, range(len(logical)))].ravel().tolist())
        given = (
            np.full((len(vertices), len(columns)), float(weights))
            if single
            else np.array(list(weights)).reshape(-1, len(columns))
        )
        dense[np.ix_(vertices, columns)] = given
        if normalize or scene().get(node, "normalizeWeights") == 1:
            total = dense[vertices].sum(axis=1, keepdims=True)
            dense[vertices] /= np.where(total == 0, 1.0, total)
        fresh = {
            vertex: {logical[column]: float(dense[vertex, column]) for column in np.flatnonzero(dense[vertex])}
            for vertex in vertices
        }

        def change(target: Node) -> None:
            target.weights.update(fresh)

        scene().edit_from_api(node, change)
        return old if returnOldWeights else None

    def getBlendWeights(self, shape: Any, component: Any) -> MDoubleArray:
        vertices, _ = self._vertices(shape, component)
        return MDoubleArray([float(scene().get(self._node(), f"blendWeights[{vertex}]")) for vertex in vertices])

    def setBlendWeights(self, shape: Any, component: Any, weights: Any) -> None:
        vertices, _ = self._vertices(shape, component)
        if not isinstance(weights, MDoubleArray):
            raise TypeError("an MDoubleArray is needed")
        if len(weights) != len(vertices):
            raise RuntimeError("(kInvalidParameter): the number of weights does not fit")
        fresh = {f"blendWeights[{vertex}]": weight for vertex, weight in zip(vertices, weights)}

        def change(target: Node) -> None:
            target.values.update(fresh)

        scene().edit_from_api(self._node(), change)
