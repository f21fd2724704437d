"""`glm-deep doctor`: what this Python has, what it lacks, and the line that installs it."""

from __future__ import annotations

import argparse
import json

from glm_deep.errors import ExitCode, Unavailable


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers `doctor`."""
    parser = subparsers.add_parser("doctor", help="say what this Python has for training, export and the window")
    parser.add_argument("--json", action="store_true", help="as JSON, for scripts")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Prints the findings."""
    from glm_deep import __version__
    from glm_deep.machine.doctor import ABILITIES, findings, python_in_words

    gpu, torch = _gpu(), _torch()
    if arguments.json:
        able = {each.name: {"missing": list(each.missing), "install": each.install} for each in ABILITIES}
        found = {"glm_deep": __version__, "python": python_in_words(), "abilities": able, "gpu": gpu, "torch": torch}
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return ExitCode.OK
    print(f"glm_deep {__version__}, {python_in_words()}")
    for line in findings():
        print(f"  {line}")
    print(f"  GPU: {gpu}")
    if torch:
        print(f"  torch trains on: {torch}")
    return ExitCode.OK


def _gpu() -> str:
    from glm_deep.machine.gpu import find_gpu

    try:
        found = find_gpu()
    except Unavailable as error:
        return f"none, {error.what}"
    return f"{found.name}, {found.capability}, driver for CUDA {found.cuda}"


def _torch() -> str:
    """The device that a training would take and why; empty where nothing can train."""
    try:
        from glm_deep.train.resources import choose_device
    except ImportError:
        return ""
    chosen = choose_device("automatic")
    return f"{chosen.used}, {chosen.why}"
