from __future__ import annotations

import math
import random
import time

import pytest

from glm_deep.verdict import Curve, judge


def fall(level: float, speed: float):
    """A loss that falls from half to `level`; the argument is the part of the training that is over."""
    return lambda part: level + 0.5 * math.exp(-speed * part)


def rise_after(loss, part: float, slope: float):
    return lambda now: loss(now) + slope * max(0.0, now - part)


SHAPES = {
    "good": (fall(0.010, 14), fall(0.012, 14)),
    "good and flat": (lambda part: 0.010, lambda part: 0.012),
    "overfitting": (fall(0.001, 6), rise_after(fall(0.013, 14), 0.4, 0.012)),
    "overfitting by a gap": (fall(0.0005, 10), fall(0.05, 14)),
    "underfitting": (fall(0.25, 14), fall(0.30, 14)),
    "not_converged": (fall(0.0, 3), fall(0.002, 3)),
    "not_converged with a gap": (fall(0.0, 9), fall(0.02, 3)),
    "rate_too_high": (rise_after(fall(0.02, 20), 0.6, 0.5), rise_after(fall(0.03, 20), 0.6, 0.5)),
    "rate_too_high on a plateau above the linear mesh": (lambda part: 1.6, lambda part: 1.7),
    "rate_too_high in both": (rise_after(fall(0.02, 20), 0.5, 0.014), rise_after(fall(0.03, 20), 0.5, 0.03)),
}


def curve(shape: str, epochs: int, noise: float = 0.0, seed: int = 0, **more) -> Curve:
    """A curve of a sort; validation has `noise` relative noise, training a third of it."""
    source = random.Random(seed)
    parts = [epoch / epochs for epoch in range(epochs)]
    train, validation = SHAPES[shape]
    more = {"total": epochs, **more}
    return Curve(
        more.pop("model", "differential"),
        range(1, epochs + 1),
        [train(part) * math.exp(source.gauss(0, noise / 3)) for part in parts],
        [validation(part) * math.exp(source.gauss(0, noise)) for part in parts],
        **more,
    )


@pytest.mark.parametrize("epochs", [14, 40, 200, 2000])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_smooth_curve_of_each_sort_is_recognised(shape, epochs):
    assert judge(curve(shape, epochs)).kind == shape.split()[0]


@pytest.mark.parametrize("shape", SHAPES)
def test_noise_hardly_ever_changes_the_verdict(shape):
    kinds = [judge(curve(shape, 200, noise=0.05, seed=seed)).kind for seed in range(60)]
    assert kinds.count(shape.split()[0]) >= 58


@pytest.mark.parametrize("epochs", [12, 30, 100, 300])
@pytest.mark.parametrize("noise", [0.02, 0.1, 0.2])
def test_a_flat_noisy_curve_raises_no_false_alarm(epochs, noise):
    kinds = [judge(curve("good and flat", epochs, noise=noise, seed=seed)).kind for seed in range(60)]
    assert kinds.count("good") >= 56


def test_noise_that_would_hide_a_rise_is_not_called_overfitting_and_less_noise_is():
    kinds = {
        noise: [judge(curve("overfitting", 60, noise=noise, seed=seed)).kind for seed in range(40)].count("overfitting")
        for noise in (0.0, 0.03, 0.3)
    }
    assert kinds[0.0] == 40
    assert kinds[0.03] >= 38
    assert kinds[0.3] <= 20


@pytest.mark.parametrize("level", [0.02, 0.3, 5.0])
def test_an_oscillation_that_does_not_fall_means_too_high_a_rate(level):
    losses = [level * (1.5 if epoch % 2 else 0.5) for epoch in range(60)]
    verdict = judge(Curve("differential", range(1, 61), losses, losses, 60))
    assert verdict.kind == "rate_too_high"
    assert "jumps by 200 % from epoch to epoch and does not fall" in verdict.evidence


def swinging(level: float, jump: float, last_by_second_quarter: float = 1.0) -> Curve:
    """Training swings by e^jump from epoch to epoch, on a level that falls; validation stays where it is."""
    fall = last_by_second_quarter ** (1 / 40)
    train = [level * fall**epoch * math.exp(jump / 2 * (-1) ** epoch) for epoch in range(80)]
    return Curve("differential", range(1, 81), train, [0.015] * 80, 80)


