"""Which k of n candidates so that every candidate has one like it on the slate."""

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Rows, Scores, Vectors
from assortment.core.errors import BadInput
from assortment.diversify.aspects import checked, greedy
from assortment.diversify.caps import Room

PLACES = 10
"""What a slate that holds the like of every candidate is worth, in wholly relevant items."""


def facility(
    relevance: Scores,
    vectors: Vectors,
    k: int,
    diversity: float,
    *,
    items: Items | None = None,
    room: Room | None = None,
) -> Rows:
    """Facility location (Cornuéjols, Fisher and Nemhauser, Management Science 1977): the slate stands for all candidates.

    Maximises (1 - diversity) Σ r_i + diversity (10 / n) Σ_{j of all n} max_{i picked} s_ij, s = (1 + cos) / 2. The mean of the
    likenesses goes from 0 to 1 and Σ r_i to k, so it counts tenfold (`PLACES`), whatever k is: a longer slate begins as the
    shorter one. Monotone and submodular: greedy reaches at least 1 - 1/e of the best. Takes what is typical of many candidates
    and leaves out what is unlike all others, which `mmr` and `dpp` seek. O(n² (d + k)), and n² in memory.

    relevance [n] in [0, 1]; vectors [n, d] of unit rows or zero or, with `items` [n], which are then their rows, [goods, d];
    diversity 0 relevance only … 1 variety only; room: which candidates the caps still allow. Equal gains as in `aspects`.
    Raises what `aspects.checked` does, and `BadInput` for a vector that is not finite.

    >>> two_kinds = np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [-1, 0]], np.float32)
    >>> facility(np.array([1, 0.9, 0.8, 0.4, 0.3, 0.5], np.float32), two_kinds, k=2, diversity=0.5)
    array([0, 3])
    """
    checked(relevance, len(vectors if items is None else items), k, diversity)
    order = np.argsort(-relevance, kind="stable")
    ranked = relevance[order]
    mine = vectors[order] if items is None else vectors[items[order]]
    cosines = mine @ mine.T
    if not np.isfinite(cosines).all():
        raise BadInput("a candidate's vector is not a number")
    nearest = np.full(len(order), -1, np.float32)
    better, ones = np.empty_like(cosines), np.ones(len(order), np.float32)
    less, more = np.float32(1 - diversity), np.float32(diversity * PLACES / (2 * max(1, len(order))))

    def gain(_: NDArray[np.bool_]) -> Scores:
        np.subtract(cosines, nearest, out=better)
        np.maximum(better, 0, out=better)
        return np.add(less * ranked, more * (better @ ones))

    def took(place: int) -> None:
        np.maximum(nearest, cosines[place], out=nearest)

    return greedy(order, k, room, gain, took)
