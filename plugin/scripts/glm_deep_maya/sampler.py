"""The pose sampler: poses of the controls become samples.

The scene is posed directly, without keys, and is afterwards as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial

import numpy as np
from maya import cmds

from glm_deep import dio
from glm_deep.character import Character
from glm_deep.errors import GlmDeepError
from glm_deep_maya.controls import ANGLE, Found, controls_of, freed
from glm_deep_maya.extract import Extracted, Extraction, Place
from glm_deep_maya.poses import Control, make_poses
from glm_deep_maya.state import quiet_scene
from glm_deep_maya.targets import Target
from glm_deep_maya.undo import without_undo

CLIP = "sampled poses"
COUNT = 500
"""Poses where nobody says how many."""


def sample(path: str, count: int, seed: int = 0, angle: float = ANGLE) -> Extracted:
    """Poses the rig of a configuration `count` times and adds the poses to its samples.

    Esc ends it; what was read until then is kept. The scene is as before in every case.

    Args:
        path: of the `.dio`. count: of poses. seed: the same one gives the same poses.
        angle: in degrees, how far a joint without limits turns to either side.

    Raises:
        GlmDeepError: the scene is not what the configuration says, or nothing can be posed.
    """
    if count < 1 or seed < 0:
        raise GlmDeepError(
            f"{count} poses with the seed {seed} cannot be sampled",
            hint="Ask for one pose at least, and a seed from 0 on",
        )
    character = Character(dio.load(path))
    with under_control(character, angle) as (extraction, found):
        poses = make_poses(found.controls, count, seed)
        places = places_of(extraction, found.controls, poses)
        interrupted = extraction.choose_skinning(places) or extraction.read_all(
            places, CLIP, f"Sampling {character.config.asset}"
        )
    return Extracted(extraction.added, extraction.discarded, character.store.frame_count, interrupted)


@contextmanager
def under_control(character: Character, angle: float) -> Iterator[tuple[Extraction, Found]]:
    """The rig of a character with its controls free to be set; the scene is as before after the block."""
    # in this order: what is restored stays out of undo too
    with without_undo(), quiet_scene(), closing(Extraction(character)) as extraction:
        found = controls_of(character.config.rig_inputs, angle)
        if found.left_out:
            names = ", ".join(plug for _, plug in found.left_out)
            cmds.warning(f"Not posed, since they are locked or something other than keys drives them: {names}.")
        if not found.controls:
            raise GlmDeepError(
                "no input can be posed",
                where=str(character.document.path),
                hint="Name controls or joints that are free to move in rig_inputs",
            )
        with freed(found.controls):
            yield extraction, found


def apply_pose(controls: Sequence[Control], pose: Sequence[float] | np.ndarray, targets: Sequence[Target]) -> None:
    """Sets all controls and lets the meshes follow."""
    for control, value in zip(controls, pose):
        cmds.setAttr(control.plug, float(value))  # type: ignore[arg-type]  # the stubs know texts alone
    for target in targets:  # nothing is drawn and no time changes, so nothing else asks for them
        cmds.dgeval(f"{target.deformed}.outMesh", f"{target.linear}.outMesh")


def places_of(extraction: Extraction, controls: Sequence[Control], poses: np.ndarray) -> list[Place]:
    """The poses as places of the scene."""
    return [
        Place(f"pose {number}", partial(apply_pose, controls, pose, extraction.targets))
        for number, pose in enumerate(poses, 1)
    ]
