"""What a request asks, as weights on goods."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.answers import flat
from assortment.core.arrays import Items, Rows, Times
from assortment.core.request import Request


def weights(requests: Sequence[Request], n: int, decay: float) -> sparse.csr_matrix:
    """The goods that each request is about, [b, n] float32.

    Where `about` is given, those goods, each weighing 1; where `words` are, none; else the profile: what was touched at the
    last moment weighs 1, at the moment before `decay`, then `decay`² and so on. decay: 0 (only the last moment counts) … 1
    (all alike).
    """
    items = [goods(request) for request in requests]
    times = [np.zeros(len(row), np.int64) if r.asked else r.profile.times for row, r in zip(items, requests, strict=True)]
    _, columns, bounds = flat(items)
    data = (decay ** ages(np.concatenate([np.empty(0, np.int64), *times]), bounds)).astype(np.float32)
    matrix = sparse.csr_matrix((data, columns, bounds), shape=(len(requests), n))
    matrix.sort_indices()
    return matrix


def ages(times: Times, bounds: Rows) -> NDArray[np.int64]:
    """How many different moments came after each, within each list of times (which never decrease).

    >>> ages(np.array([5, 7, 7, 9, 1, 2]), np.array([0, 4, 6]))
    array([2, 1, 1, 0, 1, 0])
    """
    later = np.append(np.diff(times) > 0, False)
    moments = np.cumsum(later) - later
    last = np.repeat(moments[bounds[1:] - 1] if len(moments) else moments, np.diff(bounds))
    return last - moments


def goods(request: Request) -> Items:
    """The goods that the question names, the latest last."""
    if request.about:
        return np.array(list(dict.fromkeys(request.about)), np.int32)
    return np.empty(0, np.int32) if request.words else request.profile.recent


def depths(requests: Sequence[Request], depth: int) -> NDArray[np.int64]:
    """How many goods to find for each request: `depth` beyond those that the guard may take out, which the person has, refused,
    muted or named."""
    return np.array([depth + _may_go(r) for r in requests], np.int64)


def _may_go(request: Request) -> int:
    profile = request.profile
    return len(profile.owned) + len(profile.refused) + len(profile.muted) + len(request.about)
