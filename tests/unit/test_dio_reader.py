"""JSON with places: what is read equals what the standard library reads, and messages name line and column."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glm_deep.configuration.fields import same
from glm_deep.configuration.reader import JsonTextError, line_and_column, position_of, read
from glm_deep.configuration.text import edited_text

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6)
)
KEYS = st.text('ab,"\\ {}é:\n', max_size=3)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)
LAYOUTS = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 2, 4, "\t"]),
        "separators": st.sampled_from([(",", ":"), (", ", ": "), (" , ", " :")]),
        "ensure_ascii": st.booleans(),
    }
)


@settings(deadline=None)
@given(VALUES, LAYOUTS)
def test_what_is_read_equals_what_the_standard_library_reads(value: object, layout: dict[str, object]) -> None:
    text = json.dumps(value, **layout)
    root, duplicates = read(text)
    assert same(root.value, json.loads(text))
    assert text[root.start : root.end] == text
    assert duplicates == []


@settings(deadline=None)
@given(st.text("{}[]\",:\\u0019.-+eE truefalsn/#'\n\r\t", max_size=30))
def test_any_text_is_read_or_refused_as_the_standard_library_does(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(JsonTextError):
            read(text)
    else:
        root, duplicates = read(text)
        assert duplicates or same(root.value, expected)


@settings(deadline=None)
@given(OBJECTS, OBJECTS, LAYOUTS, st.sampled_from(["\n", "\r\n"]))
def test_an_edited_text_holds_the_new_values(
    old: dict[str, object], new: dict[str, object], layout: dict[str, object], newline: str
) -> None:
    text = json.dumps(old, **layout).replace("\n", newline)
    edited = edited_text(text, read(text)[0], new)
    assert same(json.loads(edited), new)
    assert list(json.loads(edited)) == [key for key in old if key in new] + [key for key in new if key not in old]
    if same(old, new):
        assert edited == text


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "the file ends where a value is expected"),
        ('{\n  "a": 1,\n}', 3, 1, "the comma before } is one too many"),
        ('{\n  "a": 1\n  "b": 2\n}', 3, 3, "expected a comma or a closing }"),
        ('{"a" 1}', 1, 6, 'expected a colon after the key "a"'),
        ('{"a": }', 1, 7, "expected a value before }; a comma or colon is one too many"),
        ("[1, ]", 1, 5, "expected a value before ]; a comma or colon is one too many"),
        ("[[1], [2", 1, 9, "the file ends, but the [ of line 1 is not closed"),
        ("[1 2]", 1, 4, "expected a comma or a closing ]"),
        ("{a: 1}", 1, 2, "expected a key in double quotes"),
        ("{\"a\": 'b'}", 1, 7, "texts need double quotes"),
        ('{"a": 1, // why\r\n"b": 2}', 1, 10, "JSON has no comments"),
        ('{"a": # why\n1}', 1, 7, "JSON has no comments"),
        ('{"a": True}', 1, 7, "expected true, false or null in small letters"),
        ('{"a": .5}', 1, 7, "a number begins with a digit or a minus"),
        ('{"a": 05}', 1, 8, "expected a comma or a closing }"),
        ('{"a": hero}', 1, 7, "expected a value; texts need double quotes"),
        ('{"a": "hero}', 1, 7, "this text has no closing double quote"),
        ('{"a": "hero\n}', 1, 12, "this text has no closing double quote on its line"),
        ('{\r\n"a": "C:\\data"}', 2, 9, "a backslash inside a text must be doubled; in paths write / instead"),
        ('{"a": "\\u12x4"}', 1, 9, "expected four hexadecimal digits after \\u"),
        ('\n{"a": 1', 2, 8, "the file ends, but the { of line 2 is not closed"),
        ("{", 1, 2, "the file ends, but the { of line 1 is not closed"),
        ('{"a": 1}\n}', 2, 1, "expected nothing more after the closing }"),
        ("[" * 1000, 1, 52, "expected no more than 50 levels of brackets"),
    ],
)
def test_a_syntax_error_is_placed_and_says_what_was_expected(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(JsonTextError) as caught:
        read(text)
    assert (caught.value.line, caught.value.column, caught.value.reason) == (line, column, reason)


def test_a_number_of_thousands_of_digits_is_refused_or_read_but_never_breaks_the_reader() -> None:
    digits = "9" * 10_000
    try:
        expected = json.loads(digits)  # Pythons before the limit on digits read it
    except ValueError:
        with pytest.raises(JsonTextError, match="this number has too many digits"):
            read(digits)
    else:
        assert read(digits)[0].value == expected


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(newline: str) -> None:
    text = newline.join(["{", '  "a": [', "    1,", "    {}", "  ]", "}"])
    root, _ = read(text)
    assert line_and_column(text, position_of(root, ("a", 1))) == (4, 5)
    assert line_and_column(text, position_of(root, ("a",))) == (2, 3)
    assert line_and_column(text, position_of(root, ("a", 1, "missing"))) == (4, 5)
    assert line_and_column(text, position_of(root, ("missing",))) == (1, 1)


def test_every_repetition_of_a_key_is_reported_with_both_lines() -> None:
    _, duplicates = read('{"a": {\n"b": 1,\n"b": 2,\n"c": [{"d": 0,\n"d": 0}],\n"b": 3}}')
    assert [(problem.path, problem.sentence) for problem in duplicates] == [
        (("a", "b"), "a.b is given twice, in lines 2 and 3; keep one"),
        (("a", "c", 0, "d"), "a.c[0].d is given twice, in lines 4 and 5; keep one"),
        (("a", "b"), "a.b is given twice, in lines 2 and 6; keep one"),
    ]


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        ('{"rate": 1e-4, "n": 3.0, "t": true}', {"rate": 0.0001, "n": 3, "t": 1}, '{"rate": 1e-4, "n": 3.0, "t": 1}'),
        ('{ "a":1 ,"b" : 2 }', {"a": 5, "b": 2}, '{ "a":5 ,"b" : 2 }'),
        ('{ "a":1 ,"b" : 2 }', {"b": 3}, '{ "b" : 3 }'),
        ('{"a":1}', {"a": 1, "b": {"c": 2.0}}, '{"a":1, "b": {"c": 2}}'),
        ('{\n\t"a": 1\n}\n', {"a": 1, "b": {"c": [1, 2]}}, '{\n\t"a": 1,\n\t"b": {\n\t\t"c": [1, 2]\n\t}\n}\n'),
        ('{\r\n  "a": {}\r\n}', {"a": {"é": 0.5}}, '{\r\n  "a": {\r\n    "é": 0.5\r\n  }\r\n}'),
        ('{\n  "a": 1\n, "b": 2\n}', {"a": 1, "b": 3, "c": 4}, '{\n  "a": 1\n, "b": 3\n, "c": 4\n}'),
        ('{\n  "v": [\n    1,\n    2\n  ]\n}', {"v": [1, 2]}, '{\n  "v": [\n    1,\n    2\n  ]\n}'),
        ('[{"a": 1}, {"a": 2}]', [{"a": 1}], '[{"a": 1}]'),
        ('[\n    {"a": 1}\n]', [{"a": 1}, {"a": 2}], '[\n    {"a": 1},\n    {\n        "a": 2\n    }\n]'),
        ('\ufeff {"a": 1} \n\n', {"a": 2}, '\ufeff {"a": 2} \n\n'),
        ('{"a": 1}', {}, "{}"),
    ],
)
def test_an_edit_changes_what_it_must_and_follows_the_layout(text: str, new: dict[str, object], expected: str) -> None:
    assert edited_text(text, read(text)[0], new) == expected
