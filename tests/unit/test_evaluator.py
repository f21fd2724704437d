"""The player against its formulas in double precision, and its file."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from glm_deep.bundle import Bundle
from glm_deep.errors import BundleError, DataError
from glm_deep.inputs import InputFrames, InputLayout, InputStatistics, raw_values
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import MeshModel, Model, RegionModel, Stacked, from_bundle, to_bundle
from glm_deep.runtime.quality import with_anchors

VERTICES, ANCHORS, SIZES = (30, 12), (9, 4), (4, 1, 3)
REGIONS = ((0, np.arange(20)), (0, np.arange(15, 30)), (1, np.arange(12)))
VALUES, WIDTH, CENTRES = 26, 5, 11


def layout() -> InputLayout:
    rest = np.tile(np.eye(4), (2, 1, 1))
    rest[1, :3, 3] = 1.0, 2.0, 3.0
    return InputLayout(
        ("smile", "blink"),
        np.array([[0.0, 1.0], [np.nan, np.nan]]),
        ("root", "jaw"),
        np.array([-1, 0], np.int32),
        rest,
        (),
    )


def inputs(frames: int, seed: int = 1) -> InputFrames:
    random = np.random.default_rng(seed)
    joints = np.tile(np.eye(4), (frames, 2, 1, 1))
    joints[:, :, :3] += 0.2 * random.normal(size=(frames, 2, 3, 4))
    return InputFrames(random.uniform(0, 1, (frames, 2)), joints, np.zeros((frames, 0, 4, 4)))


def networks(random: np.random.Generator, parts: int, kept: int, outputs: int) -> Stacked:
    widths = (WIDTH, 6, 7, outputs)
    layers = tuple(
        (
            (random.normal(size=(parts, width, following)) / math.sqrt(width)).astype(np.float32),
            (0.3 * random.normal(size=(parts, 1, following))).astype(np.float32),
        )
        for width, following in zip(widths[:-1], widths[1:])
    )
    order = np.array([random.choice(kept, WIDTH, replace=False) for _ in range(parts)], np.int32)
    return Stacked(order, layers)


@pytest.fixture
def model() -> Model:
    """Three regions on two meshes, all numbers at random."""
    random = np.random.default_rng(0)

    def single(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    raw = raw_values(layout(), inputs(40, seed=0))
    statistics = InputStatistics.fit(layout(), raw)
    kept = int(statistics.kept.sum())
    meshes = tuple(
        MeshModel(
            name,
            1,
            2.5,
            single(vertices, 3),
            (0.3 * random.uniform(size=(vertices, anchors))).astype(np.float32),
            0.05 * random.uniform(size=(anchors, anchors)),
            random.choice(vertices, anchors, replace=False).astype(np.int32),
            single(anchors, 3, sum(SIZES)),
        )
        for name, vertices, anchors in zip(("body", "shirt"), VERTICES, ANCHORS)
    )
    return Model(
        layout=layout(),
        statistics=statistics,
        centres=single(CENTRES, kept),
        metrics=(0.05 * random.uniform(size=(3, kept))).astype(np.float32),
        weights=single(CENTRES, sum(SIZES)),
        differential=networks(random, 3, kept, max(SIZES)),
        subspaces=networks(random, sum(ANCHORS), kept, 3),
        regions=tuple(
            RegionModel(mesh, vertices.astype(np.int32), single(len(vertices), 3, size))
            for (mesh, vertices), size in zip(REGIONS, SIZES)
        ),
        meshes=meshes,
    )


def network_by_hand(stacked: Stacked, part: int, x: np.ndarray) -> np.ndarray:
    y = x[stacked.inputs[part]]
    for index, (weight, bias) in enumerate(stacked.layers):
        y = y @ weight[part].astype(float) + bias[part, 0]
        if index + 1 < len(stacked.layers):
            tanh = np.array([math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)) for v in y])
            y = 0.5 * y * (1 + tanh)
    return y


def by_hand(model: Model, meshes: tuple[MeshModel, ...], x: np.ndarray) -> list[np.ndarray]:
    """The offsets of one frame by the formulas of the model, in double precision."""
    closed, learned, first = [], [], 0
    for number, size in enumerate(SIZES):
        squared = [float(np.sum(model.metrics[number].astype(float) * (x - centre) ** 2)) for centre in model.centres]
        roots = [math.sqrt(5 * value) for value in squared]
        radial = np.array([(1 + r + r * r / 3) * math.exp(-r) for r in roots])
        closed.append(radial @ model.weights[:, first : first + size])
        learned.append(network_by_hand(model.differential, number, x)[:size])
        first += size
    results, anchor = [], 0
    for number, mesh in enumerate(meshes):
        offsets = mesh.mean.astype(float)
        for region, c, n in zip(model.regions, closed, learned):
            if region.mesh == number:
                offsets[region.vertices] += region.basis.astype(float) @ (c + n)
        for place in range(len(mesh.anchors)):
            pull = network_by_hand(model.subspaces, anchor + place, x)
            pull = pull - mesh.anchor_basis[place].astype(float) @ np.concatenate(learned)
            offsets += mesh.response[:, place, None].astype(float) * pull
        anchor += ANCHORS[number]
        results.append(offsets)
    return results


def test_offsets_are_those_of_the_formulas(model: Model) -> None:
    given = inputs(6)
    found = Evaluator(model).offsets(given)
    x = model.statistics.apply(raw_values(model.layout, given)).astype(float)
    for frame in range(6):
        for mesh, expected in enumerate(by_hand(model, model.meshes, x[frame])):
            np.testing.assert_allclose(found[mesh][frame], expected, rtol=1e-4, atol=1e-4)


def test_offsets_are_single_precision_and_one_array_a_mesh(model: Model) -> None:
    player = Evaluator(model)
    assert player.mesh_names == ("body", "shirt")
    found = player.offsets(inputs(6))
    assert [array.shape for array in found] == [(6, 30, 3), (6, 12, 3)]
    assert {array.dtype for array in found} == {np.dtype(np.float32)}


def test_one_frame_is_played_as_in_a_batch(model: Model) -> None:
    player, given = Evaluator(model), inputs(5)
    batch = player.offsets(given)
    for frame in range(5):
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


def test_lower_quality_plays_with_the_first_anchors_of_each_mesh(model: Model) -> None:
    player, given = Evaluator(model, quality=0.5), inputs(3)
    assert player.anchor_counts == (6, 3)  # halves round to even
    found = player.offsets(given)
    fewer = tuple(with_anchors(mesh, count) for mesh, count in zip(model.meshes, (6, 3)))
    x = model.statistics.apply(raw_values(model.layout, given)).astype(float)
    for frame in range(3):
        for mesh, expected in enumerate(by_hand(model, fewer, x[frame])):
            np.testing.assert_allclose(found[mesh][frame], expected, rtol=2e-4, atol=2e-4)


def test_the_quality_can_be_turned_down_and_up_again(model: Model) -> None:
    player = Evaluator(model)
    full = player.offsets(inputs(3))
    player.set_quality(0.0)
    assert player.anchor_counts == (3, 3)
    assert not np.array_equal(player.offsets(inputs(3))[0], full[0])
    player.set_quality(1.0)
    assert player.anchor_counts == ANCHORS
    for before, after in zip(full, player.offsets(inputs(3))):
        np.testing.assert_array_equal(before, after)


def test_inputs_of_another_rig_are_refused(model: Model) -> None:
    given = inputs(3)
    more = InputFrames(np.zeros((3, 4)), given.joints, given.matrices)
    with pytest.raises(DataError, match="28 values but the model was made for 26"):
        Evaluator(model).offsets(more)


def test_a_model_comes_back_from_its_file_as_it_was(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "Größe 1" / "modèle.glmdeep"
    path.parent.mkdir()
    to_bundle(model, {"asset": "Zoë"}).save(path)
    bundle = Bundle.load(path)
    assert bundle.facts["asset"] == "Zoë"
    loaded = from_bundle(bundle)
    for field in fields(InputLayout):
        np.testing.assert_array_equal(getattr(loaded.layout, field.name), getattr(model.layout, field.name))
    assert loaded.layout.group_names == model.layout.group_names
    given = inputs(6)
    for quality in (1.0, 0.3):
        for before, after in zip(Evaluator(model, quality).offsets(given), Evaluator(loaded, quality).offsets(given)):
            np.testing.assert_array_equal(before, after)
    assert [(mesh.name, mesh.shell_count, mesh.diagonal) for mesh in loaded.meshes] == [
        ("body", 1, 2.5),
        ("shirt", 1, 2.5),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "inputs/scale",
        "closed_form/weights",
        "differential/inputs",
        "subspaces/1/bias",
        "regions/2/basis",
        "meshes/0/mean",
    ],
)
def test_a_file_that_lacks_an_array_is_refused(model: Model, name: str) -> None:
    bundle = to_bundle(model, {})
    arrays = {key: array for key, array in bundle.arrays.items() if key != name}
    with pytest.raises(BundleError, match="lacks"):
        from_bundle(Bundle(bundle.facts, arrays))


def test_a_file_of_something_else_is_refused() -> None:
    with pytest.raises(BundleError, match="lacks 'model'"):
        from_bundle(Bundle({}, {}))


def test_a_region_without_components_adds_nothing(model: Model) -> None:
    """As of a mesh that is purely linear."""
    coefficients = np.random.default_rng(0).normal(size=(2, 4)).astype(np.float32)
    regions = (
        RegionModel(0, model.regions[0].vertices, model.regions[0].basis),
        RegionModel(1, model.regions[2].vertices, np.zeros((12, 3, 0), np.float32)),
    )
    bare = Model(**{**vars(model), "regions": regions})
    body, shirt = bare.direct_offsets(coefficients)
    np.testing.assert_array_equal(shirt, np.broadcast_to(model.meshes[1].mean, (2, 12, 3)))
    expected = model.meshes[0].mean[None].repeat(2, axis=0)
    expected[:, :20] += np.einsum("vdk,nk->nvd", model.regions[0].basis, coefficients)
    np.testing.assert_allclose(body, expected, rtol=1e-4, atol=1e-5)
