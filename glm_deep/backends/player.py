"""Plays rig inputs: looks at them first, and goes on with numpy when a back-end breaks down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from glm_deep.backends.back_end import BackEnd
from glm_deep.errors import DataError, first_line
from glm_deep.inputs import InputFrames, InputLayout, raw_values
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import Model

FAR = 0.25
"""Inputs that are outside the range of the training by more than this part of its width are far outside."""

CLAMP, PASS = "clamp", "pass"

T = TypeVar("T")


@dataclass
class Stray:
    """How far an input has been outside the range of the training, in parts of its width, in which frame, how often."""

    width: float
    frame: int
    frames: int


class Player:
    """Plays a model with a back-end.

    Args:
        model: what is played. back_end: with what.
        outside: what becomes of inputs far outside the range of the training: "pass" plays them as they are, "clamp"
            moves them to where "far" begins. They are counted in `strays` either way.

    Attributes:
        strays: by the name of the input. unknown: the same for what never moved in the training frames.
        broken: why the back-end was given up, None while it was not.
    """

    def __init__(self, model: Model, back_end: BackEnd, outside: str = PASS) -> None:
        self._model, self._back_end, self._outside = model, back_end, outside
        self._quality = 1.0
        self._played = 0
        self._numpy = back_end if isinstance(back_end, Evaluator) else Evaluator(model)
        self._kept = model.statistics.kept
        self._firsts = np.flatnonzero(np.diff(model.layout.value_groups, prepend=-1))
        self.strays: dict[str, Stray] = {}
        self.unknown: dict[str, Stray] = {}
        self.broken: str | None = None

    def set_quality(self, quality: float) -> None:
        """Uses a share 0..1 of the anchors."""
        self._quality = quality
        self._guarded(lambda back_end: back_end.set_quality(quality))

    def offsets(self, inputs: InputFrames) -> list[np.ndarray]:
        """Offsets before skinning of each mesh, (F,V,3) float32 in scene units.

        Raises:
            DataError: inputs are missing, are too many, or are no finite numbers.
        """
        first = self._played
        self._played += len(inputs.floats)  # refused frames count too, so that numbers stay those of the caller
        values = self._values(inputs, first)
        if not len(values):
            return [np.zeros((0, *mesh.mean.shape), np.float32) for mesh in self._model.meshes]
        beyond = self._model.statistics.beyond(values)
        if beyond.max(initial=0.0) > FAR:
            self._note(self.strays, np.where(self._kept, beyond, 0.0), first)
            self._note(self.unknown, np.where(self._kept, 0.0, beyond), first)
        return self._guarded(lambda back_end: back_end.play(self._held(values)))

    def direct_offsets(self, inputs: InputFrames) -> list[np.ndarray]:
        """The same without the anchors, by numpy; nothing is counted."""
        return self._numpy.play_direct(self._held(self._values(inputs, self._played)))

    def _guarded(self, ask: Callable[[BackEnd], T]) -> T:
        """What the back-end answers; numpy takes its place for good where it breaks down."""
        try:
            return ask(self._back_end)
        except Exception as error:  # each back-end has exceptions of its own, and the shot has to go on
            if isinstance(self._back_end, Evaluator):
                raise
            self.broken = first_line(error)
            self._numpy.set_quality(self._quality)
            self._back_end = self._numpy
            return ask(self._back_end)

    def _values(self, inputs: InputFrames, first: int) -> np.ndarray:
        check_inputs(self._model.layout, inputs, first)
        return raw_values(self._model.layout, inputs, first)

    def _held(self, values: np.ndarray) -> np.ndarray:
        return self._model.statistics.held(values, FAR) if self._outside == CLAMP else values

    def _note(self, strays: dict[str, Stray], beyond: np.ndarray, first: int) -> None:
        of_inputs = np.maximum.reduceat(beyond, self._firsts, axis=1)
        for number in np.flatnonzero(of_inputs.max(axis=0) > FAR):
            found = of_inputs[:, number]
            worst, count = int(found.argmax()), int(np.count_nonzero(found > FAR))
            name = self._model.layout.group_names[number]
            known = strays.setdefault(name, Stray(0.0, 0, 0))
            known.frames += count
            if found[worst] > known.width:
                known.width, known.frame = float(found[worst]), first + worst

    def told(self) -> list[str]:
        """What to know of what was played, a sentence without full stop each."""
        told = []
        if self.broken is not None:
            told.append(f"the back-end broke down ({self.broken}), so numpy played on")
        if self.unknown:
            first, *more = self.unknown
            others = f" and {_others(len(more), 'other', 'others')}" if more else ""
            told.append(f"{first}{others} moved as never in the training frames, which the model ignores")
        if self.strays:
            first, *more = sorted(self.strays, key=lambda name: -self.strays[name].width)
            worst = self.strays[first]
            others = f", and {_others(len(more), 'other input is', 'other inputs are')} far outside too" if more else ""
            done = f"held {FAR:g} of the width outside" if self._outside == CLAMP else "played as they are"
            told.append(
                f"{first} is outside the range of the training by {worst.width:.1f} of its width in frame "
                f"{worst.frame} (in {_others(worst.frames, 'frame', 'frames')} by more than {FAR:g}){others}; "
                f"such inputs are {done}"
            )
        return told


def _others(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def check_inputs(layout: InputLayout, inputs: InputFrames, first: int = 0) -> None:
    """Refuses inputs that the model cannot be played with.

    Args:
        layout: of the model. inputs: what is given. first: number of their first frame, for what is said.

    Raises:
        DataError: inputs are missing, are too many, or are no finite numbers.
    """
    for kind, given, names in (
        ("float inputs", inputs.floats, layout.float_names),
        ("joints", inputs.joints, layout.joint_names),
        ("matrices", inputs.matrices, layout.matrix_names),
    ):
        if len(given) != len(inputs.floats):
            raise DataError(
                f"{len(given)} frames of {kind} were given, and {len(inputs.floats)} of float inputs",
                hint="Give all inputs in the same frames",
            )
        if given.shape[1] != len(names):
            raise DataError(
                f"{given.shape[1]} {kind} were given, and the model was made for {len(names)}",
                hint="Give the inputs that the model was trained with, in its order",
            )
        finite = np.isfinite(given).all(axis=tuple(range(2, given.ndim)))
        if not finite.all():
            frame, number = np.argwhere(~finite)[0]
            raise DataError(
                f'the input "{names[number]}" is no finite number in frame {first + frame}',
                hint="Look for a broken connection or expression in the rig",
            )
