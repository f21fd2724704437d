"""The poses that a sampling goes through, as numbers: which control has which value. Knows nothing of Maya."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

STEPS = 5
"""Values of a control in its sweep, from its lowest to its highest."""
ACTIVE = 1 / 3
"""About this part of the controls leaves its rest in a random pose: all at once is nothing that an artist animates."""

Moves = np.ndarray
"""(P, K, 2): for each of P poses K moves, each the number of a control and its value."""


@dataclass(frozen=True)
class Control:
    """One attribute that is set: from low to high, rest where nothing is posed, all in the units that `setAttr` takes.

    `inputs` are the names, in the configuration, of the inputs that it changes; `whole` where it takes no fractions.
    """

    plug: str
    inputs: tuple[str, ...]
    low: float
    high: float
    rest: float
    whole: bool = False


def make_poses(controls: Sequence[Control], count: int, seed: int = 0, steps: int = STEPS) -> np.ndarray:
    """(count, C) float64 values of the controls, the same for the same seed.

    The rest comes first, then every control alone in steps, then pairs of controls at their ends, then random poses.
    Sweeps take up to half of the poses and pairs up to half of what is left; where there are more, chance chooses.
    Fewer than `count` where no control can move.
    """
    chance = np.random.default_rng(seed)
    rest = rest_of(controls)
    if not list(moves_of(controls, steps)):
        return rest[None][:count]
    made = [rest[None]]
    for structured in (sweeps(controls, steps), pairs(controls)):
        room = (count - sum(map(len, made))) // 2
        made.append(_posed(rest, _some(structured, room, chance)))
    made.append(random_poses(controls, count - sum(map(len, made)), chance))
    return np.concatenate(made)[:count]


def rest_of(controls: Sequence[Control]) -> np.ndarray:
    """(C,) the rest of all controls."""
    return np.array([control.rest for control in controls], np.float64)


def values_of(control: Control, steps: int = STEPS) -> np.ndarray:
    """(n,) the values of a sweep, from low to high, without the rest: n is at most `steps`."""
    values = np.linspace(control.low, control.high, steps)
    if control.whole:
        values = np.unique(values.round())
    return values[values != control.rest] if control.low < control.high else values[:0]


def moves_of(controls: Sequence[Control], steps: int) -> Iterator[tuple[int, float]]:
    """The number of a control and a value of its sweep, control after control."""
    for number, control in enumerate(controls):
        for value in values_of(control, steps):
            yield number, float(value)


def sweeps(controls: Sequence[Control], steps: int = STEPS) -> Moves:
    """(P, 1, 2) every control alone at every value of its sweep."""
    return np.array(list(moves_of(controls, steps)), np.float64).reshape(-1, 1, 2)


def pairs(controls: Sequence[Control]) -> Moves:
    """(P, 2, 2) every two controls at the ends of their limits; an end that is the rest is no move."""
    ends = np.array(list(moves_of(controls, 2)), np.float64).reshape(-1, 2)
    first, second = np.triu_indices(len(ends), 1)
    two = ends[first, 0] != ends[second, 0]
    return np.stack([ends[first[two]], ends[second[two]]], axis=1)


def random_poses(controls: Sequence[Control], count: int, chance: np.random.Generator) -> np.ndarray:
    """(count, C) values, uniform within the limits, of about a third of the controls, at least one; others at rest."""
    limits = np.array([(control.low, control.high) for control in controls])
    size = (max(0, count), len(controls))
    values = chance.uniform(limits[:, 0], limits[:, 1], size)
    whole = np.array([control.whole for control in controls])
    values = np.where(whole, values.round(), values)
    active = chance.random(size) < ACTIVE
    movable = np.flatnonzero(limits[:, 0] < limits[:, 1])
    active[np.arange(len(active)), chance.choice(movable, len(active))] |= ~active[:, movable].any(axis=1)
    found: np.ndarray = np.where(active, values, rest_of(controls))
    return found


def surroundings(controls: Sequence[Control]) -> np.ndarray:
    """(3, C) poses in which a control is tried: all others at rest, at their lowest, and at their highest.

    A control that acts through another one, such as the corrective of two, does nothing while the other is at rest.
    """
    return np.array([[c.rest for c in controls], [c.low for c in controls], [c.high for c in controls]], np.float64)


def _some(moves: Moves, count: int, chance: np.random.Generator) -> Moves:
    """At most so many of them, in their order."""
    if len(moves) <= count:
        return moves
    return moves[np.sort(chance.choice(len(moves), max(0, count), replace=False))]


def _posed(rest: np.ndarray, moves: Moves) -> np.ndarray:
    """(P, C) the rest with the moves of each pose."""
    poses = np.repeat(rest[None], len(moves), axis=0)
    numbers = moves[:, :, 0].astype(int)
    poses[np.arange(len(moves))[:, None], numbers] = moves[:, :, 1]
    return poses
