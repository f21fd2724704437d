"""TensorRT engines, built from the half-precision ONNX graph.

TensorRT-RTX builds for the cards that artists have, on machines without any; TensorRT itself builds for the GPU that it
finds. Precision lies in the graph: no engine is built in another by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from glm_deep.errors import GlmDeepError
from glm_deep.export.onnx_file import INPUTS
from glm_deep.rundir import atomic_file

CAPABILITIES = ("SM80", "SM86", "SM89", "SM120")
"""What TensorRT-RTX builds for when nothing is said: the cards from Ampere to Blackwell.

For Turing (SM75) it has no products in single precision, which the closed form needs.
"""

BATCHES = (1, 16, 256)
"""Smallest, usual and largest number of frames at once."""

_WORKSPACE = 1 << 30
_NO_HARM = "A graph of glm-deep export --format onnx plays on any machine"


class Unavailable(GlmDeepError):  # noqa: N818 - a state of the machine, not a failure
    """There is nothing here to build such engines with."""


def load_package(kind: str) -> Any:
    """The package of an engine kind, `tensorrt` or `tensorrt-rtx`.

    Raises:
        Unavailable: it is not installed, or finds no driver or no GPU.
    """
    try:
        package = _imported(kind)
    except (ImportError, OSError) as error:
        install = "pip install tensorrt-rtx" if kind == "tensorrt-rtx" else "NVIDIA's installation of TensorRT"
        raise Unavailable(
            f"{kind} cannot be used here ({error})", hint=f"Install it with {install}. {_NO_HARM}"
        ) from error
    try:
        package.Builder(_logger(package))
    except TypeError as error:
        what = f"{kind} {package.__version__} finds no GPU that it could build for"
        instead = "" if kind == "tensorrt-rtx" else "Export with --format tensorrt-rtx, which needs none. "
        raise Unavailable(what, hint=f"{instead}{_NO_HARM}") from error
    return package


def _imported(kind: str) -> Any:
    if kind == "tensorrt":
        import tensorrt

        return tensorrt
    import tensorrt_rtx

    return tensorrt_rtx


def engine_name(asset: str, kind: str, version: str, capabilities: Sequence[str]) -> str:
    """File name of an engine; other capabilities or another version of the package give another."""
    target = "-".join(each.lower() for each in capabilities) or "gpu"
    return f"{asset}.fp16.{target}.{kind}-{version}.engine"


def build_engine(content: bytes, kind: str, capabilities: Sequence[str]) -> bytes:
    """An engine of an ONNX file.

    Args:
        content: the ONNX file, in half precision. kind: as in `load_package`.
        capabilities: what TensorRT-RTX builds for, such as SM86; none for TensorRT.

    Raises:
        Unavailable: as in `load_package`.
        GlmDeepError: the graph cannot be built, or would not be in half precision.
    """
    package = load_package(kind)
    messages: list[str] = []
    logger = _logger(package, messages)
    builder = package.Builder(logger)
    flag = getattr(package.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
    network = builder.create_network(0 if flag is None else 1 << int(flag))
    parser = package.OnnxParser(network, logger)
    if not parser.parse(content):
        first = str(parser.get_error(0)) if parser.num_errors else "no reason given"
        raise GlmDeepError(f"{kind} cannot read the graph ({first})", hint=_NO_HARM)
    _check_types(package, network, kind)
    config = builder.create_builder_config()
    config.set_memory_pool_limit(package.MemoryPoolType.WORKSPACE, _WORKSPACE)
    config.clear_flag(package.BuilderFlag.TF32)  # the closed form would lose the digits that it needs
    if capabilities:
        config.num_compute_capabilities = len(capabilities)
    for index, each in enumerate(capabilities):
        config.set_compute_capability(getattr(package.ComputeCapability, each), index)
    profile = builder.create_optimization_profile()
    values = next(
        network.get_input(i).shape[1] for i in range(network.num_inputs) if network.get_input(i).name == INPUTS
    )
    profile.set_shape(INPUTS, *((frames, values) for frames in BATCHES))
    config.add_optimization_profile(profile)
    built = builder.build_serialized_network(network, config)
    if built is None:
        reason = messages[-1] if messages else "no reason given"
        raise GlmDeepError(f"{kind} could not build the engine ({reason})", hint=_NO_HARM)
    return bytes(built)


def targets(kind: str, capabilities: Sequence[str]) -> tuple[str, ...]:
    """What an engine is to be built for, from what was asked for.

    Raises:
        Unavailable: as in `load_package`.
        GlmDeepError: the package does not build for that.
    """
    package = load_package(kind)
    if kind != "tensorrt-rtx":
        if capabilities:
            raise GlmDeepError(f"{kind} builds for the GPU that it finds", hint="Leave --compute-capability away")
        return ()
    known = [name for name in dir(package.ComputeCapability) if re.fullmatch(r"SM\d+", name)]
    chosen = tuple(each.upper() for each in capabilities or CAPABILITIES)
    unknown = [each for each in chosen if each not in known]
    if unknown:
        raise GlmDeepError(f"{kind} does not build for {unknown[0]}", hint=f"Choose among {', '.join(known)}")
    return chosen


def write_engine(folder: Path, asset: str, content: bytes, kind: str, capabilities: Sequence[str]) -> Path:
    """Builds an engine for `targets` and writes it under the name that tells what it fits; its path."""
    path = folder / engine_name(asset, kind, load_package(kind).__version__, capabilities)
    engine = build_engine(content, kind, capabilities)
    with atomic_file(path) as file:
        file.write(engine)
    return path


def _check_types(package: Any, network: Any, kind: str) -> None:
    """Refuses a network without any matrix product in half precision, as those of bases and responses should be."""
    layers = (network.get_layer(index) for index in range(network.num_layers))
    products = [layer for layer in layers if layer.type == package.LayerType.MATRIX_MULTIPLY]
    if not any(layer.get_output(0).dtype == package.DataType.HALF for layer in products):
        raise GlmDeepError(
            f"the graph has no product in half precision, so {kind} would build a slow engine",
            hint="Export with --precision fp16",
        )


def _logger(package: Any, messages: list[str] | None = None) -> Any:
    """A logger that keeps what went wrong and prints nothing."""

    class Quiet(package.ILogger):  # type: ignore[misc]
        def __init__(self) -> None:
            package.ILogger.__init__(self)

        def log(self, severity: Any, message: str) -> None:
            if messages is not None and severity <= package.ILogger.Severity.ERROR:
                messages.append(message)

    return Quiet()
