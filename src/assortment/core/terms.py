"""What a slate was asked for, what it is, and what that cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class GaveWay:
    """A part of a wish that the shop's goods could not meet. part: as in `at_least category`; wanted and got: its amount, and
    what the slate has of it; why: in words."""

    part: str
    wanted: float
    got: float
    why: str


@dataclass(frozen=True)
class Terms:
    """The contract of a slate, met.

    diversity: what held, 0 relevance only … 1 variety only. achieved: by part of the wish, what the slate has: `at_most brand`,
    the most items with one brand; `at_least category`, how many different categories; `apart brand`, the longest row of places
    without two of one brand; `floor`, the least relevance; and always `items`, how many, and, where it has two with vectors,
    `redundancy`, their mean cosine. cost: the share of the expected relevance of the best slate that was given up, 0 none …
    1 all, places counting 1 / log2(place + 1). gave_way: what could not be met, in the order in which it gave way.
    """

    diversity: float
    achieved: Mapping[str, float]
    cost: float
    gave_way: tuple[GaveWay, ...] = field(default=())
