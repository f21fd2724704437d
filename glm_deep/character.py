"""A character as its configuration names it: where its samples and its model are, and whether they still fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glm_deep.bundle import Bundle
from glm_deep.config import Config
from glm_deep.dataset.fingerprint import difference
from glm_deep.dataset.measured_relevance import MeasuredRelevance, fitting
from glm_deep.dataset.samples import SampleSet
from glm_deep.dataset.selection import Wanted, disagreements
from glm_deep.dataset.store import SampleStore
from glm_deep.dio import Document, changed_settings
from glm_deep.errors import BundleError, DataError
from glm_deep.inputs import InputLayout
from glm_deep.rundir import MainFolder


@dataclass(frozen=True)
class Character:
    """What belongs to a configuration file."""

    document: Document

    @property
    def config(self) -> Config:
        """Its settings."""
        return self.document.config

    @property
    def main(self) -> MainFolder:
        """The folder of its samples, runs and models."""
        return MainFolder(self.document.main_directory)

    @property
    def store(self) -> SampleStore:
        """Its samples."""
        return SampleStore(self.main.samples)

    @property
    def model_path(self) -> Path:
        """Its trained model, whether it is there or not."""
        return self.main.bundle(self.config.asset)

    def check_inputs(self, meshes: list[str], layout: InputLayout) -> None:
        """Refuses samples whose meshes or inputs are not those of the configuration.

        Raises:
            DataError: with every difference.
        """
        found = disagreements(wanted_of(self.config), meshes, layout)
        if found:
            raise DataError(
                "the samples do not fit the configuration: " + "; ".join(found),
                where=str(self.document.path),
                hint="Correct meshes and rig_inputs in the configuration, or make a new one with glm-deep new",
            )

    def open_samples(self) -> SampleSet:
        """All samples.

        Raises:
            DataError: there are none, they cannot be read, or they do not fit the configuration.
        """
        if not self.store.exists:
            raise DataError(
                "there are no samples yet",
                where=str(self.main.samples),
                hint="Add some with: glm-deep import CONF.dio FRAMES.npz",
            )
        samples = self.store.open()
        self.check_inputs([mesh.name for mesh in samples.meshes], samples.layout)
        return samples

    def measured_relevance(self) -> tuple[MeasuredRelevance | None, str]:
        """What was measured of which input moves what, if it fits the samples; else None, and a sentence that says why.

        The sentence is empty where nothing was measured.
        """
        return fitting(self.main.samples, self.store.fingerprint)

    def load_model(self) -> Bundle:
        """The trained model.

        Raises:
            BundleError: there is none, or it cannot be read.
        """
        if not self.model_path.is_file():
            raise BundleError(
                "there is no trained model yet",
                where=str(self.model_path),
                hint="Train one with: glm-deep train CONF.dio",
            )
        return Bundle.load(self.model_path)


def wanted_of(config: Config) -> Wanted:
    """The meshes and inputs that a configuration names."""
    inputs = config.rig_inputs
    return Wanted(
        tuple(mesh.deformed for mesh in config.meshes),
        {
            each.name: (np.nan if each.min is None else each.min, np.nan if each.max is None else each.max)
            for each in inputs.floats
        },
        {each.name: each.parent for each in inputs.joints},
        tuple(each.name for each in inputs.matrices),
    )


def stale_reasons(character: Character, facts: Mapping[str, Any]) -> list[str]:
    """Why a model no longer fits its configuration and samples, a sentence each; empty when it does.

    Args:
        facts: what the model file says of itself.
    """
    reasons = [
        f"the setting {change}" for change in changed_settings(facts["configuration"], character.config.to_json())
    ]
    if not character.store.exists:
        return [*reasons, "there are no samples any more"]
    current = character.store.fingerprint or {}
    reasons += difference(facts["fingerprint"], current)
    if facts["data_hash"] != character.store.data_hash:
        frames = character.store.frame_count
        figures = f"{facts['frames']} frames then, {frames} now"
        reasons.append(
            f"the samples have changed: {'their content is another' if facts['frames'] == frames else figures}"
        )
    relevance, _ = character.measured_relevance()
    then, now = facts.get("relevance", ""), relevance.checksum if relevance else ""
    if then != now:
        how = "was measured again" if then and now else "was measured" if now else "is not known any more"
        reasons.append(f"the relevance has changed: which input moves what {how}")
    return reasons
