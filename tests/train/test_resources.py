"""Device, threads and memory of a training."""

from __future__ import annotations

import os

import psutil
import pytest
import torch

from glm_deep.config import Differential, Subspaces, Training
from glm_deep.errors import GlmDeepError
from glm_deep.train.resources import (
    check_memory,
    choose_device,
    needed_memory,
    network_memory,
    usable_threads,
    use_threads,
)


@pytest.mark.parametrize(
    ("asked", "there", "used", "missing"),
    [
        ("automatic", False, "cpu", False),
        ("automatic", True, "cuda", False),
        ("cpu", False, "cpu", False),
        ("cpu", True, "cpu", False),
        ("cuda", False, "cpu", True),
        ("cuda", True, "cuda", False),
    ],
)
def test_a_device_is_used_where_it_is_there_and_missed_where_it_was_asked_for(
    asked: str, there: bool, used: str, missing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Card 9000")
    device = choose_device(asked)
    assert (device.asked, device.used.type, device.missing) == (asked, used, missing)
    assert ("Card 9000" in device.why) == (used == "cuda")


@pytest.mark.parametrize(
    ("build", "why"), [(None, "this torch was built without CUDA"), ("12.8", "no usable GPU was found")]
)
def test_why_there_is_no_gpu_is_said(build: str | None, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", build)
    assert choose_device("cuda").why == why


def test_threads_are_those_asked_for_or_all_that_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    try:
        assert use_threads(3) == 3
        assert torch.get_num_threads() == 3
        assert use_threads(0) == usable_threads() == torch.get_num_threads()
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 5, 6, 7}, raising=False)
        assert usable_threads() == 5
        monkeypatch.delattr(os, "sched_getaffinity")
        monkeypatch.setattr(os, "cpu_count", lambda: 12)
        assert usable_threads() == 12
    finally:
        torch.set_num_threads(before)


def test_the_memory_is_that_of_the_largest_arrays() -> None:
    frames, vertices, anchors, components, threads = 1000, 50_000, 1000, 64, 4
    libraries = 400e6
    bases = 1.7 * (3 * vertices * components * 8)  # regions overlap
    a_region, kernels = 2 * (1.7 * 3 * vertices / 20 * frames * 4), 6 * (frames * frames * 8)
    patches = 1.5 * (vertices * 60 * 8)
    products = 4 * (1000 * 1000 + 3 * 1000 * anchors + anchors * anchors) + 8 * frames * (1000 + 3 * anchors)
    of_vertices = 3 * 12 * 1.7 * vertices * 1000 / 24
    expected = libraries + bases + threads * (a_region + kernels) + patches + products + of_vertices
    assert needed_memory(frames, vertices, anchors, components, threads) == pytest.approx(expected)
    assert 1e9 < expected < 2e9


def test_more_of_anything_needs_more_memory_and_none_of_it_faster_than_it_grows() -> None:
    frames, vertices, anchors, components, threads = 1000, 50_000, 1000, 64, 4
    base = needed_memory(frames, vertices, anchors, components, threads)
    assert base < needed_memory(2 * frames, vertices, anchors, components, threads) < 2 * base
    assert base < needed_memory(frames, 2 * vertices, 2 * anchors, components, threads) < 2 * base
    assert base < needed_memory(frames, vertices, anchors, components, 2 * threads) < 2 * base
    assert needed_memory(frames, vertices, anchors, None, threads) > base


def test_memory_that_does_not_suffice_is_refused_with_both_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    check_memory(4e9, 4e9)
    with pytest.raises(GlmDeepError, match=r"needs about 4\.1 GB of memory and 4\.0 GB are free"):
        check_memory(4.1e9, 4e9)

    class Free:
        available = 2e9

    monkeypatch.setattr(psutil, "virtual_memory", Free)
    check_memory(1.9e9)
    with pytest.raises(GlmDeepError, match=r"2\.0 GB are free"):
        check_memory(2.1e9)


def test_networks_count_with_their_optimiser_and_their_best_state() -> None:
    training = Training(differential=Differential(layers=5, neurons=2048), subspaces=Subspaces(layers=1, neurons=4))
    one_region = 64 * 2048 + 4 * 2048**2 + 2048 * 64
    ten_anchors = 10 * (64 * 4 + 4 * 3)
    one_frame = 3 * 4 * (5 * 2048 + 10 * (64 + 4))
    expected = 5 * 4 * (one_region + ten_anchors) + 30 / 8 * one_frame
    assert network_memory(training, 30, 10, 100) == pytest.approx(expected)
    expected = 5 * 4 * (2 * one_region + ten_anchors) + 60 / 8 * (one_frame + 3 * 4 * 5 * 2048)
    assert network_memory(training, 60, 10, 100) == pytest.approx(expected)
