"""Poses of the arm: unrelated random ones, and continuous clips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_limb.muscles import Motion
from sample_limb.skeleton import TURNS, Turn

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Control:
    """A float control of the rig: its limits, and how random poses are spread over them."""

    name: str
    low: float
    high: float
    usual: float
    spread: float


CONTROLS = (
    Control("biceps_flex", 0.0, 1.0, 0.4, 0.4),
    Control("triceps_flex", 0.0, 1.0, 0.4, 0.4),
    Control("fist", 0.0, 1.0, 0.4, 0.4),
    Control("skin_slide", -1.0, 1.0, 0.0, 0.55),
    Control("veins", 0.0, 1.0, 0.4, 0.4),
)


CHANNELS: tuple[Turn | Control, ...] = (*TURNS, *CONTROLS)
"""All that moves."""


def motion_of(values: Floats) -> Motion:
    """Return the motion whose channels (F, turns + controls) these are."""
    turns = {turn.name: values[:, k] for k, turn in enumerate(TURNS)}
    return Motion(turns, {control.name: values[:, len(TURNS) + k] for k, control in enumerate(CONTROLS)})


def bind_motion(frames: int) -> Motion:
    """Return `frames` frames of the bind pose with every control at 0."""
    return motion_of(np.zeros((frames, len(CHANNELS))))


def random_poses(frames: int, rng: np.random.Generator) -> Motion:
    """Return independent poses: every channel follows a normal distribution cut off at its limits."""
    values = np.empty((frames, len(CHANNELS)))
    for column, channel in zip(values.T, CHANNELS):
        column[:] = rng.normal(channel.usual, channel.spread, frames)
        while (outside := (column < channel.low) | (column > channel.high)).any():
            column[outside] = rng.normal(channel.usual, channel.spread, int(outside.sum()))
    return motion_of(values)


def continuous_clip(frames: int, rng: np.random.Generator) -> Motion:
    """Return a smooth clip in which every channel swings between its limits, each in its own rhythm."""
    time = np.arange(frames) / 60.0
    columns = []
    for channel in CHANNELS:
        slow, quick = rng.uniform(0.6, 1.1), rng.uniform(1.3, 2.0)
        first, second = rng.uniform(0.0, 1.0, 2)
        wave = 0.62 * np.sin(2 * np.pi * (slow * time + first)) + 0.28 * np.sin(2 * np.pi * (quick * time + second))
        columns.append(0.5 * (channel.low + channel.high) + 0.5 * (channel.high - channel.low) * wave)
    return motion_of(np.stack(columns, axis=1))


def joined(first: Motion, second: Motion) -> Motion:
    """Return the frames of both motions, one after the other."""
    return Motion(
        {name: np.concatenate([values, second.angles[name]]) for name, values in first.angles.items()},
        {name: np.concatenate([values, second.controls[name]]) for name, values in first.controls.items()},
    )
