"""The player looks at inputs before a back-end gets them, and plays on when the back-end breaks down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.backends.back_end import BackEnd
from glm_deep.backends.player import CLAMP, PASS, Player
from glm_deep.config import fields
from glm_deep.errors import DataError
from glm_deep.inputs import InputFrames, raw_values
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import Model

FAR = 0.25
SMILE, BLINK, STILL = range(3)
JAW = 1
CUDA_ERROR = "CUDA error: an illegal memory access was encountered.\nFor debugging consider passing a flag"


class Breaking:
    """A back-end that breaks down after some calls."""

    def __init__(self, model: Model, calls: int, error: BaseException) -> None:
        self._sound, self._left, self._error = Evaluator(model), calls, error
        self.asked = 0

    def play(self, values: np.ndarray) -> list[np.ndarray]:
        self.asked += 1
        if self.asked > self._left:
            raise self._error
        return self._sound.play(values)

    def set_quality(self, quality: float) -> None:
        self._sound.set_quality(quality)


def numpy_player(model: Model, outside: str = CLAMP) -> Player:
    return Player(model, Evaluator(model), outside)


def with_floats(inputs: InputFrames, number: int, values: Any, frames: Any = slice(None)) -> InputFrames:
    """The inputs with one float changed in some frames."""
    floats = inputs.floats.copy()
    floats[frames, number] = values
    return replace(inputs, floats=floats)


def at(model: Model, number: int, widths: float) -> float:
    """Where a float is that many widths above the range of the training; below it where they are negative."""
    statistics = model.statistics
    border = statistics.high if widths > 0 else statistics.low
    return float(border[number] + widths * statistics.width[number])


def assert_same(found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected):
        np.testing.assert_array_equal(one, other)


def apart(found: list[np.ndarray], other: list[np.ndarray]) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(found, other))


def test_inputs_in_range_are_played_as_they_are_and_nothing_is_told(model: Model, poses: Any) -> None:
    for outside in (CLAMP, PASS):
        player = numpy_player(model, outside)
        assert_same(player.offsets(poses(20)), Evaluator(model).play(raw_values(model.layout, poses(20))))
        assert player.told() == []
        assert (player.strays, player.broken) == ({}, None)


def test_the_player_of_values_plays_as_the_one_of_inputs(model: Model, poses: Any) -> None:
    evaluator, values = Evaluator(model), raw_values(model.layout, poses(20))
    assert_same(evaluator.play(values), evaluator.offsets(poses(20)))
    assert_same(evaluator.play_direct(values), evaluator.direct_offsets(poses(20)))
    assert apart(evaluator.play(values), evaluator.play_direct(values)) > 1e-3


@pytest.mark.parametrize("fixture", ["floats_alone", "with_matrices"])
def test_a_rig_that_lacks_a_kind_of_input_is_played(
    model: Model, poses: Any, fixture: str, request: pytest.FixtureRequest
) -> None:
    other = request.getfixturevalue(fixture)
    values = raw_values(model.layout, poses(3))
    floats = len(other.layout.float_names)
    matrices = np.tile(np.eye(4), (3, len(other.layout.matrix_names), 1, 1))
    matrices[:, :, :3] = values[:, floats:].reshape(3, -1, 3, 4)
    inputs = InputFrames(values[:, :floats], np.zeros((3, 0, 4, 4)), matrices)
    player = numpy_player(other)
    assert_same(player.offsets(inputs), Evaluator(model).play(values))
    assert player.told() == []


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    ("fixture", "kind", "place", "name"),
    [
        ("model", "floats", (BLINK,), "blink"),
        ("model", "floats", (STILL,), "still"),
        ("model", "joints", (JAW, 1, 3), "jaw"),
        ("model", "joints", (0, 0, 0), "root"),
        ("with_matrices", "matrices", (1, 2, 2), "elbow"),
        ("floats_alone", "floats", (5,), "root.m02"),
    ],
)
def test_a_number_that_is_not_finite_is_refused_with_input_and_frame(
    poses: Any, fixture: str, kind: str, place: tuple[int, ...], name: str, number: float, request: Any
) -> None:
    other = request.getfixturevalue(fixture)
    counts = [len(getattr(other.layout, f"{each}_names")) for each in ("float", "joint", "matrix")]
    player = numpy_player(other, PASS)

    def rest(count: int) -> InputFrames:
        eyes = [np.tile(np.eye(4), (count, some, 1, 1)) for some in counts[1:]]
        return InputFrames(np.zeros((count, counts[0])), *eyes)

    player.offsets(rest(3))
    player.offsets(rest(1))
    broken = rest(4)
    getattr(broken, kind)[(2, *place)] = number
    for play in (player.direct_offsets, player.offsets):
        with pytest.raises(DataError, match=f'^the input "{name}" is no finite number in frame 6') as refused:
            play(broken)
        assert refused.value.hint == "Look for a broken connection or expression in the rig"
    assert player.offsets(rest(1))[0].shape == (1, 30, 3)


def test_the_first_frame_that_is_broken_is_the_one_that_is_named(model: Model, poses: Any) -> None:
    inputs = with_floats(with_floats(poses(6), SMILE, np.nan, 4), BLINK, np.inf, slice(2, None))
    with pytest.raises(DataError, match='"blink" is no finite number in frame 2'):
        numpy_player(model).offsets(inputs)


@pytest.mark.parametrize("more", [-1, 1])
@pytest.mark.parametrize(
    ("kind", "told", "right"), [("floats", "float inputs", 3), ("joints", "joints", 2), ("matrices", "matrices", 0)]
)
def test_another_number_of_inputs_is_refused(
    model: Model, poses: Any, kind: str, told: str, right: int, more: int
) -> None:
    wrong = right + more
    if wrong < 0:
        pytest.skip("there cannot be fewer than none")
    array = np.zeros((2, wrong, *getattr(poses(2), kind).shape[2:]))
    player = numpy_player(model)
    for play in (player.offsets, player.direct_offsets):
        with pytest.raises(
            DataError, match=f"^{wrong} {told} were given, and the model was made for {right}"
        ) as refused:
            play(replace(poses(2), **{kind: array}))
        assert refused.value.hint == "Give the inputs that the model was trained with, in its order"


def test_a_parent_that_cannot_be_inverted_is_refused_with_its_frame_counted_over_calls(
    model: Model, poses: Any
) -> None:
    player = numpy_player(model)
    player.offsets(poses(3))
    inputs = poses(2)
    inputs.joints[1, 0, :3, :3] = 0.0
    with pytest.raises(DataError, match='"root" in frame 4 cannot be inverted'):
        player.offsets(inputs)


@pytest.mark.parametrize("widths", [0.3, 3.0, -0.3, -40.0])
def test_inputs_far_outside_are_held_where_far_begins(model: Model, poses: Any, widths: float) -> None:
    far = with_floats(poses(3), BLINK, at(model, BLINK, widths))
    held = with_floats(poses(3), BLINK, at(model, BLINK, np.copysign(FAR, widths)))
    as_is = Evaluator(model).play(raw_values(model.layout, far))
    as_held = Evaluator(model).play(raw_values(model.layout, held))
    assert apart(as_is, as_held) > 1e-4
    assert_same(numpy_player(model, CLAMP).offsets(far), as_held)
    assert_same(numpy_player(model, PASS).offsets(far), as_is)


def test_what_becomes_of_inputs_far_outside_is_by_default_what_the_configuration_says(model: Model, poses: Any) -> None:
    (setting,) = (each for each in fields() if each.key == "playing.outside_range")
    assert {*setting.choices} == {CLAMP, PASS}
    far = with_floats(poses(3), BLINK, at(model, BLINK, 3.0))
    chosen = numpy_player(model, str(setting.default)).offsets(far)
    assert_same(Player(model, Evaluator(model)).offsets(far), chosen)


def test_a_joint_far_outside_is_held_and_told_by_its_name(model: Model, poses: Any) -> None:
    inputs = poses(4)
    inputs.joints[3, JAW, 0, 3] += 1000.0
    player = numpy_player(model)
    statistics, values = model.statistics, raw_values(model.layout, inputs)
    inside = np.minimum(values, statistics.high + FAR * statistics.width)
    inside = np.maximum(inside, statistics.low - FAR * statistics.width)
    assert_same(player.offsets(inputs), Evaluator(model).play(inside))
    assert player.told()[0].startswith("jaw is outside")


@pytest.mark.parametrize(
    ("outside", "done"), [(CLAMP, "held 0.25 of the width outside"), (PASS, "played as they are")], ids=[CLAMP, PASS]
)
def test_the_worst_input_is_told_with_its_frame_and_how_many_frames_over_all_calls(
    model: Model, poses: Any, outside: str, done: str
) -> None:
    player = numpy_player(model, outside)
    player.offsets(poses(5))
    blink = [at(model, BLINK, widths) for widths in (0.2, 1.5, 2.5, 0.5)]
    player.offsets(with_floats(with_floats(poses(4), BLINK, blink), SMILE, at(model, SMILE, 1.0), 0))
    player.offsets(with_floats(poses(2), BLINK, at(model, BLINK, -1.75), 1))
    player.offsets(poses(1))
    (told,) = player.told()
    assert told == (
        "blink is outside the range of the training by 2.5 of its width in frame 7 (in 4 frames by more than 0.25), "
        f"and 1 other input is far outside too; such inputs are {done}"
    )
    assert player.strays["blink"].width == pytest.approx(2.5)
    smile = player.strays["smile"]
    assert (smile.width, smile.frame, smile.frames) == (pytest.approx(1.0), 5, 1)
    assert set(player.strays) == {"smile", "blink"}


def test_the_worst_frame_is_the_latest_where_that_is_worse(model: Model, poses: Any) -> None:
    player = numpy_player(model)
    for widths in (1.0, 3.0, 2.0):
        player.offsets(with_floats(poses(2), BLINK, at(model, BLINK, widths), 1))
    (told,) = player.told()
    assert "by 3.0 of its width in frame 3 (in 3 frames" in told
    assert "other input" not in told


@given(widths=st.floats(-0.2499, 0.2499), number=st.sampled_from([SMILE, BLINK, STILL]))
def test_inputs_that_are_not_far_outside_are_played_as_they_are_and_not_told(
    model: Model, poses: Any, widths: float, number: int
) -> None:
    player = numpy_player(model)
    inputs = with_floats(poses(2), number, at(model, number, widths))
    assert_same(player.offsets(inputs), Evaluator(model).offsets(inputs))
    assert player.told() == []


@given(widths=st.floats(0.2501, 50), below=st.booleans(), number=st.sampled_from([SMILE, BLINK, STILL]))
def test_inputs_that_are_far_outside_are_told(
    model: Model, poses: Any, widths: float, below: bool, number: int
) -> None:
    player = numpy_player(model)
    inputs = with_floats(poses(2), number, at(model, number, -widths if below else widths))
    player.offsets(inputs)
    ((name, stray),) = {**player.strays, **player.unknown}.items()
    assert (name in player.unknown) == (number == STILL)
    assert name == model.layout.float_names[number]
    assert stray.width == pytest.approx(widths, abs=1e-6)
    assert len(player.told()) == 1


@pytest.mark.parametrize("outside", [CLAMP, PASS])
def test_an_input_that_never_moved_in_training_is_told_as_ignored(model: Model, poses: Any, outside: str) -> None:
    player = numpy_player(model, outside)
    moved = with_floats(poses(3), STILL, [0.7, 1.4, 0.0])
    assert_same(player.offsets(moved), Evaluator(model).offsets(poses(3)))
    told = "still moved as never in the training frames, which the model ignores"
    assert player.told() == [told]
    player.offsets(with_floats(poses(1), BLINK, at(model, BLINK, 2.0)))
    assert player.told()[0] == told
    assert player.told()[1].startswith("blink is outside the range of the training by 2.0 of its width in frame 3")


def test_several_inputs_that_are_ignored_are_counted(make_model: Callable[..., Model], poses: Any) -> None:
    model = make_model("still", "stiff", "idle")
    player = numpy_player(model)
    player.offsets(replace(poses(2, 3), floats=poses(2, 3).floats + np.array([0.0, 0.0, 5.0, 6.0, 7.0])))
    (told,) = player.told()
    assert told.startswith("still and 2 others moved as never in the training frames, which the model ignores")


class OwnError(Exception):
    """As packages of back-ends have it."""


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError(CUDA_ERROR), "CUDA error: an illegal memory access was encountered"),
        (OwnError("[ONNXRuntimeError] : 1"), "[ONNXRuntimeError] : 1"),
        (OSError(), "OSError"),
        (MemoryError(), "MemoryError"),
        (DataError("it cannot"), "it cannot"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else None,
)
@pytest.mark.parametrize("calls", [0, 2])
def test_numpy_plays_on_when_a_back_end_breaks_down(
    model: Model, poses: Any, calls: int, error: Exception, reason: str
) -> None:
    back_end = Breaking(model, calls, error)
    player = Player(model, back_end)
    player.set_quality(0.5)
    expected = Evaluator(model, quality=0.5).offsets(poses(2))
    assert apart(expected, Evaluator(model).offsets(poses(2))) > 1e-4
    for call in range(5):
        assert (player.broken is not None) == (call > calls)
        assert_same(player.offsets(poses(2)), expected)
    assert back_end.asked == calls + 1
    assert player.told() == [f"the back-end broke down ({reason}), so numpy played on"]
    player.set_quality(0.0)
    assert_same(player.offsets(poses(2)), Evaluator(model, quality=0.0).offsets(poses(2)))


def test_the_inputs_are_still_looked_at_when_numpy_plays_on(model: Model, poses: Any) -> None:
    player = Player(model, Breaking(model, 0, OwnError("broken")), CLAMP)
    far = with_floats(poses(2), BLINK, at(model, BLINK, 2.0))
    held = with_floats(poses(2), BLINK, at(model, BLINK, FAR))
    for _ in range(2):
        assert_same(player.offsets(far), Evaluator(model).offsets(held))
    broke, outside = player.told()
    assert broke == "the back-end broke down (broken), so numpy played on"
    assert "by 2.0 of its width in frame 0 (in 4 frames" in outside


def test_a_back_end_that_breaks_down_when_the_quality_is_set_is_replaced_too(model: Model, poses: Any) -> None:
    class Stuck(Breaking):
        def set_quality(self, quality: float) -> None:
            raise RuntimeError(CUDA_ERROR)

    player = Player(model, Stuck(model, 9, OwnError("unused")))
    player.set_quality(0.5)
    assert_same(player.offsets(poses(2)), Evaluator(model, quality=0.5).offsets(poses(2)))
    assert player.told() == [
        "the back-end broke down (CUDA error: an illegal memory access was encountered), so numpy played on"
    ]


def test_a_stop_by_the_user_is_no_break_down(model: Model, poses: Any) -> None:
    player = Player(model, Breaking(model, 0, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        player.offsets(poses(1))
    assert player.told() == []


def test_what_goes_wrong_in_numpy_is_not_swallowed(model: Model, make_model: Any, poses: Any) -> None:
    of_another_rig: BackEnd = Evaluator(make_model("still", "stiff"))
    player = Player(model, of_another_rig)
    with pytest.raises(DataError, match="27 values but the model was made for 28"):
        player.offsets(poses(2))
    assert player.broken is None


def test_direct_offsets_are_those_without_anchors(model: Model, poses: Any) -> None:
    back_end = Breaking(model, 0, OwnError("never asked"))
    player = Player(model, back_end)
    expected = Evaluator(model).direct_offsets(poses(12))
    assert_same(player.direct_offsets(poses(12)), expected)
    assert apart(expected, Evaluator(model).offsets(poses(12))) > 1e-3
    assert (back_end.asked, player.told()) == (0, [])


def test_direct_offsets_of_inputs_far_outside_are_held_or_not_and_nothing_is_counted(model: Model, poses: Any) -> None:
    far = with_floats(poses(3), BLINK, at(model, BLINK, 3.0))
    held = with_floats(poses(3), BLINK, at(model, BLINK, FAR))
    for outside, played in ((CLAMP, held), (PASS, far)):
        player = numpy_player(model, outside)
        assert_same(player.direct_offsets(far), Evaluator(model).direct_offsets(played))
        assert player.told() == []
        player.offsets(far)
        assert player.strays["blink"].frame == 0
        assert player.strays["blink"].frames == 3


def test_frames_that_were_refused_count_in_the_numbers_of_later_ones(model: Model, poses: Any) -> None:
    player = numpy_player(model)
    wrong = poses(3)
    wrong.floats[1, 0] = np.nan
    for first in (0, 3):
        with pytest.raises(DataError, match=f"in frame {first + 1}$|in frame {first + 1}\\."):
            player.offsets(wrong)


def test_no_frames_give_no_offsets_and_break_nothing(model: Model, poses: Any) -> None:
    player = Player(model, Breaking(model, 9, OwnError("never")))
    assert [found.shape for found in player.offsets(poses(0))] == [(0, *mesh.mean.shape) for mesh in model.meshes]
    assert player.broken is None


def test_inputs_of_other_numbers_of_frames_are_refused(model: Model, poses: Any) -> None:
    inputs = poses(3)
    with pytest.raises(DataError, match="2 frames of joints were given, and 3 of float inputs"):
        numpy_player(model).offsets(replace(inputs, joints=inputs.joints[:2]))
