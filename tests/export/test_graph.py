"""The model as a torch module plays what the player plays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.export.graph import Graph, _sums
from glm_deep.export.parity import LIMITS, raw_inputs
from glm_deep.inputs import InputFrames
from glm_deep.runtime.evaluator import exact_player
from glm_deep.runtime.model import Model
from small_model import inputs as random_inputs
from small_model import small_model

CHARACTERS = (
    "joints and floats", "floats alone", "matrix", "not skinned", "two meshes", "one is linear", "still", "pulled",
    "networks",
)  # fmt: skip


def first(inputs: InputFrames, count: int) -> InputFrames:
    return InputFrames(inputs.floats[:count], inputs.joints[:count], inputs.matrices[:count])


def graph_offsets(model: Model, inputs: InputFrames, quality: float = 1.0, half: bool = False) -> list[np.ndarray]:
    with torch.no_grad():
        found = Graph(model, half=half)(torch.from_numpy(raw_inputs(model, inputs)), torch.tensor([quality]))
    return [offsets.numpy() for offsets in found]


def apart(model: Model, some: list[np.ndarray], other: list[np.ndarray]) -> np.ndarray:
    """Distances in parts of the diagonal, all meshes in one row."""
    distances = [
        np.linalg.norm(one.astype(float) - two, axis=2).ravel() / mesh.diagonal
        for one, two, mesh in zip(some, other, model.meshes)
    ]
    return np.concatenate(distances)


def from_player(model: Model, inputs: InputFrames, quality: float = 1.0, half: bool = False) -> np.ndarray:
    player = exact_player(model)
    player.set_quality(quality)
    return apart(model, graph_offsets(model, inputs, quality, half), player.offsets(inputs))


def in_another_unit(model: Model, factor: float, diagonal: float | None = None) -> Model:
    """The model with all lengths of its offsets times a factor."""
    *layers, (weight, bias) = model.subspaces.layers
    single = np.float32(factor)
    return replace(
        model,
        subspaces=replace(model.subspaces, layers=(*layers, (weight * single, bias * single))),
        regions=tuple(replace(region, basis=region.basis * single) for region in model.regions),
        meshes=tuple(
            replace(mesh, mean=mesh.mean * single, diagonal=mesh.diagonal * (factor if diagonal is None else diagonal))
            for mesh in model.meshes
        ),
    )


def lively_model(seed: int = 0) -> Model:
    """A model of random numbers, all of whose networks answer, with offsets of a part of the diagonal."""
    return in_another_unit(small_model(seed), 0.01, diagonal=1.0)


@pytest.mark.parametrize("count", [1, 3, 20])
@pytest.mark.parametrize("character", CHARACTERS)
def test_the_graph_plays_what_the_player_plays(made: Any, character: str, count: int) -> None:
    model, source = made(character)
    assert from_player(model, first(source.inputs, count)).max() < 1e-6


def test_networks_and_anchors_are_among_what_is_compared(made: Any) -> None:
    model = made("networks").model
    assert len(model.differential.heard)
    assert model.meshes[0].patches
    assert [bool(mesh.patches) for mesh in made("pulled").model.meshes] == [True, True]


@pytest.mark.parametrize("quality", [1.0, 0.5, 0.0])
@pytest.mark.parametrize("character", ["networks", "pulled"])
def test_quality_takes_the_same_anchors_as_in_the_player(made: Any, character: str, quality: float) -> None:
    model, source = made(character)
    assert from_player(model, first(source.inputs, 9), quality).max() < 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_every_number_of_anchors_is_that_of_the_player(seed: int) -> None:
    model, inputs = lively_model(seed), random_inputs(9, seed)
    for sixteenths in range(-2, 19):
        assert from_player(model, inputs, sixteenths / 16).max() < 1e-6
    least, most = (graph_offsets(model, inputs, quality) for quality in (0.0, 1.0))
    assert apart(model, least, most).max() > 1e-3


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("character", ["networks", "two meshes"])
def test_frames_do_not_influence_each_other(made: Any, character: str, half: bool) -> None:
    model, source = made(character)
    inputs = first(source.inputs, 20)
    together = graph_offsets(model, inputs, half=half)
    for frame in (0, 7, 19):
        alone = InputFrames(*(array[frame : frame + 1] for array in vars(inputs).values()))
        there = [offsets[frame : frame + 1] for offsets in together]
        assert apart(model, graph_offsets(model, alone, half=half), there).max() < (1e-5 if half else 1e-7)


@pytest.mark.parametrize("character", CHARACTERS)
def test_half_precision_stays_within_its_limits(made: Any, character: str) -> None:
    model, source = made(character)
    found = from_player(model, source.inputs, half=True)
    mean, largest = LIMITS["fp16"]
    assert found.mean() < mean
    assert found.max() < largest


@pytest.mark.parametrize("factor", [1e-4, 1e4])
def test_the_unit_of_length_matters_to_half_precision_no_more_than_to_single(made: Any, factor: float) -> None:
    model, source = made("networks")
    inputs, other = first(source.inputs, 20), in_another_unit(made("networks").model, factor)
    assert from_player(other, inputs).max() < 1e-6
    found, usual = from_player(other, inputs, half=True), from_player(model, inputs, half=True)
    assert found.max() < LIMITS["fp16"][1]
    assert found.mean() == pytest.approx(usual.mean(), rel=0.1)


def test_nothing_in_the_graph_asks_for_gradients(made: Any) -> None:
    model, source = made("networks")
    graph = Graph(model)
    assert list(graph.parameters())
    assert not any(parameter.requires_grad for parameter in graph.parameters())
    found = graph(torch.from_numpy(raw_inputs(model, first(source.inputs, 2))), torch.ones(1))
    assert not any(offsets.requires_grad for offsets in found)


def test_half_precision_holds_the_large_arrays_and_nothing_is_double(made: Any) -> None:
    state = Graph(made("networks").model, half=True).state_dict()
    assert {array.dtype for name, array in state.items() if "bases" in name or "responses" in name} == {torch.float16}
    assert torch.float64 not in {array.dtype for array in state.values()}


@st.composite
def overlapping(draw: st.DrawFn) -> tuple[int, list[np.ndarray]]:
    """A number of vertices, and parts that have each of them at least once."""
    count = draw(st.integers(1, 30))
    some = st.lists(st.integers(0, count - 1), unique=True, max_size=count)
    parts = [np.array(sorted(part), np.int32) for part in draw(st.lists(some, max_size=6))]
    missing = np.setdiff1d(np.arange(count), np.concatenate([*parts, np.zeros(0, int)])).astype(np.int32)
    parts.insert(draw(st.integers(0, len(parts))), missing)
    return count, parts


@given(overlapping())
def test_parts_add_up_to_vertices_as_they_do_one_by_one(given: tuple[int, list[np.ndarray]]) -> None:
    count, parts = given
    entries = np.random.default_rng(0).integers(-99, 99, sum(map(len, parts)))
    truth = np.zeros(count, entries.dtype)
    np.add.at(truth, np.concatenate(parts), entries)
    shapes, gathers, order = _sums(parts, count)
    sums = [entries[some].reshape(shape).sum(axis=1) for shape, some in zip(shapes, gathers)]
    np.testing.assert_array_equal(np.concatenate(sums)[order], truth)
