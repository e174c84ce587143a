"""People and goods as points in one space: implicit matrix factorisation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from assortment.core.answers import Answers, slates
from assortment.core.arrays import Items, Scores, Vectors, lengthened
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.retrieve.heirs import mixed, vectors_of
from assortment.retrieve.index import Index, index
from assortment.retrieve.question import asked, depths

TOGETHER = 8
"""People whose goods are as many but for this are solved for together."""


@dataclass(frozen=True)
class Factors:
    """Implicit alternating least squares (Hu, Koren and Volinsky, ICDM 2008).

    Minimises Σ c (p - x·y)² + ridge (|x|² + |y|²) with p = 1 and c = 1 + confidence where a person liked an item, p = 0 and
    c = 1 elsewhere. Only the goods' factors are kept: a person is solved for from the profile at every request, so that a new
    one needs no refit; goods that nobody has touched are mixtures of the `alike` goods whose words are nearest. factors: d;
    rounds of the two solves; decay: of the profile with each newer visit, 0 (only the latest counts) … 1 (all alike); depth:
    items found per request.
    """

    factors: int = 128
    confidence: float = 40.0
    ridge: float = 10.0
    rounds: int = 15
    alike: int = 20
    decay: float = 0.6
    depth: int = 50

    def __post_init__(self) -> None:
        within("factors", self.factors, 1, 2048)
        within("confidence", self.confidence, 1e-6, float("inf"))
        within("ridge", self.ridge, 1e-6, float("inf"))
        within("rounds", self.rounds, 1, 1000)
        within("alike", self.alike, 1, 1000)
        within("decay", self.decay, 0, 1)
        within("depth", self.depth, 1, 10_000)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Factored":
        touched = np.bincount(dataset.matrix().indices, minlength=len(dataset.catalog)) > 0
        goods = _with_heirs(self._goods(dataset, rng), touched, vectors_of(dataset.catalog), self.alike)
        own = (self.confidence, self.ridge, self.decay, self.depth)
        return Factored(index(goods, "factors"), *own, touched, self.alike)

    def _goods(self, dataset: Dataset, rng: np.random.Generator) -> Vectors:
        liked = dataset.matrix()
        liked = sparse.csr_matrix(liked[np.flatnonzero(np.diff(liked.indptr))], dtype=np.float32)
        liked.data *= 1 + self.confidence
        if not liked.nnz:
            return np.zeros((len(dataset.catalog), self.factors), np.float32)
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                self.factors, self.ridge, alpha=1, iterations=self.rounds, num_threads=1, random_state=int(rng.integers(2**31))
            )
            model.fit(liked.astype(np.float32), show_progress=False)
        return np.asarray(model.item_factors, np.float32)


def _with_heirs(goods: Vectors, touched: NDArray[np.bool_], vectors: Vectors, alike: int) -> Vectors:
    """Factors [n, d] in which goods that nobody touched are mixtures of those whose words are nearest."""
    filled = goods.copy()
    filled[~touched] = mixed(touched, vectors, alike) @ goods if vectors.any() else 0
    return filled


@dataclass(frozen=True, eq=False)
class Factored:
    """goods: the factors [n, d]. Silent where the request has words, or no goods that anybody liked."""

    goods: Index
    confidence: float
    ridge: float
    decay: float
    depth: int
    touched: NDArray[np.bool_]
    alike: int

    def __call__(self, requests: Sequence[Request], given: Sequence[Slate]) -> list[Slate]:
        return slates(self.ask(requests), given)

    def with_catalog(self, catalog: Catalog) -> "Factored":
        touched = lengthened(self.touched, len(catalog), False)
        factors = lengthened(self.goods.vectors, len(catalog), 0)
        goods = _with_heirs(factors, touched, vectors_of(catalog), self.alike)
        return replace(self, goods=self.goods.with_vectors(goods), touched=touched)

    def ask(self, requests: Sequence[Request]) -> Answers:
        bounds, items, weights = asked(requests, self.decay)
        queries = np.zeros((len(requests), self.goods.vectors.shape[1]), np.float32)
        sizes = np.diff(bounds)
        widths = -(-sizes // TOGETHER) * TOGETHER
        for width in set(widths.tolist()) - {0}:
            rows = np.flatnonzero(widths == width)
            there = np.arange(width) < sizes[rows][:, None]
            theirs = np.where(there, bounds[rows][:, None] + np.arange(width), 0)
            queries[rows] = self._people(items[theirs], np.where(there, weights[theirs], 0))
        return self.goods.ask(queries, depths(requests, self.depth), self.goods.fingerprint)

    @cached_property
    def solved(self) -> Vectors:
        """Y (YᵀY + ridge I)^-1, [n, d]."""
        goods = self.goods.vectors.astype(np.float64)
        gram = goods.T @ goods + self.ridge * np.eye(goods.shape[1])
        return np.linalg.solve(gram, goods.T).T.astype(np.float32, order="C")

    def _people(self, items: Items, weight: Scores) -> Vectors:
        """x = (YᵀY + ridge I + Y_uᵀ D Y_u)^-1 Y_uᵀ D 1 with D = confidence · weight, by h x h systems (Woodbury), of p people:
        items [p, h], weight [p, h], 0 where somebody has fewer than h."""
        trust = (self.confidence * weight)[..., None]
        solved, goods = self.solved.take(items, 0), self.goods.vectors.take(items, 0)
        system = np.eye(items.shape[1], dtype=np.float32) + trust * (solved @ goods.transpose(0, 2, 1))
        return (np.linalg.solve(system, trust).transpose(0, 2, 1) @ solved)[:, 0].astype(np.float32)
