"""Engine files beside a model, each with a note of what it is for: `<engine>.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from glm_deep.rundir import atomic_write_bytes, atomic_write_text

SUFFIX = ".engine"


@dataclass(frozen=True)
class Note:
    """What an engine is for.

    Attributes:
        model: identity of the model. kind: tensorrt or tensorrt-rtx. version: of that package.
        capabilities: what it was built for; where there are none, it is for the GPU `gpu` alone.
        sha256: of the engine.
    """

    model: str
    kind: str
    version: str
    capabilities: tuple[str, ...]
    gpu: str
    sha256: str


@dataclass(frozen=True)
class EngineFile:
    """An engine and its note."""

    path: Path
    note: Note

    @property
    def files(self) -> tuple[Path, Path]:
        """The engine and the file of its note."""
        return self.path, _note_path(self.path)

    def fitting(self, kind: str, model: str, gpu: str, capability: str, version: str) -> bytes | str:
        """The engine, if it can be played with this package, model and GPU; else why it cannot."""
        note = self.note
        if note.kind != kind or note.version != version:
            return f"it was built by {note.kind} {note.version}"
        if note.model != model:
            return "it is of another model"
        if capability not in note.capabilities if note.capabilities else note.gpu != gpu:
            return f"it was built for {', '.join(note.capabilities) or note.gpu}"
        try:
            content = self.path.read_bytes()
        except OSError as error:
            return f"it cannot be read ({error.strerror or error})"
        whole = hashlib.sha256(content).hexdigest() == note.sha256
        return content if whole else "it is cut short or damaged"


def engine_path(model_path: Path, kind: str, version: str, capabilities: Sequence[str], gpu: str) -> Path:
    """Where an engine goes; another target or another version of the package gives another name."""
    target = "-".join(each.lower() for each in capabilities) or plain_name(gpu)
    return model_path.with_suffix(f".fp16.{target}.{kind}-{version}{SUFFIX}")


def plain_name(gpu: str) -> str:
    """The name of a GPU as part of a file name."""
    return "".join(each if each.isalnum() else "-" for each in gpu)


def save_engine(path: Path, engine: bytes, note: Note) -> EngineFile:
    """Writes an engine and its note."""
    atomic_write_bytes(path, engine)
    atomic_write_text(_note_path(path), json.dumps(asdict(note), ensure_ascii=False, indent=1) + "\n")
    return EngineFile(path, note)


def engines_beside(model_path: Path) -> list[EngineFile]:
    """The engines of a model file, whether they fit or not; one whose note cannot be read is left out."""
    found = []
    for path in sorted(model_path.parent.glob(f"*{SUFFIX}")):
        if path.name.startswith(f"{model_path.stem}.fp16."):
            try:
                note = json.loads(_note_path(path).read_text(encoding="utf-8"))
                found.append(EngineFile(path, Note(**{**note, "capabilities": tuple(note["capabilities"])})))
            except (OSError, ValueError, TypeError, KeyError):
                continue
    return found


def _note_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")
