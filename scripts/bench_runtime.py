"""Measures how fast a model plays with each back-end, beside the published runtime, and what each quality costs.

    python scripts/bench_runtime.py MODEL_OR_DIO TEST.npz [--json FILE] [--markdown FILE]

All contestants play the same frames in turns, in one process, so that noise of the machine hits all alike. The graph
beside the model is played too, so export it first; back-ends that cannot play here are named with the reason. The
published runtime has random weights of the right shapes: only its time counts. Errors are those of all test frames,
after skinning, in percent of the diagonal. Floors say how long one thread takes at least to move, or to multiply, what
the model is made of.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from bench_output import Report, add_output_options, run
from glm_deep.backends.back_end import NUMPY
from glm_deep.errors import BundleError
from glm_deep.inputs import InputStatistics, raw_values
from glm_deep.runtime.evaluator import Evaluator
from runtime_bench.back_ends import BackEndsFound, back_ends_markdown, measure_back_ends
from runtime_bench.clock import in_turns, timing
from runtime_bench.players import Player, model_file, resident_growth
from runtime_bench.published import Published
from runtime_bench.subject import Figures, Subject, errors, load
from runtime_bench.table import PUBLISHED, Row, markdown, of_the_dial, ratios

BATCH = 8
TIMED_FRAMES = 240
QUALITIES = (1.0, 0.75, 0.5, 0.25, 0.1, 0.0)

Name = tuple[str, "float | None"]
Value = TypeVar("Value", int, float)


@dataclass(frozen=True)
class Found:
    """All that was measured: a row a quality, errors by quality and by mesh and quality, back-ends, facts in words."""

    rows: tuple[Row, ...]
    errors: dict[float, Figures]
    errors_by_mesh: dict[str, dict[float, Figures]]
    back_ends: BackEndsFound
    facts: dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the tables and writes them where asked; the exit code."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # else threads of torch that wait slow down the others
    return run("bench_runtime", _parser().parse_args(arguments), _measured)


def _measured(chosen: argparse.Namespace) -> Report:
    found = bench(load(chosen.model, chosen.archive), chosen.threads, chosen.qualities, chosen.frames)
    return Report(report(found), as_json(found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, metavar="MODEL_OR_DIO", help="a .glmdeep file, or the .dio it belongs to")
    parser.add_argument("archive", type=Path, metavar="TEST.npz", help="frames that the training never saw")
    parser.add_argument(
        "--threads", type=several(int, 1, 256), default=(1, 2), metavar="N,N", help="of linear algebra (default: 1,2)"
    )
    parser.add_argument(
        "--qualities",
        type=several(float, 0, 1),
        default=QUALITIES,
        metavar="Q,Q",
        help="0 to 1 each (default: 1,0.75,0.5,0.25,0.1,0)",
    )
    parser.add_argument(
        "--frames",
        type=lambda text: several(int, 1, 10**6)(text)[0],
        default=TIMED_FRAMES,
        metavar="N",
        help="how many frames are timed, spread over the test frames (default: %(default)s)",
    )
    add_output_options(parser)
    return parser


def several(kind: Callable[[str], Value], least: float, most: float) -> Callable[[str], tuple[Value, ...]]:
    """Reads numbers with commas between them, each once."""

    def read(text: str) -> tuple[Value, ...]:
        try:
            values = tuple(dict.fromkeys(kind(part) for part in text.split(",")))
        except ValueError:
            values = ()
        if not values or not all(least <= value <= most for value in values):
            raise argparse.ArgumentTypeError(f"{text!r} is not made of numbers from {least} to {most}")
        return values

    return read


def bench(subject: Subject, threads: Sequence[int], qualities: Sequence[float], frames: int) -> Found:
    """Measures errors, times and memory.

    Args:
        subject: model and frames.
        threads: numbers of threads.
        qualities: 0..1.
        frames: how many to time; whole batches are made of them.

    Raises:
        BundleError: the model file does not say what the published runtime needs to know.
    """
    published, file = _published(subject), model_file(subject.path)
    contestants: dict[Name, Player] = {(PUBLISHED, None): published}
    contestants |= {(NUMPY, quality): Evaluator(file.model, quality) for quality in qualities}
    pooled, by_mesh = errors(subject, {quality: contestants[NUMPY, quality].offsets for quality in qualities})
    rows = []
    for number in threads:
        for name, (single, batch) in _seconds(subject, contestants, number, frames).items():
            error = None if name[1] is None else pooled[name[1]]
            rows.append(Row(*name, number, timing(single, 1), timing(batch, BATCH), error))
    back_ends = measure_back_ends(subject, file, threads)
    return Found(tuple(rows), pooled, by_mesh, back_ends, _facts(subject, published, back_ends))


def _published(subject: Subject) -> Published:
    """The published runtime for the meshes and inputs of the subject."""
    source, frames = subject.source, subject.bundle.facts.get("frames")
    if not isinstance(frames, int):
        raise BundleError(
            "the model file does not say how many frames it was trained with",
            where=str(subject.path),
            hint="Train the model again",
        )
    statistics = InputStatistics.fit(source.layout, raw_values(source.layout, source.inputs))
    return Published(
        subject.meshes,
        lambda inputs: statistics.apply(raw_values(source.layout, inputs)),
        int(np.count_nonzero(statistics.kept)),
        frames,
    )


def _seconds(
    subject: Subject, contestants: Mapping[Name, Player], threads: int, frames: int
) -> dict[Name, tuple[np.ndarray, np.ndarray]]:
    """Seconds that each contestant takes for each frame, and for each batch of frames."""
    batches = -(-frames // BATCH)
    spread = np.linspace(0, subject.source.frame_count - 1, batches * BATCH).round().astype(int)
    with threadpool_limits(threads):
        single = in_turns(contestants, [subject.inputs(frame) for frame in spread.reshape(-1, 1)])
        batch = in_turns(contestants, [subject.inputs(some) for some in spread.reshape(-1, BATCH)])
    return {name: (single[name], batch[name]) for name in contestants}


def _facts(subject: Subject, published: Published, back_ends: BackEndsFound) -> dict[str, Any]:
    frame = subject.inputs(np.arange(1))
    names = dict.fromkeys(row.back_end for row in back_ends.rows)
    return {
        "model": subject.path.name,
        "file_bytes": subject.path.stat().st_size,
        "resident_growth_bytes": {name: resident_growth(subject.path, name, frame) for name in names},
        "vertices": published.vertex_count,
        "test_frames": subject.source.frame_count,
        "training_frames": subject.bundle.facts["frames"],
        "published": {
            "components": published.components,
            "anchors": published.anchor_count,
            "bytes": published.nbytes,
        },
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}, numpy {np.__version__}",
    }


def report(found: Found) -> str:
    """The figures as markdown."""
    facts, published = found.facts, found.facts["published"]
    grown = ", ".join(f"{size / 1e6:.1f} MB ({name})" for name, size in facts["resident_growth_bytes"].items())
    return (
        f"{facts['model']}: {facts['vertices']:,} vertices, {facts['training_frames']:,} training frames, "
        f"{facts['test_frames']:,} test frames. {facts['machine']}.\n\n"
        f"{markdown(found.rows, BATCH)}\n"
        f"{of_the_dial(found.errors)}\n\n"
        f"{back_ends_markdown(found.back_ends)}\n"
        "| | ours | published |\n|---|---|---|\n"
        f"| model file | {facts['file_bytes'] / 1e6:.1f} MB | |\n"
        f"| memory, by loading it and playing a frame | {grown} | |\n"
        f"| weights and factors in memory | | {published['bytes'] / 1e6:.1f} MB "
        f"({published['components']:,} components, {published['anchors']:,} anchors) |\n"
    )


def as_json(found: Found) -> dict[str, Any]:
    """The figures for other programs."""
    rows = []
    for row in found.rows:
        ratio = ratios(row, found.rows)
        named = None if ratio is None else {"single": ratio[0], "batch": ratio[1]}
        rows.append({**asdict(row), "published_over_ours": named})
    return {
        "facts": found.facts,
        "milliseconds_a_frame": rows,
        "back_ends": asdict(found.back_ends),
        "batch_frames": BATCH,
        "percent_of_diagonal": {f"{quality:g}": figures for quality, figures in found.errors.items()},
        "percent_of_diagonal_by_mesh": {
            mesh: {f"{quality:g}": figures for quality, figures in some.items()}
            for mesh, some in found.errors_by_mesh.items()
        },
        "quality_dial": of_the_dial(found.errors),
    }


if __name__ == "__main__":
    sys.exit(main())
