"""Follows the runs of a main folder: which goes on or was the last, and what their records say. Without Qt."""

from __future__ import annotations

from glm_deep.errors import GlmDeepError
from glm_deep.events import read_events
from glm_deep.rundir import MainFolder, Owner, RunFolder, is_training
from glm_deep_ui.curves import Curves
from glm_deep_ui.run_state import RunState

BYTES_AT_ONCE = 1 << 16
"""Read in one step, which has to be short: the window waits meanwhile."""
RUNS_BEFORE = 5
"""Among so many runs before, one is looked for that can be compared with; those that failed early have no curves."""


class Watcher:
    """The last run of a main folder, read bit by bit.

    Attributes:
        run: its folder, None where there is none.
        state, curves: what its records say so far.
        ghost: the curves of the last run before it that has some, None where there is none.
        error: why the records cannot be read, empty when they can.
    """

    def __init__(self, main: MainFolder) -> None:
        self._main = main
        self.run: RunFolder | None = None
        self.state, self.curves = RunState(), Curves()
        self.ghost: Curves | None = None
        self.error = ""
        self._offset = 0
        self._before: list[_Reading] | None = None

    def look(self) -> bool:
        """Looks whether there is a newer run; whether there is."""
        try:
            runs = self._main.run_folders()
        except OSError as error:
            self.error = f"The runs cannot be read: {error.strerror or error}."
            return False
        if not runs or (self.run is not None and runs[-1].path == self.run.path):
            return False
        if not self.curves.is_empty:
            self.ghost = self.curves
        self._before = None if self.ghost else [_Reading(run) for run in runs[:-1][-RUNS_BEFORE:]]
        self.run, self._offset, self.error = runs[-1], 0, ""
        self.state, self.curves = RunState(), Curves()
        return True

    def step(self) -> bool:
        """Takes in the next records, of the run before once those are all read; whether there may be more at once."""
        if self.run is None:
            return False
        try:
            events, offset = read_events(self.run.events, self._offset, max_bytes=BYTES_AT_ONCE)
        except GlmDeepError as error:
            self.error = str(error)
            return False
        self.error = ""
        for event in events:
            self.state.add(event)
            self.curves.add(event)
        more = offset > self._offset
        self._offset = offset
        return more or self._step_before()

    def _step_before(self) -> bool:
        """Reads the runs before, the latest first, until one has curves to compare with."""
        if not self._before:
            return False
        before = self._before[-1]
        try:
            if before.step():
                return True
        except GlmDeepError:
            before.curves = Curves()  # what cannot be read is not compared with
        self._before.pop()
        if not before.curves.is_empty:
            self.ghost, self._before = before.curves, None
        return bool(self._before)

    def owner(self) -> Owner | None:
        """Who trains in the folder, if that is the run that is followed; None when nobody does, or another run goes on.

        An owner that is not known yet counts as that of the run.
        """
        owner = is_training(self._main)
        if owner is None or self.run is None or owner.run not in ("", self.run.name):
            return None
        others = owner.pid and self.state.pid and (owner.pid, owner.host) != (self.state.pid, self.state.host)
        return None if others else owner


class _Reading:
    """The curves of a run that has ended, read bit by bit."""

    def __init__(self, run: RunFolder) -> None:
        self._path, self._offset = run.events, 0
        self.curves = Curves()

    def step(self) -> bool:
        """Takes in the next records; whether there may be more."""
        events, offset = read_events(self._path, self._offset, max_bytes=BYTES_AT_ONCE)
        for event in events:
            self.curves.add(event)
        more, self._offset = offset > self._offset, offset
        return more
