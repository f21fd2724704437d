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
    """How far a value has been outside the range of the training, in parts of its width, in which frame, how often."""

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
        strays: by the name of the value.
        broken: why the back-end was given up, None while it was not.
    """

    def __init__(self, model: Model, back_end: BackEnd, outside: str = PASS) -> None:
        self._model, self._back_end, self._outside = model, back_end, outside
        self._quality = 1.0
        self._played = 0
        self._numpy = back_end if isinstance(back_end, Evaluator) else Evaluator(model)
        self._names = np.array(model.layout.value_names)
        self.strays: dict[str, Stray] = {}
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
        for value in np.flatnonzero(beyond.max(axis=0) > FAR):
            self._note(str(self._names[value]), beyond[:, value], first)
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

    def _note(self, name: str, beyond: np.ndarray, first: int) -> None:
        worst, count = int(beyond.argmax()), int(np.count_nonzero(beyond > FAR))
        known = self.strays.get(name)
        if known is None:
            self.strays[name] = Stray(float(beyond[worst]), first + worst, count)
        else:
            known.frames += count
            if beyond[worst] > known.width:
                known.width, known.frame = float(beyond[worst]), first + worst

    def told(self) -> list[str]:
        """What to know of what was played, a sentence without full stop each."""
        told = []
        if self.broken is not None:
            told.append(f"the back-end broke down ({self.broken}), so numpy played on")
        kept = dict(zip(self._names, self._model.statistics.kept))
        still = [name for name in self.strays if not kept[name]]
        if still:
            more = f" and {_others(len(still) - 1, 'other', 'others')}" if len(still) > 1 else ""
            told.append(f"{still[0]}{more} moved, which the model ignores, since it never did in the training frames")
        far = sorted((name for name in self.strays if kept[name]), key=lambda name: -self.strays[name].width)
        if far:
            worst = self.strays[far[0]]
            values = _others(len(far) - 1, "other input value is", "other input values are")
            others = f", and {values} far outside too" if len(far) > 1 else ""
            frames = _others(worst.frames, "frame", "frames")
            done = "held at the border" if self._outside == CLAMP else "played as they are"
            told.append(
                f"{far[0]} is outside the range of the training by {worst.width:.1f} of its width in frame "
                f"{worst.frame} (in {frames} by more than {FAR:g}){others}; such inputs are {done}"
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
