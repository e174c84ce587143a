"""How widely the shop is shown: over all lists together, from one person to the next, and from one day to the next.

exposure [items] is the number of lists that an item stands on; of exposure [.., items] each measure gives one number for each.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items
from assortment.evaluate.lists import Values, among, over

Exposure: TypeAlias = NDArray[np.float64]


def coverage(exposure: Exposure) -> Values:
    """The share of the catalog that stands on any list. 0 … 1; it grows with the number of lists: compare equal numbers.

    >>> float(coverage(np.array([3.0, 0, 1, 0])))
    0.5
    """
    return (exposure > 0).mean(-1)


def gini(exposure: Exposure) -> Values:
    """How unequally goods are shown: Σ_i (2 i - n - 1) e_(i) / (n Σ e), e ascending, over the whole catalog, goods that are
    never shown included (Gini, 1912). 0 all alike … (n - 1) / n one only; NaN where nothing is shown.

    Some programs leave out what is never shown, and some give 1 less this.

    >>> float(gini(np.array([0.0, 0, 0, 8]))), float(gini(np.array([2.0, 2, 2, 2])))
    (0.75, 0.0)
    """
    n = exposure.shape[-1]
    return over(np.sort(exposure, -1) @ (2 * np.arange(1, n + 1) - n - 1.0), n * exposure.sum(-1))


def effective(exposure: Exposure) -> Values:
    """The effective catalog: as many goods, all shown alike, would be as evenly spread, exp(-Σ e_i log e_i) with e as shares
    (Shannon, 1948; Hill, Ecology 1973). 1 one only … n all alike; NaN where nothing is shown.

    >>> effective(np.array([[2.0, 2, 2, 0], [8, 0, 0, 0]])).round(6)
    array([3., 1.])
    """
    total = exposure.sum(-1)
    logs = np.log(exposure, out=np.zeros(exposure.shape), where=exposure > 0)
    terms = over(np.einsum("...i,...i->...", exposure, logs), total)
    return np.exp(np.log(np.where(total > 0, total, 1)) - terms)


def personalisation(exposure: Exposure, lists: NDArray[np.number]) -> Values:
    """How different the lists of two people are: 1 - mean over all pairs u < v of |S_u ∩ S_v| / k (inter-list distance: Zhou et
    al., PNAS 2010). 0 everybody sees the same … 1 no two share anything; NaN for fewer than two lists, or empty ones.

    lists: how many there are; k is the mean number of goods on one. Not sampled: the pairs that share an item that stands on e
    lists are e (e - 1) / 2.

    >>> float(personalisation(np.array([2.0, 1, 1]), np.array(2)))
    0.5
    """
    shared = (exposure * (exposure - 1)).sum(-1)
    return 1 - over(shared, exposure.sum(-1) * (lists - 1))


def churn(before: Items, after: Items) -> Values:
    """How much of a list was not on it last time: |after without before| / |after| (Lathia et al., SIGIR 2010). 0 the same
    goods … 1 all new. Over visits it is temporal diversity, which one may want; over two fits of one log it is unrest.

    before, after [b, any] lists of the same people. NaN where the list is empty now.

    >>> churn(np.array([[1, 2, 3, 4]]), np.array([[2, 1, 7, 3]]))
    array([0.25])
    """
    there = after >= 0
    return over((there & ~among(after, before)).sum(1), there.sum(1))


def stability(before: Items, after: Items) -> Values:
    """How alike two lists of one person are: |before ∩ after| / |before ∪ after| (Jaccard, 1901). 0 nothing shared … 1 the same
    goods, in whatever order; NaN where both are empty.

    >>> stability(np.array([[1, 2, 3]]), np.array([[3, 2, 9]]))
    array([0.5])
    """
    shared = among(after, before).sum(1)
    return over(shared, (before >= 0).sum(1) + (after >= 0).sum(1) - shared)
