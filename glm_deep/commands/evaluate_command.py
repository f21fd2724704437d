"""`glm-deep evaluate`: how far the model is from the truth of an archive."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from glm_deep.commands.playing_arguments import add_arguments
from glm_deep.commands.report_text import errors_table, worst_frames_line
from glm_deep.errors import ExitCode


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers `evaluate`."""
    parser = subparsers.add_parser("evaluate", help="measure the model on frames whose truth is known")
    add_arguments(parser)
    parser.add_argument("--json", dest="report", metavar="REPORT", help="also write the figures to this file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Prints the errors of every mesh."""
    import numpy as np

    from glm_deep.commands.playing import load
    from glm_deep.rundir import atomic_write_text, check_writable
    from glm_deep.runtime.evaluation import measure, mesh_report, worst_frames

    if arguments.report:
        check_writable(Path(arguments.report).parent)
    playing = load(arguments, need_deformed=True)
    source, player = playing.source, playing.player
    frames = np.arange(source.frame_count)
    predictors = {"model": player.offsets, "direct": player.direct_offsets}
    errors = measure(source, frames, playing.mesh_names, predictors)
    playing.tell()
    print(f"{source.frame_count} frames, played by {playing.back_end}")
    rests = {rest.name: rest for rest in source.meshes}
    report: dict[str, Any] = {"frames": source.frame_count, "back_end": playing.back_end, "meshes": {}}
    for name, found in errors.items():
        mesh = mesh_report(found, rests[name].diagonal, len(rests[name].rest))
        mesh["worst_frames"] = worst_frames(found["model"], source.clips)
        report["meshes"][name] = mesh
        print(errors_table(name, mesh))
        print(worst_frames_line(mesh))
    if arguments.report:
        atomic_write_text(Path(arguments.report), json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    return ExitCode.OK
