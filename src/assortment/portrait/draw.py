"""The portrait of a person, drawn from what they took and from what the catalog knows of it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from assortment.core.arrays import Ids, Items, Rows, Strings, Times, strings
from assortment.core.catalog import Catalog, labels
from assortment.core.events import KINDS, REFUSING, Events
from assortment.core.profile import NOBODY, Profile, fold
from assortment.portrait.drift import Drift, Weights, drift, halves, visits_of
from assortment.portrait.propensity import propensity, usual
from assortment.portrait.words import Vocabulary

FADING = 16.0
"""After how many later visits one counts half. How well shares foretell the kinds of what is taken next hardly hangs on it from
8 on (UCI, validation); at 1 they foretell worse."""

WORDS = 4
"""How many words tell what a person took of a kind."""

SOME = 4
"""How many goods stand for an interest."""

ASKED = 3
"""How many interests the query names."""

_REFUSING = [KINDS.index(kind) for kind in REFUSING]


@dataclass(frozen=True)
class Interest:
    """A kind of goods that a person likes.

    share: of all that they took, the latest visits counting most, above 0 … 1; early, late: the same of the earlier and of the
    later half of their visits, all counting alike; words: what tells the goods that they took of it from the shop's others;
    goods: how many different ones; last: when they took the last, milliseconds since 1970 UTC; some: ids of a few, the
    latest first.
    """

    label: str
    share: float
    early: float
    late: float
    words: tuple[str, ...]
    goods: int
    last: int
    some: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A label, and its share of what a person took, the latest visits counting most, above 0 … 1."""

    label: str
    share: float


@dataclass(frozen=True)
class Prices:
    """Between which prices the middle half of what a person took lies, and the middle one; level: where they stand on average
    among the shop's goods of the same kind, 0 with the cheapest … 1 with the dearest."""

    low: float
    middle: float
    high: float
    level: float


@dataclass(frozen=True)
class Rhythm:
    """How many visits; first and last: when, milliseconds since 1970 UTC; between: the middle one of the times between visits,
    milliseconds, None where there was one."""

    visits: int
    first: int
    last: int
    between: int | None


@dataclass(frozen=True)
class Portrait:
    """What a shop makes of a person. Nothing is in it but what they did with goods and what is known of these.

    takes: what they did that is no refusal; column: whose labels the interests are, None where the shop has none; interests,
    categories, brands: the strongest first; prices, rhythm: None where nothing is known; variety: how much they want, 0 always
    the same … 1 as much as there is; usual: what is usual in the shop; drift: of the interests, None where they came once;
    query: the same in words, which a search by meaning answers with what they like.
    """

    takes: int
    column: str | None
    interests: tuple[Interest, ...]
    categories: tuple[Part, ...]
    brands: tuple[Part, ...]
    prices: Prices | None
    rhythm: Rhythm | None
    variety: float
    usual: float
    drift: Drift | None
    query: str


@dataclass(frozen=True, eq=False)
class Kind:
    """A column of labels of n goods. codes [n, m]: their numbers, -1 where one has no more; share [n, m]: an item spreads 1
    evenly over its labels."""

    names: tuple[str, ...]
    codes: Items
    share: Weights

    @staticmethod
    def of(catalog: Catalog, column: str) -> "Kind":
        read = labels(catalog.known(column))
        counts = np.diff(read.member.indptr)
        codes = np.full((len(counts), max(1, counts.max(initial=0))), -1, np.int32)
        place = np.arange(len(read.member.indices)) - np.repeat(read.member.indptr[:-1], counts)
        codes[np.repeat(np.arange(len(counts)), counts), place] = read.member.indices
        there = codes >= 0
        return Kind(read.names, codes, there / np.maximum(there.sum(1, keepdims=True), 1))

    def borne(self, items: Items) -> tuple[Items, Weights]:
        """The labels that some goods [t] bear, and what each of the goods weighs on each of these, [t, those labels]."""
        codes = self.codes[items]
        found, place = np.unique(codes, return_inverse=True)
        mass = np.zeros((len(items), len(found)))
        np.add.at(mass, (np.arange(len(items))[:, None], place.reshape(codes.shape)), self.share[items])
        return found[found >= 0], mass[:, found >= 0]


