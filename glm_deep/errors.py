"""The exceptions of glm_deep and the exit codes of its command line.

The text of a `GlmDeepError` is shown to the user word for word: what is wrong, where, and the next step.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence


class ExitCode(enum.IntEnum):
    """What the command line returns to a shell or a farm."""

    OK = 0
    ERROR = 1
    USAGE = 2
    STOPPED = 3
    TRAINING_FAILED = 4


class GlmDeepError(Exception):
    """Something the user can mend.

    Args:
        what: one sentence, without a full stop at its end, that says what is wrong.
        where: file, key, node or frame that it is about.
        hint: the next step, as an imperative sentence without a full stop.
    """

    exit_code = ExitCode.ERROR

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.what, self.where, self.hint = what, where, hint
        text = f"{where}: {what}." if where else f"{what}."
        super().__init__(f"{text} {hint}." if hint else text)


def first_line(error: BaseException) -> str:
    """The first line of what an exception of another package says, without a full stop; its kind if it says nothing."""
    return (str(error).splitlines() or [""])[0].strip().rstrip(".") or type(error).__name__


class ConfigError(GlmDeepError):
    """A configuration that cannot be used; `problems` lists all of them, one sentence each."""

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        problems: Sequence[str] = (),
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.problems = tuple(problems)
        if self.problems:
            self.args = ("\n  ".join((str(self.args[0]), *self.problems)),)


class DataError(GlmDeepError):
    """Frames, shards or an index that cannot be used."""


class BundleError(GlmDeepError):
    """A model bundle that cannot be used."""


class Unavailable(GlmDeepError):
    """There is nothing here to build or play something with: a state of the machine, not a failure."""


class BusyError(GlmDeepError):
    """Another run owns the folder."""


class TrainingFailed(GlmDeepError):
    """The training broke down; what was learned before is kept."""

    exit_code = ExitCode.TRAINING_FAILED
