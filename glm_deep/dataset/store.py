"""The samples of a character: immutable shards and one index, to which every extraction or import adds.

    samples/index.json          which shards count; carries its own checksum
    samples/session/shard-0001/ see glm_deep.dataset.shard; in the folder of its session, numbered over all of them
    samples/.partial-...        left over from an interruption; ignored, and removed by the next addition
    samples.lock                held by who writes; see glm_deep.dataset.lock

A shard counts from the moment in which the index names it, which happens whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from glm_deep.dataset.contradictions import contradictions, outside_limits
from glm_deep.dataset.fingerprint import difference, fingerprint
from glm_deep.dataset.frames import Frames
from glm_deep.dataset.identical import earlier_twins
from glm_deep.dataset.lock import unwritable, writing
from glm_deep.dataset.samples import SampleSet
from glm_deep.dataset.shard import Shard, sync_folder, write_shard
from glm_deep.errors import DataError
from glm_deep.inputs import raw_values
from glm_deep.rundir import atomic_write_text, numbered_backup

INDEX = "index.json"

_FORMAT, _VERSION = "glm_deep samples", 1
_SHARD, _PARTIAL = "shard-", ".partial-"
_SHARD_NAME, _TEMPORARY_NAME = re.compile(r"shard-\d{4,}"), re.compile(r"\.[0-9a-f]{32}\.tmp")
_CLEAR = "glm-deep clear CONF.dio --samples"


@dataclass(frozen=True)
class ShardInfo:
    """One addition, as the index lists it.

    Attributes:
        name: folder of the shard inside the samples, such as `session/shard-0001`.
        session: the extraction or import that made it.
        frames: number of samples.
        date: when it was added, ISO 8601, UTC.
        clips: number of samples from every clip.
        manifest: SHA-256 of the shard's manifest.
    """

    name: str
    session: str
    frames: int
    date: str
    clips: Mapping[str, int]
    manifest: str


@dataclass(frozen=True)
class AddResult:
    """What became of the frames that were handed in.

    Attributes:
        added: how many were added.
        discarded: how many were left out because their inputs were there already.
        shard: name of the new shard, or None when nothing was added.
        warnings: sentences for the user.
    """

    added: int
    discarded: int
    shard: str | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Index:
    fingerprint: Mapping[str, Any] | None = None
    shards: tuple[ShardInfo, ...] = ()


class SampleStore:
    """The sample store in a folder, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    @property
    def exists(self) -> bool:
        """Whether there are samples.

        Raises:
            DataError: the index is missing, changed or damaged; so do the other properties.
        """
        return bool(self._read_index().shards)

    @property
    def frame_count(self) -> int:
        """Number of samples."""
        return sum(shard.frames for shard in self.shards)

    @property
    def shards(self) -> tuple[ShardInfo, ...]:
        """The additions, the oldest first."""
        return self._read_index().shards

    @property
    def fingerprint(self) -> dict[str, Any] | None:
        """The fingerprint of meshes and inputs, or None while there are no samples."""
        found = self._read_index().fingerprint
        return None if found is None else dict(found)

    @property
    def data_hash(self) -> str:
        """A SHA-256 that changes with any sample, and not with names of sessions or dates."""
        return _data_hash(self._read_index())

    def add(self, frames: Frames, *, session: str, discard_identical: bool, tolerance: float) -> AddResult:
        """Add frames as one new shard, whole or not at all; waits for an addition that goes on.

        Args:
            frames: the frames.
            session: name of the extraction or import, and folder inside the samples that keeps its shards.
            discard_identical: whether to leave out frames whose inputs are there already.
            tolerance: how far inputs may differ and still be identical, in units of the scale of the input.

        Raises:
            DataError: the frames do not fit the samples, or the folder cannot be written.
            BusyError: somebody else has been writing to the samples for a minute.
        """
        self._refuse_unfinished(frames)
        with writing(self.folder):
            return self._add(frames, session, discard_identical, tolerance)

    def _add(self, frames: Frames, session: str, discard_identical: bool, tolerance: float) -> AddResult:
        """`add` while nobody else writes."""
        index = self._read_index()
        skinned = [mesh.skinning.kind != "none" for mesh in frames.meshes]
        new = fingerprint(frames.layout, [mesh.rest for mesh in frames.meshes], skinned)
        if index.fingerprint is not None:
            self._refuse_misfits(difference(index.fingerprint, new))
        shards = self._open_shards(index)
        twins = _twins(frames, shards, tolerance) if discard_identical else np.full(len(frames.clips), -1)
        samples = SampleSet(shards, index.fingerprint or new, _data_hash(index)) if shards else None
        odd = (*contradictions(frames, twins, samples), *outside_limits(frames))
        chosen = np.flatnonzero(twins < 0)
        discarded = len(frames.clips) - len(chosen)
        if not len(chosen):
            return AddResult(0, discarded, None, odd)
        try:
            info = self._write(index, frames, chosen, session)
            self._write_index(_Index(index.fingerprint or new, (*index.shards, info)))
        except OSError as error:
            raise unwritable(self.folder, error) from error
        warnings = _compare(shards[0], frames, self._open(info)) if shards else ()
        return AddResult(len(chosen), discarded, info.name, (*odd, *warnings))

    def clear(self) -> Path:
        """Move all samples aside; the folder of the backup, such as `samples.backup-0001`.

        Raises:
            DataError: there are no samples.
            GlmDeepError: the folder cannot be renamed, or somebody else has been writing to it for a minute.
        """
        if self.folder.is_dir():
            with writing(self.folder):
                if self.folder.is_dir():
                    return numbered_backup(self.folder)
        raise DataError("there are no samples to clear", where=str(self.folder))

    def open(self) -> SampleSet:
        """The samples for reading; the sizes of all files are checked, their contents by `SampleSet.verify`.

        Raises:
            DataError: there are no samples, or a part of them is missing, truncated or changed.
        """
        index = self._read_index()
        if index.fingerprint is None or not index.shards:
            raise DataError(
                "there are no samples yet",
                where=str(self.folder),
                hint="Extract or import frames first, for instance with: glm-deep import CONF.dio FRAMES.npz",
            )
        return SampleSet(self._open_shards(index), index.fingerprint, _data_hash(index))

    def _open(self, info: ShardInfo) -> Shard:
        return Shard(self.folder / info.name, info.manifest)

    def _open_shards(self, index: _Index) -> list[Shard]:
        return [self._open(info) for info in index.shards]

    def _refuse_unfinished(self, frames: Frames) -> None:
        for mesh in frames.meshes:
            if mesh.deformed is None:
                raise DataError(
                    f'mesh "{mesh.rest.name}" has no deformed positions', hint="Add them, for they are what is learned"
                )

    def _refuse_misfits(self, differences: list[str]) -> None:
        if differences:
            raise DataError(
                f"the frames do not fit the samples: {'; '.join(differences)}",
                where=str(self.folder),
                hint=f"Use the meshes and inputs of the samples, or start anew with: {_CLEAR}",
            )

    def _write(self, index: _Index, frames: Frames, chosen: np.ndarray, session: str) -> ShardInfo:
        """Write a shard that does not count yet."""
        if not (self.folder / INDEX).exists():
            # from now on shards without an index are a sign of damage, not of an interrupted first addition
            self._write_index(index)
        number = max((_number(shard.name) for shard in index.shards), default=0) + 1
        self._remove_leftovers(index, number)
        path = self.folder / session / f"{_SHARD}{number:04}"
        partial = self.folder / f"{_PARTIAL}{uuid.uuid4().hex}"
        try:
            manifest = write_shard(partial, frames, chosen)
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.replace(path)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        for folder in (path.parent, *path.parent.parents):
            sync_folder(folder)
            if folder == self.folder:
                break
        clips = dict(Counter(frames.clips[frame] for frame in chosen))
        date = datetime.now(timezone.utc).isoformat(timespec="seconds")
        return ShardInfo(path.relative_to(self.folder).as_posix(), session, len(chosen), date, clips, manifest)

    def _remove_leftovers(self, index: _Index, next_number: int) -> None:
        """Remove what an interrupted addition left; more than it can leave is not ours to remove."""
        counted = {shard.name for shard in index.shards}
        uncounted = sorted(self._shards_on_disk() - counted)
        strangers = [name for name in uncounted if _number(name) != next_number]
        if strangers:
            raise self._index_error(f"the index does not list these shards: {', '.join(strangers)}")
        for name in uncounted:
            shutil.rmtree(self.folder / name)
        for path in self.folder.iterdir():
            if path.name.startswith(_PARTIAL):
                shutil.rmtree(path)
            elif _TEMPORARY_NAME.fullmatch(path.name):
                path.unlink()

    def _shards_on_disk(self) -> set[str]:
        """The names of all shards below the folder, whether they count or not."""
        found = (path for path in self.folder.rglob(f"{_SHARD}*") if _SHARD_NAME.fullmatch(path.name))
        return {path.relative_to(self.folder).as_posix() for path in found}

    def _read_index(self) -> _Index:
        path = self.folder / INDEX
        try:
            text = path.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            if self._shards_on_disk():
                raise self._index_error("the index is missing although there are shards") from None
            return _Index()
        except (OSError, ValueError) as error:
            raise self._index_error("the index cannot be read") from error
        try:
            content = json.loads(text)
            version, checksum = content["version"], content.pop("checksum")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._index_error("the index is damaged") from error
        if version != _VERSION:
            raise DataError(
                f"the samples have the version {version}, but this program reads version {_VERSION}",
                where=str(path),
                hint="Update the program",
            )
        if checksum != _checksum(content):
            raise self._index_error("the index was changed by hand or is damaged")
        return _Index(content["fingerprint"], tuple(ShardInfo(**shard) for shard in content["shards"]))

    def _write_index(self, index: _Index) -> None:
        content: dict[str, Any] = {
            "format": _FORMAT,
            "version": _VERSION,
            "fingerprint": index.fingerprint,
            "shards": [asdict(shard) for shard in index.shards],
        }
        content["checksum"] = _checksum(content)
        atomic_write_text(self.folder / INDEX, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        sync_folder(self.folder)

    def _index_error(self, what: str) -> DataError:
        return DataError(
            what,
            where=str(self.folder / INDEX),
            hint=f"Restore this file from a backup, or start anew with: {_CLEAR}",
        )


def _number(shard: str) -> int:
    """The number in the name of a shard."""
    return int(shard.rpartition(_SHARD)[2])


def _twins(frames: Frames, shards: list[Shard], tolerance: float) -> np.ndarray:
    """(F,) for every frame one with the same inputs, -1 for none; samples first, then the frames themselves."""
    new = raw_values(frames.layout, frames.inputs)
    parts = [raw_values(frames.layout, shard.inputs()) for shard in shards]
    stored = sum(len(part) for part in parts)
    return earlier_twins(frames.layout, np.concatenate([*parts, new]), tolerance, known=stored)[stored:]


def _compare(first: Shard, frames: Frames, added: Shard) -> tuple[str, ...]:
    """Warnings where an addition fits the samples and is still not like the first of them."""
    warnings = []
    if not np.array_equal(first.layout.float_limits, frames.layout.float_limits, equal_nan=True):
        warnings.append("the limits of the floats differ from those of the first samples, which stay in force")
    for number, mesh in enumerate(frames.meshes):
        if first.weights_hash(number) != added.weights_hash(number):
            warnings.append(f'mesh "{mesh.rest.name}": the skin weights differ from those of the first samples')
    return tuple(warnings)


def _data_hash(index: _Index) -> str:
    return hashlib.sha256("\n".join(shard.manifest for shard in index.shards).encode()).hexdigest()


def _checksum(content: Mapping[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
