"""A model as its file keeps it: what comes back, what half precision costs, and what is refused."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.bundle import Bundle
from glm_deep.errors import BundleError
from glm_deep.inputs import InputLayout
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import Model, PatchModel, Stacked, from_bundle, to_bundle
from small_model import inputs, small_model

HALF = 2.0**-12 + 1e-7  # of the largest entry: half a step of eleven binary digits, and single precision on top


@pytest.fixture
def model() -> Model:
    return small_model()


def halved_arrays(model: Model) -> dict[str, np.ndarray]:
    """All that is stored in half precision, by names of the test."""
    found = {f"basis {number}": region.basis for number, region in enumerate(model.regions)}
    for number, mesh in enumerate(model.meshes):
        for place, patch in enumerate(mesh.patches):
            found[f"response {number} {place}"] = patch.response
    for name in ("differential", "subspaces"):
        for number, (weight, _) in enumerate(getattr(model, name).layers):
            found[f"{name} {number}"] = weight
    return found


def test_a_model_comes_back_from_its_file_as_it_was_stored(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "Größe 1" / "modèle.glmdeep"
    path.parent.mkdir()
    to_bundle(model, {"asset": "Zoë"}).save(path)
    bundle = Bundle.load(path)
    assert bundle.facts["asset"] == "Zoë"
    loaded = from_bundle(bundle)
    for field in fields(InputLayout):
        np.testing.assert_array_equal(getattr(loaded.layout, field.name), getattr(model.layout, field.name))
    assert loaded.layout.group_names == model.layout.group_names
    kept = from_bundle(to_bundle(model, {}))
    for quality in (1.0, 0.3):
        stored = Evaluator(kept, quality).offsets(inputs(6))
        for before, after in zip(stored, Evaluator(loaded, quality).offsets(inputs(6))):
            np.testing.assert_array_equal(before, after)
    assert [(mesh.name, mesh.shell_count, mesh.diagonal) for mesh in loaded.meshes] == [
        ("body", 1, 2.5),
        ("shirt", 1, 2.5),
    ]
    assert [region.mesh for region in loaded.regions] == [0, 0, 1]


def test_what_single_precision_keeps_comes_back_bit_for_bit(model: Model) -> None:
    loaded = from_bundle(to_bundle(model, {}))
    for field in fields(type(model.closed_form)):
        before, after = getattr(model.closed_form, field.name), getattr(loaded.closed_form, field.name)
        assert before.tobytes() == after.tobytes()
    for name in ("differential", "subspaces"):
        one, other = getattr(model, name), getattr(loaded, name)
        np.testing.assert_array_equal(one.inputs, other.inputs)
        for (_, before), (_, after) in zip(one.layers, other.layers):
            assert before.tobytes() == after.tobytes()
    for one, other in zip(model.meshes, loaded.meshes):
        np.testing.assert_array_equal(one.mean, other.mean)
        np.testing.assert_array_equal(one.anchors, other.anchors)
        assert len(one.patches) == len(other.patches)
        for before, after in zip(one.patches, other.patches):
            np.testing.assert_array_equal(before.vertices, after.vertices)
            np.testing.assert_array_equal(before.anchors, after.anchors)


def test_half_precision_costs_each_array_less_than_a_thousandth_of_its_largest_entry(model: Model) -> None:
    loaded = halved_arrays(from_bundle(to_bundle(model, {})))
    for name, before in halved_arrays(model).items():
        after = loaded[name]
        assert (after.dtype, after.shape) == (np.float32, before.shape), name
        assert np.abs(after - before).max() <= HALF * np.abs(before).max() < np.abs(before).max() / 1000, name


def test_large_arrays_take_half_the_room_in_the_file(model: Model) -> None:
    arrays = to_bundle(model, {}).arrays
    half = {name for name, array in arrays.items() if array.dtype == np.float16}
    assert len(half) == len(halved_arrays(model)) == 3 + 5 + 2 * 3
    assert all(arrays[f"{name}_unit"].dtype == np.float32 for name in half)
    assert all(np.abs(arrays[name]).max() == 1.0 for name in half)


def test_what_was_stored_once_is_stored_again_without_further_loss(model: Model) -> None:
    once = from_bundle(to_bundle(model, {}))
    twice = halved_arrays(from_bundle(to_bundle(once, {})))
    for name, before in halved_arrays(once).items():
        np.testing.assert_allclose(twice[name], before, rtol=0, atol=1e-7 * np.abs(before).max())


def test_the_offsets_of_a_stored_model_are_within_a_thousandth(model: Model) -> None:
    stored, exact = (Evaluator(each).offsets(inputs(12)) for each in (from_bundle(to_bundle(model, {})), model))
    for found, expected in zip(stored, exact):
        assert np.abs(found - expected).max() < 1e-3 * np.abs(expected).max()


def in_units(model: Model, factor: float) -> Model:
    """The same character with all lengths times a factor."""
    weight, bias = model.subspaces.layers[-1]
    last = ((np.float32(factor) * weight, np.float32(factor) * bias),)
    return replace(
        model,
        subspaces=Stacked(model.subspaces.inputs, model.subspaces.layers[:-1] + last),
        regions=tuple(replace(each, basis=np.float32(factor) * each.basis) for each in model.regions),
        meshes=tuple(replace(mesh, mean=np.float32(factor) * mesh.mean) for mesh in model.meshes),
    )


@pytest.mark.parametrize("power", [-20, -10, 10, 20])
def test_scene_units_make_no_difference_to_what_is_stored(model: Model, power: int) -> None:
    """Thousands and millions, as powers of two, so that not a bit may differ."""
    factor = 2.0**power
    plain = Evaluator(from_bundle(to_bundle(model, {}))).offsets(inputs(5))
    other = Evaluator(from_bundle(to_bundle(in_units(model, factor), {}))).offsets(inputs(5))
    for before, after in zip(plain, other):
        np.testing.assert_array_equal(before * np.float32(factor), after)


@given(st.floats(-12, 12), st.integers(0, 4), st.integers(0, 50))
def test_an_array_of_any_range_keeps_its_digits(exponent: float, columns: int, seed: int) -> None:
    model, random = small_model(), np.random.default_rng(seed)
    response = (10.0**exponent * random.normal(size=(6, columns))).astype(np.float32)
    patch = PatchModel(np.arange(6, dtype=np.int32), np.arange(columns, dtype=np.int32), response)
    meshes = (replace(model.meshes[0], patches=(patch,)), model.meshes[1])
    found = from_bundle(to_bundle(replace(model, meshes=meshes), {})).meshes[0].patches[0].response
    assert found.shape == response.shape
    assert np.abs(found - response).max(initial=0.0) <= HALF * np.abs(response).max(initial=0.0)


def test_an_array_of_zeros_comes_back_as_zeros(model: Model) -> None:
    still = replace(model, regions=tuple(replace(each, basis=0 * each.basis) for each in model.regions))
    for region in from_bundle(to_bundle(still, {})).regions:
        assert (region.basis == 0).all()


@pytest.mark.parametrize(
    "name",
    [
        "inputs/scale",
        "closed_form/weights",
        "closed_form/amounts",
        "differential/inputs",
        "subspaces/1/bias",
        "subspaces/1/weight",
        "regions/2/basis",
        "meshes/0/mean",
        "patches/1/0/response",
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
