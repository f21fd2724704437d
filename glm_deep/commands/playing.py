"""What evaluate and predict share: a model ready to play frames of an archive."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

import numpy as np

from glm_deep import dio
from glm_deep.backends import load as back_ends
from glm_deep.backends.back_end import NUMPY
from glm_deep.backends.opening import ModelFile
from glm_deep.backends.player import Player
from glm_deep.character import Character, stale_reasons
from glm_deep.dataset.archive import read_archive
from glm_deep.dataset.fingerprint import difference, fingerprint
from glm_deep.dataset.source import ArchiveSource
from glm_deep.errors import DataError
from glm_deep.inputs import InputLayout
from glm_deep.runtime.evaluation import FRAMES_AT_ONCE
from glm_deep.runtime.model import from_bundle


@dataclass(frozen=True)
class Playing:
    """What plays a model, with which back-end, its meshes in order, and the frames to be played."""

    player: Player
    chosen: str
    mesh_names: tuple[str, ...]
    source: ArchiveSource

    @property
    def back_end(self) -> str:
        """What played: numpy, once the chosen one has broken down."""
        return self.chosen if self.player.broken is None else NUMPY

    def tell(self) -> None:
        """Says what there is to know of what was played."""
        for each in self.player.told():
            print(f"warning: {each}.", file=sys.stderr)


def load(arguments: argparse.Namespace, *, need_deformed: bool) -> Playing:
    """Reads model and frames; says when the model is stale.

    Raises:
        BundleError: there is no model, or it cannot be read.
        DataError: the frames cannot be read, or are of another character.
    """
    character = Character(dio.load(arguments.configuration))
    bundle = character.load_model()
    model = from_bundle(bundle)
    for reason in stale_reasons(character, bundle.facts):
        print(f"warning: the model is stale: {reason}.", file=sys.stderr)
    frames = read_archive(arguments.archive, need_deformed=need_deformed)
    for warning in frames.warnings:
        print(f"warning: {warning.rstrip('.')}.", file=sys.stderr)
    _refuse_other_inputs(model.layout, frames.layout, arguments.archive)
    sizes = {mesh.name: len(mesh.mean) for mesh in model.meshes}
    for mesh in frames.meshes:
        expected = sizes.get(mesh.rest.name)
        if expected not in (None, len(mesh.rest.rest)):
            raise DataError(
                f'the mesh "{mesh.rest.name}" has {len(mesh.rest.rest)} vertices and the model {expected}',
                where=str(arguments.archive),
                hint="Use frames of the mesh that the model was trained on",
            )
    skinned = [mesh.skinning.kind != "none" for mesh in frames.meshes]
    given = fingerprint(frames.layout, [mesh.rest for mesh in frames.meshes], skinned)
    for each in difference(bundle.facts["fingerprint"], given):
        print(f"warning: these frames are not of what the model was trained on: {each}.", file=sys.stderr)
    chosen = character.config.playing
    file = ModelFile(character.model_path, bundle.identity, model)
    loaded = back_ends.load(arguments.backend or chosen.back_end, file, FRAMES_AT_ONCE)
    for told in loaded.told:
        print(f"{told.rstrip('.')}.", file=sys.stderr)
    player = Player(model, loaded.back_end, arguments.outside or chosen.outside_range)
    player.set_quality(arguments.quality)
    return Playing(player, loaded.name, tuple(mesh.name for mesh in model.meshes), ArchiveSource(frames))


def _refuse_other_inputs(wanted: InputLayout, given: InputLayout, where: str) -> None:
    for kind, ours, theirs in (
        ("float inputs", wanted.float_names, given.float_names),
        ("joints", wanted.joint_names, given.joint_names),
        ("matrix inputs", wanted.matrix_names, given.matrix_names),
    ):
        if ours != theirs:
            first = next((name for name in ours if name not in theirs), None)
            how = f'"{first}" is missing' if first else "others were added, or their order is another"
            raise DataError(
                f"the {kind} are not those that the model was trained with: {how}",
                where=str(where),
                hint="Write the inputs of the model into the archive, in its order",
            )
    if not np.array_equal(wanted.joint_parents, given.joint_parents):
        raise DataError(
            "the joints have other parents than those that the model was trained with",
            where=str(where),
            hint="Use the skeleton of the model",
        )
