"""The passes over scores in C (`kernel/`). Each fills the arrays that are named last; arrays are C-contiguous."""

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Rows, Scores

def best(scores: Scores, rows: Rows, /) -> None: ...
def highest(scores: Scores, depth: Rows, items: Items, counts: Rows, /) -> None: ...
def sums(
    asked_bounds: Items,
    asked_columns: Items,
    asked_values: Scores,
    bounds: Items,
    columns: Items,
    values: Scores,
    depth: Rows,
    scores: Scores,
    items: Items,
    counts: Rows,
    /,
) -> None: ...
def blend(said: Scores, bounds: Rows, weights: Scores, z: Scores, total: Scores, loudest: Rows, order: Rows, /) -> None: ...
def walk(
    table: Scores,
    roots: Items,
    depths: Items,
    forks: NDArray[np.void],
    values: NDArray[np.float64],
    sums: NDArray[np.float64],
    /,
) -> None: ...
