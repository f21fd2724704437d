"""The synthetic character is what it says, and what is measured on it is added up rightly."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import growth
from glm_deep.events import Epoch, Phase, Warned
from glm_deep.geometry.skinning import offsets_before_skinning
from glm_deep.geometry.topology import edges_of, shells_of
from glm_deep.inputs import raw_values
from growth_bench.case import Case, Result
from growth_bench.character import CUFFS, FLOATS, JOINTS, MESH, TubeCharacter, joint_weights, tube
from growth_bench.meters import Timed, seconds_by_phase
from growth_bench.report import exponent, exponents, markdown

ONLY_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells memory without mapped files")


@pytest.fixture(scope="module")
def character() -> TubeCharacter:
    return TubeCharacter(400, 12, seed=3)


def result(vertices: int, frames: int, seconds: float, gigabytes: float) -> Result:
    return Result(
        vertices=vertices,
        frames=frames,
        seconds=seconds,
        phases={"offsets": seconds / 4, "end": 3 * seconds / 4},
        making=seconds / 10,
        memory=int(gigabytes * 1e9),
        own_memory=int(gigabytes * 0.5e9),
        play=1.25,
        file=3_456_789,
        left=12.34,
    )


def test_the_linear_mesh_is_the_rest_skinned_by_the_matrices(character: TubeCharacter) -> None:
    rest = character.meshes[0].rest.astype(np.float64)
    for frame in (0, 7):
        skinned = np.zeros_like(rest)
        for joint in range(JOINTS):
            matrix = character.matrices[frame, joint]
            skinned += character.weights[:, joint, None] * (rest @ matrix[:3, :3].T + matrix[:3, 3])
        assert_allclose(character.read(0, np.array([frame])).linear[0], skinned, atol=1e-5)
        assert np.abs(skinned - rest).max() > 0.5


def test_the_skinning_matrices_are_those_of_the_joints(character: TubeCharacter) -> None:
    at_bind = character.layout.joint_rest
    assert_allclose(at_bind[:, 0, 3], 2.0 * np.arange(JOINTS))
    assert_allclose(character.matrices @ at_bind, character.inputs.joints, atol=1e-12)
    turns = character.inputs.joints[..., :3, :3]
    assert_allclose(turns @ np.swapaxes(turns, -1, -2), np.broadcast_to(np.eye(3), turns.shape), atol=1e-12)
    # the joints hold together: each starts where the one before it ends
    ends = character.inputs.joints[:, :-1] @ np.array([2.0, 0.0, 0.0, 1.0])
    assert_allclose(ends[..., :3], character.inputs.joints[:, 1:, :3, 3], atol=1e-12)


def test_the_bumps_come_back_when_the_skinning_is_undone(character: TubeCharacter) -> None:
    frames = np.arange(character.frame_count)
    read = character.read(0, frames)
    undone, near_singular = offsets_before_skinning(read.deformed, read.linear, read.linear_part)
    assert near_singular == 0
    assert_allclose(undone, character.offsets(frames), atol=1e-5)
    assert np.abs(undone).max() > 0.1


def test_frames_are_the_same_in_any_order(character: TubeCharacter) -> None:
    order = np.array([9, 2, 2, 11, 0])
    together, again = character.read(0, order), TubeCharacter(400, 12, seed=3)
    for place, frame in enumerate(order):
        alone = again.read(0, np.array([frame]))
        for name in ("deformed", "linear", "linear_part"):
            assert_allclose(getattr(together, name)[place], getattr(alone, name)[0], rtol=0, atol=1e-6)


def test_other_seeds_pose_the_same_character(character: TubeCharacter) -> None:
    other = TubeCharacter(400, 12, seed=4)
    assert not np.array_equal(other.drivers, character.drivers)
    for one, two in zip(character.bumps, other.bumps):
        assert_array_equal(one.drivers, two.drivers)
        assert_array_equal(one.shape, two.shape)


def test_each_bump_is_local_and_has_one_to_three_drivers(character: TubeCharacter) -> None:
    rest = character.meshes[0].rest
    counts = [len(bump.drivers) for bump in character.bumps]
    assert (counts.count(1), counts.count(2), counts.count(3)) == (30, 20, 10)
    assert set(np.concatenate([bump.drivers for bump in character.bumps])) >= set(range(FLOATS))
    assert any((bump.drivers >= FLOATS).any() for bump in character.bumps)
    for bump in character.bumps:
        assert len(set(bump.drivers)) == len(bump.drivers)
        assert len(bump.vertices) >= 1
        assert np.ptp(rest[bump.vertices], axis=0).max() < 3.0
        assert 0.05 < np.linalg.norm(bump.shape, axis=1).max() < 0.2501


def test_a_control_moves_only_the_vertices_of_its_bumps() -> None:
    character = TubeCharacter(400, 2, seed=3)
    before = character.offsets(np.arange(2))
    character.drivers[:, 5] += 0.3
    moved = np.flatnonzero(np.abs(character.offsets(np.arange(2)) - before).max(axis=(0, 2)) > 1e-12)
    own = np.unique(np.concatenate([bump.vertices for bump in character.bumps if 5 in bump.drivers]))
    assert 0 < len(moved) < 200
    assert set(moved) <= set(own)


def test_inputs_stay_within_their_limits_and_all_of_them_move() -> None:
    character = TubeCharacter(100, 50, seed=0)
    assert np.abs(character.inputs.floats).max() <= 1.0
    raw = raw_values(character.layout, character.inputs)
    assert raw.shape == (50, FLOATS + 12 * JOINTS)
    groups = character.layout.value_groups
    moving = {int(group) for group in groups[np.ptp(raw, axis=0) > 0.1]}
    assert moving == set(range(FLOATS + JOINTS))


def test_the_weights_of_a_vertex_add_up_to_one() -> None:
    weights = joint_weights(np.linspace(-1.0, 17.0, 91))
    assert_allclose(weights.sum(axis=1), 1.0, atol=1e-12)
    assert weights.min() >= 0.0
    assert_allclose(joint_weights(np.array([5.0]))[0, 2], 1.0, atol=0.12)
    assert_allclose(joint_weights(np.array([4.0]))[0, 1:3], 0.5, atol=0.01)


@given(st.integers(100, 3000))
@settings(max_examples=40, deadline=None)
def test_a_mesh_of_any_size_is_a_tube_and_its_cuffs(vertices: int) -> None:
    mesh = tube(vertices)
    count = len(mesh.rest)
    assert abs(count - vertices) <= 0.05 * vertices
    assert mesh.name == MESH
    assert (mesh.face_sizes == 4).all()
    edges = edges_of(mesh.face_sizes, mesh.face_vertices)
    shells = shells_of(count, edges)
    assert shells.max() + 1 == 1 + CUFFS
    # of a tube with open ends: as many edges as vertices and quads, V - E + P = 0
    assert count - len(edges) + len(mesh.face_sizes) == 0


@pytest.mark.parametrize("vertices", [2_000, 3_000, 7_000, 25_000, 75_000, 150_000])
def test_the_usual_sizes_are_met_exactly(vertices: int) -> None:
    assert len(tube(vertices).rest) == vertices


def test_a_record_tells_of_the_time_since_the_one_before() -> None:
    events = [
        (11.0, Phase("offsets", 1, 2)),
        (13.0, Phase("offsets", 2, 2)),
        (13.5, Warned("few frames")),
        (17.0, Epoch("differential", 1, 2, 1.0, 1.0, 1e-3)),
        (18.0, Phase("reconstruction", 2, 2)),
        (18.25, Epoch("differential", 2, 2, 1.0, 1.0, 1e-3)),
    ]
    found = seconds_by_phase(events, 10.0, 19.0)
    assert found == {"offsets": 3.0, "differential": 4.25, "reconstruction": 1.0, "end": 0.75}
    assert sum(found.values()) == 9.0


def test_the_making_of_frames_is_timed() -> None:
    class Slow(TubeCharacter):
        def read(self, mesh, frames):
            time.sleep(0.02)
            return super().read(mesh, frames)

    source = Timed(Slow(100, 3, seed=0))
    assert source.seconds == 0.0
    read = source.read(0, np.array([2]))
    source.read(0, np.array([1]))
    assert_array_equal(read.linear, TubeCharacter(100, 3, seed=0).read(0, np.array([2])).linear)
    assert 0.04 <= source.seconds < 1.0
    assert (source.frame_count, source.clips, len(source.meshes)) == (3, ("poses",) * 3, 1)


ROOT = Path(__file__).resolve().parents[2]


def in_a_fresh_python(program: str, *arguments: str) -> None:
    """Runs a program where no memory lies about that other tests have given back and that would be used again."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "scripts")])
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_peak_of_memory_stays_when_memory_is_given_back() -> None:
    in_a_fresh_python(
        """
        import numpy as np, psutil
        from growth_bench.meters import peak_memory
        before = peak_memory()
        now = psutil.Process().memory_info().rss
        assert before >= 0.9 * now, (before, now)
        np.ones((before - now + 50_000_000) // 8)
        assert before + 40_000_000 < peak_memory() < before + 80_000_000, (before, peak_memory())
        """
    )


