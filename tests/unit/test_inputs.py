"""Rig inputs to features."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glm_deep.errors import DataError
from glm_deep.inputs import FLOAT, ROTATION, TRANSLATION, InputFrames, InputLayout, InputStatistics, raw_values


def turn(angle: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return matrix


def move(x: float, y: float = 0.0, z: float = 0.0) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    return matrix


def arm(limits: object = None) -> InputLayout:
    """Two floats, a child listed before its parent, and one matrix."""
    return InputLayout(
        float_names=("smile", "blink"),
        float_limits=np.full((2, 2), np.nan) if limits is None else np.asarray(limits, float),
        joint_names=("fore", "upper"),
        joint_parents=np.array([1, -1], np.int32),
        joint_rest=np.array([move(5, 1) @ turn(0.3), move(2) @ turn(0.1)]),
        matrix_names=("target",),
    )


def still(layout: InputLayout, frames: int) -> InputFrames:
    return InputFrames(
        floats=np.zeros((frames, len(layout.float_names))),
        joints=np.tile(layout.joint_rest, (frames, 1, 1, 1)),
        matrices=np.tile(np.eye(4), (frames, len(layout.matrix_names), 1, 1)),
    )


def test_values_are_named_grouped_and_sorted_by_kind() -> None:
    layout = arm()
    assert layout.group_names == ("smile", "blink", "fore", "upper", "target")
    assert layout.value_names[:4] == ("smile", "blink", "fore.m00", "fore.m01")
    assert layout.value_names[-1] == "target.m23"
    assert len(layout.value_names) == 2 + 3 * 12
    np.testing.assert_array_equal(layout.value_groups, [0, 1, *[2] * 12, *[3] * 12, *[4] * 12])
    kinds = dict(zip(layout.value_names, layout.value_kinds))
    assert kinds["smile"] == FLOAT
    assert kinds["fore.m22"] == ROTATION
    assert kinds["upper.m13"] == TRANSLATION


def test_joints_at_rest_have_the_value_zero() -> None:
    layout = arm()
    np.testing.assert_allclose(raw_values(layout, still(layout, 2))[:, 2:26], 0, atol=1e-12)


def test_a_joint_moves_with_nothing_but_itself() -> None:
    layout = arm()
    frames = still(layout, 1)
    bent = layout.joint_rest[1] @ turn(0.7)
    rest_local = np.linalg.inv(layout.joint_rest[1]) @ layout.joint_rest[0]
    frames.joints[0, 1] = bent
    frames.joints[0, 0] = bent @ rest_local @ turn(-0.4)
    raw = raw_values(layout, frames)[0]
    fore, upper = raw[2:14].reshape(3, 4), raw[14:26].reshape(3, 4)
    np.testing.assert_allclose(upper, (turn(0.7) - np.eye(4))[:3], atol=1e-12)
    np.testing.assert_allclose(fore, (turn(-0.4) - np.eye(4))[:3], atol=1e-12)


def test_floats_and_matrices_stay_as_they_are() -> None:
    layout = arm()
    frames = still(layout, 1)
    frames.floats[0] = 0.25, -7
    frames.matrices[0, 0] = move(1, 2, 3)
    raw = raw_values(layout, frames)[0]
    np.testing.assert_array_equal(raw[:2], [0.25, -7])
    np.testing.assert_array_equal(raw[26:], [1, 0, 0, 1, 0, 1, 0, 2, 0, 0, 1, 3])


def test_a_parent_scaled_to_zero_is_refused_with_joint_and_frame() -> None:
    layout = arm()
    frames = still(layout, 3)
    frames.joints[2, 1, :3, :3] = 0
    with pytest.raises(DataError, match=r'joint "upper" in frame 2 cannot be inverted'):
        raw_values(layout, frames)


def test_a_rest_scaled_to_zero_is_refused_with_the_joint() -> None:
    layout = arm()
    frames = still(layout, 1)
    layout.joint_rest[1] = 0
    with pytest.raises(DataError, match=r'joint "upper" at bind cannot be inverted'):
        raw_values(layout, frames)


@pytest.mark.parametrize("how", ["one axis is zero", "all is zero", "no number", "infinite"])
def test_the_first_joint_that_cannot_be_inverted_is_named_among_those_that_can(how: str) -> None:
    layout = arm()
    frames = still(layout, 5)
    for frame in (3, 4):
        if how == "one axis is zero":
            frames.joints[frame, 1] = turn(0.4) @ np.diag([1.0, 0.0, 1.0, 1.0])
        else:
            value = {"all is zero": 0.0, "no number": np.nan, "infinite": np.inf}[how]
            frames.joints[frame, 1, :3, :3] = value
    with pytest.raises(DataError, match=r'joint "upper" in frame 3 cannot be inverted'):
        raw_values(layout, frames)


def test_a_joint_without_children_may_be_scaled_to_zero() -> None:
    layout = arm()
    frames = still(layout, 1)
    frames.joints[0, 0, :3, :3] = 0
    fore = raw_values(layout, frames)[0, 2:14].reshape(3, 4)
    np.testing.assert_allclose(fore[:, :3], -np.eye(3), atol=1e-12)


def test_the_inverse_of_the_rest_is_that_of_each_joint_in_its_parent() -> None:
    layout = arm()
    fore, upper = layout.joint_rest
    expected = [np.linalg.inv(np.linalg.inv(upper) @ fore), np.linalg.inv(upper)]
    np.testing.assert_allclose(layout.inverse_rest_local, expected, atol=1e-12)


def test_a_rig_of_floats_alone_needs_no_joints() -> None:
    layout = InputLayout(("a",), np.array([[np.nan] * 2]), (), np.zeros(0, np.int32), np.zeros((0, 4, 4)), ())
    frames = InputFrames(np.array([[1.0], [3.0]]), np.zeros((2, 0, 4, 4)), np.zeros((2, 0, 4, 4)))
    raw = raw_values(layout, frames)
    np.testing.assert_array_equal(raw, [[1], [3]])
    np.testing.assert_array_equal(InputStatistics.fit(layout, raw).apply(raw), [[-1], [1]])


def moving(frames: int = 40, seed: int = 1) -> np.ndarray:
    layout = arm()
    rng = np.random.default_rng(seed)
    inputs = still(layout, frames)
    inputs.floats[:] = rng.uniform(0.1, 0.6, inputs.floats.shape)
    for frame in range(frames):
        inputs.joints[frame, 1] = layout.joint_rest[1] @ turn(rng.normal()) @ move(rng.normal() * 2)
        inputs.joints[frame, 0] = inputs.joints[frame, 1] @ np.linalg.inv(layout.joint_rest[1]) @ layout.joint_rest[0]
        inputs.matrices[frame, 0] = turn(rng.normal()) @ move(0, rng.normal(), 0)
    return raw_values(layout, inputs)


def test_limits_scale_a_float_when_they_contain_the_data_and_the_data_else() -> None:
    raw = moving()
    statistics = InputStatistics.fit(arm([[0, 2], [0.5, 0.55]]), raw)
    assert (statistics.centre[0], statistics.scale[0]) == (1.0, 1.0)
    features = statistics.apply(raw)
    assert features.dtype == np.float32
    assert features[:, 1].min() == pytest.approx(-1)
    assert features[:, 1].max() == pytest.approx(1)


@pytest.mark.parametrize("limits", [[np.nan, 2], [0, np.inf], [1, 1], [2, 0]])
def test_limits_that_are_no_range_are_ignored(limits: list[float]) -> None:
    raw = moving()
    statistics = InputStatistics.fit(arm([limits, limits]), raw)
    assert statistics.apply(raw)[:, 0].min() == pytest.approx(-1)


def test_each_kind_of_matrix_entry_is_centred_and_shares_one_scale() -> None:
    raw = moving()
    layout = arm()
    statistics = InputStatistics.fit(layout, raw)
    features, kinds = statistics.apply(raw).astype(float), layout.value_kinds[statistics.kept]
    for kind in (ROTATION, TRANSLATION):
        chosen = features[:, kinds == kind]
        np.testing.assert_allclose(chosen.mean(axis=0), 0, atol=1e-6)
        assert np.sqrt(np.mean(chosen**2)) == pytest.approx(1, rel=1e-6)
        assert len(set(statistics.scale[kinds == kind])) == 1


def test_constant_values_and_rounding_of_a_large_skeleton_are_dropped() -> None:
    layout = arm()
    raw = moving()
    names = np.array(layout.value_names)
    rng = np.random.default_rng(2)
    raw[:, names == "fore.m03"] = 5 + 2e-7 * rng.standard_normal((len(raw), 1))
    raw[:, names == "blink"] = 0.4
    kept = set(names[InputStatistics.fit(layout, raw).kept])
    assert "upper.m00" in kept
    assert "target.m13" in kept
    assert "smile" in kept
    assert not kept & {"blink", "fore.m03", "fore.m00", "upper.m23", "target.m22"}


@pytest.mark.parametrize(("times", "kept"), [(0.9, False), (1.1, True)])
def test_a_millionth_of_the_scale_of_its_kind_is_what_tells_movement_from_rounding(times: float, kept: bool) -> None:
    layout, raw = arm(), moving()
    skeleton = 5.0
    swing = np.linspace(-0.5, 0.5, len(raw)) * times * 1e-6
    names = layout.value_names
    for name, size in (("smile", 300.0), ("fore.m00", 1.0), ("fore.m03", max(skeleton, np.abs(raw).max()))):
        raw[:, names.index(name)] = (300.0 if name == "smile" else 0.0) + swing * size
        assert InputStatistics.fit(layout, raw).kept[names.index(name)] == kept


def test_translations_that_only_carry_rounding_do_not_become_features() -> None:
    layout = arm()
    inputs = still(layout, 30)
    rng = np.random.default_rng(4)
    inputs.joints[:, :, :3, 3] += 1e-7 * rng.standard_normal((30, 2, 3))
    raw = raw_values(layout, inputs)
    assert not InputStatistics.fit(layout, raw).kept.any()


def in_another_unit(layout: InputLayout, raw: np.ndarray, unit: float) -> tuple[InputLayout, np.ndarray]:
    """Layout and values with lengths in another unit."""
    values = np.where(layout.value_kinds == TRANSLATION, unit * raw, raw)
    rest = layout.joint_rest.copy()
    rest[:, :3, 3] *= unit
    return InputLayout(
        layout.float_names, layout.float_limits, layout.joint_names, layout.joint_parents, rest, layout.matrix_names
    ), values


@settings(max_examples=30, deadline=None)
@given(unit=st.floats(1e-3, 1e3))
def test_features_do_not_depend_on_the_unit_of_length(unit: float) -> None:
    layout, raw = arm(), moving()
    scaled, other = in_another_unit(layout, raw, unit)
    first = InputStatistics.fit(layout, raw)
    second = InputStatistics.fit(scaled, other)
    np.testing.assert_array_equal(first.kept, second.kept)
    np.testing.assert_allclose(first.apply(raw), second.apply(other), atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(unit=st.floats(1e-3, 1e3), times=st.floats(-5, 5), by=st.floats(-5, 5))
def test_how_far_values_are_outside_does_not_depend_on_the_unit_of_length(unit: float, times: float, by: float) -> None:
    layout, raw = arm(), moving()
    given = times * raw + by
    scaled, other = in_another_unit(layout, raw, unit)
    _, other_given = in_another_unit(layout, given, unit)
    expected = InputStatistics.fit(layout, raw).beyond(given)
    found = InputStatistics.fit(scaled, other).beyond(other_given)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_values_of_the_training_are_never_outside_and_never_held() -> None:
    raw = moving()
    statistics = InputStatistics.fit(arm(), raw)
    assert not statistics.beyond(raw).any()
    np.testing.assert_array_equal(statistics.held(raw, 0.0), raw)
    np.testing.assert_array_equal(statistics.low, raw.min(axis=0))
    np.testing.assert_array_equal(statistics.high, raw.max(axis=0))


def test_how_far_a_moving_value_is_outside_is_in_parts_of_its_range() -> None:
    raw, names = moving(), arm().value_names
    statistics = InputStatistics.fit(arm(), raw)
    for name in ("smile", "upper.m03", "target.m13"):
        value = names.index(name)
        low, high = raw[:, value].min(), raw[:, value].max()
        given = raw[:2].copy()
        given[:, value] = high + 0.75 * (high - low), low - 2 * (high - low)
        found = statistics.beyond(given)
        np.testing.assert_allclose(found[:, value], [0.75, 2.0])
        assert not np.delete(found, value, axis=1).any()
        held = statistics.held(given, 0.25)
        np.testing.assert_allclose(held[:, value], [high + 0.25 * (high - low), low - 0.25 * (high - low)])
        np.testing.assert_array_equal(np.delete(held, value, axis=1), np.delete(given, value, axis=1))


def test_a_range_that_is_narrow_for_its_kind_or_its_limits_counts_as_wide_as_the_scale() -> None:
    raw, names = moving(), arm().value_names
    smile, turning = names.index("smile"), names.index("upper.m22")
    raw[:, turning] = np.linspace(0.0, 1e-3, len(raw))
    statistics = InputStatistics.fit(arm([[-4, 4], [-4, 4]]), raw)
    assert statistics.width[smile] == 4.0
    scales = dict(zip(np.array(names)[statistics.kept], statistics.scale))
    assert statistics.width[turning] == scales["upper.m22"] > 1e-3
    given = raw[:1].copy()
    given[0, smile] = raw[:, smile].max() + 1.0
    assert statistics.beyond(given)[0, smile] == pytest.approx(0.25)


def test_a_constant_value_is_as_wide_as_what_decides_that_it_is_constant() -> None:
    raw, layout = moving(), arm()
    names = layout.value_names
    raw[:, names.index("smile")], raw[:, names.index("blink")] = -0.4, 0.0
    raw[:, names.index("fore.m00")] = 0.0
    statistics = InputStatistics.fit(layout, raw)
    widths = dict(zip(names, statistics.width))
    assert not statistics.kept[[names.index(name) for name in ("smile", "blink", "fore.m00", "fore.m03")]].any()
    assert (widths["smile"], widths["blink"], widths["fore.m00"]) == (0.4, 1.0, 1.0)
    assert widths["fore.m03"] == max(5.0, np.abs(raw[:, layout.value_kinds == TRANSLATION]).max())


@settings(max_examples=100, deadline=None)
@given(
    times=st.floats(-1e3, 1e3),
    by=st.floats(-1e3, 1e3),
    slack=st.floats(0, 4),
)
def test_held_values_are_never_further_outside_than_the_slack(times: float, by: float, slack: float) -> None:
    raw = moving()
    statistics = InputStatistics.fit(arm(), raw)
    given = times * raw + by
    held = statistics.held(given, slack)
    beyond = statistics.beyond(given)
    assert statistics.beyond(held).max() <= slack * (1 + 1e-9) + 1e-9
    far = beyond > slack * (1 + 1e-9) + 1e-9
    np.testing.assert_allclose(statistics.beyond(held)[far], slack, atol=1e-9, rtol=1e-9)
    near = beyond < slack * (1 - 1e-9) - 1e-9
    np.testing.assert_array_equal(held[near], given[near])
    np.testing.assert_array_equal(statistics.held(held, slack), held)


def test_statistics_survive_being_stored() -> None:
    raw = moving()
    statistics = InputStatistics.fit(arm(), raw)
    stored = statistics.to_arrays()
    again = InputStatistics.from_arrays(stored)
    np.testing.assert_array_equal(again.apply(raw), statistics.apply(raw))
    np.testing.assert_array_equal(again.beyond(3 * raw), statistics.beyond(3 * raw))
    np.testing.assert_array_equal(again.held(3 * raw, 0.25), statistics.held(3 * raw, 0.25))
    assert sorted(stored) == ["centre", "high", "kept", "low", "scale", "width"]
    for name, array in again.to_arrays().items():
        assert array.dtype == stored[name].dtype
        np.testing.assert_array_equal(array, stored[name])


def test_another_number_of_values_is_refused() -> None:
    raw = moving()
    with pytest.raises(DataError, match="have 37 values but the model was made for 38"):
        InputStatistics.fit(arm(), raw).apply(raw[:, :-1])
