"""Fits one contestant in a process of its own, and writes what it took and what came of it.

    python -m learning_bench.fit_one CHARACTER.dio TEST.npz NAME RESULT.json [--seconds S]

The clock starts when all libraries are there and stops when there is a predictor: reading the samples counts, making
the tables does not. Peak memory is that of the same time.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from baselines.methods import FITS, Means
from baselines.predictor import Predictor
from glm_deep.bundle import Bundle
from glm_deep.character import Character
from glm_deep.errors import GlmDeepError
from glm_deep.rundir import atomic_write_text
from glm_deep.runtime.evaluation import Predictor as OfInputs
from glm_deep.train.resources import choose_device, use_threads
from glm_deep.train.run import train
from growth_bench.meters import peak_memory
from learning_bench import ours
from learning_bench.curve import Curve, Point
from learning_bench.names import CONTESTANTS, OURS
from learning_bench.subject import character_in, errors_of, mean_percent, of_inputs, prepared_in, unseen_frames


@dataclass(frozen=True)
class Result:
    """What a contestant took and reached.

    Attributes:
        seconds: of reading the samples and fitting.
        peak_memory: bytes.
        points: seconds and validation error; the last is that of the whole fit, made of the training frames alone.
        test_error: mean over the test frames, in percent of the diagonal, of what is played.
        note: what was chosen.
        threads, device: in use.
    """

    seconds: float
    peak_memory: int
    points: tuple[Point, ...]
    test_error: float
    note: str
    threads: int
    device: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Fits, measures and writes; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configuration", type=Path, metavar="CHARACTER.dio")
    parser.add_argument("archive", type=Path, metavar="TEST.npz")
    parser.add_argument("name", choices=CONTESTANTS, metavar="NAME")
    parser.add_argument("result", type=Path, metavar="RESULT.json")
    parser.add_argument("--seconds", type=float, metavar="S", help="ends a fit in epochs after so many seconds")
    chosen = parser.parse_args(arguments)
    try:
        character = character_in(chosen.configuration)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            if chosen.name == OURS:
                result = _ours(character, chosen.archive, Path(folder))
            else:
                result = _baseline(character, chosen.archive, chosen.name, chosen.seconds, Path(folder))
        atomic_write_text(chosen.result, json.dumps(asdict(result)))
    except GlmDeepError as error:
        print(f"{chosen.name}: {error}", file=sys.stderr)
        return int(error.exit_code)
    return 0


def _ours(character: Character, archive: Path, folder: Path) -> Result:
    """The training of the product, from the samples to the model file."""
    training = character.config.training
    device, threads = choose_device(training.device).used, use_threads(training.cpu_threads)
    begun = time.perf_counter()
    outcome = train(ours.elsewhere(character, folder), lambda event: None, interrupted=lambda: False)
    seconds, memory = time.perf_counter() - begun, peak_memory()
    meshes = outcome.report["meshes"].values()
    means = [mesh["percent_of_diagonal"]["mean"] for mesh in meshes]
    held_out = float(np.average(means, weights=[mesh["vertices"] for mesh in meshes]))
    test_error = _test_error(character, archive, ours.forms(Bundle.load(outcome.model))[OURS])
    return Result(seconds, memory, ((seconds, held_out),), test_error, "", threads, str(device))


def _baseline(character: Character, archive: Path, name: str, limit: float | None, folder: Path) -> Result:
    training = character.config.training
    device, threads = choose_device(training.device).used, use_threads(training.cpu_threads)
    with threadpool_limits(threads):
        begun = time.perf_counter()
        prepared = prepared_in(character, folder)
        source, validation = prepared.source, prepared.split.validation

        def held_out(predict: Predictor) -> float:
            return mean_percent(source, errors_of(source, validation, of_inputs(prepared, predict)))

        curve = Curve(begun, held_out, limit)
        fitted = FITS[name](prepared, Means(training.seed, device, watch=curve))
        seconds, memory = curve.seconds, peak_memory()
        curve.measure(fitted.held_out, seconds)
        test_error = _test_error(character, archive, of_inputs(prepared, fitted.predict))
    return Result(seconds, memory, tuple(curve.points), test_error, fitted.note, threads, str(device))


def _test_error(character: Character, archive: Path, predict: OfInputs) -> float:
    test = unseen_frames(character, archive)
    return mean_percent(test, errors_of(test, np.arange(test.frame_count), predict))


if __name__ == "__main__":
    sys.exit(main())
