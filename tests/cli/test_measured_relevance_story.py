"""What was measured in the scene, on the command line: trained with, shown, missed and put away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from glm_deep.bundle import Bundle
from glm_deep.dataset.measured_relevance import FILE
from measured import measure

MOVING = {"muscle": 0.3, "lower": 0.3, "crease": 0.0}
LEFT_OUT = "The measured relevance is left out, for "


def warnings(place: Any, run: str = "0001") -> list[str]:
    return [event["text"] for event in place.events(run) if event["kind"] == "warning"]


def stale(place: Any, glm_deep: Any) -> list[str]:
    found: list[str] = json.loads(glm_deep("info", place.conf, "--json").out)["model"]["stale"]
    return found


@pytest.fixture
def with_relevance(imported: Any, glm_deep: Any) -> Any:
    """A character that was trained with what was measured of it: that the crease moves nothing, which is wrong."""
    measure(imported.folder / "samples", MOVING)
    said = glm_deep("train", imported.conf)
    assert said.code == 0, said.err
    return imported


def test_a_training_keeps_out_what_moves_nothing_and_says_where_that_is_wrong(
    with_relevance: Any, glm_deep: Any
) -> None:
    found = json.loads(glm_deep("info", with_relevance.conf, "--json").out)["model"]
    assert all("crease" not in inputs for inputs in found["inputs_of_regions"])
    assert any(region["suspected"] == ["crease"] for region in found["regions"])
    told = [text for text in warnings(with_relevance) if '"crease" (' in text]
    assert told
    for text in told:
        assert "the measured relevance keeps that out: measure again with glmDeepRelevance, or tell of it in" in text


def test_an_entry_of_the_configuration_wins_over_what_was_measured(with_relevance: Any, glm_deep: Any) -> None:
    with_relevance.edit(training={"relevance": [{"input": "crease", "mesh": "limb", "moves": True}]})
    assert glm_deep("train", with_relevance.conf).code == 0
    found = json.loads(glm_deep("info", with_relevance.conf, "--json").out)["model"]
    assert any(inputs.get("crease", 0.0) > 0.1 for inputs in found["inputs_of_regions"])


def test_info_says_of_how_many_inputs_it_was_measured(with_relevance: Any, glm_deep: Any) -> None:
    assert "  relevance: measured of 3 inputs\n" in glm_deep("info", with_relevance.conf).out
    found = json.loads(glm_deep("info", with_relevance.conf, "--json").out)
    assert found["samples"]["relevance"] == "measured of 3 inputs"
    (with_relevance.folder / "samples" / FILE).unlink()
    assert "relevance: " not in glm_deep("info", with_relevance.conf).out


def test_a_model_is_stale_when_something_else_was_measured_since(with_relevance: Any, glm_deep: Any) -> None:
    samples = with_relevance.folder / "samples"
    assert stale(with_relevance, glm_deep) == []
    measure(samples, MOVING)
    assert stale(with_relevance, glm_deep) == []
    measure(samples, {**MOVING, "crease": 0.2})
    assert stale(with_relevance, glm_deep) == ["the relevance has changed: which input moves what was measured again"]
    (samples / FILE).unlink()
    assert stale(with_relevance, glm_deep) == [
        "the relevance has changed: which input moves what is not known any more"
    ]


def test_a_model_without_it_is_stale_once_it_was_measured(trained: Any, glm_deep: Any) -> None:
    assert Bundle.load(trained.model).facts["relevance"] == ""
    measure(trained.folder / "samples", MOVING)
    assert stale(trained, glm_deep) == ["the relevance has changed: which input moves what was measured"]


def test_a_model_of_a_version_before_it_is_as_one_without(trained: Any, glm_deep: Any) -> None:
    bundle = Bundle.load(trained.model)
    facts = {key: value for key, value in bundle.facts.items() if key != "relevance"}
    Bundle(facts, bundle.arrays).save(trained.model)
    assert stale(trained, glm_deep) == []


def test_a_damaged_file_is_said_and_left_out(imported: Any, glm_deep: Any) -> None:
    measure(imported.folder / "samples", MOVING)
    path = imported.folder / "samples" / FILE
    path.write_bytes(path.read_bytes()[:-100])
    assert LEFT_OUT in glm_deep("info", imported.conf).out
    assert glm_deep("train", imported.conf).code == 0
    assert [text for text in warnings(imported) if text.startswith(LEFT_OUT)]
    assert Bundle.load(imported.model).facts["relevance"] == ""


def test_what_the_samples_move_farther_than_it_was_tried_is_named_and_does_not_count(
    imported: Any, glm_deep: Any
) -> None:
    measure(imported.folder / "samples", MOVING, tried=0.5)
    assert glm_deep("train", imported.conf).code == 0
    (told,) = [text for text in warnings(imported) if "farther than they were tried" in text]
    assert told.endswith("so it does not count for them: muscle, lower, crease.")
    found = json.loads(glm_deep("info", imported.conf, "--json").out)["model"]
    assert any(inputs.get("crease", 0.0) > 0.1 for inputs in found["inputs_of_regions"])


def test_clearing_the_samples_puts_it_away_with_them(with_relevance: Any, glm_deep: Any) -> None:
    assert glm_deep("clear", with_relevance.conf, "--samples").code == 0
    assert not (with_relevance.folder / "samples").exists()
    assert (with_relevance.folder / "samples.backup-0001" / FILE).is_file()
