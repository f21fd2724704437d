"""Odd input that is accepted: exit code 0, a warning in words, and a model that plays."""

from __future__ import annotations

import json
import shutil
from typing import Any

import numpy as np

from glm_deep.bundle import Bundle


def _warnings(place: Any, run: str = "0001") -> list[str]:
    return [event["text"] for event in place.events(run) if event["kind"] == "warning"]


def _import_again(place: Any, glm_deep: Any, archive: Any) -> Any:
    """Puts an archive in the place of all samples, with a configuration made for it; what the import said."""
    before = json.loads(place.conf.read_text(encoding="utf-8"))
    shutil.rmtree(place.folder / "samples")
    place.conf.unlink()
    assert glm_deep("new", place.conf, "--from", archive).code == 0
    kept = {name: before[name] for name in ("training", "export", "playing")}
    place.edit(**kept, extraction={"discard_identical": False})
    said = glm_deep("import", place.conf, archive)
    assert said.code == 0, said.err
    return said


def _train_and_play(place: Any, glm_deep: Any, archive: Any, *settings: str) -> Any:
    """Trains and measures; what the training said."""
    said = glm_deep("train", place.conf, *(word for setting in settings for word in ("--set", setting)))
    assert said.code == 0, said.err
    measured = glm_deep("evaluate", place.conf, archive, "--json", place.folder / "e.json")
    assert measured.code == 0, measured.err
    for mesh in json.loads((place.folder / "e.json").read_text(encoding="utf-8"))["meshes"].values():
        assert np.isfinite(mesh["scene_units"]["max"])
        assert mesh["scene_units"]["rms"] < mesh["linear_only"]["scene_units"]["rms"]
    return said


def test_unknown_arrays_are_named_and_left_out(trained: Any, glm_deep: Any, make_limb: Any, write_archive: Any) -> None:
    arrays = {**make_limb(frames=20, seed=5), "colour": np.zeros(3), "limb.velocity": np.zeros((20, 180, 3))}
    odd = write_archive(trained.folder / "odd.npz", arrays)
    words = "warning: unknown arrays are left out: colour, limb.velocity.\n"
    for command in (("evaluate",), ("predict", "-o", trained.folder / "out.npz"), ("import",)):
        said = glm_deep(command[0], trained.conf, odd, *command[1:])
        assert (said.code, said.err) == (0, words)


def test_vertices_without_polygons_and_shells_of_one_vertex_get_an_anchor_each(
    imported: Any, glm_deep: Any, make_limb: Any, write_archive: Any
) -> None:
    arrays = make_limb()
    for name, axis in (("rest", 0), ("weights", 0), ("deformed", 1), ("linear", 1)):
        array = arrays[f"limb.{name}"]
        arrays[f"limb.{name}"] = np.concatenate([array, np.take(array, [5, 17, 90], axis)], axis)
    # 180 and 181 are in no polygon, 182 is in one with itself alone
    arrays["limb.face_sizes"] = np.append(arrays["limb.face_sizes"], np.int32(3))
    arrays["limb.face_vertices"] = np.append(arrays["limb.face_vertices"], np.int32([182, 182, 182]))
    odd = write_archive(imported.folder / "odd.npz", arrays)
    said = _import_again(imported, glm_deep, odd)
    assert "2 vertices belong to no polygon (the first is vertex 180); each gets an anchor of its own" in said.err
    assert "1 vertex belongs to polygons that join it to no other vertex (the first is vertex 182)" in said.err
    _train_and_play(imported, glm_deep, odd, "training.anchors.percent=0.1")
    anchors = Bundle.load(imported.model).arrays["meshes/0/anchors"].tolist()
    assert {180, 181, 182} <= set(anchors)
    assert len(anchors) == 5  # the two tubes have one each as well


