"""Two goals at once: which settings nobody beats in both, and how much such settings reach together."""

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Rows
from assortment.core.errors import BadInput

Points = NDArray[np.float64]


def frontier(points: Points) -> Rows:
    """The Pareto front: the rows that no other beats in one goal without losing in the other, by the first goal, best first.

    points [m, 2], higher is better in both, as NDCG and -redundancy. Of equal points the first stays; a point with a NaN is on
    no front. Raises `BadInput` where points do not have two goals.

    >>> frontier(np.array([[0.5, 0.1], [0.4, 0.9], [0.3, 0.8], [0.2, 1.0]]))
    array([0, 1, 3])
    """
    _two(points)
    rows = np.flatnonzero(~np.isnan(points).any(1))
    order = rows[np.lexsort((rows, -points[rows, 1], -points[rows, 0]))]
    second = points[order, 1]
    first = np.ones(len(order), bool)
    first[1:] = second[1:] > np.maximum.accumulate(second)[:-1]
    return order[first]


def hypervolume(points: Points, worst: tuple[float, float]) -> float:
    """The area that points reach together over the point `worst`: all that is at least as good as `worst` and that some point
    beats or equals in both goals (Zitzler and Thiele, PPSN 1998). 0 none is better than `worst` … no end.

    points [m, 2], higher is better in both. The same `worst` for all that is compared: it decides what the ends count.

    >>> hypervolume(np.array([[0.5, 0.25], [0.25, 0.5]]), worst=(0, 0))
    0.1875
    """
    _two(points)
    above = np.maximum(points - np.asarray(worst, np.float64), 0)
    front = above[frontier(above)]
    return float((front[:, 0] * np.diff(front[:, 1], prepend=0)).sum())


def _two(points: Points) -> None:
    if points.ndim != 2 or points.shape[1] != 2:
        raise BadInput(f"the points are {points.shape}; a front is of [m, 2], two goals each, higher is better")
