"""What candidates are worth, and what a slate of them is worth beside the best."""

import numpy as np

from assortment.core.arrays import Rows, Scores, Vectors
from assortment.core.slate import Slate

REACH = np.float32(5)
"""Log odds so far below those of the most relevant item, a hundred and fiftieth of its odds, are no relevance at all."""


def redundancy(vectors: Vectors) -> float | None:
    """The mean cosine of the pairs among unit rows [n, d], zero rows left aside; None for fewer than two.

    >>> round(redundancy(np.eye(2, dtype=np.float32)[[0, 0, 1]]), 3)
    0.333
    """
    cosines = vectors @ vectors.T
    n = int((cosines.diagonal() > 0.5).sum())
    return float(cosines.sum(dtype=np.float64) - n) / (n * (n - 1)) if n > 1 else None


def cost(relevance: Scores, rows: Rows) -> float:
    """The share of the expected relevance of the best slate that `rows` give up, places counting 1 / log2(place + 1).

    relevance [n]: 0 … 1. 0 none … 1 all.

    >>> round(cost(np.array([1, 0.5, 0]), np.array([0, 2])), 3)
    0.24
    """
    worth = 1 / np.log2(np.arange(2, len(rows) + 2))
    best = float(np.sort(relevance)[::-1][: len(rows)] @ worth)
    return max(0.0, 1 - float(relevance[rows] @ worth) / best) if best > 0 else 0.0


def relevance_of(slate: Slate) -> Scores:
    """0 the least … 1 the most relevant: how far the log odds of each item lie below the highest, `REACH` or more being 0,
    where the scores are log odds; else the scores over their range."""
    if "chance" not in slate.notes or not len(slate):
        return _zero_to_one(slate.scores)
    return np.clip(1 + (slate.scores - slate.scores.max()) / REACH, 0, 1).astype(np.float32)


def _zero_to_one(scores: Scores) -> Scores:
    """Scores over their range; all 1 where they are equal."""
    if not len(scores):
        return scores
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.ones_like(scores)
