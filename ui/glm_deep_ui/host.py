"""What the window asks of the program that it lives in."""

from __future__ import annotations

from typing import Protocol


class Host(Protocol):
    """A program such as Maya, or none at all.

    Attributes:
        missing: why what needs Maya cannot be done, empty inside Maya.
    """

    missing: str

    def picked_vertices(self) -> dict[str, list[int]]:
        """The vertices that are selected, by mesh."""
        ...

    def show_vertices(self, mesh: str, vertices: list[int]) -> None:
        """Selects vertices of a mesh."""
        ...


class StandAlone:
    """No host: vertices are typed."""

    missing = "only inside Maya"

    def picked_vertices(self) -> dict[str, list[int]]:
        """None."""
        return {}

    def show_vertices(self, mesh: str, vertices: list[int]) -> None:
        """Does nothing; the button for it is disabled."""
