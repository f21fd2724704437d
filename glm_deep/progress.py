"""A run shown in a terminal: bars with the time left, or plain lines where there is no terminal, as on a farm."""

from __future__ import annotations

import math
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, Protocol, TextIO

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
    Started,
    Stopped,
    Warned,
)

if TYPE_CHECKING:
    from tqdm import tqdm

SECONDS_BETWEEN_LINES = 5.0
# These verdicts ask for nothing while the training still goes.
_NOTHING_TO_DO = ("good", "too_early")


class Progress(Protocol):
    """Something that shows a run while it goes."""

    def show(self, event: Event) -> None:
        """Shows one record, as the writer of the run stamped it."""

    def close(self) -> None:
        """Ends the display; nothing is shown afterwards."""


class ConsoleProgress:
    """A `Progress` on a text stream: bars where it is a terminal, else a plain line every few seconds.

    Why a run failed is not shown: that is the text of the error which its caller reports.

    Args:
        stream: where to write; the standard output when None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._bars: dict[str, tqdm[NoReturn]] | None = {} if self._stream.isatty() else None
        self._gone = False
        self._last_line: dict[str, float] = {}
        self._last_verdict: dict[str, str] = {}

    def show(self, event: Event) -> None:
        """Shows one record, as the writer of the run stamped it; nothing any more when the stream has gone."""
        if self._gone:
            return
        try:
            self._show(event)
        except (OSError, ValueError):
            # Who read it has gone, or closed the terminal. The run goes on: its records are in its folder.
            self._gone = True

    def _show(self, event: Event) -> None:
        if isinstance(event, Epoch):
            self._step(event.model, event.epoch, event.epochs, _epoch_details(event), event.time)
        elif isinstance(event, Phase):
            self._step(event.name, event.done, event.total, "", event.time)
        elif isinstance(event, Judged):
            self._judged(event)
        else:
            if isinstance(event, (Finished, Stopped, Failed)):
                self.close()
            text = _sentence(event)
            if text:
                self._say(text)

    def close(self) -> None:
        """Ends the bars; what they show last stays."""
        for bar in (self._bars or {}).values():
            with suppress(OSError, ValueError):
                bar.close()
        if self._bars:
            self._bars.clear()

    def __enter__(self) -> ConsoleProgress:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _step(self, name: str, done: int, total: int, details: str, time: float) -> None:
        if self._bars is not None:
            self._move_bar(self._bars, name, done, total, details)
            return
        due = name not in self._last_line or time - self._last_line[name] >= SECONDS_BETWEEN_LINES
        if due or done >= total:
            self._last_line[name] = time
            self._say(f"{name} {done}/{total}{', ' if details else ''}{details}")

    def _move_bar(self, bars: dict[str, tqdm[NoReturn]], name: str, done: int, total: int, details: str) -> None:
        from tqdm import tqdm

        if name not in bars:
            # The time left comes with the records, which know of early stops and of both models; tqdm's guess does not.
            shape = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{postfix}"
            bars[name] = tqdm(desc=name, total=total, file=self._stream, bar_format=shape, dynamic_ncols=True)
        bar = bars[name]
        bar.total = total
        bar.set_postfix_str(details, refresh=False)
        bar.update(done - bar.n)
        if done >= total:
            bar.refresh()  # an update soon after another is not drawn

    def _judged(self, event: Judged) -> None:
        known = self._last_verdict.get(event.model)
        self._last_verdict[event.model] = event.verdict
        if event.live and (event.verdict == known or event.verdict in _NOTHING_TO_DO):
            return
        self._say(f"{event.model}: {event.headline}. {event.evidence} {event.advice}")

    def _say(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        text = text.encode(encoding, "replace").decode(encoding)
        if self._bars:
            from tqdm import tqdm

            tqdm.write(text, file=self._stream)
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()


def duration(seconds: float) -> str:
    """A time in words: `12 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes_left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _epoch_details(event: Epoch) -> str:
    loss = f"validation {event.validation_loss:.4g}" if math.isfinite(event.validation_loss) else "no finite loss"
    return loss if event.seconds_left is None else f"{loss}, {duration(event.seconds_left)} left"


def _sentence(event: Event) -> str:
    if isinstance(event, Started):
        return f"training {event.asset}, run {event.run}"
    if isinstance(event, DeviceChosen):
        return f"device {event.used}, threads {event.threads}: {event.why}"
    if isinstance(event, Warned):
        return f"warning: {event.text}"
    if isinstance(event, Exported):
        return f"exported {event.path}, {event.precision}, {event.bytes / 1e6:.1f} MB"
    if isinstance(event, NotExported):
        return f"not exported for {event.engine}: {event.why}"
    if isinstance(event, Stopped):
        return (
            f"stopped; what was learned is in {event.model}" if event.model else "stopped before anything was learned"
        )
    if isinstance(event, Finished):
        return f"finished in {duration(event.seconds)}: {event.model}"
    return ""
