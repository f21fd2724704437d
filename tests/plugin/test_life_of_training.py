"""A training in the background lives on when Maya is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_extract import configuration
from test_training import QUICK, trains, wait_for

from glm_deep import dio, launch
from glm_deep.bundle import Bundle
from glm_deep.events import read_events
from glm_deep.rundir import MainFolder

ROOT = Path(__file__).resolve().parents[2]

MAYA = """
import sys
from pathlib import Path
root = Path(sys.argv[1])
sys.path[:0] = [str(root / each) for each in (".", "ui", "tests/fakes", "plugin/scripts")]
import maya_fake
with maya_fake.installed(Path(sys.argv[2])):
    from maya import cmds
    cmds.loadPlugin((root / "plugin/plug-ins/glm_deep_plugin.py").as_posix())
    print(cmds.glmDeepTrain(ioConfFile=sys.argv[3], background=True), flush=True)
    sys.stdin.read()  # an artist who looks at the screen
"""


@pytest.fixture
def path(maya: Any, loaded: None, limb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of the limb with its samples, and a training of some seconds."""
    from maya import cmds

    monkeypatch.setenv(launch.PYTHON, sys.executable)
    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    path = configuration(tmp_path / "Zoë's rig", limb)
    training = {**QUICK, "early_stop": False, "differential": {**QUICK["differential"], "epochs": 400}}
    values = {**json.loads(path.read_text(encoding="utf-8")), "training": training}
    path.write_text(json.dumps({**values, "export": {"after_training": "none"}}, ensure_ascii=False), encoding="utf-8")
    cmds.glmDeepExtract(ioConfFile=str(path))
    return path


@trains
@pytest.mark.parametrize("end", ["killed", "closed", "killed with its group"])
def test_it_goes_on_to_its_end(path: Path, tmp_path: Path, end: str) -> None:
    from maya import cmds

    if os.name == "nt" and end == "killed with its group":
        pytest.skip("Windows has no groups of processes that are ended together")
    arguments = [sys.executable, "-c", MAYA, str(ROOT), str(tmp_path / "other maya"), str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(arguments, stdin=pipe, stdout=pipe, text=True, start_new_session=os.name != "nt") as other:
        assert other.stdout is not None
        run = other.stdout.readline().strip()
        assert run == "0001"
        assert cmds.glmDeepStatus(ioConfFile=str(path))[0] in ("waiting", "running")
        if end == "killed":
            other.kill()  # as when Maya crashes
        elif end == "killed with its group":
            os.killpg(other.pid, signal.SIGINT)  # as with Ctrl-C in the terminal that Maya was started from
            other.kill()
        else:
            assert other.stdin is not None
            other.stdin.close()  # as when the artist quits
        other.wait(timeout=60)
    assert cmds.glmDeepStatus(ioConfFile=str(path))[0] in ("waiting", "running")  # it is alone now
    wait_for(lambda: cmds.glmDeepStatus(ioConfFile=str(path))[0] not in ("waiting", "running"))
    state, name, percent, model = cmds.glmDeepStatus(ioConfFile=str(path))
    assert (state, name, percent) == ("finished", run, "100")
    assert Bundle.load(Path(model)).facts["partial"] is False
    (folder,) = MainFolder(dio.load(path).main_directory).run_folders()
    epochs = [event for event in read_events(folder.events, 0)[0] if getattr(event, "model", "") == "differential"]
    assert len(epochs) >= 400
