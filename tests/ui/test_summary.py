"""A character at a glance: what there is, and in which words the tab says so."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glm_deep import dio
from glm_deep.bundle import Bundle
from glm_deep.character import Character
from glm_deep.errors import BundleError
from glm_deep.runtime.model import to_bundle
from glm_deep_ui.summary import BROKEN, NO_MODEL, NO_SAMPLES, READY, STALE, Summary, summary_of
from small_model import small_model
from store_frames import add, make_frames

DATE = "2031-05-01 12:30:59 UTC"
VERTICES = {mesh.rest.name: len(mesh.rest.rest) for mesh in make_frames().meshes}


def of_mesh(mean: float, clips: tuple[str, ...] = ("lauf", "sprung", "lauf", "fall")) -> dict[str, Any]:
    """The report of a mesh whose diagonal is two scene units."""
    units = {"mean": mean, "max": 12.3456 * mean}
    return {
        "scene_units": units,
        "percent_of_diagonal": {name: 50.0 * value for name, value in units.items()},
        "worst_frames": [{"clip": clip, "frame": number} for number, clip in enumerate(clips)],
    }


REPORT = {"meshes": {"arm": of_mesh(0.0123456), "Bein 脚": of_mesh(2.0, ())}}


@pytest.fixture(autouse=True)
def _quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for the disk is slow, and what it is for cannot be tested."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def character(tmp_path: Path) -> Character:
    """A character whose file is saved, without samples and model."""
    folder = tmp_path / "Zoë's files"
    folder.mkdir()
    values = {
        "glm_deep": 1,
        "asset": "Zoë",
        "main_directory": "Zoë data",
        "meshes": [{"deformed": "arm"}, {"deformed": "Bein 脚"}],
        "rig_inputs": {
            "floats": [{"name": "smile"}, {"name": "blink"}],
            "joints": [{"name": "a"}, {"name": "b", "parent": "a"}],
        },
    }
    return Character(dio.save(dio.new(folder / "Zoë 1.dio", values)))


@pytest.fixture
def trained(character: Character) -> Callable[..., Character]:
    """A function that gives the character six samples and a model of them, with other facts where they are told."""

    def train(**others: Any) -> Character:
        add(character.store, make_frames(6))
        facts = {
            "date": DATE,
            "frames": 6,
            "partial": False,
            "configuration": character.config.to_json(),
            "fingerprint": character.store.fingerprint,
            "data_hash": character.store.data_hash,
            "report": REPORT,
        }
        to_bundle(small_model(), {**facts, **others}).save(character.model_path)
        return character

    return train


def with_setting(character: Character, key: str, value: Any) -> Character:
    return Character(character.document.with_values({key: value}))


def test_without_samples_they_are_asked_for(character: Character) -> None:
    found = summary_of(character.document)
    assert (found.state, found.frames, found.details, found.report) == (NO_SAMPLES, 0, (), None)
    assert found.vertices == {}
    assert found.headline.startswith("Add samples first")
    assert not character.main.path.exists()


def test_without_a_model_the_training_is_asked_for(character: Character) -> None:
    add(character.store, make_frames(4))
    add(character.store, make_frames(3, seed=1))
    expected = Summary(NO_MODEL, 7, "7 frames are there: press Train Model.", vertices=VERTICES)
    assert summary_of(character.document) == expected


def test_a_model_that_fits_is_ready_and_tells_its_errors(trained: Callable[..., Character]) -> None:
    found = summary_of(trained().document)
    assert found == Summary(READY, 6, "Trained on 6 frames, 2031-05-01 12:30", (), REPORT, VERTICES)


def test_a_model_of_a_stopped_training_says_so(trained: Callable[..., Character]) -> None:
    found = summary_of(trained(partial=True).document)
    assert (found.state, found.headline) == (READY, "Trained on 6 frames, 2031-05-01 12:30 (stopped early)")


def test_a_model_of_before_there_were_partial_ones_is_whole(trained: Callable[..., Character]) -> None:
    character = trained()
    bundle = character.load_model()
    facts = {name: value for name, value in bundle.facts.items() if name != "partial"}
    type(bundle)(facts, bundle.arrays).save(character.model_path)
    assert summary_of(character.document).headline == "Trained on 6 frames, 2031-05-01 12:30"


def test_another_setting_makes_the_model_stale_and_is_named(trained: Callable[..., Character]) -> None:
    character = trained()
    found = summary_of(with_setting(with_setting(character, "training.seed", 5), "training.device", "cpu").document)
    assert (found.state, found.frames, found.report, found.vertices) == (STALE, 6, REPORT, VERTICES)
    assert found.headline == "Trained on 6 frames, 2031-05-01 12:30"
    assert found.details == ("Stale: Seed was 0, is 5.",)


def test_more_samples_make_the_model_stale(trained: Callable[..., Character]) -> None:
    character = trained()
    add(character.store, make_frames(2, seed=1))
    found = summary_of(character.document)
    assert (found.state, found.frames) == (STALE, 8)
    assert found.headline.startswith("Trained on 6 frames")
    assert found.details == ("Stale: the samples have changed: 6 frames then, 8 now.",)


def test_samples_that_are_gone_make_the_model_stale_and_every_reason_is_given(
    trained: Callable[..., Character],
) -> None:
    character = trained()
    character.store.clear()
    found = summary_of(with_setting(character, "training.seed", 5).document)
    assert (found.state, found.frames, found.vertices) == (STALE, 0, {})
    assert found.details == (
        "Stale: Seed was 0, is 5.",
        "Stale: there are no samples any more.",
    )


@pytest.mark.parametrize(
    ("spoilt", "what"),
    [
        (lambda whole: b"", "This is no glm_deep model."),
        (lambda whole: b"something else", "This is no glm_deep model."),
        (lambda whole: whole[: len(whole) // 2], "The model file is cut short or damaged."),
    ],
    ids=["empty", "another file", "half"],
)
def test_a_model_file_that_is_broken_is_said_not_raised(
    trained: Callable[..., Character], spoilt: Callable[[bytes], bytes], what: str
) -> None:
    character = trained()
    character.model_path.write_bytes(spoilt(character.model_path.read_bytes()))
    found = summary_of(character.document)
    assert (found.state, found.headline, found.report) == (BROKEN, what, None)
    where, hint = found.details
    assert where == f"{character.model_path}."
    assert hint[:1].isupper()
    assert hint.endswith(".")
    assert not hint.endswith("..")


def test_an_error_that_knows_no_place_and_no_next_step_has_no_details(
    trained: Callable[..., Character], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: object) -> None:
        raise BundleError("nobody knows")

    monkeypatch.setattr(Bundle, "facts_of", refuse)
    found = summary_of(trained().document)
    assert (found.state, found.headline, found.details) == (BROKEN, "Nobody knows.", ())


@pytest.mark.parametrize("with_model", [True, False])
def test_samples_that_are_broken_are_said_not_raised(trained: Callable[..., Character], with_model: bool) -> None:
    character = trained()
    if not with_model:
        character.model_path.unlink()
    (character.store.folder / "index.json").write_text("{", encoding="utf-8")
    found = summary_of(character.document)
    assert (found.state, found.headline, found.report) == (BROKEN, "The index is damaged.", None)
    assert found.details[0] == f"{character.store.folder / 'index.json'}."
    assert len(found.details) == 2


def test_a_folder_in_the_place_of_the_model_is_no_model(character: Character) -> None:
    add(character.store, make_frames(4))
    character.model_path.mkdir(parents=True)
    assert summary_of(character.document).state == NO_MODEL
