"""What a benchmark says while it works; never on stdout, which is for its tables."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """Shows a line at once."""
    print(text, file=sys.stderr, flush=True)
