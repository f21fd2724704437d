"""`glm-deep export`: the model as files for other engines."""

from __future__ import annotations

import argparse
from pathlib import Path

from glm_deep.errors import ExitCode, GlmDeepError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers `export`."""
    parser = subparsers.add_parser("export", help="write the model for other engines: ONNX, TensorRT")
    parser.add_argument("configuration", metavar="CONF.dio", help="the configuration file")
    parser.add_argument(
        "--format", choices=("onnx", "tensorrt-rtx", "tensorrt"), default="onnx", help="(default: %(default)s)"
    )
    parser.add_argument(
        "--precision",
        choices=("fp32", "fp16"),
        help="of the large arrays (default: fp32; engines of TensorRT have fp16 alone)",
    )
    parser.add_argument(
        "--compute-capability",
        nargs="+",
        default=[],
        metavar="SM",
        help="what tensorrt-rtx builds for, such as SM86 (default: SM80 SM86 SM89 SM120)",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="the ONNX file to write (default: beside the model)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Writes the ONNX file, and the engine that is asked for beside it.

    Says how far the graph is from the model; refused above the limits of its precision. Whether there is anything to
    build the engine with is found out first.
    """
    import sys

    from glm_deep import dio
    from glm_deep.character import Character, stale_reasons
    from glm_deep.export.engine import targets
    from glm_deep.export.write import write_export
    from glm_deep.rundir import check_writable, graph_path

    engine = None if arguments.format == "onnx" else arguments.format
    precision = arguments.precision or ("fp16" if engine else "fp32")
    if engine and precision != "fp16":
        raise GlmDeepError(f"engines of {engine} are built in half precision", hint="Leave --precision away")
    if arguments.compute_capability and not engine:
        raise GlmDeepError("an ONNX graph is of no compute capability", hint="Add --format tensorrt-rtx")
    if engine:
        targets(engine, arguments.compute_capability)
    character = Character(dio.load(arguments.configuration))
    bundle, samples = character.load_model(), character.open_samples()
    for reason in stale_reasons(character, bundle.facts):
        print(f"warning: the model is stale: {reason}.", file=sys.stderr)
    path = Path(arguments.output) if arguments.output else graph_path(character.model_path, precision)
    check_writable(path.parent)
    if path.exists() and path.samefile(character.model_path):
        raise GlmDeepError("the export would replace the model", where=str(path), hint="Choose another name with -o")
    for written in write_export(
        bundle, character.model_path, samples, arguments.format, precision, arguments.compute_capability, path
    ):
        line = f"{written.path}: {written.path.stat().st_size / 1e6:.1f} MB, {written.precision}"
        if written.found is not None:
            line += (
                f"; against the model, vertices differ by {written.found.mean:.1e} of the diagonal in the mean "
                f"and {written.found.largest:.1e} at the most"
            )
        print(line, flush=True)
    return ExitCode.OK
