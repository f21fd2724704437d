"""A closed form that leaves the networks something to learn: at its best it leaves too little to prove that they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from glm_deep.train import closed_form
from glm_deep.train.kernel_choice import choose_kernel
from glm_deep.train.regression import Kernel


def _cautious(*given: Any) -> Kernel:
    """The kernel that is chosen, but with far too much noise allowed for."""
    return replace(choose_kernel(*given), ridge=30.0)


@pytest.fixture(scope="session")
def hold_back() -> Callable[[pytest.MonkeyPatch], None]:
    """A function that holds the closed form back."""
    return lambda patch: patch.setattr(closed_form, "choose_kernel", _cautious)


@pytest.fixture
def _held_back(hold_back: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The closed form is held back in this test."""
    hold_back(monkeypatch)
