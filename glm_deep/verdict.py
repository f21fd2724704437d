"""Learning curves to words: what the curves show, on what evidence, and what to do.

Losses are normalised mean squared errors: 1 is what the linear mesh alone leaves. Single epochs are noisy, so every
judgement compares medians over stretches of epochs, and asks for more than the noise of the curve would give.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

TOO_EARLY = "too_early"
RATE_TOO_HIGH = "rate_too_high"
OVERFITTING = "overfitting"
NOT_CONVERGED = "not_converged"
UNDERFITTING = "underfitting"
GOOD = "good"

FEWEST_EPOCHS = 10
# A squared error of one ten-thousandth is one percent of what the linear mesh leaves: nothing below it needs mending.
NEGLIGIBLE = 1e-4
TRAINING_ROSE = 1.5
WORSE_THAN_NOTHING = 1.2
WILD_JUMP = 0.4
VALIDATION_ROSE = 0.05
GAP, GAP_MATTERS = 3.0, 0.02
POOR = 0.1
STILL_FALLING = 0.01

# More points than this say no more about the shape of a curve, and a live verdict has to be quick.
_MOST_POINTS = 400


@dataclass(frozen=True)
class Curve:
    """The losses of one model, epoch by epoch.

    Attributes:
        model: "differential" or "subspaces".
        epochs: number of each epoch, rising.
        train: loss on the training frames, one per epoch.
        validation: loss on the held-out frames, one per epoch.
        total: how many epochs were asked for.
        early_stopped: the training ended by itself because the validation loss no longer fell.
        start_validation: validation loss of the closed-form start, before any epoch; None where there is no such start.
        frames: how many frames it learned from; None where unknown.
    """

    model: str
    epochs: Sequence[int]
    train: Sequence[float]
    validation: Sequence[float]
    total: int
    early_stopped: bool = False
    start_validation: float | None = None
    frames: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What the curves show (`kind` for programs, `headline` for people), the numbers behind it, and what to do."""

    kind: str
    headline: str
    evidence: str
    advice: str


@dataclass(frozen=True)
class _Figures:
    """What the judgements compare, and what they quote: `lowest` is a single loss, all others are medians of stretches.

    `lowest_epoch` is 0 where no epoch was better than the closed-form start.
    """

    lowest: float
    lowest_epoch: int
    best: float
    end: float
    last: float
    noise: float
    fall: float
    train_at_best: float
    train_lowest: float
    train_first: float
    train_end: float
    train_last: float
    train_noise: float
    train_second_quarter: float
    train_last_quarter: float
    jump: float


def judge(curve: Curve, *, live: bool = False) -> Verdict:
    """The verdict on a curve; `live` while the training goes on, when only what has lasted counts."""
    if not len(curve.epochs) == len(curve.train) == len(curve.validation):
        raise ValueError("a curve needs both losses of every epoch")
    broken = [epoch for epoch, *losses in zip(curve.epochs, curve.train, curve.validation) if not _finite(losses)]
    if broken:
        return _went_out_of_bounds(broken[0])
    if len(curve.epochs) < FEWEST_EPOCHS:
        return _too_early(curve, live)
    figures = _measure(curve, live)
    for judgement in (_rate_too_high, _overfitting, _not_converged, _lasting_gap, _underfitting):
        verdict = judgement(curve, figures, live)
        if verdict is not None:
            return verdict
    return _good(curve, figures, live)


