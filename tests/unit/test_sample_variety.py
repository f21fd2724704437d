"""The characters that no default was tuned on keep the import contract, and deform in the ways they promise."""

from __future__ import annotations

import numpy as np
import pytest

import sample_variety
from glm_deep.dataset.archive import read_archive
from glm_deep.dataset.preflight import preflight
from glm_deep.dataset.source import ArchiveSource
from glm_deep.dataset.split import is_continuous
from glm_deep.geometry.skinning import offsets_before_skinning
from glm_deep.inputs import InputStatistics, raw_values
from sample_variety_kinds import joints_only, jumpy, production, production_rig, production_shapes, tiny
from sample_variety_kinds.kinds import KINDS
from sample_variety_kinds.motion import Take
from sample_variety_kinds.order import PARTS
from sample_variety_kinds.production_body import body, tunic
from sample_variety_kinds.skeleton import rotations
from sample_variety_kinds.surfaces import Neighbours

FRAMES, VERTICES, SEED = 40, 600, 3
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
EVERY_PART = pytest.mark.parametrize("part", PARTS)

_built: dict[tuple[str, str], dict[str, np.ndarray]] = {}


def small(kind, part="train"):
    """An archive with few frames and vertices; made once, never changed."""
    if (kind, part) not in _built:
        _built[kind, part] = sample_variety.build(kind, part, frames=FRAMES, seed=SEED, vertices=VERTICES)
    return _built[kind, part]


def source_of(arrays, folder):
    path = folder / "frames.npz"
    np.savez(path, **arrays)
    return ArchiveSource(read_archive(path))


def distances(arrays, mesh):
    """How far the truth is from the linear mesh (F, V), in parts of the diagonal."""
    apart = np.linalg.norm(arrays[f"{mesh}.deformed"].astype(np.float64) - arrays[f"{mesh}.linear"], axis=2)
    return apart / np.linalg.norm(np.ptp(arrays[f"{mesh}.rest"], axis=0))


@EVERY_KIND
def test_training_frames_look_ordinary_but_for_what_is_promised(kind, tmp_path):
    promised = {"cloth": ["shapes up to"], "jumpy": ["3 inputs never move and are left out: idle_a, idle_b, idle"]}
    found = [finding.text for finding in preflight(source_of(small(kind), tmp_path))]
    assert len(found) == len(promised.get(kind, []))
    assert all(part in text for part, text in zip(promised.get(kind, []), found))


@EVERY_PART
@EVERY_KIND
def test_every_kind_is_read_and_passes_the_preflight(kind, part, tmp_path):
    source = source_of(small(kind, part), tmp_path)
    assert source.frame_count == FRAMES
    assert {finding.severity for finding in preflight(source)} <= {"warning"}
    expected = ["has neither weights nor affine maps"] if kind == "floats_only" else []
    assert len(source.frames.warnings) == len(expected)
    assert all(part in text for part, text in zip(expected, source.frames.warnings))


@EVERY_PART
@EVERY_KIND
def test_the_linear_mesh_is_the_rest_mesh_under_its_weighted_matrices(kind, part):
    arrays = small(kind, part)
    for mesh in arrays["meshes"]:
        rest = np.c_[arrays[f"{mesh}.rest"], np.ones(len(arrays[f"{mesh}.rest"]))].astype(np.float64)
        if kind == "floats_only":
            assert f"{mesh}.weights" not in arrays
            np.testing.assert_array_equal(arrays[f"{mesh}.linear"], np.tile(rest[:, :3], (FRAMES, 1, 1)))
            continue
        weights = arrays[f"{mesh}.weights"].astype(np.float64)
        np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-6)
        assert weights.min() >= 0.0
        for frame in (0, 17, FRAMES - 1):
            matrices = arrays["joints"][frame] @ np.linalg.inv(arrays["joints_rest"])
            np.testing.assert_allclose(arrays["skinning_matrices"][frame], matrices, atol=1e-9)
            expected = sum(weights[:, j, None] * (rest @ matrix.T)[:, :3] for j, matrix in enumerate(matrices))
            np.testing.assert_allclose(arrays[f"{mesh}.linear"][frame], expected, atol=5e-5)


