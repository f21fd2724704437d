"""The back-end that was asked for, or the fastest one on this machine; whatever is missing, numpy plays."""

from __future__ import annotations

from glm_deep.backends.back_end import BACK_ENDS, NUMPY
from glm_deep.backends.choice import Loaded, fastest
from glm_deep.backends.opening import ModelFile, open_back_end
from glm_deep.errors import GlmDeepError, Unavailable, first_line
from glm_deep.runtime.evaluator import Evaluator

AUTOMATIC = "automatic"


def load(asked: str, file: ModelFile, frames_at_once: int, threads: int = 0) -> Loaded:
    """The back-end that was asked for; numpy where it cannot play, with the reason.

    Args:
        asked: one of `BACK_ENDS`, or `AUTOMATIC` for the fastest on this machine.
        frames_at_once: how many frames it will play at once, mostly.
        file, threads: as in `open_back_end`.
    """
    if asked == AUTOMATIC:
        return fastest(file, frames_at_once, threads)
    if asked not in BACK_ENDS:
        raise GlmDeepError(f"{asked!r} is no back-end", hint=f"Choose among {', '.join((AUTOMATIC, *BACK_ENDS))}")
    try:
        return Loaded(asked, open_back_end(asked, file, threads), ())
    except Unavailable as absence:
        reason = str(absence).rstrip(".")
    except Exception as error:  # each has exceptions of its own, and the shot has to go on
        reason = first_line(error)
    return Loaded(NUMPY, Evaluator(file.model), (f"{asked} cannot play, so numpy does: {reason}",))
