"""`glm-deep config show|check|schema`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from glm_deep.commands import config_command
from glm_deep.config import fields, json_schema
from glm_deep.errors import ConfigError, ExitCode

TEXT = """{
  "glm_deep": 1, "asset": "Zoë",
  "meshes": [{"deformed": "body", "linear": "skin"}, {"deformed": "teeth"}],
  "rig_inputs": {"floats": [{"name": "smile", "max": 1}]},
  "training": {"learning_rate": 0.001, "anchors": {"additional": [{"mesh": "body", "vertices": [4, 7]}]},
               "relevance": [{"input": "smile", "mesh": "teeth", "moves": false}]}
}"""


def run(*arguments: str) -> ExitCode:
    parser = argparse.ArgumentParser()
    config_command.add_parser(parser.add_subparsers(required=True))
    parsed = parser.parse_args(["config", *arguments])
    code = parsed.run(parsed)
    assert isinstance(code, ExitCode)
    return code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A configuration with a few settings of its own."""
    path = tmp_path / "Zoë's.dio"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_show_prints_every_setting_with_value_origin_unit_and_range(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", str(path)) == ExitCode.OK
    lines = [line.split(maxsplit=3) for line in capsys.readouterr().out.splitlines()]
    assert " ".join(lines[0]).split() == ["key", "value", "from", "unit", "range"]
    shown = {line[0]: [" ".join(part.split()) for part in line[1:]] for line in lines}
    assert shown["asset"] == ['"Zoë"', "file"]
    assert shown["meshes[0].linear"] == ['"skin"', "file"]
    assert shown["meshes[1].linear"] == ['"teeth_linear"', "default"]
    assert shown["rig_inputs.joints"] == ["[]", "default"]
    assert shown["rig_inputs.floats[0].min"] == ["null", "default"]
    assert shown["rig_inputs.floats[0].max"] == ["1", "file"]
    assert shown["training.learning_rate"] == ["0.001", "file", "above 0, at most 1"]
    assert shown["training.anchors.percent"] == ["2", "default", "% of the vertices above 0.05, at most 10"]
    assert shown["training.cpu_threads"] == ["0", "default", "threads 0 to 256"]
    for field in fields():
        if not field.key.startswith("rig_inputs"):
            assert field.key.replace("[]", "[0]") in shown


def test_check_says_ok_or_lists_all_problems(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(path)) == ExitCode.OK
    assert capsys.readouterr().out == "ok\n"
    path.write_text(TEXT.replace("0.001", "0").replace('"max"', '"mux"'), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        run("check", str(path))
    assert [problem.split(": ")[0] for problem in caught.value.problems] == ["Zoë's.dio, line 4", "Zoë's.dio, line 5"]
    assert capsys.readouterr().out == ""


def test_schema_prints_the_schema_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("schema") == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == json_schema()


@pytest.mark.parametrize("arguments", [[], ["show"], ["improve"], ["check", "a.dio", "b.dio"]])
def test_what_it_cannot_do_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == ExitCode.USAGE
    assert "usage: " in capsys.readouterr().err
