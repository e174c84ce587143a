"""What a request asks, as weights on goods."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.answers import flat
from assortment.core.arrays import Items, Rows, Scores, Times
from assortment.core.request import Request, once


class Asked(NamedTuple):
    """The goods that each request is about and what they weigh: those of request i are from bounds[i] to bounds[i + 1], by
    number."""

    bounds: Items
    items: Items
    weights: Scores


def weights(requests: Sequence[Request], n: int, decay: float) -> sparse.csr_matrix:
    """The goods that each request is about, [b, n] float32, as in `asked`."""
    bounds, items, values = asked(requests, decay)
    return sparse.csr_matrix((values, items, bounds), shape=(len(requests), n))


def asked(requests: Sequence[Request], decay: float) -> Asked:
    """The goods that each request is about.

    Where `about` is given, those goods, each weighing 1; where `words` are, none; else the profile: what was touched at the
    last moment weighs 1, at the moment before `decay`, then `decay`² and so on. decay: 0 (only the last moment counts) … 1
    (all alike).
    """
    bounds, items, age = once(requests, _named)
    return Asked(bounds, items, (decay**age).astype(np.float32))


def _named(requests: Sequence[Request]) -> tuple[Items, Items, NDArray[np.int64]]:
    """The bounds and goods of `asked`, and how many moments ago each was touched."""
    lists = [goods(request) for request in requests]
    times = [np.zeros(len(items), np.int64) if r.asked else r.profile.times for items, r in zip(lists, requests, strict=True)]
    rows, items, bounds = flat(lists)
    order = np.lexsort((items, rows))
    age = ages(np.concatenate([np.empty(0, np.int64), *times]), bounds)
    return bounds.astype(np.int32), items[order], age[order]


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
    return depth + once(requests, _may_go)


def _may_go(requests: Sequence[Request]) -> NDArray[np.int64]:
    counts = []
    for request in requests:
        profile = request.profile
        counts.append(len(profile.owned) + len(profile.refused) + len(profile.muted) + len(request.about))
    return np.array(counts, np.int64)