@pytest.mark.parametrize(
    ("losses", "kind"),
    [
        (swinging(0.01, 0.38), "good"),
        (swinging(0.01, 0.42), "rate_too_high"),
        (swinging(0.01, 1.0, 0.77), "good"),
        (swinging(0.01, 1.0, 0.83), "rate_too_high"),
        (swinging(0.0008, 1.0), "good"),
        (swinging(0.0010, 1.0), "rate_too_high"),
    ],
)
def test_an_oscillation_has_to_be_wild_to_last_and_to_matter(losses, kind):
    assert judge(losses).kind == kind


def test_an_oscillation_that_falls_all_the_same_is_no_fault():
    losses = [0.5 * 0.9**epoch * (1.3 if epoch % 2 else 0.7) for epoch in range(60)]
    assert judge(Curve("differential", range(1, 61), losses, losses, 60)).kind != "rate_too_high"


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("epochs", [3, 60])
def test_a_loss_that_is_no_number_is_said_with_its_epoch_even_at_the_start(bad, epochs):
    train = [0.1] * epochs
    train[2] = bad
    verdict = judge(Curve("subspaces", range(1, epochs + 1), train, [0.1] * epochs, epochs), live=True)
    assert verdict.kind == "rate_too_high"
    assert verdict.evidence == "In epoch 3 the loss was no longer a finite number."
    assert "Learning Rate" in verdict.advice


@pytest.mark.parametrize(("epochs", "kind"), [(0, "too_early"), (9, "too_early"), (10, "good")])
def test_nothing_is_judged_before_ten_epochs(epochs, kind):
    flat = [0.01] * epochs
    assert judge(Curve("differential", range(1, epochs + 1), flat, flat, 200), live=True).kind == kind


def test_a_training_of_few_epochs_is_told_to_take_more():
    verdict = judge(Curve("subspaces", range(1, 6), [0.1] * 5, [0.1] * 5, 5))
    assert (verdict.kind, verdict.evidence) == ("too_early", "It ended after 5 epochs.")
    assert verdict.advice == "Raise Epochs For Subspaces to 10 or more."


def steps(first: float, second: float, train_first: float = 0.05, train_second: float = 0.04) -> Curve:
    """Forty epochs on one level, then forty on another: what a threshold compares, without noise."""
    return Curve(
        "differential",
        range(1, 81),
        [train_first] * 40 + [train_second] * 40,
        [first] * 40 + [second] * 40,
        80,
    )


@pytest.mark.parametrize(
    ("validation", "kind"),
    [((0.0700, 0.0732), "good"), ((0.0700, 0.0740), "overfitting"), ((0.0700, 0.1400), "overfitting")],
)
def test_validation_has_to_rise_by_five_percent(validation, kind):
    assert judge(steps(*validation)).kind == kind


@pytest.mark.parametrize(
    ("levels", "kind"),
    [
        ((0.061, 0.02), "overfitting"),
        ((0.059, 0.02), "good"),
        ((0.019, 0.001), "good"),
        ((0.021, 0.001), "overfitting"),
    ],
)
def test_a_gap_counts_from_three_times_and_from_a_loss_of_two_hundredths(levels, kind):
    validation, train = levels
    assert judge(steps(validation, validation, train, train)).kind == kind


@pytest.mark.parametrize(("level", "kind"), [(0.099, "good"), (0.101, "underfitting"), (0.9, "underfitting")])
def test_a_poor_loss_of_both_is_underfitting_from_a_tenth(level, kind):
    assert judge(steps(level, level, level / 1.2, level / 1.2)).kind == kind


@pytest.mark.parametrize(("rise", "kind"), [(1.4, "good"), (1.6, "rate_too_high")])
def test_training_has_to_rise_by_half(rise, kind):
    assert judge(steps(0.05, 0.05, 0.04, 0.04 * rise)).kind == kind


