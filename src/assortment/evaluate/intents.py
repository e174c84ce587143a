"""Right and varied at once: a list is judged by every label of what the person then took, each worth less the second time.

hits [b, k] says where a list meets its targets (`metrics.hits`), targets are b arrays of item numbers, labels [items, c] holds
above 0 the labels that an item bears. The same judgement as in search, where labels are the intents behind a query.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Items, Rows
from assortment.evaluate.lists import Values, entries, over, ragged, totals, worth
from assortment.evaluate.metrics import Hits


def alpha_ndcg(lists: Items, hits: Hits, targets: Sequence[Items], labels: sparse.csr_matrix, alpha: float = 0.5) -> Values:
    """α-nDCG: Σ_r G_r / log2(r + 1) with G_r = Σ_c J(i_r, c) (1 - α)^(times c was met above r), over that of the best order of
    the targets (Clarke et al., SIGIR 2008). J is 1 where the item is a target and bears the label.

    alpha: 0 a label met again is worth as much … 1 nothing. The best order is NP-hard to find and is taken greedily, so that a
    list can come out a little above 1 and is cut there. 0 no labelled target … 1; NaN where no target bears a label. With one
    target each it is NDCG.

    >>> labels = sparse.csr_matrix([[1.0, 0], [1, 0], [0, 1]])
    >>> lists, taken = np.array([[0, 1, 2]]), [np.array([0, 1, 2])]
    >>> alpha_ndcg(lists, np.ones((1, 3), bool), taken, labels).round(3)
    array([0.965])
    """
    met = _met(lists, hits, labels)
    gain = totals(met.row, (1 - alpha) ** met.before * worth(lists.shape[1])[met.place], len(lists))
    return np.minimum(over(gain, _best(targets, labels, lists.shape[1], alpha)), 1)


def err_ia(lists: Items, hits: Hits, targets: Sequence[Items], labels: sparse.csr_matrix) -> Values:
    """ERR-IA: how soon a reader who cares for one of the labels of the targets, any of them alike, would stop content,
    Σ_c 1/|C| Σ_r 1/r R_c(r) Π_{s<r} (1 - R_c(s)) (Chapelle et al., CIKM 2009), R = ½ for a target that bears the label.

    Divided by what a list of targets that all bear every label would have, as ndeval does, so that it goes from 0 no target … 1
    that. NaN where no target bears a label.

    >>> labels = sparse.csr_matrix([[1.0, 0], [0, 1]])
    >>> err_ia(np.array([[0, 1]]), np.ones((1, 2), bool), [np.array([0, 1])], labels)
    array([0.6])
    """
    met = _met(lists, hits, labels)
    content = totals(met.row, 0.5 ** (met.before + 1) / (met.place + 1), len(lists))
    places = np.arange(1, lists.shape[1] + 1)
    asked = np.diff(sparse.csr_matrix(ragged(targets, labels.shape[0]) @ labels).indptr)
    return over(content, asked * (0.5**places / places).sum())


@dataclass(frozen=True, eq=False)
class _Met:
    """Every label of every target on a list: its row, its place from 0, and how often the label was met before it."""

    row: Rows
    place: Rows
    before: NDArray[np.int64]


def _met(lists: Items, hits: Hits, labels: sparse.csr_matrix) -> _Met:
    row, place = np.nonzero(hits)
    entry, label = entries(sparse.csr_matrix(labels[lists[row, place]]))
    one = row[entry] * labels.shape[1] + label
    order = np.argsort(one, kind="stable")
    first = np.searchsorted(one[order], one[order])
    return _Met(row[entry][order], place[entry][order], np.arange(len(order)) - first)


def _best(targets: Sequence[Items], labels: sparse.csr_matrix, k: int, alpha: float) -> Values:
    """The gain of each row's targets in the order that takes the highest gain next."""
    owner = np.repeat(np.arange(len(targets)), [len(items) for items in targets])
    wanted = np.concatenate([np.empty(0, np.int64), *targets]).astype(np.int64)
    entry, label = entries(sparse.csr_matrix(labels[wanted]))
    pair = np.unique(owner[entry] * labels.shape[1] + label, return_inverse=True)[1]
    seen = np.zeros(len(pair), np.int64)
    left = np.ones(len(owner))
    total = np.zeros(len(targets))
    for value in worth(k)[: max(map(len, targets), default=0)]:
        gain = totals(entry, (1 - alpha) ** seen[pair], len(owner)) * left
        order = np.lexsort((-gain, owner))
        picked = order[np.unique(owner[order], return_index=True)[1]]
        total[owner[picked]] += gain[picked] * value
        left[picked] = 0
        seen += np.bincount(pair[np.isin(entry, picked)], minlength=len(seen))
    return total
