"""Goods that the same people liked, and people who liked the same goods."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from assortment.core.answers import Added, added, parts, slates
from assortment.core.arrays import lengthened, widened
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.retrieve.question import depths, weights
from assortment.retrieve.related import Related
from assortment.retrieve.rows import strongest

BLOCK = 1024


@dataclass(frozen=True)
class ItemNeighbours:
    """Cosine between goods over the people who liked them (Deshpande and Karypis, TOIS 2004).

    s(i, j) = Σ_u w_u² / (|i| |j| + shrink), over those who liked both, with w_u = log(1 + n / n_u): a person who likes
    everything says little. shrink: 0 (none) … the larger, the less is thought of pairs seen seldom; neighbours: kept per item;
    decay: of the profile with each newer visit, 0 (only the latest counts) … 1 (all alike); depth: items found per request.
    """

    neighbours: int = 300
    shrink: float = 1.0
    decay: float = 0.7
    depth: int = 50

    def __post_init__(self) -> None:
        within("neighbours", self.neighbours, 1, 10_000)
        within("shrink", self.shrink, 0, float("inf"))
        within("decay", self.decay, 0, 1)
        within("depth", self.depth, 1, 10_000)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> Related:
        liked = dataset.matrix()
        counts = np.diff(liked.indptr)
        said = np.log1p(liked.shape[1] / np.maximum(counts, 1)).astype(np.float32)
        people = sparse.csr_matrix(sparse.diags(said).dot(liked))
        length = np.sqrt(np.asarray(people.multiply(people).sum(0))).ravel().astype(np.float32)
        goods = people.T.tocsr()
        blocks = [
            _cosines(goods, people, length, slice(start, start + BLOCK), self) for start in range(0, goods.shape[0], BLOCK)
        ]
        empty = sparse.csr_matrix((0, goods.shape[0]), dtype=np.float32)
        return Related(sparse.csr_matrix(sparse.vstack([empty, *blocks], format="csr")), self.decay, self.depth)


def _cosines(
    goods: sparse.csr_matrix, people: sparse.csr_matrix, length: np.ndarray, block: slice, recipe: ItemNeighbours
) -> sparse.csr_matrix:
    together = (goods[block] @ people).tocoo()
    source = together.row + block.start
    cosine = together.data / (length[source] * length[together.col] + recipe.shrink)
    cosine[source == together.col] = 0
    return strongest(sparse.csr_matrix((cosine, (together.row, together.col)), shape=together.shape), recipe.neighbours)


@dataclass(frozen=True)
class UserNeighbours:
    """What the people most like the asker liked: Σ over the nearest `neighbours` people of their cosine with the profile.

    Goods weigh 1/√(people who liked them), so that sharing a bestseller says little; decay: of the profile with each newer
    visit, 0 (only the latest counts) … 1 (all alike); depth: items found per request.
    """

    neighbours: int = 200
    decay: float = 0.8
    depth: int = 50

    def __post_init__(self) -> None:
        within("neighbours", self.neighbours, 1, 100_000)
        within("decay", self.decay, 0, 1)
        within("depth", self.depth, 1, 10_000)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Kindred":
        liked = dataset.matrix()
        rarity = 1 / np.sqrt(np.maximum(np.bincount(liked.indices, minlength=liked.shape[1]), 1))
        tastes = _unit_rows(liked @ sparse.diags(rarity.astype(np.float32)))
        return Kindred(liked, tastes.T.tocsr(), rarity.astype(np.float32), self.neighbours, self.decay, self.depth)


@dataclass(frozen=True, eq=False)
class Kindred:
    """liked [people, n] ones; tastes [n, people] the unit profiles; rarity [n]. Silent where there are words or no goods."""

    liked: sparse.csr_matrix
    tastes: sparse.csr_matrix
    rarity: np.ndarray
    neighbours: int
    decay: float
    depth: int

    def __call__(self, requests: Sequence[Request], given: Sequence[Slate]) -> list[Slate]:
        return slates(self.ask(requests), given)

    def with_catalog(self, catalog: Catalog) -> "Kindred":
        n, people = len(catalog), self.liked.shape[0]
        liked, tastes = widened(self.liked, (people, n)), widened(self.tastes, (n, people))
        return replace(self, liked=liked, tastes=tastes, rarity=lengthened(self.rarity, n, 1))

    def ask(self, requests: Sequence[Request]) -> Added:
        asked = weights(requests, self.liked.shape[1], self.decay)
        nearest = strongest((_unit_rows(asked @ sparse.diags(self.rarity)) @ self.tastes).tocsr(), self.neighbours)
        return added(parts(nearest), self.liked, depths(requests, self.depth))


def _unit_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1))).ravel()
    inverse = np.divide(1, length, out=np.zeros_like(length), where=length > 0)
    return (sparse.diags(inverse.astype(np.float32)) @ matrix).tocsr()
