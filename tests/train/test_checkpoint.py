"""Checkpoints: when they are written, and that a fit goes on from one as if it had never been left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.rundir import MainFolder
from glm_deep.train import checkpoint
from glm_deep.train.checkpoint import Checkpoint, left_behind, read_checkpoint
from glm_deep.train.fit import FitState, Problem, begin, run_epochs
from glm_deep.train.networks import StackedNetworks
from glm_deep.train.schedule import Schedule

SCHEDULE = Schedule(1e-3, 20, 0, 2.0)


def _problem() -> Problem:
    generator = torch.Generator().manual_seed(3)
    x, y = torch.randn(40, 2, generator=generator), torch.randn(40, 3, 4, generator=generator)
    return Problem(x[:30], y[:30], x[30:], y[30:], torch.ones(3))


def _networks(seed: int = 0) -> StackedNetworks:
    return StackedNetworks(np.ones((3, 2), bool), 2, 8, 4, seed)


def _go(state: FitState, problem: Problem, epochs: int) -> None:
    for result in run_epochs(state, problem, SCHEDULE, 4, False, 0, lambda: False):
        if result.epoch == epochs:
            return


def test_a_fit_goes_on_from_a_checkpoint_as_if_it_had_never_been_left(tmp_path: Path) -> None:
    problem = _problem()
    whole = begin(_networks(), problem)
    _go(whole, problem, 20)
    left = begin(_networks(), problem)
    _go(left, problem, 9)
    Checkpoint(tmp_path / "c.npz", "me", lambda epoch: None).save("differential", left, now=True)
    arrays = read_checkpoint(tmp_path / "c.npz", "me")
    assert arrays is not None
    fresh = begin(_networks(seed=5), problem)
    Checkpoint(tmp_path / "d.npz", "me", lambda epoch: None, arrays).restore("differential", fresh)
    assert (fresh.epoch, fresh.best_epoch, fresh.reached) == (9, left.best_epoch, left.reached)
    _go(fresh, problem, 20)
    for (name, one), (_, other) in zip(whole.network.named_parameters(), fresh.network.named_parameters()):
        assert torch.equal(one, other), name
        assert torch.equal(whole.best[name], fresh.best[name])
    assert torch.equal(whole.best_loss, fresh.best_loss)


def test_a_model_that_the_checkpoint_does_not_hold_starts_anew(tmp_path: Path) -> None:
    problem = _problem()
    state = begin(_networks(), problem)
    _go(state, problem, 5)
    Checkpoint(tmp_path / "c.npz", "me", lambda epoch: None).save("differential", state, now=True)
    arrays = read_checkpoint(tmp_path / "c.npz", "me")
    fresh = begin(_networks(), problem)
    before = {name: value.clone() for name, value in fresh.network.named_parameters()}
    Checkpoint(tmp_path / "d.npz", "me", lambda epoch: None, arrays).restore("subspaces", fresh)
    assert fresh.epoch == 0
    assert all(torch.equal(before[name], value) for name, value in fresh.network.named_parameters())


def test_the_state_of_a_model_before_stays_in_the_file(tmp_path: Path) -> None:
    problem, path = _problem(), tmp_path / "c.npz"
    state, later = begin(_networks(), problem), begin(_networks(seed=1), problem)
    _go(state, problem, 5)
    kept = Checkpoint(path, "me", lambda epoch: None)
    kept.save("differential", state, now=True)
    kept.save("subspaces", later, now=True)
    arrays = read_checkpoint(path, "me")
    fresh = begin(_networks(), problem)
    again = Checkpoint(tmp_path / "d.npz", "me", lambda epoch: None, arrays)
    again.restore("differential", fresh)
    assert fresh.epoch == 5
    # a run that was taken up and is killed in its turn keeps what it was taken up from
    again.save("subspaces", later, now=True)
    both = read_checkpoint(tmp_path / "d.npz", "me")
    assert both is not None
    assert {name.partition("/")[0] for name in both} == {"differential", "subspaces"}


def test_a_checkpoint_is_written_when_it_is_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: clock[0])
    told: list[int] = []
    problem = _problem()
    state = begin(_networks(), problem)
    kept = Checkpoint(tmp_path / "c.npz", "me", told.append)
    for seconds, epoch in ((0.0, 1), (14.9, 2), (15.0, 3), (29.9, 4), (30.0, 5)):
        clock[0], state.epoch = 100.0 + seconds, epoch
        kept.save("differential", state)
    assert told == [3, 5]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and nothing else", b"text"])
def test_a_damaged_checkpoint_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.npz").write_bytes(content)
    assert read_checkpoint(tmp_path / "c.npz", "me") is None
    assert read_checkpoint(tmp_path / "missing.npz", "me") is None


def test_a_checkpoint_of_somebody_else_is_none(tmp_path: Path) -> None:
    Checkpoint(tmp_path / "c.npz", "me", lambda epoch: None).save("m", begin(_networks(), _problem()), now=True)
    assert read_checkpoint(tmp_path / "c.npz", "you") is None
    assert read_checkpoint(tmp_path / "c.npz", "me") is not None


def test_a_checkpoint_cannot_carry_code(tmp_path: Path) -> None:
    np.savez(tmp_path / "c.npz", identity=np.array("me"), evil=np.array([{"a": 1}], dtype=object))
    assert read_checkpoint(tmp_path / "c.npz", "me") is None


def test_the_last_unfinished_run_of_an_identity_is_found(tmp_path: Path) -> None:
    main, state = MainFolder(tmp_path), begin(_networks(), _problem())
    for identity in ("me", "me", "you", ""):
        run = main.new_run()
        if identity:
            Checkpoint(run.checkpoint, identity, lambda epoch: None).save("differential", state, now=True)
    for identity, number in (("me", "0002"), ("you", "0003")):
        found = left_behind(main, identity)
        assert found is not None
        assert found.run.name == number
    assert left_behind(main, "nobody") is None
