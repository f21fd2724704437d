"""Rig inputs to a feature vector: the one place of normalisation.

One *input* is a float control, a joint or a matrix; it has one or more *values*: a float one, a joint or a matrix
twelve, the top three rows of its matrix, row after row. Column vectors (`p' = M p`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from glm_deep.errors import DataError

FLOAT, ROTATION, TRANSLATION = 0, 1, 2
"""Kinds of values: a float control; a rotation, scale or shear entry of a matrix; a translation entry of a matrix."""

CONSTANT = 1e-6
"""A value whose range is at most this part of the scale of its kind is constant."""

_ENTRIES = tuple(f"m{row}{column}" for row in range(3) for column in range(4))
_ENTRY_KINDS = tuple(TRANSLATION if column == 3 else ROTATION for row in range(3) for column in range(4))


@dataclass(frozen=True, eq=False)
class InputLayout:
    """Which inputs a rig has, and their rest.

    Attributes:
        float_names: K names.
        float_limits: (K, 2) float64 lower and upper limit, NaN where not given.
        joint_names: J names.
        joint_parents: (J,) int32 joint number of the parent, -1 for a root; in any order.
        joint_rest: (J, 4, 4) float64 world matrices at bind.
        matrix_names: Q names.
    """

    float_names: tuple[str, ...]
    float_limits: np.ndarray
    joint_names: tuple[str, ...]
    joint_parents: np.ndarray
    joint_rest: np.ndarray
    matrix_names: tuple[str, ...]

    @property
    def group_names(self) -> tuple[str, ...]:
        """The names of the inputs: floats, then joints, then matrices."""
        return self.float_names + self.joint_names + self.matrix_names

    @property
    def value_names(self) -> tuple[str, ...]:
        """The name of every value, such as `smile_L` or `jaw.m01`."""
        matrices = self.joint_names + self.matrix_names
        return self.float_names + tuple(f"{name}.{entry}" for name in matrices for entry in _ENTRIES)

    @property
    def value_groups(self) -> np.ndarray:
        """(I,) int32, the number of the input that each value belongs to."""
        floats = len(self.float_names)
        matrices = np.arange(floats, len(self.group_names))
        return np.concatenate([np.arange(floats), np.repeat(matrices, len(_ENTRIES))]).astype(np.int32)

    @cached_property
    def inverse_rest_local(self) -> np.ndarray:
        """(J, 4, 4) `inv(inv(parent_rest) rest)`, or `inv(rest)` for a root; worked out once.

        Raises:
            DataError: a joint cannot be inverted at bind.
        """
        rest, parents = np.asarray(self.joint_rest, np.float64), np.asarray(self.joint_parents)
        children = np.flatnonzero(parents >= 0)
        inverse = _inverse(rest, self.joint_names)
        inverse[children] = inverse[children] @ rest[parents[children]]
        return inverse

    @property
    def value_kinds(self) -> np.ndarray:
        """(I,) int32: FLOAT, ROTATION or TRANSLATION."""
        matrices = len(self.joint_names) + len(self.matrix_names)
        return np.array((FLOAT,) * len(self.float_names) + _ENTRY_KINDS * matrices, np.int32)


@dataclass(frozen=True, eq=False)
class InputFrames:
    """The inputs of F frames.

    Attributes:
        floats: (F, K) float64.
        joints: (F, J, 4, 4) float64 world matrices relative to the placement of the character.
        matrices: (F, Q, 4, 4) float64.
    """

    floats: np.ndarray
    joints: np.ndarray
    matrices: np.ndarray


def raw_values(layout: InputLayout, frames: InputFrames, first: int = 0) -> np.ndarray:
    """All values of the inputs before scaling.

    Args:
        layout, frames: of the inputs. first: number of the first frame, for what is said of a wrong one.

    A float stays as it is. A joint is `inv(rest_local) inv(parent_world) world - identity`, so that it is zero at
    bind and moves with nothing but itself. A matrix stays as it is.

    Returns:
        (F, I) float64 in the inputs' own units.

    Raises:
        DataError: a parent joint cannot be inverted, for instance because it is scaled to zero.
    """
    count = len(frames.floats)
    parts = [np.asarray(frames.floats, np.float64)]
    if layout.joint_names:
        local = _local(layout, np.asarray(frames.joints, np.float64), first)
        relative = layout.inverse_rest_local @ local - np.eye(4)
        parts.append(relative[:, :, :3, :].reshape(count, 12 * len(layout.joint_names)))
    if layout.matrix_names:
        matrices = np.asarray(frames.matrices, np.float64)
        parts.append(matrices[:, :, :3, :].reshape(count, 12 * len(layout.matrix_names)))
    return np.concatenate(parts, axis=1)


def _local(layout: InputLayout, world: np.ndarray, first: int) -> np.ndarray:
    """World matrices (n, J, 4, 4) relative to their parents' ones."""
    parents = np.asarray(layout.joint_parents)
    children = np.flatnonzero(parents >= 0)
    used = np.unique(parents[children])
    inverse = np.empty_like(world)
    inverse[:, used] = _inverse(world[:, used], [layout.joint_names[joint] for joint in used], first)
    local: np.ndarray = world.copy()
    local[:, children] = inverse[:, parents[children]] @ world[:, children]
    return local


