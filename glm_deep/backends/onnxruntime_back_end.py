"""Playing the exported graph with onnxruntime, on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from glm_deep.backends.back_end import FRAMES_ON_CPU
from glm_deep.errors import Unavailable, first_line
from glm_deep.runtime.graph_file import EXPORT, GraphSession, check_model
from glm_deep.runtime.parts import in_parts


class OnnxRuntimeBackEnd:
    """Plays a graph that `glm-deep export` wrote.

    Args:
        path: of the graph. identity: of the model that it must be of. threads: 0 for as many as there are processors.

    Raises:
        Unavailable: the package or the graph is not there, the graph cannot be read, or it is of another model.
    """

    def __init__(self, path: Path, identity: str, threads: int = 0) -> None:
        onnxruntime = _package()
        if not path.is_file():
            raise Unavailable("the model has not been exported", where=str(path), hint=EXPORT)
        try:
            self._session = GraphSession(onnxruntime, path.read_bytes(), threads)
        except Exception as error:  # onnxruntime has no base class of its own for what it raises
            raise Unavailable(
                f"the graph cannot be read ({first_line(error)})", where=str(path), hint=EXPORT
            ) from error
        check_model(self._session.about, identity, path)
        self._quality = 1.0

    def play(self, values: np.ndarray) -> list[np.ndarray]:
        """Offsets of each mesh, (F,V,3) float32, for raw values (F,I)."""
        return in_parts(lambda some: self._session.play(some, self._quality), values, FRAMES_ON_CPU)

    def set_quality(self, quality: float) -> None:
        """Uses a share 0..1 of the anchors."""
        self._quality = quality


def _package() -> Any:
    try:
        import onnxruntime
    except (ImportError, OSError) as error:
        raise Unavailable(
            f"onnxruntime cannot be used ({error})", hint="Install it with: pip install onnxruntime"
        ) from error
    return onnxruntime