@ONLY_LINUX
def test_memory_without_mapped_files_leaves_them_out(tmp_path: Path) -> None:
    in_a_fresh_python(
        """
        import sys, time
        import numpy as np
        from growth_bench.meters import OwnMemory
        with OwnMemory() as bare:
            time.sleep(0.15)
        with OwnMemory() as own:
            kept = np.ones(10_000_000)
            time.sleep(0.15)
        del kept
        mapped = np.lib.format.open_memmap(sys.argv[1], mode="w+", dtype=np.float64, shape=(10_000_000,))
        with OwnMemory() as watch:
            mapped[:] = 1.0
            time.sleep(0.15)
        assert own.peak - bare.peak > 70_000_000, (own.peak, bare.peak)
        assert watch.peak - bare.peak < 20_000_000, (watch.peak, bare.peak)
        """,
        str(tmp_path / "large.npy"),
    )


def test_the_exponent_is_the_slope_of_the_last_two_points() -> None:
    assert exponent([1, 10, 100], [5.0, 1.0, 10.0]) == pytest.approx(1.0)
    assert exponent([10, 40], [3.0, 6.0]) == pytest.approx(0.5)
    assert exponent([10], [3.0]) is None
    assert exponent([10, 20], [None, None]) is None
    assert exponent([10, 10], [3.0, 4.0]) is None


