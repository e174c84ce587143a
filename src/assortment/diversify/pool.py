"""What a method is told of the candidates of one request."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Rows, Scores, Vectors
from assortment.diversify.caps import Room


@dataclass(frozen=True, eq=False)
class Aspects:
    """What n candidates are of, and what the person wants.

    codes [n, m] int32: the labels of each candidate as numbers, -1 where it has no more; wanted [labels] float32: the share of
    each label in what the person likes, at least 0, sum 1. An item spreads 1 evenly over its labels.
    """

    codes: NDArray[np.int32]
    wanted: Scores

    @property
    def share(self) -> Scores:
        """[n, m] the part of each candidate that each of its labels is: rows sum to 1, or to 0 where it has none."""
        there = self.codes >= 0
        return (there / np.maximum(there.sum(1, keepdims=True), 1)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Pool:
    """The n candidates of one request.

    relevance [n]: 0 … 1; items [n]: their rows in `vectors` [goods, d], whose rows are unit or zero.
    """

    relevance: Scores
    items: Items
    vectors: Vectors
    aspects: Aspects


class Method(Protocol):
    """Which k candidates, in the order chosen, as far as `room` allows."""

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room, /) -> Rows: ...
