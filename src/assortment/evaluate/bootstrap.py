"""How far a measure would move with other people: means over people drawn again and again with replacement (Efron, 1979)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Items
from assortment.core.measure import Measure
from assortment.evaluate import beyond

Values: TypeAlias = NDArray[np.float64]
Weights: TypeAlias = NDArray[np.float64]

ROUNDS = 1000
_AT_ONCE = 100
_ENDS = (0.025, 0.975)


def weights(people: int, rng: np.random.Generator) -> Iterator[Weights]:
    """How often each person is drawn, [people, rounds] at a time, `ROUNDS` in all."""
    for _ in range(0, ROUNDS, _AT_ONCE):
        drawn = rng.integers(0, people, (people, _AT_ONCE)) * _AT_ONCE + np.arange(_AT_ONCE)
        yield np.bincount(drawn.ravel(), minlength=people * _AT_ONCE).reshape(people, _AT_ONCE).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Means:
    """Means over cases: sums and counts [people, measures] of the values that are defined."""

    sums: Values
    counts: Values

    @staticmethod
    def of(person: Items, values: Values) -> "Means":
        """person [c] numbers the person of each case from 0; values [c, measures] are NaN where not defined."""
        defined = ~np.isnan(values)
        owner = sparse.csr_matrix((np.ones(len(person)), (person, np.arange(len(person)))))
        return Means(owner @ np.where(defined, values, 0), owner @ defined.astype(np.float64))

    def __call__(self, drawn: Weights) -> Values:
        """[rounds, measures], NaN where nothing is defined."""
        below = drawn.T @ self.counts
        return np.divide(drawn.T @ self.sums, below, out=np.full(below.shape, np.nan), where=below > 0)


@dataclass(frozen=True, eq=False)
class Spread:
    """Coverage and Gini of what all lists show: exposed [items, people] says how often."""

    exposed: sparse.csr_matrix

    @staticmethod
    def of(person: Items, lists: Items, items: int) -> "Spread":
        rows, places = np.nonzero(lists >= 0)
        shape = (items, int(person.max()) + 1)
        return Spread(sparse.csr_matrix((np.ones(len(rows)), (lists[rows, places], person[rows])), shape))

    def __call__(self, drawn: Weights) -> Values:
        """[rounds, 2]."""
        exposure = np.ascontiguousarray((self.exposed @ drawn).T)
        return np.stack([beyond.coverage(exposure), beyond.gini(exposure)], 1)


def interval(name: str, value: float, draws: Values, n: int, *, centred: bool) -> Measure:
    """The measure with the middle 95 % of its draws; centred: moved so that their mean is the value itself.

    People drawn with replacement are fewer different people, who see fewer goods: the draws of coverage and Gini lie to one
    side of the value, and say how far it moves but not where it is.
    """
    draws = draws[~np.isnan(draws)]
    if not len(draws):
        return Measure(name, float("nan"), float("nan"), float("nan"), n)
    moved = value - draws.mean() if centred else 0.0
    low, high = np.quantile(draws, _ENDS) + moved
    return Measure(name, value, float(low), float(high), n)
