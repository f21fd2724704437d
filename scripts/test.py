"""Checks the whole checkout: lint, format, types and all tests, in an environment of its own.

python scripts/test.py [arguments for pytest]
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import List, NamedTuple, Optional, Sequence

import environment

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("dev", "pictures", "train")


class Step(NamedTuple):
    """One check: its name in the summary, and the arguments for Python that run it."""

    name: str
    arguments: Sequence[str]


def steps(for_pytest: Sequence[str]) -> List[Step]:
    """All checks, the quick ones first."""
    return [
        Step("lint", ["-m", "ruff", "check", "."]),
        Step("format", ["-m", "ruff", "format", "--check", "."]),
        Step("types", ["-m", "mypy"]),
        Step("tests", ["-m", "pytest", *for_pytest]),
    ]


def check(step: Step) -> bool:
    """Runs one check, whose output goes to the terminal; True when it found nothing wrong."""
    environment.say(f"== {step.name}: {' '.join(step.arguments[1:])}")
    return subprocess.call([sys.executable, *step.arguments], cwd=str(ROOT), stdin=subprocess.DEVNULL) == 0


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs every check, also after one has failed; 1 when any failed."""
    parser = argparse.ArgumentParser(
        description="Runs lint, types and all tests. Makes .venv with all they need, the first time.",
        epilog="All other arguments are given to pytest, for instance tests/unit/test_rooms.py or -k store.",
    )
    _, for_pytest = parser.parse_known_args(arguments)
    environment.enter(EXTRAS)
    started = time.monotonic()
    failed = [step.name for step in steps(for_pytest) if not check(step)]
    verdict = "failed: " + ", ".join(failed) if failed else "all checks passed"
    environment.say(f"== {verdict} ({time.monotonic() - started:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
