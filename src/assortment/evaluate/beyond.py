"""Beyond accuracy: how varied, how new, how fitting and how widely spread lists are, whoever took what.

lists [b, k] are item numbers, best first, -1 where a list is short; these measures look at the goods that a list has, however
few. Functions of lists give one number per row, NaN where it is not defined. Functions of exposure [items], the number of lists
that an item stands on, give one number for all lists together; of exposure [.., items] one for each.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Items, Vectors

Values: TypeAlias = NDArray[np.float64]
Exposure: TypeAlias = NDArray[np.float64]

_ROWS = 1024
"""Lists whose vectors are held at a time."""


def distance(lists: Items, vectors: Vectors) -> Values:
    """ILD, the mean distance of the pairs on a list: 2 / (n (n - 1)) Σ_{i<j} (1 - cos(x_i, x_j)) (Ziegler et al., WWW 2005).

    vectors [items, d]: unit rows; goods without a vector (a zero row) are left aside. 0 all the same … 1 unrelated … 2
    opposite; NaN for fewer than two goods. Nearly every list is near 1, so that its other side, the redundancy
    `1 - distance` or mean cosine of the pairs, tells more.

    >>> distance(np.array([[0, 1, -1], [0, 2, -1], [1, -1, -1]]), np.eye(2, dtype=np.float32)[[0, 0, 1]])
    array([ 0.,  1., nan])
    """
    return 1 - pairs(lists, vectors)[0]


def pairs(lists: Items, vectors: Vectors, near: float = 0.9) -> tuple[Values, Values]:
    """The redundancy of each list, which is the mean cosine of its pairs, and its twins: the share of pairs of cosine `near` or
    more, the same thing twice. Both NaN for fewer than two goods with vectors.

    >>> redundancy, twins = pairs(np.array([[0, 1, 2]]), np.eye(2, dtype=np.float32)[[0, 0, 1]])
    >>> redundancy.round(3), twins.round(3)
    (array([0.333]), array([0.333]))
    """
    there = (lists >= 0) & np.any(vectors, axis=1)[lists]
    count = there.sum(1)
    total, alike = np.zeros(len(lists)), np.zeros(len(lists))
    for start in range(0, len(lists), _ROWS):
        rows = slice(start, start + _ROWS)
        x = vectors[lists[rows]] * there[rows, :, None]
        cosines = np.triu(x @ x.transpose(0, 2, 1), 1)
        total[rows] = cosines.sum((1, 2), dtype=np.float64)
        alike[rows] = (cosines >= near).sum((1, 2))
    several = np.where(count > 1, count * (count - 1) / 2, np.nan)
    return total / several, alike / several


def mix(lists: Items, labels: sparse.csr_matrix) -> sparse.csr_matrix:
    """What a list is made of: the mean over its labelled goods, each of which spreads 1 evenly over its labels.

    labels [items, c]: above 0 where an item bears one. [b, c], rows that sum to 1, or to 0 where no item bears a label.

    >>> mix(np.array([[0, 1, 2]]), sparse.csr_matrix([[1.0, 1], [0, 1], [0, 0]])).toarray()
    array([[0.25, 0.75]])
    """
    rows, places = np.nonzero(lists >= 0)
    on = sparse.csr_matrix((np.ones(len(rows)), (rows, lists[rows, places])), (len(lists), labels.shape[0]))
    return _shares(on @ _shares(labels))


def _shares(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows divided by their sums."""
    sums = np.asarray(counts.sum(1), np.float64).ravel()
    return sparse.csr_matrix(sparse.diags_array(np.divide(1, sums, out=np.zeros_like(sums), where=sums > 0)) @ counts)


def _labelled(mixed: sparse.csr_matrix) -> NDArray[np.bool_]:
    return np.diff(mixed.indptr) > 0


def aspects(mixed: sparse.csr_matrix) -> Values:
    """How many different labels the goods of each list bear, from its `mix`; NaN where none bears any.

    >>> aspects(sparse.csr_matrix([[0.25, 0.75], [0, 0]]))
    array([ 2., nan])
    """
    return np.where(_labelled(mixed), np.diff(mixed.indptr), np.nan)


