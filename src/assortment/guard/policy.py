"""What must not be shown. Retrievers find more than is needed; only this stage takes away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Rows, lengthened
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import did_you_mean
from assortment.core.request import Request
from assortment.core.slate import Slate


@dataclass(frozen=True)
class Policy:
    """Take away what the person has (unless `again`: this shop's goods are bought again), what the person has refused, the
    kinds they have muted, what the request is about, what is out of stock (column `stock` at 0 or below), and the `blocked`
    ids.

    Who searches in words is shown what they have and what they muted, too; who asks about goods of a muted kind, what they
    muted.
    """

    again: bool = False
    blocked: tuple[str, ...] = ()

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Policed":
        catalog = dataset.catalog
        numbers = catalog.numbers(self.blocked)
        for name, number in zip(self.blocked, numbers, strict=True):
            if number < 0:
                raise did_you_mean("item to block", name, catalog.ids.names)
        blocked = np.zeros(len(catalog), dtype=bool)
        blocked[numbers] = True
        return Policed(self.again, blocked, _gone(catalog))


def _gone(catalog: Catalog) -> NDArray[np.bool_]:
    """Which goods the shop has none left of."""
    return catalog.column("stock").astype(np.float64) <= 0 if "stock" in catalog else np.zeros(len(catalog), dtype=bool)


@dataclass(frozen=True, eq=False)
class Policed:
    """blocked [n], gone [n]: goods that nobody is shown, as the shop blocks them or has none left."""

    again: bool
    blocked: NDArray[np.bool_]
    gone: NDArray[np.bool_]

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        return [self._allowed(request, slate) for request, slate in zip(requests, slates, strict=True)]

    def with_catalog(self, catalog: Catalog) -> "Policed":
        return Policed(self.again, lengthened(self.blocked, len(catalog), False), _gone(catalog))

    def removed(self, request: Request, slate: Slate) -> Mapping[str, Rows]:
        """The rows of a slate that it takes away, by rule: owned, refused, muted, about (what the request is about), blocked
        and out of stock; each row under the first of these that takes it."""
        rows, left = {}, np.ones(len(slate), dtype=bool)
        for rule, taken in self._rules(request, slate.items).items():
            rows[rule] = np.flatnonzero(left & taken)
            left &= ~taken
        return rows

    def _allowed(self, request: Request, slate: Slate) -> Slate:
        allowed = self.open.copy()
        for goods in self._goods(request).values():
            if len(goods):
                allowed[goods] = False
        return slate.take(allowed.take(slate.items).nonzero()[0])

    @cached_property
    def open(self) -> NDArray[np.bool_]:
        """[n] what may be shown to somebody."""
        return ~(self.blocked | self.gone)

    def _rules(self, request: Request, items: Items) -> Mapping[str, NDArray[np.bool_]]:
        """Which items each rule forbids."""
        among = {rule: self._among(goods, items) for rule, goods in self._goods(request).items()}
        return {**among, "blocked": self.blocked[items], "out of stock": self.gone[items]}

    def _goods(self, request: Request) -> Mapping[str, Items]:
        """The goods that each rule on a request forbids."""
        profile = request.profile
        return {
            "owned": _nothing if self.again or request.words else profile.owned,
            "refused": profile.refused,
            "muted": _nothing if _asks_for_muted(request) else profile.muted,
            "about": np.array(request.about, np.int32) if request.about else _nothing,
        }

    def _among(self, goods: Items, items: Items) -> NDArray[np.bool_]:
        """Which items are among these goods."""
        marked = np.zeros(len(self.blocked), dtype=bool)
        marked[goods] = True
        return marked[items]


_nothing: Items = np.empty(0, np.int32)


def _asks_for_muted(request: Request) -> bool:
    """Whether the person asks for such things themselves, in words or by goods of a kind they muted: their own wish."""
    return bool(request.words) or not set(request.about).isdisjoint(request.profile.muted.tolist())
