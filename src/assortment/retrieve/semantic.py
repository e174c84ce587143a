"""Goods whose text is near: to what a person had lately, to the product on the page, or to the words of a query."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assortment.core.answers import Answers, slates
from assortment.core.arrays import Items, Rows, Scores
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting, within
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.core.stage import Encoder
from assortment.language.cache import cached
from assortment.language.encode import encoder_for
from assortment.language.vectors import unit
from assortment.language.verbalise import verbalise
from assortment.retrieve.index import Index, index
from assortment.retrieve.question import depths, weights


@dataclass(frozen=True)
class Semantic:
    """The cosine of each item with the goods of the page, or of the profile, taken together, or with the words of a query.

    Goods are compared by the column `vector` of the catalog, words by the encoder's own vectors: whitened ones follow the
    rarest word of a query. encoder: a spec as in `open_encoder`, or `auto`; decay: of the profile with each newer visit, 0
    (only the latest counts) … 1 (all alike); depth: items found per request.
    """

    encoder: str = "auto"
    decay: float = 0.6
    depth: int = 50

    def __post_init__(self) -> None:
        within("decay", self.decay, 0, 1)
        within("depth", self.depth, 1, 10_000)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Meanings":
        if "vector" not in dataset.catalog:
            raise BadSetting("'semantic' compares goods by their vectors; add 'embed' to what is understood")
        encoder = encoder_for(self.encoder, dataset.catalog)
        texts = cached(encoder).encode(verbalise(dataset.catalog))
        things = index(dataset.catalog.column("vector"), "vector")
        return Meanings(things, index(texts, encoder.fingerprint), encoder, self.decay, self.depth)


@dataclass(frozen=True, eq=False)
class Meanings:
    """things: the goods as one compares them with each other; texts: as one finds them by words. Silent where there are neither
    goods nor words that mean anything to the encoder."""

    things: Index
    texts: Index
    encoder: Encoder
    decay: float
    depth: int

    def __call__(self, requests: Sequence[Request], given: Sequence[Slate]) -> list[Slate]:
        return slates(self.ask(requests), given)

    def with_catalog(self, catalog: Catalog) -> "Meanings":
        texts = cached(self.encoder).encode(verbalise(catalog))
        things = self.things.with_vectors(catalog.column("vector"))
        return replace(self, things=things, texts=self.texts.with_vectors(texts))

    def ask(self, requests: Sequence[Request]) -> Answers:
        depth = depths(requests, self.depth)
        by_goods = self._by_goods(requests, depth)
        return Either(by_goods, self._by_words(requests, depth)) if any(request.words for request in requests) else by_goods

    def _by_goods(self, requests: Sequence[Request], depth: NDArray[np.int64]) -> Answers:
        taken = weights(requests, len(self.things.vectors), self.decay) @ self.things.vectors
        return self.things.ask(unit(taken), depth, self.things.fingerprint)

    def _by_words(self, requests: Sequence[Request], depth: NDArray[np.int64]) -> Answers:
        rows = [row for row, request in enumerate(requests) if request.words and not request.about]
        queries = np.zeros((len(requests), self.texts.vectors.shape[1]), np.float32)
        queries[rows] = self.encoder.encode([requests[row].words for row in rows])
        return self.texts.ask(queries, depth, self.encoder.fingerprint)


@dataclass(frozen=True, eq=False)
class Either:
    """Two answers of which at most one speaks to any request."""

    one: Answers
    other: Answers

    def found(self) -> list[Items]:
        return [one if len(one) else other for one, other in zip(self.one.found(), self.other.found(), strict=True)]

    def of(self, rows: Rows, items: Items) -> Scores:
        return self.one.of(rows, items) + self.other.of(rows, items)
