"""The folder of what was found out about this machine and may be lost, such as measurements."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "GLM_DEEP_CACHE"


def cache_folder() -> Path:
    """The folder, whether it is there or not: that of the environment variable, or the user's own."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("glm_deep", appauthor=False))
