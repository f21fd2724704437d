"""Every command of README.md does what the file says: all of them are run here, in their order, in one folder."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import tomllib

import environment

ROOT = Path(__file__).resolve().parents[2]
# Enough to train on, and a fraction of the time.
FRAMES_OF_THE_DEMO = "60"


def commands_of(text: str) -> list[str]:
    """The commands in the console and bash blocks of a Markdown text, in their order.

    In a console block they are the lines after `$ `; in a bash block all but comments.
    """
    found = []
    for language, block in re.findall(r"^ *```(console|bash)\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL):
        lines = [line.strip() for line in block.replace("\\\n", " ").splitlines()]
        if language == "console":
            found += [line[2:] for line in lines if line.startswith("$ ")]
        else:
            found += [line for line in lines if line and not line.startswith("#")]
    return found


def runnable(command: str) -> list[str] | None:
    """The arguments that run a command of the README here; None for those that only prepare a person's shell."""
    program, *arguments = shlex.split(command)
    if program in ("source", "deactivate", "cd") or command.endswith("activate"):
        return None
    if "pip" in (program, *arguments[:2]):
        declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        asked = {extra for names in re.findall(r"\[([\w,-]+)\]", command) for extra in names.split(",")}
        assert asked <= set(declared["optional-dependencies"]), (
            f"an extra that pyproject.toml does not declare: {command}"
        )
        return None
    if program == "glm-deep" and arguments[:1] == ["ui"]:
        return [sys.executable, "-m", "glm_deep", "ui", "--help"]  # it would wait for somebody to close it
    if program == "glm-deep":
        return [sys.executable, "-m", "glm_deep", *arguments]
    assert program in ("python", "python3"), f"this test does not know how to run {program!r}: {command}"
    if arguments[:1] == ["scripts/test.py"]:
        # It is what runs this test.
        return [sys.executable, str(ROOT / "scripts" / "test.py"), "--help"]
    if arguments[:1] == ["scripts/demo.py"]:
        return [sys.executable, str(ROOT / "scripts" / "demo.py"), *arguments[1:], "--frames", FRAMES_OF_THE_DEMO]
    if arguments[0].startswith("scripts/"):
        return [sys.executable, str(ROOT / arguments[0]), *arguments[1:]]
    return [sys.executable, *arguments]


def test_every_command_runs(tmp_path: Path) -> None:
    ours = environment.Environment(ROOT)
    if not ours.is_running() or not ours.is_current(["train", "pictures"]):
        pytest.skip("runs in the environment of scripts/test.py")
    commands = commands_of((ROOT / "README.md").read_text(encoding="utf-8"))
    assert "python scripts/demo.py" in commands
    assert "python scripts/test.py" in commands
    folder = tmp_path / "a folder for the readme"
    folder.mkdir()
    for command in commands:
        arguments = runnable(command)
        if arguments is None:
            continue
        done = subprocess.run(
            arguments,
            cwd=folder,
            env={**ours.variables(), "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"


def test_links_to_files_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    linked = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target]
    missing = [target for target in linked if not (ROOT / target).exists()]
    assert not missing


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("```console\n$ glm-deep info a.dio\nasset arm\n$ glm-deep config schema\n```\n", 2),
        ("```bash\n# first\npython scripts/demo.py\n\nglm-deep train a.dio \\\n    --set training.seed=2\n```\n", 2),
        ("```python\nimport glm_deep\n```\n", 0),
        ("1. item\n   ```console\n   $ glm-deep --help\n   ```\n", 1),
    ],
)
def test_commands_are_found_in_the_blocks_for_a_shell(text: str, commands: int) -> None:
    assert len(commands_of(text)) == commands


def test_an_extra_that_is_not_declared_is_reported() -> None:
    assert runnable('pip install -e ".[train,ui]"') is None
    with pytest.raises(AssertionError, match="does not declare"):
        runnable("python -m pip install .[trian]")


def test_a_command_that_cannot_be_tried_is_reported() -> None:
    with pytest.raises(AssertionError, match="does not know how to run 'make'"):
        runnable("make all")


def test_the_table_of_settings_is_the_one_that_the_declarations_make() -> None:
    from glm_deep.config import markdown_table

    assert markdown_table().strip() in (ROOT / "README.md").read_text(encoding="utf-8")
