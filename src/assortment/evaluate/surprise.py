"""How little known, and how little expected, the goods of a list are.

lists [b, k], -1 where a list is short; people [items]: how many liked each item in the past; everyone: how many people there
were. One number per list, NaN where it is not defined.
"""

import numpy as np
from scipy import sparse

from assortment.core.arrays import Items, Vectors
from assortment.evaluate.lists import ROWS, Counts, Values, among, over, worth
from assortment.evaluate.metrics import Hits


def novelty(lists: Items, people: Counts, everyone: int) -> Values:
    """How little known the goods of a list are: the mean of -log2 p, in bits, p the share of people that liked an item in the
    past, both counts with one added (mean self-information: Zhou et al., PNAS 2010). 0 for what everyone has … no end.

    NaN for an empty list.

    >>> novelty(np.array([[0, 1], [0, -1], [-1, -1]]), np.array([7, 0]), 7)
    array([1.5, 0. , nan])
    """
    bits = -np.log2((people + 1) / (everyone + 1))
    there = lists >= 0
    return over((bits[lists] * there).sum(1), there.sum(1))


def discovery(lists: Items, people: Counts, everyone: int, relevance: Values | None = None) -> Values:
    """EPC, expected popularity complement: how likely a good on the list is one that a person does not know, from the top,
    Σ_k disc(k) p_k (1 - people / everyone) / Σ_k disc(k) (Vargas and Castells, RecSys 2011).

    disc(k) = 1 / log2(k + 1) over the places that the list has; relevance [b, k] is p, 0 … 1, and 1 where not given. 0 what
    everyone has … 1 what nobody has. Unlike `novelty` it hardly tells the rare from the very rare. NaN for an empty list.

    >>> discovery(np.array([[0, 1], [-1, -1]]), np.array([8, 2]), 8).round(3)
    array([0.29,  nan])
    """
    unknown = 1 - people / max(everyone, 1)
    weight = (lists >= 0) * worth(lists.shape[1])
    liked = 1 if relevance is None else relevance
    return over((weight * liked * unknown[lists]).sum(1), weight.sum(1))


def unexpected(lists: Items, past: sparse.csr_matrix, vectors: Vectors) -> Values:
    """How far each good is from what the person had: 1 - the mean cosine with it, [b, k] (Ge, Delgado-Battenfeld and Jannach,
    RecSys 2010, name the idea; the distance from the history is that of Kaminskas and Bridge, TiiS 2016).

    past [b, items] what each person is known to have liked; vectors [items, d] unit rows. 0 the same … 1 unrelated … 2
    opposite.
    NaN at empty places, for goods without a vector and for people without a history that has any. The mean over a list is its
    unexpectedness: `on_the_list`.

    >>> vectors = np.array([[1.0, 0], [0.6, 0.8], [0, 0]], np.float32)
    >>> unexpected(np.array([[0, 1, 2]]), sparse.csr_matrix([[1.0, 0, 1]]), vectors).round(3)
    array([[0. , 0.4, nan]])
    """
    known = np.any(vectors, axis=1)
    count = past @ known.astype(np.float32)
    taste = past @ vectors / np.maximum(count, 1)[:, None]
    found = np.empty(lists.shape)
    for start in range(0, len(lists), ROWS):
        rows = slice(start, start + ROWS)
        found[rows] = 1 - (vectors[lists[rows]] @ taste[rows, :, None])[:, :, 0]
    found[~((lists >= 0) & known[lists] & (count > 0)[:, None])] = np.nan
    return found


def on_the_list(each: Values) -> Values:
    """The mean over the places [b, k] of a list that have a value, NaN where none has.

    >>> on_the_list(np.array([[0, 0.4, np.nan]]))
    array([0.2])
    """
    there = ~np.isnan(each)
    return over(np.where(there, each, 0).sum(1), there.sum(1))


def serendipity(unexpected: Values, hits: Hits) -> Values:
    """What was unexpected and was taken all the same: 1/k Σ 1[taken] unexpected (Murakami et al., JSAI 2007; Ge et al., 2010).

    unexpected [b, k] of the goods, hits [b, k] where the person then took them. 0 nothing taken, or nothing unexpected … 1 all
    taken and all unrelated … 2. A taken good that is not known to be unexpected adds nothing. NaN where nothing on the list is
    known. Few things are taken: look at its interval.

    >>> serendipity(np.array([[0.1, 0.8]]), np.array([[False, True]]))
    array([0.4])
    """
    value = np.where(hits & ~np.isnan(unexpected), unexpected, 0).sum(1) / hits.shape[1]
    return np.where(np.isnan(unexpected).all(1), np.nan, value)


def beyond_obvious(lists: Items, obvious: Items) -> Values:
    """The share of a list that a primitive recommender would not have shown: |S without P| / |S| (Ge, Delgado-Battenfeld and
    Jannach, RecSys 2010). 0 nothing but that … 1 nothing of it; NaN for an empty list.

    obvious [b, any] is what the primitive one shows the same people, -1 where that is short: the most popular goods, say.

    >>> beyond_obvious(np.array([[3, 4, -1], [5, 6, 7]]), np.array([[3, 9], [1, 2]]))
    array([0.5, 1. ])
    """
    there = lists >= 0
    return over((there & ~among(lists, obvious)).sum(1), there.sum(1))
