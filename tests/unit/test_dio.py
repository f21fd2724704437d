"""Reading, checking, migrating and saving `.dio` files."""

from __future__ import annotations

import copy
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glm_deep import dio
from glm_deep.config import Config, Field, fields
from glm_deep.errors import ConfigError, ExitCode
from other_settings import another_value

LEAST: dict[str, Any] = {"glm_deep": 1, "asset": "hero", "meshes": [{"deformed": "body"}]}
FULL: dict[str, Any] = {
    **LEAST,
    "meshes": [{"deformed": "body"}, {"deformed": "teeth"}],
    "rig_inputs": {
        "joints": [{"name": "hip"}, {"name": "knee"}],
        "matrices": [{"name": "world"}],
        "floats": [{"name": "smile"}],
    },
    "training": {
        "anchors": {"additional": [{"mesh": "body", "vertices": []}]},
        "relevance": [{"input": "hip", "mesh": "body", "moves": False}],
    },
}
TEXT = """{
    "asset": "Zoë",
    "glm_deep": 1,
    "training": {"learning_rate": 1e-4, "seed": 3.0},
    "meshes": [
        {"deformed": "body"}
    ],
    "main_directory": "../Zoë data"
}
"""


def written(path: Path, content: str | bytes | dict[str, Any]) -> Path:
    """A file with that content."""
    if isinstance(content, dict):
        content = json.dumps(content, indent=2)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def refusal(path: Path, **options: Any) -> ConfigError:
    """The error that loading a file ends in; the file must be as before."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(ConfigError) as caught:
        dio.load(path, **options)
    assert before is None or path.read_bytes() == before
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == ExitCode.ERROR
    return caught.value


def entry(key: str) -> str:
    """The key of a setting in the only or last entry of each list of FULL."""
    return key.replace("joints[]", "joints[1]").replace("meshes[]", "meshes[1]").replace("[]", "[0]")


def value_of(config: Config, key: str) -> Any:
    """The value of a setting, by its dotted key."""
    value: Any = config.to_json()
    for step in key.replace("]", "").replace("[", ".").split("."):
        value = value[int(step)] if step.isdigit() else value[step]
    return value


@pytest.mark.parametrize("field", fields(), ids=lambda field: field.key)
def test_every_setting_survives_load_save_load(field: Field, tmp_path: Path) -> None:
    key, value = entry(field.key), another_value(field)
    first = dio.load(written(tmp_path / "hero.dio", FULL)).with_values({key: value})
    assert value_of(first.config, key) == value
    assert value != field.default
    saved = dio.save(first)
    second = dio.load(tmp_path / "hero.dio")
    assert second == saved
    assert second.config == first.config
    assert value_of(second.config, key) == value
    assert dio.load(dio.save(second, tmp_path / "copy.dio").path).config == first.config


@pytest.mark.parametrize("field", fields(), ids=lambda field: field.key)
def test_every_setting_can_be_set_from_the_command_line(field: Field, tmp_path: Path) -> None:
    key, value = entry(field.key), another_value(field)
    spelled = value if isinstance(value, str) else json.dumps(value)
    settings = dio.parse_settings([f"{key}={spelled}"])
    assert value_of(dio.new(tmp_path / "hero.dio", FULL).with_values(settings).config, key) == value


def test_the_paths_of_a_document_are_absolute_and_relative_to_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "Zoë's film" / "configs"
    folder.mkdir(parents=True)
    written(folder / "hero.dio", TEXT)
    monkeypatch.chdir(tmp_path)
    document = dio.load(Path("Zoë's film") / "configs" / "hero.dio")
    assert document.path == folder / "hero.dio"
    assert document.main_directory == tmp_path / "Zoë's film" / "Zoë data"
    assert document.resolved("published") == folder / "published"
    assert document.config.asset == "Zoë"


def test_a_file_with_a_byte_order_mark_is_read_and_keeps_it(tmp_path: Path) -> None:
    path = written(tmp_path / "hero.dio", b"\xef\xbb\xbf" + TEXT.encode("utf-8"))
    dio.save(dio.load(path).with_values({"training.seed": 4}))
    assert path.read_bytes() == b"\xef\xbb\xbf" + TEXT.replace("3.0", "4").encode("utf-8")


def test_all_problems_of_a_file_are_reported_at_once_with_file_line_and_key(tmp_path: Path) -> None:
    path = written(
        tmp_path / "hero.dio",
        '{\n"glm_deep": 1,\n"asset": "hero",\n"meshes": [\n{"deformed": "body"},\n{"linear": "x"}],\n'
        '"training": {"learning_rate": 0,\n"seed": 1, "differential": {\n"epochs": -1}, "sead": 5,\n"seed": 2,\n'
        '"anchors": {"additional": [\n{"mesh": "bodi", "vertices": [-1]}]}}}',
    )
    error = refusal(path)
    assert error.what == "The configuration has 7 problems"
    assert list(error.problems) == [
        "hero.dio, line 6: meshes[1].deformed is missing: Mesh at the end of the whole deformer stack: what is learned",
        "hero.dio, line 7: training.learning_rate is 0, but must be a number, above 0, at most 1",
        "hero.dio, line 8: training.seed is given twice, in lines 8 and 10; keep one",
        "hero.dio, line 9: training.differential.epochs is -1, but must be a whole number, 0 to 100000 (epochs)",
        "hero.dio, line 9: training.sead is not a known key; did you mean training.seed?",
        'hero.dio, line 12: training.anchors.additional[0].mesh is "bodi", which is not a deformed mesh of this file; '
        'did you mean "body"?',
        "hero.dio, line 12: training.anchors.additional[0].vertices[0] is -1, but must be a whole number, "
        "0 to 2147483647",
    ]


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_not_finite_are_refused_with_their_line(literal: str, tmp_path: Path) -> None:
    path = written(tmp_path / "hero.dio", TEXT.replace("1e-4", literal))
    (problem,) = refusal(path).problems
    assert problem.startswith("hero.dio, line 4: training.learning_rate is ")
    assert problem.endswith("but must be a finite number")


def test_a_syntax_error_in_our_own_file_is_placed(tmp_path: Path) -> None:
    error = refusal(written(tmp_path / "hero.dio", TEXT.replace("3.0}", "3.0]")))
    assert error.what == "Line 4, column 52 is not JSON: expected a comma or a closing }"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"  \n", "it is empty"),
        (b"<?xml version='1.0'?><glm_deep/>", "it looks like XML"),
        (b"asset: hero\nglm_deep: 1\n", "it is not JSON"),
        (b"\x00\x01\x02\xff\xfe", "it is not text in UTF-8"),
        ('{"glm_deep": 1}'.encode("utf-16"), "it is not text in UTF-8"),
        (b"\x7fELF\x00\x00", "it is not JSON"),
        (b'{"asset": "hero", "meshes": []}', 'it has no key "glm_deep"'),
        (b'{"asset": "hero",}', "it is not JSON (line 1, column 18: the comma before } is one too many)"),
        (b'["glm_deep"]', 'it has no key "glm_deep"'),
        (b'"glm_deep"', 'it has no key "glm_deep"'),
        (b"5", 'it has no key "glm_deep"'),
    ],
)
def test_a_file_of_another_program_is_recognised_as_such(content: bytes, reason: str, tmp_path: Path) -> None:
    error = refusal(written(tmp_path / "other.dio", content))
    assert error.what == f"This is not a glm_deep configuration: {reason}; it may belong to another program"
    assert "glm-deep new" in str(error)
    assert not error.problems


def test_our_own_file_in_another_encoding_is_refused_with_the_line(tmp_path: Path) -> None:
    error = refusal(written(tmp_path / "hero.dio", TEXT.encode("latin-1")))
    assert error.what == "Line 2 holds a byte that is not UTF-8"


def test_a_missing_file_and_a_folder_are_refused_in_words(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.dio").what == "There is no such file"
    assert 'glm-deep new "none.dio"' in str(refusal(tmp_path / "none.dio"))
    assert refusal(tmp_path).what.startswith("The file cannot be read: ")


@pytest.mark.parametrize("version", [2, 2.5, 1e300])
def test_a_file_of_a_newer_version_is_refused_in_words(version: float, tmp_path: Path) -> None:
    error = refusal(written(tmp_path / "hero.dio", {"glm_deep": version, "new_key": {}}))
    assert error.what == (
        f"This configuration was written by a newer glm_deep: its schema version is {version}, "
        "and this one reads up to 1"
    )
    assert error.hint == "Update glm_deep on this machine"
    assert not error.problems


@pytest.mark.parametrize("version", [0, -1, "1", True, None, [1], 0.5])
def test_a_version_that_never_was_is_refused_beside_the_other_problems(version: object, tmp_path: Path) -> None:
    error = refusal(written(tmp_path / "hero.dio", {**LEAST, "glm_deep": version, "asset": 5}))
    assert len(error.problems) == 2
    assert "hero.dio, line 2: glm_deep is " in error.problems[0]
    assert error.problems[0].endswith(", but must be 1")


def renamed(old: str, new: str) -> dio.Migration:
    """A migration that renames a key at the top."""

    def migrate(values: dict[str, Any]) -> dict[str, Any]:
        return {new if key == old else key: value for key, value in values.items()}

    return migrate


MIGRATIONS = {-1: renamed("title", "name"), 0: renamed("name", "asset")}


@pytest.mark.parametrize(("version", "key"), [(-1, "title"), (0, "name"), (1, "asset")])
def test_an_older_file_is_migrated_step_by_step_and_written_only_when_saved(
    version: int, key: str, tmp_path: Path
) -> None:
    text = '{"glm_deep": %d, "%s": "hero",\n  "meshes": [{"deformed" :"body"}]}\n' % (version, key)  # noqa: UP031
    path = written(tmp_path / "hero.dio", text)
    document = dio.load(path, migrations=MIGRATIONS)
    assert document.config.asset == "hero"
    assert document.values == {"glm_deep": 1, "asset": "hero", "meshes": [{"deformed": "body"}]}
    assert path.read_text(encoding="utf-8") == text
    dio.save(document)
    assert dio.load(path).config == document.config
    assert '"meshes": [{"deformed" :"body"}]' in path.read_text(encoding="utf-8")


def test_problems_after_a_migration_are_reported_with_lines(tmp_path: Path) -> None:
    path = written(tmp_path / "hero.dio", '{"glm_deep": 0,\n"name": 5,\n"meshes": []}')
    assert list(refusal(path, migrations=MIGRATIONS).problems) == [
        "hero.dio, line 1: asset is 5, but must be a text in double quotes",
        "hero.dio, line 3: meshes is empty, but must not be",
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_saving_changes_what_was_changed_and_keeps_all_else_as_the_user_wrote_it(newline: str, tmp_path: Path) -> None:
    text = TEXT.replace("\n", newline)
    path = written(tmp_path / "hero.dio", text)
    document = dio.load(path)
    assert dio.save(document).path.read_bytes() == text.encode("utf-8")
    document = document.with_values(
        {"training.seed": 7, "meshes[0].linear": "skin", "training.pca.size": 12, "training.learning_rate": 0.0001}
    )
    dio.save(document)
    expected = text.replace('"seed": 3.0', '"seed": 7, "pca": {!}').replace('"body"', '"body", "linear": "skin"')
    expected = expected.replace("{!}", f'{{{newline}            "size": 12{newline}        }}')
    assert path.read_bytes().decode("utf-8") == expected


def test_a_new_file_is_readable_and_holds_what_was_given_in_order(tmp_path: Path) -> None:
    path = tmp_path / "größe" / "new file.dio"
    path.parent.mkdir()
    document = dio.save(dio.new(path, {**LEAST, "training": {"anchors": {"percent": 5.0}, "seed": 1}}))
    assert path.read_text(encoding="utf-8") == (
        '{\n  "glm_deep": 1,\n  "asset": "hero",\n  "meshes": [\n    {\n      "deformed": "body"\n    }\n  ],\n'
        '  "training": {\n    "anchors": {\n      "percent": 5\n    },\n    "seed": 1\n  }\n}\n'
    )
    assert dio.load(path) == document
    assert [child.name for child in path.parent.iterdir()] == ["new file.dio"]


def test_a_new_file_does_not_replace_one_that_is_there(tmp_path: Path) -> None:
    path = written(tmp_path / "hero.dio", "precious")
    with pytest.raises(ConfigError, match="There is a file of this name already"):
        dio.save(dio.new(path, LEAST))
    with pytest.raises(ConfigError, match="There is a file of this name already"):
        dio.save(dio.new(tmp_path / "other.dio", LEAST), path)
    assert path.read_text(encoding="utf-8") == "precious"
    dio.save(dio.new(path, LEAST), overwrite=True)
    assert dio.load(path).config.asset == "hero"


def test_a_file_that_somebody_else_changed_is_not_overwritten_unless_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path / "hero.dio", TEXT)
    document = dio.load(path).with_values({"training.seed": 8})
    written(path, TEXT + " ")
    with pytest.raises(ConfigError, match="changed by somebody else since it was loaded"):
        dio.save(document)
    assert path.read_text(encoding="utf-8") == TEXT + " "
    assert dio.load(dio.save(document, overwrite=True).path).config.training.seed == 8


def test_a_document_can_be_saved_again_after_it_was_saved(tmp_path: Path) -> None:
    document = dio.load(written(tmp_path / "hero.dio", TEXT))
    for seed in (8, 9):
        document = dio.save(document.with_values({"training.seed": seed}))
    assert dio.load(document.path).config.training.seed == 9


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize(
    "interruption", [KeyboardInterrupt("No space left on device"), OSError(28, "No space left on device")]
)
def test_an_interrupted_save_leaves_the_old_file_and_nothing_else(
    step: str, interruption: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "hero.dio", TEXT)
    document = dio.load(path).with_values({"training.seed": 8})

    def interrupted(*_: object) -> None:
        raise interruption

    monkeypatch.setattr(os, step, interrupted)
    expected = KeyboardInterrupt if isinstance(interruption, KeyboardInterrupt) else ConfigError
    with pytest.raises(expected, match="No space left on device"):
        dio.save(document)
    monkeypatch.undo()
    assert path.read_text(encoding="utf-8") == TEXT
    assert list(tmp_path.iterdir()) == [path]


def test_a_save_into_a_missing_folder_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="The configuration cannot be written: "):
        dio.save(dio.new(tmp_path / "missing" / "hero.dio", LEAST))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions and asks for rights to make links")
def test_saving_keeps_permissions_and_links(tmp_path: Path) -> None:
    path = written(tmp_path / "hero.dio", TEXT)
    path.chmod(0o640)
    link = tmp_path / "link.dio"
    link.symlink_to(path)
    dio.save(dio.load(link).with_values({"training.seed": 8}))
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert dio.load(path).config.training.seed == 8


def test_other_values_give_another_document_and_leave_the_first_as_it_was() -> None:
    document = dio.new("hero.dio", FULL)
    vertices = [1, 2]
    settings = {"training.anchors.additional[0].vertices": vertices, "extraction.step": 0.5}
    other = document.with_values(settings)
    vertices.append(3)
    assert other.config.training.anchors.additional[0].vertices == (1, 2)
    assert other.values["training"]["anchors"]["additional"][0]["vertices"] == [1, 2]
    assert other.config.extraction.step == 0.5
    assert document.values == FULL
    assert document.settings_hash() != other.settings_hash()


def test_other_values_are_checked_together() -> None:
    document = dio.new("hero.dio", FULL)
    settings = {
        "training.learning_rat": 0.1,
        "training.learning_rate": 0,
        "training..seed": 1,
        "training.seed.start": 1,
        "meshes[2].deformed": "x",
        "meshes.deformed": "x",
        "training[0]": 1,
        "rig_inputs.floats[0].min": "low",
    }
    with pytest.raises(ConfigError) as caught:
        document.with_values(settings)
    assert list(caught.value.problems) == [
        "training.learning_rat is not a known key; did you mean training.learning_rate?",
        '"training..seed" is not a key; keys look like training.seed or meshes[0].deformed',
        "training.seed.start does not exist, for training.seed is a single value",
        "meshes[2] does not exist, for meshes is a list of 2",
        "meshes is a list; name one entry, as in meshes[0]",
        "training is no list, so that training[0] does not exist",
        'rig_inputs.floats[0].min is "low", but must be a number or null',
        "training.learning_rate is 0, but must be a number, above 0, at most 1",
    ]


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("training.seed=5", "training.seed", 5),
        (" training.seed = 5 ", "training.seed", 5),
        ("training.learning_rate=1e-3", "training.learning_rate", 0.001),
        ("training.pca.enabled=false", "training.pca.enabled", False),
        ("training.device=cpu", "training.device", "cpu"),
        ('training.device="cpu"', "training.device", "cpu"),
        ("asset=007", "asset", "007"),
        ("asset=5", "asset", "5"),
        ("asset=a=b", "asset", "a=b"),
        ("export.publish_to=", "export.publish_to", ""),
        ("export.after_training=none", "export.after_training", "none"),
        ("playing.back_end=torch-fp16", "playing.back_end", "torch-fp16"),
        ("rig_inputs.floats[2].max=null", "rig_inputs.floats[2].max", None),
        ('training.pca={"size": 4}', "training.pca", {"size": 4}),
    ],
)
def test_a_setting_on_the_command_line_is_json_or_plain_text(text: str, key: str, value: object) -> None:
    assert dio.parse_setting(text) == (key, value)


def test_problems_of_several_settings_on_the_command_line_are_reported_together() -> None:
    single = ["training.sead=5", "training.seed=-1", "training.early_stop=True", "seed", "a b=1", "asset=hero"]
    single.append("training.pca={'size': 4}")
    with pytest.raises(ConfigError) as caught:
        dio.parse_settings([*single, "training.learning_rate=NaN", "extraction.step=" + "[" * 500])
    assert list(caught.value.problems) == [
        "training.sead is not a known key; did you mean training.seed?",
        "training.seed is -1, but must be a whole number, 0 to 4294967295",
        'training.early_stop is "True", but must be true or false',
        '"seed" is not KEY=VALUE, as in training.seed=5',
        '"a b" is not a key; keys look like training.seed or meshes[0].deformed',
        "training.pca is \"{'size': 4}\", but must be an object in braces",
        "training.learning_rate is NaN, but must be a finite number",
        f'extraction.step is "{"[" * 56}..., but must be a number, above 0 (frames)',
    ]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that every example of a test may overwrite."""
    return tmp_path_factory.mktemp("any") / "any.dio"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*FULL, "name", "mesh"]) | st.text(max_size=5), inner)
    ),
    max_leaves=8,
)


