"""Maya as the host of the window: what is selected, and what is shown there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from maya import cmds

from glm_deep.errors import GlmDeepError
from glm_deep_maya import scene
from glm_deep_maya.config_node import node_for
from glm_deep_maya.undo import undo_chunk


class MayaHost:
    """The scene around the window.

    Args:
        path: the configuration that the window shows.
    """

    lacks = ""

    def __init__(self, path: Path) -> None:
        self._path = path

    def picked_vertices(self, meshes: Sequence[str]) -> dict[str, list[int]]:
        """The selected vertices of these meshes, by mesh; from then on the scene knows the configuration.

        Raises:
            GlmDeepError: none of them is selected.
        """
        found = scene.selected_vertices(meshes)
        if not found:
            raise GlmDeepError("no vertices of the meshes are selected", hint=f"Select some of {', '.join(meshes)}")
        node_for(self._path)
        return found

    def show_meshes(self, meshes: Sequence[str]) -> None:
        """Selects the transforms of these meshes, which the outliner then shows."""
        with undo_chunk("glm_deep show meshes"):
            cmds.select(*(scene.transform_of(scene.mesh_shape(mesh)) for mesh in meshes), replace=True)

    def show_vertices(self, vertices: Mapping[str, Sequence[int]]) -> None:
        """Selects these vertices on their meshes."""
        chosen = [
            f"{scene.transform_of(scene.mesh_shape(mesh))}.vtx[{index}]"
            for mesh, indices in vertices.items()
            for index in indices
        ]
        with undo_chunk("glm_deep show vertices"):
            cmds.select(*chosen, replace=True)
