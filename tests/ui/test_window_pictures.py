"""The pictures of the README are of the real window."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import window_pictures
from glm_deep import dio

ROOT = Path(__file__).resolve().parents[2]


def test_all_pictures_are_drawn_without_a_screen(qapp: Any, tmp_path: Path) -> None:
    from glm_deep_ui.qt import QtGui

    configuration = tmp_path / "Zoë und Björn" / "hero.dio"
    configuration.parent.mkdir()
    dio.save(dio.new(configuration, {"glm_deep": 1, "asset": "hero", "meshes": [{"deformed": "body"}]}))
    folder = tmp_path / "Bilder für alle"
    script = str(ROOT / "scripts" / "window_pictures.py")
    paths = [str(ROOT), str(ROOT / "ui"), str(ROOT / "scripts")]
    program = f"import sys; sys.path[:0] = {paths!r}; import runpy; runpy.run_path({script!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", program, str(configuration), str(folder), "--width", "400"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    heights = {"tab": 980, "tab_properties": 980, "meshes": 560, "inputs": 560, "extraction": 560}
    seen = set()
    for name, height in heights.items():
        picture = QtGui.QImage(str(folder / f"{name}.png"))
        assert (picture.width(), picture.height()) == (400, height)
        pixels = [picture.pixel(x, y) for x in range(0, 400, 7) for y in range(0, 560, 7)]
        assert len(set(pixels)) > 3
        seen.add(tuple(pixels))
    assert len(seen) == len(heights)  # each of another page


def test_a_configuration_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], qapp: Any
) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert window_pictures.main([str(tmp_path / "none.dio"), str(tmp_path / "file" / "folder")]) == 1
    assert "window_pictures: " in capsys.readouterr().err
