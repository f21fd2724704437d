"""`glm-deep clear`: puts the model or the samples away, as a numbered back-up."""

from __future__ import annotations

import argparse

from glm_deep.errors import ExitCode


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers `clear`."""
    parser = subparsers.add_parser("clear", help="put the model or the samples away, as a numbered back-up")
    parser.add_argument("configuration", metavar="CONF.dio", help="the configuration file")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--model", action="store_true", help="the trained model; after a change of rig inputs, say")
    what.add_argument("--samples", action="store_true", help="all samples, and the relevance measured beside them")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Moves it aside; refused while a training goes on."""
    from glm_deep import dio
    from glm_deep.character import Character
    from glm_deep.rundir import TrainingLock, numbered_backup

    character = Character(dio.load(arguments.configuration))
    what = "model" if arguments.model else "samples"
    present = character.model_path.exists() if arguments.model else character.main.samples.exists()
    if not present:
        print(f"There is no {what} to clear." if arguments.model else "There are no samples to clear.")
        return ExitCode.OK
    with TrainingLock(character.main):
        backup = numbered_backup(character.model_path) if arguments.model else character.store.clear()
    print(f"The {what} went to {backup}")
    return ExitCode.OK
