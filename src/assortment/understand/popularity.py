"""The short head: the few goods that most people like."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import within


@dataclass(frozen=True)
class Popularity:
    """The column `popular`: `popular` for the short head, None for all others.

    The head is the `head` share of the goods that most people liked, each person counting once (top 20 %: Abdollahpouri, Burke
    and Mobasher, FLAIRS 2019). For a cap on how much of a slate it may fill: `at_most = {popular = 3}`.

    head: 0 nothing is popular … 1 all that anybody liked, as a share of the goods that somebody liked. Goods that as many
    people liked are popular together or not at all: where the border would part them, none of them is, so that the head never
    exceeds its share and does not hang on the order of the catalog. In a shop without events nothing is popular.
    """

    head: float = 0.2

    def __post_init__(self) -> None:
        within("head", self.head, 0, 1)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Popularised":
        people = np.bincount(dataset.matrix().indices, minlength=len(dataset.catalog))
        rows = np.flatnonzero(short_head(people, self.head))
        return Popularised(tuple(dataset.catalog.ids.names[row] for row in rows.tolist()))


@dataclass(frozen=True, eq=False)
class Popularised:
    """The ids of the short head. A new good is not in it until another fit."""

    names: tuple[str, ...]

    def __call__(self, catalog: Catalog) -> Catalog:
        head = frozenset(self.names)
        return catalog.with_column("popular", strings("popular" if name in head else None for name in catalog.ids.names))


def short_head(people: NDArray[np.int64], head: float) -> NDArray[np.bool_]:
    """Which goods, liked by people [n] each, are the short head: at most the share `head` of those liked at all.

    >>> short_head(np.array([9, 4, 4, 1, 0]), head=0.5)
    array([ True, False, False, False, False])
    >>> short_head(np.array([9, 4, 4, 1, 0]), head=0.75)
    array([ True,  True,  True, False, False])
    """
    liked = -np.sort(-people[people > 0])
    most = int(head * len(liked) + 1e-9)
    return people > (liked[most] if most < len(liked) else 0)
