"""The declarations of the settings, and what follows from them."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from glm_deep.config import Config, Field, fields, json_schema, markdown_table, problems_of
from glm_deep.configuration.changes import changed_settings
from glm_deep.configuration.fields import dotted, leaves, parsed, shown, spelled
from glm_deep.errors import ConfigError
from other_settings import another_value

FULL: dict[str, Any] = {
    "glm_deep": 1,
    "asset": "hero",
    "meshes": [{"deformed": "body"}, {"deformed": "teeth"}, {"deformed": "spare"}],
    "rig_inputs": {
        "joints": [{"name": "hip"}, {"name": "knee", "parent": "hip"}, {"name": "toe"}],
        "matrices": [{"name": "world"}],
        "floats": [{"name": "smile", "min": 0, "max": 1}],
    },
    "training": {
        "anchors": {"additional": [{"mesh": "body", "vertices": [1, 5]}]},
        "relevance": [{"input": "hip", "mesh": "body", "vertices": [2], "moves": False}],
    },
}
LEAST = {"glm_deep": 1, "asset": "hero", "meshes": [{"deformed": "body"}]}
DESCRIBED = {field.key: field for field in fields()}

# What the documentation promises: lowest, highest, whether the lowest itself is left out.
RANGES = {
    "extraction.step": (0, None, True),
    "extraction.identical_tolerance": (0, None, False),
    "training.pca.size": (0, None, False),
    "training.differential.layers": (1, 5, False),
    "training.differential.neurons": (8, 2048, False),
    "training.differential.batch_split": (1, 1000, False),
    "training.differential.epochs": (0, 100_000, False),
    "training.subspaces.epochs": (0, 100_000, False),
    "training.subspaces.layers": (1, 3, False),
    "training.subspaces.neurons": (4, 64, False),
    "training.anchors.percent": (0.05, 10, True),
    "training.learning_rate": (0, 1, True),
    "training.learning_rate_decay_epochs": (0, 100_000, False),
    "training.learning_rate_decay_divider": (1, 100, True),
    "training.validation_share": (0.02, 0.5, False),
    "training.seed": (0, 2**32 - 1, False),
    "training.cpu_threads": (0, 256, False),
}
DEFAULTS = {
    "main_directory": ".",
    "extraction.session_directory": "session",
    "extraction.start_frame": 1,
    "extraction.end_frame": 100,
    "extraction.step": 1,
    "extraction.discard_identical": True,
    "extraction.identical_tolerance": 1e-6,
    "training.pca.enabled": True,
    "training.pca.size": 0,
    "training.anchors.percent": 2,
    "training.learning_rate": 0.0001,
    "training.learning_rate_decay_epochs": 0,
    "training.learning_rate_decay_divider": 2,
    "training.validation_share": 0.1,
    "training.seed": 0,
    "training.device": "automatic",
    "training.early_stop": True,
    "training.cpu_threads": 0,
    "export.publish_to": "",
    "export.after_training": "automatic",
    "playing.back_end": "automatic",
    "playing.outside_range": "pass",
}


def with_value(values: dict[str, Any], key: str, value: object) -> dict[str, Any]:
    """A copy of a file's JSON with one more value; `[]` in the key stands for the last entry of a list."""
    changed = copy.deepcopy(values)
    holder: Any = changed
    steps = key.replace("[]", ".[]").split(".")
    for step in steps[:-1]:
        holder = holder[-1] if step == "[]" else holder.setdefault(step, {})
    holder[steps[-1]] = value
    return changed


def value_at(values: Any, key: str) -> Any:
    """What stands at a key; `[]` in the key stands for the last entry of a list."""
    for step in key.replace("[]", ".[]").split("."):
        values = values[-1] if step == "[]" else values[step]
    return values


def sentences(values: object) -> list[str]:
    return [problem.sentence for problem in problems_of(values)]


@pytest.mark.parametrize("field", [field for field in fields() if field.key != "glm_deep"], ids=lambda field: field.key)
def test_every_setting_reaches_the_configuration_and_its_json(field: Field) -> None:
    value = another_value(field)
    written = with_value(FULL, field.key, value)
    config = Config.from_json(written)
    assert value_at(config.to_json(), field.key) == value
    assert value_at(config.to_json(), field.key) != field.default
    assert Config.from_json(config.to_json()) == config


