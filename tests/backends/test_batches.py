"""Batches on a GPU are of few sizes, so that each is prepared once."""

from __future__ import annotations

import pytest

from glm_deep.backends.cuda_batch import SIZES, next_size
from glm_deep.export.engine import BATCHES


@pytest.mark.parametrize(("count", "size"), [(1, 1), (2, 8), (8, 8), (9, 16), (17, 64), (65, 256), (256, 256)])
def test_a_batch_is_filled_up_to_the_next_size(count: int, size: int) -> None:
    assert next_size(count) == size


def test_an_engine_takes_every_size() -> None:
    assert BATCHES[0] <= min(SIZES)
    assert max(SIZES) <= BATCHES[2]
