"""Plays a crowd: many instances of one character, each in a frame of its own, in batches; characters a second.

    python scripts/crowd.py MODEL_OR_DIO FRAMES.npz [--characters 1000] [--batches 16,64,256] [--json FILE]

An example of how a crowd plays a model: the inputs of all instances go through a back-end batch by batch, with all the
threads that there are. A back-end that cannot play here is named with the reason; `glm-deep export` writes the graph
that onnxruntime plays.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench_output import Report, add_output_options, run
from bench_runtime import several
from glm_deep.inputs import InputFrames
from runtime_bench.players import Player, model_file, players
from runtime_bench.subject import Subject, load

BATCHES = (16, 64, 256)
_ROUNDS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table and writes it where asked; the exit code."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # else threads of torch that wait slow down the others
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, metavar="MODEL_OR_DIO", help="a .glmdeep file, or the .dio it belongs to")
    parser.add_argument("archive", type=Path, metavar="FRAMES.npz", help="frames that the instances play")
    parser.add_argument(
        "--characters",
        type=lambda text: several(int, 1, 10**6)(text)[0],
        default=1000,
        metavar="N",
        help="how many instances there are (default: %(default)s)",
    )
    parser.add_argument(
        "--batches", type=several(int, 1, 4096), default=BATCHES, metavar="N,N", help="at once (default: 16,64,256)"
    )
    add_output_options(parser)
    return run("crowd", parser.parse_args(arguments), _played)


def _played(chosen: argparse.Namespace) -> Report:
    subject = load(chosen.model, chosen.archive)
    found, reasons = players(model_file(subject.path), 0, subject.inputs(np.arange(1)))
    crowd = np.random.default_rng(0).integers(subject.source.frame_count, size=chosen.characters)
    rates: dict[str, dict[int, float]] = {name: {} for name in found}
    for batch in chosen.batches:
        inputs = [subject.inputs(crowd[first : first + batch]) for first in range(0, len(crowd), batch)]
        seconds: dict[str, list[float]] = {name: [] for name in found}
        for _ in range(_ROUNDS):  # in turns, so that noise of the machine hits all alike
            for name, player in found.items():
                seconds[name].append(_seconds(player, inputs))
        for name in found:
            rates[name][batch] = len(crowd) / min(seconds[name])
    facts = _facts(subject, chosen.characters)
    return Report(_table(rates, chosen.batches, reasons, facts), {"facts": facts, "characters_a_second": rates})


def _seconds(player: Player, inputs: Sequence[InputFrames]) -> float:
    begun = time.perf_counter()
    for some in inputs:
        player.offsets(some)
    return time.perf_counter() - begun


def _facts(subject: Subject, characters: int) -> dict[str, Any]:
    return {
        "model": subject.path.name,
        "vertices": sum(len(mesh.rest) for mesh in subject.meshes),
        "characters": characters,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
    }


def _table(
    rates: dict[str, dict[int, float]], batches: Sequence[int], reasons: dict[str, str], facts: dict[str, Any]
) -> str:
    lines = [
        f"{facts['characters']:,} instances of {facts['model']}, {facts['vertices']:,} vertices each, "
        f"characters a second; {facts['machine']}.",
        "",
        "| back-end | " + " | ".join(f"batches of {batch}" for batch in batches) + " |",
        "|---|" + "---|" * len(batches),
    ]
    for name, found in rates.items():
        lines.append(f"| {name} | " + " | ".join(f"{found[batch]:,.0f}" for batch in batches) + " |")
    lines += ["", *(f"{name} cannot play here: {reason}" for name, reason in reasons.items())]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
