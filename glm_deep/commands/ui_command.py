"""`glm-deep ui`: the training tab by itself."""

from __future__ import annotations

import argparse

from glm_deep.errors import ExitCode, GlmDeepError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers `ui`."""
    parser = subparsers.add_parser("ui", help="open the training tab")
    parser.add_argument("configuration", metavar="CONF.dio", nargs="?", help="the configuration file (default: asks)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Shows the window until it is closed; a training goes on without it."""
    try:
        from glm_deep_ui.app import main
    except ImportError as error:
        missing = (error.name or str(error)).partition(".")[0]
        raise GlmDeepError(
            f"the window needs {missing.replace('PySide2', 'PySide6 or PySide2')}, which is not installed",
            hint='Install it, in the checkout of glm_deep, with: pip install ".[ui]"',
        ) from error
    return ExitCode(main(arguments.configuration))
