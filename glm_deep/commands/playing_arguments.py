"""What evaluate and predict take on the command line."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Registers what both commands take."""
    parser.add_argument("configuration", metavar="CONF.dio", help="the configuration file")
    parser.add_argument("archive", metavar="FRAMES.npz", help="frames in the layout that docs/import.md describes")
    parser.add_argument(
        "--quality", type=_quality, default=1.0, metavar="0..1", help="share of the anchors to play with (default: 1)"
    )


def _quality(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        quality = float("nan")
    if not 0.0 <= quality <= 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return quality
