"""The stage that turns a ranking into a slate: k of its items, varied as the request wishes, within its contract."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from assortment.core.arrays import Column, Items, Rows, Scores, Vectors
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput, BadSetting, within
from assortment.core.profile import Profile
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.core.terms import GaveWay, Terms
from assortment.diversify import contract as clauses
from assortment.diversify.arrange import Clause
from assortment.diversify.caps import Room, label_codes
from assortment.diversify.contract import Contract, amount, by_page
from assortment.diversify.methods import Methods, Trade
from assortment.diversify.pool import Pool
from assortment.diversify.select import by_relevance
from assortment.diversify.taste import Taste
from assortment.diversify.worth import cost, redundancy, relevance_of, weighed
from assortment.evaluate.distances import shelves

PEOPLE = 2000
"""How many people's histories say what is usual."""

MOST_SHELVES = 2000
"""Of how many labels goods are held against one another, each a number of a row."""

STEPS: tuple[float, ...] = (0.0, *expit(np.arange(-5, 4.25, 0.25)).tolist(), 1.0)
"""The settings that a steady slate is chosen from, evenly spaced in log odds: most of what happens to a method happens near an
end of its range."""

SECONDS = 0.5
"""How long a slate that does not keep its contract of itself may be mended: what was not found by then counts as not there."""

NOW = 0.0
"""The end of a time that is over: no exact solver is asked."""

SLATES = 3
"""How many slates' worth of items the method puts in order before a contract picks from them."""


@dataclass(frozen=True)
class Diversify:
    """Choose k of the `pool` most relevant items; of all, where those cannot meet the contract.

    select: the method. diversity: 0 relevance only … 1 variety only, at_most, at_least, apart and floor are the contract
    (`Wish`), which holds where the request's own wish is silent. personal: how far a person's own taste for variety moves the
    shop's diversity for them, 0 not at all … 1 as far as it goes; a diversity that the request names stands as it is. aspects:
    the column whose labels people want more or less of; left empty, category, cluster or derived_category. like: the column
    that says how alike goods are, by its vectors or, where it holds labels, by those that two goods share (`shelves`). page:
    how many items are seen at once, 1 … all: what is chosen for one page stands on it by relevance. pool: 1 … all. steady: of
    the slates at all `STEPS` up to the diversity the most varied is shown (`Method.variety`), so that more diversity never
    gives less variety, whatever the method and whatever of the contract has to be mended.
    """

    select: Methods = Trade()
    diversity: float = 0.0
    at_most: Mapping[str, float] = field(default_factory=dict)
    at_least: Mapping[str, int] = field(default_factory=dict)
    apart: Mapping[str, int] = field(default_factory=dict)
    floor: float = 0.0
    personal: float = 0.0
    aspects: str = ""
    like: str = "vector"
    page: int = 12
    pool: int = 100
    steady: bool = False

    def __post_init__(self) -> None:
        self._wish()
        within("personal", self.personal, 0, 1)
        within("page", self.page, 1, float("inf"))
        within("pool", self.pool, 1, float("inf"))

    def _wish(self) -> Wish:
        return Wish(self.diversity, dict(self.at_most), dict(self.at_least), dict(self.apart), self.floor)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Diversified":
        people = _some(dataset.profiles(), rng) if self.personal else ()
        taste = Taste.of(_aspects(dataset.catalog, self.aspects), people)
        own = (self.select, self._wish(), self.personal, self.like, self.page, self.pool, self.steady)
        stage = Diversified(*own, self.aspects, taste, dataset.catalog)
        for column in (*self.at_most, *self.apart):
            stage.codes(column)
        for column in self.at_least:
            _counted(column, dataset.catalog.known(column))
        if self.diversity > 0 or self.like in dataset.catalog:
            _check(self.like, stage.vectors(), dataset.catalog)
        return stage


def _aspects(catalog: Catalog, named: str) -> NDArray[np.int32]:
    """The labels of the goods in the column named or, where that is empty, in that of their kinds."""
    column = named or catalog.kinds
    return label_codes(column, catalog.known(column)) if column else np.full((len(catalog), 1), -1, np.int32)


def _counted(name: str, column: Column) -> bool:
    """Whether different labels of a column are counted, and not bands of its numbers; raises `BadSetting` for vectors."""
    if column.ndim != 1:
        raise BadSetting(f"column '{name}' holds vectors; at_least counts labels, or bands of numbers")
    return column.dtype in (object, bool)


def _check(column: str, vectors: Vectors, catalog: Catalog) -> None:
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise BadInput(f"column '{column}' of item '{catalog.ids.names[bad[0]]}' is not a number; embed the goods again")


def _some(profiles: Mapping[str, Profile], rng: np.random.Generator) -> list[Profile]:
    """At most `PEOPLE` of the profiles."""
    people = sorted(profiles)
    if len(people) > PEOPLE:
        people = rng.choice(people, PEOPLE, replace=False).tolist()
    return [profiles[person] for person in people]


