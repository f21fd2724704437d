"""What a run's records say, put together: where it is, what it warns of, how it ended. Without Qt."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from glm_deep.events import (
    DeviceChosen,
    Epoch,
    Event,
    Exported,
    Failed,
    Finished,
    Judged,
    NotExported,
    Phase,
    Reported,
    Started,
    Stopped,
    Warned,
)

WAITING, RUNNING, FINISHED, STOPPED, FAILED = "waiting", "running", "finished", "stopped", "failed"


@dataclass
class RunState:
    """One run, as far as its records have been read.

    Attributes:
        state: one of WAITING (no record yet), RUNNING, FINISHED, STOPPED, FAILED.
        run, asset, device, why, threads, pid, host: of the first records; begun, ended: their times and the last one's.
        step, done, total: what goes on now and how far it is.
        seconds_left, told_at: what the last epoch said, and when; None where unknown.
        warnings: texts. exported: paths of files for other engines; not_exported: sentences why not.
        verdicts: by model, the last one.
        report: the held-out report, None before it is there.
        model: path of the model that the run left, empty where none.
        failure: the record of a breakdown.
    """

    state: str = WAITING
    run: str = ""
    asset: str = ""
    device: str = ""
    why: str = ""
    threads: int = 0
    pid: int = 0
    host: str = ""
    begun: float = 0.0
    ended: float = 0.0
    step: str = ""
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    told_at: float = 0.0
    warnings: list[str] = field(default_factory=list)
    exported: list[str] = field(default_factory=list)
    not_exported: list[str] = field(default_factory=list)
    verdicts: dict[str, Judged] = field(default_factory=dict)
    report: dict[str, Any] | None = None
    model: str = ""
    failure: Failed | None = None

    def add(self, event: Event) -> None:
        """Takes in one record; those of newer versions change nothing."""
        if isinstance(event, Started):
            self.state, self.run, self.asset = RUNNING, event.run, event.asset
            self.begun, self.pid, self.host = event.time, event.pid, event.host
            self.failure, self.model = None, ""
        elif isinstance(event, DeviceChosen):
            self.device, self.why, self.threads = event.used, event.why, event.threads
        elif isinstance(event, Phase):
            self.step, self.done, self.total, self.seconds_left = event.name, event.done, event.total, None
        elif isinstance(event, Epoch):
            self.step, self.done, self.total = event.model, event.epoch, event.epochs
            self.seconds_left, self.told_at = event.seconds_left, event.time
        elif isinstance(event, Warned):
            self.warnings.append(event.text)
        elif isinstance(event, Judged):
            self.verdicts[event.model] = event
        elif isinstance(event, Reported):
            self.report = event.report
        elif isinstance(event, Exported):
            self.exported.append(event.path)
        elif isinstance(event, NotExported):
            self.not_exported.append(f"Not exported for {event.engine}: {event.why}")
        elif isinstance(event, (Finished, Stopped, Failed)):
            self._end(event)

    def _end(self, event: Finished | Stopped | Failed) -> None:
        self.ended, self.seconds_left = event.time, None
        if isinstance(event, Failed):
            self.state, self.failure = FAILED, event
        else:
            self.state = FINISHED if isinstance(event, Finished) else STOPPED
            self.model = event.model

    def left(self, now: float | None = None) -> float | None:
        """Seconds left of what goes on, counted down since it was told; None where unknown."""
        if self.seconds_left is None or self.state != RUNNING:
            return None
        passed = (time.time() if now is None else now) - self.told_at
        return max(0.0, self.seconds_left - max(0.0, passed))
