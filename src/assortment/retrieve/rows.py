"""The strongest entries of the rows of a matrix."""

import numpy as np
from scipy import sparse

from assortment.core.arrays import scatter


def strongest(matrix: sparse.csr_matrix, most: int) -> sparse.csr_matrix:
    """Each row with its `most` entries of the greatest size, zeros dropped; ties in the order of `scatter`, not of position.

    >>> strongest(sparse.csr_matrix([[3.0, 1.0, -2.0], [0.0, 0.0, 1.0]]), 2).toarray()
    array([[ 3.,  0., -2.],
           [ 0.,  0.,  1.]])
    """
    pieces = [_row(matrix, row, most) for row in range(matrix.shape[0])]
    indices = np.concatenate([np.empty(0, np.int32), *(items for items, _ in pieces)]).astype(np.int32)
    data = np.concatenate([np.empty(0, matrix.dtype), *(values for _, values in pieces)])
    bounds = np.concatenate([[0], np.cumsum([len(items) for items, _ in pieces])]).astype(np.int32)
    return sparse.csr_matrix((data, indices, bounds), shape=matrix.shape)


def _row(matrix: sparse.csr_matrix, row: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    span = slice(matrix.indptr[row], matrix.indptr[row + 1])
    items, values = matrix.indices[span], matrix.data[span]
    size = np.round(np.abs(values).astype(np.float64), 6)
    kept = np.flatnonzero(size > 0)
    if len(kept) > most:
        border = np.partition(size[kept], len(kept) - most)[len(kept) - most]
        kept = kept[size[kept] >= border]
        kept = kept[np.lexsort((scatter(items[kept]), -size[kept]))][:most]
    kept = kept[np.argsort(items[kept])]
    return items[kept], values[kept]