def loads_or_is_refused(path: Path, content: bytes) -> None:
    """Loading ends in a document or a `ConfigError`; a document is saved as what it is."""
    path.write_bytes(content)
    try:
        dio.save(dio.load(path))
    except ConfigError as error:
        str(error).encode("utf-8")  # it can be printed
    assert path.read_bytes() == content


@settings(deadline=None)
@given(ANYTHING)
def test_any_json_is_loaded_or_refused(scratch: Path, value: object) -> None:
    loads_or_is_refused(scratch, json.dumps(value).encode("utf-8"))


@settings(deadline=None)
@given(st.sampled_from([*(entry(field.key) for field in fields()), *FULL]), ANYTHING)
def test_our_file_with_anything_anywhere_is_loaded_or_refused(scratch: Path, key: str, value: object) -> None:
    values: Any = copy.deepcopy(FULL)
    holder = values
    steps = [int(step) if step.isdigit() else step for step in key.replace("]", "").replace("[", ".").split(".")]
    for step in steps[:-1]:
        holder = holder.setdefault(step, {}) if isinstance(step, str) else holder[step]
    holder[steps[-1]] = value
    loads_or_is_refused(scratch, json.dumps(values).encode("utf-8"))


@settings(deadline=None)
@given(st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_loaded_or_refused(scratch: Path, content: bytes) -> None:
    loads_or_is_refused(scratch, content)


@settings(deadline=None)
@given(st.integers(0, len(TEXT)), st.integers(0, 12), st.text('{}[]",:\\ 1e\n\ud800', max_size=3))
def test_our_file_with_a_damaged_place_is_loaded_or_refused(scratch: Path, start: int, count: int, put: str) -> None:
    damaged = TEXT[:start] + put + TEXT[start + count :]
    loads_or_is_refused(scratch, damaged.encode("utf-8", "surrogatepass"))
