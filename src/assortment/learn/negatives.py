"""What a person did not take to: goods drawn to stand for all the others, and what corrects for how they were drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items
from assortment.core.errors import within


@dataclass(frozen=True, eq=False)
class Negatives:
    """chance [n] > 0, summing to 1: how likely each item is to be drawn."""

    chance: NDArray[np.float64]

    def draw(self, count: int, rng: np.random.Generator) -> Items:
        """`count` item numbers, drawn with replacement."""
        return np.searchsorted(np.cumsum(self.chance)[:-1], rng.random(count), side="right").astype(np.int32)

    def correction(self, items: Items, count: int) -> NDArray[np.float32]:
        """log(count q) of each: what its logit is lowered by where it is one of `count` that were drawn.

        With it the sum over the drawn goods of exp(logit) is, on average, the sum over all goods (Bengio and Senecal, 2008;
        "logQ" in Yi et al., RecSys 2019). Without it a popular item that is drawn often is pushed down for being popular.
        """
        return np.log(count * self.chance[items]).astype(np.float32)


def mixed(counts: NDArray[np.integer] | Sequence[int], popular: float) -> Negatives:
    """Negatives of which a share is drawn by popularity and the rest evenly.

    counts [n]: how often each item was taken to. popular: 0 all goods alike … 1 in proportion to how often they were taken to,
    where those that never were are never drawn.

    >>> mixed([3, 1, 0], 0.5).chance.round(3)
    array([0.542, 0.292, 0.167])
    """
    within("popular", popular, 0, 1)
    taken = np.asarray(counts, np.float64)
    even = np.full(len(taken), 1 / max(1, len(taken)))
    return Negatives(popular * taken / taken.sum() + (1 - popular) * even if taken.sum() else even)