@dataclass(frozen=True, eq=False)
class Takes:
    """What one person took, in order of time: items [t], times [t], visit [t] from 0, and weight [t], 1 of the last visit and
    half as much `FADING` visits before."""

    items: Items
    times: Times
    visit: Rows
    weight: Weights

    @staticmethod
    def of(events: Events, refused: Items) -> "Takes":
        """Whatever does not refuse, of goods that were not refused in the end."""
        rows = np.flatnonzero(~np.isin(events.kind, _REFUSING) & ~np.isin(events.item, refused))
        visit = visits_of(events.time[rows])
        return Takes(events.item[rows], events.time[rows], visit, np.exp2((visit - visit.max(initial=0)) / FADING))

    def __len__(self) -> int:
        return len(self.items)

    def without(self, goods: Items) -> "Takes":
        rows = np.flatnonzero(~np.isin(self.items, goods))
        return Takes(self.items[rows], self.times[rows], self.visit[rows], self.weight[rows])


@dataclass(frozen=True, eq=False)
class Portraits:
    """What portraits are drawn from: the catalog's titles, kinds and prices, and how varied people of this shop take things.

    interest, category, brand: None where the catalog has no such column, column being the name of the first; aspects: the kinds
    by which variety is told; prices [n], NaN where unknown; level [n]: of each price among goods of its kind, 0 … 1.
    """

    ids: Ids
    titles: Strings
    vocabulary: Vocabulary
    column: str | None
    interest: Kind | None
    category: Kind | None
    brand: Kind | None
    aspects: Kind | None
    prices: Weights
    level: Weights
    usual: float

    @staticmethod
    def of(catalog: Catalog, usual: float = 0.5) -> "Portraits":
        """For the people of a shop. usual: how varied they take things (`usual_variety`), 0 … 1."""
        column = "cluster" if "cluster" in catalog else catalog.kinds
        titles = catalog.column("title") if "title" in catalog else strings([None] * len(catalog))
        category = _kind(catalog, "category")
        interest = _kind(catalog, column.removeprefix("derived_")) if column else None
        prices = _prices(catalog)
        return Portraits(
            ids=catalog.ids,
            titles=titles,
            vocabulary=Vocabulary.of(titles),
            column=column.removeprefix("derived_") if column else None,
            interest=interest,
            category=category,
            brand=_kind(catalog, "brand"),
            aspects=_kind(catalog, catalog.kinds.removeprefix("derived_")) if catalog.kinds else None,
            prices=prices,
            level=_level(prices, category or interest),
            usual=usual,
        )

    def __call__(self, events: Events, muted: Items | None = None) -> Portrait:
        """The portrait of the one person whose events these are. muted: sorted numbers of goods that the query leaves out."""
        profile = fold(events).get(events.people.names[0], NOBODY) if len(events) else NOBODY
        takes = Takes.of(events, profile.refused)
        interests, changed = self._interests(takes)
        return Portrait(
            takes=len(takes),
            column=self.column,
            interests=interests,
            categories=_parts(self.category, takes),
            brands=_parts(self.brand, takes),
            prices=self._priced(takes.items),
            rhythm=_rhythm(takes),
            variety=self._variety(profile),
            usual=self.usual,
            drift=changed,
            query=self._query(takes if muted is None else takes.without(muted)),
        )

    def _interests(self, takes: Takes) -> tuple[tuple[Interest, ...], Drift | None]:
        if self.interest is None or not len(takes):
            return (), None
        codes, mass = self.interest.borne(takes.items)
        names = [self.interest.names[code] for code in codes]
        early, late = halves(mass, takes.visit)
        share = takes.weight @ mass / max(takes.weight @ mass.sum(1), 1e-12)
        found = (
            self._interest(name, takes, np.flatnonzero(mass[:, place]), *map(float, (share[place], early[place], late[place])))
            for place, name in enumerate(names)
        )
        return tuple(sorted(found, key=lambda one: (-one.share, one.label))), drift(mass, takes.visit, names)

    def _interest(self, label: str, takes: Takes, rows: Rows, share: float, early: float, late: float) -> Interest:
        """rows: the takes of this label."""
        goods = list(dict.fromkeys(takes.items[rows][::-1].tolist()))
        weight = dict.fromkeys(goods, 0.0)
        for item, heavy in zip(takes.items[rows].tolist(), takes.weight[rows].tolist(), strict=True):
            weight[item] += heavy
        words = self.vocabulary.telling(self.titles[goods], list(weight.values()), WORDS)
        some = tuple(self.ids.names[item] for item in goods[:SOME])
        return Interest(label, share, early, late, words, len(goods), int(takes.times[rows[-1]]), some)

    def _priced(self, items: Items) -> Prices | None:
        prices, level = self.prices[items], self.level[items]
        if not np.isfinite(prices).any():
            return None
        low, middle, high = np.nanquantile(prices, [0.25, 0.5, 0.75]).tolist()
        return Prices(low, middle, high, float(np.nanmean(level)))

    def _variety(self, profile: Profile) -> float:
        if self.aspects is None:
            return self.usual
        codes, kinds = self.aspects.codes, len(self.aspects.names)
        return propensity(codes[profile.recent], codes[profile.refused], kinds, shop=self.usual)

    def _query(self, takes: Takes) -> str:
        """Of the strongest interests the latest title and the telling words: what `bench/portraits.py` finds to work best."""
        interests, _ = self._interests(takes)
        return "; ".join(self._said(interest) for interest in interests[:ASKED])

    def _said(self, interest: Interest) -> str:
        title = self.titles[self.ids.number(interest.some[0])] or ""
        parts = (title.lower() if title.isupper() else title, " ".join(interest.words))
        return ", ".join(part for part in parts if part) or interest.label


