"""The log as visits: what each person touched at each moment, one moment after another."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from assortment.core.arrays import Items
from assortment.core.dataset import Dataset

REACH = 200
FAINT = 1e-3


@dataclass(frozen=True, eq=False)
class Visits:
    """goods [v, n]: ones where an item was touched at a visit; person [v], never decreasing, with visits in order of time.

    A person's item counts once, at its last moment, as in the profile.
    """

    goods: sparse.csr_matrix
    person: Items

    def earlier(self, decay: float) -> sparse.csr_matrix:
        """[n, n]: how often item j came after item i, each pair weighing decay^(visits between - 1), over all people.

        decay: 0 (only the very next visit counts) … 1 (all later visits alike, up to 200).
        """
        before = self._before(decay)
        return ((before @ self.goods).T @ self.goods).tocsr().astype(np.float32)

    def together(self) -> sparse.csr_matrix:
        """[n, n]: how often two items were touched at the same visit; the diagonal holds how many people touched each."""
        return (self.goods.T @ self.goods).tocsr()

    def followed(self, decay: float) -> sparse.csr_matrix:
        """[n, n]: `earlier`, and half of each pair of one visit either way, its order being unknown; no item follows itself."""
        both = (self.earlier(decay) + 0.5 * self.together()).tocoo()
        other = both.row != both.col
        return sparse.csr_matrix((both.data[other], (both.row[other], both.col[other])), shape=both.shape)

    def _before(self, decay: float) -> sparse.csr_matrix:
        """[v, v]: the weight of each earlier visit of the same person, seen from each visit."""
        rows, columns, data = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        for lag in range(1, REACH + 1):
            weight = decay ** (lag - 1)
            later = np.flatnonzero(self.person[lag:] == self.person[:-lag]) + lag
            if weight < FAINT or not len(later):
                break
            rows.append(later)
            columns.append(later - lag)
            data.append(np.full(len(later), weight, np.float32))
        entries = (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns)))
        return sparse.csr_matrix(entries, shape=(len(self.person), len(self.person)))


def visits(dataset: Dataset) -> Visits:
    """The visits in a log; what was refused is left out."""
    liked = dataset.events.liked()
    pair = liked.user.astype(np.int64) * len(dataset.catalog) + liked.item
    latest = len(liked) - 1 - np.unique(pair[::-1], return_index=True)[1]
    rows = latest[np.lexsort((latest, liked.user[latest]))]
    user, time = liked.user[rows], liked.time[rows]
    new = np.ones(len(rows), bool)
    new[1:] = (np.diff(user) != 0) | (np.diff(time) != 0)
    starts = np.flatnonzero(new)
    bounds = np.append(starts, len(rows)).astype(np.int32)
    shape = (len(starts), len(dataset.catalog))
    goods = sparse.csr_matrix((np.ones(len(rows), np.float32), liked.item[rows], bounds), shape=shape)
    goods.sort_indices()
    return Visits(goods, user[starts])