@pytest.mark.parametrize(("key", "default"), DEFAULTS.items(), ids=list(DEFAULTS))
def test_the_documented_defaults_are_the_defaults(key: str, default: object) -> None:
    assert DESCRIBED[key].default == default
    assert value_at(Config.from_json(LEAST).to_json(), key) == default


@pytest.mark.parametrize("key", RANGES)
def test_the_documented_ranges_are_the_ranges(key: str) -> None:
    field = DESCRIBED[key]
    assert (field.minimum, field.maximum, field.exclusive_minimum) == RANGES[key]


@pytest.mark.parametrize("key", RANGES)
def test_a_value_beside_its_range_is_refused_with_the_range(key: str) -> None:
    low, high, without_lowest = RANGES[key]
    whole = DESCRIBED[key].type == "integer"
    beside = [low if without_lowest else low - (1 if whole else 1e-9)]
    if high is not None:
        beside.append(high + (1 if whole else 1e-9))
        assert not problems_of(with_value(FULL, key, high))
    if not without_lowest:
        assert not problems_of(with_value(FULL, key, low))
    for value in beside:
        (sentence,) = sentences(with_value(FULL, key, value))
        assert sentence.startswith(f"{key} is ")
        assert DESCRIBED[key].range in sentence


def test_no_other_setting_has_a_range() -> None:
    ranged = {field.key for field in fields() if field.minimum is not None or field.maximum is not None}
    vertices = {"training.anchors.additional[].vertices", "training.relevance[].vertices"}
    assert ranged - set(RANGES) == {"glm_deep", *vertices}


def test_subspace_models_train_for_fewer_epochs_than_the_differential_one_unless_told_otherwise() -> None:
    training = Config.from_json(LEAST).training
    assert 0 < training.subspaces.epochs < training.differential.epochs
    assert not problems_of(with_value(FULL, "training.subspaces.epochs", training.differential.epochs + 1))


def test_every_setting_has_a_label_and_a_help_text_that_is_a_sentence() -> None:
    for field in fields():
        assert field.label
        assert re.fullmatch(r"[A-Z0-9].*\.", field.help), field.key


def test_critical_settings_are_those_shown_in_bold() -> None:
    assert [field.key for field in fields() if field.critical] == [
        "training.pca.enabled",
        "training.pca.size",
        "training.differential.epochs",
        "training.subspaces.epochs",
        "training.anchors.percent",
        "training.learning_rate",
    ]


def test_an_empty_linear_mesh_is_named_after_the_deformed_one() -> None:
    values = with_value(LEAST, "meshes", [{"deformed": "a"}, {"deformed": "b", "linear": ""}, {"deformed": "c"}])
    assert [mesh.linear for mesh in Config.from_json(values).meshes] == ["a_linear", "b_linear", "c_linear"]
    assert Config.from_json(with_value(LEAST, "meshes[].linear", "skin")).meshes[0].linear == "skin"


