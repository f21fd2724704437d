"""The fastest back-end is measured once for a model on a machine, and only those that play the truth may win."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from glm_deep.backends import choice
from glm_deep.backends.back_end import BACK_ENDS, BackEnd
from glm_deep.backends.choice import CANDIDATES, Loaded, fastest, some_values
from glm_deep.backends.opening import ModelFile, open_back_end
from glm_deep.errors import GlmDeepError, Unavailable
from glm_deep.inputs import raw_values
from glm_deep.machine import cache, gpu
from glm_deep.machine.gpu import Gpu
from glm_deep.rundir import graph_path
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import Model

Change = Callable[[list[np.ndarray]], list[np.ndarray]]
CPU = ("numpy", "onnxruntime")


class Changed:
    """A back-end that plays what numpy plays, and does something to it."""

    def __init__(self, name: str, model: Model, change: Change) -> None:
        self.name, self._numpy, self._change = name, Evaluator(model), change

    def play(self, values: np.ndarray) -> list[np.ndarray]:
        return self._change(self._numpy.play(values))

    def set_quality(self, quality: float) -> None:
        self._numpy.set_quality(quality)


class Machine:
    """A machine whose back-ends are as fast, as exact and as absent as a test says.

    Attributes:
        seconds: that a call of each takes. changed: what is done to what it plays. absent: what is raised instead.
        opened, measured: the names, in order. shapes: of the values that were measured.
    """

    def __init__(self) -> None:
        self.seconds = {
            "numpy": 0.016,
            "onnxruntime": 0.008,
            "torch-fp32": 0.004,
            "torch-fp16": 0.002,
            "tensorrt": 0.001,
        }
        self.changed: dict[str, Change] = {}
        self.absent: dict[str, Exception] = {}
        self.opened: list[str] = []
        self.measured: list[str] = []
        self.shapes: list[tuple[int, ...]] = []

    def open(self, name: str, file: ModelFile, threads: int = 0) -> BackEnd:
        self.opened.append(name)
        if name in self.absent:
            raise self.absent[name]
        return Changed(name, file.model, self.changed.get(name, lambda offsets: offsets))

    def time(self, back_end: BackEnd, values: np.ndarray) -> float:
        assert isinstance(back_end, Changed)
        self.measured.append(back_end.name)
        self.shapes.append(values.shape)
        return self.seconds[back_end.name]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(choice, "open_back_end", made.open)
    monkeypatch.setattr(choice, "_seconds", made.time)
    monkeypatch.setattr(gpu, "find_gpu", lambda: Gpu("NVIDIA Testkarte 5", "SM86", "12.4"))
    return made


@pytest.fixture
def again(machine: Machine, bare: ModelFile) -> Callable[..., Loaded]:
    """A function that chooses as in another process: what was opened and measured counts from here."""

    def choose(file: ModelFile = bare, frames: int = 8, threads: int = 0, names: tuple[str, ...] = CPU) -> Loaded:
        for counted in (machine.opened, machine.measured, machine.shapes):
            counted.clear()
        return fastest(file, frames, threads, names)

    return choose


def notes() -> list[Path]:
    return sorted((cache.cache_folder() / "back-ends").glob("*"))


def test_torch_on_the_cpu_is_no_candidate_and_all_others_are() -> None:
    assert {*CANDIDATES} == {*BACK_ENDS} - {"torch-cpu"}
    assert CANDIDATES[0] == "numpy"


def test_the_first_call_measures_and_tells(file: ModelFile) -> None:
    loaded = fastest(file, 4, 1, CPU)
    (told,) = loaded.told
    assert re.fullmatch(
        rf"{loaded.name} plays, the fastest here \(numpy \d+\.\d\d ms, onnxruntime \d+\.\d\d ms a frame\)", told
    )
    assert type(loaded.back_end) is type(open_back_end(loaded.name, file, 1))


def test_the_figures_are_those_of_a_frame(machine: Machine, again: Any, model: Model) -> None:
    loaded = again(frames=8, names=("numpy", "onnxruntime", "torch-fp32"))
    assert loaded.told == (
        "torch-fp32 plays, the fastest here (numpy 2.00 ms, onnxruntime 1.00 ms, torch-fp32 0.50 ms a frame)",
    )
    assert machine.shapes == [(8, len(model.layout.value_names))] * 3


@pytest.mark.parametrize("winner", CANDIDATES)
def test_the_fastest_plays(machine: Machine, bare: ModelFile, winner: str) -> None:
    machine.seconds[winner] = 1e-4
    loaded = fastest(bare, 8)
    assert loaded.name == winner
    assert isinstance(loaded.back_end, Changed)
    assert loaded.back_end.name == winner
    assert loaded.told[0].startswith(f"{winner} plays")
    assert machine.opened == machine.measured == [*CANDIDATES]


def test_the_next_call_measures_nothing_and_opens_only_what_is_remembered(machine: Machine, again: Any) -> None:
    first = again()
    machine.seconds["numpy"] = 1e-6  # would win, were it measured
    second = again()
    assert (first.name, second.name) == ("onnxruntime", "onnxruntime")
    assert second.told == ()
    assert (machine.opened, machine.measured) == (["onnxruntime"], [])
    assert second.back_end.name == "onnxruntime"


def write_a_graph(name: str) -> Callable[[Any, ModelFile], None]:
    def write(patch: Any, file: ModelFile) -> None:
        graph_path(file.path, "fp32").with_name(f"{file.path.stem}{name}").write_bytes(b"graph")

    return write


def change_the_graph(patch: Any, file: ModelFile) -> None:
    path = graph_path(file.path, "fp32")
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(0, 10**18))


AFTERWARDS: dict[str, Callable[[Any, ModelFile], Any]] = {
    "the graph was exported again": change_the_graph,
    "the graph was deleted": lambda patch, file: graph_path(file.path, "fp32").unlink(),
    "the graph in half precision was exported": write_a_graph(".fp16.onnx"),
    "another GPU": lambda patch, file: patch.setattr(gpu, "find_gpu", lambda: Gpu("Other", "SM86", "12.4")),
    "another driver": lambda patch, file: patch.setattr(
        gpu, "find_gpu", lambda: Gpu("NVIDIA Testkarte 5", "SM86", "13.0")
    ),
    "another package": lambda patch, file: patch.setattr(choice, "version", lambda package: f"1 of {package}"),
    "another glm_deep": lambda patch, file: patch.setattr("glm_deep.__version__", "99.0"),
    "another computer": lambda patch, file: patch.setattr(choice.platform, "node", lambda: "another"),
    "more processors": lambda patch, file: patch.setattr(choice.os, "cpu_count", lambda: 1000),
}


@pytest.mark.parametrize("happens", AFTERWARDS.values(), ids=AFTERWARDS)
def test_it_is_measured_anew_after(
    machine: Machine, again: Any, file: ModelFile, happens: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    again(file)
    again(file)
    assert machine.measured == []
    with monkeypatch.context() as patch:
        happens(patch, file)
        assert again(file).told
        assert machine.measured == [*CPU]


@pytest.mark.parametrize("changes", [{"frames": 9}, {"threads": 3}, {"names": ("numpy",)}], ids=str)
def test_it_is_measured_anew_for_another(machine: Machine, again: Any, changes: dict[str, Any]) -> None:
    again()
    assert again(**changes).told
    assert machine.measured
    again()
    assert machine.measured == []  # nothing was forgotten


def test_it_is_measured_anew_for_another_model(machine: Machine, again: Any, bare: ModelFile) -> None:
    again()
    assert again(replace(bare, identity="0" * 64)).told
    assert machine.measured == [*CPU]


@pytest.mark.parametrize("stem", ["hero", "der Körper 1", "hero[2]", "hero*", "hero?"])
def test_it_is_measured_anew_after_an_export_whatever_the_asset_is_called(
    machine: Machine, again: Any, bare: ModelFile, stem: str
) -> None:
    if os.name == "nt" and set(stem) & set("*?"):
        pytest.skip("Windows has no such files")
    file = replace(bare, path=bare.path.with_name(f"{stem}.glmdeep"))
    again(file)
    graph_path(file.path, "fp32").write_bytes(b"graph")
    again(file)
    assert machine.measured == [*CPU]


@pytest.mark.parametrize("name", ["notes.txt", "other.onnx", "der Körper 2.onnx"])
def test_files_of_others_are_no_reason_to_measure_anew(
    machine: Machine, again: Any, bare: ModelFile, name: str
) -> None:
    again()
    bare.path.with_name(name).write_bytes(b"graph")
    again()
    assert machine.measured == []


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"3", b"null", b"{}", b'{"back_end": 3}', b'{"back_end": null}', b'{"back_end": ["numpy"]}',
        b'{"back_end": "abacus"}', b'{"back_end": "tensorrt"}', b"\xff\xfe{}", b"[" * 100_000,
    ],
    ids=lambda content: content[:24].decode("latin-1"),
)  # fmt: skip
def test_a_note_that_cannot_be_used_is_measured_anew(machine: Machine, again: Any, content: bytes) -> None:
    again()
    (note,) = notes()
    note.write_bytes(content)
    loaded = again()
    assert machine.measured == [*CPU]
    assert (loaded.name, len(loaded.told)) == ("onnxruntime", 1)
    again()
    assert machine.measured == []


def test_a_cache_folder_that_cannot_be_written_is_told(
    machine: Machine, again: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_its_place = tmp_path / "a file ü"
    in_its_place.write_text("", encoding="utf-8")
    monkeypatch.setenv(cache.VARIABLE, str(in_its_place))
    for _ in range(2):
        loaded = again()
        assert machine.measured == [*CPU]
        assert loaded.name == "onnxruntime"
        assert loaded.told[0].startswith("onnxruntime plays")
        assert loaded.told[1].startswith(
            "this cannot be remembered, and is measured again each time: cannot be written"
        )


def test_a_folder_in_the_place_of_the_note_is_told(machine: Machine, again: Any) -> None:
    again()
    (note,) = notes()
    note.unlink()
    note.mkdir()
    loaded = again()
    assert loaded.name == "onnxruntime"
    assert loaded.told[1].startswith("this cannot be remembered")


def moved(parts: float, mesh: int = 0) -> Change:
    """Moves one vertex of a mesh by parts of its diagonal."""

    def change(offsets: list[np.ndarray]) -> list[np.ndarray]:
        offsets[mesh][-1, 3, 1] += parts  # the diagonal is 1
        return offsets

    return change


@pytest.mark.parametrize("mesh", [0, 1])
@pytest.mark.parametrize(("parts", "told"), [(4e-4, "4.0e-04"), (-0.5, "5.0e-01"), (np.nan, "nan"), (np.inf, "inf")])
def test_a_back_end_that_plays_something_else_is_left_out_with_the_figure(
    machine: Machine, again: Any, parts: float, told: str, mesh: int
) -> None:
    machine.changed["onnxruntime"] = moved(parts, mesh)
    loaded = again()
    assert loaded.name == "numpy"
    assert loaded.told == (
        "numpy plays, the fastest here (numpy 2.00 ms a frame)",
        f"onnxruntime left out: it is {told} of the diagonal from the model",
    )
    assert machine.measured == ["numpy"]


def test_the_figure_is_in_parts_of_the_diagonal(machine: Machine, again: Any, bare: ModelFile, model: Model) -> None:
    wide = replace(model, meshes=tuple(replace(mesh, diagonal=100.0) for mesh in model.meshes))
    machine.changed["onnxruntime"] = moved(0.5)
    assert again(replace(bare, model=wide)).told[1].endswith("it is 5.0e-03 of the diagonal from the model")
    machine.changed["onnxruntime"] = moved(0.005)
    assert again(replace(bare, model=wide, identity="1" * 64)).name == "onnxruntime"


def test_a_back_end_that_is_as_exact_as_half_precision_may_win(machine: Machine, again: Any) -> None:
    machine.changed["onnxruntime"] = moved(0.9e-4)
    assert again().name == "onnxruntime"


class OwnError(Exception):
    """As packages of back-ends have it."""


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OwnError("no kernel image"), "no kernel image"),
        (MemoryError(), "MemoryError"),
        (GlmDeepError("TensorRT could not play", hint="Play with another"), "TensorRT could not play"),
    ],
    ids=["own", "memory", "ours"],
)
@pytest.mark.parametrize("after", [0, 1, 4])
def test_a_back_end_that_breaks_down_is_left_out_with_the_reason(
    machine: Machine, bare: ModelFile, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str, after: int
) -> None:
    monkeypatch.undo()  # measured for good
    monkeypatch.setenv(cache.VARIABLE, str(bare.path.parent / "cache"))
    monkeypatch.setattr(choice, "open_back_end", machine.open)
    calls = []

    def breaks(offsets: list[np.ndarray]) -> list[np.ndarray]:
        calls.append(1)
        if len(calls) > after:
            raise error
        return offsets

    machine.changed["onnxruntime"] = breaks
    loaded = fastest(bare, 2, 1, CPU)
    assert loaded.name == "numpy"
    assert loaded.told[1] == f"onnxruntime left out: {told}"
    assert "onnxruntime" not in loaded.told[0]
    assert len(calls) == after + 1


def test_a_back_end_that_is_not_there_is_left_out_with_the_reason(machine: Machine, again: Any) -> None:
    machine.absent["onnxruntime"] = Unavailable("no package", where="here", hint="Install it")
    assert again().told[1] == "onnxruntime left out: no package"


def test_back_ends_that_are_left_out_for_the_same_reason_are_told_together(machine: Machine, bare: ModelFile) -> None:
    for name in ("torch-fp32", "tensorrt"):
        machine.absent[name] = Unavailable("no GPU")
    machine.changed["torch-fp16"] = moved(1.0)
    assert fastest(bare, 8).told[1:] == (
        "torch-fp32, tensorrt left out: no GPU",
        "torch-fp16 left out: it is 1.0e+00 of the diagonal from the model",
    )


def test_a_back_end_that_breaks_down_when_it_is_opened_is_left_out(machine: Machine, again: Any) -> None:
    machine.absent["onnxruntime"] = OwnError("cannot load its library")
    loaded = again()
    assert loaded.name == "numpy"
    assert "cannot load its library" in loaded.told[1]


def test_a_remembered_back_end_that_can_play_no_more_is_measured_anew(machine: Machine, again: Any) -> None:
    again()
    machine.absent["onnxruntime"] = Unavailable("the graph is cut short")
    loaded = again()
    assert loaded.name == "numpy"
    assert loaded.told[1] == "onnxruntime left out: the graph is cut short"
    assert again().told == ()
    assert machine.opened == ["numpy"]


def test_a_note_that_cannot_be_removed_does_no_harm(
    machine: Machine, again: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a drive that may only be read."""

    def refuse(*given: Any, **named: Any) -> None:
        raise PermissionError(13, "Permission denied")

    again()
    machine.absent["onnxruntime"] = Unavailable("the graph is cut short")
    with monkeypatch.context() as patch:
        for name in ("unlink", "replace"):
            patch.setattr(Path, name, refuse)
        loaded = again()
    assert loaded.name == "numpy"


