"""What a PCA size comes to, in numbers and in words."""

from __future__ import annotations

import math

import pytest

from glm_deep_ui.compression import Compression
from glm_deep_ui.summary import NO_MODEL, READY, Summary

KNOWN = Compression(40, 12, 0.9912, ((1, 0.5), (2, 0.7), (10, 0.98), (40, 0.9999)))


def test_before_a_training_the_largest_size_is_a_tenth_of_the_vertices_or_the_frames() -> None:
    assert Compression.of(Summary(NO_MODEL, 60, "", vertices={"a": 300, "b": 200})).largest == 50
    assert Compression.of(Summary(NO_MODEL, 30, "", vertices={"a": 500})).largest == 30
    assert Compression.of(Summary(NO_MODEL, 0, "")).largest == 0


def test_after_a_training_it_is_not_more_than_there_were_components() -> None:
    report = {"pca_size": 7, "pca_kept": 0.9, "pca_kept_by_size": [[1, 0.5], [20, 0.99]]}
    found = Compression.of(Summary(READY, 100, "", report=report, vertices={"a": 900}))
    assert found == Compression(20, 7, 0.9, ((1, 0.5), (20, 0.99)))


def test_the_report_of_an_older_model_tells_nothing_wrong() -> None:
    found = Compression.of(Summary(READY, 100, "", report={"pca_size": 7}, vertices={"a": 900}))
    assert found.last == 7
    assert math.isnan(found.share(3))
    assert found.in_words(0) == "automatic, last time 7 components"
    assert found.in_words(3) == "3 components"


@pytest.mark.parametrize(("size", "share"), [(1, 0.5), (2, 0.7), (6, 0.84), (10, 0.98), (40, 0.9999), (99, 0.9999)])
def test_between_two_sizes_the_share_is_in_proportion(size: int, share: float) -> None:
    assert KNOWN.share(size) == pytest.approx(share)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "automatic, last time 12 components, 99.12 % of the deformation kept"),
        (1, "1 component, 50.0 % of the deformation kept"),
        (40, "40 components, 99.99 % of the deformation kept"),
        (90, "at most 40 fit these samples: 40 components, 99.99 % of the deformation kept"),
    ],
)
def test_words_name_the_size_and_what_it_keeps(size: int, words: str) -> None:
    assert KNOWN.in_words(size) == words


def test_what_is_not_everything_is_never_called_everything() -> None:
    assert "99.99 %" in Compression(5, 5, 0.999999, ()).in_words(0)
    assert "100.00 %" in Compression(5, 5, 1.0, ()).in_words(0)
