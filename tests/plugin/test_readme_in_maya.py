"""The MEL and Python examples of the README do what it says, line by line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from test_extract import configuration
from test_training import QUICK, TRAINER, can_train, wait_for

from glm_deep import launch

README = Path(__file__).resolve().parents[2] / "README.md"


def examples(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    return [str(each) for each in found]


@can_train
def test_the_examples_run_as_they_stand(
    loaded: None, limb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maya import cmds, mel

    monkeypatch.setenv(launch.PYTHON, TRAINER)
    path = configuration(tmp_path / "Zoë's rig", limb)
    values = {**json.loads(path.read_text(encoding="utf-8")), "training": QUICK, "export": {"after_training": "none"}}
    path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    (commands,) = examples("mel")
    answers = [mel.eval(line.replace("/rigs/arm.dio", path.as_posix())) for line in commands.splitlines()]
    assert answers == ["arm_linear", 24, 300, str(path.parent / "models" / "limb.glmdeep")]
    (script,) = examples("python")
    names: dict[str, Any] = {}
    exec(compile(script.replace("/rigs/arm.dio", path.as_posix()), "README.md", "exec"), names)
    assert names["run"] == "0002"
    assert names["state"] in ("waiting", "running", "finished")
    wait_for(lambda: cmds.glmDeepStatus(ioConfFile=str(path))[0] in ("stopped", "finished"))


def test_without_quotes_it_is_the_syntax_error_that_the_troubleshooting_names(maya: Any, loaded: None) -> None:
    from maya import mel

    with pytest.raises(RuntimeError, match="Syntax error"):
        mel.eval("glmDeepTrain -ioConfFile /rigs/arm.dio")
