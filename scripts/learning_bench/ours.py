"""glm_deep itself as a contestant: a model file that is there, or a training that leaves the character alone."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glm_deep.bundle import Bundle
from glm_deep.character import Character, stale_reasons
from glm_deep.dataset.store import SampleStore
from glm_deep.errors import BundleError
from glm_deep.runtime.evaluation import Predictor
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import from_bundle
from learning_bench.names import DIRECT, OURS


@dataclass(frozen=True)
class Guest(Character):
    """A character whose samples stay where they are while runs and models go to another folder."""

    samples: SampleStore

    @property
    def store(self) -> SampleStore:
        """The samples."""
        return self.samples


def elsewhere(character: Character, folder: Path) -> Guest:
    """The character with a main directory of its own for one training, which publishes nothing."""
    document = character.document.with_values({"main_directory": str(folder), "export.publish_to": ""})
    return Guest(document, character.store)


def load(character: Character, path: Path | None) -> Bundle:
    """The model file of the character, or another one; says when it is stale.

    Raises:
        BundleError: there is none, it cannot be read, or it is of other meshes.
    """
    bundle = character.load_model() if path is None else Bundle.load(path)
    for reason in stale_reasons(character, bundle.facts):
        print(f"warning: the model is stale: {reason}.", file=sys.stderr)
    names = tuple(mesh.deformed for mesh in character.config.meshes)
    theirs = Evaluator(from_bundle(bundle)).mesh_names
    if theirs != names:
        raise BundleError(
            f"the model is of the meshes {', '.join(theirs)} and the character of {', '.join(names)}",
            where=str(character.model_path if path is None else path),
            hint="Choose a model of this character",
        )
    return bundle


def forms(bundle: Bundle) -> dict[str, Predictor]:
    """Both forms of the model: with what the anchors say, and without."""
    evaluator = Evaluator(from_bundle(bundle))
    return {OURS: evaluator.offsets, DIRECT: evaluator.direct_offsets}


def training_seconds(facts: Mapping[str, Any]) -> float | None:
    """How long the training took, as the model file tells, where it does."""
    seconds = facts.get("report", {}).get("seconds")
    return float(seconds) if isinstance(seconds, (int, float)) else None
