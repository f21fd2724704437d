"""Reports as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KEYS = ("mean", "p95", "p99", "frame_max", "max", "rms")
_NAMES = {"linear_only": "linear mesh alone", "ridge": "ridge regression", "direct": "without anchors"}


def errors_table(name: str, mesh: Mapping[str, Any]) -> str:
    """Vertex errors of one mesh, of the model and of what it is compared with."""
    rows: list[tuple[str, ...]] = [("", *_KEYS)]
    sources = {_NAMES[key]: mesh[key] for key in _NAMES if key in mesh}
    for label, found in {**sources, "model": mesh}.items():
        rows.append((f"{label}, %", *(f"{found['percent_of_diagonal'][key]:.4f}" for key in _KEYS)))
    rows.append(("model, scene units", *(f"{mesh['scene_units'][key]:.4g}" for key in _KEYS)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))])
        for row in rows
    ]
    head = f"{name}: {mesh['vertices']} vertices, errors after skinning, in % of the diagonal ({mesh['diagonal']:.4g})"
    return "\n".join([head, *lines])


def worst_frames_line(mesh: Mapping[str, Any]) -> str:
    """The frames with the largest errors."""
    frames = [f"{each['clip']} {each['frame']} ({each['max']:.3g})" for each in mesh["worst_frames"]]
    return "worst frames, counted from 0 in their clips, with their largest error: " + ", ".join(frames)


def training_report(report: Mapping[str, Any]) -> str:
    """The held-out report of a training."""
    parts = [f"Held out: {report['frames']} frames that the model measured here has not seen"]
    for name, mesh in report["meshes"].items():
        parts += [errors_table(name, mesh), worst_frames_line(mesh)]
    if report["mesh_space"]:
        meshes = ", ".join(report["mesh_space"])
        parts.append(f"Without skinning data, the offsets of {meshes} are in mesh space, which is harder to learn.")
    return "\n".join(parts)
