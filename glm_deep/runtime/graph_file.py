"""The exported graph of a model: what its inputs and outputs are called, and which model it is of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

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


class GraphSession:
    """A graph that onnxruntime plays on the CPU.

    Args:
        onnxruntime: the package. content: the ONNX file; bytes, for a path with other than ASCII letters is not opened
            everywhere. threads: 0 for as many as there are processors.

    Attributes:
        about: what the graph says of itself, None where it says nothing.
    """

    def __init__(self, onnxruntime: Any, content: bytes, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        # Between two frames its threads would else go on turning, and take the processors from the host.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self.about: Any = json.loads(self._session.get_modelmeta().custom_metadata_map.get(METADATA, "null"))

    def play(self, values: np.ndarray, quality: float) -> list[np.ndarray]:
        """Offsets of each mesh, (F,V,3) float32, for raw values (F,I) and a share 0..1 of the anchors."""
        given = {INPUTS: values.astype(np.float32), QUALITY: np.array([quality], np.float32)}
        found: list[np.ndarray] = self._session.run(None, given)
        return found
