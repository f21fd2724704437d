"""Frames from an import archive, and what is said about archives that cannot be used."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glm_deep.dataset.archive import read_archive
from glm_deep.dataset.frames import Frames, MeshRest
from glm_deep.dataset.mesh_checks import check_mesh, surface_area
from glm_deep.errors import DataError

Arrays = dict[str, np.ndarray]
FRAMES, VERTICES = 5, 6


def turn(angle: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return matrix


def arm() -> Arrays:
    """A strip of two quads with two joints, two floats and one matrix."""
    rng = np.random.default_rng(0)
    rest = np.array([[x, y, 0] for x in (0.0, 1.0, 2.0) for y in (0.0, 1.0)])
    weights = np.repeat([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]], 2, axis=0)
    bends = np.linspace(0, 1, FRAMES)
    joints_rest = np.array([np.eye(4), np.eye(4)])
    joints_rest[1, 0, 3] = 1
    joints = np.array([[turn(0.1 * b), turn(0.1 * b) @ joints_rest[1] @ turn(b)] for b in bends])
    skinning = joints @ np.linalg.inv(joints_rest)
    homogeneous = np.concatenate([rest, np.ones((VERTICES, 1))], axis=1)
    linear = np.einsum("vw,fwij,vj->fvi", weights, skinning, homogeneous)[:, :, :3].astype(np.float32)
    return {
        "meshes": np.array(["arm"]),
        "arm.rest": rest.astype(np.float32),
        "arm.face_sizes": np.array([4, 4]),
        "arm.face_vertices": np.array([0, 2, 3, 1, 2, 4, 5, 3]),
        "arm.deformed": linear + 0.1 * rng.standard_normal(linear.shape).astype(np.float32),
        "arm.linear": linear,
        "arm.weights": weights,
        "skinning_matrices": skinning,
        "joints": joints,
        "joints_rest": joints_rest,
        "joint_parents": np.array([-1, 0]),
        "joint_names": np.array(["upper", "fore"]),
        "matrices": np.tile(np.eye(4), (FRAMES, 1, 1, 1)),
        "matrix_names": np.array(["target"]),
        "floats": rng.uniform(0, 1, (FRAMES, 2)),
        "float_names": np.array(["smile", "blink"]),
        "float_limits": np.array([[0, 1], [np.nan, np.nan]]),
        "clip": np.array(["walk"] * 3 + ["run"] * 2),
    }


def read(folder: Path, arrays: Arrays, **options: object) -> Frames:
    path = folder / "frames.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return read_archive(path, **options)  # type: ignore[arg-type]


def refusal(folder: Path, arrays: Arrays) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, arrays)
    assert caught.value.where == str(folder / "frames.npz")
    assert caught.value.hint
    return caught.value.what


def without(*names: str) -> Arrays:
    return {name: array for name, array in arm().items() if name not in names}


def test_an_archive_is_read_with_everything_in_it(tmp_path: Path) -> None:
    arrays = arm()
    frames = read(tmp_path, arrays)
    (mesh,) = frames.meshes
    assert frames.warnings == ()
    assert frames.clips == ("walk", "walk", "walk", "run", "run")
    assert frames.layout.group_names == ("smile", "blink", "upper", "fore", "target")
    np.testing.assert_array_equal(frames.layout.float_limits, arrays["float_limits"])
    np.testing.assert_array_equal(frames.layout.joint_parents, [-1, 0])
    np.testing.assert_array_equal(frames.layout.joint_rest, arrays["joints_rest"])
    np.testing.assert_array_equal(frames.inputs.floats, arrays["floats"])
    np.testing.assert_array_equal(frames.inputs.joints, arrays["joints"])
    np.testing.assert_array_equal(frames.inputs.matrices, arrays["matrices"])
    assert mesh.rest.name == "arm"
    assert mesh.rest.diagonal == pytest.approx(5**0.5)
    np.testing.assert_array_equal(mesh.rest.face_vertices, arrays["arm.face_vertices"])
    np.testing.assert_array_equal(mesh.deformed, arrays["arm.deformed"])
    np.testing.assert_array_equal(mesh.linear, arrays["arm.linear"])
    assert mesh.linear.dtype == np.float32
    assert mesh.skinning.kind == "weights"
    assert mesh.skinning.influence_names == ("upper", "fore")
    expected = np.einsum("vw,fwij->fvij", arrays["arm.weights"], arrays["skinning_matrices"])[1:3, :, :3, :3]
    np.testing.assert_allclose(mesh.skinning.linear_part(1, 3), expected, atol=1e-12)


def test_clip_names_all_frames_and_the_file_does_where_nothing_else_does(tmp_path: Path) -> None:
    assert set(read(tmp_path, arm(), clip="fight").clips) == {"fight"}
    assert set(read(tmp_path, without("clip")).clips) == {"frames"}


def test_a_path_with_spaces_and_letters_of_any_language_works(tmp_path: Path) -> None:
    folder = tmp_path / "Zoë figur 人"
    folder.mkdir()
    arrays = {re.sub(r"^arm\.", "Ärmel 腕.", name): array for name, array in arm().items()}
    arrays["meshes"] = np.array(["Ärmel 腕"])
    assert read(folder, arrays).meshes[0].rest.name == "Ärmel 腕"


def test_a_prediction_needs_no_deformed_positions(tmp_path: Path) -> None:
    assert read(tmp_path, without("arm.deformed"), need_deformed=False).meshes[0].deformed is None
    frames = read(tmp_path, arm(), need_deformed=False)
    assert frames.meshes[0].deformed is None
    assert frames.warnings == ()


@pytest.mark.parametrize("kept", ["floats", "joints", "matrices"])
def test_one_kind_of_inputs_is_enough(tmp_path: Path, kept: str) -> None:
    kinds = {
        "floats": ["floats", "float_names", "float_limits"],
        "joints": ["joints", "joints_rest", "joint_parents", "joint_names"],
        "matrices": ["matrices", "matrix_names"],
    }
    dropped = [name for kind, names in kinds.items() if kind != kept for name in names]
    frames = read(tmp_path, without(*dropped))
    assert len(frames.layout.group_names) == {"floats": 2, "joints": 2, "matrices": 1}[kept]
    assert frames.inputs.floats.shape[0] == frames.inputs.joints.shape[0] == frames.inputs.matrices.shape[0] == FRAMES


def test_no_input_at_all_is_refused(tmp_path: Path) -> None:
    names = ("floats", "float_names", "joints", "joints_rest", "joint_parents", "joint_names")
    assert refusal(tmp_path, without(*names, "matrices", "matrix_names")) == "there are no inputs"


def test_meshes_may_have_matrices_and_influences_of_their_own(tmp_path: Path) -> None:
    arrays = arm()
    arrays["arm.skinning_matrices"] = arrays.pop("skinning_matrices")[:, [1, 0, 0]]
    arrays["arm.weights"] = np.concatenate([arrays["arm.weights"][:, ::-1], np.zeros((VERTICES, 1))], axis=1)
    arrays["arm.influence_names"] = np.array(["fore", "upper", "spare"])
    frames = read(tmp_path, arrays)
    assert frames.warnings == ()
    assert frames.meshes[0].skinning.influence_names == ("fore", "upper", "spare")


def test_affine_maps_stand_for_skinning(tmp_path: Path) -> None:
    arrays = arm()
    maps = np.einsum("vw,fwij->fvij", arrays.pop("arm.weights"), arrays.pop("skinning_matrices"))[:, :, :3]
    arrays["arm.affine"] = maps
    frames = read(tmp_path, arrays)
    assert frames.warnings == ()
    assert frames.meshes[0].skinning.kind == "affine"
    np.testing.assert_allclose(frames.meshes[0].skinning.linear_part(2, 4), maps[2:4, :, :, :3], atol=1e-6)


def test_weights_beside_affine_maps_are_said_to_be_unused(tmp_path: Path) -> None:
    arrays = arm()
    arrays["arm.affine"] = np.einsum("vw,fwij->fvij", arrays["arm.weights"], arrays["skinning_matrices"])[:, :, :3]
    frames = read(tmp_path, arrays)
    assert frames.warnings == ('mesh "arm" has weights and affine maps; the affine maps are used',)


def test_without_skinning_offsets_in_mesh_space_are_announced(tmp_path: Path) -> None:
    frames = read(tmp_path, without("arm.weights", "skinning_matrices"))
    assert "offsets are taken in mesh space" in frames.warnings[0]
    assert frames.meshes[0].skinning.linear_part(0, 2) is None


def test_everything_is_taken_relative_to_the_placement(tmp_path: Path) -> None:
    here = read(tmp_path, arm())
    arrays = arm()
    rng = np.random.default_rng(7)
    placement = np.array([turn(rng.uniform(0, 6)) for _ in range(FRAMES)])
    placement[:, :3, 3] = rng.uniform(-100, 100, (FRAMES, 3))
    for name in ("arm.linear", "arm.deformed"):
        arrays[name] = np.einsum("fij,fvj->fvi", placement[:, :3, :3], arrays[name]) + placement[:, None, :3, 3]
    for name in ("joints", "skinning_matrices"):
        arrays[name] = placement[:, None] @ arrays[name]
    away = read(tmp_path, {**arrays, "placement": placement})
    assert away.warnings == ()
    np.testing.assert_allclose(away.inputs.joints, here.inputs.joints, atol=1e-10)
    np.testing.assert_allclose(away.meshes[0].linear, here.meshes[0].linear, atol=1e-5)
    np.testing.assert_allclose(away.meshes[0].deformed, here.meshes[0].deformed, atol=1e-5)
    part = away.meshes[0].skinning.linear_part(0, FRAMES)
    np.testing.assert_allclose(part, here.meshes[0].skinning.linear_part(0, FRAMES), atol=1e-10)
    maps = np.einsum("vw,fwij->fvij", arrays.pop("arm.weights"), arrays.pop("skinning_matrices"))[:, :, :3]
    mapped = read(tmp_path, {**arrays, "placement": placement, "arm.affine": maps})
    assert mapped.warnings == ()
    np.testing.assert_allclose(mapped.meshes[0].skinning.linear_part(0, FRAMES), part, atol=1e-6)


def test_a_placement_without_size_is_refused_with_its_frame(tmp_path: Path) -> None:
    placement = np.tile(np.eye(4), (FRAMES, 1, 1))
    placement[3, 0, 0] = 0
    what = refusal(tmp_path, {**arm(), "placement": placement})
    assert what == 'array "placement" cannot be inverted in frame 3'


def test_unknown_arrays_are_named_in_a_warning(tmp_path: Path) -> None:
    frames = read(tmp_path, {**arm(), "notes": np.array(["x"]), "arm.normals": np.zeros(3)})
    assert frames.warnings == ("unknown arrays are left out: arm.normals, notes",)
    frames = read(tmp_path, {**arm(), **{f"note{number}": np.zeros(1) for number in range(7)}})
    assert frames.warnings == ("unknown arrays are left out: note0, note1, note2, note3, note4 and 2 more",)


@pytest.mark.parametrize(
    "name",
    [
        "meshes",
        "arm.rest",
        "arm.face_sizes",
        "arm.face_vertices",
        "arm.deformed",
        "arm.linear",
        "skinning_matrices",
        "joints",
        "joints_rest",
        "joint_parents",
        "joint_names",
        "matrices",
        "matrix_names",
        "floats",
        "float_names",
    ],
)
def test_a_missing_array_is_refused_by_name(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, without(name)) == f'array "{name}" is missing'


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("arm.rest", "(vertices, 3) = (any, 3)"),
        ("arm.deformed", "(frames, vertices, 3) = (5, 6, 3)"),
        ("arm.weights", "(vertices, influences) = (6, 2)"),
        ("skinning_matrices", "(frames, influences, 4, 4) = (5, any, 4, 4)"),
        ("joints", "(frames, joints, 4, 4) = (5, 2, 4, 4)"),
        ("joints_rest", "(joints, 4, 4) = (2, 4, 4)"),
        ("joint_parents", "(joints) = (2)"),
        ("matrices", "(frames, matrices, 4, 4) = (5, 1, 4, 4)"),
        ("floats", "(frames, floats) = (5, 2)"),
        ("float_limits", "(floats, 2) = (2, 2)"),
        ("clip", "(frames) = (5)"),
    ],
)
def test_a_wrong_shape_is_refused_with_both_shapes(tmp_path: Path, name: str, words: str) -> None:
    arrays = arm()
    arrays[name] = arrays[name][:, :-1] if name == "arm.rest" else arrays[name][:-1]
    if name == "skinning_matrices":
        arrays[name] = arrays[name][..., :3]
    shape = ", ".join(map(str, arrays[name].shape))
    assert refusal(tmp_path, arrays) == f'array "{name}" has the shape ({shape}), but {words} is expected'


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("arm.deformed", np.array([1j]), "the type complex128, but numbers are expected"),
        ("arm.deformed", np.array(["a"]), "the type <U1, but numbers are expected"),
        ("arm.face_sizes", np.array([4.0, 4.0]), "the type float64, but whole numbers are expected"),
        ("joint_parents", np.array([-1.0, 0.0]), "the type float64, but whole numbers are expected"),
        ("joint_names", np.array([1, 2]), "the type int64, but text is expected"),
        ("clip", np.zeros(FRAMES, np.uint8), "the type uint8, but text is expected"),
        ("meshes", np.array([b"arm"]), "the type |S3, but text is expected"),
        ("float_names", np.array(["a", "b"], object), "the type object, but text is expected"),
    ],
)
def test_a_wrong_type_is_refused(tmp_path: Path, name: str, value: np.ndarray, words: str) -> None:
    assert refusal(tmp_path, {**arm(), name: value}) == f'array "{name}" has {words}'


@pytest.mark.parametrize(
    ("name", "index", "value", "words"),
    [
        ("arm.deformed", (3, 4, 1), np.nan, "NaN in frame 3, vertex 4"),
        ("arm.linear", (0, 5, 2), -np.inf, "an infinite value in frame 0, vertex 5"),
        ("arm.rest", (2, 0), np.nan, "NaN in vertex 2"),
        ("arm.weights", (1, 1), np.nan, "NaN in vertex 1, influence 1"),
        ("joints", (2, 1, 0, 0), np.inf, 'an infinite value in frame 2, joint "fore"'),
        ("joints_rest", (1, 0, 0), np.nan, 'NaN in joint "fore"'),
        ("floats", (4, 1), np.nan, 'NaN in frame 4, float "blink"'),
        ("matrices", (1, 0, 2, 3), np.nan, 'NaN in frame 1, matrix "target"'),
        ("skinning_matrices", (1, 0, 2, 3), np.nan, "NaN in frame 1, influence 0"),
        ("floats", (1, 0), 1e39, 'the value 1e+39 in frame 1, float "smile"'),
    ],
)
def test_values_that_are_no_numbers_are_refused_with_their_place(
    tmp_path: Path, name: str, index: tuple[int, ...], value: float, words: str
) -> None:
    arrays = arm()
    arrays[name][index] = value
    assert refusal(tmp_path, arrays) == f'array "{name}" holds {words}'


def test_the_frame_is_right_beyond_the_first_piece_that_is_checked(tmp_path: Path) -> None:
    arrays = without("floats", "float_names", "float_limits", "clip")
    times = 40
    for name in ("arm.deformed", "arm.linear", "skinning_matrices", "joints", "matrices"):
        arrays[name] = np.tile(arrays[name], (times, *[1] * (arrays[name].ndim - 1)))
    arrays["arm.deformed"][137, 2, 0] = np.nan
    assert refusal(tmp_path, arrays) == 'array "arm.deformed" holds NaN in frame 137, vertex 2'


def test_zero_frames_are_refused(tmp_path: Path) -> None:
    arrays = arm()
    for name in ("arm.deformed", "arm.linear", "skinning_matrices", "joints", "matrices", "floats", "clip"):
        arrays[name] = arrays[name][:0]
    assert refusal(tmp_path, arrays) == "there are no frames"


def test_no_mesh_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, {**arm(), "meshes": np.array([], str)}) == 'array "meshes" names no mesh'


@pytest.mark.parametrize("name", ["joint_names", "float_names"])
def test_duplicate_names_are_refused(tmp_path: Path, name: str) -> None:
    what = refusal(tmp_path, {**arm(), name: np.array(["a", "a"])})
    assert what == f'array "{name}" has the name "a" more than once'


def test_an_empty_name_and_a_joint_named_as_a_matrix_are_refused(tmp_path: Path) -> None:
    what = refusal(tmp_path, {**arm(), "float_names": np.array(["a", ""])})
    assert what == 'array "float_names" has an empty name at position 1'
    what = refusal(tmp_path, {**arm(), "matrix_names": np.array(["fore"])})
    assert what == '"fore" is the name of a joint and of a matrix'


@pytest.mark.parametrize(
    ("parents", "words"),
    [
        ([-1, 2], 'joint "fore" has the parent 2, but only -1 to 1 are allowed'),
        ([-2, 0], 'joint "upper" has the parent -2, but only -1 to 1 are allowed'),
        ([1, 0], "is its own ancestor"),
        ([-1, 1], 'joint "fore" is its own ancestor'),
    ],
)
def test_parents_that_make_no_tree_are_refused(tmp_path: Path, parents: list[int], words: str) -> None:
    assert words in refusal(tmp_path, {**arm(), "joint_parents": np.array(parents)})


def test_limits_the_wrong_way_round_are_refused(tmp_path: Path) -> None:
    what = refusal(tmp_path, {**arm(), "float_limits": np.array([[0, 1], [2, 1]])})
    assert what == 'the limits of float "blink" are 2 to 1'


def test_matrices_for_row_vectors_are_refused(tmp_path: Path) -> None:
    arrays = arm()
    arrays["joints"] = np.swapaxes(arrays["joints"], -1, -2)
    words = 'array "joints" has the bottom row (1, 0, 0, 1) in frame 0, joint "fore", but (0, 0, 0, 1) is expected'
    assert refusal(tmp_path, arrays) == words


def test_a_joint_scaled_to_zero_is_refused_with_its_frame(tmp_path: Path) -> None:
    arrays = arm()
    arrays["joints"][2, 0, :3, :3] = 0
    assert refusal(tmp_path, arrays) == 'the matrix of joint "upper" in frame 2 cannot be inverted'


def test_another_number_of_influences_than_joints_is_refused(tmp_path: Path) -> None:
    arrays = arm()
    arrays["skinning_matrices"] = arrays["skinning_matrices"][:, :1]
    what = refusal(tmp_path, arrays)
    assert what == 'array "skinning_matrices" has 1 influences, but "joint_names" has 2 names'


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("arm.face_sizes", [4, 3], 'mesh "arm": face_sizes adds up to 7 vertices, but face_vertices lists 8'),
        ("arm.face_sizes", [6, 2], 'mesh "arm": polygon 1 has 2 vertices, but needs at least 3'),
        ("arm.face_sizes", [-4, 12], 'mesh "arm": polygon 0 has -1 vertices, but needs at least 3'),
        (
            "arm.face_vertices",
            [0, 2, 3, 1, 2, 4, 6, 3],
            'mesh "arm": polygon 1 uses vertex 6, but only 0 to 5 are there',
        ),
        ("arm.face_vertices", [-1, 2, 3, 1, 2, 4, 5, 3], "polygon 0 uses vertex -1, but only 0 to 5 are there"),
        ("arm.rest", np.ones((6, 3)), 'mesh "arm" has no area'),
        ("arm.rest", np.arange(6.0)[:, None] * np.ones(3), 'mesh "arm" has no area'),
        ("arm.rest", np.zeros((0, 3)), 'mesh "arm" has no vertices'),
    ],
)
def test_a_mesh_that_is_none_is_refused(tmp_path: Path, name: str, value: object, words: str) -> None:
    assert words in refusal(tmp_path, {**arm(), name: np.asarray(value)})


def test_polygons_of_no_mesh_are_refused(tmp_path: Path) -> None:
    none = {"arm.face_sizes": np.zeros(0, int), "arm.face_vertices": np.zeros(0, int)}
    assert refusal(tmp_path, {**arm(), **none}) == 'mesh "arm" has no area'


def test_vertices_without_polygons_are_accepted_with_a_warning(tmp_path: Path) -> None:
    arrays = {**arm(), "arm.face_sizes": np.array([3]), "arm.face_vertices": np.array([0, 2, 3])}
    (warning,) = read(tmp_path, arrays).warnings
    assert "3 vertices belong to no polygon (the first is vertex 1)" in warning


def test_influences_in_the_wrong_order_are_noticed(tmp_path: Path) -> None:
    arrays = arm()
    arrays["arm.weights"] = arrays["arm.weights"][:, ::-1]
    (warning,) = read(tmp_path, arrays).warnings
    assert "check the order of the influences" in warning


@pytest.mark.parametrize(("shift", "warnings"), [(0.008, 0), (0.012, 1)])
def test_linear_positions_a_hundredth_of_the_diagonal_from_the_skinning_are_noticed(
    tmp_path: Path, shift: float, warnings: int
) -> None:
    arrays = arm()
    arrays["arm.linear"] = arrays["arm.linear"] + np.float32([0, 0, shift * 5**0.5])
    found = read(tmp_path, arrays).warnings
    assert len(found) == warnings
    assert all("up to 1.2% of the diagonal away from its linear positions" in warning for warning in found)


@pytest.mark.parametrize(("off", "accepted"), [(0.8e-4, True), (1.2e-4, False)])
def test_rounding_in_the_bottom_row_is_accepted(tmp_path: Path, off: float, accepted: bool) -> None:
    arrays = arm()
    arrays["joints"][1, 0, 3, 3] += off
    if accepted:
        assert read(tmp_path, arrays).warnings == ()
    else:
        assert 'in frame 1, joint "upper", but (0, 0, 0, 1) is expected' in refusal(tmp_path, arrays)


@pytest.mark.parametrize(("height", "refused"), [(0.8e-10, True), (1.2e-10, False)])
def test_a_mesh_is_flat_when_its_area_vanishes_beside_its_diagonal(height: float, refused: bool) -> None:
    rest = np.array([[0, 0, 0], [1, 0, 0], [1, height, 0], [0, height, 0]], np.float32) * 100
    mesh = MeshRest("line", rest, np.array([4]), np.arange(4))
    if refused:
        with pytest.raises(DataError, match='mesh "line" has no area'):
            check_mesh(mesh, "file")
    else:
        assert check_mesh(mesh, "file") == []


def test_the_area_is_that_of_all_polygons() -> None:
    pentagon = [[0, 0, 0], [2, 0, 0], [2, 2, 0], [1, 3, 0], [0, 2, 0]]
    triangle = [[0, 0, 5], [0, 4, 5], [0, 0, 8]]
    mesh = MeshRest("house", np.array(pentagon + triangle, np.float32), np.array([5, 3]), np.arange(8))
    assert surface_area(mesh) == pytest.approx(4 + 1 + 6)


@pytest.mark.parametrize(("total", "warnings"), [(1.0008, 0), (1.0012, 1)])
def test_weights_may_be_off_by_rounding(tmp_path: Path, total: float, warnings: int) -> None:
    arrays = arm()
    arrays["arm.weights"][5] = 0, total
    assert len(read(tmp_path, arrays).warnings) == warnings


def test_weights_that_do_not_add_up_are_noticed(tmp_path: Path) -> None:
    arrays = arm()
    arrays["arm.weights"][4] = 0, 0.99
    warnings = read(tmp_path, arrays).warnings
    assert warnings[0] == 'mesh "arm": the weights of 1 vertices (the first is 4) do not add up to 1'


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: None, "the file does not exist"),
        (lambda path: path.write_text("hello"), "this is not a NumPy archive"),
        (lambda path: path.write_bytes(b""), "this is not a NumPy archive"),
        (lambda path: path.write_bytes(b"PK\x03\x04 not a zip"), "this is not a NumPy archive"),
        (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00"), "this is not a NumPy archive"),
    ],
)
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, make: Callable[[Path], object], what: str) -> None:
    path = tmp_path / "frames.npz"
    make(path)
    with pytest.raises(DataError) as caught:
        read_archive(path)
    assert caught.value.what == what


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="this is a folder"):
        read_archive(tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_archive_is_refused_in_words_or_still_readable(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "frames.npz"
    np.savez(path, **arm())  # type: ignore[arg-type]
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(DataError):
        read_archive(path)
