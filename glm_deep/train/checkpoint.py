"""What a training can be taken up from: the networks, their best states and their optimisers, as plain arrays."""

from __future__ import annotations

import json
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from glm_deep.rundir import MainFolder, RunFolder, atomic_file
from glm_deep.train.fit import FitState

SECONDS_BETWEEN = 15.0

_MOMENTS = ("exp_avg", "exp_avg_sq", "step")


class Checkpoint:
    """The checkpoint file of a run; written every quarter of a minute, read by a run that takes it up.

    Args:
        path: the file.
        identity: of the data and settings; another run's file is only taken up when it is the same.
        told: called with the epoch after each writing.
        taken: the arrays of an earlier run's file, from `read_checkpoint`.
    """

    def __init__(
        self,
        path: Path,
        identity: str,
        told: Callable[[int], None],
        taken: dict[str, np.ndarray] | None = None,
    ) -> None:
        self._path, self._identity, self._told = path, identity, told
        self._taken = taken or {}
        self._arrays: dict[str, np.ndarray] = dict(self._taken)
        self._written = time.monotonic()

    def save(self, model: str, state: FitState, *, now: bool = False) -> None:
        """Writes the state of one model, when it is time or `now`; those of models before it stay in the file."""
        if not now and time.monotonic() - self._written < SECONDS_BETWEEN:
            return
        self._arrays.update({f"{model}/{name}": array for name, array in _arrays_of(state).items()})
        with atomic_file(self._path) as file:
            np.savez(file, identity=np.array(self._identity), **self._arrays)  # type: ignore[arg-type]
        self._written = time.monotonic()
        self._told(state.epoch)

    def restore(self, model: str, state: FitState) -> None:
        """Gives a fresh fit the state that the earlier run had reached, if it had reached this model."""
        prefix = f"{model}/"
        own = {name[len(prefix) :]: array for name, array in self._taken.items() if name.startswith(prefix)}
        if own:
            _take(own, state)


@dataclass(frozen=True)
class LeftBehind:
    """A run that was not finished, and what its checkpoint holds."""

    run: RunFolder
    arrays: dict[str, np.ndarray]


def left_behind(main: MainFolder, identity: str) -> LeftBehind | None:
    """The last run of this identity that was not finished, or None."""
    for run in reversed(main.run_folders()):
        arrays = read_checkpoint(run.checkpoint, identity)
        if arrays is not None:
            return LeftBehind(run, arrays)
    return None


def read_checkpoint(path: Path, identity: str) -> dict[str, np.ndarray] | None:
    """The arrays of a checkpoint, or None when it is missing, damaged, or of other data or settings."""
    try:
        # Opened here, because numpy.load leaves a damaged file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    return arrays if str(arrays.pop("identity", "")) == identity else None


def _arrays_of(state: FitState) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    for name, value in state.network.named_parameters():
        arrays[f"now/{name}"] = value.detach().cpu().numpy().copy()
        arrays[f"best/{name}"] = state.best[name].cpu().numpy().copy()
        for moment in _MOMENTS:
            known = state.optimiser.state.get(value, {}).get(moment)
            if known is not None:
                arrays[f"{moment}/{name}"] = known.cpu().numpy().copy()
    arrays["best_loss"] = state.best_loss.cpu().numpy().copy()
    facts = {"reached": state.reached, "best_epoch": state.best_epoch, "epoch": state.epoch}
    arrays["facts"] = np.array(json.dumps(facts))
    return arrays


def _take(arrays: dict[str, np.ndarray], state: FitState) -> None:
    facts = json.loads(str(arrays["facts"]))
    with torch.no_grad():
        for name, value in state.network.named_parameters():
            device = value.device
            value.copy_(torch.tensor(arrays[f"now/{name}"], device=device))
            state.best[name].copy_(torch.tensor(arrays[f"best/{name}"], device=device))
            moments = {moment: arrays.get(f"{moment}/{name}") for moment in _MOMENTS}
            # the counter of steps stays on the CPU, as the optimiser keeps it
            state.optimiser.state[value] = {
                moment: torch.tensor(array, device="cpu" if moment == "step" else device)
                for moment, array in moments.items()
                if array is not None
            }
        state.best_loss = torch.tensor(arrays["best_loss"], device=state.best_loss.device)
    state.reached, state.best_epoch, state.epoch = facts["reached"], facts["best_epoch"], facts["epoch"]