def _inverse(matrices: np.ndarray, names: Sequence[str], first: int = 0) -> np.ndarray:
    """Inverses of (..., J, 4, 4) matrices; the joint is named when there is none."""
    try:
        inverse: np.ndarray = np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        inverse = np.full_like(matrices, np.nan)
        regular = np.abs(np.linalg.det(matrices)) > 0
        inverse[regular] = np.linalg.inv(matrices[regular])
    singular = ~np.isfinite(inverse).all(axis=(-2, -1))
    if singular.any():
        where = np.argwhere(singular)[0]
        frame = f" in frame {first + where[0]}" if len(where) == 2 else " at bind"
        raise DataError(
            f'the matrix of joint "{names[where[-1]]}"{frame} cannot be inverted',
            hint="Give the joint a scale other than zero on every axis",
        )
    return inverse


@dataclass(frozen=True, eq=False)
class InputStatistics:
    """How raw values become features; learned from the training frames and stored with the model.

    Attributes:
        kept: (I,) bool, False for values that are constant and therefore dropped.
        centre: (I',) float64, subtracted from the kept values.
        scale: (I',) float64, what the kept values are then divided by.
        low, high: (I,) float64, the range of the training frames.
        width: (I,) float64, that of the range, but not less than the scale, and for a constant value that of its kind.
    """

    kept: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    low: np.ndarray
    high: np.ndarray
    width: np.ndarray

    @classmethod
    def fit(cls, layout: InputLayout, raw: np.ndarray) -> InputStatistics:
        """The scaling that suits `raw`, (F, I) from `raw_values`.

        Floats go to [-1, 1] by their limits where those are given and contain the data, else by the range of the
        data. Matrix entries are centred at their mean; all rotation entries share one scale, the rms about their
        means, and so do all translation entries, so that no unit of length matters.
        """
        kinds = layout.value_kinds
        low, high = raw.min(axis=0), raw.max(axis=0)
        natural = _natural_scales(layout, raw)
        kept = high - low > CONSTANT * natural
        centre, scale = raw.mean(axis=0), np.ones(raw.shape[1])
        floats = kinds == FLOAT
        centre[floats], scale[floats] = _float_scaling(layout.float_limits, low[floats], high[floats])
        for kind in (ROTATION, TRANSLATION):
            chosen = kept & (kinds == kind)
            if chosen.any():
                scale[chosen] = np.sqrt(np.mean((raw[:, chosen] - centre[chosen]) ** 2))
        natural[natural == 0] = 1.0
        width = np.where(kept, np.maximum(high - low, scale), natural)
        return cls(kept, centre[kept], scale[kept], low, high, width)

    def beyond(self, raw: np.ndarray) -> np.ndarray:
        """How far raw values (F, I) are outside the range of the training, in parts of its width: (F, I), 0 inside."""
        outside: np.ndarray = np.maximum(np.maximum(self.low - raw, raw - self.high), 0.0) / self.width
        return outside

    def held(self, raw: np.ndarray, slack: float) -> np.ndarray:
        """Raw values (F, I), moved to where they are no more than `slack` widths outside the range of the training."""
        held: np.ndarray = np.clip(raw, self.low - slack * self.width, self.high + slack * self.width)
        return held

    def apply(self, raw: np.ndarray) -> np.ndarray:
        """The features of raw values (F, I): (F, I') float32 without unit.

        Raises:
            DataError: `raw` has another number of values than the statistics.
        """
        if raw.ndim != 2 or raw.shape[1] != len(self.kept):
            raise DataError(
                f"the inputs have {raw.shape[-1]} values but the model was made for {len(self.kept)}",
                hint="Use the inputs that the model was trained with",
            )
        features: np.ndarray = ((raw[:, self.kept] - self.centre) / self.scale).astype(np.float32)
        return features

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The statistics as named arrays, for the model bundle."""
        return dict(vars(self))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> InputStatistics:
        """The statistics that `to_arrays` wrote."""
        numbers = (np.asarray(arrays[each.name], np.float64) for each in fields(cls)[1:])
        return cls(np.asarray(arrays["kept"], bool), *numbers)


def _natural_scales(layout: InputLayout, raw: np.ndarray) -> np.ndarray:
    """(I,) sizes that a value's range is compared with, so that rounding does not count as movement.

    A float is compared with its largest value, a rotation entry with 1, a translation entry with the extent of the
    skeleton and of the matrices' own positions: translations that only carry rounding must not become features.
    """
    kinds = layout.value_kinds
    largest = np.abs(raw).max(axis=0)
    scales = np.where(kinds == FLOAT, largest, 1.0)
    translation = kinds == TRANSLATION
    if translation.any():
        skeleton = np.abs(layout.joint_rest[:, :3, 3]).max(initial=0.0)
        scales[translation] = max(float(skeleton), float(largest[translation].max()))
    return scales


def _float_scaling(limits: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre and half range of floats: by their limits (K, 2) where they hold, else by the data (K,), (K,)."""
    lower, upper = limits[:, 0], limits[:, 1]
    usable = np.isfinite(limits).all(axis=1) & (lower < upper) & (lower <= low) & (high <= upper)
    lower, upper = np.where(usable, lower, low), np.where(usable, upper, high)
    half = (upper - lower) / 2
    return (lower + upper) / 2, np.where(half > 0, half, 1.0)