@EVERY_KIND
def test_linear_skinning_leaves_a_plausible_part_of_the_diagonal(kind):
    arrays = small(kind)
    for mesh in arrays["meshes"]:
        rms = np.sqrt(np.mean(distances(arrays, mesh) ** 2))
        assert 0.002 < rms < 0.025
        assert distances(arrays, mesh).max() < 0.25


@EVERY_KIND
def test_floats_stay_within_their_limits(kind):
    for part in PARTS:
        arrays = small(kind, part)
        if "floats" in arrays:
            assert (arrays["floats"] >= arrays["float_limits"][:, 0]).all()
            assert (arrays["floats"] <= arrays["float_limits"][:, 1]).all()


@EVERY_KIND
def test_the_same_seed_gives_the_same_bytes_and_another_seed_moves_the_same_character_otherwise(kind, tmp_path):
    few = ["--frames", "12", "--vertices", str(VERTICES), "--part", "train"]
    paths = [tmp_path / name for name in ("first.npz", "second.npz", "other.npz")]
    for path, seed in zip(paths, ("5", "5", "6")):
        assert sample_variety.main([kind, str(path), *few, "--seed", seed]) == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with np.load(paths[0]) as first, np.load(paths[2]) as other:
        for mesh in first["meshes"]:
            np.testing.assert_array_equal(first[f"{mesh}.rest"], other[f"{mesh}.rest"])
            apart = np.abs(first[f"{mesh}.deformed"] - other[f"{mesh}.deformed"]).max(axis=(1, 2))
            assert apart.min() > 0.01


@EVERY_KIND
def test_training_and_test_frames_are_never_the_same(kind, tmp_path):
    train, test = (source_of(small(kind, part), tmp_path) for part in PARTS)
    seen, unseen = (raw_values(source.layout, source.inputs) for source in (train, test))
    nearest = np.abs(unseen[:, None] - seen[None]).max(axis=2).min(axis=1)
    assert nearest.min() > 1e-3


@EVERY_KIND
def test_clip_names_tell_motion_from_unrelated_poses(kind, tmp_path):
    for part, expected in (
        ("train", {"clip_1"} if kind in ("cloth", "joints_only") else {"random_poses"}),
        ("test", {"animation", "unseen_poses"}),
    ):
        source = source_of(small(kind, part), tmp_path)
        values = raw_values(source.layout, source.inputs)
        values = InputStatistics.fit(source.layout, values).apply(values)
        clips = np.array(source.clips)
        assert set(clips) == expected
        for clip in expected:
            continuous = is_continuous(values[clips == clip], np.random.default_rng(0))
            assert continuous == (clip in ("animation", "clip_1"))


def test_without_numbers_an_archive_has_the_usual_ones(monkeypatch):
    asked = []
    for kind, known in list(KINDS.items()):
        usual = type(known)(lambda order: asked.append(order) or {}, known.vertices, known.training_frames)
        monkeypatch.setitem(KINDS, kind, usual)
    for kind in KINDS:
        for part in PARTS:
            sample_variety.build(kind, part)
    frames = {(order.kind, order.part): order.frames for order in asked}
    assert frames == {(kind, "test"): 100 for kind in KINDS} | {
        (kind, "train"): 120 if kind == "tiny" else 600 for kind in KINDS
    }
    assert {order.seed for order in asked} == {sample_variety.SEED}


def test_clips_for_training_are_at_most_100_frames_long():
    clips = sample_variety.build("joints_only", "train", frames=250, vertices=200)["clip"].tolist()
    assert [clips.count(f"clip_{number}") for number in (1, 2, 3)] == [84, 83, 83]


