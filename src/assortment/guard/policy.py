"""What must not be shown. Retrievers find more than is needed; only this stage takes away."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items
from assortment.core.dataset import Dataset
from assortment.core.errors import did_you_mean
from assortment.core.request import Request
from assortment.core.slate import Slate


@dataclass(frozen=True)
class Policy:
    """Take away what the person has (unless `again`: this shop's goods are bought again), what the person has refused, what the
    request is about, what is out of stock (column `stock` at 0 or below), and the `blocked` ids.

    Who searches in words is shown what they have, too.
    """

    again: bool = False
    blocked: tuple[str, ...] = ()

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Policed":
        catalog = dataset.catalog
        numbers = catalog.numbers(self.blocked)
        for name, number in zip(self.blocked, numbers, strict=True):
            if number < 0:
                raise did_you_mean("item to block", name, catalog.ids.names)
        barred = np.zeros(len(catalog), dtype=bool)
        barred[numbers] = True
        if "stock" in catalog:
            barred |= catalog.column("stock").astype(np.float64) <= 0
        return Policed(self.again, barred)


@dataclass(frozen=True, eq=False)
class Policed:
    """barred [n]: goods that nobody is shown."""

    again: bool
    barred: NDArray[np.bool_]

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        return [self._allowed(request, slate) for request, slate in zip(requests, slates, strict=True)]

    def _allowed(self, request: Request, slate: Slate) -> Slate:
        profile = request.profile
        owned = _nothing if self.again or request.words else profile.owned
        away = np.concatenate([owned, profile.refused, np.array(request.about, np.int32)])
        return slate.take(np.flatnonzero(~self.barred[slate.items] & ~np.isin(slate.items, away)))


_nothing: Items = np.empty(0, np.int32)
