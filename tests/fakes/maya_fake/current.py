"""The scene that the fake modules work on."""

from __future__ import annotations

from typing import Any

_active: list[Any] = []


def scene() -> Any:
    """The scene of the fake that is installed.

    Raises:
        RuntimeError: none is, as after a test.
    """
    if not _active:
        raise RuntimeError("the fake Maya is not installed")
    return _active[-1]


def installed() -> bool:
    """Whether there is a scene."""
    return bool(_active)


def push(made: Any) -> None:
    """Make a scene the current one."""
    _active.append(made)


def pop() -> None:
    """Go back to the scene before."""
    _active.pop()