@pytest.mark.parametrize(("end", "kind"), [(0.06, "good"), (0.08, "rate_too_high")])
def test_a_rise_is_measured_by_the_fall_before_it(end, kind):
    train = [1.02 - 0.05 * epoch for epoch in range(20)] + [0.02] * 20 + [end] * 40
    verdict = judge(Curve("differential", range(1, 81), train, [0.015] * 80, 80))
    assert verdict.kind == kind
    if kind == "rate_too_high":
        assert verdict.evidence.startswith("The training loss rose from 0.02 to 0.08. Validation 0.015 at its best")


@pytest.mark.parametrize(("second", "kind"), [(1.9e-4, "good"), (2.2e-4, "overfitting")])
def test_a_rise_by_less_than_a_ten_thousandth_does_not_matter(second, kind):
    assert judge(steps(1e-4, second, 5e-5, 5e-5)).kind == kind


@pytest.mark.parametrize(("end", "kind"), [(0.9e-4, "good"), (1.1e-4, "not_converged")])
def test_a_fall_below_a_ten_thousandth_does_not_matter(end, kind):
    losses = [end * 1.01 ** (100 - epoch) for epoch in range(100)]
    assert judge(Curve("differential", range(1, 101), losses, losses, 100)).kind == kind


@pytest.mark.parametrize(("loss", "text"), [(1234.5, "1,234"), (60.0, "60"), (1.5, "1.5"), (1.23456, "1.23")])
def test_losses_are_written_with_three_figures(loss, text):
    verdict = judge(steps(loss, loss, loss, loss))
    assert verdict.evidence == (
        f"The training loss stays at {text}; the linear mesh alone has 1. "
        f"Validation {text} at its best in epoch 1, {text} at the end; training {text}."
    )


def test_a_loss_below_a_ten_thousandth_is_called_so():
    assert judge(steps(2e-5, 2e-5, 0.0, 0.0)).evidence == (
        "Validation below 0.0001 at its best in epoch 1, below 0.0001 at the end; training 0."
    )


@pytest.mark.parametrize(("over_the_last_tenth", "text"), [(0.073, "7.3 %"), (0.3, "30 %")])
def test_falls_are_written_in_percent(over_the_last_tenth, text):
    losses = [0.05 * (1 - over_the_last_tenth) ** (epoch / 20) for epoch in range(200)]
    verdict = judge(Curve("differential", range(1, 201), losses, losses, 200))
    assert verdict.evidence.endswith(f"Over the last tenth of its epochs it still fell by {text}.")


@pytest.mark.parametrize(("over_the_last_tenth", "kind"), [(0.008, "good"), (0.012, "not_converged")])
def test_still_falling_means_more_than_one_percent_over_the_last_tenth(over_the_last_tenth, kind):
    each = (1 - over_the_last_tenth) ** (1 / 20)
    losses = [0.05 * each**epoch for epoch in range(200)]
    verdict = judge(Curve("differential", range(1, 201), losses, losses, 200))
    assert verdict.kind == kind
    if kind == "not_converged":
        assert "Over the last tenth of its epochs it still fell by 1.2 %." in verdict.evidence


def test_errors_too_small_to_matter_need_no_mending():
    validation = [5e-5 * 1.01**epoch for epoch in range(60)]
    train = [1e-5 * (1.5 if epoch % 2 else 0.5) * 1.02**epoch for epoch in range(60)]
    assert judge(Curve("differential", range(1, 61), train, validation, 60)).kind == "good"


def test_losses_of_exactly_zero_are_good():
    assert judge(Curve("differential", range(1, 31), [0.0] * 30, [0.0] * 30, 30)).kind == "good"


def test_an_early_stop_counts_as_converged():
    falling_still = curve("not_converged", 60)
    assert judge(falling_still).kind == "not_converged"
    assert judge(curve("not_converged", 60, total=200, early_stopped=True)).kind == "good"


def test_a_training_that_was_cancelled_says_where():
    verdict = judge(curve("not_converged", 60, total=200))
    assert verdict.kind == "not_converged"
    assert "The training was stopped at epoch 60 of 200." in verdict.evidence
    assert verdict.advice == "Train again and let it run to its end."


