"""The player against its formulas in double precision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from glm_deep.errors import DataError
from glm_deep.inputs import InputFrames
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import Model, RegionModel, Stacked
from small_model import ANCHORS, SIZES, inputs, scaled, small_model


@pytest.fixture
def model() -> Model:
    return small_model()


def network_by_hand(stacked: Stacked, part: int, x: np.ndarray) -> np.ndarray:
    y = x[stacked.inputs[part]]
    for index, (weight, bias) in enumerate(stacked.layers):
        y = y @ weight[part].astype(float) + bias[part, 0]
        if index + 1 < len(stacked.layers):
            tanh = np.array([math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)) for v in y])
            y = 0.5 * y * (1 + tanh)
    return y


def kernels_by_hand(model: Model, region: int, x: np.ndarray) -> np.ndarray:
    """(m,) the kernel of a region about each centre."""
    closed = model.closed_form
    ends = [*closed.firsts.tolist(), len(x)]
    found = []
    for centre in closed.centres.astype(float):
        squared = closed.unit.astype(float) * (x - centre) ** 2
        value = 0.0
        for metric, amount in zip(closed.metrics[region].astype(float), closed.amounts[region].astype(float)):
            distance = sum(metric[g] * squared[ends[g] : ends[g + 1]].sum() for g in range(len(metric)))
            r = math.sqrt(5 * distance)
            value += amount * (1 + r + r * r / 3) * math.exp(-r)
        found.append(value)
    return np.array(found)


def coefficients_by_hand(model: Model, x: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Closed form and networks of every region, for the inputs of one frame."""
    closed, learned, first = [], [], 0
    for number, size in enumerate(SIZES):
        weights = model.closed_form.weights[:, first : first + size].astype(float)
        closed.append(kernels_by_hand(model, number, x) @ weights)
        learned.append(network_by_hand(model.differential, number, x)[:size])
        first += size
    return closed, learned


def regions_by_hand(model: Model, mesh: int, coefficients: Sequence[np.ndarray]) -> np.ndarray:
    """(V,3) what the regions of a mesh add up to."""
    offsets = np.zeros_like(model.meshes[mesh].mean, float)
    for region, of_region in zip(model.regions, coefficients):
        if region.mesh == mesh:
            np.add.at(offsets, region.vertices, region.basis.astype(float) @ of_region)
    return offsets


def by_hand(model: Model, x: np.ndarray, counts: Sequence[int] = ANCHORS) -> list[np.ndarray]:
    """The offsets of one frame by the formulas of the model, with the pull of all but the first anchors at zero."""
    closed, learned = coefficients_by_hand(model, x)
    results, before = [], 0
    for number, mesh in enumerate(model.meshes):
        offsets = mesh.mean + regions_by_hand(model, number, [c + n for c, n in zip(closed, learned)])
        there = regions_by_hand(model, number, learned)
        pull = np.zeros((len(mesh.anchors), 3))
        for place in range(counts[number]):
            pull[place] = network_by_hand(model.subspaces, before + place, x) - there[mesh.anchors[place]]
        for patch in mesh.patches:
            for row, vertex in enumerate(patch.vertices):
                for column, anchor in enumerate(patch.anchors):
                    offsets[vertex] += float(patch.response[row, column]) * pull[anchor]
        before += len(mesh.anchors)
        results.append(offsets)
    return results


def test_offsets_are_those_of_the_formulas(model: Model) -> None:
    given = inputs(11)
    found = Evaluator(model).offsets(given)
    for frame, x in enumerate(scaled(model, given).astype(float)):
        for mesh, expected in enumerate(by_hand(model, x)):
            np.testing.assert_allclose(found[mesh][frame], expected, rtol=1e-4, atol=1e-4)


def test_coefficients_are_those_of_the_formulas(model: Model) -> None:
    x = scaled(model, inputs(11))
    closed, learned = Evaluator(model).coefficients(x)
    assert closed.dtype == learned.dtype == np.float32
    for frame, row in enumerate(x.astype(float)):
        by_region = coefficients_by_hand(model, row)
        np.testing.assert_allclose(closed[frame], np.concatenate(by_region[0]), rtol=1e-4, atol=2e-5)
        np.testing.assert_allclose(learned[frame], np.concatenate(by_region[1]), rtol=1e-4, atol=2e-5)


def test_offsets_of_coefficients_are_mean_and_bases(model: Model) -> None:
    coefficients = np.random.default_rng(3).normal(size=(4, sum(SIZES))).astype(np.float32)
    found = Evaluator(model).offsets_of_coefficients(coefficients)
    cuts = np.cumsum(SIZES)[:-1]
    for mesh in range(2):
        for frame in range(4):
            expected = model.meshes[mesh].mean + regions_by_hand(model, mesh, np.split(coefficients[frame], cuts))
            np.testing.assert_allclose(found[mesh][frame], expected, rtol=1e-4, atol=1e-5)


