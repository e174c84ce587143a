"""What goes well with a thing: goods of other kinds that are taken together with it more often than by chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from assortment.core.answers import Added
from assortment.core.arrays import Items, Scores
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.retrieve.heirs import Inherited, Legacy, inherited, vectors_of
from assortment.retrieve.related import Related
from assortment.retrieve.rows import strongest
from assortment.understand.together import baskets


@dataclass(frozen=True)
class Complements:
    """Lift: how many times as often as by chance two goods lie in one basket, shrunk towards once (DuMouchel, The American
    Statistician 1999).

    lift(i, j) = (n_ij + doubt) / (n_i n_j / N + doubt), over N baskets: what one person took on one day or, of people who
    never took two things on a day, all they took. The score is its logarithm. Kept are pairs of at least `support` baskets,
    above 1, that do not bear the very same labels in the column of kinds (`Catalog.kinds`): of one kind they take each other's
    place. Goods that nobody has touched go well with what goes well with the `alike` goods nearest to them in words.

    support: 1 … ; doubt: 0 (none) … the larger, the less is thought of rare pairs; rows: entries kept per item; decay: of the
    profile with each newer visit, 0 (only the latest counts) … 1 (all alike); depth: items found per request.
    """

    support: int = 3
    doubt: float = 2.0
    alike: int = 5
    rows: int = 100
    decay: float = 0.6
    depth: int = 30

    def __post_init__(self) -> None:
        within("support", self.support, 1, float("inf"))
        within("doubt", self.doubt, 0, float("inf"))
        within("alike", self.alike, 1, 1000)
        within("rows", self.rows, 1, 100_000)
        within("decay", self.decay, 0, 1)
        within("depth", self.depth, 1, 10_000)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Complemented":
        n = len(dataset.catalog)
        taken = _taken(baskets(dataset.events), n)
        lifts = strongest(self._lifts(taken, _shelves(dataset.catalog)), self.rows)
        touched = np.bincount(dataset.events.item, minlength=n) > 0
        related = Related(lifts, self.decay, self.depth)
        return Complemented(inherited(related, touched, vectors_of(dataset.catalog), Legacy(self.alike, 1.0, 0.0, self.rows)))

    def _lifts(self, taken: sparse.csr_matrix, shelves: sparse.csr_matrix) -> sparse.csr_matrix:
        """[n, n] the logarithms of the lifts that are kept; taken [baskets, n], shelves [n, different sets of labels]."""
        both = (taken.T @ taken).tocsr()
        count = both.diagonal()
        same = (shelves @ shelves.T).tocsr()
        other = (both - both.multiply(same != 0)).tocoo()
        chance = count[other.row] * count[other.col] / max(1, taken.shape[0])
        lift = np.log((other.data + self.doubt) / np.maximum(chance + self.doubt, 1e-9))
        kept = (other.data >= self.support) & (lift > 0) & (other.row != other.col)
        return sparse.csr_matrix((lift[kept].astype(np.float32), (other.row[kept], other.col[kept])), shape=both.shape)


@dataclass(frozen=True, eq=False)
class Complemented:
    """The logarithms of lifts. Silent where the request has words, or no goods."""

    between: Inherited

    def __call__(self, requests: Sequence[Request], given: Sequence[Slate]) -> list[Slate]:
        return self.between(requests, given)

    def ask(self, requests: Sequence[Request]) -> Added:
        return self.between.ask(requests)

    def with_catalog(self, catalog: Catalog) -> "Complemented":
        return Complemented(self.between.with_catalog(catalog))

    def lift(self, item: int, others: Items) -> Scores:
        """How many times as often as by chance others are taken together with an item; 1 where it is not known to be more."""
        between = self.between.related.between
        row = slice(between.indptr[item], between.indptr[item + 1])
        lifts = np.zeros(between.shape[1], np.float32)
        lifts[between.indices[row]] = between.data[row]
        return np.exp(lifts[others])


def _taken(sets: Sequence[Items], n: int) -> sparse.csr_matrix:
    bounds = np.concatenate([[0], np.cumsum([len(goods) for goods in sets])])
    items = np.concatenate([np.empty(0, np.int32), *sets])
    return sparse.csr_matrix((np.ones(len(items), np.float32), items, bounds), shape=(len(sets), n))


def _shelves(catalog: Catalog) -> sparse.csr_matrix:
    """[n, different sets of labels]: 1 where the labels of an item are just these; an item without labels has none."""
    n = len(catalog)
    if not catalog.kinds:
        return sparse.csr_matrix((n, 1), dtype=np.float32)
    member = labels(catalog.column(catalog.kinds)).member
    sets = [tuple(member.indices[start:end]) for start, end in zip(member.indptr[:-1], member.indptr[1:], strict=True)]
    number: dict[tuple[int, ...], int] = {}
    shelf = np.array([number.setdefault(tuple(sorted(borne)), len(number)) for borne in sets], np.int64)
    said = np.flatnonzero([len(borne) > 0 for borne in sets])
    return sparse.csr_matrix((np.ones(len(said), np.float32), (said, shelf[said])), shape=(n, max(1, len(number))))
