"""One training run from a configuration to a model file, with its records in the run's folder."""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

import glm_deep
from glm_deep.bundle import Bundle
from glm_deep.character import Character, wanted_of
from glm_deep.dataset.measured_relevance import MeasuredRelevance
from glm_deep.dataset.preflight import preflight
from glm_deep.dataset.samples import SampleSet
from glm_deep.dataset.selection import LimitedSource
from glm_deep.dataset.source import FrameSource
from glm_deep.errors import GlmDeepError, TrainingFailed
from glm_deep.events import (
    CheckpointSaved,
    Configured,
    DeviceChosen,
    Epoch,
    Event,
    EventWriter,
    Failed,
    Finished,
    Reported,
    Started,
    Stopped,
    Warned,
)
from glm_deep.rundir import RunFolder, TrainingLock, atomic_write_bytes, atomic_write_text, numbered_backup
from glm_deep.runtime.model import to_bundle
from glm_deep.train.checkpoint import Checkpoint, LeftBehind, left_behind
from glm_deep.train.checks import check, repeated_anchors
from glm_deep.train.learn import Learned, StoppedTooEarly, learn
from glm_deep.train.left_out import left_over
from glm_deep.train.measured import measured_of
from glm_deep.train.pca_size import share_kept
from glm_deep.train.region_facts import region_facts, relevance_warnings
from glm_deep.train.report import held_out_report
from glm_deep.train.resources import choose_device, use_threads
from glm_deep.train.setting import Setting
from glm_deep.train.verdicts import Verdicts

_SCRATCH = "scratch-"


Export = Callable[[Bundle, Path, FrameSource, Callable[[Event], None], Path], list[Path]]
"""Writes a model for other engines: the model, its file, frames to compare with, who is told, and a log; its files."""


@dataclass(frozen=True)
class Outcome:
    """What a run left: its folder, the model file, the held-out report, and whether it was stopped on request."""

    run: RunFolder
    model: Path
    report: dict[str, Any]
    stopped: bool


def train(
    character: Character,
    show: Callable[[Event], None],
    *,
    interrupted: Callable[[], bool],
    resume: bool = False,
    export: Export | None = None,
) -> Outcome:
    """Trains the model of a character and puts it in its place.

    Args:
        character: with the settings of this run.
        show: receives every record, as it is written.
        interrupted: asked between steps, besides the stop request in the run's folder.
        resume: takes up the last run with the same samples and settings that was not finished.
        export: what is done with a finished model besides, which never fails the training.

    Raises:
        BusyError: another training goes on here.
        DataError, ConfigError, GlmDeepError: samples, settings or memory do not suffice; what `check` sees
            begins no run.
        TrainingFailed: something broke; the run's log has the traceback.
    """
    begun = time.monotonic()
    samples = character.open_samples()
    check(character, samples)
    with TrainingLock(character.main) as lock:
        relevance, left_out = character.measured_relevance()
        identity = f"{glm_deep.__version__} {samples.data_hash} {character.document.settings_hash()}"
        identity += f" {relevance.checksum}" if relevance else ""
        taken = left_behind(character.main, identity) if resume else None
        for left in character.main.runs.glob(f"*/{_SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)  # of a run that was killed
        run = character.main.new_run()
        lock.name_run(run)
        atomic_write_text(run.configuration, json.dumps(character.config.to_json(), indent=2, ensure_ascii=False))
        with EventWriter(run.events) as writer:

            def tell(event: Event) -> None:
                show(writer.write(event))

            tell(Started(run.name, character.config.asset, os.getpid(), platform.node(), glm_deep.__version__))
            if left_out:
                tell(Warned(left_out))
            if resume and taken is None:
                tell(Warned("There is no unfinished run of these samples and settings to take up: this one is new."))
            try:
                outcome = _train(character, samples, relevance, run, tell, interrupted, identity, taken, begun, export)
            except (StoppedTooEarly, KeyboardInterrupt):
                tell(Stopped())
                raise
            except GlmDeepError as error:
                _tell_failure(run, tell, error)
                raise
            except Exception as error:
                what = f"the training broke down: {type(error).__name__}: {error}".rstrip(".")
                failure = TrainingFailed(what, where=str(run.path), hint=f"Send {run.log.name} to the developers")
                _tell_failure(run, tell, failure)
                raise failure from error
        if taken is not None and not outcome.stopped:
            taken.run.checkpoint.unlink(missing_ok=True)  # it went into this run, which is finished
        return outcome


def _train(
    character: Character,
    samples: SampleSet,
    relevance: MeasuredRelevance | None,
    run: RunFolder,
    tell: Callable[[Event], None],
    interrupted: Callable[[], bool],
    identity: str,
    taken: LeftBehind | None,
    begun: float,
    export: Export | None,
) -> Outcome:
    training = character.config.training
    tell(Configured(character.config.to_json()))
    threads = use_threads(training.cpu_threads)
    device = choose_device(training.device)
    tell(DeviceChosen(device.asked, str(device.used), device.why, threads))
    if device.missing:
        tell(Warned(f"The GPU that was asked for cannot be used, because {device.why}: the CPU trains instead."))
    source = LimitedSource(samples, wanted_of(character.config).floats)
    known = None if relevance is None else measured_of(source, relevance)
    remarks = () if known is None else known.remarks
    for warning in (*repeated_anchors(character), *remarks, *(f"{finding.text}." for finding in preflight(source))):
        tell(Warned(warning))
    verdicts = Verdicts(tell, samples.frame_count)
    checkpoint = Checkpoint(
        run.checkpoint,
        identity,
        lambda epoch: tell(CheckpointSaved(run.checkpoint.name, epoch)),
        None if taken is None else taken.arrays,
    )

    def stopped() -> bool:
        return interrupted() or run.stop_requested

    with ExitStack() as stack:
        stack.enter_context(threadpool_limits(threads))
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=run.path, ignore_cleanup_errors=True)
        )

        def tell_and_judge(event: Event) -> None:
            tell(event)
            if isinstance(event, Epoch):
                verdicts.follow(event)

        setting = Setting(
            device=device.used,
            threads=threads,
            folder=Path(folder),
            tell=tell_and_judge,
            stopped=stopped,
            fitted=lambda model, state: checkpoint.save(model, state, now=stopped()),
            resume=checkpoint.restore,
        )
        learned = learn(source, training, setting, known)
        report = held_out_report(learned)
    return _finish(character, samples, run, tell, learned, report, verdicts, begun, None if stopped() else export)


