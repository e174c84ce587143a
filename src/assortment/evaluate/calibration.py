"""How well the mix of a list fits the person: what it is made of, beside what they liked.

Fit is not variety: who likes one kind of thing is fitted by a list of one kind. Watch redundancy beside it.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from assortment.core.arrays import Items
from assortment.evaluate.lists import Values, members, totals
from assortment.evaluate.variety import labelled


def mix(held: sparse.csr_matrix, labels: sparse.csr_matrix) -> sparse.csr_matrix:
    """What a list is made of: the mean over its labelled goods, each of which spreads 1 evenly over its labels.

    held [b, items] its members; labels [items, c]: above 0 where an item bears one. [b, c], rows that sum to 1, or to 0 where
    no item bears a label.

    >>> mix(sparse.csr_matrix([[1.0, 1, 1]]), sparse.csr_matrix([[1.0, 1], [0, 1], [0, 0]])).toarray()
    array([[0.25, 0.75]])
    """
    return shares(held @ shares(labels))


def shares(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows divided by their sums; rows of zeros stay."""
    sums = np.asarray(counts.sum(1), np.float64).ravel()
    return sparse.csr_matrix(sparse.diags_array(np.divide(1, sums, out=np.zeros_like(sums), where=sums > 0)) @ counts)


def miscalibration(wanted: sparse.csr_matrix, mixed: sparse.csr_matrix, smooth: float = 0.01) -> Values:
    """How far the mix of a list is from the mix of what the person liked: KL(p || q') = Σ p_c log(p_c / q'_c) with
    q' = (1 - smooth) q + smooth p (Steck, RecSys 2018). 0 the same … -log(smooth), 4.6, nothing in common.

    wanted, mixed [b, c]: the `mix` of both. Minds what is missing from the list, not what is added to it; NaN where either has
    no label.

    >>> p = sparse.csr_matrix([[0.5, 0.5], [1, 0]])
    >>> miscalibration(p, sparse.csr_matrix([[0.5, 0.5], [0, 1]])).round(3)
    array([0.   , 4.605])
    """
    rows, labels, p = sparse.find(wanted)
    q = np.asarray(mixed.tocsr()[rows, labels]).ravel()
    terms = p * np.log(p / ((1 - smooth) * q + smooth * p))
    return _where_both(wanted, mixed, totals(rows, terms, wanted.shape[0]))


def jensen_shannon(wanted: sparse.csr_matrix, mixed: sparse.csr_matrix) -> Values:
    """The Jensen–Shannon divergence of the two mixes, in bits: H((p + q) / 2) - (H(p) + H(q)) / 2 (Lin, IEEE Trans. Inf. Theory
    1991). 0 the same … 1 nothing in common. Needs no smoothing, and minds what is added as much as what is missing.

    >>> p = sparse.csr_matrix([[0.5, 0.5], [1, 0]])
    >>> jensen_shannon(p, sparse.csr_matrix([[0.5, 0.5], [0, 1]]))
    array([0., 1.])
    """
    between = _bits(sparse.csr_matrix((wanted + mixed) / 2)) - (_bits(wanted) + _bits(mixed)) / 2
    return _where_both(wanted, mixed, np.clip(between, 0, 1))


def hellinger(wanted: sparse.csr_matrix, mixed: sparse.csr_matrix) -> Values:
    """The Hellinger distance of the two mixes: √(1 - Σ √(p_c q_c)) (Hellinger, 1909). 0 the same … 1 nothing in common.

    A metric; rare labels count for more than in `jensen_shannon`.

    >>> p = sparse.csr_matrix([[1.0, 0], [1, 0]])
    >>> hellinger(p, sparse.csr_matrix([[0.5, 0.5], [0, 1]])).round(3)
    array([0.541, 1.   ])
    """
    common = np.asarray(sparse.csr_matrix(wanted.multiply(mixed)).power(0.5).sum(1)).ravel()
    return _where_both(wanted, mixed, np.sqrt(np.clip(1 - common, 0, 1)))


def rank_miscalibration(wanted: sparse.csr_matrix, lists: Items, labels: sparse.csr_matrix, smooth: float = 0.01) -> Values:
    """Miscalibration as a list is read: its mean over the first 1, 2, … n goods, as a share of that of an empty list (MRMC: da
    Silva, Manzato and Durão, Expert Systems with Applications 2021). 0 fits from the first good on … 1 never.

    A list that brings the person's second taste last is worse than one that brings it second. NaN as for `miscalibration`;
    beginnings that bear no label are left aside.

    >>> p, labels = sparse.csr_matrix([[0.5, 0.5]] * 2), sparse.csr_matrix([[1.0, 0], [1, 0], [0, 1]])
    >>> rank_miscalibration(p, np.array([[0, 2, 1], [0, 1, 2]]), labels).round(2)
    array([0.15, 0.29])
    """
    return _as_read(lambda mixed: miscalibration(wanted, mixed, smooth) / -np.log(smooth), lists, labels)


def calibration_error(wanted: sparse.csr_matrix, lists: Items, labels: sparse.csr_matrix) -> Values:
    """How far the shares of a list are from those wanted, as it is read: the mean of |p_c - q_c| over the labels c, and of that
    over the first 1, 2, … n goods (MACE: da Silva, Manzato and Durão, Expert Systems with Applications 2021). 0 fits from the
    first good on … 2 / labels nothing in common.

    All labels [c] of the shop count, so that shops with few labels have larger values. Rare labels count as much as their
    shares: `rank_miscalibration` minds it more where one is missing. NaN as for `miscalibration`; beginnings that bear no label
    are left aside.

    >>> p, labels = sparse.csr_matrix([[0.5, 0.5]] * 2), sparse.csr_matrix([[1.0, 0], [1, 0], [0, 1]])
    >>> calibration_error(p, np.array([[0, 2, 1], [0, 1, 2]]), labels).round(3)
    array([0.222, 0.389])
    """

    def error(mixed: sparse.csr_matrix) -> Values:
        apart = np.asarray(abs(wanted - mixed).sum(1)).ravel() / labels.shape[1]
        return _where_both(wanted, mixed, apart)

    return _as_read(error, lists, labels)


def _as_read(measure: Callable[[sparse.csr_matrix], Values], lists: Items, labels: sparse.csr_matrix) -> Values:
    """The mean of a measure of mixes over the first 1, 2, … n goods of each list, where it is known."""
    beginnings = [np.where((lists[:, n] >= 0)[:, None], lists, -1)[:, : n + 1] for n in range(lists.shape[1])]
    found = np.stack([measure(mix(members(part, labels.shape[0]), labels)) for part in beginnings])
    known = ~np.isnan(found)
    total = np.where(known, found, 0).sum(0)
    return np.divide(total, known.sum(0), out=np.full(len(lists), np.nan), where=known.any(0))


def _bits(mixed: sparse.csr_matrix) -> Values:
    """The entropy of each row in bits."""
    terms = mixed.copy()
    terms.data = -mixed.data * np.log2(mixed.data)
    return np.asarray(terms.sum(1)).ravel()


def _where_both(wanted: sparse.csr_matrix, mixed: sparse.csr_matrix, values: Values) -> Values:
    return np.where(labelled(wanted) & labelled(mixed), values, np.nan)
