"""A model of random numbers that plays in no time: three regions and five patches on two meshes."""

from __future__ import annotations

import math

import numpy as np

from glm_deep.inputs import InputFrames, InputLayout, InputStatistics, raw_values
from glm_deep.kernel import PARTS
from glm_deep.runtime.model import ClosedForm, MeshModel, Model, PatchModel, RegionModel, Stacked

VERTICES, ANCHORS, SIZES = (30, 12), (9, 4), (4, 1, 3)
REGIONS = ((0, np.arange(20)), (0, np.arange(15, 30)), (1, np.arange(12)))
# Vertices and anchors of the patches of each mesh; the last patch of the first mesh knows none of the first anchors.
PATCHES = (
    ((np.arange(16), np.array([0, 2, 5])), (np.arange(10, 30, 2), np.array([1, 2, 3, 4, 6])), ([29], np.array([7, 8]))),
    ((np.arange(12), np.array([0, 1, 2, 3])), (np.arange(4, 8), np.array([1, 3]))),
)
WIDTH, CENTRES = 5, 11


def layout() -> InputLayout:
    """Two floats, one of them with limits, and two joints."""
    rest = np.tile(np.eye(4), (2, 1, 1))
    rest[1, :3, 3] = 1.0, 2.0, 3.0
    return InputLayout(
        ("smile", "blink"),
        np.array([[0.0, 1.0], [np.nan, np.nan]]),
        ("root", "jaw"),
        np.array([-1, 0], np.int32),
        rest,
        (),
    )


def inputs(frames: int, seed: int = 1) -> InputFrames:
    """Random poses."""
    random = np.random.default_rng(seed)
    joints = np.tile(np.eye(4), (frames, 2, 1, 1))
    joints[:, :, :3] += 0.2 * random.normal(size=(frames, 2, 3, 4))
    return InputFrames(random.uniform(0, 1, (frames, 2)), joints, np.zeros((frames, 0, 4, 4)))


def scaled(model: Model, given: InputFrames) -> np.ndarray:
    """(F,I) the inputs as the model sees them."""
    return model.statistics.apply(raw_values(model.layout, given))


def _networks(random: np.random.Generator, parts: int, kept: int, outputs: int) -> Stacked:
    widths = (WIDTH, 6, 7, outputs)
    layers = tuple(
        (
            (random.normal(size=(parts, width, following)) / math.sqrt(width)).astype(np.float32),
            (0.3 * random.normal(size=(parts, 1, following))).astype(np.float32),
        )
        for width, following in zip(widths[:-1], widths[1:])
    )
    order = np.array([random.choice(kept, WIDTH, replace=False) for _ in range(parts)], np.int32)
    return Stacked(order, layers)


def small_model(seed: int = 0) -> Model:
    """The model; all numbers at random."""
    random = np.random.default_rng(seed)

    def single(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    statistics = InputStatistics.fit(layout(), raw_values(layout(), inputs(40, seed=0)))
    kept = int(statistics.kept.sum())
    firsts = np.flatnonzero(np.diff(layout().value_groups[statistics.kept], prepend=-1))
    closed_form = ClosedForm(
        unit=random.uniform(0.2, 2.0, kept).astype(np.float32),
        firsts=firsts.astype(np.int32),
        centres=single(CENTRES, kept),
        metrics=(0.05 * random.uniform(size=(len(SIZES), PARTS, len(firsts)))).astype(np.float32),
        amounts=random.uniform(0.5, 3.0, (len(SIZES), PARTS)).astype(np.float32),
        weights=single(CENTRES, sum(SIZES)),
    )
    meshes = tuple(
        MeshModel(
            name,
            1,
            2.5,
            single(vertices, 3),
            random.choice(vertices, anchors, replace=False).astype(np.int32),
            tuple(
                PatchModel(
                    np.array(own, np.int32),
                    near.astype(np.int32),
                    (0.3 * random.uniform(size=(len(own), len(near)))).astype(np.float32),
                )
                for own, near in patches
            ),
        )
        for name, vertices, anchors, patches in zip(("body", "shirt"), VERTICES, ANCHORS, PATCHES)
    )
    return Model(
        layout=layout(),
        statistics=statistics,
        closed_form=closed_form,
        differential=_networks(random, len(SIZES), kept, max(SIZES)),
        subspaces=_networks(random, sum(ANCHORS), kept, 3),
        regions=tuple(
            RegionModel(mesh, vertices.astype(np.int32), single(len(vertices), 3, size))
            for (mesh, vertices), size in zip(REGIONS, SIZES)
        ),
        meshes=meshes,
    )
