"""The stage that turns a ranking into a slate: k of its items, varied as the request wishes, within the caps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Scores, Vectors
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting, within
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.diversify.caps import Room, label_codes
from assortment.diversify.select import Dpp, Mmr, by_relevance


@dataclass(frozen=True)
class Diversify:
    """Choose k of the `pool` most relevant items.

    diversity: 0 relevance only … 1 variety only, and at_most, the caps by column, hold where the request's own wish is silent;
    a cap that the request names takes the place of the shop's for that column. select: `Mmr` or `Dpp`. pool: 1 … all.
    """

    select: Mmr | Dpp = Mmr()
    diversity: float = 0.0
    at_most: Mapping[str, int] = field(default_factory=dict)
    pool: int = 200

    def __post_init__(self) -> None:
        Wish(self.diversity, self.at_most)
        within("pool", self.pool, 1, float("inf"))

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Diversified":
        stage = Diversified(self.select, self.diversity, dict(self.at_most), self.pool, dataset.catalog)
        for column in self.at_most:
            stage.codes(column)
        if self.diversity > 0:
            stage.vectors()
        return stage


@dataclass(frozen=True, eq=False)
class Diversified:
    """Notes on what it answers: `relevance` [k], 0 the least … 1 the most relevant of the candidates, and `before` [k], the
    place, from 0, that each item had by relevance."""

    select: Mmr | Dpp
    diversity: float
    at_most: Mapping[str, int]
    pool: int
    catalog: Catalog
    _codes: dict[str, NDArray[np.int32]] = field(default_factory=dict, init=False, repr=False)

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        return [self._chosen(request, slate) for request, slate in zip(requests, slates, strict=True)]

    def _chosen(self, request: Request, slate: Slate) -> Slate:
        pool = slate.take(np.arange(min(len(slate), max(self.pool, request.k))))
        relevance = _zero_to_one(pool.scores)
        diversity = self.diversity if request.wish.diversity is None else request.wish.diversity
        room = self._room(pool.items, {**self.at_most, **request.wish.at_most})
        if diversity > 0:
            rows = self.select(relevance, self.vectors()[pool.items], request.k, diversity, room)
        else:
            rows = by_relevance(relevance, request.k, room)
        return pool.take(rows).noted("relevance", relevance[rows]).noted("before", rows)

    def _room(self, items: Items, most: Mapping[str, int]) -> Room:
        return Room.of(len(items), {column: self.codes(column)[items] for column in most}, most)

    def vectors(self) -> Vectors:
        """The vectors that say how alike goods are."""
        if "vector" not in self.catalog:
            raise BadSetting("variety needs vectors of the goods; add 'embed' to what is understood, or ask for diversity 0")
        return self.catalog.column("vector")

    def codes(self, column: str) -> NDArray[np.int32]:
        """The labels of a column as numbers; raises `UnknownName` where the shop has no such column."""
        if column not in self._codes:
            self._codes[column] = label_codes(column, self.catalog.known(column))
        return self._codes[column]


def _zero_to_one(scores: Scores) -> Scores:
    """Scores over their range within the slate; all 1 where they are equal."""
    if not len(scores):
        return scores
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.ones_like(scores)
