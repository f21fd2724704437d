"""The radial kernel of the closed-form regression; the same lines fit it and play it."""

from __future__ import annotations

import numpy as np


def kernel(x: np.ndarray, centres: np.ndarray, metrics: np.ndarray) -> np.ndarray:
    """Kernels between inputs and centres in several metrics.

    Args:
        x: (n,I) inputs. centres: (m,I). metrics: (R,I) factors of the squared differences of each value, not negative.

    Returns:
        (R,n,m): matern of sum_i metric_i (x_i - centre_i)^2.
    """
    # The squares are taken apart below and nearly cancel; inputs far from zero would lose all their digits.
    origin = centres.mean(axis=0)
    x, centres = x - origin, centres - origin
    weighted = x[None] * metrics[:, None]
    squared = weighted @ (-2.0 * centres.T)
    squared += (weighted * x).sum(axis=2)[:, :, None]
    squared += (metrics @ (centres**2).T)[:, None]
    return matern(np.maximum(squared, 0.0, out=squared))


def matern(squared: np.ndarray) -> np.ndarray:
    """The Matern 5/2 kernel of squared distances in units of the length scale.

    (1 + r + r^2/3) exp(-r) with r = sqrt(5 d^2): twice differentiable, so smoother than the deformation of a contact
    and rougher than a Gaussian (Rasmussen and Williams 2006, equation 4.17).
    """
    scaled = 5.0 * squared
    root = np.sqrt(scaled)
    scaled /= 3.0
    scaled += root
    scaled += 1.0
    scaled *= np.exp(-root)
    return scaled
