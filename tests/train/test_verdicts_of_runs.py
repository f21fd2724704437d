"""What is said of the curves of a run while it goes, and at its end."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from glm_deep.events import Epoch, Event, Judged
from glm_deep.train import verdicts
from glm_deep.train.verdicts import Verdicts

NO_LOSSES = {"differential": (1.0, 0.01), "subspaces": (1.0, 0.01)}


def _follow(of: Verdicts, model: str, loss: Callable[[int], float], last: int, total: int, first: int = 1) -> None:
    for epoch in range(first, last + 1):
        of.follow(Epoch(model, epoch, total, loss(epoch), loss(epoch), 1e-3))


def _falling(epoch: int) -> float:
    return 0.5 * math.exp(-epoch / 20)


def _flat(epoch: int) -> float:
    return 0.001


def _judged(told: list[Event]) -> list[Judged]:
    return [event for event in told if isinstance(event, Judged)]


def test_every_model_that_was_trained_is_judged_at_the_end() -> None:
    told: list[Event] = []
    of = Verdicts(told.append, 500)
    for model in ("differential", "subspaces"):
        _follow(of, model, _flat, 40, 40)
    found = of.final(NO_LOSSES, False)
    assert {model: verdict["kind"] for model, verdict in found.items()} == {"differential": "good", "subspaces": "good"}
    assert [(each.model, each.verdict, each.live) for each in _judged(told)] == [
        ("differential", "good", False),
        ("subspaces", "good", False),
    ]
    for event in _judged(told):
        verdict = found[event.model]
        assert (event.headline, event.evidence, event.advice) == (
            verdict["headline"],
            verdict["evidence"],
            verdict["advice"],
        )


def test_a_training_that_still_fell_at_its_end_has_not_converged() -> None:
    of = Verdicts(lambda event: None, 500)
    _follow(of, "differential", _falling, 40, 40)
    assert of.final(NO_LOSSES, False)["differential"]["kind"] == "not_converged"


def test_a_training_that_ended_early_by_itself_is_not_told_to_go_on() -> None:
    of = Verdicts(lambda event: None, 500)
    _follow(of, "differential", _falling, 40, 200)
    assert of.final(NO_LOSSES, False)["differential"]["kind"] != "not_converged"


def test_a_training_that_was_stopped_while_it_fell_is_told_to_run_to_its_end() -> None:
    of = Verdicts(lambda event: None, 500)
    _follow(of, "differential", _falling, 40, 200)
    verdict = of.final(NO_LOSSES, True)["differential"]
    assert verdict["kind"] == "not_converged"
    assert "stopped at epoch 40 of 200" in verdict["evidence"]


def test_only_the_model_that_was_trained_last_was_cut_short_by_a_stop() -> None:
    of = Verdicts(lambda event: None, 500)
    _follow(of, "differential", _falling, 40, 200)
    _follow(of, "subspaces", _falling, 30, 60)
    found = of.final(NO_LOSSES, True)
    assert found["differential"]["kind"] != "not_converged"
    assert found["subspaces"]["kind"] == "not_converged"


def test_a_live_verdict_comes_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [50.0]
    monkeypatch.setattr(verdicts.time, "monotonic", lambda: clock[0])
    told: list[Event] = []
    of = Verdicts(told.append, 500)
    for epoch in range(1, 41):
        clock[0] += 1.0
        _follow(of, "differential", _falling, epoch, 200, epoch)
    live = _judged(told)
    assert len(live) == 7  # one in five seconds, the first five seconds after the first epoch
    assert all(each.live for each in live)
    assert live[0].verdict == "too_early"
    # a training that still falls goes well, however high its loss is yet
    assert live[2].verdict == "good"
    assert "it still fell by" in live[-1].evidence


def test_a_live_verdict_warns_of_a_rate_that_is_too_high(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [50.0]
    monkeypatch.setattr(verdicts.time, "monotonic", lambda: clock[0])
    told: list[Event] = []
    of = Verdicts(told.append, 500)
    _follow(of, "differential", lambda epoch: 0.1 * 1.1**epoch, 40, 200)
    clock[0] += 5.0
    _follow(of, "differential", lambda epoch: 0.1 * 1.1**epoch, 41, 200, 41)
    assert [each.verdict for each in _judged(told)] == ["rate_too_high"]


def test_the_loss_before_training_is_held_against_the_best() -> None:
    of = Verdicts(lambda event: None, 500)
    _follow(of, "differential", _flat, 40, 40)
    verdict = of.final({"differential": (0.0005, 0.0005)}, False)["differential"]
    assert "0.0005 at its best before the first epoch" in verdict["evidence"]


@pytest.mark.parametrize(("kept", "left_out"), [(0.0005, True), (0.0004, False)])
def test_networks_that_are_left_out_of_the_model_are_said_to_be(kept: float, left_out: bool) -> None:
    of = Verdicts(lambda event: None, 500)
    _follow(of, "differential", lambda epoch: 0.0005 * 0.99**epoch, 40, 40)
    verdict = of.final({"differential": (0.0005, kept)}, False)["differential"]
    assert ("It is left out of the model" in verdict["evidence"]) is left_out


def test_a_run_without_epochs_has_no_verdict() -> None:
    assert Verdicts(lambda event: None, 500).final(NO_LOSSES, False) == {}
