"""All files of an export, whoever asks for it: the command line, or the end of a training."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from glm_deep.bundle import Bundle
from glm_deep.dataset.source import FrameSource
from glm_deep.errors import GlmDeepError
from glm_deep.events import Event, Exported, NotExported, Phase
from glm_deep.export.engine import KINDS, targets, write_engine
from glm_deep.export.onnx_file import packages, write_onnx
from glm_deep.export.parity import Parity
from glm_deep.machine.gpu import find_gpu
from glm_deep.rundir import graph_path

ONNX, AUTOMATIC = "onnx", "automatic"


@dataclass(frozen=True)
class Written:
    """A file of an export, its precision, how far a graph is from the model (None for an engine), and its note."""

    path: Path
    precision: str
    found: Parity | None = None
    note: tuple[Path, ...] = ()


def write_export(
    bundle: Bundle,
    model_path: Path,
    source: FrameSource,
    kind: str,
    precision: str = "fp32",
    capabilities: Sequence[str] = (),
    path: Path | None = None,
) -> Iterator[Written]:
    """Writes the graph, and the engine that is asked for; gives each file once it is there.

    Args:
        bundle, model_path: the model and its file. source: frames to compare with.
        kind: onnx, tensorrt-rtx or tensorrt. precision: of a graph without engine.
        capabilities: what TensorRT-RTX builds for; empty for the usual ones.
        path: of the graph, None for beside the model. An engine lies beside the graph.

    Raises:
        Unavailable: something is missing here; nothing is written then.
        GlmDeepError: the graph does not play as the model does, or the engine cannot be built.
    """
    chosen = targets(kind, capabilities) if kind != ONNX else ()
    precision = precision if kind == ONNX else "fp16"
    graph = path or graph_path(model_path, precision)
    yield Written(graph, precision, write_onnx(graph, bundle, source, precision))
    if kind != ONNX:
        beside = graph.parent / model_path.name
        engine, *note = write_engine(beside, bundle.identity, graph.read_bytes(), kind, chosen).files
        yield Written(engine, precision, note=tuple(note))


def export_trained(
    wanted: str,
    bundle: Bundle,
    model_path: Path,
    source: FrameSource,
    tell: Callable[[Event], None],
    log: Path,
) -> list[Path]:
    """The export at the end of a training, which it never fails: what cannot be done is told.

    Args:
        wanted: `AUTOMATIC` or a kind of `write_export`. tell: receives what becomes of it.
        log: receives the traceback of what should not have happened.

    Returns:
        the files.
    """
    paths: list[Path] = []
    kinds: list[tuple[str, tuple[str, ...]]] = [] if wanted == AUTOMATIC else [(wanted, ())]
    now = wanted
    try:
        with _told(now, tell, log):
            kinds += _possible(tell) if wanted == AUTOMATIC else []
        for step, (now, capabilities) in enumerate(kinds):
            tell(Phase("export", step, len(kinds)))
            with _told(now, tell, log):
                for written in write_export(bundle, model_path, source, now, capabilities=capabilities):
                    paths += [written.path, *written.note]
                    apart = None if written.found is None else written.found.largest
                    tell(Exported(str(written.path), written.precision, written.path.stat().st_size, apart))
    except KeyboardInterrupt:
        tell(NotExported(now, "It was interrupted."))
    if kinds:
        tell(Phase("export", len(kinds), len(kinds)))
    return paths


@contextmanager
def _told(kind: str, tell: Callable[[Event], None], log: Path) -> Iterator[None]:
    """Tells of what goes wrong within, and goes on."""
    try:
        yield
    except GlmDeepError as error:
        tell(NotExported(kind, str(error)))
    except Exception as error:
        with suppress(OSError):
            log.write_text(traceback.format_exc(), encoding="utf-8")
        tell(NotExported(kind, f"It broke down ({type(error).__name__}: {error}); {log.name} says where."))


def _possible(tell: Callable[[Event], None]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Kinds that can be written here, with what they are built for; the rest is told of."""
    try:
        packages()
    except GlmDeepError as error:
        tell(NotExported(ONNX, str(error)))
        return
    yield ONNX, ()
    reasons = []
    for kind in KINDS:
        try:
            gpu = find_gpu()
            capabilities = (gpu.capability,) if kind == "tensorrt-rtx" else ()
            targets(kind, capabilities)
        except GlmDeepError as error:
            reasons.append(error.what)
        else:
            yield kind, capabilities
            return
    instead = "The ONNX graph plays without, and glm-deep export --format tensorrt-rtx builds for other machines."
    tell(NotExported("TensorRT", f"{'; '.join(dict.fromkeys(reasons))}. {instead}"))
