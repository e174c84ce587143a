"""Why a thing is on the slate, in words, from facts of the log that anybody can count."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Items, Strings, Vectors, lengthened, strings, widened
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.events import KINDS, Events
from assortment.core.request import Request
from assortment.core.slate import Slate

DOUBT = 10
"""People added to those who took a thing of yours, so that 3 of 3 do not speak louder than 90 of 100."""


@dataclass(frozen=True)
class Why:
    """Note `why` on each item: the evidence for it that is strongest in the log.

    In this order: people who took one of your `recent` (1 … 32) last things, or of the last of those that the request is about,
    took this too, at least `support` of them, and of these things the one whose takers did so most often; its words are like
    those of one of them (cosine at least `likeness`, -1 … 1); so many people took it in the last `days`. An item that stands on
    the slate only since variety was asked for says so first.
    """

    support: int = 3
    likeness: float = 0.4
    recent: int = 20
    days: int = 30

    def __post_init__(self) -> None:
        within("support", self.support, 1, float("inf"))
        within("likeness", self.likeness, -1, 1)
        within("recent", self.recent, 1, 32)
        within("days", self.days, 1, 36_500)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Explained":
        catalog = dataset.catalog
        lately = dataset.events.liked().since(dataset.now - self.days * 86_400_000)
        buyers = np.zeros(len(catalog), np.int64)
        pairs = np.unique(np.stack([lately.user, lately.item]), axis=1)
        np.add.at(buyers, pairs[1], 1)
        takers = dataset.matrix().T.tocsr()
        return Explained(_titles(catalog), takers, _vectors(catalog), buyers, _verb(dataset.events.liked()), self)


def _titles(catalog: Catalog) -> Strings:
    titles = catalog.column("title") if "title" in catalog else strings(catalog.ids.names)
    return strings(title or name for title, name in zip(titles, catalog.ids.names, strict=True))


def _vectors(catalog: Catalog) -> Vectors:
    return catalog.column("vector") if "vector" in catalog else np.zeros((len(catalog), 1), np.float32)


@dataclass(frozen=True, eq=False)
class Explained:
    """titles [n]; takers: who took each item [n, people]; vectors [n, d]; lately [n] people who took it in the last days; verb:
    what people of this shop do."""

    titles: Strings
    takers: sparse.csr_matrix
    vectors: Vectors
    lately: NDArray[np.int64]
    verb: str
    setting: Why

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        return [
            slate.noted("why", strings(self._reasons(request, slate))) for request, slate in zip(requests, slates, strict=True)
        ]

    def with_catalog(self, catalog: Catalog) -> "Explained":
        return replace(
            self,
            titles=_titles(catalog),
            takers=widened(self.takers, (len(catalog), self.takers.shape[1])),
            vectors=_vectors(catalog),
            lately=lengthened(self.lately, len(catalog), 0),
        )

    def _reasons(self, request: Request, slate: Slate) -> list[str]:
        if request.words:
            return [f"It answers “{request.words}”."] * len(slate)
        mine = np.array(request.about, np.int32) if request.about else request.profile.recent
        mine = mine[-self.setting.recent :]
        if not len(slate):
            return []
        itself = mine[:, None] == slate.items
        both = np.where(itself, 0, self._takers_of_both(mine, slate.items))
        alike = np.where(itself, -1, self.vectors[mine] @ self.vectors[slate.items].T)
        takers = np.asarray(self.takers.indptr[mine + 1] - self.takers.indptr[mine], np.int32)
        widened = slate.notes["before"] >= request.k if "before" in slate.notes else np.zeros(len(slate), dtype=bool)
        return [
            ("To widen your choice: " if widened[place] else "")
            + self._reason(int(item), mine, takers, both[:, place], alike[:, place])
            for place, item in enumerate(slate.items)
        ]

    def _reason(
        self, item: int, mine: Items, takers: NDArray[np.int32], both: NDArray[np.int64], alike: NDArray[np.float32]
    ) -> str:
        if len(mine) and both.max() >= self.setting.support:
            nearest = int(np.where(both >= self.setting.support, both / (takers + DOUBT), 0).argmax())
            people = f"{both[nearest]} of the {takers[nearest]} people who {self.verb} {self.titles[mine[nearest]]}"
            return f"{people} {self.verb} this too."
        if len(mine) and alike.max() >= self.setting.likeness:
            return f"It is like {self.titles[mine[int(alike.argmax())]]}."
        if self.lately[item]:
            return f"{self.lately[item]} people {self.verb} it in the last {self.setting.days} days."
        return "New to the shop, or seldom asked for; it may be a discovery."

    def _takers_of_both(self, mine: Items, items: Items) -> NDArray[np.int64]:
        """[mine, items] how many people took both; each person carries one bit for each of `mine` that they took."""
        took = np.zeros(self.takers.shape[1], np.uint32)
        for bit, item in enumerate(mine):
            took[self._people(item)] |= np.uint32(1 << bit)
        people = [self._people(item) for item in items]
        bits = took[np.concatenate(people)][:, None] >> np.arange(len(mine), dtype=np.uint32) & 1
        summed = np.concatenate([np.zeros((1, len(mine)), np.int64), bits.cumsum(0, dtype=np.int64)])
        return np.diff(summed[np.cumsum([0, *map(len, people)])], axis=0).T

    def _people(self, item: int) -> Items:
        """Who took an item."""
        start, end = self.takers.indptr[item : item + 2]
        return np.asarray(self.takers.indices[start:end], np.int32)


def _verb(events: Events) -> str:
    """What people of this shop do with its goods; where that is more than one thing, a word that is true of all."""
    kinds = {KINDS[kind] for kind in np.unique(events.kind)}
    said = {"purchase": "bought", "rating": "rated", "view": "viewed"}
    return said.get(kinds.pop(), "chose") if len(kinds) == 1 else "chose"
