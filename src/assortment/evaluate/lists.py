"""Lists as the measures read them: who stands on them, and what a place is worth.

lists [b, k] are item numbers, best first, -1 where a list is short. What does not depend on the order is a function of the
members of a list, [b, items], 1 where a list holds an item; so is what a person is remembered to have liked.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Items, Rows

Values: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

ROWS = 1024
"""Lists whose vectors are held at a time."""


def members(lists: Items, items: int) -> sparse.csr_matrix:
    """Which goods stand on each list, [b, items].

    >>> members(np.array([[2, 0], [1, -1]]), 3).toarray()
    array([[1., 0., 1.],
           [0., 1., 0.]], dtype=float32)
    """
    held = lists >= 0
    bounds = np.concatenate([[0], np.cumsum(held.sum(1))])
    return sparse.csr_matrix((np.ones(bounds[-1], np.float32), lists[held], bounds), (len(lists), items))


def ragged(lists: Sequence[Items], items: int) -> sparse.csr_matrix:
    """The same of lists of any length, such as what people had.

    >>> ragged([np.array([1]), np.array([], int)], 2).toarray()
    array([[0., 1.],
           [0., 0.]], dtype=float32)
    """
    bounds = np.concatenate([[0], np.cumsum([len(row) for row in lists])])
    numbers = np.concatenate([np.empty(0, np.int32), *lists]).astype(np.int32)
    return sparse.csr_matrix((np.ones(len(numbers), np.float32), numbers, bounds), (len(lists), items))


def worth(k: int) -> Values:
    """What the places 1 … k are worth: 1 / log2(place + 1), the attention they get (Järvelin and Kekäläinen, TOIS 2002).

    >>> worth(3).round(3)
    array([1.   , 0.631, 0.5  ])
    """
    return 1 / np.log2(np.arange(2, k + 2))


def among(lists: Items, others: Items) -> NDArray[np.bool_]:
    """Which goods of the lists [b, k] stand on the others [b, any] of their row too.

    >>> among(np.array([[3, 7, -1]]), np.array([[7, -1]]))
    array([[False,  True, False]])
    """
    return (lists >= 0) & (lists[:, :, None] == others[:, None, :]).any(2)


def totals(rows: NDArray[np.integer], values: NDArray[np.number], count: int) -> Values:
    """The sum of the values of each of `count` rows, 0 where a row has none.

    >>> totals(np.array([0, 2, 2]), np.array([1.0, 2, 3]), 4)
    array([1., 0., 5., 0.])
    """
    return np.bincount(rows, values, minlength=count).astype(np.float64)


def entries(rows: sparse.csr_matrix) -> tuple[Rows, Items]:
    """The row and the column of each entry.

    >>> entries(sparse.csr_matrix([[0, 1.0], [1, 1]]))
    (array([0, 1, 1]), array([1, 0, 1], dtype=int32))
    """
    return np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr)), np.asarray(rows.indices, np.int32)


def over(above: Values | NDArray[np.number], below: Values | NDArray[np.number]) -> Values:
    """One divided by the other, NaN where there is nothing to divide by."""
    shape = np.broadcast_shapes(np.shape(above), np.shape(below))
    return np.divide(above, below, out=np.full(shape, np.nan), where=below > 0)
