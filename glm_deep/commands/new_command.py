"""`glm-deep new`: a configuration to begin with."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glm_deep.errors import ExitCode, GlmDeepError

if TYPE_CHECKING:
    from glm_deep.dataset.frames import Frames


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers `new`."""
    parser = subparsers.add_parser("new", help="write a configuration, with the meshes and inputs of an archive")
    parser.add_argument("configuration", metavar="CONF.dio", help="the file to write; it must not exist")
    parser.add_argument("--from", dest="archive", metavar="FRAMES.npz", help="frames whose meshes and inputs to take")
    parser.add_argument("--asset", metavar="NAME", help="name of the character (default: that of the file)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Writes the configuration."""
    from glm_deep import dio
    from glm_deep.rundir import make_folder

    path = Path(arguments.configuration)
    if path.exists():
        raise GlmDeepError("the file is there already", where=str(path), hint="Choose another name, or delete it")
    values: dict[str, Any] = {"glm_deep": 1, "asset": arguments.asset or path.stem}
    if arguments.archive:
        from glm_deep.dataset.archive import read_archive

        values.update(_described(read_archive(arguments.archive, need_deformed=False)))
    else:
        values["meshes"] = [{"deformed": values["asset"], "linear": f"{values['asset']}_linear"}]
    make_folder(path.parent)
    document = dio.save(dio.new(path, values))
    inputs = document.config.rig_inputs
    print(
        f"{path}: meshes {len(document.config.meshes)}, floats {len(inputs.floats)}, joints {len(inputs.joints)}, "
        f"matrices {len(inputs.matrices)}"
    )
    archive = arguments.archive or "FRAMES.npz"
    print(f"Next: glm-deep import {shown(path)} {shown(archive)}, then glm-deep train {shown(path)}")
    return ExitCode.OK


def shown(path: object) -> str:
    """A path as one would type it."""
    text = str(path)
    return f'"{text}"' if " " in text else text


def _described(frames: Frames) -> dict[str, Any]:
    layout = frames.layout
    joints = [
        {"name": name, "parent": layout.joint_names[parent] if parent >= 0 else ""}
        for name, parent in zip(layout.joint_names, layout.joint_parents)
    ]
    floats = []
    for name, limits in zip(layout.float_names, layout.float_limits):
        given = {key: float(limit) for key, limit in zip(("min", "max"), limits) if math.isfinite(limit)}
        floats.append({"name": name, **given})
    return {
        "meshes": [{"deformed": mesh.rest.name, "linear": f"{mesh.rest.name}_linear"} for mesh in frames.meshes],
        "rig_inputs": {
            "joints": joints,
            "matrices": [{"name": name} for name in layout.matrix_names],
            "floats": floats,
        },
    }
