"""An input that was left out of a region is found by what the model leaves there, and no other is accused."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.config import Relevance
from glm_deep.train.learn import Learned
from glm_deep.train.left_out import LeftOver, left_over
from glm_deep.train.region_facts import region_facts, relevance_warnings
from learning import QUICK, Character, trained

ELBOW_IS_OUT = (Relevance("elbow", "body", (), False),)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """A character as it is, but for some noise that nothing explains."""
    torch.set_num_threads(1)
    return trained(tmp_path_factory.mktemp("plain"), character=Character(frames=120, noise=0.003))[0]


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """The same, with the elbow kept out of everything."""
    torch.set_num_threads(1)
    training = replace(QUICK, relevance=ELBOW_IS_OUT)
    return trained(tmp_path_factory.mktemp("wrong"), training, Character(frames=120, noise=0.003))[0]


def test_nothing_is_suspected_where_nothing_was_left_out(plain: Learned) -> None:
    left = left_over(plain)
    assert [left.suspects(region) for region in range(len(left.share))] == [[]] * len(left.share)
    assert relevance_warnings(plain, left, ()) == []


def test_an_input_that_was_left_out_is_suspected_alone(wrong: Learned) -> None:
    left = left_over(wrong)
    elbow = wrong.prepared.input_names.index("elbow")
    found = [left.suspects(region) for region in range(len(left.share)) if left.suspects(region)]
    assert found
    assert all(suspects == [elbow] for suspects in found)
    assert left.explained[:, elbow].max() > 0.5


def test_shares_of_what_is_left_add_up_to_one(plain: Learned, wrong: Learned) -> None:
    for learned in (plain, wrong):
        assert left_over(learned).share.sum() == pytest.approx(1.0)


def test_what_the_basis_lacks_counts_as_left(plain: Learned) -> None:
    region, *others = plain.solved.regions
    lacking = replace(region, pca=replace(region.pca, left=region.pca.left + 1.0))
    changed = replace(plain, solved=replace(plain.solved, regions=(lacking, *others)))
    assert left_over(changed).share[0] > 0.9 > left_over(plain).share[0]


def planted(learned: Learned, part: float) -> Learned:
    """The same with a residual in region 0 of which `part` follows the square of the first input, kept out of it."""
    solved, prepared = learned.solved, learned.prepared
    first, *others = solved.regions
    count = first.residuals.shape[1]
    value = prepared.x[:, 0].astype(np.float64) ** 2
    errors = np.random.default_rng(0).normal(size=(len(prepared.x), count)) * np.sqrt(1.0 - part)
    errors[:, 0] += np.sqrt(part * count) * (value - value.mean()) / value.std()
    errors *= 100.0
    truth = solved.predict(prepared.x)[:, :count] + errors
    moved = first.moved.copy()
    moved[0] = 0.0
    first = replace(first, residuals=errors[solved.frames], moved=moved, pca=replace(first.pca, coefficients=truth))
    return replace(learned, solved=replace(solved, regions=(first, *others)))


@pytest.mark.parametrize("part", [0.2, 0.6])
def test_the_part_that_an_input_explains_is_told(plain: Learned, part: float) -> None:
    left = left_over(planted(plain, part))
    assert left.share[0] > 0.99
    assert left.explained[0, 0] == pytest.approx(part, abs=0.05)
    assert left.suspects(0) == [0]


def test_a_part_that_chance_explains_as_well_is_no_suspicion() -> None:
    explained = np.array([[0.3, 0.2, 0.06, 0.04]])
    assert LeftOver(np.array([1.0]), explained, np.array([0.0])).suspects(0) == [0, 1, 2]
    assert LeftOver(np.array([1.0]), explained, np.array([0.25])).suspects(0) == [0]


def test_a_region_in_which_little_is_left_is_no_reason_to_warn() -> None:
    explained = np.array([[0.3, 0.2]])
    assert LeftOver(np.array([0.04]), explained, np.array([0.0])).suspects(0) == [0]
    assert LeftOver(np.array([0.02]), explained, np.array([0.0])).suspects(0) == []


def test_an_input_that_counts_in_a_region_is_not_asked(plain: Learned) -> None:
    left = left_over(plain)
    moved = np.array([each.moved for each in plain.solved.regions])
    strongest = moved.argmax(axis=1)
    assert (left.explained[np.arange(len(moved)), strongest] == 0.0).all()


PLACE = r'what the model gets wrong around vertex (\d+) of the mesh "body" partly follows '


def test_a_warning_names_input_place_and_what_to_do(wrong: Learned) -> None:
    left = left_over(wrong)
    own, *_ = relevance_warnings(wrong, left, ELBOW_IS_OUT)
    end = (
        r'"elbow" \((\d+)%\), which hardly counts there; an entry of training\.relevance keeps that out: take it away\.'
    )
    found = re.fullmatch(PLACE + end, own)
    assert found
    vertex, percent = (int(group) for group in found.groups())
    region = next(number for number in range(len(left.share)) if left.suspects(number))
    assert vertex in wrong.solved.regions[region].region.vertices
    explained = left.explained[region, wrong.prepared.input_names.index("elbow")]
    assert percent / 100 == pytest.approx(explained, abs=0.0051)


def test_a_region_gets_a_sentence_for_each_sort_of_what_was_told(plain: Learned) -> None:
    assert plain.prepared.input_names == ("swell", "push", "root", "elbow")
    count = len(plain.solved.regions)
    share, explained = np.zeros(count), np.zeros((count, 4))
    share[0], explained[0] = 1.0, [0.301, 0.2, 0.08, 0.12]
    left = LeftOver(share, explained, np.zeros(count))
    entries = (Relevance("swell", "body", (), False), Relevance("push", "body", (), True))
    more = "extract more frames with such movement"
    add = "or tell of it in training.relevance with moves true"
    first, second, third = relevance_warnings(plain, left, entries)
    for found, end in (
        (
            first,
            '"swell" (30%), which hardly counts there; an entry of training.relevance keeps that out: take it away.',
        ),
        (second, f'"elbow" (12%), "root" (8%), which hardly count there; {more}, {add}.'),
        (third, f'"push" (20%), which hardly counts there; {more}.'),
    ):
        assert re.fullmatch(PLACE + re.escape(end), found)
    (untold,) = relevance_warnings(plain, left, ())
    assert '"swell" (30%), "push" (20%), "elbow" (12%) and 1 more, which hardly count there; ' in untold


def test_facts_tell_where_each_region_is_and_what_moves_it(plain: Learned) -> None:
    facts = region_facts(plain, left_over(plain))
    rest = plain.prepared.source.meshes[0].rest
    assert len(facts["regions"]) == len(facts["inputs_of_regions"]) == len(plain.solved.regions)
    for told, inputs, each in zip(facts["regions"], facts["inputs_of_regions"], plain.solved.regions):
        assert (told["mesh"], told["vertices"]) == ("body", len(each.region.vertices))
        assert told["influence"] is None  # the weights of this character are of nobody by name
        centre = np.average(rest[each.region.vertices], axis=0, weights=each.region.blend)
        np.testing.assert_allclose(told["centre"], centre, rtol=1e-3, atol=1e-6)
        assert 0.9 < sum(inputs.values()) <= 1.001
        assert set(told["left_out"]) <= {"swell", "push", "elbow"}
    assert sum(each["residual"] for each in facts["regions"]) == pytest.approx(1.0, abs=1e-3)


def test_the_check_of_a_wrong_model_reaches_its_facts(wrong: Learned, tmp_path: Path) -> None:
    facts = region_facts(wrong, left_over(wrong))
    suspected = [each for each in facts["regions"] if each["suspected"]]
    assert suspected
    assert all(each["suspected"] == ["elbow"] and each["left_out"]["elbow"] > 0.05 for each in suspected)
