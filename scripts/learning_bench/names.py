"""The contestants of the benchmarks; kept apart from what fits them, so that naming them costs no time."""

from __future__ import annotations

from types import MappingProxyType

OURS, DIRECT = "ours", "ours_direct"

TITLES = MappingProxyType(
    {
        "linear_mesh": "linear mesh alone",
        "ridge": "ridge on all inputs",
        "global_network": "one global network",
        "global_kernel": "one global kernel regression",
        "region_kernel": "kernel regression per region, masked inputs",
        "published": "published recipe",
        OURS: "**glm_deep, reconstructed**",
        DIRECT: "glm_deep, direct",
    }
)
"""What tables call them; the direct form of ours is measured along with ours."""

CONTESTANTS = tuple(name for name in TITLES if name != DIRECT)