def _measure(curve: Curve, live: bool) -> _Figures:
    size = -(-len(curve.epochs) // _MOST_POINTS)
    train, validation = _thinned(curve.train, size), _thinned(curve.validation, size)
    smooth_train, smooth = _smoothed(train), _smoothed(validation)
    count, quarter = len(train), len(train) // 4
    # While it goes, a rise has to last: schedules that raise the rate at first pass through one.
    tail = max(5, quarter) if live else max(3, count // 10)
    # How many deviations of a single epoch a lowest and a last level may be apart by chance, measured on flat curves.
    doubt = 1 + 6 / math.sqrt(tail)
    start = math.inf if curve.start_validation is None else curve.start_validation
    lowest, lowest_epoch = min(zip(curve.validation, curve.epochs))
    at = min(range(count), key=smooth.__getitem__)
    return _Figures(
        lowest=min(lowest, start),
        lowest_epoch=lowest_epoch if lowest < start else 0,
        best=min(smooth[at], start),
        end=_end(validation, smooth, tail, live),
        last=smooth[-1],
        noise=_noise(validation) * doubt,
        fall=_fall(validation),
        train_at_best=smooth_train[at if smooth[at] < start else 0],
        train_lowest=min(smooth_train),
        train_first=max(smooth_train[:tail]),
        train_end=_end(train, smooth_train, tail, live),
        train_last=smooth_train[-1],
        train_noise=_noise(train) * doubt,
        train_second_quarter=median(train[quarter : 2 * quarter]),
        train_last_quarter=median(train[-quarter:]),
        jump=_jump(curve.train[len(curve.train) // 2 :]),
    )


def _rate_too_high(curve: Curve, figures: _Figures, live: bool) -> Verdict | None:
    matters = max(NEGLIGIBLE, 0.05 * (figures.train_first - figures.train_lowest))
    rise = figures.train_end - figures.train_lowest
    no_net_fall = figures.train_last_quarter > 0.8 * figures.train_second_quarter
    if figures.jump > WILD_JUMP and no_net_fall and figures.train_last_quarter > 10 * NEGLIGIBLE:
        why = f"The training loss jumps by {_percent(math.expm1(figures.jump))} from epoch to epoch and does not fall."
    elif figures.train_end > max(TRAINING_ROSE, 1 + figures.train_noise) * figures.train_lowest and rise > matters:
        why = f"The training loss rose from {_number(figures.train_lowest)} to {_number(figures.train_end)}."
    elif figures.train_end > WORSE_THAN_NOTHING and no_net_fall:
        why = f"The training loss stays at {_number(figures.train_end)}; the linear mesh alone has 1."
    elif _validation_rose(figures) and _training_rose(figures) and not live:
        why = "Both losses rose after their best."
    else:
        return None
    return Verdict(
        RATE_TOO_HIGH,
        "The learning rate is too high",
        f"{why} {_losses(figures, live)}",
        "Divide Learning Rate by 10 and train again.",
    )


def _validation_rose(figures: _Figures) -> bool:
    rose = figures.end - figures.best
    return rose > max(VALIDATION_ROSE, figures.noise) * figures.best + NEGLIGIBLE and figures.fall <= STILL_FALLING


def _training_rose(figures: _Figures) -> bool:
    return figures.train_end > 1.1 * figures.train_at_best + NEGLIGIBLE


def _overfitting(curve: Curve, figures: _Figures, live: bool) -> Verdict | None:
    if not _validation_rose(figures) or _training_rose(figures):
        return None
    if curve.start_validation is not None and figures.best <= GAP_MATTERS:
        return None  # what was solved left little to learn, and of the networks the best state is kept
    why = f"Validation rose by {_percent(figures.last / figures.lowest - 1)} after its best while training did not."
    return _by_heart(curve, figures, live, why)


def _lasting_gap(curve: Curve, figures: _Figures, live: bool) -> Verdict | None:
    # Validation did not rise, or it would have been judged before: at the end it is as good as at its best.
    if figures.best <= GAP_MATTERS or figures.best <= GAP * figures.train_end:
        return None
    if figures.train_end > NEGLIGIBLE:
        why = f"Validation is {figures.lowest / figures.train_end:.1f} times as high as training."
    else:
        why = "Training is all but perfect and validation is not."
    return _by_heart(curve, figures, live, why)


def _by_heart(curve: Curve, figures: _Figures, live: bool, why: str) -> Verdict:
    frames = f" It learned from {curve.frames:,} frames." if curve.frames else ""
    last_resort = " Where no more can be had, lower Neurons Per Layer." if curve.model == "differential" else ""
    return Verdict(
        OVERFITTING,
        "The model knows its own frames by heart and others less well: overfitting",
        f"{_losses(figures, live)} {why}{frames}",
        "Extract more frames, above all poses like the worst ones of the report. The best epoch is kept, so more "
        f"epochs do not help.{last_resort}",
    )


def _not_converged(curve: Curve, figures: _Figures, live: bool) -> Verdict | None:
    if curve.early_stopped or figures.fall <= STILL_FALLING or figures.end <= NEGLIGIBLE:
        return None
    falling = f"Over the last tenth of its epochs it still fell by {_percent(figures.fall)}."
    if live:
        return Verdict(GOOD, "The training goes well", f"{_losses(figures, live)} {falling}", "Let it go on.")
    last = curve.epochs[-1]
    if last < curve.total:
        falling = f"The training was stopped at epoch {last} of {curve.total}. {falling}"
        advice = "Train again and let it run to its end."
    else:
        advice = f"Raise {_epochs_setting(curve)} to {2 * curve.total}."
    return Verdict(NOT_CONVERGED, "The training ended too soon", f"{_losses(figures, live)} {falling}", advice)


def _underfitting(curve: Curve, figures: _Figures, live: bool) -> Verdict | None:
    if figures.best <= POOR:
        return None
    if curve.model == "subspaces":
        larger = "raise Epochs For Subspaces"
    else:
        larger = "raise Neurons Per Layer, and move the PCA slider towards quality"
    return Verdict(
        UNDERFITTING,
        "The model does not explain the deformation: underfitting",
        f"{_losses(figures, live)} It is poor on the frames it learned from too; the linear mesh alone has 1.",
        "Check that every control and joint that moves the mesh is among the rig inputs. If they are all there, "
        f"{larger}.",
    )


def _good(curve: Curve, figures: _Figures, live: bool) -> Verdict:
    if live:
        return Verdict(GOOD, "The training goes well", _losses(figures, live), "Let it go on.")
    return Verdict(
        GOOD,
        "The model has learned the deformation",
        _losses(figures, live),
        "Look at the report for the error in scene units and for the worst frames.",
    )


def _too_early(curve: Curve, live: bool) -> Verdict:
    count = len(curve.epochs)
    epochs = "epoch" if count == 1 else "epochs"
    so_far = f"After {count} {epochs} nothing can be said; it takes {FEWEST_EPOCHS}."
    evidence = so_far if live else f"It ended after {count} {epochs}."
    advice = "Let it go on." if live else f"Raise {_epochs_setting(curve)} to {FEWEST_EPOCHS} or more."
    return Verdict(TOO_EARLY, "There are too few epochs to judge", evidence, advice)


def _went_out_of_bounds(epoch: int) -> Verdict:
    return Verdict(
        RATE_TOO_HIGH,
        "The training went out of bounds: the learning rate is too high",
        f"In epoch {epoch} the loss was no longer a finite number.",
        "Divide Learning Rate by 10 and train again. If it happens again, look for extreme poses among the samples.",
    )


def _epochs_setting(curve: Curve) -> str:
    return "Epochs For Subspaces" if curve.model == "subspaces" else "Epochs For Differential"


def _losses(figures: _Figures, live: bool) -> str:
    when = f"in epoch {figures.lowest_epoch}" if figures.lowest_epoch else "before the first epoch"
    best, last, train = _number(figures.lowest), _number(figures.last), _number(figures.train_last)
    return f"Validation {best} at its best {when}, {last} {'now' if live else 'at the end'}; training {train}."


def _number(loss: float) -> str:
    if loss < NEGLIGIBLE:
        return "below 0.0001" if loss > 0 else "0"
    return f"{loss:.3g}" if loss < 100 else f"{loss:,.0f}"


def _percent(part: float) -> str:
    return f"{100 * part:.1f} %" if part < 0.1 else f"{100 * part:,.0f} %"


def _finite(losses: Sequence[float]) -> bool:
    return all(map(math.isfinite, losses))


def _thinned(losses: Sequence[float], size: int) -> list[float]:
    """Medians of `size` epochs each."""
    return [median(losses[start : start + size]) for start in range(0, len(losses), size)]


def _smoothed(losses: Sequence[float]) -> list[float]:
    half = 1 + len(losses) // 40
    return [median(losses[max(0, at - half) : at + half + 1]) for at in range(len(losses))]


def _end(losses: Sequence[float], smooth: Sequence[float], tail: int, live: bool) -> float:
    """The level of the last `tail` epochs; where the lowest point is among them, that level would lag behind a fall."""
    lowest = min(range(len(smooth)), key=smooth.__getitem__)
    if lowest < len(losses) - tail:
        return median(losses[-tail:])
    return smooth[lowest] if live else smooth[-1]


def _logarithms(losses: Sequence[float]) -> list[float]:
    return [math.log(max(loss, 1e-30)) for loss in losses]


def _noise(losses: Sequence[float]) -> float:
    """The relative standard deviation of single epochs, from second differences, which no smooth curve has.

    The first third, where a curve bends, is left out. The median absolute value of a normal variable is 1/1.4826 of its
    deviation; a second difference has six times the variance.
    """
    logs = _logarithms(losses[len(losses) // 3 :])
    seconds = [abs(after - 2 * here + before) for before, here, after in zip(logs, logs[1:], logs[2:])]
    return 1.4826 * median(seconds) / math.sqrt(6)


def _jump(losses: Sequence[float]) -> float:
    """The typical change of the logarithm from one epoch to the next."""
    logs = _logarithms(losses)
    return median([abs(after - before) for before, after in zip(logs, logs[1:])])


def _fall(losses: Sequence[float]) -> float:
    """The part by which a curve falls over its last tenth, 0 where its noise would give as much."""
    width = max(3, len(losses) // 10)
    before, end = median(losses[-2 * width : -width]), median(losses[-width:])
    # A median of n values has 1.25 / sqrt(n) of their deviation; two are compared, and 2.5 times that is asked for.
    if before <= 0 or 1 - end / before <= 2.5 * 1.25 * math.sqrt(2 / width) * _noise(losses):
        return 0.0
    return 1 - math.pow(end / before, len(losses) / 10 / width)
