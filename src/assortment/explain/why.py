"""Why a thing is on the slate, in words, from facts of the log that anybody can count."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.answers import flat
from assortment.core.arrays import Items, Rows, Strings, Vectors, lengthened, strings, widened
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
        mine = [self._mine(request) for request in requests]
        both = self._takers_of_both([slate.items for slate in slates], mine)
        reasons = map(self._reasons, requests, slates, mine, both)
        return [slate.noted("why", strings(said)) for slate, said in zip(slates, reasons, strict=True)]

    def with_catalog(self, catalog: Catalog) -> "Explained":
        return replace(
            self,
            titles=_titles(catalog),
            takers=widened(self.takers, (len(catalog), self.takers.shape[1])),
            vectors=_vectors(catalog),
            lately=lengthened(self.lately, len(catalog), 0),
        )

    def _mine(self, request: Request) -> Items:
        """The goods of the request by which its slate can be explained, the latest last."""
        mine = np.array(request.about, np.int32) if request.about else request.profile.recent
        return mine[:0] if request.words else mine[-self.setting.recent :]

    def _reasons(self, request: Request, slate: Slate, mine: Items, both: NDArray[np.int64]) -> list[str]:
        """The reason for each item; both [items, mine] how many people took both."""
        if request.words:
            return [f"It answers “{request.words}”."] * len(slate)
        itself = slate.items[:, None] == mine
        taken_too = self._taken_too(mine, np.where(itself, 0, both))
        like = self._like(mine, np.where(itself, -1, (self.vectors.take(mine, 0) @ self.vectors.take(slate.items, 0).T).T))
        widened = slate.notes["before"] >= request.k if "before" in slate.notes else np.zeros(len(slate), dtype=bool)
        return [
            ("To widen your choice: " if wider else "") + (taken or alike or self._of_everybody(item))
            for item, taken, alike, wider in zip(slate.items.tolist(), taken_too, like, widened.tolist(), strict=True)
        ]

    def _taken_too(self, mine: Items, both: NDArray[np.int64]) -> list[str | None]:
        """By the takers of one of `mine`, None where too few took both [items, mine]."""
        if not len(mine):
            return [None] * len(both)
        takers = self.takers.indptr[mine + 1] - self.takers.indptr[mine]
        nearest = np.where(both >= self.setting.support, both / (takers + DOUBT), 0).argmax(1)
        counts, verb = both[np.arange(len(both)), nearest].tolist(), self.verb
        said = zip(counts, takers[nearest].tolist(), self.titles[mine[nearest]].tolist(), strict=True)
        return [
            f"{count} of the {of} people who {verb} {title} {verb} this too." if count >= self.setting.support else None
            for count, of, title in said
        ]

    def _like(self, mine: Items, alike: Vectors) -> list[str | None]:
        """By what is most like it of `mine`, None where nothing is; alike [items, mine] cosines."""
        if not len(mine):
            return [None] * len(alike)
        titles, near = self.titles[mine[alike.argmax(1)]].tolist(), (alike.max(1) >= self.setting.likeness).tolist()
        return [f"It is like {title}." if is_near else None for title, is_near in zip(titles, near, strict=True)]

    def _of_everybody(self, item: int) -> str:
        if self.lately[item]:
            return f"{self.lately[item]} people {self.verb} it in the last {self.setting.days} days."
        return "New to the shop, or seldom asked for; it may be a discovery."

    def _takers_of_both(self, items: Sequence[Items], mine: Sequence[Items]) -> list[NDArray[np.int64]]:
        """For each request [items, mine] how many people took both. Whoever took the first of `mine` has the lowest bit, and so
        on up to the 32 that there are at the most."""
        row, who = self._takers(mine)
        place = np.concatenate([np.empty(0, np.int64), *(np.arange(len(had)) for had in mine)])
        bits = np.zeros(len(mine) * self.takers.shape[1], "<u4")
        np.add.at(bits, who, np.left_shift(1, place).astype("<u4").take(row))
        row, who = self._takers(items)
        took = bits.take(who)
        both = np.flatnonzero(took)
        ones = np.flatnonzero(np.unpackbits(took[both].view(np.uint8), bitorder="little").view(bool))
        bounds = np.cumsum([0, *map(len, items)]).tolist()
        counts = np.bincount(32 * row[both][ones >> 5] + (ones & 31), minlength=32 * bounds[-1]).reshape(-1, 32)
        return [counts[start:end, : len(had)] for (start, end), had in zip(pairwise(bounds), mine, strict=True)]

    def _takers(self, lists: Sequence[Items]) -> tuple[Rows, Rows]:
        """Each taker of each item of the lists: the row of the item among those of all lists, and the number of the person, who
        has another one for each list."""
        number, items, _ = flat(lists)
        first, end = self.takers.indptr.take(items), self.takers.indptr.take(items + 1)
        row = np.repeat(np.arange(len(items)), end - first)
        before = np.cumsum(end - first) - end
        people = self.takers.indices.take(np.arange(len(row)) - before.take(row))
        return row, (number * self.takers.shape[1]).take(row) + people


def _verb(events: Events) -> str:
    """What people of this shop do with its goods; where that is more than one thing, a word that is true of all."""
    kinds = {KINDS[kind] for kind in np.unique(events.kind)}
    said = {"purchase": "bought", "rating": "rated", "view": "viewed"}
    return said.get(kinds.pop(), "chose") if len(kinds) == 1 else "chose"