@dataclass(frozen=True, eq=False)
class Diversified:
    """Answers with `terms`, and notes `relevance` [k], 0 the least … 1 the most relevant of the candidates, and `before` [k],
    the place, from 0, that each item had by relevance.

    Where a ranker noted the `chance` [n] that an item is taken to, the scores are its log odds, and relevance goes by chances;
    where it noted what is `usual` of the best, too, variety weighs the more the lower the chances of a slate are. Else
    relevance is the score over its range.
    """

    select: Methods
    wish: Wish
    personal: float
    like: str
    page: int
    pool: int
    steady: bool
    aspects: str
    taste: Taste
    catalog: Catalog
    _codes: dict[str, NDArray[np.int32]] = field(default_factory=dict, init=False, repr=False)

    @property
    def diversity(self) -> float:
        """The shop's own setting."""
        return self.wish.diversity or 0.0

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        return [self._chosen(request, slate) for request, slate in zip(requests, slates, strict=True)]

    def with_catalog(self, catalog: Catalog) -> "Diversified":
        return replace(self, taste=Taste.over(_aspects(catalog, self.aspects), self.taste.usual), catalog=catalog)

    def removed(self, request: Request, slate: Slate) -> Mapping[str, Rows]:
        """The rows of a slate that it takes away, by rule: pool, beyond the candidates it looked at; floor; each cap, at_most
        COLUMN, whose label the chosen fill up; less relevant or too alike, the rest. Each under the first that takes it."""
        wish = self._wish(request)
        among, chosen = self._choice(request, slate, wish)
        left = np.ones(len(slate), dtype=bool)
        left[chosen.notes["before"]] = False
        rows = {}
        for rule, taken in self._rules(slate, among, chosen, wish):
            rows[rule] = np.flatnonzero(left & taken)
            left &= ~taken
        return rows

    def _rules(self, slate: Slate, among: Slate, chosen: Slate, wish: Wish) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Which rows of a slate each rule leaves no room for."""
        yield "pool", np.arange(len(slate)) >= len(among)
        if wish.floor:
            relevance = np.ones(len(slate), np.float32)
            relevance[: len(among)] = relevance_of(among)
            yield "floor", relevance < min(wish.floor, float(chosen.notes["relevance"].min(initial=1)))
        for column, most in wish.at_most.items():
            codes = self.codes(column)
            shown = codes[chosen.items]
            counts = np.bincount(shown[shown >= 0], minlength=int(codes.max(initial=-1)) + 1)
            full = np.append(counts >= amount(most, len(chosen)), False)
            yield f"at_most {column}", np.asarray(full[codes[slate.items]].any(1))
        yield "less relevant or too alike", np.ones(len(slate), dtype=bool)

    def _chosen(self, request: Request, slate: Slate) -> Slate:
        return self._choice(request, slate, self._wish(request))[1]

    def _choice(self, request: Request, slate: Slate, wish: Wish) -> tuple[Slate, Slate]:
        """The candidates that it looked at, the first of a slate, and what it chose of them."""
        few = slate.take(slice(max(self.pool, request.k)))
        chosen = self._of(few, request, wish)
        if chosen.terms and chosen.terms.gave_way and len(few) < len(slate):
            return slate, self._of(slate, request, wish)
        return few, chosen

    def _wish(self, request: Request) -> Wish:
        wish = request.wish.over(self.wish)
        if request.wish.diversity is None and self.personal and wish.diversity:
            return replace(wish, diversity=self.taste.diversity(wish.diversity, request.profile, self.personal))
        return wish

    def _of(self, slate: Slate, request: Request, wish: Wish) -> Slate:
        relevance = relevance_of(slate)
        weighs = weighed(wish.diversity, slate) if wish.diversity else 0.0
        pool = self._pool(slate.items, relevance, request, wish)
        contract = self._contract(slate.items, relevance, wish, request.k)
        settled = self._most_varied if self.steady and weighs else self._settled
        rows, met = settled(pool, contract, weighs, time.monotonic() + SECONDS)
        terms = self._terms(wish, slate.items, relevance, rows, request.k, clauses.gave_way(contract, met, rows))
        return slate.take(rows).noting({"relevance": relevance[rows], "before": rows}).settled(terms)

    def _pool(self, items: Items, relevance: Scores, request: Request, wish: Wish) -> Pool:
        vectors = self.vectors() if wish.diversity else _none
        return Pool(relevance, items, vectors, request.profile, self.taste, min(self.page, request.k))

    def _most_varied(self, pool: Pool, contract: Contract, diversity: float, until: float) -> tuple[Rows, Contract]:
        """Of the slates at all steps up to a diversity; of those equally varied the one of the least."""
        first, met = self._settled(pool, contract, STEPS[0], until)
        slates = [first, *(self._quickly(pool, met, step) for step in STEPS[1:] if step <= diversity)]
        return max((rows for rows in slates if rows is not None), key=lambda rows: self.select.variety(pool, rows)), met

    def _quickly(self, pool: Pool, contract: Contract, diversity: float) -> Rows | None:
        """The slate at a diversity that keeps a contract; None where the quick rule finds none, whatever the time."""
        rows = self._free(pool, contract, diversity)
        if contract.kept(rows):
            return rows
        mended = contract.arranged(self._preferred(pool, contract.k, diversity), NOW)
        return None if mended is None else clauses.by_relevance(contract, mended, self.page, NOW)

    def _settled(self, pool: Pool, contract: Contract, diversity: float, until: float) -> tuple[Rows, Contract]:
        """The slate at a diversity, and the part of the contract that it keeps, mended `until` then."""
        rows = self._free(pool, contract, diversity)
        if contract.kept(rows):
            return rows, contract
        rows, met = clauses.settle(contract, self._preferred(pool, contract.k, diversity), until)
        return clauses.by_relevance(met, rows, self.page, until), met

    def _free(self, pool: Pool, contract: Contract, diversity: float) -> Rows:
        """What the method chooses within the caps."""
        return by_page(self._picked(pool, contract.k, diversity, contract.room()), self.page)

    def _preferred(self, pool: Pool, k: int, diversity: float) -> Rows:
        """All candidates, those first that the method chooses of itself."""
        n = len(pool.items)
        first = self._picked(pool, SLATES * k, diversity, Room.of(n, {}, {}))
        return np.concatenate([first, np.setdiff1d(np.arange(n), first)])

    def _picked(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        return self.select(pool, k, diversity, room) if diversity else by_relevance(pool.relevance, k, room)

    def _contract(self, items: Items, relevance: Scores, wish: Wish, k: int) -> Contract:
        return Contract(
            k,
            relevance,
            wish.floor or 0.0,
            {name: Clause(self.codes(name)[items], amount(most, k)) for name, most in wish.at_most.items()},
            {name: Clause(self._values(name, least, items), least) for name, least in wish.at_least.items()},
            {name: Clause(self.codes(name)[items], places) for name, places in wish.apart.items()},
            {name: share for name, share in wish.at_most.items() if share < 1},
        )

    def _values(self, column: str, least: int, items: Items) -> NDArray[np.int32]:
        """The labels of a column or, where it holds numbers, as many bands as there shall be."""
        values = self.catalog.known(column)
        if _counted(column, values):
            return self.codes(column)[items]
        return clauses.bands(values[items].astype(np.float64), min(least, len(items)))

    def _terms(self, wish: Wish, items: Items, relevance: Scores, rows: Rows, k: int, gave_way: tuple[GaveWay, ...]) -> Terms:
        shown = items[rows]
        achieved: dict[str, float] = {"items": len(rows)}
        if self.like in self.catalog or f"derived_{self.like}" in self.catalog:
            alike = redundancy(self.vectors().take(shown, 0))
            achieved |= {} if alike is None else {"redundancy": alike}
        achieved |= {f"at_most {name}": clauses.most(self.codes(name)[shown]) for name in wish.at_most}
        for name, least in wish.at_least.items():
            achieved[f"at_least {name}"] = clauses.different(self._values(name, least, items)[rows])
        achieved |= {f"apart {name}": clauses.distance(self.codes(name)[shown]) for name in wish.apart}
        if wish.floor:
            achieved["floor"] = float(relevance[rows].min(initial=1))
        return Terms(wish.diversity or 0.0, achieved, cost(relevance, rows, k), gave_way)

    def vectors(self) -> Vectors:
        """The vectors that say how alike goods are."""
        if self.like == "vector" and self.like not in self.catalog:
            raise BadSetting("variety needs vectors of the goods; add 'embed' to what is understood, or ask for diversity 0")
        return self._alike

    @cached_property
    def _alike(self) -> Vectors:
        column = self.catalog.known(self.like)
        if column.ndim == 2:
            return column
        if column.dtype != object:
            raise BadSetting(f"column '{self.like}' holds numbers; like is a column of vectors or of labels")
        held = shelves(labels(column))
        if held.shape[1] > MOST_SHELVES:
            raise BadSetting(
                f"column '{self.like}' has {held.shape[1]:,} labels; at most {MOST_SHELVES:,} can say how alike goods are"
            )
        return held.toarray()

    def codes(self, column: str) -> NDArray[np.int32]:
        """The labels of a column as numbers; raises `UnknownName` where the shop has no such column."""
        if column not in self._codes:
            self._codes[column] = label_codes(column, self.catalog.known(column))
        return self._codes[column]


_none: Vectors = np.empty((0, 0), np.float32)
