"""The GPU is what the driver says, and what is found out about the machine has one folder."""

from __future__ import annotations

import ctypes
import re
import sys
from ctypes import CFUNCTYPE, POINTER, c_char, c_int, c_uint
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.errors import Unavailable
from glm_deep.machine import cache, gpu
from glm_deep.machine.gpu import Gpu, find_gpu

NO_DEVICE, NOT_INITIALIZED, INVALID = 100, 3, 1
MAJOR, MINOR = 75, 76


class Driver:
    """NVIDIA's driver, whose functions are called as those of a library are; it is as strict as the real one.

    Args:
        failing: error codes of the functions that do not work.
    """

    def __init__(
        self,
        name: bytes = b"NVIDIA RTX A4000",
        capability: tuple[int, int] = (8, 6),
        version: int = 12040,
        count: int = 1,
        **failing: int,
    ) -> None:
        self._facts = {MAJOR: capability[0], MINOR: capability[1]}
        self._name, self._version, self._count, self._failing = name, version, count, failing
        self._ready = False
        self.cuInit = CFUNCTYPE(c_int, c_uint)(self._init)
        self.cuDeviceGetCount = CFUNCTYPE(c_int, POINTER(c_int))(self._get_count)
        self.cuDriverGetVersion = CFUNCTYPE(c_int, POINTER(c_int))(self._get_version)
        self.cuDeviceGetName = CFUNCTYPE(c_int, POINTER(c_char), c_int, c_int)(self._get_name)
        self.cuDeviceGetAttribute = CFUNCTYPE(c_int, POINTER(c_int), c_int, c_int)(self._get_attribute)

    def _init(self, flags: int) -> int:
        code = INVALID if flags else self._failing.get("cuInit", 0)
        self._ready = not code
        return code

    def _code(self, function: str) -> int:
        return self._failing.get(function, 0) if self._ready else NOT_INITIALIZED

    def _get_count(self, count: Any) -> int:
        code = self._code("cuDeviceGetCount")
        if not code:
            count[0] = self._count
        return code

    def _get_version(self, version: Any) -> int:
        code = self._code("cuDriverGetVersion")
        if not code:
            version[0] = self._version
        return code

    def _get_name(self, text: Any, length: int, device: int) -> int:
        code = self._code("cuDeviceGetName")
        if code or device >= self._count:
            return code or INVALID
        kept = self._name[: length - 1] + b"\0"
        for place, each in enumerate(kept):
            text[place] = each
        return 0

    def _get_attribute(self, value: Any, attribute: int, device: int) -> int:
        code = self._code("cuDeviceGetAttribute")
        if code or device >= self._count or attribute not in self._facts:
            return code or INVALID
        value[0] = self._facts[attribute]
        return 0


@pytest.mark.parametrize(
    ("capability", "version", "expected"),
    [((8, 6), 12040, ("SM86", "12.4")), ((12, 0), 13000, ("SM120", "13.0")), ((7, 5), 11080, ("SM75", "11.8"))],
)
def test_the_gpu_has_name_capability_and_cuda(
    capability: tuple[int, int], version: int, expected: tuple[str, str]
) -> None:
    driver = Driver(capability=capability, version=version, count=2)
    assert gpu._first(driver) == Gpu("NVIDIA RTX A4000", *expected)


@given(major=st.integers(9, 20), minor=st.integers(0, 9))
def test_the_version_of_cuda_is_taken_apart(major: int, minor: int) -> None:
    assert gpu._first(Driver(version=1000 * major + 10 * minor)).cuda == f"{major}.{minor}"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b"", ""),
        (b"x" * 400, "x" * 255),
        ("Größe".encode(), "Größe"),
        (b"NVIDIA \xff", "NVIDIA \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_any_name_is_taken(name: bytes, told: str) -> None:
    assert gpu._first(Driver(name=name)).name == told


@pytest.mark.parametrize(
    "driver",
    [{"cuInit": NO_DEVICE}, {"cuDeviceGetCount": NO_DEVICE}, {"count": 0}],
    ids=["at start", "when counted", "none counted"],
)
def test_a_driver_without_a_gpu_is_told(driver: dict[str, int]) -> None:
    with pytest.raises(Unavailable, match=r"^NVIDIA's driver finds no GPU\.$"):
        gpu._first(Driver(**driver))


@pytest.mark.parametrize("code", [1, 3, 803, 999])
@pytest.mark.parametrize(
    "function", ["cuInit", "cuDeviceGetCount", "cuDriverGetVersion", "cuDeviceGetName", "cuDeviceGetAttribute"]
)
def test_a_driver_that_does_not_work_is_told_with_its_error(function: str, code: int) -> None:
    with pytest.raises(Unavailable, match=rf"^NVIDIA's driver does not start \(error {code}\)\.$"):
        gpu._first(Driver(**{function: code}))


@pytest.mark.parametrize(
    ("platform", "library"), [("win32", "nvcuda.dll"), ("linux", "libcuda.so.1")], ids=["windows", "linux"]
)
def test_the_driver_is_that_of_the_system(monkeypatch: pytest.MonkeyPatch, platform: str, library: str) -> None:
    asked = []

    def opened(name: str) -> Driver:
        asked.append(name)
        return Driver()

    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", platform)
        patch.setattr(ctypes, "CDLL", opened)
        found = find_gpu()
    assert found == Gpu("NVIDIA RTX A4000", "SM86", "12.4")
    assert asked == [library]


def test_a_machine_without_the_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise OSError(f"{name}: cannot open shared object file")

    with monkeypatch.context() as patch:
        patch.setattr(ctypes, "CDLL", missing)
        with pytest.raises(Unavailable, match=r"^there is no driver for a GPU of NVIDIA\.$"):
            find_gpu()


def test_this_machine_has_a_gpu_or_says_why_not() -> None:
    try:
        found = str(find_gpu())
    except Unavailable as absence:
        found = absence.what
    assert "NVIDIA" in found or re.search(r"SM\d{2,3}'.*cuda='\d+\.\d'", found)


def test_the_folder_is_that_of_the_variable_and_is_not_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chosen = tmp_path / "Zwischen speicher ü"
    monkeypatch.setenv("GLM_DEEP_CACHE", str(chosen))
    assert cache.cache_folder() == chosen
    assert not chosen.exists()


@pytest.mark.parametrize("empty", [True, False])
def test_without_the_variable_the_folder_is_the_users_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, empty: bool
) -> None:
    if empty:
        monkeypatch.setenv("GLM_DEEP_CACHE", "")
    else:
        monkeypatch.delenv("GLM_DEEP_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    folder = cache.cache_folder()
    assert folder.is_absolute()
    assert folder.parts.count("glm_deep") == 1
    if sys.platform == "linux":
        assert folder == tmp_path / "own" / "glm_deep"
    assert not (tmp_path / "own").exists()
