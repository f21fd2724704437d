"""Motion of many channels: unrelated poses, and clips that flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_variety_kinds.order import Order

Floats = npt.NDArray[np.float64]

FRAMES_PER_SECOND = 24.0
POSES, UNSEEN, ANIMATION = "random_poses", "unseen_poses", "animation"
_CLIP_FRAMES = 100
_UNSEEN_SHARE = 0.3


@dataclass(frozen=True)
class Channels:
    """Limits (C,) and rest values (C,) of what moves, and the share of the channels that move at once."""

    low: Floats
    high: Floats
    rest: Floats
    active: Floats

    @classmethod
    def of(cls, low: Floats, high: Floats, active: float = 1.0) -> Channels:
        """Return channels that rest at 0."""
        return cls(low, high, np.zeros_like(low), np.full_like(low, active))

    def beside(self, other: Channels) -> Channels:
        """Return the channels of both."""
        return Channels(
            np.concatenate([self.low, other.low]),
            np.concatenate([self.high, other.high]),
            np.concatenate([self.rest, other.rest]),
            np.concatenate([self.active, other.active]),
        )


@dataclass(frozen=True)
class Take:
    """The values (F, C) of every channel, and the clip of every frame."""

    values: Floats
    clips: tuple[str, ...]

    def spans(self) -> list[slice]:
        """Return the frames of each clip."""
        starts = [k for k, name in enumerate(self.clips) if k == 0 or name != self.clips[k - 1]]
        return [slice(start, stop) for start, stop in zip(starts, [*starts[1:], len(self.clips)])]


def unrelated_poses(channels: Channels, frames: int, random: np.random.Generator) -> Floats:
    """Return independent poses (F, C): normal distributions about rest, cut off at the limits; some stay at rest."""
    spread = (channels.high - channels.low) / 3.0
    values = random.normal(channels.rest, spread, (frames, len(spread)))
    while (outside := (values < channels.low) | (values > channels.high)).any():
        column = np.nonzero(outside)[1]
        values[outside] = channels.rest[column] + spread[column] * random.normal(size=len(column))
    moving = random.uniform(size=values.shape) < channels.active
    posed: Floats = np.where(moving, values, channels.rest)
    return posed


def flowing_clip(channels: Channels, frames: int, random: np.random.Generator, *, hold: float = 0.0) -> Floats:
    """Return a smooth clip (F, C) in which the active channels swing, each in its own rhythm.

    The last share `hold` of the frames stands still.
    """
    time = np.minimum(np.arange(frames), np.floor((1.0 - hold) * frames))[:, None] / FRAMES_PER_SECOND
    count = len(channels.low)
    slow, quick = random.uniform(0.35, 0.7, count), random.uniform(0.8, 1.3, count)
    first, second = random.uniform(0.0, 2.0 * np.pi, (2, count))
    wave = 0.65 * np.sin(2.0 * np.pi * slow * time + first) + 0.25 * np.sin(2.0 * np.pi * quick * time + second)
    moving = random.uniform(size=count) < channels.active
    swing = 0.5 * (channels.low + channels.high) + 0.5 * (channels.high - channels.low) * wave
    values: Floats = np.where(moving, swing, channels.rest)
    return values


def unrelated_take(order: Order, channels: Channels) -> Take:
    """Return random poses for training, or those of the order; for testing a clip and poses that were never seen."""
    if order.poses is not None:
        values = order.poses(channels.low, channels.high)
        return Take(values, (POSES,) * len(values))
    random = order.random()
    if order.training:
        return Take(unrelated_poses(channels, order.frames, random), (POSES,) * order.frames)
    return _test_take(order, channels, random, 0.0)


def flowing_take(order: Order, channels: Channels, *, hold: float = 0.0) -> Take:
    """Return clips for training; for testing another clip and unrelated poses."""
    random = order.random()
    if not order.training:
        return _test_take(order, channels, random, hold)
    sizes = [len(part) for part in np.array_split(np.arange(order.frames), -(-order.frames // _CLIP_FRAMES))]
    parts = [flowing_clip(channels, size, random, hold=hold) for size in sizes]
    return _take(parts, [f"clip_{number}" for number in range(1, len(parts) + 1)])


def _test_take(order: Order, channels: Channels, random: np.random.Generator, hold: float) -> Take:
    poses = round(_UNSEEN_SHARE * order.frames)
    clip = flowing_clip(channels, order.frames - poses, random, hold=hold)
    return _take([clip, unrelated_poses(channels, poses, random)], [ANIMATION, UNSEEN])


def _take(parts: Sequence[Floats], names: Sequence[str]) -> Take:
    clips = tuple(name for part, name in zip(parts, names) for _ in part)
    return Take(np.concatenate(parts), clips)
