"""What a `.dio` says of which inputs move which vertices."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from glm_deep.config import Config, problems_of
from glm_deep.configuration.changes import changed_settings

HEAD: dict[str, Any] = {
    "glm_deep": 1,
    "asset": "head",
    "meshes": [{"deformed": "face"}, {"deformed": "teeth"}],
    "rig_inputs": {
        "joints": [{"name": "jaw_joint"}],
        "matrices": [{"name": "world"}],
        "floats": [{"name": "jaw_open"}, {"name": "jaw_left"}, {"name": "smile"}],
    },
}


def told(**changes: Any) -> dict[str, Any]:
    """The configuration with one entry."""
    values = copy.deepcopy(HEAD)
    values["training"] = {"relevance": [{"input": "jaw_open", "mesh": "face", "moves": False, **changes}]}
    return values


@pytest.mark.parametrize("name", ["jaw_joint", "world", "jaw_open"])
def test_joints_matrices_and_attributes_can_be_named(name: str) -> None:
    assert not problems_of(told(input=name))


def test_vertices_that_are_left_out_stand_for_the_whole_mesh() -> None:
    (entry,) = Config.from_json(told()).training.relevance
    assert (entry.input, entry.mesh, entry.vertices, entry.moves) == ("jaw_open", "face", (), False)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"input": "jaw_opn"},
            'training.relevance[0].input is "jaw_opn", which is not an input of this file; '
            'did you mean "jaw_open" or "jaw_joint"?',
        ),
        (
            {"input": "tail"},
            'training.relevance[0].input is "tail", which is not an input of this file; '
            "those are listed under rig_inputs",
        ),
        (
            {"mesh": "tooth"},
            'training.relevance[0].mesh is "tooth", which is not a deformed mesh of this file; did you mean "teeth"?',
        ),
        (
            {"vertices": [0, -1]},
            "training.relevance[0].vertices[1] is -1, but must be a whole number, 0 to 2147483647",
        ),
        ({"moves": 1}, "training.relevance[0].moves is 1, but must be true or false"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_said_in_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    assert [problem.sentence for problem in problems_of(told(**changes))] == [sentence]


def test_whether_it_moves_must_be_said() -> None:
    values = told()
    del values["training"]["relevance"][0]["moves"]
    (problem,) = problems_of(values)
    assert problem.sentence.startswith("training.relevance[0].moves is missing: Whether the input moves them")


def test_an_entry_makes_the_model_stale() -> None:
    before, after = Config.from_json(HEAD), Config.from_json(told())
    assert before.settings_hash() != after.settings_hash()
    assert changed_settings(before.to_json(), after.to_json()) == ['training.relevance: "jaw_open" is new']
    other = Config.from_json(told(moves=True))
    assert changed_settings(after.to_json(), other.to_json()) == ["training.relevance[0].moves was false, is true"]
