"""The sample character keeps the import contract, and deforms in the ways it promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sample_character
from sample_limb import character, crease, muscles, quads, skeleton
from sample_limb.poses import CONTROLS, bind_motion

MESHES = ("arm", "sleeve")
FRAMES = 60


@pytest.fixture(scope="module")
def train():
    return sample_character.build(FRAMES, 3)


@pytest.fixture(scope="module")
def arm():
    return character.bodies()[0]


def posed(body, **channels):
    """Linear and true positions (n, V, 3) of poses that differ from the bind pose in these angles and controls."""
    motion = motion_of(**channels)
    matrices = skeleton.skinning_matrices(skeleton.world_matrices(motion.angles))
    linear = character.skinning.linear_blend(body.shape.positions, body.weights, matrices)
    return linear, character.truth(body, motion, matrices)


def motion_of(**channels):
    frames = max(np.size(values) for values in channels.values())
    motion = bind_motion(frames)
    for name, values in channels.items():
        (motion.angles if name in motion.angles else motion.controls)[name][:] = values
    return motion


def shell_count(vertices, corners):
    """The number of connected shells, by spreading the smallest label along edges."""
    label = np.arange(vertices)
    sides = np.stack([corners.ravel(), np.roll(corners, -1, axis=1).ravel()])
    while True:
        spread = label.copy()
        np.minimum.at(spread, sides[0], label[sides[1]])
        np.minimum.at(spread, sides[1], label[sides[0]])
        spread = spread[spread]
        if np.array_equal(spread, label):
            return len(np.unique(label))
        label = spread


@pytest.mark.parametrize(("part", "frames"), [("train", FRAMES), ("test", FRAMES // 6)])
def test_an_archive_has_every_array_of_the_contract_in_its_shape(part, frames):
    arrays = sample_character.build(FRAMES, 3, part)
    joints = len(arrays["joint_names"])
    controls = len(arrays["float_names"])
    shapes = {
        "meshes": (2,),
        "joints": (frames, joints, 4, 4),
        "joints_rest": (joints, 4, 4),
        "joint_parents": (joints,),
        "joint_names": (joints,),
        "skinning_matrices": (frames, joints, 4, 4),
        "floats": (frames, controls),
        "float_names": (controls,),
        "float_limits": (controls, 2),
        "clip": (frames,),
    }
    for mesh in MESHES:
        vertices, polygons = len(arrays[f"{mesh}.rest"]), len(arrays[f"{mesh}.face_sizes"])
        shapes[f"{mesh}.rest"] = (vertices, 3)
        shapes[f"{mesh}.face_sizes"] = (polygons,)
        shapes[f"{mesh}.face_vertices"] = (int(arrays[f"{mesh}.face_sizes"].sum()),)
        shapes[f"{mesh}.weights"] = (vertices, joints)
        shapes[f"{mesh}.linear"] = shapes[f"{mesh}.deformed"] = (frames, vertices, 3)
    assert {name: array.shape for name, array in arrays.items()} == shapes
    assert arrays["meshes"].tolist() == list(MESHES)
    assert all(np.isfinite(array).all() for array in arrays.values() if array.dtype.kind == "f")
    assert {arrays[f"{mesh}.{key}"].dtype for mesh in MESHES for key in ("linear", "deformed")} == {np.dtype("f4")}


def test_the_same_seed_gives_the_same_arrays_and_another_seed_gives_other_poses(train):
    again, other = sample_character.build(FRAMES, 3), sample_character.build(FRAMES, 4)
    assert all(np.array_equal(again[name], train[name]) for name in train)
    assert np.array_equal(other["arm.rest"], train["arm.rest"])
    assert not np.isclose(other["joints"], train["joints"]).all(axis=(1, 2, 3)).any()


def test_no_frame_of_the_test_archive_is_among_the_training_frames(train):
    test = sample_character.build(FRAMES, 3, "test")
    nearest = np.abs(test["floats"][:, None] - train["floats"][None]).max(axis=2).min(axis=1)
    assert nearest.min() > 1e-3
    assert set(train["clip"]) == {"random_poses", "swing"}
    assert set(test["clip"]) == {"unseen_poses", "curl"}


def test_too_few_frames_and_unknown_parts_are_refused():
    with pytest.raises(ValueError, match="at least 12"):
        sample_character.build(11)
    with pytest.raises(ValueError, match="'train' or 'test'"):
        sample_character.build(12, part="validation")


def test_the_character_has_between_2000_and_4000_vertices_in_seven_shells(train):
    counts, shells = [], []
    for mesh in MESHES:
        counts.append(len(train[f"{mesh}.rest"]))
        assert set(train[f"{mesh}.face_sizes"]) == {4}
        corners = train[f"{mesh}.face_vertices"].reshape(-1, 4)
        assert np.array_equal(np.unique(corners), np.arange(counts[-1]))
        shells.append(shell_count(counts[-1], corners))
    assert 2000 <= sum(counts) <= 4000
    assert shells == [6, 1]


def test_the_skin_is_closed_looks_outwards_and_is_as_long_as_an_arm():
    shape = character.skin()
    sides = np.stack([shape.quads, np.roll(shape.quads, -1, axis=1)], axis=2).reshape(-1, 2)
    forward = {tuple(side) for side in sides.tolist()}
    assert len(forward) == len(sides)
    assert all((b, a) in forward for a, b in forward)
    edges = len(sides) // 2
    assert len(shape.positions) - edges + len(shape.quads) == 2
    a, b, c, d = (shape.positions[shape.quads[:, k]] for k in range(4))
    volume = (np.sum(a * np.cross(b, c)) + np.sum(a * np.cross(c, d))) / 6.0
    assert 2500.0 < volume < 5000.0
    assert 70.0 < np.ptp(shape.positions[:, 0]) < 80.0


def test_linear_positions_follow_the_skinning_formula(train):
    for mesh in MESHES:
        rest = np.c_[train[f"{mesh}.rest"], np.ones(len(train[f"{mesh}.rest"]))]
        weights = train[f"{mesh}.weights"].astype(np.float64)
        np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-6)
        assert weights.min() >= 0.0
        for frame in (0, 17, FRAMES - 1):
            expected = sum(
                weights[:, j, None] * (rest @ matrix.T)[:, :3]
                for j, matrix in enumerate(train["skinning_matrices"][frame])
            )
            np.testing.assert_allclose(train[f"{mesh}.linear"][frame], expected, atol=5e-5)


def test_skinning_matrices_are_the_joints_relative_to_bind(train):
    expected = train["joints"] @ np.linalg.inv(train["joints_rest"])
    np.testing.assert_allclose(train["skinning_matrices"], expected, atol=1e-12)
    rotations = train["joints"][:, :, :3, :3]
    np.testing.assert_allclose(
        rotations @ np.swapaxes(rotations, 2, 3), np.broadcast_to(np.eye(3), rotations.shape), atol=1e-12
    )
    np.testing.assert_allclose(np.linalg.det(rotations), 1.0, atol=1e-12)


def test_every_joint_turns_about_a_place_that_its_parent_carries(train):
    for joint, parent in enumerate(train["joint_parents"]):
        if parent >= 0:
            local = np.linalg.inv(train["joints"][:, parent]) @ train["joints"][:, joint]
            rest = np.linalg.inv(train["joints_rest"][parent]) @ train["joints_rest"][joint]
            np.testing.assert_allclose(local[:, :3, 3], np.broadcast_to(rest[:3, 3], (FRAMES, 3)), atol=1e-12)


def test_random_poses_stay_within_their_limits_and_use_them(train):
    floats, limits = train["floats"], train["float_limits"]
    assert (floats >= limits[:, 0]).all()
    assert (floats <= limits[:, 1]).all()
    assert (np.ptp(floats, axis=0) > 0.8 * np.ptp(limits, axis=1)).all()


def test_a_positive_elbow_bend_brings_the_hand_forward_to_the_shoulder(arm):
    _, truth = posed(arm, elbow_bend=[90.0])
    hand = truth[0][arm.shape.along > 55.0].mean(axis=0)
    assert hand[2] > 25.0
    assert hand[0] < 34.0


def test_the_truth_equals_the_rest_shape_at_bind():
    for body in character.bodies():
        linear, truth = posed(body, elbow_bend=[0.0])
        np.testing.assert_allclose(truth[0], body.shape.positions, atol=1e-9)
        np.testing.assert_allclose(linear[0], body.shape.positions, atol=1e-9)


def test_the_truth_differs_from_linear_skinning_by_plausible_amounts(train):
    for mesh in MESHES:
        diagonal = np.linalg.norm(np.ptp(train[f"{mesh}.rest"], axis=0))
        apart = np.linalg.norm(train[f"{mesh}.deformed"] - train[f"{mesh}.linear"], axis=2) / diagonal
        assert 0.002 < apart.mean() < 0.02
        assert 0.02 < apart.max() < 0.15


def test_the_truth_tears_nothing(train):
    corners = train["arm.face_vertices"].reshape(-1, 4)
    following = np.roll(corners, -1, axis=1)
    before = np.linalg.norm(train["arm.rest"][corners] - train["arm.rest"][following], axis=2)
    after = np.linalg.norm(train["arm.deformed"][:, corners] - train["arm.deformed"][:, following], axis=3)
    assert (after - 2.5 * before).max() < 0.5


def test_a_continuous_clip_moves_in_small_steps(train):
    def step(clip):
        frames = train["arm.deformed"][train["clip"] == clip]
        return np.linalg.norm(np.diff(frames, axis=0), axis=2).mean()

    swing = sample_character.build(240, 3)
    of_swing = swing["arm.deformed"][swing["clip"] == "swing"]
    assert np.linalg.norm(np.diff(of_swing, axis=0), axis=2).mean() < 0.35 * step("random_poses")


def test_a_twisted_forearm_keeps_its_girth_where_linear_skinning_loses_it(arm):
    at = np.abs(arm.shape.along - 40.0) < 1.0
    at &= arm.shape.thumb == 0.0

    def girth(points):
        return np.linalg.norm((points[at] - points[at].mean(axis=0))[:, 1:], axis=1).mean()

    linear, truth = posed(arm, forearm_roll=[-90.0])
    before = girth(arm.shape.positions)
    assert girth(truth[0]) == pytest.approx(before, rel=0.03)
    assert girth(linear[0]) < 0.85 * before


def test_flesh_of_the_bent_elbow_meets_and_does_not_pass_through(arm):
    bend = np.radians(130.0)
    linear, truth = posed(arm, elbow_bend=[130.0], biceps_flex=[1.0], fist=[1.0])
    rest = arm.shape.positions
    toward_hand = np.array([1.0 + np.cos(bend), 0.0, np.sin(bend)])
    normal = toward_hand / np.linalg.norm(toward_hand)
    front = (rest[:, 2] > 1.5) & (arm.shape.along > 14.0) & (arm.shape.along < 40.0)
    side = np.where(arm.shape.along < 28.0, -1.0, 1.0)

    def depth(points):
        through = -side * ((points - np.array(skeleton.ELBOW_PLACE)) @ normal)
        return through[front].max()

    assert depth(linear[0]) > 1.0
    assert depth(truth[0]) < 0.05


def test_flesh_pressed_together_makes_the_crease_wider(arm):
    motion = motion_of(elbow_bend=[125.0])
    matrices = skeleton.skinning_matrices(skeleton.world_matrices(motion.angles))
    flesh = arm.shape.positions + muscles.flesh_offsets(arm.shape, motion)
    without = character.skinning.dual_quaternion_blend(flesh, arm.weights, matrices, skeleton.joint_parents())[0]
    truth = character.truth(arm, motion, matrices)[0]
    pressed = (np.linalg.norm(truth - without, axis=1) > 0.5) & (np.abs(without[:, 1]) > 1.0)
    assert pressed.sum() > 40
    wider = np.abs(truth[pressed, 1]) - np.abs(without[pressed, 1])
    assert wider.min() > 0.0
    assert 0.2 < wider.mean() < 1.0


@pytest.mark.parametrize("control", [control.name for control in CONTROLS])
def test_every_control_moves_the_skin_and_leaves_the_linear_mesh_alone(arm, control):
    linear, truth = posed(arm, **{control: [0.0, 1.0], "elbow_bend": 60.0, "wrist_bend": 30.0, "fingers_bend": 40.0})
    assert np.array_equal(linear[0], linear[1])
    moved = np.linalg.norm(truth[1] - truth[0], axis=1)
    assert 0.05 < moved.max() < 2.5


@pytest.mark.parametrize("turn", [turn.name for turn in skeleton.TURNS])
def test_every_turn_moves_the_linear_mesh(arm, turn):
    linear, _ = posed(arm, **{turn: [0.0, 20.0]})
    assert np.linalg.norm(linear[1] - linear[0], axis=1).max() > 0.5


# By hand, where the muscle is highest and the elbow is bent by 110 degrees, which is sin(55)^2 = 0.671 of its fold.
@pytest.mark.parametrize(
    ("first", "second", "height"),
    [
        (("biceps_flex", 1.0), ("elbow_bend", 110.0), 1.55 * 0.78 * 0.671),
        (("triceps_flex", 1.0), ("elbow_bend", 110.0), (0.95 * 0.75 * 0.72 + 0.45 * 0.6) * 0.671),  # two heads
        (("fist", 1.0), ("wrist_bend", 50.0), 0.60 * 0.71),
        (("skin_slide", 1.0), ("elbow_bend", 110.0), 0.60 * 0.671),
        (("veins", 1.0), ("fist", 1.0), 1.5 * 0.14),  # where two of them run together
    ],
)
def test_controls_multiply_rather_than_add(arm, first, second, height):
    (a, on), (b, turned) = first, second
    both = muscles.flesh_offsets(arm.shape, motion_of(**{a: [0.0, on, 0.0, on], b: [0.0, 0.0, turned, turned]}))
    product = both[3] - both[2] - both[1] + both[0]
    assert np.linalg.norm(product, axis=1).max() == pytest.approx(height, rel=0.25)


def test_the_tendons_of_a_bent_wrist_stand_out_with_the_fist(arm):
    wrist = (np.abs(arm.shape.along - 49.0) < 1.5) & (np.abs(arm.shape.angle - 270.0) < 40.0)
    offsets = muscles.flesh_offsets(arm.shape, motion_of(fist=[0.0, 1.0, 0.0, 1.0], wrist_bend=[0.0, 0.0, 50.0, 50.0]))
    heights = np.sum(offsets * arm.shape.normals, axis=2)[:, wrist]
    assert (heights[1] - heights[0]).max() == pytest.approx(0.18, rel=0.2)
    assert (heights[3] - heights[2]).max() == pytest.approx(0.18 + 0.60 * 0.70, rel=0.2)


def test_both_heads_of_the_triceps_swell_with_their_control(arm):
    offsets = muscles.flesh_offsets(arm.shape, motion_of(triceps_flex=[1.0]))[0]
    heights = np.sum(offsets * arm.shape.normals, axis=1)
    for along, angle, height in ((12.0, 200.0, 0.95 + 0.45 * 0.11), (17.5, 165.0, 0.45 + 0.95 * 0.37)):
        place = np.argmin(np.abs(arm.shape.along - along) + np.abs(arm.shape.angle - angle) / 10.0)
        assert heights[place] == pytest.approx(height, rel=0.12)


def test_the_sleeve_wraps_the_arm_and_hangs_below_it(arm):
    sleeve = character.bodies()[1].shape
    over, under = (np.abs(sleeve.angle - side) < 12.0 for side in (90.0, 270.0))
    at = np.abs(sleeve.along - 6.3) < 0.01
    reach = np.abs(sleeve.positions[:, 1] - 0.1)
    skin = np.abs(arm.shape.along - 6.3) < 1.0
    top, bottom = arm.shape.positions[skin, 1].max() - 0.1, 0.1 - arm.shape.positions[skin, 1].min()
    assert reach[at & over].max() - top == pytest.approx(0.9, abs=0.15)
    assert reach[at & under].max() - bottom == pytest.approx(0.9 + 0.45 * 10.3 / 12.0, abs=0.15)


def test_a_raised_arm_wrinkles_the_sleeve(arm):
    sleeve = character.bodies()[1].shape
    motion = motion_of(shoulder_lift=[40.0])
    wrinkles = muscles.cloth_offsets(sleeve, motion) - muscles.flesh_offsets(sleeve, motion)
    heights = np.sum(wrinkles[0] * sleeve.normals, axis=1)
    above = (np.abs(sleeve.angle - 80.0) < 30.0) & (sleeve.along > 0.0) & (sleeve.along < 7.0)
    assert heights[above].max() == pytest.approx(0.50 * (np.sin(np.radians(40.0)) - 0.05), abs=0.08)
    assert np.ptp(heights[above]) > 0.2


def test_the_arm_stays_inside_its_sleeve(train):
    corners = train["arm.face_vertices"].reshape(-1, 4)
    covered = np.flatnonzero((train["arm.rest"][:, 0] > -4.0) & (train["arm.rest"][:, 0] < 14.0))
    outside = train["sleeve.rest"][:, 0] > -4.0
    elsewhere = np.abs(train["sleeve.rest"][outside, None, 0] - train["arm.rest"][covered, 0]) > 3.0
    for frame in range(0, FRAMES, 10):
        skin, cloth = train["arm.deformed"][frame], train["sleeve.deformed"][frame][outside]
        normals = quads.vertex_normals(skin.astype(np.float64), corners)[covered]
        apart = ((cloth[:, None] - skin[covered][None]) ** 2).sum(axis=2)
        nearest = np.argmin(np.where(elsewhere, np.inf, apart), axis=1)
        clearance = np.sum((cloth - skin[covered][nearest]) * normals[nearest], axis=1)
        assert clearance.min() > 0.0


def test_the_bone_of_the_elbow_stands_out_when_it_is_bent(arm):
    tip = np.argmin(np.abs(arm.shape.along - 28.6) + np.abs(arm.shape.angle - 180.0) / 10.0)
    offsets = muscles.flesh_offsets(arm.shape, motion_of(elbow_bend=[110.0]))[0]
    assert offsets[tip] @ arm.shape.normals[tip] == pytest.approx(0.75 * 0.671, rel=0.25)


def test_the_turning_forearm_drags_the_skin_of_the_elbow_around(arm):
    behind = np.argmin(np.abs(arm.shape.along - 29.5) + np.abs(arm.shape.angle - 180.0) / 10.0)
    offsets = muscles.flesh_offsets(arm.shape, motion_of(forearm_roll=[-60.0, 60.0]))[:, behind]
    # A positive roll turns +Y to +Z, and so what lies behind (-Z) upwards.
    assert offsets[1, 1] == pytest.approx(0.85 * np.sin(np.radians(60.0)), rel=0.1)
    assert offsets[0, 1] == pytest.approx(-offsets[1, 1], rel=0.1)


def test_the_twist_is_spread_along_the_forearm(arm):
    turning = arm.weights[:, 3:].sum(axis=1)

    def share(along):
        return turning[np.argsort(np.abs(arm.shape.along - along))[:20]].mean()

    assert share(40.0) == pytest.approx(0.5, abs=0.06)
    assert 0.10 < share(35.5) < 0.27
    assert 0.73 < share(44.5) < 0.90


def test_contact_is_rounded_rather_than_flat(arm):
    motion = motion_of(elbow_bend=[125.0])
    matrices = skeleton.skinning_matrices(skeleton.world_matrices(motion.angles))
    flesh = arm.shape.positions + muscles.flesh_offsets(arm.shape, motion)
    before = character.skinning.dual_quaternion_blend(flesh, arm.weights, matrices, skeleton.joint_parents())
    after = crease.pressed_apart(before, arm.shape, matrices, motion.bend)
    through, apart = (crease.own_side(points, arm.shape, matrices)[0] for points in (before, after))
    meeting = (crease.can_meet(before, arm.shape, matrices)[0] > 0.999) & (np.abs(arm.shape.along - 28.0) > 6.0)
    pressed = meeting & (through < -0.3)
    assert pressed.sum() > 20
    # A hyperbola 0.9 cm wide between "not touched" and "on the plane".
    np.testing.assert_allclose(apart[pressed] * (apart[pressed] - through[pressed]), 0.9**2 / 4.0, rtol=1e-6)


def test_a_linear_regression_leaves_an_error_that_local_curves_do_not():
    train, test = sample_character.build(360, 5), sample_character.build(360, 5, "test")
    elbow = np.flatnonzero(np.abs(train["arm.rest"][:, 0] - 28.0) < 6.0)[::4]

    def offsets(arrays):
        maps = np.einsum("vj,fjab->fvab", arrays["arm.weights"][elbow], arrays["skinning_matrices"][:, :, :3, :3])
        apart = (arrays["arm.deformed"] - arrays["arm.linear"])[:, elbow].astype(np.float64)
        return np.linalg.solve(maps, apart[..., None]).reshape(len(apart), -1)

    def inputs(arrays, joints):
        parents = arrays["joints"][:, arrays["joint_parents"][joints]]
        local = np.linalg.inv(parents) @ arrays["joints"][:, joints]
        return np.c_[arrays["floats"], local[..., :3, :3].reshape(len(local), -1)]

    def scaled(joints):
        known, asked = inputs(train, joints), inputs(test, joints)
        spread = known.std(axis=0)
        kept = spread > 1e-6
        return tuple(((x - known.mean(axis=0)) / np.where(kept, spread, 1.0))[:, kept] for x in (known, asked))

    target, truth = offsets(train), offsets(test)
    centre = target.mean(axis=0)
    known, asked = scaled(np.arange(1, 8))
    weights = np.linalg.solve(known.T @ known + np.eye(known.shape[1]), known.T @ (target - centre))
    of_ridge = np.sqrt(np.mean((asked @ weights + centre - truth) ** 2))

    known, asked = scaled(np.array([2, 3]))
    kernel, across = (np.exp(-np.sum((x[:, None] - known[None]) ** 2, axis=2) / (2 * 16.0**2)) for x in (known, asked))
    fitted = np.linalg.solve(kernel + 1e-4 * np.eye(len(kernel)), target - centre)
    of_kernel = np.sqrt(np.mean((across @ fitted + centre - truth) ** 2))

    assert of_ridge > 0.08 * np.sqrt(np.mean(truth**2))
    assert of_kernel < 0.4 * of_ridge


def test_the_script_writes_both_archives_without_pickles(tmp_path: Path, capsys):
    folder = tmp_path / "Ärmel und Arm"
    assert sample_character.main([str(folder), "--frames", "24", "--seed", "3"]) == 0
    for part, frames in (("train", 24), ("test", 4)):
        with np.load(folder / f"sample_{part}.npz", allow_pickle=False) as arrays:
            assert all(arrays[name].dtype.kind in "fiU" for name in arrays.files)
            assert arrays["arm.deformed"].shape[0] == frames
            expected = sample_character.build(24, 3, part)
            assert all(np.array_equal(arrays[name], expected[name]) for name in expected)
    assert "24 frames" in capsys.readouterr().out


def test_the_script_refuses_too_few_frames_and_writes_nothing(tmp_path: Path, capsys):
    with pytest.raises(SystemExit) as ended:
        sample_character.main([str(tmp_path / "out"), "--frames", "5"])
    assert ended.value.code == 2
    assert "at least 12, not 5" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
