"""`python -m glm_deep` is `glm-deep`."""

from __future__ import annotations

import sys

from glm_deep.cli import main

if __name__ == "__main__":
    sys.exit(main())
