"""The fake Maya and its limb as fixtures, and a plug-in file to load."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from fixtures import limb, maya
from stubs import Stubs, find

__all__ = ["limb", "maya"]


@pytest.fixture(scope="session")
def stubs() -> Stubs:
    """What Maya has; skips the test where the stub packages are not installed."""
    found = find()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.fixture
def write_plugin(tmp_path: Path) -> Callable[..., str]:
    """A function that writes a plug-in file and gives its path."""

    def write(text: str, name: str = "tiny.py") -> str:
        path = tmp_path / name
        path.write_text(dedent(text), encoding="utf-8")
        return path.as_posix()

    return write