def entropy(mixed: sparse.csr_matrix, lengths: NDArray[np.int64]) -> Values:
    """How evenly a list is spread over labels: -Σ q_c log q_c / log min(n, C) of its `mix`, n its length, C all labels
    (Shannon, 1948). 0 one label … 1 as even as it could be, or a little more where goods bear several labels each.

    NaN where no item bears a label, and where the list or the catalog is too small to be anything but even.

    >>> entropy(sparse.csr_matrix([[0.5, 0.5, 0], [1, 0, 0]]), np.array([2, 2])).round(3) + 0.0
    array([1., 0.])
    """
    logs = mixed.copy()
    logs.data = -mixed.data * np.log(mixed.data)
    most = np.log(np.maximum(np.minimum(lengths, mixed.shape[1]), 1))
    return _defined(np.asarray(logs.sum(1)).ravel(), most, _labelled(mixed))


def novelty(lists: Items, people: NDArray[np.int64], everyone: int) -> Values:
    """How little known the goods of a list are: the mean of -log2 p, in bits, p the share of people that liked an item in the
    past, both counts with one added (mean self-information: Zhou et al., PNAS 2010). 0 for what everyone has … no end.

    people [items]: how many liked each; everyone: how many people there are. NaN for an empty list.

    >>> novelty(np.array([[0, 1], [0, -1], [-1, -1]]), np.array([7, 0]), 7)
    array([1.5, 0. , nan])
    """
    bits = -np.log2((people + 1) / (everyone + 1))
    there = lists >= 0
    return _defined((bits[lists] * there).sum(1), there.sum(1), np.any(there, axis=1))


def miscalibration(wanted: sparse.csr_matrix, mixed: sparse.csr_matrix, smooth: float = 0.01) -> Values:
    """How far the mix of a list is from the mix of what the person liked: KL(p || q') = Σ p_c log(p_c / q'_c) with
    q' = (1 - smooth) q + smooth p (Steck, RecSys 2018). 0 the same … -log(smooth), 4.6, nothing in common.

    wanted, mixed [b, c]: the `mix` of both. NaN where either has no label.

    >>> p = sparse.csr_matrix([[0.5, 0.5], [1, 0]])
    >>> miscalibration(p, sparse.csr_matrix([[0.5, 0.5], [0, 1]])).round(3)
    array([0.   , 4.605])
    """
    rows, labels, p = sparse.find(wanted)
    q = np.asarray(mixed.tocsr()[rows, labels]).ravel()
    terms = p * np.log(p / ((1 - smooth) * q + smooth * p))
    return np.where(_labelled(wanted) & _labelled(mixed), np.bincount(rows, terms, minlength=wanted.shape[0]), np.nan)


def coverage(exposure: Exposure) -> Values:
    """The share of the catalog that stands on any list. 0 … 1; it grows with the number of lists: compare equal numbers.

    >>> float(coverage(np.array([3.0, 0, 1, 0])))
    0.5
    """
    return (exposure > 0).mean(-1)


def gini(exposure: Exposure) -> Values:
    """How unequally goods are shown: Σ_i (2 i - n - 1) e_(i) / (n Σ e), e ascending, over the whole catalog, goods that are
    never shown included (Gini, 1912). 0 all alike … (n - 1) / n one only; NaN where nothing is shown.

    >>> float(gini(np.array([0.0, 0, 0, 8]))), float(gini(np.array([2.0, 2, 2, 2])))
    (0.75, 0.0)
    """
    n = exposure.shape[-1]
    total = exposure.sum(-1)
    slope = np.sort(exposure, -1) @ (2 * np.arange(1, n + 1) - n - 1.0)
    return np.divide(slope, n * total, out=np.full(np.shape(total), np.nan), where=total > 0)


def _defined(above: Values, below: NDArray[np.number], where: NDArray[np.bool_]) -> Values:
    return np.divide(above, below, out=np.full(len(above), np.nan), where=where & (below > 0))
