"""The radial kernel of the closed-form regression; the same lines fit it and play it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def squared_distances(left: NDArray[np.floating], right: NDArray[np.floating]) -> NDArray[np.floating]:
    """(n,m) squared Euclidean distances between the rows of left (n,I) and right (m,I), never negative."""
    result = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None]
    result -= 2.0 * (left @ right.T)
    return np.maximum(result, 0.0, out=result)


def matern(squared: NDArray[np.floating]) -> NDArray[np.floating]:
    """The Matern 5/2 kernel of squared distances in units of the length scale.

    (1 + r + r^2/3) exp(-r) with r = sqrt(5 d^2): twice differentiable, so smoother than the deformation of a contact
    and rougher than a Gaussian (Rasmussen and Williams 2006, equation 4.17).
    """
    scaled = 5.0 * squared
    root = np.sqrt(scaled)
    result: NDArray[np.floating] = (1.0 + root + scaled / 3.0) * np.exp(-root)
    return result
