"""Which inputs move which region, on the command line."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from glm_deep.bundle import Bundle
from glm_deep.commands.region_text import regions_table


def warnings(place: Any, run: str = "0001") -> list[str]:
    return [event["text"] for event in place.events(run) if event["kind"] == "warning"]


def test_info_shows_a_row_for_every_region(trained: Any, glm_deep: Any) -> None:
    found = json.loads(glm_deep("info", trained.conf, "--json").out)["model"]
    assert len(found["regions"]) == len(found["inputs_of_regions"]) == found["report"]["regions"]
    for region in found["regions"]:
        assert (region["mesh"], len(region["centre"])) == ("limb", 3)
    lines = glm_deep("info", trained.conf).out.splitlines()
    head = next(index for index, line in enumerate(lines) if line.split()[:1] == ["region"])
    assert lines[head].split() == ["region", "mesh", "vertices", "where", "moved", "by"]
    for number, (region, inputs) in enumerate(zip(found["regions"], found["inputs_of_regions"])):
        cells = lines[head + 1 + number].split()
        assert cells[:4] == [str(number), "limb", str(region["vertices"]), region["influence"]]
        name, share = next(iter(inputs.items()))
        assert f"{name} {share:.0%}" in lines[head + 1 + number]


def test_a_model_of_a_version_without_places_is_shown_without_them(trained: Any, glm_deep: Any) -> None:
    bundle = Bundle.load(trained.model)
    Bundle({key: value for key, value in bundle.facts.items() if key != "regions"}, bundle.arrays).save(trained.model)
    said = glm_deep("info", trained.conf)
    assert said.code == 0
    assert "fits the samples" in said.out


def test_a_region_without_skinning_is_where_its_centre_is() -> None:
    region = {"mesh": "body", "vertices": 7, "centre": [0.5, -2.0, 13.25], "influence": None}
    told = {**region, "left_out": {"jaw": 0.3, "brow": 0.02}, "suspected": ["jaw"]}
    head, row, suspicion = regions_table([told], [{"smile": 0.75, "blink": 0.25}])
    assert head.split() == ["region", "mesh", "vertices", "where", "moved", "by"]
    assert re.split("  +", row) == ["0", "body", "7", "0.5, -2, 13.25", "smile 75%, blink 25%"]
    assert suspicion.startswith("region 0: ")
    assert suspicion.endswith("jaw 30%")


def test_an_input_that_is_kept_out_wrongly_is_told_at_the_end(imported: Any, glm_deep: Any) -> None:
    imported.edit(training={"relevance": [{"input": "lower", "mesh": "limb", "moves": False}]})
    assert glm_deep("train", imported.conf).code == 0
    told = [text for text in warnings(imported) if "an entry of training.relevance keeps that out" in text]
    assert told
    assert all('mesh "limb", near ' in text and ', partly follows "lower" (' in text for text in told)
    found = json.loads(glm_deep("info", imported.conf, "--json").out)["model"]
    assert all("lower" not in inputs for inputs in found["inputs_of_regions"])
    assert any(region["suspected"] == ["lower"] for region in found["regions"])


def test_a_model_is_stale_when_the_relevance_is_another(trained: Any, glm_deep: Any) -> None:
    trained.edit(training={"relevance": [{"input": "muscle", "mesh": "limb", "moves": True}]})
    assert 'stale: the setting training.relevance: "muscle" is new' in glm_deep("info", trained.conf).out


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"vertices": [0, 180]}, 'the mesh "limb" has no vertex 180: its vertices are 0 to 179'),
        ({"input": "mussel"}, 'training.relevance[0].input is "mussel", which is not an input of this file; '),
        ({"mesh": "limp"}, 'is "limp", which is not a deformed mesh of this file; did you mean "limb"?'),
    ],
)
def test_an_entry_that_cannot_be_meant_begins_no_run(
    entry: dict[str, Any], sentence: str, imported: Any, glm_deep: Any, contents: Any
) -> None:
    imported.edit(training={"relevance": [{"input": "muscle", "mesh": "limb", "moves": True, **entry}]})
    before = contents(imported.folder)
    said = glm_deep("train", imported.conf)
    assert said.code == 1
    assert sentence in said.err
    assert "training.relevance[0]" in said.err
    assert contents(imported.folder) == before
