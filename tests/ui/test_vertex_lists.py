"""Lists of vertices as text: what is understood, what is refused, and that nothing is lost on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.errors import ConfigError
from glm_deep_ui.vertex_lists import MOST_VERTICES, text_of, vertices_of


@given(st.sets(st.integers(0, 300), max_size=60))
def test_what_is_written_is_read_again(vertices: set[int]) -> None:
    assert vertices_of(text_of(vertices)) == tuple(sorted(vertices))


@given(st.text(max_size=30))
def test_any_text_is_a_list_of_rising_vertices_or_refused_in_words(text: str) -> None:
    try:
        found = vertices_of(text, 1000)
    except ConfigError:
        return
    assert list(found) == sorted(set(found))
    assert all(0 <= vertex < 1000 for vertex in found)


@pytest.mark.parametrize(
    ("text", "vertices"),
    [
        ("", ()),
        ("  7 ", (7,)),
        ("3, 1 ,2", (1, 2, 3)),
        ("5-7;9", (5, 6, 7, 9)),
        ("body.vtx[12:14]\nbody.vtx[3]", (3, 12, 13, 14)),
        ("|a|b:body.vtx[2]", (2,)),
        ("vtx[4]", (4,)),
    ],
)
def test_indices_ranges_and_what_maya_prints_are_understood(text: str, vertices: tuple[int, ...]) -> None:
    assert vertices_of(text) == vertices


def test_three_in_a_row_are_a_range_and_two_are_not() -> None:
    assert text_of([9, 1, 2, 5, 6, 7]) == "1, 2, 5-7, 9"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3, x", '"x" is no vertex; write indices and ranges, such as 3, 7, 12-15'),
        ("-3", '"-3" is no vertex'),
        ("1.5", '"1.5" is no vertex'),
        ("9-4", '"9-4" runs backwards'),
        ("20", "there is no vertex 20; the last one is 19"),
        ("4-20", "there is no vertex 20; the last one is 19"),
    ],
)
def test_what_is_no_vertex_is_said(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        vertices_of(text, 20)
    assert caught.value.what.startswith(said)


def test_a_mistyped_range_does_not_fill_the_memory() -> None:
    assert len(vertices_of(f"1-{MOST_VERTICES}")) == MOST_VERTICES
    with pytest.raises(ConfigError, match="too many"):
        vertices_of("0-2000000000")
