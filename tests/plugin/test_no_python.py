"""What is missing to train or to extract: numpy in Maya, the Python that trains, and what that Python needs."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
from test_extract import configuration

from glm_deep import launch

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(loaded: None, limb: Any, tmp_path: Path) -> Path:
    """A configuration of the limb."""
    return configuration(tmp_path / "Zoë's rig", limb)


@pytest.fixture
def bare(maya: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Python without any package, as the one that trains."""
    venv.create(tmp_path / "bare python", with_pip=False, symlinks=os.name != "nt")
    python = tmp_path / "bare python" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    monkeypatch.setenv(launch.PYTHON, str(python))
    return str(python)


@pytest.mark.parametrize("background", [False, True])
def test_a_python_without_packages_is_named_with_the_next_step(path: Path, bare: str, background: bool) -> None:
    from maya import cmds

    with pytest.raises(RuntimeError, match="a package is missing") as caught:
        cmds.glmDeepTrain(ioConfFile=str(path), background=background)
    said = str(caught.value)
    assert f"glmDeepTrain: the Python that trains, {bare}: a package is missing" in said
    assert said.endswith(f'What it lacks is said by: "{bare}" -m glm_deep doctor, in the folder {ROOT}.')
    assert "\n" not in said
    assert "Traceback" not in said


def test_commands_that_the_shell_does_say_the_same(path: Path, bare: str) -> None:
    from maya import cmds

    for run in (cmds.glmDeepInfo, cmds.glmDeepExport):
        with pytest.raises(RuntimeError, match="a package is missing") as caught:
            run(ioConfFile=str(path))
        assert str(caught.value).endswith(f'"{bare}" -m glm_deep doctor, in the folder {ROOT}.')


def test_the_line_that_is_named_says_what_is_missing(bare: str) -> None:
    done = subprocess.run(
        [bare, "-m", "glm_deep", "doctor"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if "training:" in line]
    assert "for want of torch" in line
    assert "pip install" in line


@pytest.mark.skipif(os.name == "nt", reason="needs a script that can be run")
@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("echo 'no such option: -m' >&2; exit 3", r"train ended with code 3 \(no such option: -m\)\. What it lacks"),
        ("exit 1", r"train ended with code 1\. What it lacks"),
        ("kill -9 $$", r"train was ended from outside \(signal 9\)"),
    ],
)
def test_a_program_that_is_no_python_of_ours_is_told_by_how_it_ended(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, sentence: str
) -> None:
    from maya import cmds

    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv(launch.PYTHON, str(program))
    for background in (False, True):
        with pytest.raises(RuntimeError, match=sentence):
            cmds.glmDeepTrain(ioConfFile=str(path), background=background)


@pytest.mark.skipif(os.name == "nt", reason="Windows runs by the name of a file")
def test_a_file_that_cannot_be_run_is_named(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from maya import cmds

    (tmp_path / "python").write_bytes(b"")
    monkeypatch.setenv(launch.PYTHON, str(tmp_path / "python"))
    with pytest.raises(RuntimeError, match=r"python cannot be started .*Choose another Python"):
        cmds.glmDeepTrain(ioConfFile=str(path))


WITHOUT_NUMPY = """
import sys
from pathlib import Path
root = Path(sys.argv[1])
sys.path[:0] = [str(root / each) for each in (".", "ui", "tests/fakes", "plugin/scripts")]
import maya_fake
with maya_fake.installed(Path(sys.argv[2])):
    exec(sys.argv[4])  # takes numpy away from what is imported from now on
    from maya import cmds
    cmds.loadPlugin((root / "plugin/plug-ins/glm_deep_plugin.py").as_posix())
    for run in (cmds.glmDeepExtract, cmds.glmDeepSample):
        try:
            run(ioConfFile=sys.argv[3])
        except RuntimeError as error:
            print(error)
    print(cmds.glmDeepStatus(ioConfFile=sys.argv[3])[0])
"""
GONE = "sys.modules['numpy'] = None"
OF_ANOTHER_PYTHON = """
sys.path.insert(0, str(Path(sys.argv[2])))
for name in [each for each in sys.modules if each.partition('.')[0] == 'numpy']:
    del sys.modules[name]
"""


@pytest.mark.parametrize(
    ("before", "sentence", "line"),
    [
        (GONE, "the package numpy is missing in Maya. Run this in a terminal: ", ""),
        (OF_ANOTHER_PYTHON, "the package numpy cannot be loaded in Maya (numpy was built for", " --upgrade"),
    ],
)
def test_without_a_numpy_that_works_extraction_says_what_to_install_and_status_works(
    maya: Any, path: Path, tmp_path: Path, before: str, sentence: str, line: str
) -> None:
    broken = tmp_path / "maya" / "numpy"
    broken.mkdir(parents=True, exist_ok=True)
    (broken / "__init__.py").write_text('raise ImportError("numpy was built for Python 2.7\\nPlease read on")')
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMPY, str(ROOT), str(tmp_path / "maya"), str(path), before],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    extract, sample, status = done.stdout.splitlines()
    for command, said in (("glmDeepExtract", extract), ("glmDeepSample", sample)):
        assert f"{command}: {sentence}" in said
        assert "-m pip install --only-binary :all: --target" in said
        assert said.endswith(f'"{line}')
    assert status == "none"
