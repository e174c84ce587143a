"""What a slate has of what a method is after: more of it the more varied, whatever the relevance of the picks costs."""

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Rows
from assortment.diversify.aspects import PRIOR
from assortment.diversify.pool import Aspects, Pool
from assortment.diversify.worth import redundancy


def apart(pool: Pool, rows: Rows) -> float:
    """The mean distance, 1 - cos, of the pairs of a slate: 0 … 2; 0 for fewer than two goods with vectors."""
    alike = redundancy(pool.vectors[pool.items[rows]])
    return 0.0 if alike is None else 1 - alike


def stands_for(pool: Pool, rows: Rows) -> float:
    """How like its nearest pick a candidate is on the mean, (1 + cos) / 2: 0 … 1; 0 for an empty slate."""
    vectors = pool.vectors[pool.items]
    return float(((1 + vectors @ vectors[rows].T) / 2).max(1, initial=0).mean())


def served(pool: Pool, rows: Rows) -> float:
    """The wanted aspects that a slate serves, each pick that is wholly of one halving what is left of it: 0 … 1."""
    return float(pool.aspects.wanted @ (1 - np.exp2(-_held(pool.aspects, rows))))


def satisfied(pool: Pool, rows: Rows) -> float:
    """The chance that a wanted aspect is satisfied by a pick: 0 … 1 (the coverage of El-Arini et al., KDD 2009)."""
    aspects = pool.aspects
    left = np.ones(len(aspects.wanted))
    for codes, share, relevance in zip(aspects.codes[rows], aspects.share[rows], pool.relevance[rows], strict=True):
        there = codes >= 0
        left[codes[there]] *= 1 - relevance * share[there]
    return float(aspects.wanted @ (1 - left))


def covered(pool: Pool, rows: Rows) -> float:
    """Wanted aspects covered, each relevant pick of one counting less than the last: 0 … log2(1 + k) for each as wanted as the
    most wanted."""
    wanted = pool.aspects.wanted
    return float(wanted @ np.log2(1 + _held(pool.aspects, rows, pool.relevance[rows]))) / max(
        float(wanted.max(initial=0)), 1e-12
    )


def in_proportion(pool: Pool, rows: Rows) -> float:
    """How near the shares of a slate are to what is wanted: 1 less half the sum of the differences, 0 … 1."""
    held = _held(pool.aspects, rows)
    return 1 - float(np.abs(held / max(len(rows), 1) - pool.aspects.wanted).sum()) / 2


def calibrated(pool: Pool, rows: Rows) -> float:
    """Less the divergence of a slate's mix from the wish, -KL(wanted ‖ mix), smoothed as by the method: at most 0."""
    wanted = pool.aspects.wanted.astype(np.float64)
    mix = (PRIOR * wanted + _held(pool.aspects, rows)) / (PRIOR + len(rows))
    some = wanted > 0
    return -float(wanted[some] @ np.log(wanted[some] / mix[some]))


def _held(aspects: Aspects, rows: Rows, weights: NDArray[np.floating] | None = None) -> NDArray[np.float64]:
    """[labels] the sum over the picks of their shares of each label, each pick times its weight."""
    codes, share = aspects.codes[rows], aspects.share[rows]
    each = share if weights is None else share * weights[:, None]
    mass = np.bincount((codes + 1).ravel(), each.ravel(), len(aspects.wanted) + 1)
    return mass[1:].astype(np.float64, copy=False)
