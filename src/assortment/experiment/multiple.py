"""Many tests at once: p-values raised so that the first lucky one is not believed."""

import numpy as np
from numpy.typing import NDArray


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjusted so that any wrong rejection at all has at most the level's chance (Holm, Scandinavian Journal of Statistics
    1979).

    For the few tests that decide.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order, m = np.argsort(p), len(p)
    raised = np.maximum.accumulate(p[order] * (m - np.arange(m)))
    return _back(np.minimum(raised, 1), order)


def benjamini_hochberg(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjusted so that at most the level's share of the rejections is wrong (Benjamini and Hochberg, JRSS B 1995).

    For the many tests that give ideas.

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.04, 0.04]
    """
    order, m = np.argsort(p), len(p)
    raised = np.minimum.accumulate((p[order] * m / np.arange(1, m + 1))[::-1])[::-1]
    return _back(np.minimum(raised, 1), order)


def _back(ordered: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    values = np.empty_like(ordered)
    values[order] = ordered
    return values