def _finish(
    character: Character,
    samples: SampleSet,
    run: RunFolder,
    tell: Callable[[Event], None],
    learned: Learned,
    report: dict[str, Any],
    verdicts: Verdicts,
    begun: float,
    export: Export | None,
) -> Outcome:
    """Writes report and model, exports it, says what became of the run."""
    report["verdicts"] = verdicts.final(learned.losses, learned.stopped)
    if "fine-tuning" in learned.losses:
        report["fine_tuning"] = dict(zip(("before", "after"), learned.losses["fine-tuning"]))
    report["pca_size"] = int(learned.model.starts[-1])
    report["pca_kept"] = round(share_kept(learned.solved), 5)
    report["pca_kept_by_size"] = [list(each) for each in learned.kept_by_size]
    report["regions"] = len(learned.model.regions)
    report["anchors"] = {mesh.name: len(mesh.anchors) for mesh in learned.model.meshes}
    report["near_singular_skinning"] = learned.prepared.targets.near_singular
    report["mesh_space"] = list(learned.prepared.targets.mesh_space)
    report["seconds"] = round(time.monotonic() - begun, 1)
    left = left_over(learned)
    for warning in relevance_warnings(learned, left, character.config.training.relevance):
        tell(Warned(warning))
    tell(Reported(report))
    atomic_write_text(run.report, json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    facts = {**_facts(character, samples, run, learned, report), **region_facts(learned, left)}
    bundle = to_bundle(learned.model, facts)
    if learned.stopped and character.model_path.exists():
        tell(Warned(f"The model that was there before went to {numbered_backup(character.model_path).name}."))
    bundle.save(character.model_path)
    exported: list[Path] = []
    if export is not None and not learned.stopped:
        exported = export(bundle, character.model_path, samples, tell, run.log)
    publish_to = character.config.export.publish_to
    if publish_to and learned.stopped:
        tell(Warned("The training was stopped, so its model is not published."))
    elif publish_to:
        folder = character.document.resolved(publish_to)
        for path in (character.model_path, *exported):
            atomic_write_bytes(folder / path.name, path.read_bytes())
    if learned.stopped:
        tell(Stopped(str(character.model_path)))
    else:
        run.checkpoint.unlink(missing_ok=True)  # a finished run needs no taking up
        tell(Finished(str(character.model_path), round(time.monotonic() - begun, 1)))
    return Outcome(run, character.model_path, report, learned.stopped)


def _facts(
    character: Character, samples: SampleSet, run: RunFolder, learned: Learned, report: dict[str, Any]
) -> dict[str, Any]:
    """What the model file says of itself, but for its regions."""
    measured = learned.prepared.measured
    packages = {name: version(name) for name in ("torch", "numpy", "scipy", "scikit-learn")}
    return {
        "asset": character.config.asset,
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC"),
        "run": run.name,
        "frames": samples.frame_count,
        "partial": learned.stopped,
        "seed": character.config.training.seed,
        "versions": {"glm_deep": glm_deep.__version__, "python": platform.python_version(), **packages},
        "configuration": character.config.to_json(),
        "fingerprint": samples.fingerprint,
        "data_hash": samples.data_hash,
        "relevance": "" if measured is None else measured.checksum,
        "report": report,
    }


def _tell_failure(run: RunFolder, tell: Callable[[Event], None], error: GlmDeepError) -> None:
    atomic_write_text(run.log, traceback.format_exc())
    tell(Failed(error.what, error.where or "", error.hint or "", str(run.log)))
