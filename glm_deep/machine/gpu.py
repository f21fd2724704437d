"""Which GPU there is, asked of NVIDIA's driver itself: costs milliseconds, where importing torch costs seconds."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glm_deep.errors import Unavailable

_MAJOR, _MINOR = 75, 76  # numbers of the attributes in cuda.h
_NO_DEVICE = 100


@dataclass(frozen=True)
class Gpu:
    """The first GPU: its name, its compute capability such as SM86, and the newest CUDA that its driver knows."""

    name: str
    capability: str
    cuda: str


def find_gpu() -> Gpu:
    """The first GPU.

    Raises:
        Unavailable: there is no driver of NVIDIA, it does not start, or it finds no GPU.
    """
    library = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = ctypes.CDLL(library)
    except OSError as error:
        raise Unavailable("there is no driver for a GPU of NVIDIA") from error
    return _first(driver)


def _first(driver: Any) -> Gpu:
    code = driver.cuInit(0)
    count, version, major, minor = (ctypes.c_int() for _ in range(4))
    if code == 0:
        code = driver.cuDeviceGetCount(ctypes.byref(count))
    if code == _NO_DEVICE or (code == 0 and not count.value):
        raise Unavailable("NVIDIA's driver finds no GPU")
    name = ctypes.create_string_buffer(256)
    asked: tuple[Callable[[], int], ...] = (
        lambda: driver.cuDriverGetVersion(ctypes.byref(version)),
        lambda: driver.cuDeviceGetName(name, len(name), 0),
        lambda: driver.cuDeviceGetAttribute(ctypes.byref(major), _MAJOR, 0),
        lambda: driver.cuDeviceGetAttribute(ctypes.byref(minor), _MINOR, 0),
    )
    code = code or next((failed for failed in (ask() for ask in asked) if failed), 0)
    if code:
        raise Unavailable(f"NVIDIA's driver does not start (error {code})")
    cuda = f"{version.value // 1000}.{version.value % 1000 // 10}"
    return Gpu(name.value.decode("utf-8", "replace"), f"SM{major.value}{minor.value}", cuda)