def test_inputs_are_scaled_as_the_model_says(model: Model) -> None:
    given = inputs(3)
    np.testing.assert_array_equal(Evaluator(model).scaled(given), scaled(model, given))


def test_direct_offsets_are_those_of_a_model_without_patches(model: Model) -> None:
    given = inputs(11)
    bare = replace(model, meshes=tuple(replace(mesh, patches=()) for mesh in model.meshes))
    with_anchors, direct = Evaluator(model).offsets(given), Evaluator(model).direct_offsets(given)
    for mesh, expected in enumerate(Evaluator(bare).offsets(given)):
        np.testing.assert_array_equal(direct[mesh], expected)
        assert np.abs(with_anchors[mesh] - direct[mesh]).max() > 0.1


def test_offsets_are_single_precision_and_one_array_a_mesh(model: Model) -> None:
    player = Evaluator(model)
    assert player.mesh_names == ("body", "shirt")
    for found in (player.offsets(inputs(6)), player.direct_offsets(inputs(6))):
        assert [array.shape for array in found] == [(6, 30, 3), (6, 12, 3)]
        assert {array.dtype for array in found} == {np.dtype(np.float32)}


def test_one_frame_is_played_as_in_a_batch(model: Model) -> None:
    """Whatever part of a batch is played at once."""
    player, given = Evaluator(model), inputs(19)
    batch = player.offsets(given)
    for frame in range(19):
        one = slice(frame, frame + 1)
        alone = player.offsets(InputFrames(given.floats[one], given.joints[one], given.matrices[one]))
        for mesh in range(2):
            np.testing.assert_allclose(alone[mesh][0], batch[mesh][frame], rtol=1e-4, atol=2e-5)


def test_playing_leaves_the_model_as_it_was(model: Model) -> None:
    player = Evaluator(model)
    first = player.offsets(inputs(4))
    player.offsets(inputs(7, seed=3))
    for before, after in zip(first, player.offsets(inputs(4))):
        np.testing.assert_array_equal(before, after)


def test_lower_quality_leaves_the_other_anchors_where_the_differential_model_has_them(model: Model) -> None:
    player, given = Evaluator(model, quality=0.5), inputs(3)
    assert player.anchor_counts == (6, 3)  # halves round to even
    found = player.offsets(given)
    for frame, x in enumerate(scaled(model, given).astype(float)):
        for mesh, expected in enumerate(by_hand(model, x, (6, 3))):
            np.testing.assert_allclose(found[mesh][frame], expected, rtol=1e-4, atol=1e-4)


def test_the_quality_can_be_turned_down_and_up_again(model: Model) -> None:
    player = Evaluator(model)
    full, direct = player.offsets(inputs(3)), player.direct_offsets(inputs(3))
    player.set_quality(0.0)
    assert player.anchor_counts == (3, 3)
    assert not np.array_equal(player.offsets(inputs(3))[0], full[0])
    for before, after in zip(direct, player.direct_offsets(inputs(3))):
        np.testing.assert_array_equal(before, after)
    player.set_quality(1.0)
    assert player.anchor_counts == ANCHORS
    for before, after in zip(full, player.offsets(inputs(3))):
        np.testing.assert_array_equal(before, after)


def test_inputs_of_another_rig_are_refused(model: Model) -> None:
    given = inputs(3)
    more = InputFrames(np.zeros((3, 4)), given.joints, given.matrices)
    with pytest.raises(DataError, match="28 values but the model was made for 26"):
        Evaluator(model).offsets(more)


def test_a_region_without_components_adds_nothing(model: Model) -> None:
    """As of a mesh that is purely linear."""
    random = np.random.default_rng(0)
    regions = (
        RegionModel(0, model.regions[0].vertices, model.regions[0].basis),
        RegionModel(1, model.regions[2].vertices, np.zeros((12, 3, 0), np.float32)),
    )
    closed = replace(
        model.closed_form,
        metrics=model.closed_form.metrics[:2],
        amounts=model.closed_form.amounts[:2],
        weights=model.closed_form.weights[:, :4],
    )
    differential = model.differential.of(np.array([0, 2]))
    bare = replace(model, regions=regions, closed_form=closed, differential=differential)
    coefficients = random.normal(size=(2, 4)).astype(np.float32)
    body, shirt = Evaluator(bare).offsets_of_coefficients(coefficients)
    np.testing.assert_array_equal(shirt, np.broadcast_to(model.meshes[1].mean, (2, 12, 3)))
    expected = model.meshes[0].mean[None].repeat(2, axis=0)
    expected[:, :20] += np.einsum("vdk,nk->nvd", model.regions[0].basis, coefficients)
    np.testing.assert_allclose(body, expected, rtol=1e-4, atol=1e-5)
    still, _ = Evaluator(bare).coefficients(scaled(model, inputs(3)))
    whole, _ = Evaluator(model).coefficients(scaled(model, inputs(3)))
    np.testing.assert_allclose(still, whole[:, :4], rtol=1e-5)
