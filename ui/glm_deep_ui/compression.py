"""What a PCA size comes to: how large it can be, and how much of the deformation it keeps. Without Qt."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass

from glm_deep.config import PCA_PART_OF_VERTICES
from glm_deep_ui.summary import Summary


@dataclass(frozen=True)
class Compression:
    """What is known of the PCA of a character.

    Attributes:
        largest: what vertices and frames allow, 0 where they are not known.
        last: the size that the last training used, 0 before any.
        last_kept: the share of the deformation that it kept, NaN where unknown.
        kept_by_size: sizes, rising, and the share that each would keep; empty before any training.
    """

    largest: int = 0
    last: int = 0
    last_kept: float = math.nan
    kept_by_size: tuple[tuple[int, float], ...] = ()

    @classmethod
    def of(cls, summary: Summary) -> Compression:
        """What the samples and the model of a character tell."""
        report = summary.report or {}
        vertices = sum(summary.vertices.values())
        sizes = tuple((int(size), float(share)) for size, share in report.get("pca_kept_by_size", ()))
        allowed = [round(PCA_PART_OF_VERTICES * vertices), summary.frames, *(size for size, _ in sizes[-1:])]
        largest = max(1, min(allowed)) if vertices and summary.frames else 0
        return cls(largest, report.get("pca_size", 0), report.get("pca_kept", math.nan), sizes)

    def share(self, size: int) -> float:
        """The share of the deformation that a size keeps, between two known sizes in proportion; NaN where unknown."""
        if not self.kept_by_size:
            return math.nan
        place = bisect.bisect_left(self.kept_by_size, (size, -1.0))
        if place == len(self.kept_by_size):
            return self.kept_by_size[-1][1]
        (above, high), (below, low) = self.kept_by_size[place], self.kept_by_size[max(0, place - 1)]
        return low + (high - low) * (size - below) / max(1, above - below)

    def in_words(self, size: int) -> str:
        """What becomes of a size that is asked for; 0 stands for the automatic one."""
        if size == 0:
            last = f", last time {self.last} components" if self.last else ""
            return f"automatic{last}{_kept(self.last_kept)}"
        used = min(size, self.largest) if self.largest else size
        unit = "component" if used == 1 else "components"
        bound = f"at most {self.largest} fit these samples: " if self.largest and size > self.largest else ""
        return f"{bound}{used} {unit}{_kept(self.share(used))}"


def _kept(share: float) -> str:
    if math.isnan(share):
        return ""
    percent = 100 * share
    digits = 1 if percent < 99 else 2
    return f", {min(percent, 100 - 10**-digits) if share < 1 else 100:.{digits}f} % of the deformation kept"