def test_whole_numbers_may_be_spelled_with_a_point_and_numbers_without() -> None:
    values = with_value(with_value(FULL, "training.seed", 3.0), "training.validation_share", 0.25)
    values = with_value(values, "training.anchors.percent", 3)
    training = Config.from_json(values).training
    assert (training.seed, type(training.seed)) == (3, int)
    assert (training.anchors.percent, type(training.anchors.percent)) == (3.0, float)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("training.seed", True, "is true, but must be a whole number"),
        ("training.seed", 3.5, "is 3.5, but must be a whole number, 0 to 4294967295"),
        ("training.early_stop", 1, "is 1, but must be true or false"),
        ("training.device", "gpu", 'is "gpu", but must be "automatic", "cpu" or "cuda"'),
        ("training.device", 5, 'is 5, but must be "automatic", "cpu" or "cuda"'),
        ("training.pca", None, "is null, but must be an object in braces"),
        ("training.learning_rate", float("nan"), "is NaN, but must be a finite number"),
        ("training.learning_rate", float("-inf"), "is -Infinity, but must be a finite number"),
        ("extraction.start_frame", 10**400, "is a number of more than 300 digits, which is too large"),
        ("rig_inputs.floats[].max", "1", 'is "1", but must be a number or null'),
        ("asset", "", "is empty, but must not be"),
        ("asset", "a\x00b", 'is "a\\u0000b", but must not hold control characters or broken ones'),
        ("asset", "\ud800", 'is "\\ud800", but must not hold control characters or broken ones'),
        ("meshes", [], "is empty, but must not be"),
        ("meshes", {}, "is an object with no keys, but must be a list in square brackets"),
        ("extraction.session_directory", "..", 'is "..", but must name a folder inside the samples'),
        ("extraction.session_directory", "a\\..\\..\\b", "must name a folder inside the samples"),
        ("extraction.session_directory", ".", "must name a folder inside the samples"),
        ("extraction.session_directory", "/data", "must name a folder inside the samples"),
        ("extraction.session_directory", "C:\\data", "must name a folder inside the samples"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(key: str, value: object, expected: str) -> None:
    (sentence,) = [text for text in sentences(with_value(FULL, key, value)) if "additional[0].mesh" not in text]
    assert sentence.startswith(key.replace("[]", "[0]") + " ")
    assert expected in sentence


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (
            "meshes",
            [{"deformed": "body"}, {"deformed": "body", "linear": "x"}],
            'meshes[1].deformed is "body", which meshes[0].deformed is already',
        ),
        (
            "meshes",
            [{"deformed": "body"}, {"deformed": "b", "linear": "body_linear"}],
            'meshes[1].linear is "body_linear", which meshes[0].linear is already',
        ),
        (
            "meshes",
            [{"deformed": "body", "linear": "body"}],
            'meshes[0].linear is "body", the deformed mesh itself; name its skin-only copy',
        ),
        (
            "rig_inputs.matrices",
            [{"name": "m"}, {"name": "n"}, {"name": "m"}],
            'rig_inputs.matrices[2].name is "m", which rig_inputs.matrices[0].name is already',
        ),
        (
            "rig_inputs.joints",
            [{"name": "hip"}, {"name": "knee", "parent": "hipp"}],
            'rig_inputs.joints[1].parent is "hipp", which is not among the joints; did you mean "hip"?',
        ),
        (
            "rig_inputs.joints",
            [{"name": "hip", "parent": "root"}],
            'rig_inputs.joints[0].parent is "root", which is not among the joints; "" makes this joint a root',
        ),
        (
            "rig_inputs.joints",
            [{"name": "a", "parent": "a"}],
            'rig_inputs.joints[0].parent makes the joint "a" its own ancestor',
        ),
        (
            "rig_inputs.floats",
            [{"name": "smile", "min": 1, "max": 1}],
            "rig_inputs.floats[0].min is 1, but must be below max, which is 1",
        ),
        (
            "extraction",
            {"start_frame": 5, "end_frame": 4.5},
            "extraction.end_frame: the range ends at 4.5, but must not end before its start, 5",
        ),
        (
            "extraction",
            {"start_frame": 101},
            "extraction.start_frame: the range ends at 100, but must not end before its start, 101",
        ),
        (
            "training.anchors.additional",
            [{"mesh": "bdy", "vertices": []}],
            'training.anchors.additional[0].mesh is "bdy", which is not a deformed mesh of this file; '
            'did you mean "body"?',
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(key: str, value: object, expected: str) -> None:
    assert sentences(with_value(LEAST, key, value)) == [expected]


def test_joints_that_are_each_others_parents_are_refused() -> None:
    joints = [{"name": "a", "parent": "b"}, {"name": "b", "parent": "a"}, {"name": "c", "parent": "a"}]
    assert sentences(with_value(LEAST, "rig_inputs.joints", joints)) == [
        'rig_inputs.joints[0].parent makes the joint "a" its own ancestor',
        'rig_inputs.joints[1].parent makes the joint "b" its own ancestor',
    ]


def test_a_range_of_a_single_frame_and_an_anchor_given_twice_are_accepted() -> None:
    values = with_value(LEAST, "extraction", {"start_frame": 7, "end_frame": 7})
    assert not problems_of(with_value(values, "training.anchors.additional", [{"mesh": "body", "vertices": [4, 4]}]))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("assett", "assett is not a known key; did you mean asset?"),
        ("meshes[].Deformed_Mesh", "meshes[2].Deformed_Mesh is not a known key; did you mean meshes[2].deformed?"),
        ("training.learningRate", "training.learningRate is not a known key; did you mean training.learning_rate?"),
        ("learning_rate", "learning_rate is not a known key; did you mean training.learning_rate?"),
        ("training.batch_split", "did you mean training.differential.batch_split?"),
        ("export.zzz", "export.zzz is not a known key; known here are publish_to, after_training"),
        ("a b\n", '["a b\\n"] is not a known key'),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(key: str, expected: str) -> None:
    (sentence,) = sentences(with_value(FULL, key, 1))
    assert expected in sentence


def test_missing_keys_are_named_with_what_they_are_for() -> None:
    assert sentences({}) == [
        "glm_deep is missing: Version of the layout of this file, and what tells it from files of other programs",
        "asset is missing: Name of the character",
        "meshes is missing: The meshes that are learned",
    ]


def test_all_problems_are_reported_at_once() -> None:
    values = with_value(with_value(FULL, "training.learning_rate", 0), "training.differential.epochs", -1)
    values = with_value(with_value(values, "rig_inputs.floats[].min", 3), "asset", 5)
    with pytest.raises(ConfigError) as caught:
        Config.from_json(values)
    assert sorted(problem.split()[0] for problem in caught.value.problems) == [
        "asset",
        "rig_inputs.floats[0].min",
        "training.differential.epochs",
        "training.learning_rate",
    ]
    assert all(problem in str(caught.value) for problem in caught.value.problems)


def test_the_schema_is_a_valid_draft_2020_12_schema_that_knows_defaults_units_and_nothing_else() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    rate = schema["properties"]["training"]["properties"]["learning_rate"]
    assert (rate["type"], rate["default"], rate["exclusiveMinimum"], rate["maximum"]) == ("number", 0.0001, 0, 1)
    epochs = schema["properties"]["training"]["properties"]["differential"]["properties"]["epochs"]
    assert (epochs["type"], epochs["unit"], epochs["minimum"]) == ("integer", "epochs", 0)
    assert schema["required"] == ["glm_deep", "asset", "meshes"]
    for part in (schema, schema["properties"]["meshes"]["items"], schema["properties"]["training"]):
        assert part["additionalProperties"] is False
    assert Draft202012Validator(schema).is_valid(Config.from_json(FULL).to_json())


def test_the_json_of_a_configuration_holds_every_setting_in_the_order_of_declaration() -> None:
    keys = [re.sub(r"\[\d+\]", "[]", dotted(path)) for path, _ in leaves(Config.from_json(FULL).to_json())]
    assert list(dict.fromkeys(keys)) == [field.key for field in fields()]


def test_the_table_has_a_row_for_every_setting_and_bold_keys_for_the_critical_ones() -> None:
    lines = markdown_table().splitlines()
    assert len(lines) == len(fields()) + 2
    (rate,) = [line for line in lines if "`training.learning_rate`" in line]
    assert rate.startswith("| **`training.learning_rate`** | `0.0001` | above 0, at most 1 |  | ")
    assert {line.count(" | ") for line in lines[2:]} == {4}


@settings(deadline=None)
@given(st.lists(st.from_regex(r"[a-z_]{1,8}", fullmatch=True) | st.integers(0, 10**8), min_size=1))
def test_a_dotted_key_reads_back_as_its_path(steps: list[str | int]) -> None:
    path = ("top", *steps)
    assert parsed(dotted(path)) == path


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (-4e14, "-400000000000000"),
        (1e15, "1000000000000000"),
        (1e16, "1e+16"),
        (1e-6, "1e-06"),
        (0.25, "0.25"),
        (3, "3"),
        (True, "true"),
    ],
)
def test_numbers_are_spelled_as_one_writes_them_by_hand(value: object, text: str) -> None:
    assert spelled(value) == shown(value) == text


