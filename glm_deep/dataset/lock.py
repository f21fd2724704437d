"""One writer at a time in a sample store, with nothing but the standard library, so that it holds inside Maya too."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from glm_deep.errors import BusyError, DataError

SECONDS_TO_WAIT = 60.0

_SECONDS_BETWEEN = 0.05
# Far behind the text of the file: Windows lets nobody read what is locked, and the owner should be readable.
_LOCKED_BYTE = 1 << 30


@contextmanager
def writing(samples: Path, seconds: float = SECONDS_TO_WAIT) -> Iterator[None]:
    """A block in which nobody else writes to the store in `samples`; waits for who is writing now.

    The lock is a file beside the folder, `samples.lock`, which stays there. The operating system frees it when its
    process ends in whatever way, so a file that was left behind blocks nobody.

    Args:
        samples: folder of the store, which need not exist yet.
        seconds: how long to wait.

    Raises:
        BusyError: somebody else still writes after that; the text names the process.
        DataError: the lock cannot be made.
    """
    path = samples.with_name(f"{samples.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise unwritable(samples, error) from error
    try:
        _wait(descriptor, samples, seconds)
        with suppress(OSError):  # on a full disk the lock holds all the same, only without a name
            _name_owner(descriptor)
        try:
            yield
        finally:
            _release(descriptor)
    finally:
        os.close(descriptor)


def unwritable(samples: Path, error: OSError) -> DataError:
    """The error for a store that the system does not let us write to."""
    return DataError(
        f"the samples cannot be written ({error.strerror or error})",
        where=str(samples),
        hint="Check that the folder may be written to and that the disk is not full",
    )


def _wait(descriptor: int, samples: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    try:
        while not _acquire(descriptor):
            if time.monotonic() >= end:
                raise BusyError(
                    f"{_owner(descriptor)} is adding or clearing samples",
                    where=str(samples),
                    hint="Wait until it has finished, or end that process, and try again",
                )
            time.sleep(_SECONDS_BETWEEN)
    except OSError as error:
        raise unwritable(samples, error) from error


def _acquire(descriptor: int) -> bool:
    """Whether the lock is ours now."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _release(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _name_owner(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, f"process {os.getpid()} on {platform.node()}".encode())


def _owner(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, 1000).decode("utf-8", "replace") or "another process"