def test_the_exponents_of_a_series_are_those_of_what_grows() -> None:
    series = [result(1000, 300, 1.0, 1.0), result(2000, 300, 4.0, 2.0), result(8000, 300, 8.0, 8.0)]
    found = exponents(series, "vertices")
    assert found == {"seconds": pytest.approx(0.5), "memory": pytest.approx(1.0), "own_memory": pytest.approx(1.0)}


def test_the_tables_hold_every_training_once() -> None:
    both = result(3000, 300, 20.0, 0.5)
    series = {"vertices": [both, result(6000, 300, 40.0, 1.0)], "frames": [both]}
    text = markdown(series, result(150_000, 2_000, 1234.5, 7.0), "Quick.")
    lines = text.splitlines()
    assert lines[0] == "Quick. Playing is that of one thread with numpy."
    assert lines[4:7] == [
        "| 3,000 | 300 | 20.0 | 2.0 | 0.50 | 0.25 | 1.25 | 3.5 | 12.3 |",
        "| 6,000 | 300 | 40.0 | 4.0 | 1.00 | 0.50 | 1.25 | 3.5 | 12.3 |",
        "| 150,000 | 2,000 | 1234.5 | 123.5 | 7.00 | 3.50 | 1.25 | 3.5 | 12.3 |",
    ]
    assert "From 3,000 to 6,000 vertices, growth is: time with the power 1.00, memory with the power 1.00" in text
    assert "frames, growth is" not in text
    assert lines[-5:] == [
        "| vertices | frames | offsets | end |",
        "| --- | --- | --- | --- |",
        "| 3,000 | 300 | 5.0 | 15.0 |",
        "| 6,000 | 300 | 10.0 | 30.0 |",
        "| 150,000 | 2,000 | 308.6 | 925.9 |",
    ]


