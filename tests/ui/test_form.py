"""The settings of a form: their texts, what is typed, what is wrong with it, and the document that results."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from glm_deep import dio
from glm_deep.config import Config, fields
from glm_deep.errors import ConfigError
from glm_deep_ui.form import Form, anchors_key, training_fields, value_at

SEED, RATE, DEVICE = "training.seed", "training.learning_rate", "training.device"
STOP, EPOCHS, PERCENT = "training.early_stop", "training.differential.epochs", "training.anchors.percent"
KEYS = [field.key for field in training_fields()]
LABELS = {field.key: field.label for field in fields()}
LEAST: dict[str, Any] = {"glm_deep": 1, "asset": "Zoë", "meshes": [{"deformed": "body"}]}
TEXT = """{
    "asset": "Zoë",
    "glm_deep": 1,
    "meshes": [ {"deformed": "Körper"} ],
    "rig_inputs": {"floats": [{"name": "smile"}]},
    "training": {"learning_rate": 1e-3, "seed": 12,
                 "relevance": [{"input": "smile", "mesh": "Körper", "moves": false}]}
}
"""


@pytest.fixture
def least(tmp_path: Path) -> Form:
    """A form of a file in which nothing but the necessary is said."""
    (tmp_path / "Zoë's files").mkdir()
    return Form(dio.save(dio.new(tmp_path / "Zoë's files" / "Zoë 1.dio", LEAST)))


@pytest.fixture
def form(tmp_path: Path) -> Form:
    """A form of a file with a few settings of its own."""
    path = tmp_path / "Zoë's own.dio"
    path.write_text(TEXT, encoding="utf-8")
    return Form(dio.load(path))


def document() -> dio.Document:
    """A document that is in no file."""
    return dio.new("/nirgends/Zoë.dio", LEAST)


def test_the_form_has_every_single_value_of_the_training_in_the_order_of_the_file(least: Form) -> None:
    schema = [field.key for field in fields()]
    assert [field.key for field in least.fields if field.key.startswith("training.")] == KEYS
    assert sorted(KEYS, key=schema.index) == KEYS
    assert {key for key in schema if key.startswith("training.")} - set(KEYS) == {
        key for key in schema if key.startswith(("training.relevance[]", "training.anchors.additional[]"))
    }
    assert not [field.key for field in least.fields if field.type == "array"]


def test_the_critical_settings_are_those_of_the_configuration(least: Form) -> None:
    expected = {field.key for field in fields() if field.critical and field.key.startswith("training.")}
    assert {field.key for field in least.fields if field.critical} == expected
    assert {RATE, EPOCHS, PERCENT} <= expected
    assert SEED not in expected


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"training": {"pca": {"size": 3}}}, 3),
        ({"training": {"pca": {"size": 0}}}, 0),
        ({"training": {"pca": {}}}, None),
        ({"training": {"pca": 5}}, None),
        ({"training": [1]}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_value_is_found_by_its_dotted_key_or_is_none(values: Any, found: int | None) -> None:
    assert value_at(values, "training.pca.size") == found


def test_what_the_file_leaves_out_is_shown_as_its_default(least: Form) -> None:
    assert least.text("asset") == "Zoë"
    for field in least.fields:
        if field.required:
            continue
        text = least.text(field.key)
        assert text == least.saved(field.key) == least.default(field.key)
        assert least.is_default(field.key)
        assert least.problem(field.key) == ""
        assert least.value(field.key) == field.default
        assert type(text) is str
    assert [least.text(key) for key in (SEED, RATE, DEVICE, STOP, PERCENT)] == ["0", "0.0001", "automatic", "true", "2"]
    assert not least.changed
    assert least.problems() == {}


def test_what_the_file_says_is_shown(form: Form) -> None:
    assert (form.text(SEED), form.text(RATE), form.text(EPOCHS)) == ("12", "0.001", "200")
    assert (form.value(SEED), form.value(RATE)) == (12, 0.001)
    assert (form.default(SEED), form.default(RATE)) == ("0", "0.0001")
    assert [form.is_default(key) for key in (SEED, RATE, EPOCHS)] == [False, False, True]
    assert not form.changed


def test_falsehood_in_the_file_is_not_its_default() -> None:
    values = {**LEAST, "training": {"early_stop": False, "differential": {"epochs": 0}, "cpu_threads": 0}}
    form = Form(dio.new("Zoë.dio", values))
    assert (form.text(STOP), form.value(STOP), form.is_default(STOP)) == ("false", False, False)
    assert (form.text(EPOCHS), form.value(EPOCHS), form.is_default(EPOCHS)) == ("0", 0, False)
    assert form.is_default("training.cpu_threads")


def test_only_what_is_other_than_in_the_file_is_changed(form: Form) -> None:
    form.set(SEED, "13")
    assert (form.changed, form.text(SEED), form.saved(SEED), form.value(SEED)) == (True, "13", "12", 13)
    form.set(SEED, "12")
    assert (form.changed, form.text(SEED)) == (False, "12")
    form.set(SEED, "0")
    assert form.changed
    assert form.is_default(SEED)
    form.set(EPOCHS, "50")
    form.set(SEED, " 12 ")
    assert form.changed
    form.set(EPOCHS, "200")
    assert not form.changed
    assert (form.text(SEED), form.text(EPOCHS)) == ("12", "200")


@pytest.mark.parametrize("spelling", ["1e-4", "0.0001", "0.00010", "1E-4", " 10e-5\t"])
def test_one_number_in_another_spelling_is_no_change(least: Form, spelling: str) -> None:
    least.set(RATE, "0.5")
    least.set(RATE, spelling)
    assert not least.changed
    assert least.is_default(RATE)


@pytest.mark.parametrize("spelling", ["automatic", '"automatic"', " automatic "])
def test_quotes_around_a_text_are_no_change(least: Form, spelling: str) -> None:
    least.set(DEVICE, spelling)
    assert not least.changed
    least.set(DEVICE, "cpu")
    assert least.changed
    assert not least.is_default(DEVICE)
    least.set(DEVICE, spelling)
    assert not least.changed


def test_spellings_of_the_default_are_recognised_where_the_file_says_otherwise(form: Form) -> None:
    form.set(RATE, "1e-4")
    assert form.is_default(RATE)
    assert form.changed
    assert form.text(RATE) == "1e-4"


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        (SEED, "-1", ("-1", "a whole number, 0 to 4294967295")),
        (SEED, "1.5", ("1.5", "a whole number")),
        (SEED, "many", ('"many"', "a whole number")),
        (SEED, "", ('""', "a whole number")),
        (SEED, "   ", ('""', "a whole number")),
        (SEED, "NaN", ("NaN", "a finite number")),
        (SEED, "[1, 2]", ("[1, 2]", "a whole number")),
        (SEED, "a=b", ('"a=b"', "a whole number")),
        (RATE, "0", ("0", "above 0, at most 1")),
        (RATE, "2", ("2", "above 0, at most 1")),
        (RATE, "fast", ('"fast"', "a number")),
        (RATE, "0,001", ("0,001", "a number")),
        (RATE, "1e400", ("Infinity", "a finite number")),
        (PERCENT, "0.05", ("0.05", "% of the vertices")),
        (DEVICE, "gpu", ('"gpu"', '"automatic", "cpu" or "cuda"')),
        (DEVICE, "CUDA", ('"CUDA"', '"automatic", "cpu" or "cuda"')),
        (DEVICE, "", ('""', '"automatic", "cpu" or "cuda"')),
        (DEVICE, "7", ('"7"', '"automatic", "cpu" or "cuda"')),
        (STOP, "perhaps", ('"perhaps"', "true or false")),
        (STOP, "", ('""', "true or false")),
    ],
)
def test_what_is_wrong_is_said_in_words_and_not_saved(form: Form, key: str, text: str, words: tuple[str, ...]) -> None:
    form.set(key, text)
    problem = form.problem(key)
    assert all(word in problem for word in words), problem
    assert problem.startswith(f"{LABELS[key]} is ")
    assert "\n" not in problem
    assert form.text(key) == text
    assert form.value(key) is None
    assert form.problems() == {key: problem}
    assert form.changed
    with pytest.raises(ConfigError):
        form.result()


def test_problems_are_those_of_the_wrong_settings_alone(form: Form) -> None:
    form.set(SEED, "-1")
    form.set(EPOCHS, "50")
    form.set(DEVICE, "gpu")
    assert set(form.problems()) == {SEED, DEVICE}
    assert form.problem(EPOCHS) == form.problem(RATE) == ""
    form.set(SEED, "1")
    assert set(form.problems()) == {DEVICE}
    form.set(DEVICE, "cpu")
    assert form.problems() == {}


def test_the_result_has_what_was_typed_and_leaves_the_rest_of_the_file(form: Form) -> None:
    before = copy.deepcopy(form.document.values)
    typed = {SEED: ("5", 5), RATE: ("1e-2 ", 0.01), DEVICE: ("cpu", "cpu"), STOP: ("false", False), EPOCHS: ("9", 9)}
    for key, (text, _) in typed.items():
        form.set(key, text)
    result = form.result()
    assert {key: value_at(result.values, key) for key in typed} == {key: value for key, (_, value) in typed.items()}
    assert {key: form.value(key) for key in typed} == {key: value for key, (_, value) in typed.items()}
    assert result.config.training.differential.epochs == 9
    assert result.config.training.relevance == form.document.config.training.relevance
    assert result.path == form.document.path
    assert form.document.values == before
    rest = copy.deepcopy(result.values)
    for key in ("device", "early_stop", "differential"):
        del rest["training"][key]
    rest["training"].update(seed=12, learning_rate=1e-3)
    assert rest == before


def test_the_result_of_nothing_typed_is_the_document(form: Form) -> None:
    assert form.result() == form.document


def test_saving_keeps_the_text_of_the_file_but_for_the_value(form: Form) -> None:
    form.set(SEED, "5")
    dio.save(form.result())
    assert form.document.path.read_text(encoding="utf-8") == TEXT.replace('"seed": 12', '"seed": 5')


def test_after_saving_the_form_says_what_the_file_says_and_nothing_is_changed(form: Form) -> None:
    form.set(SEED, "5")
    form.set(RATE, "0.02")
    form.took(dio.save(form.result()))
    assert not form.changed
    assert (form.text(SEED), form.saved(SEED), form.text(RATE)) == ("5", "5", "0.02")
    assert form.document == dio.load(form.document.path)


def test_what_is_typed_stays_when_somebody_else_changed_the_file(form: Form) -> None:
    form.set(SEED, "5")
    form.set(RATE, "nonsense")
    form.set(EPOCHS, "77")
    form.set(DEVICE, "cpu")
    path = form.document.path
    theirs = TEXT.replace('"seed": 12', '"seed": 12, "differential": {"epochs": 77}, "cpu_threads": 3')
    path.write_text(theirs.replace("1e-3", "1e-2"), encoding="utf-8")
    form.took(dio.load(path))
    assert form.text("training.cpu_threads") == "3"
    assert (form.text(SEED), form.text(RATE), form.text(DEVICE)) == ("5", "nonsense", "cpu")
    assert form.saved(RATE) == "0.01"
    assert set(form.problems()) == {RATE}
    form.set(RATE, "0.01")
    result = form.result()
    assert [value_at(result.values, key) for key in (SEED, RATE, EPOCHS, DEVICE)] == [5, 0.01, 77, "cpu"]
    for key in (SEED, DEVICE):
        form.set(key, form.saved(key))
    assert not form.changed  # what both typed alike is none of the form's any more


def test_two_forms_of_one_document_do_not_mix(form: Form) -> None:
    other = Form(form.document)
    form.set(SEED, "5")
    assert (other.text(SEED), other.changed) == ("12", False)


ALMOST = st.sampled_from(
    [
        "",
        " ",
        "=",
        "a=b",
        "1",
        "-1",
        "2.5",
        "1e-4",
        "1.0",
        "null",
        "[]",
        "{}",
        "NaN",
        "-Infinity",
        "1e400",
        '"cpu"',
        "cpu",
    ]
)
TYPED = st.one_of(st.text(), ALMOST, st.integers().map(str), st.floats().map(repr), st.from_regex(r"[-+.eE\d\s]*"))


@given(key=st.sampled_from(KEYS), text=TYPED)
@example(key=SEED, text="1" * 5000)
@example(key=SEED, text="[" * 40 + "]" * 40)
@example(key=DEVICE, text="\ud800")
@example(key=DEVICE, text="cpu\x00")
@example(key=RATE, text="0.5\r\n")
@example(key=RATE, text="1\n2")
def test_any_text_is_taken_and_has_a_problem_exactly_when_there_is_no_result(key: str, text: str) -> None:
    form = Form(document())
    form.set(key, text)
    problem = form.problem(key)
    assert form.problems() == ({key: problem} if problem else {})
    assert isinstance(form.is_default(key), bool)
    if problem:
        assert form.text(key) == text
        assert form.value(key) is None
        with pytest.raises(ConfigError):
            form.result()
    else:
        result = form.result()
        assert Config.from_json(result.values) == result.config
        found = value_at(result.values, key)
        assert found == (form.value(key) if form.changed else None)
        assert json.loads(json.dumps(form.value(key))) == form.value(key)


@given(typed=st.lists(st.tuples(st.sampled_from(KEYS), TYPED), max_size=6))
def test_all_texts_together_have_a_result_exactly_when_none_has_a_problem(typed: list[tuple[str, str]]) -> None:
    form = Form(document())
    for key, text in typed:
        form.set(key, text)
    try:
        form.result()
        wrong = False
    except ConfigError:
        wrong = True
    assert wrong == bool(form.problems())


@given(typed=st.lists(st.tuples(st.sampled_from(KEYS), TYPED), max_size=6))
def test_setting_the_old_texts_back_leaves_nothing_changed(typed: list[tuple[str, str]]) -> None:
    values = {**LEAST, "training": {"seed": 12, "learning_rate": 0.02, "early_stop": False, "device": "cpu"}}
    form = Form(dio.new("/nirgends/Zoë.dio", values))
    before = {key: form.text(key) for key in KEYS}
    for key, text in typed:
        form.set(key, text)
    for key, text in before.items():
        form.set(key, text)
    assert not form.changed
    assert {key: form.text(key) for key in KEYS} == before
    assert form.result() == form.document


BODY = anchors_key("Körper")


def test_additional_anchors_are_a_text_for_each_mesh(form: Form) -> None:
    assert form.meshes == ["Körper"]
    assert form.text(BODY) == ""
    form.set(BODY, "9, 3-5")
    assert form.changed
    result = form.result()
    assert result.values["training"]["anchors"]["additional"] == [{"mesh": "Körper", "vertices": [3, 4, 5, 9]}]
    form.took(dio.save(result))
    assert not form.changed
    assert form.text(BODY) == "3-5, 9"
    assert form.value(BODY) == (3, 4, 5, 9)


def test_the_same_anchors_in_other_words_are_no_change(form: Form) -> None:
    form.set(BODY, "3-5")
    form.took(dio.save(form.result()))
    form.set(BODY, "5, 4, 3")
    assert not form.changed


def test_anchors_of_several_entries_are_one_list_and_emptied_lists_go(form: Form) -> None:
    entries = [{"mesh": "Körper", "vertices": [5]}, {"mesh": "Körper", "vertices": [2, 5]}]
    form.took(form.document.with_values({"training.anchors.additional": entries}))
    assert form.text(BODY) == "2, 5"
    form.set(BODY, "")
    assert form.result().config.training.anchors.additional == ()


def test_a_wrong_list_is_said_with_its_mesh_and_saved_nowhere(form: Form) -> None:
    form.vertices = {"Körper": 8}
    form.set(BODY, "8")
    assert form.problem(BODY) == "Körper: there is no vertex 8; the last one is 7"
    assert form.problems() == {BODY: form.problem(BODY)}
    assert form.value(BODY) is None
    with pytest.raises(ConfigError):
        form.result()


def test_what_was_typed_for_a_mesh_that_is_gone_goes_with_it(form: Form) -> None:
    form.set(BODY, "x")
    form.took(form.document.with_values({"meshes": [{"deformed": "arm"}], "training.relevance": []}))
    assert not form.changed
    assert form.problems() == {}
