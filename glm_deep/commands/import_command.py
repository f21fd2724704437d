"""`glm-deep import`: frames of a NumPy archive become samples."""

from __future__ import annotations

import argparse
import sys

from glm_deep.errors import ExitCode


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers `import`."""
    parser = subparsers.add_parser("import", help="add the frames of an archive to the samples")
    parser.add_argument("configuration", metavar="CONF.dio", help="the configuration file")
    parser.add_argument("archive", metavar="FRAMES.npz", help="frames in the layout that docs/import.md describes")
    parser.add_argument("--clip", metavar="NAME", help="where all of these frames come from")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Adds the frames."""
    from glm_deep import dio
    from glm_deep.character import Character
    from glm_deep.dataset.archive import read_archive

    character = Character(dio.load(arguments.configuration))
    frames = read_archive(arguments.archive, clip=arguments.clip)
    character.check_inputs([mesh.rest.name for mesh in frames.meshes], frames.layout)
    extraction = character.config.extraction
    result = character.store.add(
        frames,
        session=extraction.session_directory,
        discard_identical=extraction.discard_identical,
        tolerance=extraction.identical_tolerance,
    )
    for warning in (*frames.warnings, *result.warnings):
        print(f"warning: {warning.rstrip('.')}.", file=sys.stderr)
    left_out = f", {result.discarded} left out because their inputs were there already" if result.discarded else ""
    print(f"{result.added} frames added{left_out}; {character.store.frame_count} samples in all")
    return ExitCode.OK
