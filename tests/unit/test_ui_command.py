"""`glm-deep ui` where the window cannot be."""

from __future__ import annotations

import argparse
import sys

import pytest

from glm_deep.commands import ui_command
from glm_deep.errors import GlmDeepError


@pytest.mark.parametrize(
    ("lacking", "named"),
    [(("PySide2", "PySide6"), "PySide6 or PySide2, which is not installed"), (("glm_deep_ui",), "glm_deep_ui, which")],
)
def test_the_package_that_the_window_lacks_is_named(
    monkeypatch: pytest.MonkeyPatch, lacking: tuple[str, ...], named: str
) -> None:
    for name in [*sys.modules]:
        if name.startswith("glm_deep_ui"):
            monkeypatch.delitem(sys.modules, name)
    for name in lacking:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name, package=None: None)
    with pytest.raises(GlmDeepError, match=named) as caught:
        ui_command.run(argparse.Namespace(configuration=None))
    assert 'pip install ".[ui]"' in str(caught.value)
