"""What sells now: counts that fade with age."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.answers import slates
from assortment.core.arrays import Items, Rows, Scores, best_first, lengthened
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.retrieve.question import depths

DAY = 86_400_000


@dataclass(frozen=True)
class Popular:
    """The number of people who liked a thing, each counted once, with a weight that halves every `half_life` days.

    Score = log(1 + Σ 2^(-age / half_life)). half_life: days, 0 (only the last moment counts) … no end (all time counts alike);
    depth: items found per request. Silent where the request names what it is about.
    """

    half_life: float = 30.0
    depth: int = 50

    def __post_init__(self) -> None:
        within("half_life", self.half_life, 1e-6, float("inf"))
        within("depth", self.depth, 1, 10_000)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Favourites":
        liked = dataset.events.liked()
        age = (dataset.now - liked.time) / DAY
        latest = np.unique(np.stack([liked.user, liked.item])[:, ::-1], axis=1, return_index=True)[1]
        rows = len(liked) - 1 - latest
        counts = np.bincount(liked.item[rows], np.exp2(-age[rows] / self.half_life), minlength=len(dataset.catalog))
        return favourites(np.log1p(counts).astype(np.float32), self.depth)


@dataclass(frozen=True, eq=False)
class Favourites:
    """scores [n] of all items, and their numbers, best first; what nobody has liked yet comes last, not never."""

    scores: Scores
    best: Items
    depth: int

    def __call__(self, requests: Sequence[Request], given: Sequence[Slate]) -> list[Slate]:
        return slates(self.ask(requests), given)

    def with_catalog(self, catalog: Catalog) -> "Favourites":
        return favourites(lengthened(self.scores, len(catalog), 0), self.depth)

    def ask(self, requests: Sequence[Request]) -> "Everyones":
        spoken = np.array([not request.asked for request in requests], bool)
        return Everyones(self.scores, self.best, spoken, depths(requests, self.depth))


def favourites(scores: Scores, depth: int) -> Favourites:
    """All items with scores [n]."""
    return Favourites(scores, best_first(scores, len(scores)).astype(np.int32), depth)


@dataclass(frozen=True, eq=False)
class Everyones:
    """The same answer to every request that may have it: spoken [b]; depth [b]."""

    scores: Scores
    best: Items
    spoken: NDArray[np.bool_]
    depth: NDArray[np.int64]

    def found(self) -> list[Items]:
        return [self.best[:depth] if spoken else self.best[:0] for spoken, depth in zip(self.spoken, self.depth, strict=True)]

    def of(self, rows: Rows, items: Items) -> Scores:
        return self.scores[items] * self.spoken[rows]
