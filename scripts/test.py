"""Checks the whole checkout: lint, format, types and all tests, in an environment of its own.

    python scripts/test.py [arguments for pytest]

Without arguments the tests of the light rooms and of the plug-in run a second time, on the oldest Python and numpy that
Maya has, and those of the window and the plug-in under Qt 5, where this machine has those Pythons.
"""

import argparse
import ast
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence

import environment

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("dev", "pictures", "tensorrt", "train", "ui")
OLDEST, OF_QT5 = (3, 9), (3, 10)


class Step(NamedTuple):
    """One check: its name in the summary, and the command that runs it."""

    name: str
    command: Sequence[str]
    variables: Optional[Dict[str, str]] = None


def steps(for_pytest: Sequence[str]) -> List[Step]:
    """All checks in the environment that this runs in, the quick ones first."""
    return [
        Step("lint", [sys.executable, "-m", "ruff", "check", "."]),
        Step("format", [sys.executable, "-m", "ruff", "format", "--check", "."]),
        Step("types", [sys.executable, "-m", "mypy"]),
        Step("tests", [sys.executable, "-m", "pytest", *for_pytest]),
    ]


def light_step() -> Step:
    """The tests of the light rooms on the oldest Python, in a second environment, which it makes.

    Raises:
        EnvironmentSetupError: that Python is not on this machine, or its environment could not be made.
    """
    oldest = environment.Environment(ROOT, ".venv-light", "constraints-light.txt", [OLDEST])
    oldest.prepare(["test"])
    name = "light rooms on Python {}.{}".format(*OLDEST)
    return Step(name, [str(oldest.python), "-m", "pytest", *light_tests(), "tests/plugin"], oldest.variables())


def window_step() -> Step:
    """The tests of the window under Qt 5, in an environment that it makes.

    Raises:
        EnvironmentSetupError: the Python that PySide2 wants is not on this machine, or its environment was not made.
    """
    qt5 = environment.Environment(ROOT, ".venv-qt5", "constraints-qt5.txt", [OF_QT5])
    qt5.prepare(["pyside2", "test"])
    return Step("window on Qt 5", [str(qt5.python), "-m", "pytest", "tests/ui", "tests/plugin"], qt5.variables())


def light_tests() -> List[str]:
    """The test files that need nothing but the light rooms and what those need."""
    files = sorted((ROOT / "tests" / "unit").rglob("test_*.py"))  # what the other folders share needs torch
    shared = (ROOT / "tests" / "support").glob("*.py")
    support = [path.stem for path in shared if is_light(path.read_text(encoding="utf-8"))]
    return [path.relative_to(ROOT).as_posix() for path in files if is_light(path.read_text(encoding="utf-8"), support)]


def is_light(source: str, support: Sequence[str] = ()) -> bool:
    """True when a test imports something of the package, and of all that it imports nothing is heavy.

    Args:
        source: its text. support: modules of tests/support that are light themselves.
    """
    modules = list(imported(source))
    ours = [module for module in modules if module.startswith("glm_deep")]
    heavy = (
        "glm_deep.train",
        "glm_deep.export",
        "glm_deep.basis",
        "glm_deep.geometry",
        "glm_deep.cli",
        "glm_deep.commands",
        "glm_deep.progress",
        "glm_deep_ui",
    )
    available = {*sys.stdlib_module_names, "glm_deep", "hypothesis", "jsonschema", "numpy", "pytest", *support}
    return (
        bool(ours)
        and {module.split(".")[0] for module in modules} <= available
        and not any(module.startswith(heavy) and not module.startswith("glm_deep.geometry.skinning") for module in ours)
    )


def imported(source: str) -> Iterator[str]:
    """The full names of all that a source text imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield f"{node.module}.{alias.name}"


def passes(step: Step) -> bool:
    """Runs one check, whose output goes to the terminal; True when it found nothing wrong."""
    environment.say(f"== {step.name}")
    done = subprocess.call(step.command, cwd=str(ROOT), stdin=subprocess.DEVNULL, env=step.variables)
    return done == 0


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs every check, also after one has failed; 1 when any failed."""
    parser = argparse.ArgumentParser(
        description="Runs lint, types and all tests. Makes .venv with all they need, the first time.",
        epilog="All other arguments are given to pytest, for instance tests/unit/test_rooms.py or -k store.",
    )
    _, for_pytest = parser.parse_known_args(arguments)
    environment.enter(EXTRAS)
    started = time.monotonic()
    failed = [step.name for step in steps(for_pytest) if not passes(step)]
    if not for_pytest:
        for what, make in (("The light rooms", light_step), ("The window under Qt 5", window_step)):
            try:
                step = make()
            except environment.EnvironmentSetupError as problem:
                environment.say(f"== {what}: not tested on another Python: {problem}")
            else:
                failed += [] if passes(step) else [step.name]
    verdict = "failed: " + ", ".join(failed) if failed else "all checks passed"
    environment.say(f"== {verdict} ({time.monotonic() - started:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
