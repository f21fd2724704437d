"""Input that is refused: exit code 1, one sentence, and nothing changed."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from glm_deep import rundir
from glm_deep.rundir import MainFolder, TrainingLock

Arrays = dict[str, Any]
Change = Callable[[Arrays], None]


def _set(name: str, place: tuple[int, ...], value: float) -> Change:
    def change(arrays: Arrays) -> None:
        arrays[name] = arrays[name].copy()
        arrays[name][place] = value

    return change


def _without(name: str) -> Change:
    def change(arrays: Arrays) -> None:
        del arrays[name]

    return change


def _with(name: str, value: Callable[[Arrays], Any]) -> Change:
    def change(arrays: Arrays) -> None:
        arrays[name] = value(arrays)

    return change


def _in_other_order(arrays: Arrays) -> None:
    """The same mesh with its vertices numbered backwards."""
    last = len(arrays["limb.rest"]) - 1
    for name in ("rest", "weights"):
        arrays[f"limb.{name}"] = arrays[f"limb.{name}"][::-1]
    for name in ("deformed", "linear"):
        arrays[f"limb.{name}"] = arrays[f"limb.{name}"][:, ::-1]
    arrays["limb.face_vertices"] = last - arrays["limb.face_vertices"]


def _with_one_vertex_less(arrays: Arrays) -> None:
    """The last vertex taken away, with the polygons about it."""
    last = len(arrays["limb.rest"]) - 1
    quads = arrays["limb.face_vertices"].reshape(-1, 4)
    quads = quads[(quads != last).all(axis=1)]
    arrays["limb.face_sizes"], arrays["limb.face_vertices"] = arrays["limb.face_sizes"][: len(quads)], quads.ravel()
    for name in ("rest", "weights"):
        arrays[f"limb.{name}"] = arrays[f"limb.{name}"][:-1]
    for name in ("deformed", "linear"):
        arrays[f"limb.{name}"] = arrays[f"limb.{name}"][:, :-1]


def _with_other_polygons(arrays: Arrays) -> None:
    quads = arrays["limb.face_vertices"].reshape(-1, 4).copy()
    quads[0] = np.roll(quads[0], 1)
    quads[0, :2] = quads[0, 1::-1]
    arrays["limb.face_vertices"] = quads.ravel()


def _without_frames(arrays: Arrays) -> None:
    count = len(arrays["clip"])
    for name in ("limb.deformed", "limb.linear", "skinning_matrices", "joints", "floats", "clip"):
        assert len(arrays[name]) == count
        arrays[name] = arrays[name][:0]


def _without_area(arrays: Arrays) -> None:
    arrays["limb.rest"] = arrays["limb.rest"] * np.float32([1, 0, 0])


IMPORTS: dict[str, tuple[Change, str]] = {
    "a missing array": (_without("limb.linear"), 'array "limb.linear" is missing'),
    "a missing rest mesh": (_without("limb.rest"), 'array "limb.rest" is missing'),
    "a missing name of inputs": (_without("float_names"), 'array "float_names" is missing'),
    "a wrong shape": (
        _with("limb.deformed", lambda arrays: arrays["limb.deformed"][:, :, :2]),
        'array "limb.deformed" has the shape (20, 180, 2), but (frames, vertices, 3) = (20, 180, 3) is expected',
    ),
    "another vertex count": (_with_one_vertex_less, "mesh limb: 179 vertices instead of 180"),
    "another vertex order": (_in_other_order, "mesh limb: vertex order differs, the vertices are the same"),
    "another topology": (_with_other_polygons, "mesh limb: topology differs"),
    "NaN": (
        _set("limb.deformed", (7, 31, 1), float("nan")),
        'array "limb.deformed" holds NaN in frame 7, vertex 31',
    ),
    "an infinite value": (
        _set("limb.linear", (19, 179, 0), float("inf")),
        'array "limb.linear" holds an infinite value in frame 19, vertex 179',
    ),
    "NaN in an input": (_set("floats", (3, 1), float("nan")), 'array "floats" holds NaN in frame 3, float "crease"'),
    "zero frames": (_without_frames, "there are no frames"),
    "a mesh without area": (_without_area, 'mesh "limb" has no area'),
    "another joint": (
        _with("joint_names", lambda arrays: np.array(["upper", "wrist"])),
        'joint "lower" of the configuration is not in the samples; joint "wrist" of the samples is not in the',
    ),
}


@pytest.mark.parametrize("case", IMPORTS)
def test_an_archive_is_refused_that_has(
    case: str, imported: Any, glm_deep: Any, contents: Any, make_limb: Any, write_archive: Any
) -> None:
    change, words = IMPORTS[case]
    arrays = make_limb(frames=20, seed=9)
    change(arrays)
    write_archive(imported.test, arrays)
    _refused(glm_deep, contents, imported, ("import", imported.conf, imported.test), words)


@pytest.mark.parametrize("case", ["a missing array", "a wrong shape", "NaN", "zero frames", "a mesh without area"])
def test_the_first_archive_is_refused_too_and_leaves_no_folder(
    case: str, imported: Any, glm_deep: Any, contents: Any, make_limb: Any, write_archive: Any
) -> None:
    shutil.rmtree(imported.folder / "samples")
    change, words = IMPORTS[case]
    arrays = make_limb(frames=20, seed=9)
    change(arrays)
    write_archive(imported.test, arrays)
    _refused(glm_deep, contents, imported, ("import", imported.conf, imported.test), words)


@pytest.mark.parametrize("command", ["evaluate", "predict"])
@pytest.mark.parametrize("case", ["another vertex count", "NaN", "zero frames", "another joint"])
def test_such_archives_are_not_played_either(
    case: str, command: str, trained: Any, glm_deep: Any, contents: Any, make_limb: Any, write_archive: Any
) -> None:
    change, _ = IMPORTS[case]
    arrays = make_limb(frames=20, seed=9)
    change(arrays)
    if command == "predict" and case == "NaN":
        arrays["limb.linear"] = arrays["limb.deformed"]
    write_archive(trained.test, arrays)
    output = ("-o", trained.folder / "out.npz") if command == "predict" else ("--json", trained.folder / "e.json")
    words = {
        "another vertex count": 'the mesh "limb" has 179 vertices and the model 180',
        "NaN": "holds NaN in frame 7, vertex 31",
        "zero frames": "there are no frames",
        "another joint": 'the joints are not those that the model was trained with: "lower" is missing',
    }
    _refused(glm_deep, contents, trained, (command, trained.conf, trained.test, *output), words[case])


@pytest.mark.parametrize("case", ["another vertex order", "another topology"])
def test_frames_of_a_mesh_that_is_numbered_otherwise_are_played_with_a_warning(
    case: str, trained: Any, glm_deep: Any, make_limb: Any, write_archive: Any
) -> None:
    change, words = IMPORTS[case]
    arrays = make_limb(frames=20, seed=9)
    change(arrays)
    said = glm_deep("evaluate", trained.conf, write_archive(trained.test, arrays))
    assert said.code == 0
    assert f"warning: these frames are not of what the model was trained on: {words}" in said.err


def test_too_few_frames_to_train_say_how_many_are_needed(
    imported: Any, glm_deep: Any, contents: Any, make_limb: Any, write_archive: Any
) -> None:
    shutil.rmtree(imported.folder / "samples")
    glm_deep("import", imported.conf, write_archive(imported.test, make_limb(frames=8)))
    words = "8 frames are too few to train: at least 10 are needed. Extract or import more frames."
    _refused(glm_deep, contents, imported, ("train", imported.conf), words)


def test_a_training_without_samples_says_how_to_get_some(imported: Any, glm_deep: Any, contents: Any) -> None:
    shutil.rmtree(imported.folder / "samples")
    words = "there are no samples yet. Add some with: glm-deep import CONF.dio FRAMES.npz"
    _refused(glm_deep, contents, imported, ("train", imported.conf), words)


def test_an_additional_anchor_out_of_range_is_refused(imported: Any, glm_deep: Any, contents: Any) -> None:
    anchors = {"additional": [{"mesh": "limb", "vertices": [3, 180]}]}
    imported.edit(training={"anchors": anchors})
    words = 'the mesh "limb" has no vertex 180: its vertices are 0 to 179'
    said = _refused(glm_deep, contents, imported, ("train", imported.conf), words)
    assert "training.anchors.additional[0].vertices" in said.err


@pytest.mark.parametrize("how", ["in the file", "for one run"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("learning_rate", 0),
        ("learning_rate", -0.1),
        ("differential.epochs", -1),
        ("subspaces.epochs", -3),
        ("anchors.additional[0].vertices", [-1]),
    ],
)
def test_a_setting_out_of_range_is_refused(
    how: str, key: str, value: Any, imported: Any, glm_deep: Any, contents: Any
) -> None:
    imported.edit(training={"anchors": {"additional": [{"mesh": "limb", "vertices": [3]}]}})
    command = ["train", imported.conf]
    if how == "for one run":
        command += ["--set", f"training.{key}={json.dumps(value)}"]
    elif key == "learning_rate":
        imported.edit(training={key: value})
    elif key.endswith("epochs"):
        imported.edit(training={key.partition(".")[0]: {"epochs": value}})
    else:
        imported.edit(training={"anchors": {"additional": [{"mesh": "limb", "vertices": value}]}})
    _refused(glm_deep, contents, imported, tuple(command), f"training.{key}")


def test_all_settings_that_are_wrong_are_told_at_once(imported: Any, glm_deep: Any, contents: Any) -> None:
    settings = ("training.learning_rate=0", "training.differential.epochs=-1", "training.sead=3")
    command = ("train", imported.conf, *(word for setting in settings for word in ("--set", setting)))
    said = _refused(glm_deep, contents, imported, command, "training.learning_rate")
    assert "training.differential.epochs" in said.err
    assert "training.sead" in said.err
    assert "seed" in said.err


@pytest.mark.parametrize(
    ("command", "blocked"),
    [("import", "samples"), ("train", "runs"), ("train", "models"), ("train", "published")],
)
def test_a_folder_that_cannot_be_written_is_named_before_anything_is_done(
    command: str, blocked: str, imported: Any, glm_deep: Any, contents: Any
) -> None:
    imported.edit(export={"publish_to": "published/here"})
    shutil.rmtree(imported.folder / blocked, ignore_errors=True)
    (imported.folder / blocked).write_text("a file where a folder should be", encoding="utf-8")
    more = (imported.frames,) if command == "import" else ()
    _refused(glm_deep, contents, imported, (command, imported.conf, *more), str(imported.folder / blocked))


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root and Windows may write everywhere")
def test_a_folder_that_is_read_only_is_named(imported: Any, glm_deep: Any, contents: Any) -> None:
    imported.folder.chmod(0o555)
    try:
        _refused(glm_deep, contents, imported, ("train", imported.conf), "may not be written to")
    finally:
        imported.folder.chmod(0o755)


def test_a_new_configuration_below_a_file_is_refused(tmp_path: Path, glm_deep: Any) -> None:
    (tmp_path / "in the way").write_bytes(b"")
    said = glm_deep("new", tmp_path / "in the way" / "Bea.dio")
    assert said.code == 1
    assert "cannot be written" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["in the way"]


@pytest.mark.parametrize(("name", "words"), [("nul", "Windows keeps for itself"), ("a?b", "hold the character ?")])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_file_name_that_cannot_be_an_asset_is_refused(name: str, words: str, tmp_path: Path, glm_deep: Any) -> None:
    said = glm_deep("new", tmp_path / f"{name}.dio")
    assert said.code == 1
    assert f'asset is "{name}", but' in said.err
    assert words in said.err
    assert list(tmp_path.iterdir()) == []
    assert glm_deep("new", tmp_path / f"{name}.dio", "--asset", "Ada").code == 0


def test_an_asset_that_leads_out_of_its_folder_is_refused(trained: Any, glm_deep: Any, contents: Any) -> None:
    words = 'asset is "../../x", but must not hold the character /'
    _refused(glm_deep, contents, trained, ("train", trained.conf, "--set", "asset=../../x"), words)


@pytest.mark.parametrize("part", ["mesh0.deformed", "floats", "manifest.json"])
def test_a_truncated_shard_is_refused_with_its_name(part: str, imported: Any, glm_deep: Any, contents: Any) -> None:
    path = imported.folder / "samples" / "session" / "shard-0001" / (part if part.endswith(".json") else f"{part}.npy")
    path.write_bytes(path.read_bytes()[:-7])
    said = _refused(glm_deep, contents, imported, ("train", imported.conf), "shard-0001")
    assert part in said.err
    _refused(glm_deep, contents, imported, ("import", imported.conf, imported.test), part)


def test_a_shard_whose_content_changed_is_refused(imported: Any, glm_deep: Any, contents: Any) -> None:
    path = imported.folder / "samples" / "session" / "shard-0001" / "mesh0.deformed.npy"
    content = bytearray(path.read_bytes())
    content[-100] ^= 255
    path.write_bytes(content)
    _refused(glm_deep, contents, imported, ("train", imported.conf), "array mesh0.deformed was changed")


@pytest.mark.parametrize("command", ["import", "train", "info"])
def test_an_edited_index_is_refused(command: str, imported: Any, glm_deep: Any, contents: Any) -> None:
    path = imported.folder / "samples" / "index.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"frames": 60', '"frames": 50'), encoding="utf-8")
    more = (imported.test,) if command == "import" else ()
    words = "the index was changed by hand or is damaged. Restore this file from a backup"
    _refused(glm_deep, contents, imported, (command, imported.conf, *more), words)


def test_samples_with_an_edited_index_can_still_be_cleared(imported: Any, glm_deep: Any) -> None:
    (imported.folder / "samples" / "index.json").write_text("{}", encoding="utf-8")
    assert glm_deep("clear", imported.conf, "--samples").code == 0
    assert glm_deep("import", imported.conf, imported.frames).code == 0


@pytest.mark.parametrize("command", ["evaluate", "predict", "info"])
def test_a_model_from_a_newer_version_is_refused(command: str, trained: Any, glm_deep: Any, contents: Any) -> None:
    newer = trained.folder / "newer.zip"
    with zipfile.ZipFile(trained.model) as old, zipfile.ZipFile(newer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "manifest.json":
                content = json.dumps({**json.loads(content), "version": 99}).encode()
            new.writestr(name, content)
    newer.replace(trained.model)
    more = {"evaluate": (trained.test,), "predict": (trained.test, "-o", trained.folder / "out.npz"), "info": ()}
    words = "written by a newer glm_deep (format 99; this one reads up to 2). Update glm_deep"
    _refused(glm_deep, contents, trained, (command, trained.conf, *more[command]), words)


@pytest.mark.parametrize("command", ["evaluate", "info"])
def test_a_truncated_model_is_refused(command: str, trained: Any, glm_deep: Any, contents: Any) -> None:
    trained.model.write_bytes(trained.model.read_bytes()[:-100])
    more = (trained.test,) if command == "evaluate" else ()
    _refused(glm_deep, contents, trained, (command, trained.conf, *more), "the model file is cut short or damaged")


@pytest.mark.parametrize("command", [("train",), ("clear", "--samples"), ("clear", "--model")])
def test_nobody_trains_or_clears_while_a_training_runs(
    command: tuple[str, ...], trained: Any, glm_deep: Any, contents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rundir, "SECONDS_TO_WAIT", 0.0)
    main = MainFolder(trained.folder)
    with TrainingLock(main) as lock:
        lock.name_run(main.run_folders()[0])
        owner = lock.owner
        words = f"(process {owner.pid}, run 0001, since {owner.started}) is at work here"
        said = _refused(glm_deep, contents, trained, (command[0], trained.conf, *command[1:]), words)
        assert owner.user in said.err
        assert owner.host in said.err
        assert "Wait until it has finished, or stop a training by making the file" in said.err
        assert f"training now: {owner}" in glm_deep("info", trained.conf).out
    assert "training now" not in glm_deep("info", trained.conf).out
    assert glm_deep(command[0], trained.conf, *command[1:]).code == 0


def test_too_little_memory_is_refused_with_the_figures(
    imported: Any, glm_deep: Any, contents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Little:
        available = 0.3e9

    monkeypatch.setattr(psutil, "virtual_memory", Little)
    words = "the training needs about 0.4 GB of memory and 0.3 GB are free"
    said = _refused(glm_deep, contents, imported, ("train", imported.conf), words)
    assert "Lower training.anchors.percent" in said.err


def test_samples_of_other_inputs_than_the_configuration_are_refused(
    imported: Any, glm_deep: Any, contents: Any
) -> None:
    floats = [{"name": "muscle"}, {"name": "wrinkle"}]
    imported.edit(rig_inputs={"floats": floats})
    words = 'float input "wrinkle" of the configuration is not in the samples'
    _refused(glm_deep, contents, imported, ("train", imported.conf), words)


def test_joints_with_other_parents_than_in_the_configuration_are_refused(
    imported: Any, glm_deep: Any, contents: Any
) -> None:
    imported.edit(rig_inputs={"joints": [{"name": "upper", "parent": ""}, {"name": "lower", "parent": ""}]})
    words = 'the parent of joint "lower" is "" in the configuration and "upper" in the samples'
    for command in (("train", imported.conf), ("import", imported.conf, imported.test)):
        _refused(glm_deep, contents, imported, command, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ('{"some": "thing"}', "This is not a glm_deep configuration"),
        ("<xml/>", "This is not a glm_deep configuration"),
        ('{"glm_deep": 7, "asset": "a"}', "written by a newer glm_deep"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(
    text: str, words: str, imported: Any, glm_deep: Any, contents: Any
) -> None:
    imported.conf.write_text(text, encoding="utf-8")
    for command in (("config", "check"), ("config", "show"), ("info",), ("train",), ("clear", "--model")):
        _refused(glm_deep, contents, imported, (*command, imported.conf), words)


def _refused(
    glm_deep: Any,
    contents: Any,
    place: Any,
    command: tuple[Any, ...],
    words: str,
) -> Any:
    """Checks that a command is refused in these words and changes no file; returns what it said."""
    before = contents(place.folder)
    said = glm_deep(*command)
    assert said.code == 1, said.out + said.err
    assert words in said.err
    assert "Traceback" not in said.err
    assert contents(place.folder) == before
    return said
