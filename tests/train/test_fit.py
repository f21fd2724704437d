"""The training loop against plain loops, and taken up again."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from glm_deep.train.fit import (
    EpochResult,
    FitState,
    Problem,
    begin,
    best_loss,
    restore_best,
    run_epochs,
)
from glm_deep.train.networks import StackedNetworks
from glm_deep.train.schedule import Schedule

FED = np.array([[True, True, False], [False, True, True]])
SCHEDULE = Schedule(1e-3, 30, 0, 2.0)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def problem(noise: float = 0.0) -> Problem:
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (50, 3))
    y = np.stack([np.sin(3 * x[:, :2]), x[:, 1:] ** 2], axis=1) + noise * random.normal(size=(50, 2, 2))
    tensors = [torch.tensor(values, dtype=torch.float32) for values in (x[:38], y[:38], x[38:], y[38:])]
    return Problem(*tensors, unit=torch.tensor([0.5, 2.0]), floor=0.25, validation_floor=0.125)


def networks(seed: int = 0) -> StackedNetworks:
    return StackedNetworks(FED, 2, 6, 2, seed)


def never() -> bool:
    return False


def run(
    state: FitState, task: Problem, schedule: Schedule = SCHEDULE, early_stop: bool = False, seed: int = 0
) -> list[EpochResult]:
    return list(run_epochs(state, task, schedule, 4, early_stop, seed, never))


def loss_by_hand(network: nn.Module, x: Tensor, y: Tensor) -> list[float]:
    """The mean over the frames of the summed squares, of each part."""
    found = network(x).detach().double().numpy()
    truth = y.double().numpy()
    sums = [0.0, 0.0]
    for frame in range(len(x)):
        for part in range(2):
            sums[part] += sum((found[frame, part, k] - truth[frame, part, k]) ** 2 for k in range(2)) / len(x)
    return sums


def test_the_untrained_network_is_the_best_at_first() -> None:
    task, network = problem(), networks()
    state = begin(network, task)
    first, second = loss_by_hand(network, task.validation_x, task.validation_y)
    assert state.best_loss.tolist() == pytest.approx([first, second], rel=1e-5)
    assert best_loss(state, task) == pytest.approx(0.5 * first + 2.0 * second + 0.125, rel=1e-5)


def test_validation_losses_are_those_after_the_epoch_times_the_units() -> None:
    task, network = problem(), networks()
    for result in run_epochs(begin(network, task), task, SCHEDULE, 4, False, 0, never):
        first, second = loss_by_hand(network, task.validation_x, task.validation_y)
        assert result.validation.tolist() == pytest.approx([0.5 * first, 2.0 * second], rel=1e-4)


def test_the_training_loss_is_the_mean_over_the_frames_before_each_step() -> None:
    task, network = problem(), networks()
    still = replace(SCHEDULE, rate=0.0)
    result = run(begin(network, task), task, still)[0]
    first, second = loss_by_hand(network, task.x, task.y)
    assert result.train.tolist() == pytest.approx([0.5 * first, 2.0 * second], rel=1e-4)


def test_an_epoch_takes_a_step_for_every_batch_at_the_rate_of_the_schedule() -> None:
    """Against AdamW of torch, fed by hand with the frames that the batches hold."""
    task, network = problem(), networks()
    reference = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(reference.parameters(), lr=1.0, weight_decay=0.01)
    schedule = Schedule(1e-3, 2, 0, 2.0)
    results = list(run_epochs(begin(network, task), task, schedule, 4, False, 3, never))
    for epoch in range(2):
        order = torch.randperm(38, generator=torch.Generator().manual_seed(3 * 1_000_003 + epoch))
        for index, rows in enumerate(np.array_split(order.numpy(), 4)):
            optimiser.param_groups[0]["lr"] = schedule.at(epoch + index / 4)
            optimiser.zero_grad()
            error = reference(task.x[rows]) - task.y[rows]
            (error**2).sum().div(len(rows)).backward()
            optimiser.step()
        assert results[epoch].rate == schedule.at(epoch + 3 / 4)
    for found, expected in zip(network.parameters(), reference.parameters()):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("batches", "steps"), [(1, 1), (4, 4), (38, 38), (1000, 38)])
def test_there_are_as_many_steps_as_batches_but_no_more_than_frames(batches: int, steps: int) -> None:
    task = problem()
    state = begin(networks(), task)
    list(run_epochs(state, task, replace(SCHEDULE, epochs=2), batches, False, 0, never))
    assert {int(each["step"]) for each in state.optimiser.state.values()} == {2 * steps}


def test_parts_do_not_influence_one_another() -> None:
    task, other = problem(), problem()
    other.y[:, 1] += 5.0
    first, second = networks(), networks()
    run(begin(first, task), task)
    run(begin(second, other), other)
    for a, b in zip(first.parameters(), second.parameters()):
        torch.testing.assert_close(a[0], b[0], rtol=1e-5, atol=1e-7)
        assert not torch.equal(a[1], b[1])


def test_training_learns() -> None:
    task = problem()
    state = begin(networks(), task)
    before = best_loss(state, task)
    run(state, task, replace(SCHEDULE, epochs=60))
    assert best_loss(state, task) - 0.125 < 0.3 * (before - 0.125)


def test_every_part_keeps_the_state_of_its_best_epoch() -> None:
    task = problem(noise=0.5)
    network = networks()
    schedule = Schedule(1e-2, 40, 0, 2.0)
    untrained = begin(network, task)
    losses = [(untrained.best_loss * task.unit).numpy().copy()]
    states = [[value.detach().clone() for value in network.parameters()]]
    for result in run_epochs(untrained, task, schedule, 4, False, 0, never):
        better = result.validation.numpy() < np.min(losses, axis=0)
        losses.append(result.validation.numpy().copy())
        states.append([value.detach().clone() for value in network.parameters()])
        assert result.better == better.any()
    best = np.argmin(losses, axis=0)
    assert 0 < min(best) < max(best) < 40  # else this test would show nothing
    restore_best(untrained)
    for index, value in enumerate(network.parameters()):
        for part in range(2):
            assert torch.equal(value[part], states[best[part]][index][part])
    assert best_loss(untrained, task) == pytest.approx(float(np.min(losses, axis=0).sum()) + 0.125, rel=1e-5)
    validation = loss_by_hand(network, task.validation_x, task.validation_y)
    assert 0.5 * validation[0] + 2.0 * validation[1] + 0.125 == pytest.approx(best_loss(untrained, task), rel=1e-4)


def hopeless() -> Problem:
    """The validation frames are the negative of what is learned, so every epoch makes it worse."""
    task = problem()
    return replace(task, validation_x=task.x, validation_y=-task.y)


@pytest.mark.parametrize(("epochs", "patience"), [(30, 20), (200, 50)])
def test_an_early_stop_waits_a_quarter_of_the_epochs_but_twenty(epochs: int, patience: int) -> None:
    task = hopeless()
    schedule = Schedule(1e-3, epochs, 0, 2.0)
    assert len(run(begin(networks(), task), task, schedule, early_stop=True)) == patience


def test_falls_too_small_to_wait_for_do_not_put_the_early_stop_off() -> None:
    task = problem()
    state = begin(networks(), task)
    before = best_loss(state, task)
    results = run(state, task, Schedule(2e-7, 30, 0, 2.0), early_stop=True)
    assert all(result.better for result in results[-10:])
    assert 0.999 * before < best_loss(state, task) < before
    assert len(results) == 20


def test_without_early_stop_all_epochs_are_trained() -> None:
    task = hopeless()
    state = begin(networks(), task)
    assert [result.epoch for result in run(state, task)] == list(range(1, 31))
    assert state.best_epoch == 0


def test_a_training_that_gets_better_is_not_stopped_early() -> None:
    task = problem()
    assert len(run(begin(networks(), task), task, early_stop=True)) == 30


def test_a_stop_is_obeyed_before_the_next_epoch() -> None:
    task, done = problem(), []
    for result in run_epochs(begin(networks(), task), task, SCHEDULE, 4, False, 0, lambda: len(done) == 5):
        done.append(result.epoch)
    assert done == [1, 2, 3, 4, 5]


def test_no_epochs_leave_the_network_as_it_is() -> None:
    task, network = problem(), networks()
    state = begin(network, task)
    assert run(state, task, replace(SCHEDULE, epochs=0)) == []
    assert (restore_best(state)(task.x) == 0).all()


def taken_up(state: FitState, task: Problem) -> FitState:
    """A new state with what a checkpoint would hold of `state`."""
    fresh = begin(networks(seed=9), task)
    fresh.network.load_state_dict(copy.deepcopy(state.network.state_dict()))
    fresh.optimiser.load_state_dict(copy.deepcopy(state.optimiser.state_dict()))
    fresh.best, fresh.best_loss = copy.deepcopy(state.best), state.best_loss.clone()
    fresh.reached, fresh.best_epoch, fresh.epoch = state.reached, state.best_epoch, state.epoch
    return fresh


@pytest.mark.parametrize("at", [1, 13, 30])
def test_a_resumed_training_ends_bit_for_bit_where_an_uninterrupted_one_does(at: int) -> None:
    task = problem(noise=0.2)
    whole = begin(networks(), task)
    expected = run(whole, task, early_stop=True)
    part = begin(networks(), task)
    before = []
    for result in run_epochs(part, task, SCHEDULE, 4, True, 0, lambda: len(before) == at):
        before.append(result)
    resumed = taken_up(part, task)
    after = run(resumed, task, early_stop=True)
    assert [result.epoch for result in before + after] == [result.epoch for result in expected]
    for found, wanted in zip(before + after, expected):
        assert torch.equal(found.train, wanted.train)
        assert torch.equal(found.validation, wanted.validation)
    for found_value, wanted_value in zip(resumed.network.parameters(), whole.network.parameters()):
        assert torch.equal(found_value, wanted_value)
    for name, value in whole.best.items():
        assert torch.equal(value, resumed.best[name])
    assert best_loss(resumed, task) == best_loss(whole, task)


def test_a_training_that_was_stopped_early_trains_no_further_when_resumed() -> None:
    task = hopeless()
    state = begin(networks(), task)
    assert len(run(state, task, early_stop=True)) == 20
    assert run(taken_up(state, task), task, early_stop=True) == []


def test_the_order_of_the_frames_follows_the_seed_and_changes_with_the_epoch() -> None:
    task = problem()
    ends = []
    for seed in (0, 0, 1, 2**40):
        network = networks()
        run(begin(network, task), task, replace(SCHEDULE, epochs=1), seed=seed)
        ends.append(torch.cat([value.detach().flatten() for value in network.parameters()]))
    assert torch.equal(ends[0], ends[1])
    assert not torch.equal(ends[0], ends[2])
    assert not torch.equal(ends[2], ends[3])


def test_a_loss_that_is_no_number_is_never_the_best() -> None:
    task = problem()
    broken = replace(task, y=task.y * math.inf)
    state = begin(networks(), broken)
    results = run(state, broken, replace(SCHEDULE, epochs=3))
    assert not any(result.better for result in results)
    assert (restore_best(state)(task.x) == 0).all()


def test_the_time_left_falls_to_nothing() -> None:
    task = problem()
    results = run(begin(networks(), task), task)
    assert results[-1].seconds_left == 0.0
    assert results[0].seconds_left > 0.0
