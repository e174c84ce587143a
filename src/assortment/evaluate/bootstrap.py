"""How far a measure would move with other people: means over people drawn again and again with replacement (Efron, 1979)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Items
from assortment.core.measure import Measure
from assortment.evaluate import spread
from assortment.evaluate.fairness import inequity
from assortment.evaluate.goods import Goods
from assortment.evaluate.lists import Counts, Values, worth

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
    """What all lists show together: exposed [items, people] how often each person is shown each item, lists [people] on how
    many lists; where sellers are known, attended [sellers, people] the attention that each gets from each person, and merit
    [sellers] what it deserves."""

    exposed: sparse.csr_matrix
    lists: Counts
    attended: sparse.csr_matrix | None = None
    merit: Values | None = None

    @staticmethod
    def of(person: Items, lists: Items, goods: Goods) -> "Spread":
        rows, places = np.nonzero(lists >= 0)
        at, shape = (lists[rows, places], person[rows]), (len(goods), int(person.max()) + 1)
        exposed, count = sparse.csr_matrix((np.ones(len(rows)), at), shape), np.bincount(person)
        if goods.sellers is None:
            return Spread(exposed, count)
        attended = sparse.csr_matrix((worth(lists.shape[1])[places], at), shape)
        of_seller = sparse.csr_matrix(goods.sellers.T)
        return Spread(exposed, count, of_seller @ attended, of_seller @ goods.people)

    def __len__(self) -> int:
        """How many goods the catalog has."""
        return self.exposed.shape[0]

    @property
    def names(self) -> tuple[str, ...]:
        known = ("coverage", "Gini", "effective catalog", "personalisation")
        return known if self.merit is None else (*known, "inequity")

    def __call__(self, drawn: Weights) -> Values:
        """[rounds, names]."""
        exposure = np.ascontiguousarray((self.exposed @ drawn).T)
        found = [spread.coverage(exposure), spread.gini(exposure), spread.effective(exposure)]
        found.append(spread.personalisation(exposure, self.lists @ drawn))
        if self.attended is not None and self.merit is not None:
            found.append(inequity((self.attended @ drawn).T, self.merit))
        return np.stack(found, 1)


def interval(name: str, value: float, draws: Values, n: int, *, centred: bool) -> Measure:
    """The measure with the middle 95 % of its draws; centred: moved so that their mean is the value itself.

    People drawn with replacement are fewer different people, who see fewer goods: the draws of coverage, Gini and their
    like lie to one side of the value, and say how far it moves but not where it is.
    """
    draws = draws[~np.isnan(draws)]
    if not len(draws):
        return Measure(name, float("nan"), float("nan"), float("nan"), n)
    moved = value - draws.mean() if centred else 0.0
    low, high = np.quantile(draws, _ENDS) + moved
    return Measure(name, value, float(low), float(high), n)
