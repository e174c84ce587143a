"""Three ways in which two goods are alike, and how alike the goods of a list are.

By words: the cosine of their vectors. By the shop's shelves: the labels that they share, `shelves`. By what people do: who took
the one and the other, `bought`. Each is a cosine of rows of features, so that one function measures lists by all three. What is
not known of an item (a row of zeros) leaves it aside. Of the three, nothing that we ship is chosen to do well by what was
bought together: it is the audit. A method that looks varied by words alone has only found another way to say the same thing.
"""

import re

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Items, Vectors
from assortment.core.catalog import Labels
from assortment.evaluate.lists import ROWS, Values, entries, over, totals

_STEP = re.compile(r"\s*>\s*")


def shelves(labels: Labels) -> sparse.csr_matrix:
    """Where goods stand in the shop, [items, shelves], unit rows: their labels and, of a label `a > b > c`, all it lies in.

    The cosine of two goods is the number of shelves that they share over the geometric mean of how many each stands on (Ochiai,
    1957): for two paths of L levels it is (shared levels) / L, for flat labels `a|b` the overlap of the two sets.

    >>> from assortment.core.catalog import labels
    >>> rows = shelves(labels(np.array(["toys > cars > red", "toys > cars > blue", "tea", None], object)))
    >>> (rows @ rows.T).toarray().round(2)
    array([[1.  , 0.67, 0.  , 0.  ],
           [0.67, 1.  , 0.  , 0.  ],
           [0.  , 0.  , 1.  , 0.  ],
           [0.  , 0.  , 0.  , 0.  ]], dtype=float32)
    """
    paths = [_STEP.split(name.strip()) for name in labels.names]
    within = [[tuple(path[:depth]) for depth in range(1, len(path) + 1)] for path in paths]
    number = {shelf: j for j, shelf in enumerate(dict.fromkeys(shelf for row in within for shelf in row))}
    columns = np.array([number[shelf] for row in within for shelf in row], np.int32)
    bounds = np.concatenate([[0], np.cumsum([len(row) for row in within])]).astype(np.int32)
    shape = (len(labels.names), len(number))
    held = labels.member @ sparse.csr_matrix((np.ones(len(columns), np.float32), columns, bounds), shape)
    held.data[:] = 1
    return unit(held)


def bought(liked: sparse.csr_matrix) -> sparse.csr_matrix:
    """Who took what, [items, people], unit rows, from `Dataset.matrix` [people, items].

    The cosine of two goods is the number of people who took both over the geometric mean of the numbers who took each (Sarwar
    et al., WWW 2001).

    >>> rows = bought(sparse.csr_matrix([[1.0, 1, 0], [1, 0, 0]]))
    >>> (rows @ rows.T).toarray().round(2)
    array([[1.  , 0.71, 0.  ],
           [0.71, 1.  , 0.  ],
           [0.  , 0.  , 0.  ]], dtype=float32)
    """
    return unit(sparse.csr_matrix(liked.T.tocsr()))


def unit(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows of length 1; rows of zeros stay."""
    data = rows.data / np.sqrt(_squares(rows))[entries(rows)[0]]
    return sparse.csr_matrix((data.astype(np.float32), rows.indices, rows.indptr), rows.shape)


def redundancy(held: sparse.csr_matrix, features: Vectors | sparse.csr_matrix) -> Values:
    """How alike the goods of a list are: the mean cosine of its pairs, 1 - ILD, 2 / (n (n - 1)) Σ_{i<j} x_i · x_j
    (ILD: Ziegler et al., WWW 2005).

    held [b, items] the members of each list; features [items, d] unit rows, dense or sparse. 1 all the same … 0 unrelated …
    -1 / (n - 1), as far apart as n can be. Whitened vectors have the catalog's mean at 0, so that goods drawn at random come
    out near 0 and a list that is more varied than those below it; nothing is clipped there, or such lists would all look alike.
    NaN for fewer than two goods with features.

    Found without the pairs, from |Σ x_i|² = Σ |x_i|² + 2 Σ_{i<j} x_i · x_j.

    >>> redundancy(sparse.csr_matrix([[1.0, 1, 1], [1, 0, 0]]), np.eye(2, dtype=np.float32)[[0, 0, 1]]).round(3)
    array([0.333,   nan])
    """
    squares = _squares(features)
    count = held @ (squares > 0).astype(np.float64)
    parts = [sparse.csr_matrix(held[row : row + ROWS]) for row in range(0, held.shape[0], ROWS)]
    whole = np.concatenate([np.empty(0), *(_squares(part @ features) for part in parts)])
    return over(whole - held @ squares, count * (count - 1))


def _squares(rows: Vectors | sparse.csr_matrix) -> Values:
    """The squared length of each row."""
    if isinstance(rows, np.ndarray):
        return np.einsum("nd,nd->n", rows, rows, dtype=np.float64)
    return totals(entries(rows)[0], rows.data.astype(np.float64) ** 2, rows.shape[0])


def cosines(lists: Items, vectors: Vectors) -> NDArray[np.float32]:
    """The cosine of every pair of places of each list, [b, k, k]; NaN of an item with itself and where a vector is missing.

    vectors [items, d] unit rows.

    >>> cosines(np.array([[0, 1, -1]]), np.array([[1.0, 0], [0.6, 0.8]], np.float32))[0]
    array([[nan, 0.6, nan],
           [0.6, nan, nan],
           [nan, nan, nan]], dtype=float32)
    """
    there = (lists >= 0) & np.any(vectors, axis=1)[lists]
    found = np.empty((*lists.shape, lists.shape[1]), np.float32)
    for start in range(0, len(lists), ROWS):
        rows = slice(start, start + ROWS)
        x = vectors[lists[rows]]
        found[rows] = x @ x.transpose(0, 2, 1)
    found[~(there[:, :, None] & there[:, None, :] & ~np.eye(lists.shape[1], dtype=bool))] = np.nan
    return found