def test_near_singular_skinning_is_counted_and_kept_small(
    imported: Any, glm_deep: Any, make_limb: Any, write_archive: Any
) -> None:
    arrays = make_limb()
    weights, matrices = arrays.pop("limb.weights").astype(float), arrays.pop("skinning_matrices")
    affine = np.einsum("vw,fwij->fvij", weights, matrices)[..., :3, :]
    affine[3:8, 60] = 0.0
    affine[3:8, 60, :, 3] = arrays["limb.linear"][3:8, 60]
    arrays["limb.affine"] = affine
    odd = write_archive(imported.folder / "odd.npz", arrays)
    _import_again(imported, glm_deep, odd)
    said = _train_and_play(imported, glm_deep, odd)
    words = 'mesh "limb": the skinning is nearly singular in 5 places'
    assert any(words in each for each in _warnings(imported))
    assert f"warning: {words}" in said.out
    report = json.loads((imported.folder / "runs" / "0001" / "report.json").read_text(encoding="utf-8"))
    assert report["near_singular_skinning"] == 5


def test_offsets_without_skinning_are_in_mesh_space_and_the_report_says_so(
    imported: Any, glm_deep: Any, make_limb: Any, write_archive: Any
) -> None:
    arrays = make_limb()
    del arrays["limb.weights"], arrays["skinning_matrices"]
    odd = write_archive(imported.folder / "odd.npz", arrays)
    assert "its offsets are taken in mesh space" in _import_again(imported, glm_deep, odd).err
    said = _train_and_play(imported, glm_deep, odd)
    assert "Without skinning data, the offsets of limb are in mesh space" in said.out
    glm_deep("predict", imported.conf, odd, "-o", imported.folder / "out.npz")
    with np.load(imported.folder / "out.npz") as played:
        assert np.abs(played["limb.posed"] - arrays["limb.linear"] - played["limb.offsets"]).max() < 1e-5


def test_inputs_that_never_move_are_dropped(imported: Any, glm_deep: Any, make_limb: Any, write_archive: Any) -> None:
    arrays = make_limb()
    arrays["floats"] = np.column_stack([arrays["floats"], np.full(60, 0.3)])
    arrays["float_names"] = np.array(["muscle", "crease", "idle"])
    arrays["float_limits"] = np.array([[-1.0, 1.0]] * 3)
    odd = write_archive(imported.folder / "odd.npz", arrays)
    _import_again(imported, glm_deep, odd)
    _train_and_play(imported, glm_deep, odd)
    assert "2 inputs never move and are left out: idle, upper." in _warnings(imported)
    kept = Bundle.load(imported.model).arrays["inputs/kept"]
    assert kept[:3].tolist() == [True, True, False]
    for region in Bundle.load(imported.model).facts["inputs_of_regions"]:
        assert set(region) <= {"muscle", "crease", "lower"}


def test_contradictory_frames_are_named(imported: Any, glm_deep: Any, make_limb: Any, write_archive: Any) -> None:
    arrays = make_limb()
    for name in ("limb.linear", "skinning_matrices", "joints", "floats"):
        arrays[name][41] = arrays[name][12]
    arrays["limb.deformed"][41] = arrays["limb.deformed"][12]
    arrays["limb.deformed"][41, 30] += (0.0, 0.5, 0.0)
    odd = write_archive(imported.folder / "odd.npz", arrays)
    _import_again(imported, glm_deep, odd)
    _train_and_play(imported, glm_deep, odd)
    words = 'mesh "limb": 1 pair of frames with the same inputs but shapes up to 4.69% of the diagonal apart'
    found = [each for each in _warnings(imported) if words in each]
    assert len(found) == 1
    assert "12 (swing) and 41 (poses)" in found[0]


def test_a_contradictory_frame_that_is_left_out_is_named(
    imported: Any, glm_deep: Any, make_limb: Any, write_archive: Any
) -> None:
    arrays = make_limb(frames=20, seed=5)
    for name in ("limb.linear", "skinning_matrices", "joints", "floats", "limb.deformed"):
        arrays[name][7] = arrays[name][2]
    arrays["limb.deformed"][7, 30] += (0.0, 0.5, 0.0)
    odd = write_archive(imported.folder / "odd.npz", arrays)
    said = glm_deep("import", imported.conf, odd)
    assert (said.code, said.out) == (
        0,
        "19 frames added, 1 left out because their inputs were there already; 79 samples in all\n",
    )
    words = "has the inputs of frame 2 of this archive but another shape, up to 0.5 apart, and is left out"
    assert said.err.startswith('warning: mesh "limb": frame 7 (')
    assert words in said.err
    assert "missing in rig_inputs" in said.err
    arrays["limb.deformed"][3, 40] += (0.0, 0.0, 0.75)
    said = glm_deep("import", imported.conf, write_archive(imported.folder / "again.npz", arrays))
    assert "0 frames added, 20 left out" in said.out
    assert "frame 3 (" in said.err
    assert "has the inputs of sample 63 of those that are stored but another shape, up to 0.75 apart" in said.err
    assert "and so on for 2 frames in all" in said.err


