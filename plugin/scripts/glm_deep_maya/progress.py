"""How far a long command is: Maya's progress bar with Esc, or lines of text where there is no window."""

from __future__ import annotations

import time

from maya import OpenMaya as om1
from maya import cmds, mel

from glm_deep.progress import duration

SECONDS_BETWEEN_LINES = 5.0


class Progress:
    """Shows one piece of work; a context manager.

    Args:
        title: what is done, such as "Extracting hero".
        total: how many steps there are; 0 where nobody knows yet.
    """

    def __init__(self, title: str, total: int) -> None:
        self._title, self._total, self._done = title, total, 0
        self._bar = "" if cmds.about(batch=True) else str(mel.eval("$glmDeepBar = $gMainProgressBar"))
        self._begun = self._said = time.monotonic()

    def __enter__(self) -> Progress:
        if self._bar:
            cmds.progressBar(
                self._bar,
                edit=True,
                beginProgress=True,
                isInterruptable=True,
                status=self._title,
                maxValue=max(1, self._total),
            )
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            cmds.progressBar(self._bar, edit=True, endProgress=True)

    @property
    def cancelled(self) -> bool:
        """Whether Esc was pressed."""
        return bool(self._bar and cmds.progressBar(self._bar, query=True, isCancelled=True))

    def show(self, done: int, total: int = 0, text: str = "") -> None:
        """Shows that so many steps are done, with the time that is left if all take as long as those."""
        self._done, self._total = done, total or self._total
        status = f"{self._title}: {text or f'{done} of {self._total}'}{self._left()}"
        if self._bar:
            cmds.progressBar(self._bar, edit=True, maxValue=max(1, self._total), progress=done, status=status)
        elif time.monotonic() - self._said >= SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            om1.MGlobal.displayInfo(status)

    def _left(self) -> str:
        if not 0 < self._done < self._total:
            return ""
        passed = time.monotonic() - self._begun
        return f", about {duration(passed / self._done * (self._total - self._done))} left"
