"""The exported graph of a model: what its inputs and outputs are called, and which model it is of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glm_deep.errors import Unavailable

INPUTS, QUALITY = "inputs", "quality"
METADATA = "glm_deep"
"""The key of the metadata: JSON with names and statistics of the inputs, meshes, and what the model was made from."""

EXPORT = "Write it with: glm-deep export CONF.dio"


def output_name(number: int) -> str:
    """What the graph calls the offsets of a mesh; names of meshes could be taken by other values of the graph."""
    return f"offsets_{number}"


def check_model(about: Any, identity: str, path: Path) -> None:
    """Refuses a graph of another model, by what it says of itself.

    Raises:
        Unavailable: it is of another model, or says nothing.
    """
    if not isinstance(about, dict) or about.get("model") != identity:
        raise Unavailable("the graph is of another model", where=str(path), hint=EXPORT)
