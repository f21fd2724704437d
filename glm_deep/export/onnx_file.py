"""The model as one ONNX file: written by torch's exporter, checked in full, and played before it is published."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glm_deep.bundle import Bundle
from glm_deep.dataset.source import FrameSource
from glm_deep.errors import GlmDeepError, Unavailable
from glm_deep.export.parity import Parity, parity, raw_inputs, refuse_beyond, some_frames
from glm_deep.inputs import InputFrames
from glm_deep.rundir import atomic_file
from glm_deep.runtime.evaluator import exact_player
from glm_deep.runtime.graph_file import EXPORT, INPUTS, METADATA, QUALITY, GraphSession, check_model, output_name
from glm_deep.runtime.model import Model, from_bundle

OPSET = 20
HALF_PRODUCTS = "half_products"
"""The key within it of how many matrix products are in half precision."""

_MOST_FRAMES = 4096


def write_onnx(path: Path, bundle: Bundle, source: FrameSource, precision: str) -> Parity:
    """Writes the file once it is known to play as the model does; how far it is from that.

    Args:
        bundle: the model that is exported.
        source: frames to compare with. precision: fp32 or fp16.

    Raises:
        GlmDeepError: a package is missing, or the graph does not play as the model does; nothing is written then.
    """
    onnx, _ = packages()
    model = from_bundle(bundle)
    content = onnx_bytes(model, metadata(bundle, precision), half=precision == "fp16")
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    player = exact_player(model)
    found = parity(source, some_frames(source), player.mesh_names, player.offsets, onnx_predictor(content, model))
    refuse_beyond(found, precision, "the ONNX graph")
    with atomic_file(path) as file:
        file.write(content)
    return found


def metadata(bundle: Bundle, precision: str) -> dict[str, Any]:
    """What a program has to know to play the graph of a model."""
    model, facts = from_bundle(bundle), bundle.facts
    layout, statistics = model.layout, model.statistics
    return {
        "version": 1,
        "model": bundle.identity,
        "asset": facts.get("asset"),
        "precision": precision,
        "inputs": list(layout.value_names),
        "unit": "floats and matrices as they are, joints as inv(rest_local) inv(parent) world - 1; three top rows each",
        "kept": np.flatnonzero(statistics.kept).tolist(),
        "centre": statistics.centre.tolist(),
        "scale": statistics.scale.tolist(),
        "low": statistics.low.tolist(),
        "high": statistics.high.tolist(),
        "meshes": [
            {
                "name": mesh.name,
                "output": output_name(number),
                "vertices": len(mesh.mean),
                "diagonal": mesh.diagonal,
                "anchors": len(mesh.anchors),
            }
            for number, mesh in enumerate(model.meshes)
        ],
        "fingerprint": facts.get("fingerprint"),
        "data_hash": facts.get("data_hash"),
    }


def onnx_bytes(model: Model, about: Mapping[str, Any], *, half: bool) -> bytes:
    """The graph as an ONNX file, for any number of frames at once."""
    import torch

    from glm_deep.export.graph import Graph

    onnx, _ = packages()
    graph = Graph(model, half=half).eval()
    frames = torch.zeros(3, len(model.statistics.kept))
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript")]
    levels = [each.level for each in loggers]
    try:
        for each in loggers:
            each.setLevel(logging.ERROR)  # it names packages that nobody needs here
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                graph,
                (frames, torch.ones(1)),
                dynamo=True,
                opset_version=OPSET,
                input_names=[INPUTS, QUALITY],
                output_names=[output_name(number) for number in range(len(model.meshes))],
                dynamic_shapes=({0: torch.export.Dim("frames", min=1, max=_MOST_FRAMES)}, None),
                verbose=False,
            )
    finally:
        for each, level in zip(loggers, levels):
            each.setLevel(level)
    if program is None:
        raise GlmDeepError("torch has written no ONNX graph", hint="Report it, with the model file")
    proto = program.model_proto
    products = sum(each.dtype == torch.float16 for each in graph.parameters())
    known = {**about, HALF_PRODUCTS: products}
    onnx.helper.set_model_props(proto, {METADATA: json.dumps(known, ensure_ascii=False)})
    content: bytes = proto.SerializeToString()
    return content


def read_graph(path: Path, identity: str) -> bytes:
    """The graph in a file.

    Raises:
        Unavailable: there is none, it cannot be read, or it is of another model than that of this identity.
        GlmDeepError: a package is missing.
    """
    if not path.is_file():
        raise Unavailable("the model has not been exported", where=str(path), hint=EXPORT)
    content = path.read_bytes()
    check_model(metadata_in(content, path), identity, path)
    return content


def metadata_in(content: bytes, path: Path) -> Any:
    """What a graph says of itself; None where it says nothing.

    Raises:
        Unavailable: the bytes are no graph.
        GlmDeepError: a package is missing.
    """
    from google.protobuf.message import DecodeError

    onnx, _ = packages()
    damaged = Unavailable("the graph is cut short or damaged", where=str(path), hint=EXPORT)
    try:
        proto = onnx.load_from_string(content)
        about = json.loads(next((each.value for each in proto.metadata_props if each.key == METADATA), "null"))
    except (DecodeError, ValueError) as error:
        raise damaged from error
    if not proto.graph.node:
        raise damaged
    return about


def onnx_predictor(content: bytes, model: Model) -> Callable[[InputFrames], list[np.ndarray]]:
    """Plays an ONNX file at full quality with one thread."""
    _, onnxruntime = packages()
    session = GraphSession(onnxruntime, content, threads=1)
    return lambda inputs: session.play(raw_inputs(model, inputs), 1.0)


def packages() -> tuple[Any, Any]:
    """onnx and onnxruntime.

    Raises:
        GlmDeepError: a package that the export needs is missing.
    """
    try:
        import onnx
        import onnxruntime
        import onnxscript  # noqa: F401 - torch's exporter needs it
    except ImportError as error:
        raise GlmDeepError(
            f"the export to ONNX needs a package that is not installed ({error})",
            hint='Install it, in the checkout of glm_deep, with: pip install ".[onnx]"',
        ) from error
    return onnx, onnxruntime
