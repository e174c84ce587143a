"""Accuracy: how near the top of a list is what the person then took.

lists [b, k] are item numbers, best first, -1 where a list is short: an empty place is a miss. `hits` [b, k] says where a list
meets its targets, `taken` [b] how many there are. Every function gives one number per row, NaN where there is no target.
Nothing is sampled: lists are drawn from the whole catalog, and their own order breaks ties.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items
from assortment.evaluate.lists import Counts, Values, over, worth

Hits: TypeAlias = NDArray[np.bool_]


def hits(lists: Items, targets: Sequence[Items]) -> Hits:
    """Where the lists [b, k] hold one of their row's targets, b arrays of different item numbers.

    >>> hits(np.array([[3, 7, -1]]), [np.array([7, 9])])
    array([[False,  True, False]])
    """
    rows = np.arange(len(lists))
    wanted = np.repeat(rows, [len(items) for items in targets]) << 32 | np.concatenate(
        [np.empty(0, np.int64), *targets]
    ).astype(int)
    return np.isin(rows[:, None] << 32 | lists, wanted) & (lists >= 0)


def recall(hits: Hits, taken: Counts) -> Values:
    """The share of the targets that the list holds, of those that it could hold: |S ∩ T| / min(|T|, k).

    0 none … 1 as many as there is room for.

    >>> recall(np.array([[True, False]]), np.array([5]))
    array([0.5])
    """
    return over(hits.sum(1), np.minimum(taken, hits.shape[1]))


def precision(hits: Hits, taken: Counts) -> Values:
    """The share of the k places that hold a target: |S ∩ T| / k, empty places counted as misses.

    >>> precision(np.array([[True, False, False, False]]), np.array([1]))
    array([0.25])
    """
    return np.where(taken > 0, hits.mean(1), np.nan)


def f1(hits: Hits, taken: Counts) -> Values:
    """The harmonic mean of |S ∩ T| / k and |S ∩ T| / |T|, which is 2 |S ∩ T| / (k + |T|) (van Rijsbergen, 1979).

    >>> f1(np.array([[True, False, False]]), np.array([1]))
    array([0.5])
    """
    return np.where(taken > 0, 2 * hits.sum(1) / (hits.shape[1] + taken), np.nan)


def ndcg(hits: Hits, taken: Counts) -> Values:
    """Σ hit_r / log2(r + 1) over the places r = 1 … k, over the same of a list that holds nothing but targets while there are
    any (Järvelin and Kekäläinen, TOIS 2002). 0 … 1.

    >>> ndcg(np.array([[False, True, False]]), np.array([1])).round(4)
    array([0.6309])
    """
    value = worth(hits.shape[1])
    ideal = np.concatenate([[0], np.cumsum(value)])[np.minimum(taken, hits.shape[1])]
    return over(hits @ value, ideal)


def mrr(hits: Hits, taken: Counts) -> Values:
    """One over the place of the first target, 0 where the list holds none (Voorhees, TREC 1999).

    >>> mrr(np.array([[False, True, True], [False, False, False]]), np.array([2, 1]))
    array([0.5, 0. ])
    """
    first = np.where(hits.any(1), 1 / (hits.argmax(1) + 1.0), 0)
    return np.where(taken > 0, first, np.nan)


def hit_rate(hits: Hits, taken: Counts) -> Values:
    """Whether the list holds any target: 0 none … 1 one or more.

    >>> hit_rate(np.array([[False, True], [False, False]]), np.array([2, 1]))
    array([1., 0.])
    """
    return np.where(taken > 0, hits.any(1), np.nan)


def average_precision(hits: Hits, taken: Counts) -> Values:
    """AP: the mean, over the targets that there was room for, of the precision at the place of each, 0 for those not on the
    list; its mean over people is MAP (Harman, TREC 1992). 0 none … 1 nothing but targets while there are any.

    >>> average_precision(np.array([[True, False, True]]), np.array([2])).round(3)
    array([0.833])
    """
    so_far = np.cumsum(hits, 1) / np.arange(1, hits.shape[1] + 1)
    return over((hits * so_far).sum(1), np.minimum(taken, hits.shape[1]))


def auc(hits: Hits, taken: Counts, lengths: Counts, items: int) -> Values:
    """The probability that a target stands before another item of the catalog, both drawn at random, ties counted half.

    The order is that of the list; all of the `items` goods that it does not hold come after it, at one place. So an empty list
    has 0.5, and one of length k that misses everything a little less. lengths [b]: goods on each list.

    >>> auc(np.array([[False, True]]), np.array([1]), np.array([2]), items=5)
    array([0.75])
    """
    others = items - taken
    misses_before = np.cumsum(~hits, 1) * hits
    listed = (hits.sum(1) * others - misses_before.sum(1)).astype(np.float64)
    unlisted = (taken - hits.sum(1)) * (others - (lengths - hits.sum(1))) / 2
    return over(listed + unlisted, taken * others)
