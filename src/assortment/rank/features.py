"""What a ranker is told of each item of each slate."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.answers import flat
from assortment.core.arrays import Items, Rows, Scores, Times
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.core.request import Request
from assortment.core.slate import Slate

DAY = 86_400_000
LABELS = ("category", "brand")
SAID = ("z:", "score:")
FADING = 0.8


@dataclass(frozen=True, eq=False)
class Features:
    """What was known of the goods when it was made: bought [n] log(1 + people), idle [n] days since anybody touched it, price [n]
    logarithm (NaN where missing), and for `category` and `brand`, where the shop has them, unit rows [n, labels], rare ones longer.

    said: the notes of the parts upstream that are features too.
    """

    said: tuple[str, ...]
    bought: Scores
    idle: Scores
    price: Scores
    kinds: dict[str, sparse.csr_matrix]

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns of `table` are."""
        own = ("sum", "place", "history", "bought", "idle", "dearer", "had")
        return (*self.said, *own, *(f"{kind} {of}" for kind in self.kinds for of in ("lately", "in all")))

    def table(self, requests: Sequence[Request], slates: Sequence[Slate]) -> NDArray[np.float32]:
        """[items of all slates, features]; NaN where something is not known."""
        rows, items, bounds = flat([slate.items for slate in slates])
        columns = [np.concatenate([slate.notes[name] for slate in slates]) for name in self.said]
        columns.append(np.concatenate([slate.scores for slate in slates]))
        columns.append(1 / (10 + np.arange(len(rows)) - bounds[:-1][rows]))
        history = np.array([len(request.profile.recent) for request in requests])
        columns += [np.log1p(history)[rows], self.bought[items], self.idle[items]]
        recent = _recent(requests, len(self.bought))
        columns.append(self.price[items] - self._usual_price(recent)[rows])
        columns.append(np.asarray(recent[rows, items]).ravel() > 0)
        latest = _latest(recent)
        for kind in self.kinds.values():
            columns += [_alike(kind, part, rows, items) for part in (latest, recent)]
        return np.stack(columns, axis=1).astype(np.float32)

    def _usual_price(self, recent: sparse.csr_matrix) -> Scores:
        """The weighted mean of the logarithms of the prices in each history; NaN where none is known."""
        known = ~np.isnan(self.price)
        spent, weight = recent @ np.where(known, self.price, 0), recent @ known.astype(np.float32)
        return np.divide(spent, weight, out=np.full(len(weight), np.nan, np.float32), where=weight > 0)


def features(dataset: Dataset, said: Sequence[str]) -> Features:
    """The features as they stand at the end of a log."""
    catalog, liked = dataset.catalog, dataset.events.liked()
    bought = np.log1p(np.bincount(dataset.matrix().indices, minlength=len(catalog)))
    touched = np.zeros(len(catalog), np.int64)
    np.maximum.at(touched, liked.item, liked.time)
    idle = np.where(bought > 0, (dataset.now - touched) / DAY, np.nan)
    kinds = {name: _label_rows(catalog, name) for name in LABELS if _has(catalog, name)}
    return Features(tuple(said), bought.astype(np.float32), idle.astype(np.float32), _price(catalog), kinds)


def _has(catalog: Catalog, name: str) -> bool:
    return name in catalog or f"derived_{name}" in catalog


def _price(catalog: Catalog) -> Scores:
    price = catalog.column("price").astype(np.float64) if "price" in catalog else np.full(len(catalog), np.nan)
    return np.log1p(np.where(price >= 0, price, np.nan)).astype(np.float32)


def _label_rows(catalog: Catalog, name: str) -> sparse.csr_matrix:
    member = labels(catalog.known(name)).member
    rarity = np.log1p(member.shape[0] / np.maximum(np.asarray(member.sum(0)).ravel(), 1))
    return _unit_rows((member @ sparse.diags(rarity)).tocsr())


def _recent(requests: Sequence[Request], n: int) -> sparse.csr_matrix:
    """[b, n]: the profiles, the latest item weighing 1, each older one `FADING` of the next."""
    _, items, bounds = flat([request.profile.recent for request in requests])
    age = np.repeat(bounds[1:], np.diff(bounds)) - 1 - np.arange(len(items))
    return sparse.csr_matrix(((FADING**age).astype(np.float32), items, bounds), shape=(len(requests), n))


def _latest(recent: sparse.csr_matrix) -> sparse.csr_matrix:
    newest = recent.copy()
    newest.data = (newest.data == 1).astype(np.float32)
    return newest


def _alike(kind: sparse.csr_matrix, people: sparse.csr_matrix, rows: Rows, items: Items) -> Scores:
    """The cosine between the labels of each item and those of each person's goods."""
    tastes = _unit_rows((people @ kind).tocsr()).toarray()
    mine = kind[items]
    said = mine.data * tastes[np.repeat(rows, np.diff(mine.indptr)), mine.indices]
    return np.bincount(np.repeat(np.arange(len(items)), np.diff(mine.indptr)), said, len(items))


def _unit_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1))).ravel()
    inverse = np.divide(1, length, out=np.zeros_like(length), where=length > 0)
    return (sparse.diags(inverse) @ matrix).tocsr().astype(np.float32)
