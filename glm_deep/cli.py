"""The command line: glm-deep new, import, train, evaluate, predict, export, info, clear, config, doctor, ui."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence

from glm_deep import __version__
from glm_deep.commands import (
    clear_command,
    config_command,
    doctor_command,
    evaluate_command,
    export_command,
    import_command,
    info_command,
    new_command,
    predict_command,
    train_command,
    ui_command,
)
from glm_deep.errors import ExitCode, GlmDeepError, TrainingFailed

_COMMANDS = (
    new_command,
    import_command,
    train_command,
    evaluate_command,
    predict_command,
    export_command,
    info_command,
    clear_command,
    config_command,
    doctor_command,
    ui_command,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; errors are one sentence, with `--debug` a traceback before it."""
    # With the default, threads of torch that wait for one another burn the processors; must be set before it loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    _speak_utf8()
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except GlmDeepError as error:
        return _report(chosen, error, int(error.exit_code))
    except ImportError as error:
        hint = 'Install what training needs, in the checkout of glm_deep, with: pip install ".[train]"'
        return _report(chosen, GlmDeepError(f"a package is missing ({error})", hint=hint), int(ExitCode.ERROR))
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return int(ExitCode.ERROR)
    except BrokenPipeError:
        # Who read the output has gone; nothing more can be said, and Python must not try at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.ERROR)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="glm-deep",
        description="Learns how a character's mesh deforms beyond linear skinning, and plays it back fast.",
    )
    parser.add_argument("--version", action="version", version=f"glm-deep {__version__}")
    parser.add_argument("--debug", action="store_true", help="show a traceback with an error")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(subparsers)
    _add_debug(subparsers)
    return parser


def _add_debug(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Lets --debug stand behind a command too, and behind the actions of a command."""
    for name, parser in subparsers.choices.items():
        parser.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help=f"show a traceback with an error of {name}"
        )
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                _add_debug(action)


def _report(chosen: argparse.Namespace, error: GlmDeepError, code: int) -> int:
    sys.stdout.flush()
    if chosen.debug:
        traceback.print_exc()
    print(f"glm-deep {chosen.command}: {error}", file=sys.stderr)
    if isinstance(error, TrainingFailed) and not chosen.debug:
        print("Run it with --debug to see where in the program this happened.", file=sys.stderr)
    return code


def _speak_utf8() -> None:
    """Names of characters are not ASCII everywhere; consoles of Windows often think they are."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
