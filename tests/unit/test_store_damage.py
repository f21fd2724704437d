"""What is damaged, interrupted or edited in a sample store is noticed, and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from glm_deep.dataset.store import SampleStore
from glm_deep.errors import DataError, GlmDeepError
from store_frames import add, files, make_frames


@pytest.fixture(autouse=True)
def _quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for the disk is slow, and what it is for cannot be tested."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path: Path) -> SampleStore:
    return SampleStore(tmp_path / "main dir ü" / "samples")


def test_a_truncated_shard_is_refused_with_its_name(store: SampleStore) -> None:
    add(store, make_frames())
    path = store.folder / "one" / "shard-0001" / "mesh1.deformed.npy"
    size = path.stat().st_size
    os.truncate(path, size - 100)
    with pytest.raises(DataError, match=rf"shard-0001: array mesh1.deformed is truncated: {size - 100} bytes"):
        store.open()


def test_a_missing_array_of_a_shard_is_refused_with_its_name(store: SampleStore) -> None:
    add(store, make_frames())
    (store.folder / "one" / "shard-0001" / "mesh0.linear.npy").unlink()
    with pytest.raises(DataError, match=r"shard-0001: array mesh0.linear is missing"):
        store.open()


def test_a_missing_shard_is_refused_with_its_name(store: SampleStore) -> None:
    add(store, make_frames())
    shutil.rmtree(store.folder / "one" / "shard-0001")
    with pytest.raises(DataError, match=r"shard-0001: manifest.json cannot be read"):
        store.open()


def test_one_changed_byte_is_found_before_training(store: SampleStore) -> None:
    add(store, make_frames())
    add(store, make_frames(seed=1))
    store.open().verify()
    path = store.folder / "one" / "shard-0002" / "mesh0.deformed.npy"
    content = bytearray(path.read_bytes())
    content[-7] ^= 1
    path.write_bytes(content)
    samples = store.open()
    with pytest.raises(DataError, match=r"shard-0002: array mesh0.deformed was changed or is damaged") as caught:
        samples.verify()
    assert caught.value.hint is not None


def test_a_changed_header_is_refused_when_read(store: SampleStore) -> None:
    add(store, make_frames())
    path = store.folder / "one" / "shard-0001" / "mesh0.deformed.npy"
    path.write_bytes(path.read_bytes().replace(b"'<f4'", b"'<i4'"))
    with pytest.raises(DataError, match=r"array mesh0.deformed was changed or is damaged"):
        store.open().read(0, np.array([0]))


def test_an_edited_manifest_is_refused(store: SampleStore) -> None:
    add(store, make_frames())
    path = store.folder / "one" / "shard-0001" / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace("walk0", "walk9"), encoding="utf-8")
    with pytest.raises(DataError, match=r"shard-0001: manifest.json was changed or is damaged"):
        store.open()


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda text: text.replace('"frames": 6', '"frames": 5'), "the index was changed by hand or is damaged"),
        (lambda text: text.replace('"walk0"', '"walk7"'), "the index was changed by hand or is damaged"),
        (lambda text: text[: len(text) // 2], "the index is damaged"),
        (lambda text: "[]", "the index is damaged"),
        (lambda text: "", "the index is damaged"),
        (
            lambda text: text.replace('"version": 1', '"version": 2'),
            "the samples have the version 2, but this program reads version 1",
        ),
    ],
)
def test_an_edited_index_is_refused_with_what_to_do(store: SampleStore, edit: Callable[[str], str], words: str) -> None:
    add(store, make_frames())
    path = store.folder / "index.json"
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    before = files(store.folder)
    for use in (store.open, lambda: store.shards, lambda: add(store, make_frames(seed=9))):
        with pytest.raises(DataError) as caught:
            use()
        assert caught.value.what == words
        assert caught.value.where == str(path)
        assert caught.value.hint
    assert files(store.folder) == before


def test_an_index_that_is_no_text_is_refused(store: SampleStore) -> None:
    add(store, make_frames())
    (store.folder / "index.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="the index cannot be read"):
        store.open()


def test_shards_whose_index_is_lost_are_neither_read_nor_removed(store: SampleStore) -> None:
    add(store, make_frames())
    (store.folder / "index.json").unlink()
    with pytest.raises(DataError, match="the index is missing although there are shards"):
        add(store, make_frames())
    assert (store.folder / "one" / "shard-0001").is_dir()


def test_an_index_older_than_its_shards_does_not_cost_them(store: SampleStore) -> None:
    add(store, make_frames(seed=1))
    older = (store.folder / "index.json").read_bytes()
    add(store, make_frames(seed=2))
    add(store, make_frames(seed=3))
    (store.folder / "index.json").write_bytes(older)
    with pytest.raises(DataError, match="the index does not list these shards: one/shard-0003"):
        add(store, make_frames(seed=4))
    assert (store.folder / "one" / "shard-0002" / "manifest.json").is_file()
    assert store.frame_count == 6


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "main").write_text("a file", encoding="utf-8")
    with pytest.raises(GlmDeepError) as caught:
        add(SampleStore(tmp_path / "main" / "samples"), make_frames())
    assert caught.value.hint


def test_a_full_disk_leaves_the_samples_as_they_were(store: SampleStore, monkeypatch: pytest.MonkeyPatch) -> None:
    add(store, make_frames())
    before = files(store.folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match=r"the samples cannot be written \(No space left on device\)"):
        add(store, make_frames(seed=1))
    assert files(store.folder) == before


def names_in(folder: Path) -> set[str]:
    """What a store holds besides the arrays of its shards."""
    paths = [*folder.iterdir(), *folder.glob("*/*")]
    return {path.relative_to(folder).as_posix() for path in paths}


class PowerCut(BaseException):
    """Nothing runs after it, not even what tidies up."""


def cut_power_at(monkeypatch: pytest.MonkeyPatch, call: int) -> Callable[[], int]:
    """Let the `call`-th of the calls that change the disk fail, and all after it; returns their number so far."""
    calls = 0

    def guarded(original: Callable[..., object]) -> Callable[..., object]:
        def wrapper(*arguments: object, **options: object) -> object:
            nonlocal calls
            calls += 1
            if calls >= call:
                raise PowerCut
            return original(*arguments, **options)

        return wrapper

    for owner, name in (
        (os, "fsync"),
        (Path, "replace"),
        (Path, "mkdir"),
        (Path, "unlink"),
        (shutil, "rmtree"),
        (np.lib.format, "write_array_header_1_0"),
    ):
        monkeypatch.setattr(owner, name, guarded(getattr(owner, name)))
    return lambda: calls


@pytest.mark.parametrize("first", [True, False])
def test_a_power_cut_at_any_moment_leaves_all_of_a_shard_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    before = SampleStore(tmp_path / "before" / "samples")
    if not first:
        add(before, make_frames(seed=1))
    outcomes: list[object] = []
    for call in range(1, 200):
        store = SampleStore(tmp_path / f"{call}" / "samples")
        if not first:
            shutil.copytree(before.folder, store.folder)
        old = store.frame_count
        with monkeypatch.context() as patch:
            cut_power_at(patch, call)
            with contextlib.suppress(PowerCut):
                add(store, make_frames(4, seed=2))
                outcomes.append("done")
        assert store.frame_count in (old, old + 4)
        outcomes.append(store.frame_count - old)
        if store.exists:
            store.open().verify()
        if "done" in outcomes:
            break
        add(store, make_frames(3, seed=3))
        assert store.frame_count == old + outcomes[-1] + 3
        store.open().verify()
        assert names_in(store.folder) == {"index.json", "one", *(shard.name for shard in store.shards)}
    assert outcomes[-2] == "done"
    assert outcomes.count(0) > 30
    assert outcomes[0] == 0


def test_a_process_that_is_killed_while_it_writes_leaves_the_samples_whole(tmp_path: Path) -> None:
    store = SampleStore(tmp_path / "samples")
    add(store, make_frames(seed=1))
    np.savez(tmp_path / "floats.npz", floats=make_frames().inputs.floats)
    program = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
import test_store, glm_deep.dataset.shard as shard
shard.sync_folder = lambda folder: os._exit(9)
test_store.add(test_store.SampleStore(Path({str(store.folder)!r})), test_store.make_frames(seed=2))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    finished = subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    assert finished.returncode == 9
    assert len(list(store.folder.glob(".partial-*"))) == 1
    assert store.frame_count == 6
    store.open().verify()
    add(store, make_frames(seed=3))
    assert names_in(store.folder) == {"index.json", "one", "one/shard-0001", "one/shard-0002"}
