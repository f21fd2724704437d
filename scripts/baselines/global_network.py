"""One network over all meshes, fed with all inputs: what most people would build first."""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.components import Components, principal_components
from baselines.predictor import Fitted, Predictor, Watch, never
from glm_deep.train.prepare import Prepared

LAYERS, NEURONS, COMPONENTS = 3, 256, 128
EPOCHS, BATCH, RATE, WEIGHT_DECAY = 400, 32, 1e-3, 1e-2


def fit(
    prepared: Prepared, seed: int = 0, device: torch.device | None = None, epochs: int = EPOCHS, watch: Watch = never
) -> Fitted:
    """The network as it was after the epoch with the smallest error on the validation frames.

    GELU, standardised inputs, principal components of the offsets as outputs, AdamW, a one-cycle schedule.
    """
    device = device or torch.device("cpu")
    torch.manual_seed(seed)
    train, validation = prepared.split.train, prepared.split.validation
    components = principal_components(prepared, train, COMPONENTS, seed)
    centre, scale = _standard(prepared.x[train])
    size = max(float(np.sqrt(np.mean(components.coefficients[train] ** 2))), 1e-30)
    x = torch.as_tensor((prepared.x - centre) / scale, dtype=torch.float32, device=device)
    y = torch.as_tensor(components.coefficients / size, dtype=torch.float32, device=device)
    network = _network(x.shape[1], y.shape[1]).to(device)
    best = copy.deepcopy(network)
    predict = _predictor(best, components, centre, scale, size, device)
    steps = -(-len(train) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, epochs=epochs, steps_per_epoch=steps)
    rows, held_out = torch.as_tensor(train, device=device), torch.as_tensor(validation, device=device)
    lowest, chosen = float("inf"), 0
    for epoch in range(1, epochs + 1):
        for batch in torch.chunk(rows[torch.randperm(len(rows), device=device)], steps):
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(network(x[batch]), y[batch]).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
        with torch.no_grad():
            error = float(torch.nn.functional.mse_loss(network(x[held_out]), y[held_out]))
        if error < lowest:
            lowest, chosen = error, epoch
            best.load_state_dict(network.state_dict())
        if watch(epoch, predict):
            break
    return Fitted(predict, predict, f"epoch {chosen} of {epochs}")


def _network(inputs: int, outputs: int) -> torch.nn.Sequential:
    sizes = [inputs, *[NEURONS] * LAYERS]
    hidden = [
        part
        for before, after in zip(sizes[:-1], sizes[1:])
        for part in (torch.nn.Linear(before, after), torch.nn.GELU())
    ]
    return torch.nn.Sequential(*hidden, torch.nn.Linear(NEURONS, outputs))


def _standard(x: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre and spread of each input value; 1 for those that never change."""
    centre, spread = x.mean(axis=0, dtype=np.float64), x.std(axis=0, dtype=np.float64)
    return centre, np.where(spread > 1e-6, spread, 1.0)


def _predictor(
    network: torch.nn.Module,
    components: Components,
    centre: NDArray[np.float64],
    scale: NDArray[np.float64],
    size: float,
    device: torch.device,
) -> Predictor:
    def predict(x: np.ndarray) -> list[np.ndarray]:
        with torch.no_grad():
            some = torch.as_tensor((x - centre) / scale, dtype=torch.float32, device=device)
            coefficients: NDArray[np.float32] = network(some).cpu().numpy()
        return components.offsets(size * coefficients.astype(np.float64))

    return predict
