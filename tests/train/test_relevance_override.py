"""What the configuration tells of inputs and vertices is kept to, whatever the samples say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.config import Relevance
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import Stacked
from glm_deep.train.learn import Learned
from glm_deep.train.left_out import left_over
from glm_deep.train.prepare import Prepared, prepare
from glm_deep.train.region_facts import relevance_warnings
from glm_deep.train.regions import Region
from glm_deep.train.relevance import relevant_inputs
from glm_deep.train.told import starting_shares, told_at, told_of_regions, without_effect
from learning import COLUMNS, QUICK, ROWS, Character, trained

INPUTS = ("swell", "push", "root", "elbow")
FAR_END = tuple(range(6 * COLUMNS, (ROWS + 2) * COLUMNS))  # beyond the middle of the tube, and the ring


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Two meshes of 196 vertices, "body" and "sleeve", and the inputs of `INPUTS`."""
    source = Character(meshes=("body", "sleeve")).source()
    return prepare(source, 0.1, 0, tmp_path_factory.mktemp("work"), lambda done, total: None, lambda: False)


def region(first: int, last: int, mesh: int = 0, shares: float = 1.0) -> Region:
    return Region(mesh, np.arange(first, last), np.full(last - first, shares), np.array([0]))


def keeps_out(name: str, vertices: tuple[int, ...] = (), mesh: str = "body") -> Relevance:
    return Relevance(name, mesh, vertices, False)


def lets_in(name: str, vertices: tuple[int, ...] = (), mesh: str = "body") -> Relevance:
    return Relevance(name, mesh, vertices, True)


def test_an_entry_is_about_its_vertices_of_its_mesh_or_about_all_of_them(ready: Prepared) -> None:
    of_mesh = (np.array([3, 5, 9]), np.array([3, 4]))
    found = told_at(ready, (keeps_out("push", (5, 9, 100)), lets_in("elbow", mesh="sleeve")), of_mesh)
    expected = np.zeros((5, 4))
    expected[1:3, 1] = -1
    expected[3:, 3] = 1
    np.testing.assert_array_equal(found, expected)


def test_the_last_entry_about_an_input_counts(ready: Prepared) -> None:
    entries = (keeps_out("push"), lets_in("push", (5,)))
    assert told_at(ready, entries, (np.array([4, 5]), np.array([], int)))[:, 1].tolist() == [-1, 1]
    both = (region(0, 20), region(0, 20, mesh=1))
    assert told_of_regions(ready, entries, both)[:, 1].tolist() == [1, 0]
    assert told_of_regions(ready, entries[::-1], both)[:, 1].tolist() == [-1, 0]


def test_an_input_is_kept_out_of_regions_that_are_mostly_the_named_vertices(ready: Prepared) -> None:
    entries = (keeps_out("swell", tuple(range(100, 140))),)
    regions = (region(100, 140), region(121, 160), region(120, 160), region(140, 196))
    assert told_of_regions(ready, entries, regions)[:, 0].tolist() == [-1, 0, 0, 0]
    faded = Region(0, np.arange(130, 150), np.repeat([0.9, 0.1], 10), np.array([0]))
    assert told_of_regions(ready, entries, (faded,))[0, 0] == -1


def test_an_input_is_let_into_every_region_with_a_tenth_of_the_named_vertices(ready: Prepared) -> None:
    entries = (lets_in("swell", tuple(range(100, 140))),)
    regions = (region(0, 196), region(136, 190), region(135, 190), region(0, 100))
    assert told_of_regions(ready, entries, regions)[:, 0].tolist() == [1, 0, 1, 0]


def test_the_search_begins_as_told(ready: Prepared) -> None:
    moved = np.array([[5.0, 0.5, 0.0, 2.0]])
    told = np.array([[-1, 1, 0, 0]], np.int8)
    found = starting_shares(ready, (region(0, 196),), moved, told)[0]
    assert found[0] == 0.0  # exactly, for nothing but 0 stays out
    np.testing.assert_allclose(found[[1, 3]], [2.0, 2.0])
    assert 0.0 < found[2] < 1e-200


