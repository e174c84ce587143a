"""How varied a list is, by itself and for the person who reads it.

Redundancy, `distances.redundancy`, is the headline: nearly every list has an ILD near 1, so that its other side tells more.
similar [b, k, k] are the `distances.cosines` of the pairs of a list, NaN where there is none; mixed [b, c] is a list's `mix` of
labels; wanted [b, c] holds above 0 the labels that a person cares for. One number per list, NaN where it is not defined.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Scores
from assortment.evaluate.lists import Counts, Values, over, worth


def twins(similar: Scores, near: float = 0.9) -> Values:
    """The share of the pairs on a list whose cosine is `near` or more: the same thing twice. 0 none … 1 all.

    Where redundancy asks how alike goods are on the whole, this asks how often one could as well not be there. NaN for fewer
    than two goods.

    >>> twins(np.array([[[np.nan, 0.95], [0.95, np.nan]]]))
    array([1.])
    """
    pairs = ~np.isnan(similar)
    return over((similar >= near).sum((1, 2)), pairs.sum((1, 2)))


def eild(similar: Scores, relevance: Values | None = None) -> Values:
    """EILD: ILD as it is read, from the top and for what is worth reading (Vargas and Castells, RecSys 2011).

    Σ_k disc(k) p_k d̄_k / Σ_k disc(k), where d̄_k = Σ_{l≠k} disc(l | k) p_l d_kl / Σ_{l≠k} disc(l | k) p_l is how far the good at
    place k is from the others, those that follow it near counting most: disc(k) = 1 / log2(k + 1), and disc(l | k) =
    disc(max(1, l - k)), since what stands above has been read. relevance [b, k] is p, 0 … 1, how likely each is liked; without
    it all are, and only the places count. 0 all the same, or nothing relevant … 1 unrelated … 2; NaN for fewer than two goods.

    >>> same, other = [np.nan, 1, 0], [0.0, 0, np.nan]
    >>> eild(np.array([[same, [1, np.nan, 0], other]])).round(3)
    array([0.564])
    """
    k = similar.shape[1]
    pairs = ~np.isnan(similar)
    liked = np.ones(similar.shape[:2]) if relevance is None else relevance
    places = np.arange(k)
    weight = pairs * worth(max(k, 2))[np.maximum(places - places[:, None], 1) - 1] * liked[:, None, :]
    below = weight.sum(2)
    near = np.divide((weight * np.where(pairs, 1 - similar, 0)).sum(2), below, out=np.zeros(below.shape), where=below > 0)
    return over((near * liked) @ worth(k), pairs.any(2) @ worth(k))


def aspects(mixed: sparse.csr_matrix) -> Values:
    """How many different labels the goods of each list bear, from its `mix`; NaN where none bears any.

    >>> aspects(sparse.csr_matrix([[0.25, 0.75], [0, 0]]))
    array([ 2., nan])
    """
    return np.where(labelled(mixed), np.diff(mixed.indptr), np.nan)


def entropy(mixed: sparse.csr_matrix, lengths: Counts) -> Values:
    """How evenly a list is spread over labels: -Σ q_c log q_c / log min(n, C) of its `mix`, n its length, C all labels
    (Shannon, 1948). 0 one label … 1 as even as it could be, or a little more where goods bear several labels each.

    NaN where no item bears a label, and where the list or the catalog is too small to be anything but even.

    >>> entropy(sparse.csr_matrix([[0.5, 0.5, 0], [1, 0, 0]]), np.array([2, 2])).round(3) + 0.0
    array([1., 0.])
    """
    logs = mixed.copy()
    logs.data = -mixed.data * np.log(mixed.data)
    most = np.log(np.maximum(np.minimum(lengths, mixed.shape[1]), 1))
    return over(np.asarray(logs.sum(1)).ravel(), np.where(labelled(mixed), most, 0))


def subtopic_recall(mixed: sparse.csr_matrix, wanted: sparse.csr_matrix, most: Counts) -> Values:
    """S-recall: the share of the labels that a person cares for that stand on the list, of as many as there is room for
    (Zhai, Cohen and Lafferty, SIGIR 2003): |C(S) ∩ C(u)| / min(|C(u)|, most). 0 none … 1 all, or a list full of them.

    most [b]: labels that a list could hold, its places times the labels of a good. NaN where the person cares for none.

    >>> three = sparse.csr_matrix([[1.0, 1, 1]])
    >>> subtopic_recall(sparse.csr_matrix([[0.5, 0.5, 0]]), three, np.array([9])).round(3)
    array([0.667])
    """
    both = np.asarray((mixed > 0).multiply(wanted > 0).sum(1)).ravel()
    return over(both, np.minimum(np.diff(wanted.indptr), most))


def labelled(mixed: sparse.csr_matrix) -> NDArray[np.bool_]:
    """Whether a list has any label."""
    return np.diff(mixed.indptr) > 0
