"""TensorRT engines, built from the half-precision ONNX graph.

TensorRT-RTX builds for the cards that artists have, on machines without any; TensorRT itself builds for the GPU that it
finds. Precision lies in the graph: no engine is built in another by mistake.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from glm_deep.errors import GlmDeepError, Unavailable
from glm_deep.export.engine_file import EngineFile, Note, engine_path, plain_name, save_engine
from glm_deep.export.onnx_file import HALF_PRODUCTS, metadata_in
from glm_deep.machine.cache import cache_folder
from glm_deep.machine.gpu import find_gpu
from glm_deep.rundir import atomic_write_bytes
from glm_deep.runtime.graph_file import INPUTS

KINDS = ("tensorrt-rtx", "tensorrt")

CAPABILITIES = ("SM80", "SM86", "SM89", "SM120")
"""What TensorRT-RTX builds for when nothing is said: the cards from Ampere to Blackwell.

For Turing (SM75) it has no products in single precision, which the closed form needs.
"""
_TURING = "SM75"

BATCHES = (1, 16, 256)
"""Smallest, usual and largest number of frames at once."""

_WORKSPACE = 1 << 30
_NO_HARM = "A graph of glm-deep export --format onnx plays on any machine"


def import_package(kind: str) -> Any:
    """The package of an engine kind, `tensorrt` or `tensorrt-rtx`.

    Raises:
        Unavailable: it is not installed, or does not load.
    """
    try:
        if kind == "tensorrt":
            import tensorrt

            return tensorrt
        import tensorrt_rtx
    except (ImportError, OSError) as error:
        raise Unavailable(
            f"{kind} cannot be used here ({error})", hint=f"Install it with: pip install {kind}. {_NO_HARM}"
        ) from error
    return tensorrt_rtx


def load_package(kind: str) -> Any:
    """The package of an engine kind, once it is known to build here.

    Raises:
        Unavailable: it is not installed, or finds no driver or no GPU.
    """
    package = import_package(kind)
    try:
        package.Builder(quiet_logger(package))
    except TypeError as error:
        what = f"{kind} {package.__version__} finds no GPU that it could build for"
        try:
            what += f": the {find_gpu().name} or its driver does not suit it"
        except Unavailable as absence:
            what += f": {absence.what}"
        instead = "" if kind == "tensorrt-rtx" else "Export with --format tensorrt-rtx, which needs none. "
        raise Unavailable(what, hint=f"{instead}{_NO_HARM}") from error
    return package


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
    logger = quiet_logger(package, messages)
    builder = package.Builder(logger)
    flag = getattr(package.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
    network = builder.create_network(0 if flag is None else 1 << int(flag))
    parser = package.OnnxParser(network, logger)
    if not parser.parse(content):
        first = str(parser.get_error(0)) if parser.num_errors else "no reason given"
        raise GlmDeepError(f"{kind} cannot read the graph ({first})", hint=_NO_HARM)
    _check_types(package, network, kind, half_products(content))
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
    timing = None
    if kind == "tensorrt":  # in TensorRT-RTX, which times nothing, they do nothing
        timing = cache_folder() / f"timing-{package.__version__}-{plain_name(find_gpu().name)}.cache"
        known = b""
        with suppress(OSError):
            known = timing.read_bytes()
        if not config.set_timing_cache(config.create_timing_cache(known), False):
            config.set_timing_cache(config.create_timing_cache(b""), False)
    built = builder.build_serialized_network(network, config)
    if timing is not None:
        with suppress(GlmDeepError):  # without it the next build takes longer, no more
            atomic_write_bytes(timing, bytes(config.get_timing_cache().serialize()))
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
    known = [name for name in dir(package.ComputeCapability) if re.fullmatch(r"SM\d+", name) and name != _TURING]
    chosen = tuple(each.upper() for each in capabilities or CAPABILITIES)
    unknown = [each for each in chosen if each not in known]
    if unknown:
        raise GlmDeepError(f"{kind} does not build for {unknown[0]}", hint=f"Choose among {', '.join(known)}")
    return chosen


def write_engine(model_path: Path, identity: str, content: bytes, kind: str, capabilities: Sequence[str]) -> EngineFile:
    """Builds an engine of a graph for `targets`, and puts it beside its model with a note of what it fits.

    Raises:
        Unavailable, GlmDeepError: as in `build_engine`; or it cannot be written.
    """
    return keep_engine(model_path, identity, build_engine(content, kind, capabilities), kind, capabilities)


def keep_engine(model_path: Path, identity: str, engine: bytes, kind: str, capabilities: Sequence[str]) -> EngineFile:
    """Puts an engine beside a model file, with a note of what it fits.

    Raises:
        GlmDeepError: it cannot be written.
    """
    version = import_package(kind).__version__
    gpu = "" if capabilities else find_gpu().name
    note = Note(identity, kind, version, tuple(capabilities), gpu, hashlib.sha256(engine).hexdigest())
    return save_engine(engine_path(model_path, kind, version, capabilities, gpu), engine, note)


def half_products(content: bytes) -> int:
    """How many matrix products of the model are in half precision, as its ONNX file says."""
    about = metadata_in(content, Path("graph"))
    return int(about[HALF_PRODUCTS]) if isinstance(about, dict) else 0


def _check_types(package: Any, network: Any, kind: str, products: int) -> None:
    """Refuses a network whose types are not those of the graph in half precision.

    It is strongly typed, so that the engine will have these very types.
    """
    single = package.DataType.FLOAT
    ends = [network.get_input(index) for index in range(network.num_inputs)]
    ends += [network.get_output(index) for index in range(network.num_outputs)]
    layers = [network.get_layer(index) for index in range(network.num_layers)]
    found = sum(
        layer.type == package.LayerType.MATRIX_MULTIPLY and layer.get_output(0).dtype == package.DataType.HALF
        for layer in layers
    )
    wrong = [end.name for end in ends if end.dtype != single]
    if wrong or not found or found != products:
        what = (
            f"{wrong[0]} is not in single"
            if wrong
            else f"{found} matrix products, not {products or 'some'}, are in half"
        )
        raise GlmDeepError(
            f"the graph is not as {kind} needs it: {what} precision",
            hint="Export with --precision fp16",
        )


def quiet_logger(package: Any, messages: list[str] | None = None) -> Any:
    """A logger that keeps what went wrong and prints nothing."""

    class Quiet(package.ILogger):  # type: ignore[misc]
        def __init__(self) -> None:
            package.ILogger.__init__(self)

        def log(self, severity: Any, message: str) -> None:
            if messages is not None and severity <= package.ILogger.Severity.ERROR:
                messages.append(message)

    return Quiet()
