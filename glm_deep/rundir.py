"""The names of all files of a character and of a training run, and how they are written.

    <main>/samples/                  the sample store (glm_deep.dataset names what is inside)
    <main>/models/<asset>.glmdeep    the trained model; beside it .onnx and .fp16.onnx, its graphs for other engines
    <main>/runs/0001/                one training: events, configuration, report, checkpoint, log, stop request
    <main>/training.lock             held by the training that goes on; training.lock.json says whose it is

A file is written whole or not at all.
"""

from __future__ import annotations

import getpass
import json
import os
import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from glm_deep.errors import BusyError, GlmDeepError

MODEL_SUFFIX = ".glmdeep"
# Long enough that a look at the lock by somebody else (`is_training`) does not turn a training away.
SECONDS_TO_WAIT = 1.0


@dataclass(frozen=True)
class RunFolder:
    """The files of one training."""

    path: Path

    @property
    def name(self) -> str:
        """The number of the run, such as `0001`."""
        return self.path.name

    @property
    def events(self) -> Path:
        """The records of the run."""
        return self.path / "events.jsonl"

    @property
    def configuration(self) -> Path:
        """The settings as they were in this run."""
        return self.path / "configuration.dio"

    @property
    def report(self) -> Path:
        """The errors on held-out frames."""
        return self.path / "report.json"

    @property
    def checkpoint(self) -> Path:
        """What the training can be taken up from."""
        return self.path / "checkpoint.npz"

    @property
    def log(self) -> Path:
        """What a developer wants to read after a failure."""
        return self.path / "log.txt"

    @property
    def stop_request(self) -> Path:
        """A file whose presence asks the training to stop."""
        return self.path / "stop"

    @property
    def stop_requested(self) -> bool:
        """Whether somebody asked the training to stop."""
        return self.stop_request.exists()

    def request_stop(self) -> None:
        """Asks the training to stop at its next step and to keep what it has learned."""
        atomic_write_bytes(self.stop_request, b"")


def graph_path(model: Path, precision: str) -> Path:
    """Where the graph of a model file goes, by its precision, fp32 or fp16."""
    return model.with_suffix(".onnx" if precision == "fp32" else f".{precision}.onnx")


@dataclass(frozen=True)
class MainFolder:
    """The folder of one character, the main directory of its configuration."""

    path: Path

    @property
    def samples(self) -> Path:
        """The folder of the sample store."""
        return self.path / "samples"

    @property
    def models(self) -> Path:
        """The folder of the trained models."""
        return self.path / "models"

    @property
    def runs(self) -> Path:
        """The folder of the runs."""
        return self.path / "runs"

    @property
    def lock(self) -> Path:
        """The file that the operating system locks while a training goes on."""
        return self.path / "training.lock"

    @property
    def lock_owner(self) -> Path:
        """Who holds the lock; a file of its own because Windows lets nobody read a locked one."""
        return self.path / "training.lock.json"

    def bundle(self, asset: str) -> Path:
        """The model file of an asset."""
        return self.models / f"{asset}{MODEL_SUFFIX}"

    def run_folders(self) -> list[RunFolder]:
        """The folders of all runs, the oldest first."""
        if not self.runs.is_dir():
            return []
        numbered = [path for path in self.runs.iterdir() if _is_number(path.name) and path.is_dir()]
        return [RunFolder(path) for path in sorted(numbered, key=lambda path: int(path.name))]

    def new_run(self) -> RunFolder:
        """A fresh folder with the next number; nobody else gets the same one.

        Raises:
            GlmDeepError: the folder cannot be written.
        """
        try:
            self.runs.mkdir(parents=True, exist_ok=True)
            number = max((int(run.name) for run in self.run_folders()), default=0)
            while True:
                number += 1
                path = self.runs / f"{number:04}"
                with suppress(FileExistsError):
                    path.mkdir()
                    return RunFolder(path)
        except OSError as error:
            raise _unwritable(self.runs, error) from error


def check_writable(folder: Path) -> None:
    """Refuses a folder in which nothing can be made, before work goes into what is to be kept there.

    Raises:
        GlmDeepError: it, or the first folder above it that is there, may not be written to.
    """
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        reason = "may not be written to" if there.is_dir() else "is a file"
        raise GlmDeepError(
            f"cannot be written, because {there} {reason}",
            where=str(folder),
            hint="Make room for the folder, or choose another one",
        )


