"""What a ranker is told of each item of each slate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assortment.core.answers import flat
from assortment.core.arrays import Items, Rows, Scores, lengthened
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.rank import likeness
from assortment.rank.likeness import Likeness

DAY = 86_400_000
KINDS = ("category", "brand")
CLUSTER = "cluster"
SAID = "score:"
FADING = 0.8
"""What an item of the history weighs beside the next newer one."""


@dataclass(frozen=True, eq=False)
class Kind:
    """The labels of goods in one column: codes [n, w], the code past the last where an item has fewer than w; rarity
    [labels + 1], log(1 + n / items that bear it), 0 for the code past the last."""

    codes: Items
    rarity: Scores

    def liking(self, people: Rows, goods: Items, weights: Scores, b: int) -> Scores:
        """[b, labels + 1]: the share of each person's goods that bear a label; the goods [h] are of `people` [h]."""
        codes = self.codes[goods]
        cells = people[:, None] * len(self.rarity) + codes
        liking = np.bincount(cells.ravel(), np.repeat(weights, codes.shape[1]), b * len(self.rarity))
        whole = np.bincount(people, weights, b)
        return (liking.reshape(b, -1) / np.maximum(whole, 1e-9)[:, None]).astype(np.float32)

    def alike(self, likings: Sequence[Scores], rows: Rows, items: Items) -> Iterator[Scores]:
        """How much of each liking [b, labels + 1] falls on the labels of an item, by their rarity; NaN where it has none."""
        codes = self.codes.take(items, 0)
        rarity = self.rarity.take(codes)
        whole, cells = rarity.sum(1), rows[:, None] * len(self.rarity) + codes
        for liking in likings:
            said = (rarity * liking.take(cells)).sum(1)
            yield np.divide(said, whole, out=np.full(len(items), np.nan, np.float32), where=whole > 0)


@dataclass(frozen=True, eq=False)
class Features:
    """What was known of the goods when it was made.

    bought [n] log(1 + people), idle [n] days since anybody touched it (NaN where nobody has), price [n] its logarithm (NaN
    where missing), kinds the labels in the columns `category` and `brand`, where there are such, and `cluster` where that is
    what kinds of goods are; alike: how alike goods are in the column `vector`, None where there is none; said: the notes of the
    parts upstream that are features too.
    """

    said: tuple[str, ...]
    bought: Scores
    idle: Scores
    price: Scores
    kinds: dict[str, Kind]
    alike: Likeness | None

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns of `table` are."""
        own = ("place", "score", "history", "bought", "idle", "dearer", "had")
        kinds = (f"{kind} {of}" for kind in self.kinds for of in ("of the last", "of all"))
        return (*self.said, *own, *kinds, *(likeness.NAMES if self.alike else ()))

    def table(self, requests: Sequence[Request], slates: Sequence[Slate], most: int) -> NDArray[np.float32]:
        """[the first `most` items of all slates, features]; NaN where something is not known."""
        rows, items, firsts = flat([slate.items[:most] for slate in slates])
        people, goods, starts = flat([request.profile.recent for request in requests])
        table = np.empty((len(items), len(self.names)), np.float32)
        heads = [slate.take(slice(most)) for slate in slates]
        for column, name in enumerate(self.said):
            np.concatenate([head.notes[name] for head in heads], out=table[:, column])
        own = table[:, len(self.said) :]
        own[:, 0] = np.arange(len(items)) - firsts[rows]
        own[:, 1] = np.concatenate([slate.scores[:most] for slate in slates])
        own[:, 2] = np.log1p(np.diff(starts))[rows]
        own[:, 3] = self.bought[items]
        own[:, 4] = self.idle[items]
        own[:, 5] = self.price[items] - self._usual_price(people, goods, len(requests))[rows]
        own[:, 6] = _among(rows * len(self.bought) + items, people * len(self.bought) + goods)
        age = starts[people + 1] - 1 - np.arange(len(goods))
        for place, kind in enumerate(self.kinds.values()):
            weights = (age == 0, FADING**age)
            likings = [kind.liking(people, goods, of_each.astype(np.float32), len(requests)) for of_each in weights]
            for column, alike in enumerate(kind.alike(likings, rows, items), 7 + 2 * place):
                own[:, column] = alike
        if self.alike:
            recent = [request.profile.recent for request in requests]
            own[:, -len(likeness.NAMES) :] = self.alike.table(recent, slates, most)
        return table

    def foreign(self, table: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which rows of a `table` are of a kind that the person has nothing of; none where the shop knows of no kinds."""
        kinds = next((kind for kind in (CLUSTER, KINDS[0]) if kind in self.kinds), None)
        return table[:, self.names.index(f"{kinds} of all")] == 0 if kinds else np.zeros(len(table), bool)

    def _usual_price(self, people: Rows, goods: Items, b: int) -> Scores:
        """The mean of the logarithms of the prices in each history; NaN where none is known."""
        price = self.price[goods]
        known = ~np.isnan(price)
        whole = np.bincount(people[known], minlength=b)
        spent = np.bincount(people[known], price[known], b)
        return np.divide(spent, whole, out=np.full(b, np.nan), where=whole > 0).astype(np.float32)


def _among(numbers: Rows, others: Rows) -> NDArray[np.bool_]:
    """Which numbers, none below 0, are among others; `np.isin` in a third of its time."""
    known = np.append(np.sort(others), -1)
    return known[np.searchsorted(known[:-1], numbers)] == numbers


def grown(features: Features, catalog: Catalog) -> Features:
    """The features with further goods, which nobody has touched yet."""
    alike = Likeness(catalog.column("vector")) if features.alike else None
    return replace(
        features,
        bought=lengthened(features.bought, len(catalog), 0),
        idle=lengthened(features.idle, len(catalog), np.nan),
        price=_price(catalog),
        kinds={name: _kind(catalog, name) for name in features.kinds},
        alike=alike,
    )


def features(dataset: Dataset, said: Sequence[str]) -> Features:
    """The features as they stand at the end of a log."""
    catalog, liked = dataset.catalog, dataset.events.liked()
    people = np.bincount(dataset.matrix().indices, minlength=len(catalog))
    touched = np.zeros(len(catalog), np.int64)
    np.maximum.at(touched, liked.item, liked.time)
    idle = np.where(people > 0, (dataset.now - touched) / DAY, np.nan)
    columns = [name for name in KINDS if name in catalog or f"derived_{name}" in catalog]
    kinds = {name: _kind(catalog, name) for name in (*columns, *([CLUSTER] if catalog.kinds == CLUSTER else ()))}
    alike = Likeness(catalog.column("vector")) if "vector" in catalog else None
    return Features(tuple(said), np.log1p(people).astype(np.float32), idle.astype(np.float32), _price(catalog), kinds, alike)


def _price(catalog: Catalog) -> Scores:
    price = catalog.column("price").astype(np.float64) if "price" in catalog else np.full(len(catalog), np.nan)
    return np.log1p(np.where(price >= 0, price, np.nan)).astype(np.float32)


def _kind(catalog: Catalog, name: str) -> Kind:
    member = labels(catalog.known(name)).member
    counts, none = np.diff(member.indptr), member.shape[1]
    codes = np.full((len(catalog), max(1, counts.max(initial=0))), none, np.int32)
    rows = np.repeat(np.arange(len(catalog)), counts)
    codes[rows, np.arange(len(rows)) - member.indptr[rows]] = member.indices
    bearers = np.bincount(member.indices, minlength=none)
    return Kind(codes, np.append(np.log1p(len(catalog) / np.maximum(bearers, 1)), 0).astype(np.float32))
