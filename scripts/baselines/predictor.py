"""What a baseline is once it is fitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Predictor = Callable[[np.ndarray], list[np.ndarray]]
"""From scaled inputs (n,I) to the offsets before skinning (n,V,3) of each mesh, in scene units."""

Watch = Callable[[int, Predictor], bool]
"""Asked after every epoch of an iterative fit, with how many are done and the predictor as it is; True ends the fit."""


@dataclass(frozen=True)
class Fitted:
    """A fitted baseline.

    Attributes:
        predict: made of all frames where the fit is in closed form, else of the training frames.
        held_out: made of the training frames alone, so that its error on the validation frames can be told.
        note: what was chosen, for the reader of a table.
    """

    predict: Predictor
    held_out: Predictor
    note: str = ""


def never(epochs: int, predict: Predictor) -> bool:
    """The watch that lets a fit go on to its end."""
    return False