def test_long_values_are_shortened_in_sentences_but_not_in_files() -> None:
    assert shown("x" * 58) == '"' + "x" * 58 + '"'
    assert shown("x" * 59) == '"' + "x" * 56 + "..."
    assert spelled("x" * 59) == '"' + "x" * 59 + '"'
    assert shown(list(range(20))) == "a list of 20"
    assert shown([1, "a", None]) == '[1, "a", null]'


@pytest.mark.parametrize("key", ["", ".", "a..b", "a.", ".a", "a[", "a[-1]", "a[x]", "[0]", "a b", "a.b "])
def test_what_is_no_dotted_key_is_not_read_as_one(key: str) -> None:
    assert parsed(key) is None


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(FULL)) | st.text(max_size=5), inner)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from([*DESCRIBED, "meshes", "rig_inputs", "rig_inputs.joints", "training", "extraction"]), ANYTHING)
def test_any_value_anywhere_is_a_configuration_or_a_list_of_problems(key: str, value: object) -> None:
    values = with_value(FULL, key, value)
    if not problems_of(values):
        config = Config.from_json(values)
        assert Config.from_json(config.to_json()) == config
    else:
        with pytest.raises(ConfigError):
            Config.from_json(values)


@settings(deadline=None)
@given(ANYTHING)
def test_any_json_is_a_configuration_or_a_configuration_error(value: object) -> None:
    with pytest.raises(ConfigError):
        Config.from_json(value)


