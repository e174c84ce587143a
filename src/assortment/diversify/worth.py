"""What candidates are worth, and what a slate of them is worth beside the best."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit

from assortment.core.arrays import Rows, Scores, Vectors
from assortment.core.errors import BadInput
from assortment.core.slate import Slate

POWER = 0.8
"""Chances weigh by this power, as the small ones are the less sure: 1 as they are … 0 all alike."""


def redundancy(vectors: Vectors) -> float | None:
    """The mean cosine of the pairs among unit rows [n, d], zero rows left aside; None for fewer than two.

    >>> round(redundancy(np.eye(2, dtype=np.float32)[[0, 0, 1]]), 3)
    0.333
    """
    cosines = vectors @ vectors.T
    n = int((cosines.diagonal() > 0.5).sum())
    return float(cosines.sum(dtype=np.float64) - n) / (n * (n - 1)) if n > 1 else None


def cost(relevance: Scores, rows: Rows, k: int) -> float:
    """The share of the expected relevance of the best slate of k that `rows` give up, places counting 1 / log2(place + 1).

    relevance [n]: 0 … 1. 0 none … 1 all.

    >>> relevance = np.array([1, 0.5, 0])
    >>> round(cost(relevance, np.array([0, 2]), k=2), 3), round(cost(relevance, np.array([0]), k=2), 3)
    (0.24, 0.24)
    """
    worth = _worth(min(k, len(relevance)))
    best = float(np.sort(relevance)[::-1][: len(worth)] @ worth)
    return max(0.0, 1 - float(relevance[rows] @ worth[: len(rows)]) / best) if best > 0 else 0.0


@lru_cache(64)
def _worth(k: int) -> NDArray[np.float64]:
    """Of each of k places, 1 / log2(place + 1)."""
    return 1 / np.log2(np.arange(2, k + 2))


def relevance_of(slate: Slate) -> Scores:
    """0 the least … 1 the most relevant: where the scores are log odds, what they say over the highest, to the power `POWER`;
    else the scores over their range."""
    if "chance" not in slate.notes or not len(slate):
        return _zero_to_one(slate.scores)
    return np.exp(POWER * (log_expit(slate.scores) - log_expit(slate.scores.max()))).astype(np.float32)


def weighed(diversity: float, slate: Slate) -> float:
    """The diversity for one slate, where its best item has another chance than is `usual`: variety is worth as many goods taken
    to for everybody, so who is likely to take the best gives up less relevance for it.

    θ / (1 - θ) is divided by (chance of the best / usual)^`POWER`; as it is where the scores are not log odds.

    >>> sure = Slate(np.zeros(1, np.int32), np.zeros(1, np.float32), {"chance": np.array([0.5]), "usual": np.array([0.05])})
    >>> round(weighed(0.5, sure), 3), weighed(0, sure), weighed(1, sure)
    (0.137, 0.0, 1.0)
    """
    if "usual" not in slate.notes or not len(slate):
        return diversity
    surer = (float(slate.notes["chance"].max()) / float(slate.notes["usual"][0])) ** POWER
    return diversity / (diversity + (1 - diversity) * surer)


def _zero_to_one(scores: Scores) -> Scores:
    """Scores over their range; all 1 where they are equal."""
    if not len(scores):
        return scores
    low, high = scores.min(), scores.max()
    if not np.isfinite(high - low):
        raise BadInput("a candidate's score is not a number; a stage before 'diversify' gives such")
    return (scores - low) / (high - low) if high > low else np.ones_like(scores)
