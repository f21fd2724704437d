"""A command line inside the test process, and a small character that was imported, or trained as well."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from glm_deep.cli import main

# Little enough to train in a second.
QUICK: Mapping[str, Any] = {
    "cpu_threads": 1,
    "device": "cpu",
    "differential": {"epochs": 12, "neurons": 16, "layers": 1},
    "subspaces": {"epochs": 12, "neurons": 4, "layers": 1},
}


@dataclass(frozen=True)
class Said:
    """What a command returned and wrote."""

    code: int
    out: str
    err: str


def glm_deep(*arguments: str | Path) -> Said:
    """Runs a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as usage:
            code = int(usage.code or 0)
    return Said(code, out.getvalue(), err.getvalue())


def contents(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file below a folder, by relative path; folders have none."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }


@dataclass(frozen=True)
class Place:
    """A folder with a configuration and archives."""

    folder: Path

    @property
    def conf(self) -> Path:
        """The configuration file."""
        return self.folder / "limb.dio"

    @property
    def frames(self) -> Path:
        """The archive that the configuration was made from."""
        return self.folder / "frames.npz"

    @property
    def test(self) -> Path:
        """An archive that nothing was trained on."""
        return self.folder / "test.npz"

    @property
    def model(self) -> Path:
        """The model file."""
        return self.folder / "models" / "limb.glmdeep"

    def edit(self, **changes: Any) -> None:
        """Puts other values into the configuration file, sections merged."""
        values = json.loads(self.conf.read_text(encoding="utf-8"))
        self.conf.write_text(json.dumps(_merged(values, changes), indent=2), encoding="utf-8")

    def events(self, run: str = "0001") -> list[dict[str, Any]]:
        """The records of a run."""
        lines = (self.folder / "runs" / run / "events.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


def _merged(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(values)
    for key, value in changes.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


@pytest.fixture(scope="session", name="glm_deep")
def glm_deep_fixture() -> Callable[..., Said]:
    """`glm_deep(*arguments)` gives the exit code and the output of a command."""
    return glm_deep


@pytest.fixture(scope="session", name="contents")
def contents_fixture() -> Callable[[Path], dict[str, str]]:
    """`contents(folder)` gives the SHA-256 of every file in it."""
    return contents


@pytest.fixture(scope="session")
def place_at() -> Callable[[Path], Place]:
    """`place_at(folder)` gives the names of a character's files there."""
    return Place


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def _imported(tmp_path_factory: pytest.TempPathFactory, make_limb: Any, write_archive: Any) -> Place:
    place = Place(tmp_path_factory.mktemp("imported"))
    write_archive(place.frames, make_limb())
    test = make_limb(frames=20, seed=9)
    write_archive(place.test, test)
    for command in (["new", place.conf, "--from", place.frames], ["import", place.conf, place.frames]):
        said = glm_deep(*command)
        assert said.code == 0, said.err
    # As little as a story needs: what is exported and measured by default has stories of its own.
    place.edit(training=QUICK, export={"after_training": "none"}, playing={"back_end": "numpy"})
    return place


@pytest.fixture(scope="session")
def _trained(tmp_path_factory: pytest.TempPathFactory, _imported: Place) -> Place:
    place = Place(tmp_path_factory.mktemp("trained") / "limb")
    shutil.copytree(_imported.folder, place.folder)
    said = glm_deep("train", place.conf, "--json", place.folder / "report.json")
    assert said.code == 0, said.err
    return place


@pytest.fixture
def imported(tmp_path: Path, _imported: Place) -> Place:
    """A character with samples, and settings that train in a second."""
    shutil.copytree(_imported.folder, tmp_path / "limb")
    return Place(tmp_path / "limb")


@pytest.fixture
def trained(tmp_path: Path, _trained: Place) -> Place:
    """A character with samples and a model."""
    shutil.copytree(_trained.folder, tmp_path / "limb")
    return Place(tmp_path / "limb")
