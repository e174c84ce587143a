"""What a method is told of the candidates of one request."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from assortment.core.arrays import Items, Rows, Scores, Vectors
from assortment.core.profile import Profile
from assortment.diversify.caps import Room
from assortment.diversify.taste import Aspects, Taste


@dataclass(frozen=True, eq=False)
class Pool:
    """The n candidates of one request.

    relevance [n]: 0 … 1; items [n]: their rows in `vectors` [goods, d], whose rows are unit or zero; person: who asks;
    page: how many goods are seen at once, 1 … all.
    """

    relevance: Scores
    items: Items
    vectors: Vectors
    person: Profile
    taste: Taste
    page: int = 12

    @cached_property
    def aspects(self) -> Aspects:
        """What the candidates are of and what the person wants, for the methods that ask."""
        return self.taste.aspects(self.person, self.items, self.relevance)


class Method(Protocol):
    """Which k candidates, in the order chosen, as far as `room` allows; and how much of what it is after a slate has."""

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room, /) -> Rows: ...

    def variety(self, pool: Pool, rows: Rows, /) -> float: ...