def make_folder(path: Path) -> None:
    """Makes a folder and those above it, where they are missing.

    Raises:
        GlmDeepError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def atomic_file(path: Path | str) -> Iterator[BinaryIO]:
    """A file to write to that takes the place of `path` when the block ends well, and leaves no trace otherwise.

    Missing folders above it are made.

    Raises:
        GlmDeepError: the folder cannot be written, or another program keeps the file open.
    """
    target = Path(path)
    temporary = target.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def atomic_write_bytes(path: Path | str, data: bytes) -> None:
    """Writes a file whole or not at all; see `atomic_file`."""
    with atomic_file(path) as file:
        file.write(data)


def atomic_write_text(path: Path | str, text: str) -> None:
    """Writes a UTF-8 file whole or not at all, line ends as they are; see `atomic_file`."""
    atomic_write_bytes(path, text.encode("utf-8"))


def numbered_backup(path: Path | str) -> Path:
    """The new name of a file or folder that was moved aside, such as `samples.backup-0001`.

    Raises:
        GlmDeepError: there is nothing at `path`, or it cannot be renamed.
    """
    source = Path(path)
    prefix = f"{source.name}.backup-"
    try:
        tails = [each.name[len(prefix) :] for each in source.parent.iterdir() if each.name.startswith(prefix)]
        number = max([int(tail) for tail in tails if _is_number(tail)], default=0) + 1
        return source.rename(source.with_name(f"{prefix}{number:04}"))
    except FileNotFoundError as error:
        raise GlmDeepError("there is nothing here to back up", where=str(source)) from error
    except OSError as error:
        hint = "Close the programs that have it open, and check that you may write to the folder that it is in"
        raise GlmDeepError(f"cannot be renamed ({_reason(error)})", where=str(source), hint=hint) from error


@dataclass(frozen=True)
class Owner:
    """Who trains: the process, and the time it began as in `2031-05-01 12:30:00 UTC`; texts are empty where unknown."""

    user: str = ""
    host: str = ""
    pid: int = 0
    run: str = ""
    started: str = ""

    def __str__(self) -> str:
        who = f"{self.user or 'somebody'} on {self.host or 'an unknown computer'}"
        parts = [
            f"process {self.pid}" if self.pid else "",
            f"run {self.run}" if self.run else "",
            f"since {self.started}" if self.started else "",
        ]
        known = ", ".join(part for part in parts if part)
        return f"{who} ({known})" if known else who


class TrainingLock:
    """Lets one training at a time into a main folder; a context manager.

    The operating system frees the lock when its process ends in whatever way, so a file left behind blocks nobody.

    Raises, when entered:
        BusyError: another training goes on there; the text names its owner.
        GlmDeepError: the folder cannot be written.
    """

    def __init__(self, main: MainFolder) -> None:
        from filelock import FileLock

        self._main = main
        self._lock = FileLock(str(main.lock))
        self.owner = Owner()

    def __enter__(self) -> TrainingLock:
        from filelock import Timeout

        try:
            self._main.path.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=SECONDS_TO_WAIT)
        except Timeout as error:
            owner = _read_owner(self._main) or Owner()
            hint = 'Wait until it has finished, or stop a training by making the file "stop" in its folder below runs'
            raise BusyError(f"{owner} is at work here", where=str(self._main.path), hint=hint) from error
        except (OSError, NotImplementedError) as error:
            raise _unwritable(self._main.lock, error) from error
        started = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
        try:
            self._record(Owner(_user(), platform.node(), os.getpid(), "", started))
        except GlmDeepError:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._main.lock_owner.unlink()
        self._lock.release()

    def name_run(self, run: RunFolder) -> None:
        """Tells the others which run holds the lock."""
        self._record(replace(self.owner, run=run.name))

    def _record(self, owner: Owner) -> None:
        atomic_write_text(self._main.lock_owner, json.dumps(asdict(owner), ensure_ascii=False, indent=1) + "\n")
        self.owner = owner


def is_training(main: MainFolder) -> Owner | None:
    """Whose training goes on in a main folder, None when there is none.

    Where the filelock package is missing, as inside Maya, the file that the owner left is believed.
    """
    if not main.lock.exists():
        return None
    try:
        from filelock import FileLock, Timeout
    except ImportError:
        return _read_owner(main)
    lock = FileLock(str(main.lock))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return _read_owner(main) or Owner()
    except (OSError, NotImplementedError):
        return _read_owner(main)
    lock.release()
    return None


def _read_owner(main: MainFolder) -> Owner | None:
    try:
        found = json.loads(main.lock_owner.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return Owner()
    if not isinstance(found, dict):
        return Owner()
    known = {each.name: found[each.name] for each in fields(Owner) if type(found.get(each.name)) is type(each.default)}
    return Owner(**known)


def _user() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return ""


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _unwritable(path: Path, error: Exception) -> GlmDeepError:
    hint = "Check that the disk is not full, that you may write to this folder, and that no program has the file open"
    return GlmDeepError(f"cannot be written ({_reason(error)})", where=str(path), hint=hint)
