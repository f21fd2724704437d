"""Pictures of a training: its learning curves, and poses beside the truth with their error as colour.

Drawn with matplotlib onto a file; no window is opened and no global state is touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from shading import Patches, Surface, View, best_view, seen

Floats = npt.NDArray[np.float64]

_DOTS_PER_INCH = 100
_WIDTH = 16.0  # inches
_INK, _FAINT = "#262626", "#8a8a8a"
_VALIDATION, _TRAINING = "#1f5fbf", "#2e8b57"
_TRUTH = ((0.90, 0.72, 0.62), (0.47, 0.58, 0.70), (0.66, 0.70, 0.54), (0.78, 0.70, 0.82))
# From no error to much: lightness falls all the way, so that it reads in grey and with any colour vision.
ERROR_COLOURS = LinearSegmentedColormap.from_list("error", ["#e6e0dc", "#f5cf96", "#ee9452", "#d2453a", "#8c1440"])


@dataclass(frozen=True)
class Curve:
    """The losses of a model by epoch.

    `epochs` (E,); `training` and `validation` (E,), or (A, E) for A models of a kind. `best_epoch` is the epoch that
    was kept, None when there is no single one.
    """

    epochs: Floats
    training: Floats
    validation: Floats
    best_epoch: int | None


@dataclass(frozen=True)
class PosedMesh:
    """A mesh in one pose: polygons, and positions (V, 3) by linear skinning, by the model, and in truth."""

    face_sizes: npt.NDArray[np.int64]
    face_vertices: npt.NDArray[np.int64]
    linear: Floats
    predicted: Floats
    truth: Floats


@dataclass(frozen=True)
class Pose:
    """A row of the comparison: its name, the meshes drawn together, and from where (None: where the error shows)."""

    name: str
    meshes: tuple[PosedMesh, ...]
    view: View | None = None


def draw_learning_curves(curves: Mapping[str, Curve], path: Path, *, title: str = "Learning curves") -> None:
    """Write a PNG with one panel per model: validation blue, training green and dashed, logarithmic, best epoch marked.

    Raises:
        ValueError: no curve is given.
    """
    if not curves:
        raise ValueError("draw_learning_curves needs at least one curve")
    figure = Figure(figsize=(_WIDTH, 6.4), dpi=_DOTS_PER_INCH, facecolor="white", layout="constrained")
    figure.get_layout_engine().set(w_pad=0.25, h_pad=0.15, wspace=0.04)  # type: ignore[union-attr, call-arg]
    figure.suptitle(title, fontsize=19, color=_INK, fontweight="bold")
    for axes, (name, curve) in zip(figure.subplots(1, len(curves), squeeze=False)[0], curves.items()):
        _draw_curve(axes, name, curve)
    _write(figure, path)


def _draw_curve(axes: Axes, name: str, curve: Curve) -> None:
    """Draw the panel of one model."""
    kinds = (("validation", curve.validation, _VALIDATION, "-"), ("training", curve.training, _TRAINING, (0, (5, 2))))
    many = curve.validation.ndim == 2
    for label, losses, colour, dashes in kinds:
        middle = losses
        if losses.ndim == 2:
            low, middle, high = np.nanpercentile(losses, [10.0, 50.0, 90.0], axis=0)
            axes.fill_between(curve.epochs, low, high, color=colour, alpha=0.14, linewidth=0.0)
            axes.plot(curve.epochs, losses.T, color=colour, alpha=0.16, linewidth=0.5, linestyle=dashes)
            label = f"{label}, median of {len(losses)}"
        axes.plot(curve.epochs, middle, color=colour, linewidth=2.2, linestyle=dashes, label=label)
    if curve.best_epoch is not None:
        kept = np.nanmedian(curve.validation, axis=0) if many else curve.validation
        loss = float(np.interp(curve.best_epoch, curve.epochs, kept))
        axes.axvline(curve.best_epoch, color=_FAINT, linewidth=1.0, linestyle=":", zorder=1)
        note = f"best epoch {curve.best_epoch}: {loss:.3g}"
        axes.plot([curve.best_epoch], [loss], "o", color=_VALIDATION, markersize=9, markeredgecolor="white", label=note)
    axes.set_yscale("log")
    if many:
        # Models that had next to nothing to learn would press all others into a strip at the top.
        both = np.concatenate([curve.validation, curve.training])
        lowest = float(np.nanpercentile(both, 10.0))
        if lowest > 0.0:
            axes.set_ylim(bottom=lowest / 3.0)
    axes.set_title(name, fontsize=16, color=_INK, loc="left")
    axes.set_xlabel("epoch", fontsize=13, color=_INK)
    axes.set_ylabel("loss", fontsize=13, color=_INK)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    axes.tick_params(labelsize=11, colors=_INK)
    axes.grid(True, which="major", color="#e2e2e2", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=12, frameon=False, labelcolor=_INK)


def distances(mesh: PosedMesh) -> tuple[Floats, Floats]:
    """Return the distances (V,) of linear skinning and of the prediction from the truth, in scene units."""
    linear, predicted = (
        np.linalg.norm(np.asarray(positions, dtype=np.float64) - mesh.truth, axis=1)
        for positions in (mesh.linear, mesh.predicted)
    )
    return linear, predicted


def draw_comparison(poses: Sequence[Pose], path: Path, *, title: str = "", unit: str = "cm") -> None:
    """Write a PNG, 1600 pixels wide: a row per pose; linear skinning, prediction and truth in columns.

    The first two columns show the distance from the truth as colour, on one scale for all rows.

    Raises:
        ValueError: no pose is given, or a pose without a mesh.
    """
    if not poses or not all(pose.meshes for pose in poses):
        raise ValueError("draw_comparison needs at least one pose, each with at least one mesh")
    top = _top_of_scale(poses)
    rows = [_row(pose) for pose in poses]
    heights = [_row_height(row) for row in rows]
    head, foot = 1.25, 0.95
    height = head + foot + sum(heights)
    figure = Figure(figsize=(_WIDTH, height), dpi=_DOTS_PER_INCH, facecolor="white")
    figure.text(0.025, 1.0 - 0.28 / height, title, fontsize=20, color=_INK, fontweight="bold", va="top")
    for column, heading in enumerate(("Linear skinning", "Predicted", "Truth")):
        place = (0.025 + (column + 0.5) * 0.95 / 3, 1.0 - 1.12 / height)
        figure.text(*place, heading, fontsize=16, color=_INK, ha="center")
    below = height - head
    for pose, row, tall in zip(poses, rows, heights):
        below -= tall
        _draw_row(figure, pose, row, (below / height, tall / height), Normalize(0.0, top), unit)
    bar = figure.add_axes((0.30, 0.55 / height, 0.40, 0.17 / height))
    scale = figure.colorbar(
        ScalarMappable(Normalize(0.0, top), ERROR_COLOURS), bar, orientation="horizontal", extend="max"
    )
    scale.set_label(f"distance from the truth ({unit})", fontsize=13, color=_INK)
    scale.ax.tick_params(labelsize=12, colors=_INK)
    scale.outline.set_visible(False)
    _write(figure, path)


def _top_of_scale(poses: Sequence[Pose]) -> float:
    """Return the error at the top of the colour scale: a round figure that few points of linear skinning pass."""
    pooled = np.concatenate([np.concatenate(distances(mesh)) for pose in poses for mesh in pose.meshes])
    top = float(np.percentile(pooled, 99.5))
    if top <= 0.0:
        return 1.0
    step = 10.0 ** np.floor(np.log10(top))
    return float(np.ceil(top / step * 2.0) / 2.0 * step)


def _row(pose: Pose) -> tuple[Patches, Patches, Patches]:
    """Return the patches of the three columns, from one view."""
    by_column: list[tuple[Surface, ...]] = []
    for name in ("linear", "predicted", "truth"):
        surfaces = []
        for mesh in pose.meshes:
            linear, predicted = distances(mesh)
            values = {"linear": linear, "predicted": predicted}.get(name, np.zeros(len(linear)))
            positions = np.asarray(getattr(mesh, name), dtype=np.float64)
            surfaces.append(Surface(mesh.face_sizes, mesh.face_vertices, positions, values))
        by_column.append(tuple(surfaces))
    view = pose.view or best_view(by_column[0])
    first, second, third = (seen(surfaces, view) for surfaces in by_column)
    return first, second, third


def _bounds(row: tuple[Patches, ...]) -> tuple[Floats, Floats]:
    """Return the corners (2,), (2,) of the box around all columns, with a margin."""
    corners = np.concatenate([patches.corners.reshape(-1, 2) for patches in row])
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = 0.04 * float(np.max(high - low)) + 1e-9
    return low - margin, high + margin


def _row_height(row: tuple[Patches, ...]) -> float:
    """Return the height of a row in inches, with room for its captions."""
    low, high = _bounds(row)
    wide, tall = high - low
    return float(np.clip(_WIDTH * 0.95 / 3 * tall / wide, 2.2, 5.2)) + 0.75


def _draw_row(
    figure: Figure,
    pose: Pose,
    row: tuple[Patches, Patches, Patches],
    place: tuple[float, float],
    norm: Normalize,
    unit: str,
) -> None:
    """Draw one pose in its strip (lower edge and height as shares of the figure)."""
    bottom, tall = place
    inch = tall / (_row_height(row))
    low, high = _bounds(row)
    pooled = [np.concatenate(column) for column in zip(*(distances(mesh) for mesh in pose.meshes))]
    captions = [f"mean {_figure(errors.mean())} {unit}, max {_figure(errors.max())} {unit}" for errors in pooled]
    figure.text(0.025, bottom + tall - 0.08 * inch, pose.name, fontsize=14, color=_INK, va="top", fontweight="bold")
    for column, (patches, caption) in enumerate(zip(row, [*captions, ""])):
        left = 0.025 + column * 0.95 / 3
        axes = figure.add_axes((left, bottom + 0.40 * inch, 0.95 / 3, tall - 0.75 * inch))
        axes.set_axis_off()
        axes.set_aspect("equal", adjustable="box")
        axes.set_xlim(low[0], high[0])
        axes.set_ylim(low[1], high[1])
        plain = np.array(_TRUTH)[patches.mesh % len(_TRUTH)]
        colours = plain if column == 2 else np.asarray(ERROR_COLOURS(norm(patches.values)))[:, :3]
        lit = np.clip(colours * patches.light[:, None], 0.0, 1.0)
        # Edges in the colour of their patch close the hairlines between neighbours.
        axes.add_collection(PolyCollection(list(patches.corners), facecolors=lit, edgecolors=lit, linewidths=0.35))
        figure.text(left + 0.95 / 6, bottom + 0.14 * inch, caption, fontsize=13, color=_INK, ha="center")


def _figure(value: float) -> str:
    """Return a distance with three digits; rounding noise is 0."""
    return f"{value:.3g}" if value > 1e-6 else "0"


def _write(figure: Figure, path: Path) -> None:
    """Write the figure as a PNG."""
    FigureCanvasAgg(figure)
    figure.savefig(path, format="png", dpi=_DOTS_PER_INCH)