def test_networks_are_fed_as_told() -> None:
    moved = np.array([[100.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    told = np.array([[-1, 0, 0, 1], [-1, 0, 0, 0]], np.int8)
    assert relevant_inputs(moved, np.ones(4, int), told).tolist() == [[False, True, False, True], [False] * 4]


def test_an_entry_that_is_about_less_than_half_of_every_region_is_named(ready: Prepared) -> None:
    entries = (keeps_out("push"), keeps_out("elbow", (0, 1)), keeps_out("push", (7,), "sleeve"))
    regions = (region(0, 100), region(0, 196, mesh=1))
    first, second = without_effect(ready, entries, regions)
    assert first.startswith('training.relevance[1] keeps "elbow" out of no region of the mesh "body", ')
    assert first.endswith("name more of the vertices around them.")
    assert second.startswith("training.relevance[2]")


def test_an_entry_whose_vertices_are_less_than_a_tenth_in_every_region_lets_nothing_in_and_is_named(
    ready: Prepared,
) -> None:
    regions = [region(first, first + 16) for first in range(0, 192, 16)]
    scattered = tuple(range(0, 192, 16))
    entries = (lets_in("elbow", scattered[:9]), lets_in("push", scattered))
    (found,) = without_effect(ready, entries, regions)
    assert found.startswith('training.relevance[1] lets "push" into no region of the mesh "body", ')
    assert found.endswith("less than a tenth of them in any: name vertices that lie together.")
    told = told_of_regions(ready, entries, regions)
    assert (told[:, INPUTS.index("elbow")].sum(), told[:, INPUTS.index("push")].any()) == (9, False)


def with_another(learned: Learned, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(F,V,3) offsets as they are, and with the values that another frame has of one input."""
    x = learned.prepared.x
    other = x.copy()
    columns = learned.prepared.groups == learned.prepared.input_names.index(name)
    assert columns.any()
    other[:, columns] = np.roll(x, 7, axis=0)[:, columns]
    play = Evaluator(learned.model)
    return play.offsets_of(x)[0], play.offsets_of(other)[0]


@pytest.mark.usefixtures("_held_back")
def test_an_input_that_is_kept_out_of_the_mesh_changes_nothing(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path, replace(QUICK, relevance=(keeps_out("elbow"),)))
    before, after = with_another(learned, "elbow")
    np.testing.assert_array_equal(before, after)
    before, after = with_another(learned, "push")
    assert np.abs(before - after).max() > 0.01


@pytest.mark.usefixtures("_held_back")
def test_an_input_that_is_kept_out_of_some_vertices_moves_the_others(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path, replace(QUICK, relevance=(keeps_out("swell", FAR_END),)))
    before, after = with_another(learned, "swell")
    np.testing.assert_array_equal(before[:, 9 * COLUMNS : ROWS * COLUMNS], after[:, 9 * COLUMNS : ROWS * COLUMNS])
    plain, _ = trained(tmp_path)
    before, after = with_another(plain, "swell")
    assert np.abs(before - after)[:, 9 * COLUMNS : ROWS * COLUMNS].max() > 0.01


def test_a_region_that_every_input_is_kept_out_of_is_played_as_its_mean(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path, replace(QUICK, relevance=tuple(keeps_out(name) for name in INPUTS)))
    found = Evaluator(learned.model).offsets_of(learned.prepared.x)[0]
    truth = learned.prepared.targets.offsets[0]
    assert np.ptp(found, axis=0).max() < 1e-3 * np.abs(truth).max()
    assert np.abs(found[0] - truth.mean(axis=0)).max() < 0.2 * np.abs(truth - truth.mean(axis=0)).max()


def fed_with(networks: Stacked, value: int) -> np.ndarray:
    """(P,) whether each network sees an input value."""
    seen = (networks.layers[0][0] != 0).any(axis=2)
    return np.asarray(((networks.inputs == value) & seen).any(axis=1))


def test_an_input_that_is_told_to_move_feeds_every_network_there(tmp_path: Path) -> None:
    near_end = tuple(range(3 * COLUMNS))
    fed = []
    for entries in ((), (lets_in("push", near_end),)):
        learned, _ = trained(tmp_path, replace(QUICK, relevance=entries))
        (value,) = np.flatnonzero(learned.prepared.groups == INPUTS.index("push"))
        here = [np.isin(near_end, each.vertices).mean() > 0.5 for each in learned.model.regions]
        of_regions = fed_with(learned.model.differential, value)[here]
        of_anchors = fed_with(learned.model.subspaces, value)[learned.model.meshes[0].anchors < len(near_end)]
        assert len(of_regions) == 1
        assert len(of_anchors) > 1
        fed.append((of_regions.any(), of_anchors.any(), of_regions.all(), of_anchors.all()))
    assert fed == [(False, False, False, False), (True, True, True, True)]


def test_a_training_warns_of_an_entry_without_effect(tmp_path: Path) -> None:
    entries = (keeps_out("push", (0,)),)
    learned, _ = trained(tmp_path, replace(QUICK, relevance=entries))
    (warning,) = relevance_warnings(learned, left_over(learned), entries)
    assert warning.startswith('training.relevance[0] keeps "push" out of no region')
