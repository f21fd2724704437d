"""What the window asks of the program that it is in. Without Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from glm_deep.errors import GlmDeepError


class Host(Protocol):
    """The scene around the window, handed in from outside.

    All methods raise `GlmDeepError` when the scene does not have what they are asked for.

    Attributes:
        lacks: why there is no scene, a sentence for a tooltip; empty where there is one.
    """

    lacks: str

    def picked_vertices(self, meshes: Sequence[str]) -> dict[str, list[int]]:
        """The selected vertices of these meshes, by mesh."""

    def show_meshes(self, meshes: Sequence[str]) -> None:
        """Selects these meshes, so that the scene's lists show them."""

    def show_vertices(self, vertices: Mapping[str, Sequence[int]]) -> None:
        """Selects these vertices on their meshes."""


class StandaloneHost:
    """No scene: the window by itself."""

    lacks = "Only inside Maya; here, type the indices."

    def picked_vertices(self, meshes: Sequence[str]) -> dict[str, list[int]]:
        """Refused."""
        raise self._refusal()

    def show_meshes(self, meshes: Sequence[str]) -> None:
        """Refused."""
        raise self._refusal()

    def show_vertices(self, vertices: Mapping[str, Sequence[int]]) -> None:
        """Refused."""
        raise self._refusal()

    @staticmethod
    def _refusal() -> GlmDeepError:
        return GlmDeepError("there is no scene here", hint="Open the window inside Maya")
