"""The sample store: whole additions, refusals in words, and reading from the disk."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from glm_deep.dataset.frames import Frames
from glm_deep.dataset.identical import earlier_twins
from glm_deep.dataset.store import AddResult, SampleStore
from glm_deep.errors import DataError
from glm_deep.inputs import InputLayout
from store_frames import add, chosen, files, make_frames, rig


@pytest.fixture(autouse=True)
def _quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for the disk is slow, and what it is for cannot be tested."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path: Path) -> SampleStore:
    return SampleStore(tmp_path / "main dir ü" / "samples")


@pytest.mark.parametrize("kind", ["weights", "affine", "none"])
def test_what_was_added_is_read_back_in_any_order_over_all_shards(store: SampleStore, kind: str) -> None:
    parts = [make_frames(6, 1, kind), make_frames(4, 2, kind), make_frames(1, 3, kind)]
    if kind == "weights":
        for part in parts[1:]:
            for mesh, first in zip(part.meshes, parts[0].meshes):
                object.__setattr__(mesh.skinning, "weights", first.skinning.weights)
    for part in parts:
        assert add(store, part).warnings == ()
    samples = store.open()
    assert samples.frame_count == store.frame_count == 11
    assert samples.clips == tuple(clip for part in parts for clip in part.clips)
    np.testing.assert_array_equal(samples.inputs.floats, np.concatenate([part.inputs.floats for part in parts]))
    np.testing.assert_array_equal(samples.inputs.joints, np.concatenate([part.inputs.joints for part in parts]))
    assert samples.inputs.matrices.shape == (11, 0, 4, 4)
    assert samples.layout.group_names == rig().group_names
    order = np.array([10, 0, 7, 5, 6, 7])
    for number in range(2):
        expected = [part.meshes[number] for part in parts]
        rest = expected[0].rest
        assert samples.meshes[number].name == rest.name
        np.testing.assert_array_equal(samples.meshes[number].rest, rest.rest)
        np.testing.assert_array_equal(samples.meshes[number].face_sizes, rest.face_sizes)
        np.testing.assert_array_equal(samples.meshes[number].face_vertices, rest.face_vertices)
        read = samples.read(number, order)
        deformed = np.concatenate([mesh.deformed for mesh in expected if mesh.deformed is not None])
        np.testing.assert_array_equal(read.deformed, deformed[order])
        np.testing.assert_array_equal(read.linear, np.concatenate([mesh.linear for mesh in expected])[order])
        linear_parts = [mesh.skinning.linear_part(0, len(mesh.linear)) for mesh in expected]
        if kind == "none":
            assert read.linear_part is None
        else:
            joined = np.concatenate([part for part in linear_parts if part is not None])
            np.testing.assert_allclose(read.linear_part, joined[order], rtol=1e-12)
        one_shard = samples.read(number, np.array([8, 6]))
        np.testing.assert_array_equal(one_shard.deformed, deformed[[8, 6]])
        assert samples.read(number, np.zeros(0, int)).linear.shape == (0, len(rest.rest), 3)


def test_frame_numbers_out_of_range_are_not_wrapped(store: SampleStore) -> None:
    add(store, make_frames(3))
    for number in (-1, 3):
        with pytest.raises(IndexError):
            store.open().read(0, np.array([number]))


def test_the_index_lists_sessions_frames_dates_and_clips(store: SampleStore) -> None:
    add(store, make_frames(5), session="Sitzung ä")
    result = add(store, make_frames(2, seed=1, clip="run"), session="two")
    assert result.shard == "two/shard-0002"
    first, second = store.shards
    assert (first.session, first.frames, dict(first.clips)) == ("Sitzung ä", 5, {"walk0": 3, "walk1": 2})
    assert (second.session, second.frames, dict(second.clips)) == ("two", 2, {"run0": 1, "run1": 1})
    assert first.date.endswith("+00:00")
    assert first.date <= second.date


def test_an_empty_store_says_what_to_do(store: SampleStore) -> None:
    assert not store.exists
    assert store.frame_count == 0
    assert store.fingerprint is None
    with pytest.raises(DataError, match="there are no samples yet"):
        store.open()
    assert not store.folder.exists()


def test_shards_can_be_read_with_numpy_and_json_alone_and_hold_no_objects(store: SampleStore) -> None:
    frames = make_frames()
    add(store, frames)
    shard = store.folder / "one" / "shard-0001"
    manifest = json.loads((shard / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["frames"] == 6
    assert {path.stem for path in shard.glob("*.npy")} == set(manifest["arrays"])
    for path in shard.glob("*.npy"):
        array = np.load(path, allow_pickle=False)
        assert list(array.shape) == manifest["arrays"][path.stem]["shape"]
    np.testing.assert_array_equal(np.load(shard / "mesh1.deformed.npy"), frames.meshes[1].deformed)


def test_large_arrays_are_written_piece_by_piece(store: SampleStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glm_deep.dataset.shard._BYTES_AT_ONCE", 100)
    frames = make_frames(9)
    add(store, frames)
    samples = store.open()
    samples.verify()
    np.testing.assert_array_equal(samples.read(0, np.arange(9)).deformed, frames.meshes[0].deformed)


def test_identical_frames_are_left_out_against_the_store_and_within_an_addition(store: SampleStore) -> None:
    frames = make_frames(6)
    add(store, chosen(frames, [0, 1, 2]))
    result = add(store, chosen(frames, [1, 3, 3, 2, 4]), discard=True)
    assert (result.added, result.discarded) == (2, 3)
    np.testing.assert_array_equal(store.open().inputs.floats, frames.inputs.floats[[0, 1, 2, 3, 4]])
    assert store.shards[1].frames == 2
    assert store.open().clips[3:] == (frames.clips[3], frames.clips[4])


def test_an_addition_of_nothing_but_identical_frames_changes_nothing(store: SampleStore) -> None:
    add(store, make_frames())
    before = files(store.folder)
    assert add(store, make_frames(), discard=True) == AddResult(0, 6, None)
    assert files(store.folder) == before


def test_identical_frames_are_kept_when_asked(store: SampleStore) -> None:
    add(store, make_frames())
    assert add(store, make_frames()).added == 6


def floats_only(inputs: int) -> InputLayout:
    names = tuple(f"f{number}" for number in range(inputs))
    return InputLayout(names, np.full((inputs, 2), np.nan), (), np.zeros(0, int), np.zeros((0, 4, 4)), ())


def distinct(layout: InputLayout, stored: np.ndarray, new: np.ndarray, tolerance: float) -> np.ndarray:
    """Which new frames have no twin."""
    return earlier_twins(layout, np.concatenate([stored, new]), tolerance, known=len(stored))[len(stored) :] < 0


def test_the_tolerance_is_in_the_scale_of_the_input() -> None:
    stored = np.array([[0.0, 0.0], [200.0, 2.0]])  # half ranges 100 and 1
    for distance, tolerance, kept in [(0.9, 0.01, False), (1.1, 0.01, True), (0, 0, False), (1e-9, 0, True)]:
        new = np.array([[100.0 + distance, 1.0], [100.0, 1.0]])[::-1]
        assert distinct(floats_only(2), stored, new, tolerance).tolist() == [True, kept]


def test_discarding_agrees_with_comparing_every_pair() -> None:
    rng = np.random.default_rng(3)
    layout = floats_only(3)
    raw = rng.integers(0, 5, (300, 3)) / 4 + rng.uniform(-0.01, 0.01, (300, 3))
    scale = np.ptp(raw, axis=0) / 2
    tolerance, expected, kept = 0.015, [], list(raw[:100])
    for sample in raw[100:]:
        expected.append(not any((np.abs(sample - other) / scale <= tolerance).all() for other in kept))
        if expected[-1]:
            kept.append(sample)
    assert 20 < sum(expected) < 180
    assert distinct(layout, raw[:100], raw[100:], tolerance).tolist() == expected


def test_frames_without_any_movement_count_as_one() -> None:
    assert distinct(floats_only(2), np.zeros((0, 2)), np.ones((5, 2)), 0).tolist() == [True] + [False] * 4


def misfit(frames: Frames, **changes: object) -> Frames:
    mesh = frames.meshes[0]
    rest = dataclasses.replace(mesh.rest, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(frames, meshes=(dataclasses.replace(mesh, rest=rest), *frames.meshes[1:]))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (lambda: misfit(make_frames(), rest=np.ones((7, 3), np.float32)), "mesh arm: 7 vertices instead of 6"),
        (
            lambda: misfit(make_frames(), rest=make_frames().meshes[0].rest.rest[::-1]),
            "mesh arm: vertex order differs, the vertices are the same",
        ),
        (
            lambda: misfit(make_frames(), face_vertices=np.arange(8, dtype=np.int32) % 6),
            "mesh arm: topology differs, the polygons join other vertices",
        ),
        (lambda: misfit(make_frames(), name="leg"), "mesh arm is missing; mesh leg is new"),
        (
            lambda: dataclasses.replace(
                make_frames(), layout=dataclasses.replace(rig(), float_names=("smile", "wink"))
            ),
            "float blink is missing; float wink is new",
        ),
        (lambda: make_frames(kind="none"), "offsets are taken in mesh space"),
    ],
)
def test_frames_of_another_character_are_refused_in_words_and_nothing_changes(
    store: SampleStore, other: Callable[[], Frames], words: str
) -> None:
    add(store, make_frames())
    before = files(store.folder)
    with pytest.raises(DataError) as caught:
        add(store, other())
    assert words in caught.value.what
    assert caught.value.hint is not None
    assert "glm-deep clear" in caught.value.hint
    assert files(store.folder) == before


def test_frames_without_truth_are_refused_and_nothing_changes(store: SampleStore) -> None:
    frames = make_frames()
    bare = dataclasses.replace(frames, meshes=(dataclasses.replace(frames.meshes[0], deformed=None),))
    with pytest.raises(DataError, match='mesh "arm" has no deformed positions'):
        add(store, bare)
    assert not store.folder.exists()


def test_other_limits_and_other_skin_weights_are_warned_about(store: SampleStore) -> None:
    add(store, make_frames(seed=1))
    limited = dataclasses.replace(rig(), float_limits=np.array([[-1.0, 1.0]] * 2))
    result = add(store, dataclasses.replace(make_frames(seed=2), layout=limited))
    assert len(result.warnings) == 3
    assert "limits of the floats differ" in result.warnings[0]
    assert result.warnings[1] == 'mesh "arm": the skin weights differ from those of the first samples'
    assert np.isnan(store.open().layout.float_limits).all()


def test_the_hash_of_the_data_depends_on_the_samples_and_not_on_the_session(tmp_path: Path) -> None:
    def hash_of(folder: str, seed: int, session: str) -> str:
        store = SampleStore(tmp_path / folder)
        add(store, make_frames(seed=seed), session)
        assert store.open().data_hash == store.data_hash
        return store.data_hash

    assert hash_of("a", 1, "monday") == hash_of("b", 1, "tuesday")
    assert hash_of("c", 2, "monday") != hash_of("d", 1, "monday")


def test_clearing_keeps_numbered_backups_that_can_be_put_back(store: SampleStore) -> None:
    add(store, make_frames())
    assert store.clear().name == "samples.backup-0001"
    assert not store.exists
    add(store, make_frames(3))
    second = store.clear()
    assert second.name == "samples.backup-0002"
    assert SampleStore(second).frame_count == 3
    second.rename(store.folder)
    assert store.frame_count == 3


def test_clearing_nothing_is_refused(store: SampleStore) -> None:
    with pytest.raises(DataError, match="there are no samples to clear"):
        store.clear()
