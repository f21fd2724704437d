"""Maya as the host of the window: what is selected and shown there, the work on the scene, and what is remembered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maya import cmds

from glm_deep.config import Mesh
from glm_deep.errors import GlmDeepError
from glm_deep_maya import picks, preferences, scene
from glm_deep_maya.about import own_python
from glm_deep_maya.config_node import ConfigNode, find_node, node_for
from glm_deep_maya.numpy_line import about_numpy
from glm_deep_maya.undo import undo_chunk
from glm_deep_ui.host import Kept

if TYPE_CHECKING:
    from glm_deep_maya.extract import Extracted


class MayaHost:
    """The scene around the window.

    Args:
        path: the configuration that the window shows.
    """

    lacks = lacks_preferences = ""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._node: ConfigNode | None = find_node(path)

    # --- the selection

    def picked_vertices(self, meshes: Sequence[str]) -> dict[str, list[int]]:
        """The selected vertices of these meshes, by mesh; from then on the scene knows the configuration.

        Raises:
            GlmDeepError: none of them is selected.
        """
        found = scene.selected_vertices(meshes)
        if not found:
            raise GlmDeepError("no vertices of the meshes are selected", hint=f"Select some of {', '.join(meshes)}")
        self._node = node_for(self._path)
        return found

    def selected(self, key: str, there: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """What is selected and not there yet, as entries of a list of the configuration."""
        return picks.selected(key, there)

    def influences(self, meshes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The joints of the skinClusters of these meshes."""
        with _with_numpy():
            return picks.influences(meshes)

    def show(self, names: Sequence[str]) -> None:
        """Selects these nodes, which the outliner then shows."""
        with undo_chunk("glm_deep show"):
            picks.show(names)

    def show_vertices(self, vertices: Mapping[str, Sequence[int]]) -> None:
        """Selects these vertices on their meshes."""
        chosen = [
            f"{scene.transform_of(scene.mesh_shape(mesh))}.vtx[{index}]"
            for mesh, indices in vertices.items()
            for index in indices
        ]
        with undo_chunk("glm_deep show vertices"):
            cmds.select(*chosen, replace=True)

    # --- the work

    def duplicate_linear(self, meshes: Sequence[Mapping[str, Any]]) -> str:
        """Makes the linear meshes of these that have none, as one step of undo."""
        with _with_numpy():
            from glm_deep_maya.linear_mesh import duplicate_linear
        wanted = [Mesh(**entry) for entry in meshes]
        lacking = [mesh for mesh in wanted if not cmds.objExists(mesh.linear)]
        with undo_chunk("glm_deep linear meshes"):
            made = [
                duplicate_linear(mesh.base_skin_cluster_mesh or mesh.deformed, mesh.linear.rpartition("|")[2])
                for mesh in lacking
            ]
        if not made:
            return "All linear meshes are there already."
        return f"Made: {', '.join(made)}."

    def time_range(self) -> tuple[float, float]:
        """The first and the last frame of the animation."""
        first = cmds.playbackOptions(query=True, animationStartTime=True)
        last = cmds.playbackOptions(query=True, animationEndTime=True)
        return float(first), float(last)

    def extract(self) -> str:
        """Adds the frames of the configuration to the samples."""
        with _with_numpy():
            from glm_deep_maya.extract import extract
        return _in_words(extract(str(self._path)))

    def sample(self, count: int, seed: int) -> str:
        """Adds so many poses to the samples."""
        with _with_numpy():
            from glm_deep_maya.sampler import sample
        return _in_words(sample(str(self._path), count, seed))

    def measure_relevance(self) -> str:
        """Measures which input moves which vertices."""
        with _with_numpy():
            from glm_deep_maya.relevance import measure_relevance
        return "\n".join(measure_relevance(str(self._path)))

    # --- what is remembered

    def kept_edits(self) -> Kept | None:
        """The edits that the configuration node keeps; None where there is no node."""
        node = self._there()
        return Kept(node.edits, node.conflicts) if node else None

    def keep_edits(self, settings: Mapping[str, Any]) -> None:
        """Lets the configuration node keep these edits, as one step of undo; the node is made for the first of them."""
        node = self._there()
        if node is None and settings:
            node = self._node = node_for(self._path)
        if node is not None:
            node.keep(settings)

    def _there(self) -> ConfigNode | None:
        """The node, looked for again once it is gone or has another name."""
        if self._node is not None and not self._node.is_there:
            self._node = find_node(self._path)
        return self._node

    def training_python(self) -> str:
        """The Python that trains; empty where none is named."""
        return preferences.training_python()

    def choose_training_python(self, path: str) -> None:
        """Remembers the Python that trains."""
        preferences.choose_training_python(path)

    def environment(self) -> dict[str, str]:
        """The environment of processes that are started from here."""
        return preferences.environment()

    def own_python(self) -> str:
        """What Maya's own Python has."""
        return own_python()


@contextmanager
def _with_numpy() -> Iterator[None]:
    """Says in a sentence, as the commands do, what to do where Maya has no numpy."""
    try:
        yield
    except ImportError as error:
        raise GlmDeepError(about_numpy(error)) from error


def _in_words(extracted: Extracted) -> str:
    said = f"{extracted.added:,} samples were added"
    if extracted.discarded:
        said += f", {extracted.discarded:,} left out as identical to others"
    stopped = "Stopped by Esc: " if extracted.interrupted else ""
    return f"{stopped}{said}. There are {extracted.total:,} now."