def test_a_graph_that_was_deleted_after_it_had_won_is_measured_anew(
    file: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "_seconds", lambda back_end, values: 2.0 if isinstance(back_end, Evaluator) else 1.0)
    assert fastest(file, 4, 1, CPU).name == "onnxruntime"
    assert fastest(file, 4, 1, CPU).told == ()
    graph_path(file.path, "fp32").unlink()
    loaded = fastest(file, 4, 1, CPU)
    assert loaded.name == "numpy"
    assert loaded.told[1] == "onnxruntime left out: the model has not been exported"


class Clock:
    """Time that passes while a back-end plays."""

    def __init__(self, *taken: float) -> None:
        self.now, self.calls, self._taken = 5.0, 0, taken

    def perf_counter(self) -> float:
        return self.now

    def play(self, values: np.ndarray) -> list[np.ndarray]:
        self.now += self._taken[min(self.calls, len(self._taken) - 1)]
        self.calls += 1
        return []

    def set_quality(self, quality: float) -> None:
        raise AssertionError("measured at full quality")


@pytest.mark.parametrize(
    ("taken", "calls", "median"),
    [
        ((0.9, 0.5, 0.01, 0.02, 0.03, 0.04), 3, 0.01),  # a slow start uses the time up
        ((0.1, 0.1, 0.01, 0.03, 0.02), 17, 0.02),  # the first calls do not count
        ((0.3,), 4, 0.3),
        ((7.0,), 3, 7.0),
        ((1e-4,), 17, 1e-4),
    ],
)
def test_few_calls_of_slow_back_ends_are_measured_and_the_first_do_not_count(
    monkeypatch: pytest.MonkeyPatch, taken: tuple[float, ...], calls: int, median: float
) -> None:
    clock = Clock(*taken)
    monkeypatch.setattr(choice, "time", SimpleNamespace(perf_counter=clock.perf_counter))
    assert choice._seconds(clock, np.zeros((2, 3))) == pytest.approx(median)
    assert clock.calls == calls


@pytest.mark.parametrize("count", [1, 2, 5, 11, 30])
def test_what_is_measured_with_are_training_inputs(model: Model, count: int) -> None:
    """The centres of the closed form, spread over all of them."""
    values = some_values(model, count)
    assert values.shape == (count, len(model.layout.value_names))
    centres = model.closed_form.centres
    scaled = model.statistics.apply(values)
    nearest = np.abs(scaled[:, None] - centres[None]).max(axis=2)
    assert nearest.min(axis=1).max() < 1e-5
    chosen = nearest.argmin(axis=1)
    assert (np.diff(chosen) >= 0).all()
    assert len(set(chosen)) == min(count, len(centres))
    assert chosen[0] == 0
    assert count == 1 or chosen[-1] == len(centres) - 1
    np.testing.assert_array_equal(values[:, 2], 0.7)  # the input that never moved


def test_training_inputs_come_back_where_they_were(model: Model, poses: Any) -> None:
    raw = raw_values(model.layout, poses(11))
    centres = model.statistics.apply(raw)
    trained = replace(model, closed_form=replace(model.closed_form, centres=centres))
    np.testing.assert_allclose(some_values(trained, 11), raw, atol=1e-6)
