"""`glm-deep train`: samples become a model."""

from __future__ import annotations

import argparse
import json
import os
import signal
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from glm_deep.errors import ExitCode


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers `train`."""
    parser = subparsers.add_parser(
        "train",
        help="train the model of a character",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_settings(),
    )
    parser.add_argument("configuration", metavar="CONF.dio", help="the configuration file")
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="a setting for this run alone, such as training.seed=5; may be repeated",
    )
    parser.add_argument("--json", dest="report", metavar="REPORT", help="also write the held-out report to this file")
    parser.add_argument("--resume", action="store_true", help="take up the last run that was not finished")
    parser.set_defaults(run=run)


def _settings() -> str:
    """What `--set` takes, from the declarations of the settings."""
    from glm_deep.config import fields

    lines = ["settings of the training, for --set and for the configuration:"]
    for field in fields():
        if field.key.startswith("training.") and "[]" not in field.key:
            allowed = f", {field.range}" if field.range else ""
            lines.append(f"  {field.key} (default {json.dumps(field.default)}{allowed})")
            lines += textwrap.wrap(field.help, 110, initial_indent="      ", subsequent_indent="      ")
    return "\n".join(lines)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Trains, and prints the held-out report."""
    from glm_deep import dio
    from glm_deep.character import Character
    from glm_deep.commands.report_text import training_report
    from glm_deep.progress import ConsoleProgress
    from glm_deep.rundir import atomic_write_text, check_writable

    if arguments.report:
        check_writable(Path(arguments.report).parent)
    document = dio.load(arguments.configuration)
    if arguments.settings:
        document = document.with_values(dio.parse_settings(arguments.settings))
    from glm_deep.export.write import export_trained
    from glm_deep.train.run import train

    wanted = document.config.export.after_training
    export = None if wanted == "none" else partial(export_trained, wanted)
    with _asked_to_stop() as asked, ConsoleProgress() as progress:
        outcome = train(
            Character(document), progress.show, interrupted=asked.is_set, resume=arguments.resume, export=export
        )
    if arguments.report:
        text = json.dumps(outcome.report, indent=2, ensure_ascii=False) + "\n"
        atomic_write_text(Path(arguments.report), text)
    with suppress(OSError):  # who read the output may have gone; the model is there all the same
        print("\n" + training_report(outcome.report), flush=True)
    return ExitCode.STOPPED if outcome.stopped else ExitCode.OK


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """An event that Ctrl-C and a termination request set: the training then ends with what it has learned.

    A second Ctrl-C ends it at once.
    """
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        # Not print: the signal may have come in the middle of one, and the stream cannot be entered twice.
        with suppress(OSError):
            os.write(2, b"\nStopping after this step; what was learned is kept. Ctrl-C again stops at once.\n")

    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before: dict[int, Any] = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
