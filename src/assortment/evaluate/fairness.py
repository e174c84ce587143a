"""Whether those who sell get the attention that their goods deserve.

exposure [items] is the attention each item gets over all lists, `attention`; merit [items] what it deserves, such as how many
people liked it in the past; groups [items, g] the sellers or brands, above 0 where an item is theirs. A measure of one request
says little where the ranking is not drawn by lot: average over requests.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from assortment.core.arrays import Items, Rows
from assortment.core.catalog import Labels
from assortment.evaluate.calibration import shares
from assortment.evaluate.lists import Values, over, totals, worth
from assortment.evaluate.spread import Exposure


def attention(lists: Items, items: int) -> Exposure:
    """The attention that each item gets: the sum of what its places are worth, 1 / log2(place + 1).

    >>> attention(np.array([[1, 0], [1, -1]]), 3).round(3)
    array([0.631, 2.   , 0.   ])
    """
    rows, places = np.nonzero(lists >= 0)
    return totals(lists[rows, places], worth(lists.shape[1])[places], items)


def sellers(column: Labels) -> sparse.csr_matrix:
    """Whose each item is, [items, g], rows that sum to 1; goods of nobody known are a group of their own, the last.

    >>> from assortment.core.catalog import labels
    >>> sellers(labels(np.array(["ann", "ann|bob", None], object))).toarray()
    array([[1. , 0. , 0. ],
           [0.5, 0.5, 0. ],
           [0. , 0. , 1. ]])
    """
    nobody = np.diff(column.member.indptr) == 0
    known = shares(column.member)
    return sparse.csr_matrix(sparse.hstack([known, sparse.csr_matrix(nobody[:, None])])) if nobody.any() else known


@dataclass(frozen=True, eq=False)
class Treatment:
    """How groups are treated: ratio [g] of the share of attention that a group gets to the share of merit that it has, 1 as it
    deserves, NaN for the groups in `excluded`, which have no merit to be measured by."""

    ratio: Values
    excluded: Rows

    @property
    def disparity(self) -> float:
        """The widest gap between two groups, 0 all alike; NaN where none has merit or attention."""
        known = self.ratio[~np.isnan(self.ratio)]
        return float(known.max() - known.min()) if len(known) else float("nan")


def group_exposure(exposure: Exposure, groups: sparse.csr_matrix, merit: Values) -> Treatment:
    """Disparate treatment: each group's exposure over its merit (Singh and Joachims, KDD 2018, whose means over a group's goods
    have one denominator and cancel). Shares are of the groups with merit; those without are excluded and told.

    >>> treated = group_exposure(np.array([3.0, 1, 1]), sparse.csr_matrix(np.eye(3)), np.array([1.0, 1, 0]))
    >>> treated.ratio, treated.disparity, treated.excluded
    (array([1.5, 0.5, nan]), 1.0, array([2]))
    """
    got, deserved = groups.T @ exposure, groups.T @ merit
    has = deserved > 0
    share = over(got, got[has].sum())
    return Treatment(over(share * deserved.sum(), deserved), np.flatnonzero(~has))


def inequity(exposure: Exposure, merit: Values) -> Values:
    """Amortised inequity: Σ_i |A_i - R_i|, the attention and the relevance that each item or group had over time, both as
    shares of their sums (Biega, Gummadi and Weikum, SIGIR 2018). 0 as deserved … just under 2 all to those who deserve least.

    exposure [.., g]; merit [g]. Goods without merit are left aside, exposure and all: what nobody has seen yet has earned
    nothing. NaN where nothing is left.

    >>> float(inequity(np.array([3.0, 1, 5]), np.array([1.0, 1, 0])))
    0.5
    """
    has = merit > 0
    got = exposure[..., has]
    share = over(got, got.sum(-1, keepdims=True))
    return np.abs(share - merit[has] / merit[has].sum()).sum(-1) if has.any() else np.full(got.shape[:-1], np.nan)


@dataclass(frozen=True)
class ExpectedExposure:
    """loss = disparity - 2 relevance + |target|²."""

    loss: float
    disparity: float
    relevance: float


def expected_exposure(exposure: Exposure, target: Exposure) -> ExpectedExposure:
    """How far the exposure of goods is from its target (Diaz et al., CIKM 2020): loss EE-L = |e - e*|², 0 as it should be; its
    parts disparity EE-D = |e|², least where attention is spread, and relevance EE-R = e · e*, most where it goes to what is
    relevant.

    exposure [items] e, the mean over draws of a stochastic ranking or over requests; target [items] e*, `deserved` or its mean.

    >>> expected_exposure(np.array([1.0, 0.5]), np.array([0.75, 0.75]))
    ExpectedExposure(loss=0.125, disparity=1.25, relevance=1.125)
    """
    return ExpectedExposure(
        float(((exposure - target) ** 2).sum()), float((exposure**2).sum()), float((exposure * target).sum())
    )


def deserved(grades: Values, k: int) -> Exposure:
    """The target of equal expected exposure: the goods of one grade of relevance share evenly the attention of the places that
    they would take, the best grade the first ones (Diaz et al., CIKM 2020).

    grades [items], higher is better; k: places that are seen at all.

    >>> deserved(np.array([0, 1, 1, 0]), k=2).round(3)
    array([0.   , 0.815, 0.815, 0.   ])
    """
    seen = np.concatenate([worth(min(k, len(grades))), np.zeros(max(len(grades) - k, 0))])
    order = np.argsort(-grades, kind="stable")
    grade = np.unique(-grades, return_inverse=True)[1]
    total = np.bincount(grade[order], seen)
    return (total / np.bincount(grade))[grade]
