"""The light rooms on the Pythons of Maya 2023 to 2027, where this machine has them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import environment

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "glm_deep"
HEAVY = ("train", "basis", "geometry", "export")
ON_TORCH = ("cuda_batch.py", "tensorrt_back_end.py", "torch_back_end.py")
LIGHT = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if (path.relative_to(PACKAGE).parts[0] not in HEAVY and path.name not in ON_TORCH)
    or path.name in ("__init__.py", "skinning.py")
]
VERSIONS = [(3, 9), (3, 10), (3, 11), (3, 13)]

COMPILE = """
import sys
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        compile(file.read(), path, "exec")
"""
# Prints what could be imported. An interpreter may lack the two packages that light rooms use, and nothing else.
IMPORT = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name.partition(".")[0] not in ("numpy", "jsonschema"):
            raise
    else:
        print(name)
"""


@pytest.fixture(scope="module", params=VERSIONS, ids=["python{}.{}".format(*version) for version in VERSIONS])
def interpreter(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The command of a Python of that version."""
    for command in environment.commands(request.param):
        found = environment.probe(command)
        if found is not None and found.version == request.param:
            return found.command
    pytest.skip("not on this machine")


def run(interpreter: tuple[str, ...], program: str, *arguments: str) -> str:
    """What a program prints, which must end well; warnings end it."""
    done = subprocess.run(
        [*interpreter, "-B", "-W", "error", "-c", program, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_light_file_can_be_read(interpreter: tuple[str, ...]) -> None:
    run(interpreter, COMPILE, *map(str, LIGHT))


def test_light_modules_import_with_numpy_and_jsonschema_at_most(interpreter: tuple[str, ...]) -> None:
    files = [path.relative_to(ROOT).with_suffix("").parts for path in LIGHT]
    modules = [".".join(parts[:-1] if parts[-1] == "__init__" else parts) for parts in files]
    imported = run(interpreter, IMPORT, str(ROOT), *modules).split()
    assert {"glm_deep", "glm_deep.errors", "glm_deep.events", "glm_deep.rundir"} <= set(imported)
