"""`glm-deep predict`: offsets and posed positions for the inputs of an archive."""

from __future__ import annotations

import argparse
from pathlib import Path

from glm_deep.commands.playing_arguments import add_arguments
from glm_deep.errors import ExitCode, GlmDeepError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers `predict`."""
    parser = subparsers.add_parser("predict", help="play the model: offsets and posed positions for given inputs")
    add_arguments(parser)
    parser.add_argument("-o", "--output", required=True, metavar="OUT.npz", help="the file to write")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Writes `meshes`, and `<mesh>.offsets` and `<mesh>.posed`, (F,V,3) float32 each."""
    import numpy as np

    from glm_deep.commands.playing import load
    from glm_deep.dataset.source import frames_of_meshes
    from glm_deep.geometry.skinning import posed
    from glm_deep.rundir import atomic_file, check_writable
    from glm_deep.runtime.evaluation import FRAMES_AT_ONCE, some_inputs

    output = Path(arguments.output)
    check_writable(output.parent)
    if output.exists() and output.samefile(arguments.archive):
        raise GlmDeepError(
            "the output would replace the frames that are read", where=str(output), hint="Choose another name with -o"
        )
    playing = load(arguments, need_deformed=False)
    source, names = playing.source, playing.mesh_names
    numbers = frames_of_meshes(source, names)
    arrays = {"meshes": np.array(names)}
    for name, number in zip(names, numbers):
        shape = (source.frame_count, len(source.meshes[number].rest), 3)
        arrays[f"{name}.offsets"], arrays[f"{name}.posed"] = (np.empty(shape, np.float32) for _ in range(2))
    for start in range(0, source.frame_count, FRAMES_AT_ONCE):
        some = np.arange(start, min(start + FRAMES_AT_ONCE, source.frame_count))
        for name, number, offsets in zip(names, numbers, playing.player.offsets(some_inputs(source.inputs, some))):
            pose = source.read(number, some)
            arrays[f"{name}.offsets"][some] = offsets
            arrays[f"{name}.posed"][some] = posed(pose.linear, pose.linear_part, offsets)
    playing.tell()
    with atomic_file(output) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    print(f"{arguments.output}: {source.frame_count} frames of {', '.join(names)}, played by {playing.back_end}")
    return ExitCode.OK
