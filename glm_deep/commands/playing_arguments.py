"""What evaluate and predict take on the command line."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Registers what both commands take."""
    parser.add_argument("configuration", metavar="CONF.dio", help="the configuration file")
    parser.add_argument("archive", metavar="FRAMES.npz", help="frames in the layout that docs/import.md describes")
    parser.add_argument(
        "--backend",
        choices=_choices("playing.back_end"),
        help="what plays the model (default: playing.back_end of the configuration)",
    )
    parser.add_argument(
        "--outside",
        choices=_choices("playing.outside_range"),
        help="what becomes of inputs far outside the range of the training (default: playing.outside_range)",
    )
    parser.add_argument(
        "--quality", type=_quality, default=1.0, metavar="0..1", help="share of the anchors to play with (default: 1)"
    )


def _choices(key: str) -> tuple[str, ...]:
    """What a setting may be, from its declaration."""
    from glm_deep.config import fields

    return next(field.choices for field in fields() if field.key == key)


def _quality(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        quality = float("nan")
    if not 0.0 <= quality <= 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return quality
