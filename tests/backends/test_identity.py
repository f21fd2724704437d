"""The identity of a model tells its arrays from all others, and is the same wherever it is worked out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.bundle import Bundle

ARRAYS = {"öhr/weights": np.arange(6, dtype=np.float32).reshape(2, 3), "unit": np.float32(2.0), "none": np.zeros(0)}


def test_the_identity_is_the_same_after_saving_and_loading(bundle: Bundle, tmp_path: Path) -> None:
    bundle.save(tmp_path / "Zoë 1.glmdeep")
    assert Bundle.load(tmp_path / "Zoë 1.glmdeep").identity == bundle.identity


def test_facts_and_order_leave_the_identity_as_it_is() -> None:
    other = dict(reversed([*ARRAYS.items()]))
    assert Bundle({"asset": "Zoë"}, other).identity == Bundle({}, ARRAYS).identity


def test_the_memory_order_leaves_the_identity_as_it_is() -> None:
    turned = {**ARRAYS, "öhr/weights": np.asfortranarray(ARRAYS["öhr/weights"])}
    assert Bundle({}, turned).identity == Bundle({}, ARRAYS).identity


CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "type": lambda array: array.astype(np.float64),
    "kind of the same bytes": lambda array: array.view(np.int32),
    "shape": lambda array: array.reshape(3, 2),
    "order": lambda array: array[::-1],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_array_gives_another_identity(change: Callable[[np.ndarray], np.ndarray]) -> None:
    other = {**ARRAYS, "öhr/weights": change(ARRAYS["öhr/weights"])}
    assert Bundle({}, other).identity != Bundle({}, ARRAYS).identity


def test_more_fewer_and_renamed_arrays_give_other_identities() -> None:
    fewer = {name: array for name, array in ARRAYS.items() if name != "none"}
    found = [
        Bundle({}, each).identity
        for each in (ARRAYS, fewer, {**ARRAYS, "x": np.zeros(0)}, {**fewer, "x": ARRAYS["none"]})
    ]
    assert len(set(found)) == 4


@given(place=st.integers(0, 23), bit=st.integers(0, 7))
def test_a_flipped_bit_gives_another_identity(place: int, bit: int) -> None:
    data = bytearray(ARRAYS["öhr/weights"].tobytes())
    data[place] ^= 1 << bit
    other = {**ARRAYS, "öhr/weights": np.frombuffer(bytes(data), np.float32).reshape(2, 3)}
    assert Bundle({}, other).identity != Bundle({}, ARRAYS).identity


def test_the_identity_can_stand_in_a_file_name(bundle: Bundle) -> None:
    assert len(bundle.identity) == 64
    assert set(bundle.identity) <= set("0123456789abcdef")