def test_the_picture_shows_time_and_memory_and_a_line_of_slope_one(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.image import imread

    from growth_bench.picture import draw_growth

    path = tmp_path / "growth é.png"
    series = {
        "vertices": [result(2000, 300, 10.0, 0.5), result(20_000, 300, 100.0, 0.5 * 10**0.5)],
        "frames": [result(3000, 200, 10.0, 0.5)],
    }
    draw_growth(series, {"vertices": "300 frames", "frames": "3,000 vertices"}, path)
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    assert width == 1800
    assert 700 < height < 1000
    picture = imread(path)[:, :, :3]
    slopes = {}
    for name, colour in {"time": (0x1F, 0x5F, 0xBF), "memory": (0x2E, 0x8B, 0x57), "line": (0x8A,) * 3}.items():
        close = np.abs(picture - np.array(colour) / 255.0).max(axis=2) < 0.03
        found = np.argwhere(close[250:750, 250:600])  # below the legend, between the first point and the last
        assert len(found) > 100, name
        slopes[name] = np.polyfit(found[:, 1], found[:, 0], 1)[0]
    assert slopes["line"] < 0  # rows count downwards
    assert slopes["time"] == pytest.approx(slopes["line"], rel=0.05)
    assert slopes["memory"] == pytest.approx(slopes["line"] / 2, rel=0.05)


def test_a_training_that_fails_leaves_the_others_standing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    trained = []

    def train(case: Case, folder: Path) -> Result:
        trained.append((case.vertices, case.frames))
        if case.vertices == 150_000:
            raise MemoryError("no room")
        return result(case.vertices, case.frames, case.vertices / 100, 1.0)

    monkeypatch.setattr(growth, "train", train)
    folder = tmp_path / "größe"
    asked = [str(folder), "--vertices", "4000,2000", "--frames", "300,200", "--at-vertices", "2000", "--largest"]
    assert growth.main(asked) == 1
    assert trained == [(2000, 200), (2000, 300), (4000, 300), (150_000, 2000)]
    assert "failed, MemoryError: no room" in capsys.readouterr().out
    found = json.loads((folder / "growth.json").read_text(encoding="utf-8"))
    assert [each["vertices"] for each in found["series"]["vertices"]] == [2000, 4000]
    assert [each["frames"] for each in found["series"]["frames"]] == [200, 300]
    assert found["exponents"]["vertices"]["seconds"] == pytest.approx(1.0)
    assert found["largest"] is None


@pytest.mark.parametrize("wrong", [["--vertices", "2000,99"], ["--frames", "many"], ["--threads", "0"]])
def test_sizes_that_cannot_be_trained_are_refused(wrong: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        growth.main([str(tmp_path / "out"), *wrong])
    assert caught.value.code == 2


def test_a_tiny_character_is_measured_from_end_to_end(tmp_path: Path) -> None:
    folder = tmp_path / "out ü"
    asked = ["--vertices", "300", "--frames", "40", "--at-vertices", "300", "--at-frames", "40"]
    assert growth.main([str(folder), *asked, "--epochs", "2", "--threads", "1"]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["growth.json", "growth.md", "growth.png"]
    found = json.loads((folder / "growth.json").read_text(encoding="utf-8"))
    (one,) = found["series"]["vertices"]
    assert found["series"]["frames"] == [one]
    assert (one["vertices"], one["frames"]) == (300, 40)
    assert one["seconds"] == pytest.approx(sum(one["phases"].values()))
    assert {"offsets", "differential", "subspaces"} <= set(one["phases"])
    assert 0 < one["making"] < one["phases"]["offsets"]
    assert 1e8 < one["memory"] < 3e9
    assert 0 < one["play"] < 100
    assert 1e4 < one["file"] < 1e7
    assert 0 < one["left"] < 90
    assert found["exponents"]["frames"] == {"seconds": None, "memory": None, "own_memory": None}
