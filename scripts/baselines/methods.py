"""All baselines by name, fitted in one way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray

from baselines import global_kernel, global_network, linear_mesh, published, region_kernel, ridge
from baselines.predictor import Fitted, Watch, never
from glm_deep.train.prepare import Prepared


@dataclass(frozen=True)
class Means:
    """How a baseline is fitted.

    Attributes:
        seed: of all that is random.
        device: of the networks.
        published_epochs: of both kinds of networks of the published recipe.
        published_frames: that it learns from; None for the training frames.
        watch: sees the iterative ones after every epoch.
    """

    seed: int
    device: torch.device
    published_epochs: int = published.EPOCHS
    published_frames: NDArray[np.int64] | None = None
    watch: Watch = never


def _network(prepared: Prepared, means: Means) -> Fitted:
    return global_network.fit(prepared, means.seed, means.device, global_network.EPOCHS, means.watch)


def _published(prepared: Prepared, means: Means) -> Fitted:
    return published.fit(
        prepared, means.published_epochs, means.published_frames, means.seed, means.device, means.watch
    )


FITS: Mapping[str, Callable[[Prepared, Means], Fitted]] = MappingProxyType(
    {
        "linear_mesh": lambda prepared, means: linear_mesh.fit(prepared),
        "ridge": lambda prepared, means: ridge.fit(prepared, means.seed),
        "global_network": _network,
        "global_kernel": lambda prepared, means: global_kernel.fit(prepared, means.seed),
        "region_kernel": lambda prepared, means: region_kernel.fit(prepared, means.seed),
        "published": _published,
    }
)