@pytest.mark.parametrize("shape", ["not_converged", "not_converged with a gap"])
def test_while_the_training_goes_a_falling_curve_is_good(shape):
    verdict = judge(curve(shape, 60, total=200), live=True)
    assert verdict.kind == "good"
    assert " now; training" in verdict.evidence


@pytest.mark.parametrize("shape", ["overfitting", "rate_too_high", "underfitting"])
def test_what_lasts_is_said_while_the_training_goes(shape):
    assert judge(curve(shape, 100, total=150), live=True).kind == shape


def test_the_hump_of_a_schedule_that_raises_the_rate_is_not_called_out_at_once():
    def losses(level: float) -> list[float]:
        return [level + 0.4 * math.exp(-epoch / 2) for epoch in range(40)] + [level * 1.8] * 6

    hump = Curve("differential", range(1, 47), losses(0.02), losses(0.025), 200)
    assert judge(hump).kind == "rate_too_high"
    assert judge(hump, live=True).kind == "good"


@pytest.mark.parametrize(("solved", "kind"), [(0.030, "overfitting"), (0.012, "good")])
def test_epochs_that_only_make_a_closed_form_start_worse_are_overfitting_where_much_is_left(solved, kind):
    epochs = range(1, 61)
    train = [0.010 * 0.97**epoch for epoch in epochs]
    validation = [solved + 0.002 + 0.0003 * epoch for epoch in epochs]
    verdict = judge(Curve("differential", epochs, train, validation, 60, start_validation=solved))
    assert verdict.kind == kind
    assert verdict.evidence.startswith(
        f"Validation {solved} at its best before the first epoch, ".replace("0.030", "0.03")
    )


def test_a_curve_that_comes_down_towards_its_closed_form_start_has_not_converged():
    later = curve("not_converged", 100, start_validation=0.02)
    assert judge(later).kind == "not_converged"


def test_the_evidence_quotes_the_losses():
    epochs = range(1, 80)
    validation = [0.013 + abs(epoch - 41) * 0.0001 for epoch in epochs]
    train = [0.2 * 0.95**epoch + 0.002 for epoch in epochs]
    verdict = judge(Curve("differential", epochs, train, validation, 79, frames=1200))
    assert verdict.kind == "overfitting"
    assert verdict.evidence == (
        "Validation 0.013 at its best in epoch 41, 0.0167 at the end; training 0.00566. "
        "Validation rose by 28 % after its best while training did not. It learned from 1,200 frames."
    )
    assert "Extract more frames" in verdict.advice
    assert "Neurons Per Layer" in verdict.advice


@pytest.mark.parametrize(
    ("model", "setting"), [("differential", "Epochs For Differential"), ("subspaces", "Epochs For Subspaces")]
)
def test_the_advice_names_the_property_of_the_model(model, setting):
    assert judge(curve("not_converged", 60, model=model)).advice == f"Raise {setting} to 120."


def test_every_verdict_is_in_whole_sentences():
    for shape in SHAPES:
        for live in (False, True):
            verdict = judge(curve(shape, 60), live=live)
            assert not verdict.headline.endswith(".")
            for text in (verdict.evidence, verdict.advice):
                assert text[0].isupper()
                assert text.endswith(".")
                assert ".." not in text
                assert "  " not in text


def test_a_larger_rise_never_takes_overfitting_back():
    found = []
    for rise in range(0, 60, 2):
        found.append(judge(steps(0.03, 0.03 * (1 + rise / 100), 0.02, 0.02)).kind == "overfitting")
    assert found == sorted(found)
    assert found[0] is False
    assert found[-1] is True


def test_longer_curves_of_the_same_shape_give_the_same_verdict():
    assert {judge(curve("overfitting", epochs)).kind for epochs in (20, 50, 399, 401, 3000)} == {"overfitting"}


def test_ten_thousand_epochs_are_judged_fast_enough_to_do_it_live():
    long = curve("overfitting", 10_000, noise=0.05)
    begin = time.perf_counter()
    assert judge(long, live=True).kind == "overfitting"
    assert time.perf_counter() - begin < 0.5


def test_losses_of_other_lengths_are_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="both losses"):
        judge(Curve("differential", [1, 2], [0.1, 0.1], [0.1], 2))