@pytest.mark.parametrize("field", [field for field in fields() if field.key != "glm_deep"], ids=lambda field: field.key)
def test_the_hash_and_the_words_follow_what_changes_a_training_and_nothing_else(field: Field) -> None:
    before, after = Config.from_json(FULL), Config.from_json(with_value(FULL, field.key, another_value(field)))
    matters = field.key.startswith(("meshes", "rig_inputs", "training")) and field.key not in (
        "training.cpu_threads",
        "training.device",
    )
    assert (before.settings_hash() != after.settings_hash()) is matters
    assert bool(changed_settings(before.to_json(), after.to_json())) is matters


def test_the_hash_is_the_same_however_the_file_spells_it() -> None:
    spelled = with_value(with_value(LEAST, "training.anchors.percent", 2), "meshes[].linear", "body_linear")
    assert Config.from_json(spelled).settings_hash() == Config.from_json(LEAST).settings_hash()
    assert re.fullmatch(r"[0-9a-f]{64}", Config.from_json(LEAST).settings_hash())


def test_a_changed_setting_is_said_with_both_values() -> None:
    old = Config.from_json(LEAST).to_json()
    new = with_value(with_value(LEAST, "training.seed", 5), "training.pca", {"enabled": False})
    assert changed_settings(old, new) == ["training.pca.enabled was true, is false", "training.seed was 0, is 5"]
    assert changed_settings(old, LEAST) == []


def test_changed_lists_are_told_by_the_names_in_them() -> None:
    joints = [{"name": "arm"}, {"name": "hip"}, {"name": "toe", "parent": "hip"}, {"name": "hand"}]
    new = with_value(FULL, "rig_inputs.joints", joints)
    new = with_value(new, "training.anchors.additional[].vertices", [1, 6])
    assert changed_settings(FULL, new) == [
        'rig_inputs.joints: "knee" is gone',
        'rig_inputs.joints: "arm" is new',
        'rig_inputs.joints[2].parent was "", is "hip"',
        'rig_inputs.joints: "hand" is new',
        "training.anchors.additional[0].vertices was [1, 5], is [1, 6]",
    ]
    swapped = with_value(FULL, "meshes", [{"deformed": "teeth"}, {"deformed": "body"}, {"deformed": "spare"}])
    assert changed_settings(FULL, swapped) == ["meshes: the order changed"]


def test_settings_of_another_version_are_compared_as_well() -> None:
    old = with_value(LEAST, "training.momentum", 0.9)
    assert changed_settings(old, LEAST) == ["training.momentum is gone"]
    assert changed_settings(LEAST, old) == ["training.momentum is new"]


@settings(deadline=None)
@given(ANYTHING, ANYTHING)
def test_any_two_settings_can_be_compared(old: Any, new: Any) -> None:
    sentences_of = changed_settings({"training": old, "meshes": new}, {"training": new, "meshes": old})
    assert all(isinstance(sentence, str) for sentence in sentences_of)
