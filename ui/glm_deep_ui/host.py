"""What the window asks of the program that it is in. Without Qt."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from glm_deep.errors import GlmDeepError
from glm_deep.launch import PYTHON


@dataclass(frozen=True)
class Kept:
    """Settings, by dotted key, that were edited and that the scene keeps until they are saved; `conflict` when the file
    was changed since."""

    settings: Mapping[str, Any]
    conflict: bool


class Host(Protocol):
    """The scene around the window, handed in from outside.

    All methods raise `GlmDeepError` when the scene does not have what they are asked for.

    Attributes:
        lacks: why there is no scene, a sentence for a tooltip; empty where there is one.
        lacks_preferences: why no preferences can be kept here, likewise.
    """

    lacks: str
    lacks_preferences: str

    # --- the selection

    def picked_vertices(self, meshes: Sequence[str]) -> dict[str, list[int]]:
        """The selected vertices of these meshes, by mesh."""

    def selected(self, key: str, there: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """What is selected and not there yet, as entries of a list of the configuration, such as `meshes`."""

    def influences(self, meshes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The joints of the skinClusters of these meshes, as entries of `rig_inputs.joints`."""

    def show(self, names: Sequence[str]) -> None:
        """Selects these nodes, or the nodes of these attributes, so that the scene's lists show them."""

    def show_vertices(self, vertices: Mapping[str, Sequence[int]]) -> None:
        """Selects these vertices on their meshes."""

    # --- the work

    def duplicate_linear(self, meshes: Sequence[Mapping[str, Any]]) -> str:
        """Makes the linear meshes of these that have none, as one step of undo; what was done in a sentence."""

    def time_range(self) -> tuple[float, float]:
        """The first and the last frame of the animation."""

    def extract(self) -> str:
        """Adds the frames of the configuration to the samples; what was done in a sentence."""

    def sample(self, count: int, seed: int) -> str:
        """Adds so many poses to the samples; what was done in a sentence."""

    def measure_relevance(self) -> str:
        """Measures which input moves which vertices; what was found in sentences."""

    # --- what is remembered

    def kept_edits(self) -> Kept | None:
        """The edits of the configuration that the scene keeps; None while it keeps nothing for this configuration."""

    def keep_edits(self, settings: Mapping[str, Any]) -> None:
        """Lets the scene keep these edits instead of those that it had, as one step of its undo."""

    def training_python(self) -> str:
        """The Python that trains; empty where none is named."""

    def choose_training_python(self, path: str) -> None:
        """Remembers the Python that trains; an empty one forgets it."""

    def environment(self) -> dict[str, str]:
        """The environment of processes that are started from here."""

    def own_python(self) -> str:
        """What the Python of this window has, in sentences, where it is not the one that trains."""


class StandaloneHost:
    """No scene: the window by itself."""

    lacks = "Only inside Maya."
    lacks_preferences = "Only inside Maya; here, the Python of the window trains, or that of GLM_DEEP_PYTHON."

    def picked_vertices(self, meshes: Sequence[str]) -> dict[str, list[int]]:
        """Refused."""
        raise self._refusal()

    def selected(self, key: str, there: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Refused."""
        raise self._refusal()

    def influences(self, meshes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Refused."""
        raise self._refusal()

    def show(self, names: Sequence[str]) -> None:
        """Refused."""
        raise self._refusal()

    def show_vertices(self, vertices: Mapping[str, Sequence[int]]) -> None:
        """Refused."""
        raise self._refusal()

    def duplicate_linear(self, meshes: Sequence[Mapping[str, Any]]) -> str:
        """Refused."""
        raise self._refusal()

    def time_range(self) -> tuple[float, float]:
        """Refused."""
        raise self._refusal()

    def extract(self) -> str:
        """Refused."""
        raise self._refusal()

    def sample(self, count: int, seed: int) -> str:
        """Refused."""
        raise self._refusal()

    def measure_relevance(self) -> str:
        """Refused."""
        raise self._refusal()

    def kept_edits(self) -> Kept | None:
        """None."""
        return None

    def keep_edits(self, settings: Mapping[str, Any]) -> None:
        """They are in the window alone."""

    def training_python(self) -> str:
        """That of the environment."""
        return os.environ.get(PYTHON, "")

    def choose_training_python(self, path: str) -> None:
        """Refused."""
        raise self._refusal()

    def environment(self) -> dict[str, str]:
        """That of this process."""
        return dict(os.environ)

    def own_python(self) -> str:
        """Nothing: it is the Python that trains."""
        return ""

    @staticmethod
    def _refusal() -> GlmDeepError:
        return GlmDeepError("there is no scene here", hint="Open the window inside Maya")
