"""Follows the runs of a main folder: which goes on or was the last, and what their records say. Without Qt."""

from __future__ import annotations

from glm_deep.errors import GlmDeepError
from glm_deep.events import read_events
from glm_deep.rundir import MainFolder, RunFolder, is_training
from glm_deep_ui.curves import Curves
from glm_deep_ui.run_state import RunState

BYTES_AT_ONCE = 1 << 17
"""Read in one step, which has to be short: the window waits meanwhile."""


class Watcher:
    """The last run of a main folder, read bit by bit.

    Attributes:
        run: its folder, None where there is none.
        state, curves: what its records say so far.
        ghost: the curves of the run before it, None where there is none.
        error: why the records cannot be read, empty when they can.
    """

    def __init__(self, main: MainFolder) -> None:
        self._main = main
        self.run: RunFolder | None = None
        self.state, self.curves = RunState(), Curves()
        self.ghost: Curves | None = None
        self.error = ""
        self._offset = 0

    def look(self) -> bool:
        """Looks whether there is a newer run; whether there is."""
        runs = self._main.run_folders()
        newest = runs[-1] if runs else None
        if newest is None or (self.run is not None and newest.path == self.run.path):
            return False
        if not self.curves.is_empty:
            self.ghost = self.curves
        self.run, self._offset = newest, 0
        self.state, self.curves = RunState(), Curves()
        return True

    def step(self) -> bool:
        """Takes in the next records; whether there may be more at once."""
        if self.run is None:
            return False
        try:
            events, self._offset = read_events(self.run.events, self._offset, max_bytes=BYTES_AT_ONCE)
        except GlmDeepError as error:
            self.error = str(error)
            return False
        self.error = ""
        for event in events:
            self.state.add(event)
            self.curves.add(event)
        return bool(events)

    def is_alive(self) -> bool:
        """Whether a training goes on in the folder."""
        return is_training(self._main) is not None