def test_floats_outside_their_limits_are_named(
    imported: Any, glm_deep: Any, make_limb: Any, write_archive: Any
) -> None:
    arrays = make_limb(frames=20, seed=5)
    arrays["floats"][4, 0], arrays["floats"][9, 0] = 1.25, -1.5
    said = glm_deep("import", imported.conf, write_archive(imported.folder / "odd.npz", arrays))
    words = 'float "muscle" is -1.5 in frame 9, outside of its limits -1 to 1; 2 frames in all; the range of the data'
    assert said.code == 0
    assert f"warning: {words} is used instead of the limits.\n" in said.err


def test_a_pca_size_above_what_the_samples_allow_is_bounded(imported: Any, glm_deep: Any) -> None:
    said = _train_and_play(imported, glm_deep, imported.test, "training.pca.size=1000")
    size = json.loads((imported.folder / "runs" / "0001" / "report.json").read_text(encoding="utf-8"))["pca_size"]
    assert size <= 18  # a tenth of the vertices
    words = f"PCA size 1000 is more than these samples and meshes allow: {size} is used."
    assert words in _warnings(imported)
    assert f"warning: {words}" in said.out


def test_an_additional_anchor_given_twice_counts_once(imported: Any, glm_deep: Any) -> None:
    imported.edit(training={"anchors": {"additional": [{"mesh": "limb", "vertices": [33, 77, 33, 77, 33]}]}})
    said = _train_and_play(imported, glm_deep, imported.test)
    words = 'Additional anchors of the mesh "limb" are given more than once and count once: 33, 77.'
    assert words in _warnings(imported)
    assert words in said.out
    anchors = Bundle.load(imported.model).arrays["meshes/0/anchors"].tolist()
    assert (anchors.count(33), anchors.count(77)) == (1, 1)


def test_additional_anchors_of_a_mesh_in_two_entries_all_count(imported: Any, glm_deep: Any) -> None:
    entries = [{"mesh": "limb", "vertices": [33, 40]}, {"mesh": "limb", "vertices": [77, 40]}]
    imported.edit(training={"anchors": {"additional": entries}})
    _train_and_play(imported, glm_deep, imported.test)
    assert any("count once: 40." in each for each in _warnings(imported))
    assert {33, 40, 77} <= set(Bundle.load(imported.model).arrays["meshes/0/anchors"].tolist())


def test_a_character_that_walked_away_is_played_as_if_it_stood_at_the_origin(
    trained: Any, glm_deep: Any, make_limb: Any, write_archive: Any
) -> None:
    arrays = make_limb(frames=20, seed=9)
    glm_deep("predict", trained.conf, trained.test, "-o", trained.folder / "here.npz")
    away = np.eye(4)
    away[:3, 3] = (100.0, 0.0, -40.0)
    arrays["placement"] = np.tile(away, (20, 1, 1))
    arrays["joints"] = away @ arrays["joints"]
    arrays["skinning_matrices"] = away @ arrays["skinning_matrices"]
    for name in ("limb.linear", "limb.deformed"):
        arrays[name] = arrays[name] + away[:3, 3].astype(np.float32)
    walked = write_archive(trained.folder / "walked.npz", arrays)
    assert glm_deep("predict", trained.conf, walked, "-o", trained.folder / "there.npz").code == 0
    with np.load(trained.folder / "here.npz") as here, np.load(trained.folder / "there.npz") as there:
        assert np.abs(here["limb.offsets"] - there["limb.offsets"]).max() < 1e-4
