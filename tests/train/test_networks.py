"""Stacked networks against one network after the other."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from glm_deep.train.assemble import stacked
from glm_deep.train.networks import StackedNetworks

FED = np.array([[True, True, False, True], [False, True, False, False], [True, False, True, True]])


@pytest.fixture
def networks() -> StackedNetworks:
    """Three networks with two hidden layers, whose last layers are not zero."""
    result = StackedNetworks(FED, 2, 5, 3, seed=4)
    random = torch.Generator().manual_seed(1)
    with torch.no_grad():
        result.weights[-1].copy_(torch.randn(3, 5, 3, generator=random))
        result.biases[-1].copy_(torch.randn(3, 1, 3, generator=random))
    return result


def inputs(count: int = 6) -> torch.Tensor:
    return torch.tensor(np.random.default_rng(2).normal(size=(count, 4)), dtype=torch.float32)


def one_by_one(networks: StackedNetworks, x: np.ndarray) -> np.ndarray:
    """(n,P,N) with a loop over the networks and frames."""
    result = []
    weights = [weight.detach().double().numpy() for weight in networks.weights]
    biases = [bias.detach().double().numpy() for bias in networks.biases]
    for row in x.astype(float):
        outputs = []
        for part, fed in enumerate(FED):
            y = row[fed]
            for layer, (weight, bias) in enumerate(zip(weights, biases)):
                y = y @ weight[part][: len(y)] + bias[part, 0]
                if layer + 1 < len(weights):
                    tanh = [math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)) for v in y]
                    y = np.array([0.5 * v * (1 + t) for v, t in zip(y, tanh)])
            outputs.append(y)
        result.append(outputs)
    return np.array(result)


def test_untrained_networks_answer_zero() -> None:
    found = StackedNetworks(FED, 3, 8, 2, seed=0)(inputs())
    assert found.shape == (6, 3, 2)
    assert (found == 0).all()


def test_each_network_answers_as_it_would_alone(networks: StackedNetworks) -> None:
    x = inputs()
    np.testing.assert_allclose(networks(x).detach().numpy(), one_by_one(networks, x.numpy()), atol=1e-5)


def test_the_player_answers_as_the_networks_times_their_scales(networks: StackedNetworks) -> None:
    x, scales = inputs(), np.array([0.5, 2.0, 30.0])
    found = stacked(networks, scales)(x.numpy())
    assert found.dtype == np.float32
    expected = networks(x).detach().numpy() * scales[:, None]
    np.testing.assert_allclose(np.moveaxis(found, 0, 1), expected, rtol=1e-4, atol=1e-5)


def test_some_of_the_networks_of_the_player_answer_as_before(networks: StackedNetworks) -> None:
    player, x = stacked(networks, np.ones(3)), inputs().numpy()
    np.testing.assert_allclose(player.of(np.array([2, 0]))(x), player(x)[[2, 0]], atol=1e-6)


def test_an_input_that_a_network_is_not_fed_with_has_no_influence(networks: StackedNetworks) -> None:
    player = stacked(networks, np.ones(3))
    for value in range(4):
        x = inputs()
        before, played = networks(x), player(x.numpy())
        x[:, value] = 100.0
        after, played_after = networks(x), player(x.numpy())
        for part in range(3):
            same = torch.equal(before[:, part], after[:, part])
            assert same == (not FED[part, value])
            assert np.array_equal(played[part], played_after[part]) == same


def test_networks_that_are_silenced_answer_zero_and_the_others_as_before(networks: StackedNetworks) -> None:
    x = inputs()
    before, weights = networks(x).detach(), [weight.detach().clone() for weight in networks.weights]
    networks.silence(torch.tensor([True, False, True]))
    after = networks(x)
    assert (after[:, [0, 2]] == 0).all()
    assert torch.equal(after[:, 1], before[:, 1])
    assert (before != 0).all()
    for now, then in zip(networks.weights[:-1], weights[:-1]):
        assert torch.equal(now, then)  # so that they can learn again
    networks.silence(torch.tensor([False, False, False]))
    assert torch.equal(networks(x), after)


def test_the_first_weights_follow_the_seed_alone() -> None:
    torch.manual_seed(1)
    first = StackedNetworks(FED, 2, 5, 3, seed=4)
    torch.manual_seed(2)
    again, other = StackedNetworks(FED, 2, 5, 3, seed=4), StackedNetworks(FED, 2, 5, 3, seed=5)
    for index in range(2):
        assert torch.equal(first.weights[index], again.weights[index])
        assert torch.equal(first.biases[index], again.biases[index])
        assert not torch.equal(first.weights[index], other.weights[index])


def test_first_weights_lie_within_the_root_of_the_inputs_of_each_network() -> None:
    found = StackedNetworks(FED, 2, 400, 3, seed=0)
    for part, fed in enumerate(FED.sum(axis=1)):
        assert found.weights[0][part].abs().max().item() == pytest.approx(fed**-0.5, rel=0.02)
        assert found.biases[0][part].abs().max().item() == pytest.approx(fed**-0.5, rel=0.02)
        assert found.weights[1][part].abs().max().item() == pytest.approx(400**-0.5, rel=0.02)


def test_layers_neurons_and_outputs_give_the_shapes() -> None:
    found = StackedNetworks(FED, 3, 7, 2, seed=0)
    assert [tuple(weight.shape) for weight in found.weights] == [(3, 3, 7), (3, 7, 7), (3, 7, 7), (3, 7, 2)]
    assert [tuple(bias.shape) for bias in found.biases] == [(3, 1, 7), (3, 1, 7), (3, 1, 7), (3, 1, 2)]


def test_networks_that_nothing_feeds_are_possible() -> None:
    found = StackedNetworks(np.zeros((2, 3), bool), 1, 4, 1, seed=0)
    assert found(inputs(5)[:, :3]).shape == (5, 2, 1)