@pytest.mark.parametrize(
    ("kind", "part", "frames", "message"),
    [
        ("horse", "train", 12, "kind is one of production, cloth"),
        ("tiny", "both", 12, "part one of train, test"),
        ("tiny", "train", 11, "frames is at least 12, not 11"),
    ],
)
def test_unknown_kinds_and_parts_and_too_few_frames_are_refused(kind, part, frames, message):
    with pytest.raises(ValueError, match=message):
        sample_variety.build(kind, part, frames=frames)


@pytest.mark.parametrize("wrong", [["--frames", "11"], ["--vertices", "0"], ["--seed", "-1"], ["--part", "both"]])
def test_the_command_refuses_numbers_that_make_no_archive(wrong, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        sample_variety.main(["tiny", str(tmp_path / "out.npz"), "--part", "train", *wrong])
    assert caught.value.code == 2
    assert wrong[0] in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


def test_the_command_writes_where_it_is_told_and_says_what(tmp_path, capsys):
    path = tmp_path / "new folder" / "größe"
    assert sample_variety.main(["tiny", str(path), "--part", "test"]) == 0
    assert capsys.readouterr().out == f"{path}: 100 frames of tiny, 1,000 vertices\n"
    assert read_archive(path).meshes[0].rest.name == "finger"


def test_tiny_is_tiny():
    arrays = sample_variety.build("tiny", "train")
    assert arrays["finger.deformed"].shape == (120, 1000, 3)
    assert arrays["joints"].shape == (120, 3, 4, 4)
    assert arrays["floats"].shape == (120, 2)


def test_floats_only_has_100_floats_and_nothing_else_that_moves():
    arrays = small("floats_only")
    assert arrays["floats"].shape == (FRAMES, 100)
    assert not {"joints", "joint_names", "skinning_matrices", "matrices"} & set(arrays)
    active = np.count_nonzero(arrays["floats"], axis=1)
    assert 15 < active.mean() < 45


def test_combinations_of_floats_add_what_no_float_does_alone(tmp_path):
    """With 100 floats and their squares, a fit on many frames leaves what the pairs and triples do."""
    arrays = sample_variety.build("floats_only", "train", frames=600, vertices=100)
    values = arrays["floats"]
    alone = np.concatenate([values, values**2, np.ones((600, 1))], axis=1)
    moved = (arrays["face.deformed"] - arrays["face.linear"]).reshape(600, -1).astype(np.float64)
    left = moved - alone @ np.linalg.lstsq(alone, moved, rcond=None)[0]
    # a fit of 201 columns on 600 frames takes a third of what it cannot explain with it
    assert 0.05 < np.linalg.norm(left) / np.linalg.norm(moved) / np.sqrt(399 / 600) < 0.6


def test_joints_only_has_14_joints_in_a_row_and_no_float():
    arrays = small("joints_only")
    assert arrays["joint_parents"].tolist() == list(range(-1, 13))
    assert not {"floats", "float_names", "float_limits", "matrices"} & set(arrays)


def test_a_stretched_tentacle_keeps_its_volume(monkeypatch):
    pose = np.zeros((12, 14 * 4))
    pose[1, 14 * 3 + 1 :] = 2.4  # of the 8 cm of every bone
    pose[2, 14 * 3 + 1 :] = -2.4
    monkeypatch.setattr(joints_only, "flowing_take", lambda order, channels: Take(pose, ("pose",) * 12))
    arrays = sample_variety.build("joints_only", "train", frames=12, vertices=3200)
    posed, rest = arrays["tentacle.deformed"], arrays["tentacle.rest"]
    np.testing.assert_allclose(posed[0], rest, atol=1e-4)
    middle = np.abs(rest[:, 0] - 52.0) < 1.0
    radius = np.linalg.norm(rest[middle, 1:], axis=1)
    for frame, longer in ((1, 1.3), (2, 0.7)):
        np.testing.assert_allclose(
            np.linalg.norm(posed[frame, middle, 1:], axis=1), radius / np.sqrt(longer), rtol=1e-3
        )
        assert posed[frame, middle, 0].mean() - rest[middle, 0].mean() == pytest.approx(
            2.4 * 6 * np.sign(longer - 1), rel=0.1
        )


def test_cloth_has_other_shapes_where_the_inputs_stand_still():
    arrays = small("cloth")
    inputs = np.concatenate([arrays["joints"].reshape(FRAMES, -1), arrays["floats"]], axis=1)
    np.testing.assert_array_equal(inputs[-4:], np.tile(inputs[-4], (4, 1)))
    assert np.abs(inputs[-4] - inputs[-5]).max() > 1e-3
    apart = np.linalg.norm(arrays["skirt.deformed"][-1] - arrays["skirt.deformed"][-4], axis=1)
    assert apart.max() > 1.0
    waist = arrays["skirt.rest"][:, 1] > 102.0
    assert apart[waist].max() < 0.2 * apart.max()


def test_cloth_comes_to_rest_when_nothing_moves():
    arrays = sample_variety.build("cloth", "train", frames=100, vertices=VERTICES)
    steps = np.linalg.norm(np.diff(arrays["skirt.deformed"], axis=0), axis=2).mean(axis=1)
    assert steps[-1] < 0.25 * steps[-10:-7].max()


def easy_fit(train, test):
    """Offsets (F, V * 3) of the test frames, and what a ridge on all inputs, fitted to the training frames, leaves."""
    inputs, offsets = [], []
    for source in (train, test):
        values = raw_values(source.layout, source.inputs)
        inputs.append(np.c_[values, np.ones(len(values))])
        posed = source.read(0, np.arange(source.frame_count))
        found, near_singular = offsets_before_skinning(posed.deformed, posed.linear, posed.linear_part)
        assert near_singular == 0
        offsets.append(found.reshape(len(values), -1).astype(np.float64))
    gram = inputs[0].T @ inputs[0] + 1e-6 * len(inputs[0]) * np.eye(inputs[0].shape[1])
    return offsets[1], offsets[1] - inputs[1] @ np.linalg.solve(gram, inputs[0].T @ offsets[0])


def test_a_ridge_explains_all_but_a_thousandth_of_easy(tmp_path):
    sources = [
        source_of(sample_variety.build("easy", part, frames=frames, vertices=VERTICES), tmp_path)
        for part, frames in (("train", 200), ("test", 50))
    ]
    offsets, left = easy_fit(*sources)
    assert 2e-4 < np.linalg.norm(left) / np.linalg.norm(offsets) < 1e-3


def jumpy_offsets(monkeypatch, **channels):
    """Positions before skinning would move them, (n, V, 3), in poses that differ from rest in these values."""
    columns = {"elbow_bend": 5, **{name: 12 + k for k, name in enumerate(jumpy.FLOATS)}}
    values = np.zeros((12, 12 + len(jumpy.FLOATS)))
    for name, series in channels.items():
        values[: len(series), columns[name]] = series
    monkeypatch.setattr(jumpy, "unrelated_take", lambda order, channels: Take(values, ("pose",) * 12))
    monkeypatch.setattr(jumpy, "RARE_FRAMES", 0)
    arrays = sample_variety.build("jumpy", "train", frames=12, vertices=1200)
    return arrays["arm.deformed"].astype(np.float64)


@pytest.mark.parametrize(("channel", "threshold"), [("elbow_bend", jumpy.CONTACT), ("attach", jumpy.THRESHOLD)])
def test_a_switch_turns_on_abruptly(monkeypatch, channel, threshold):
    step = 1e-4 * threshold
    at = threshold + step * np.array([-1.5, -0.5, 0.5, 1.5])
    posed = jumpy_offsets(monkeypatch, **{channel: at})
    apart = np.linalg.norm(np.diff(posed[:4], axis=0), axis=2).max(axis=1)
    assert apart[1] > 1.0
    assert max(apart[0], apart[2]) < 0.01


def test_one_input_moves_in_three_frames_only_and_others_never():
    for part in PARTS:
        arrays = small("jumpy", part)
        floats = dict(zip(arrays["float_names"], arrays["floats"].T))
        assert np.count_nonzero(floats["rare"]) == 3
        assert set(floats["idle_a"]) == {0.0}
        assert set(floats["idle_b"]) == {0.7}
        idle = arrays["joint_names"].tolist().index("idle")
        local = np.linalg.inv(arrays["joints"][:, idle - 1]) @ arrays["joints"][:, idle]
        np.testing.assert_allclose(local, np.tile(local[0], (FRAMES, 1, 1)), atol=1e-9)


def test_what_moves_in_three_frames_deforms_the_mesh_there(monkeypatch):
    monkeypatch.setattr(jumpy, "unrelated_take", lambda order, channels: Take(np.zeros((12, 19)), ("pose",) * 12))
    arrays = sample_variety.build("jumpy", "train", frames=12, vertices=1200)
    moved = np.linalg.norm(arrays["arm.deformed"] - arrays["arm.rest"], axis=2).max(axis=1)
    np.testing.assert_array_equal(moved > 0.5, arrays["floats"][:, jumpy.FLOATS.index("rare")] > 0.0)
    assert np.count_nonzero(moved > 1e-4) == 3


def test_production_has_the_size_and_the_rig_of_a_film_character():
    arrays = small("production")
    assert arrays["meshes"].tolist() == ["body", "tunic"]
    assert arrays["joints"].shape == (FRAMES, 40, 4, 4)
    assert arrays["floats"].shape == (FRAMES, 60)
    names, parents = arrays["joint_names"].tolist(), arrays["joint_parents"]
    above = {name: names[parent] if parent >= 0 else "" for name, parent in zip(names, parents)}
    assert above["left_index_2"] == "left_index_1"
    assert above["left_index_1"] == "left_wrist"
    assert above["right_knee"] == "right_hip"
    assert above["jaw"] == "head"
    skin = body(2)
    cloth, under = tunic(skin)
    assert 11_000 < len(skin.points) + len(cloth.points) < 13_500
    assert 170.0 < np.ptp(skin.points[:, 1]) < 185.0
    gap = np.linalg.norm(cloth.points - skin.points[under], axis=1)
    np.testing.assert_allclose(gap, 1.2, atol=1e-3)


def test_the_body_is_one_closed_surface_that_looks_outwards():
    skin = body(0)
    sides = np.stack([skin.quads, np.roll(skin.quads, -1, axis=1)], axis=2).reshape(-1, 2)
    forward = {tuple(side) for side in sides.tolist()}
    assert len(forward) == len(sides)
    assert all((second, first) in forward for first, second in forward)
    assert len(skin.points) - len(sides) // 2 + len(skin.quads) == 2
    a, b, c, d = (skin.points[skin.quads[:, corner]] for corner in range(4))
    volume = (np.sum(a * np.cross(b, c)) + np.sum(a * np.cross(c, d))) / 6.0
    assert 50_000 < volume < 150_000


def test_every_joint_of_production_holds_some_skin_and_fingers_hold_no_legs():
    rig, skin = production_rig.skeleton(), body(1)
    weights = production_rig.skin_weights(skin, 1, rig)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    assert weights.max(axis=0).min() > 0.2
    finger = weights[:, rig.names.index("left_index_2")]
    assert skin.points[finger > 0.0, 0].min() > 70.0


def drives_of(**turns):
    """The drives of a pose in which these joints are turned about Y or Z by so many degrees."""
    rig = production_rig.skeleton()
    angles = np.zeros((1, len(rig.joints), 3))
    for name, degrees in turns.items():
        angles[0, rig.names.index(name)] = degrees
    return production_shapes.drives(rig, angles, np.zeros((1, 60)))[0]


def test_muscles_depend_on_products_of_neighbouring_joints():
    elbow, shoulder = (0.0, -90.0, 0.0), (0.0, -60.0, -50.0)
    both = drives_of(left_elbow=elbow, left_shoulder=shoulder)
    apart = drives_of(left_elbow=elbow) + drives_of(left_shoulder=shoulder)
    muscle = production_rig.skeleton().names.index("left_elbow")
    assert abs(both[muscle] - apart[muscle]) > 0.1
    np.testing.assert_allclose(drives_of(), 0.0, atol=1e-12)


def test_correctives_need_two_or_three_floats_at_once():
    rig, pairs, triples = production_rig.skeleton(), 52, 15

    def combined(floats):
        return production_shapes.drives(rig, np.zeros((len(floats), 40, 3)), floats)[:, -(pairs + triples) :]

    single = np.eye(60)
    two = np.stack([single[first] + single[second] for first in range(60) for second in range(first)])
    assert not combined(single).any()
    np.testing.assert_array_equal(combined(two).sum(axis=0), [1.0] * pairs + [0.0] * triples)
    np.testing.assert_array_equal(combined(np.ones((1, 60))), 1.0)


def test_production_at_bind_is_its_rest_shape(monkeypatch):
    bind = Take(np.zeros((12, 40 * 3 + 60)), ("bind",) * 12)
    monkeypatch.setattr(production, "unrelated_take", lambda order, channels: bind)
    arrays = sample_variety.build("production", "train", frames=12, vertices=VERTICES)
    for mesh in arrays["meshes"]:
        np.testing.assert_allclose(arrays[f"{mesh}.deformed"][0], arrays[f"{mesh}.rest"], atol=1e-4)


def test_a_twist_keeps_the_volume_that_linear_skinning_loses(monkeypatch):
    pose = np.zeros((12, 9 + 2))
    pose[0, 3] = 100.0  # degrees about the axis of the finger
    monkeypatch.setattr(tiny, "unrelated_take", lambda order, channels: Take(pose, ("pose",) * 12))
    arrays = sample_variety.build("tiny", "train", frames=12)
    rest, joint = arrays["finger.rest"], np.abs(arrays["finger.rest"][:, 0] - 4.5) < 0.2
    radius = [
        np.linalg.norm(points[joint, 1:], axis=1)
        for points in (rest, *(arrays[f"finger.{k}"][0] for k in ("deformed", "linear")))
    ]
    np.testing.assert_allclose(radius[1], radius[0], rtol=1e-4)
    assert (radius[2] < 0.75 * radius[0]).all()


def test_a_smoothed_value_is_halfway_to_the_mean_of_its_neighbours():
    square = Neighbours.of(np.array([[0, 1, 2, 3]]), 4)
    np.testing.assert_allclose(square.smoothed(np.array([[4.0], [0.0], [0.0], [0.0]]), 1), [[2.0], [1.0], [0.0], [1.0]])
    np.testing.assert_allclose(square.smoothed(np.array([[4.0], [0.0], [0.0], [0.0]]), 2), [[1.5], [1.0], [0.5], [1.0]])


def test_rotations_turn_about_x_then_y_then_z():
    turned = rotations(np.array([[90.0, 0.0, 0.0], [0.0, 90.0, 0.0], [0.0, 0.0, 90.0], [90.0, 90.0, 0.0]]))
    axes = np.eye(3)
    np.testing.assert_allclose(turned[0] @ axes[1], axes[2], atol=1e-12)
    np.testing.assert_allclose(turned[1] @ axes[2], axes[0], atol=1e-12)
    np.testing.assert_allclose(turned[2] @ axes[0], axes[1], atol=1e-12)
    np.testing.assert_allclose(turned[3] @ axes[1], axes[0], atol=1e-12)