def usual_variety(catalog: Catalog, people: Iterable[Profile]) -> float:
    """How varied the people of a shop take things on average, 0 … 1: `propensity.usual` of their histories."""
    if catalog.kinds is None:
        return 0.5
    kind = Kind.of(catalog, catalog.kinds.removeprefix("derived_"))
    return usual((kind.codes[profile.recent] for profile in people), len(kind.names))


def _kind(catalog: Catalog, column: str) -> Kind | None:
    return Kind.of(catalog, column) if column in catalog or f"derived_{column}" in catalog else None


def _parts(kind: Kind | None, takes: Takes) -> tuple[Part, ...]:
    if kind is None or not len(takes):
        return ()
    codes, mass = kind.borne(takes.items)
    share = takes.weight @ mass / max(takes.weight @ mass.sum(1), 1e-12)
    parts = (Part(kind.names[code], float(part)) for code, part in zip(codes, share, strict=True))
    return tuple(sorted(parts, key=lambda part: (-part.share, part.label)))


def _rhythm(takes: Takes) -> Rhythm | None:
    if not len(takes):
        return None
    starts = takes.times[np.flatnonzero(np.diff(takes.visit, prepend=-1))]
    between = int(np.median(np.diff(starts))) if len(starts) > 1 else None
    return Rhythm(len(starts), int(takes.times[0]), int(takes.times[-1]), between)


def _prices(catalog: Catalog) -> Weights:
    if "price" not in catalog or catalog.column("price").dtype == object:
        return np.full(len(catalog), np.nan)
    return catalog.column("price").astype(np.float64)


def _level(prices: Weights, kind: Kind | None) -> Weights:
    """[n] where each price stands among those of the goods whose first label is the same: the share that is cheaper, and half
    of what costs the same, itself among them."""
    group = np.zeros(len(prices), np.int64) if kind is None else kind.codes[:, 0].astype(np.int64)
    level = np.full(len(prices), np.nan)
    for label in np.unique(group):
        rows = np.flatnonzero((group == label) & np.isfinite(prices))
        ordered = np.sort(prices[rows])
        below, up_to = (np.searchsorted(ordered, prices[rows], side) for side in ("left", "right"))
        level[rows] = (below + up_to) / 2 / max(len(rows), 1)
    return level
