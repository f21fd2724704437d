"""The file that keeps which input moves which vertices: read as it was written, left out where it does not fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numbers

from glm_deep.dataset.fingerprint import fingerprint
from glm_deep.dataset.frames import MeshRest
from glm_deep.dataset.measured_relevance import EXTENTS, FILE, MeasuredRelevance, extents, fitting, read
from glm_deep.dataset.store import SampleStore
from glm_deep.errors import DataError
from glm_deep.inputs import InputFrames, InputLayout
from store_frames import add, make_frames


def mesh(name: str, vertices: int) -> MeshRest:
    rest = np.arange(3 * vertices, dtype=np.float32).reshape(-1, 3)
    return MeshRest(name, rest, np.array([3], np.int32), np.array([0, 1, 2], np.int32))


def rig(floats: tuple[str, ...] = ("smile", "blink")) -> InputLayout:
    rest = np.tile(np.eye(4), (2, 1, 1))
    rest[1, 0, 3] = 2.0
    limits = np.full((len(floats), 2), np.nan)
    return InputLayout(floats, limits, ("upper", "fore"), np.array([-1, 0], np.int32), rest, ("target",))


def measured(vertices: tuple[int, ...] = (4, 3), floats: tuple[str, ...] = ("smile", "blink")) -> MeasuredRelevance:
    """Of two of the inputs, with distances that are all different."""
    meshes = [mesh(f"mesh 脚 {number}", count) for number, count in enumerate(vertices)]
    distances = tuple((0.5 + np.arange(2 * count, dtype=np.float32)).reshape(2, count) for count in vertices)
    tried = np.array([[1.0, 0.5, 0.0, 0.0, 0.0], [0.8, 0.0, 0.0, 0.0, 0.0]])
    return MeasuredRelevance(
        fingerprint(rig(floats), meshes, [True] * len(meshes)), ("smile", "fore"), tried, distances
    )


def same(one: MeasuredRelevance | None, other: MeasuredRelevance) -> bool:
    return (
        one is not None
        and (one.fingerprint, one.inputs) == (other.fingerprint, other.inputs)
        and np.array_equal(one.tried, other.tried)
        and len(one.distances) == len(other.distances)
        and all(np.array_equal(a, b) for a, b in zip(one.distances, other.distances))
    )


NAMES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), unique=True, max_size=3)
AMOUNTS = st.floats(0.0, 1e6, width=32)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.data(), NAMES, st.lists(st.integers(3, 6), min_size=1, max_size=3))
def test_what_is_read_is_what_was_written(
    tmp_path: Path, data: st.DataObject, inputs: list[str], vertices: list[int]
) -> None:
    meshes = [mesh(f"m{number}", count) for number, count in enumerate(vertices)]
    distances = [data.draw(numbers.arrays(np.float32, (len(inputs), count), elements=AMOUNTS)) for count in vertices]
    tried = data.draw(numbers.arrays(np.float64, (len(inputs), EXTENTS), elements=st.floats(-1e9, 1e9)))
    before = MeasuredRelevance(
        fingerprint(rig(tuple(inputs)), meshes, [True] * len(meshes)), tuple(inputs), tried, tuple(distances)
    )
    before.save(tmp_path / "samples")
    after = read(tmp_path / "samples")
    assert same(after, before)
    assert after is not None
    assert after.checksum == before.checksum


def test_nothing_measured_is_nothing_to_say(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    assert fitting(tmp_path, measured().fingerprint) == (None, "")


def test_it_fits_its_own_character_and_one_without_samples(tmp_path: Path) -> None:
    measured().save(tmp_path)
    for own in (dict(measured().fingerprint), None):
        found, left_out = fitting(tmp_path, own)
        assert same(found, measured())
        assert left_out == ""


@pytest.mark.parametrize(
    ("samples", "phrase"),
    [
        (measured((5, 3)), "mesh mesh 脚 0: 4 vertices instead of 5"),
        (measured((4, 3, 6)), "mesh mesh 脚 2 is missing"),
        (measured(floats=("smile", "blink", "puff")), "float puff is missing"),
    ],
)
def test_of_another_character_it_is_left_out_with_the_difference(
    samples: MeasuredRelevance, phrase: str, tmp_path: Path
) -> None:
    measured().save(tmp_path)
    found, left_out = fitting(tmp_path, samples.fingerprint)
    assert found is None
    assert phrase in left_out
    assert left_out.startswith("The measured relevance is left out, for it is not of these samples: ")
    assert left_out.endswith("Measure again with glmDeepRelevance.")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255), cut=st.booleans())
def test_a_damaged_file_is_said_and_left_out_and_never_read_wrongly(
    tmp_path: Path, place: float, change: int, cut: bool
) -> None:
    measured().save(tmp_path)
    path = tmp_path / FILE
    content = bytearray(path.read_bytes())
    at = int(place * len(content))
    content[at] ^= change
    path.write_bytes(bytes(content[:at]) if cut else bytes(content))
    found, left_out = fitting(tmp_path, measured().fingerprint)
    assert same(found, measured()) if found else "cannot be used: " in left_out


def test_a_file_that_was_changed_by_hand_is_refused(tmp_path: Path) -> None:
    measured().save(tmp_path)
    with np.load(tmp_path / FILE) as archive:
        arrays = dict(archive)
    arrays["distances1"] = arrays["distances1"] * 2
    np.savez(tmp_path / FILE, **arrays)
    with pytest.raises(DataError, match="changed by hand or is damaged"):
        read(tmp_path)


def test_a_file_of_a_later_version_is_refused(tmp_path: Path) -> None:
    measured().save(tmp_path)
    with np.load(tmp_path / FILE) as archive:
        arrays = dict(archive)
    np.savez(tmp_path / FILE, **{**arrays, "version": np.array([2])})
    with pytest.raises(DataError, match="has the version 2, but this program reads version 1"):
        read(tmp_path)


def test_the_checksum_knows_every_part() -> None:
    first = measured()
    distances = (first.distances[0], first.distances[1] + np.float32(1e-3))
    others = [
        replace(first, inputs=("smile", "upper")),
        replace(first, tried=first.tried * 1.5),
        replace(first, distances=distances),
        measured((4, 4)),
    ]
    assert len({each.checksum for each in (first, *others)}) == 5
    assert measured().checksum == first.checksum


def test_it_is_put_away_with_the_samples_and_does_not_disturb_them(tmp_path: Path) -> None:
    store = SampleStore(tmp_path / "samples")
    add(store, make_frames())
    measured().save(store.folder)
    add(store, make_frames(seed=1))
    assert store.frame_count == 12
    store.open().verify()
    backup = store.clear()
    assert same(read(backup), measured())
    assert read(store.folder) is None


# --- how far inputs go


def turned(axis: int, degrees: float) -> np.ndarray:
    found = np.eye(4)
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    found[first, first] = found[second, second] = cosine
    found[first, second], found[second, first] = -sine, sine
    return found


def posed(*of_fore: np.ndarray, floats: tuple[tuple[float, float], ...] | None = None) -> InputFrames:
    """Frames in which the upper joint turns on, which is no movement of the other one."""
    layout, count = rig(), len(of_fore)
    upper = np.stack([turned(2, 10.0 * frame) for frame in range(count)])
    fore = upper @ layout.joint_rest[1] @ np.stack(of_fore)
    values = np.zeros((count, 2)) if floats is None else np.array(floats)
    return InputFrames(values, np.stack([upper, fore], axis=1), np.tile(np.eye(4), (count, 1, 1, 1)))


def test_a_float_goes_up_and_down() -> None:
    found = extents(rig(), posed(np.eye(4), np.eye(4), floats=((0.25, -3.0), (0.75, 1.0))))
    np.testing.assert_array_equal(found[:2, :2], [[0.75, -0.25], [1.0, 3.0]])


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("degrees", [-30.0, 60.0, 170.0])
def test_a_joint_turns_about_its_own_axes(axis: int, degrees: float) -> None:
    found = extents(rig(), posed(np.eye(4), turned(axis, degrees)))
    expected = np.zeros(5)
    expected[axis] = np.radians(abs(degrees))
    np.testing.assert_allclose(found[3], expected, atol=1e-7)
    np.testing.assert_allclose(found[2], (0, 0, np.radians(10.0), 0, 0), atol=1e-7)


def test_half_a_turn_counts_about_every_axis() -> None:
    np.testing.assert_allclose(extents(rig(), posed(turned(1, 180.0)))[3, :3], np.pi, atol=1e-6)


def test_a_joint_is_shifted_and_stretched() -> None:
    moved = turned(0, 20.0) @ np.diag([1.0, 1.2, 1.0, 1.0])
    moved[:3, 3] = (0.0, 0.3, -0.4)
    np.testing.assert_allclose(extents(rig(), posed(moved))[3, 3:], (0.5, 0.44), atol=1e-9)


def tried_as(frames: InputFrames) -> MeasuredRelevance:
    """Both floats and the fore joint, tried as far as they go in some frames."""
    names = ("smile", "blink", "fore")
    rows = [rig().group_names.index(name) for name in names]
    return replace(measured(), inputs=names, tried=extents(rig(), frames)[rows], distances=())


@pytest.mark.parametrize(
    ("frame", "value", "beyond"),
    [
        (turned(2, 55.0), 1.0, ()),
        (turned(2, 65.0), 1.0, ("fore",)),
        (turned(1, 4.0), 1.0, ()),
        (turned(1, 12.0), 1.0, ("fore",)),
        (np.eye(4), 1.45, ()),
        (np.eye(4), 1.55, ("smile",)),
        (np.eye(4), -1.55, ("smile",)),
        (np.diag([1.0, 1.004, 1.0, 1.0]), 0.0, ()),
        (np.diag([1.0, 1.006, 1.0, 1.0]), 0.0, ("fore",)),
    ],
)
def test_what_goes_farther_than_it_was_tried_is_named(frame: np.ndarray, value: float, beyond: tuple[str, ...]) -> None:
    found = tried_as(posed(turned(2, -40.0), turned(2, 40.0), floats=((-1.0, 0.0), (1.0, 0.0))))
    assert found.beyond(rig(), posed(frame, floats=((value, 0.0),)), 10.0) == beyond


@pytest.mark.parametrize(("shift", "beyond"), [(0.9e-3, ()), (1.1e-3, ("fore",))])
def test_a_joint_that_was_only_turned_is_unknown_where_it_is_shifted(shift: float, beyond: tuple[str, ...]) -> None:
    moved = turned(2, 10.0)
    moved[0, 3] = shift
    found = tried_as(posed(turned(2, -40.0), turned(2, 40.0)))
    assert found.beyond(rig(), posed(moved), 10.0) == beyond
