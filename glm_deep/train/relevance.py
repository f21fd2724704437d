"""Which rig inputs move which anchors, asked of the closed-form model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glm_deep.train.regression import ClosedForm

_FRAMES = 300
_SHARE = 0.95  # of an anchor's movement that its inputs explain together
_MOST = 16  # inputs an anchor: published characters have a median of 14


def importance(
    fitted: ClosedForm,
    x: NDArray[np.floating],
    groups: NDArray[np.integer],
    anchor_basis: NDArray[np.floating],
    seed: int,
) -> NDArray[np.float64]:
    """(A,number of inputs): how far an anchor moves when an input takes its value from another frame.

    Permutation importance (Breiman 2001) of the fitted model: the mean squared change in its prediction.

    Args:
        fitted: the closed-form model of the coefficients.
        x: (F,I) scaled inputs. groups: (I,) the rig input of each value.
        anchor_basis: (A,3,K) the basis at the anchors.
        seed: of the permutations.
    """
    random = np.random.default_rng(seed)
    rows = np.sort(random.choice(len(x), min(_FRAMES, len(x)), replace=False))
    some = np.asarray(x[rows], np.float64)
    # |B c|^2 for all anchors at once: the coefficients' changes are few numbers, the anchors many
    flat = anchor_basis.astype(np.float64)
    before = fitted.predict(some)
    result = np.zeros((len(flat), int(groups.max(initial=-1)) + 1))
    for group in np.unique(groups):
        changed = some.copy()
        columns = groups == group
        changed[:, columns] = some[random.permutation(len(some))][:, columns]
        difference = fitted.predict(changed) - before
        moment = difference.T @ difference / len(some)
        result[:, group] = np.einsum("adk,kl,adl->a", flat, moment, flat, optimize=True)
    return result


def relevant_inputs(moved: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(A,number of inputs): the fewest inputs that explain an anchor's movement, strongest first.

    Args:
        moved: (A,number of inputs) from `importance`.
    """
    order = np.argsort(-moved, axis=1, kind="stable")
    sorted_shares = np.take_along_axis(moved, order, axis=1)
    total = np.maximum(sorted_shares.sum(axis=1, keepdims=True), 1e-300)
    before = (np.cumsum(sorted_shares, axis=1) - sorted_shares) / total
    ranks = np.arange(moved.shape[1])[None]
    chosen = (before < _SHARE) & (ranks < _MOST) & ((sorted_shares > 0) | (ranks == 0))
    result = np.zeros(moved.shape, bool)
    np.put_along_axis(result, order, chosen, axis=1)
    return result
