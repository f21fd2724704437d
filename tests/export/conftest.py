"""Models of small characters, each trained once, with the frames that they were trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from glm_deep.config import Subspaces, Training
from glm_deep.dataset.source import ArchiveSource
from glm_deep.export import graph
from glm_deep.inputs import InputFrames, InputLayout
from glm_deep.runtime.model import Model
from glm_deep.train import closed_form
from glm_deep.train.kernel_choice import choose_kernel
from learning import QUICK, Character, Run, with_differential
from pulled_model import pulled

LEARNED = replace(
    with_differential(epochs=30), learning_rate=3e-3, subspaces=Subspaces(30, 1, 16), validation_share=0.2
)


class Made(NamedTuple):
    """A trained model and its frames."""

    model: Model
    source: ArchiveSource


def _with_a_matrix() -> ArchiveSource:
    """The character whose elbow is a matrix instead of a joint."""
    frames = Character().source().frames
    none = np.zeros((0, 4, 4))
    layout = InputLayout(
        frames.layout.float_names, frames.layout.float_limits, (), np.zeros(0, np.int32), none, ("elbow",)
    )
    inputs = InputFrames(frames.inputs.floats, frames.inputs.joints[:, :0], frames.inputs.joints[:, 1:])
    return ArchiveSource(replace(frames, layout=layout, inputs=inputs))


def _learned(source: ArchiveSource, folder: Path, training: Training = QUICK) -> Made:
    folder.mkdir()
    return Made(Run().learn(source, training, folder).model, source)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Made]:
    """A function that gives a character by what is special about it."""

    @cache
    def make(name: str) -> Made:
        torch.set_num_threads(1)
        folder = tmp_path_factory.mktemp("made") / "work"
        if name == "networks":  # the closed form leaves them something to learn
            with pytest.MonkeyPatch.context() as patch:
                cautious: Any = lambda *given: replace(choose_kernel(*given), ridge=30.0)  # noqa: E731
                patch.setattr(closed_form, "choose_kernel", cautious)
                return _learned(Character(frames=150).source(), folder, LEARNED)
        if name == "matrix":
            return _learned(_with_a_matrix(), folder)
        characters = {
            "joints and floats": Character(),
            "two meshes": Character(meshes=("body", "sleeve")),
            "floats alone": Character(joints=False),
            "not skinned": Character(skinned=False),
            "still": Character(still=True),
            "one is linear": Character(meshes=("body", "sleeve"), linear=("sleeve",)),
        }
        if name == "pulled":
            plain = make("two meshes")
            return Made(pulled(plain.model), plain.source)
        return _learned(characters[name].source(), folder)

    return make


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], Any]], None]:
    """A function that has something done to the first basis of every graph that is made."""

    def by(change: Callable[[Any], Any]) -> None:
        def spoilt(*given: Any, **named: Any) -> Any:
            made = original(*given, **named)
            change(made.meshes[0].bases[0].data)
            return made

        monkeypatch.setattr(graph, "Graph", spoilt)

    original = graph.Graph
    return by
