"""Why a thing is on the slate, in words, from facts of the log that anybody can count."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

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

AT_ONCE = 1 << 23
"""How many people times requests are looked at together, four bytes for each: a shop of millions takes a lot in parts."""


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
        mine, items = [self._mine(request) for request in requests], [slate.items for slate in slates]
        few = max(1, AT_ONCE // max(1, self.takers.shape[1]))
        parts = (slice(first, first + few) for first in range(0, len(items), few))
        taken_too = chain.from_iterable(self._taken_too(items[part], mine[part]) for part in parts)
        theirs = [list(islice(taken_too, len(slate))) for slate in slates]
        reasons = map(self._reasons, requests, slates, mine, theirs)
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

    def _reasons(self, request: Request, slate: Slate, mine: Items, taken_too: Sequence[str | None]) -> list[str]:
        """The reason for each item."""
        if request.words:
            return [f"It answers “{request.words}”."] * len(slate)
        like = self._like(mine, slate.items) if None in taken_too else taken_too
        widened = slate.notes["before"] >= request.k if "before" in slate.notes else np.zeros(len(slate), dtype=bool)
        return [
            ("To widen your choice: " if wider else "") + (taken or alike or self._of_everybody(item))
            for item, taken, alike, wider in zip(slate.items.tolist(), taken_too, like, widened.tolist(), strict=True)
        ]

    def _taken_too(self, items: Sequence[Items], mine: Sequence[Items]) -> list[str | None]:
        """For each item of all lists, by the takers of one of `mine`; None where too few took both."""
        lists, shown, _ = flat(items)
        yours = np.zeros((len(mine), self.setting.recent), np.int32)
        for row, had in zip(yours, mine, strict=True):
            row[: len(had)] = had
        yours = yours.take(lists, 0)
        both = np.where(yours == shown[:, None], 0, self._takers_of_both(items, mine))
        takers = self.takers.indptr.take(yours + 1) - self.takers.indptr.take(yours)
        nearest = np.where(both >= self.setting.support, both / (takers + DOUBT), 0).argmax(1)[:, None]
        counts, of, goods = (np.take_along_axis(column, nearest, 1).ravel() for column in (both, takers, yours))
        verb, said = self.verb, zip(counts.tolist(), of.tolist(), self.titles.take(goods).tolist(), strict=True)
        return [
            f"{count} of the {of} people who {verb} {title} {verb} this too." if count >= self.setting.support else None
            for count, of, title in said
        ]

    def _like(self, mine: Items, items: Items) -> list[str | None]:
        """By what is most like it of `mine`, None where nothing is."""
        if not len(mine):
            return [None] * len(items)
        cosines = (self.vectors.take(mine, 0) @ self.vectors.take(items, 0).T).T
        alike = np.where(items[:, None] == mine, -1, cosines)
        titles, near = self.titles[mine[alike.argmax(1)]].tolist(), (alike.max(1) >= self.setting.likeness).tolist()
        return [f"It is like {title}." if is_near else None for title, is_near in zip(titles, near, strict=True)]

    def _of_everybody(self, item: int) -> str:
        if self.lately[item]:
            return f"{self.lately[item]} people {self.verb} it in the last {self.setting.days} days."
        return "New to the shop, or seldom asked for; it may be a discovery."

    def _takers_of_both(self, items: Sequence[Items], mine: Sequence[Items]) -> NDArray[np.int64]:
        """[items of all lists, recent] how many people took both an item and one of the `mine` of its list. Whoever took the
        first of `mine` has the lowest bit, and so on up to the 32 that there are at the most."""
        row, who = self._takers(mine)
        place = np.concatenate([np.empty(0, np.int64), *(np.arange(len(had)) for had in mine)])
        bits = np.zeros(len(mine) * self.takers.shape[1], "<u4")
        np.add.at(bits, who, np.left_shift(1, place).astype("<u4").take(row))
        row, who = self._takers(items)
        took = bits.take(who)
        both = np.flatnonzero(took != 0)
        ones = np.flatnonzero(np.unpackbits(took[both].view(np.uint8), bitorder="little").view(bool))
        counts = np.bincount(32 * row[both][ones >> 5] + (ones & 31), minlength=32 * sum(map(len, items)))
        return counts.reshape(-1, 32)[:, : self.setting.recent]

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
