"""A model of what an item earns at a place: smoothed rates, learnt from other people than those it is asked about."""

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items
from assortment.evaluate.ope.single import Values

FOLDS = 3
PRIOR = 20.0
"""How many showings' worth of the mean an item begins with."""


def rates(items: Items, reward: Values, user: Items, count: int) -> tuple[NDArray[np.float64], Items]:
    """[folds, k, count]: q̂ of each item at each place, and the fold [n] whose rates each slate is to be asked by, which were
    learnt without it and without that person's others.

    items [n, k], -1 beyond the end of a slate; reward [n, k]; user [n] numbers; count: of items. q̂ = place · item: the mean
    of the place, times how much better the item did than the places it stood on (Gamma-Poisson, `PRIOR`).
    """
    fold = (user % FOLDS).astype(np.int32)
    return np.stack([_rates(items[fold != one], reward[fold != one], count) for one in range(FOLDS)]), fold


def _rates(items: Items, reward: Values, count: int) -> NDArray[np.float64]:
    shown = items >= 0
    place = np.divide(reward.sum(0), shown.sum(0), out=np.zeros(items.shape[1]), where=shown.sum(0) > 0)
    hoped = np.bincount(items[shown], np.broadcast_to(place, items.shape)[shown], count)
    got = np.bincount(items[shown], reward[shown], count)
    mean = place.mean() or 1.0
    return place[:, None] * (got + PRIOR * mean) / (hoped + PRIOR * mean)
