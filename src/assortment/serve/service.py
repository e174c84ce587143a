"""The loop without the web: a person asks, a slate is chosen and recorded, what they do with it changes the next one."""

import math
import time
import uuid
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from threading import Lock
from typing import Any, TypeAlias

import numpy as np

from assortment.core.arrays import Column, Ids, Items, strings
from assortment.core.catalog import Catalog
from assortment.core.errors import AssortmentError, UnknownName, within
from assortment.core.events import KINDS, Event, Events, Shown
from assortment.core.pipeline import Pipeline
from assortment.core.profile import NOBODY, Profile, fold
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.store.sql import Store

Value: TypeAlias = str | float | bool | None
"""A value of a column as JSON knows it."""

MOST = 1000
"""The largest slate that may be asked for."""

ROWS = 200
"""How many goods of a stage a trace lists, and how many of a person's a portrait."""


AS_SET = Wish()
"""The wish of somebody who leaves variety to the shop."""


class UnknownItem(UnknownName):
    """An item that the shop does not have."""


@dataclass(frozen=True)
class Item:
    """A product as a page knows it. price: None where unknown."""

    item: str
    title: str
    price: float | None
    category: str | None
    image: str | None


@dataclass(frozen=True)
class Card:
    """A product at its place in a slate, 1 the first.

    source: the part that spoke loudest for it; relevance: 0 the least … 1 the most relevant of the candidates; before: the
    place it would have had by relevance alone. None where no stage said so.
    """

    place: int
    item: Item
    score: float
    source: str | None
    why: str | None
    relevance: float | None
    before: int | None
    propensity: float


@dataclass(frozen=True)
class Answer:
    """A slate as it was answered and recorded. slate: its id, which events may name; arm: the version that chose it."""

    slate: str
    user: str
    time: int
    arm: str
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Deed:
    """One of the last things a person did with a product."""

    item: Item
    kind: str
    time: int


@dataclass(frozen=True)
class Portrait:
    """What we hold of a person: the last deed first; tastes: the share of each category among the goods they remember."""

    user: str
    known: bool
    recent: tuple[Deed, ...]
    owned: tuple[Item, ...]
    refused: tuple[Item, ...]
    tastes: Mapping[str, float]
    last: int | None


@dataclass(frozen=True)
class Step:
    """One row of what a stage made: its place now and before the stage (None: it came here), score, and what was noted."""

    place: int
    was: int | None
    item: Item
    score: float
    notes: Mapping[str, Value]


@dataclass(frozen=True)
class Trace:
    """What one stage made of a request. milliseconds: wall clock; count: goods after it; came, went: how many entered and left;
    moved: how many of those that stayed stand elsewhere among them; items: the first `ROWS` after it; gone: the first `ROWS` of
    those that left, in their old order."""

    stage: str
    milliseconds: float
    count: int
    came: int
    went: int
    moved: int
    items: tuple[Step, ...]
    gone: tuple[Item, ...]


def wall_clock() -> int:
    """Milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


class Service:
    """A pipeline and a log, answering one person at a time from any number of threads.

    version: recorded as the arm of every slate; clock: milliseconds since 1970 UTC; remembered: how many people's profiles are
    kept at hand; the others are folded from the log when they come back. One process serves a log: another that appends to the
    same log is not seen for the people at hand.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        store: Store,
        *,
        version: str = "",
        clock: Callable[[], int] = wall_clock,
        remembered: int = 10_000,
    ) -> None:
        within("remembered", remembered, 1, float("inf"))
        self.pipeline = pipeline
        self.store = store
        self.version = version
        self.clock = clock
        self._profiles = Profiles(store, pipeline.catalog.ids, remembered)
        self._shelf = Shelf(pipeline.catalog)

    @property
    def catalog(self) -> Catalog:
        return self.pipeline.catalog

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that group the goods, such as a brand: those of which a slate may be given at most so many alike."""
        return self._shelf.groups

    def request(
        self,
        user: str = "",
        *,
        k: int = 10,
        about: Sequence[str] = (),
        words: str = "",
        wish: Wish = AS_SET,
        context: Mapping[str, str] | None = None,
        now: int | None = None,
    ) -> Request:
        """The request as the pipeline gets it: ids as numbers, the person as a profile, the moment.

        k: 1 … `MOST`. Raises `UnknownItem` for an item in `about` that the shop does not have.
        """
        within("k", k, 1, MOST)
        numbers = tuple(self._shelf.number(item) for item in about)
        profile = self._profiles.of(user) if user else NOBODY
        return Request(user, self.clock() if now is None else now, profile, k, numbers, words.strip(), wish, context or {})

    def recommend(
        self, user: str = "", *, k: int = 10, about: Sequence[str] = (), words: str = "", wish: Wish = AS_SET
    ) -> Answer:
        """The slate for a person now, recorded as shown. Somebody unknown gets one too."""
        return self.answer(self.request(user, k=k, about=about, words=words, wish=wish))

    def choose(self, request: Request) -> Answer:
        """The slate that the pipeline chooses for a request, for somebody to look at; nothing is recorded."""
        slate = _first(self.pipeline([request])[0], request.k)
        return Answer(uuid.uuid4().hex, request.user, request.time, self.version, self._cards(slate))

    def answer(self, request: Request) -> Answer:
        """The slate that the pipeline chooses for a request, recorded as shown."""
        answer = self.choose(request)
        self.store.show(
            Shown(
                slate=answer.slate,
                time=answer.time,
                user=answer.user,
                arm=answer.arm,
                items=tuple(card.item.item for card in answer.cards),
                propensity=tuple(card.propensity for card in answer.cards),
            )
        )
        return answer

    def similar(self, item: str, *, user: str = "", k: int = 10) -> Answer:
        """What stands beside a product page: the goods most like it, or most often chosen with it, and nothing for variety."""
        return self.recommend(user, k=k, about=(item,), wish=Wish(diversity=0))

    def search(self, words: str, *, user: str = "", k: int = 20) -> Answer:
        """What answers a query, the best match first."""
        return self.recommend(user, k=k, words=words, wish=Wish(diversity=0))

    def post(self, events: Sequence[Event]) -> int:
        """Put events into the log, all or none, and into the profiles; returns how many. The next slate knows of them.

        Raises `UnknownItem` for an item that the shop does not have; nothing is put into the log then.
        """
        for event in events:
            self._shelf.number(event.item)
        self.store.append(events)
        self._profiles.happened(events)
        return len(events)

    def forget(self, user: str) -> Mapping[str, int]:
        """Remove a person from the log and from memory; returns the rows removed by table."""
        removed = self.store.forget(user)
        self._profiles.drop(user)
        return removed

    def item(self, item: str) -> Item:
        """A product; raises `UnknownItem` with the nearest id."""
        return self._shelf.item(self._shelf.number(item))

    def facts(self, item: str) -> dict[str, Value]:
        """What else the catalog knows of a product, by column; vectors are left out."""
        return self._shelf.facts(self._shelf.number(item))

    def user(self, user: str) -> Portrait:
        """What we hold of a person; of somebody unknown, nothing."""
        profile = self._profiles.of(user)
        items = self._shelf.items(profile.recent[::-1][:ROWS])
        deeds = zip(items, profile.kinds[::-1].tolist(), profile.times[::-1].tolist(), strict=False)
        categories = Counter(item.category for item in self._shelf.items(profile.recent) if item.category)
        total = categories.total()
        return Portrait(
            user=user,
            known=profile.last > 0,
            recent=tuple(Deed(item, KINDS[kind], time) for item, kind, time in deeds),
            owned=self._shelf.items(profile.owned[:ROWS]),
            refused=self._shelf.items(profile.refused[:ROWS]),
            tastes={category: count / total for category, count in categories.most_common(8)},
            last=profile.last or None,
        )

    def people(self, contains: str = "", most: int = 20) -> Sequence[tuple[str, int]]:
        """People in the log whose id contains these letters, and the number of their events, the most active first."""
        return self.store.people(contains, most)

    def trace(self, request: Request) -> tuple[Trace, ...]:
        """What each stage makes of a request. Nothing is recorded, for nobody is shown it."""
        traced = []
        slate = Slate()
        for stage in self.pipeline.stages:
            start = time.perf_counter()
            after = stage([request], [slate])[0]
            traced.append(self._step(type(stage).__name__, 1000 * (time.perf_counter() - start), slate, after))
            slate = after
        return tuple(traced)

    def _cards(self, slate: Slate) -> tuple[Card, ...]:
        rows = zip(self._shelf.items(slate.items), slate.scores.tolist(), _notes(slate), strict=True)
        return tuple(_card(place, item, score, notes) for place, (item, score, notes) in enumerate(rows, 1))

    def _step(self, stage: str, milliseconds: float, before: Slate, after: Slate) -> Trace:
        old, new = before.items.tolist(), after.items.tolist()
        was = {number: place for place, number in enumerate(old, 1)}
        stays = set(new)
        gone = [number for number in old if number not in stays]
        kept = [number for number in old if number in stays]
        first = _first(after, ROWS)
        rows = zip(self._shelf.items(first.items), first.scores.tolist(), _notes(first), new, strict=False)
        return Trace(
            stage=stage,
            milliseconds=milliseconds,
            count=len(new),
            came=len(new) - len(kept),
            went=len(gone),
            moved=sum(one != other for one, other in zip(kept, (number for number in new if number in was), strict=True)),
            items=tuple(
                Step(place, was.get(number), item, score, notes) for place, (item, score, notes, number) in enumerate(rows, 1)
            ),
            gone=self._shelf.items(np.array(gone[:ROWS], np.int32)),
        )


class Shelf:
    """The catalog as people see it: items by the shop's own id, values that any page can show."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._named = {name: _known(catalog, name) for name in ("title", "price", "category", "image")}
        rest = (name for name in catalog.columns if name not in self._named and catalog.columns[name].ndim == 1)
        self._rest = {name: catalog.columns[name] for name in rest}
        self.groups = tuple(name.removeprefix("derived_") for name, column in catalog.columns.items() if _groups(column))

    def number(self, item: str) -> int:
        """The number of an item; raises `UnknownItem` with the nearest id."""
        number = self._catalog.ids.number(item)
        if number < 0:
            raise UnknownItem(f"no item '{item}'; {_nearest(item, self._catalog.ids)}")
        return number

    def item(self, number: int) -> Item:
        title, price, category, image = (None if c is None else plain(c[number]) for c in self._named.values())
        return Item(
            item=self._catalog.ids.names[number],
            title=str(title or self._catalog.ids.names[number]),
            price=price if isinstance(price, float) else None,
            category=None if category is None else str(category),
            image=None if image is None else str(image),
        )

    def items(self, numbers: Items) -> tuple[Item, ...]:
        return tuple(self.item(number) for number in numbers.tolist())

    def facts(self, number: int) -> dict[str, Value]:
        return {name: plain(column[number]) for name, column in self._rest.items()}


class Profiles:
    """The profiles of those who were here last, each the fold of what the log holds of them."""

    def __init__(self, store: Store, ids: Ids, most: int) -> None:
        self._store = store
        self._ids = ids
        self._most = most
        self._lock = Lock()
        self._held: OrderedDict[str, Profile] = OrderedDict()
        self._reading: dict[str, object] = {}

    def of(self, user: str) -> Profile:
        """The profile of a person. What is read while an event of theirs comes in is used once and not kept."""
        ticket = object()
        with self._lock:
            if user in self._held:
                self._held.move_to_end(user)
                return self._held[user]
            self._reading[user] = ticket
        try:
            profile = self._folded(user)
        except AssortmentError:
            self.drop(user)
            raise
        with self._lock:
            if self._reading.get(user) is ticket:
                del self._reading[user]
                self._held[user] = profile
                if len(self._held) > self._most:
                    self._held.popitem(last=False)
        return profile

    def happened(self, events: Iterable[Event]) -> None:
        """Fold in events that the log now holds. One that is not later than the last is folded anew, from the log."""
        with self._lock:
            for event in events:
                self._reading.pop(event.user, None)
                held = self._held.get(event.user)
                if held is not None and event.time > held.last:
                    self._held[event.user] = held.after(self._ids.number(event.item), event.kind, event.time)
                elif held is not None:
                    del self._held[event.user]

    def drop(self, user: str) -> None:
        with self._lock:
            self._reading.pop(user, None)
            self._held.pop(user, None)

    def _folded(self, user: str) -> Profile:
        return fold(_events(user, self._store.history(user), self._ids)).get(user, NOBODY)


def _events(user: str, history: Sequence[Event], ids: Ids) -> Events:
    """One person's history as arrays, without the goods that came after the pipeline was fitted."""
    known = [event for event in history if event.item in ids]
    value = [math.nan if event.value is None else event.value for event in known]
    return Events(
        people=Ids((user,)),
        time=np.array([event.time for event in known], np.int64),
        user=np.zeros(len(known), np.int32),
        item=ids.numbers(event.item for event in known),
        kind=np.array([KINDS.index(event.kind) for event in known], np.int8),
        value=np.array(value, np.float32),
        slate=strings(event.slate for event in known),
    )


def _card(place: int, item: Item, score: float, notes: Mapping[str, Any]) -> Card:
    before = notes.get("before")
    return Card(
        place=place,
        item=item,
        score=score,
        source=notes.get("from"),
        why=notes.get("why"),
        relevance=notes.get("relevance"),
        before=None if before is None else int(before) + 1,
        propensity=notes.get("propensity", 1.0),
    )


def _notes(slate: Slate) -> list[dict[str, Value]]:
    """The notes of each row as values that JSON knows; notes of more than one number are left out."""
    flat = {name: column for name, column in slate.notes.items() if column.ndim == 1}
    return [{name: plain(column[row]) for name, column in flat.items()} for row in range(len(slate))]


def plain(value: Any) -> Value:
    """A value of a column as JSON knows it: NaN and infinities are None.

    >>> plain(np.float32("nan")), plain(np.float64(2.5)), plain("red"), plain(np.True_)
    (None, 2.5, 'red', True)
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return bool(value)
    number = float(value)
    return number if math.isfinite(number) else None


def _first(slate: Slate, most: int) -> Slate:
    return slate if len(slate) <= most else slate.take(np.arange(most))


def _groups(column: Column) -> bool:
    """Whether a column holds words that several goods share."""
    if column.ndim > 1 or column.dtype != object:
        return False
    words = [value for value in column if value is not None]
    return 1 < len(set(words)) <= len(words) / 2


def _known(catalog: Catalog, name: str) -> Any:
    return catalog.known(name) if name in catalog or f"derived_{name}" in catalog else None


def _nearest(item: str, ids: Ids) -> str:
    """The way out for a misspelt item. Only ids that begin alike are compared: a shop may have a million."""
    start = item[:2].casefold()
    alike = list(islice((name for name in ids.names if name[:2].casefold() == start), 2000))
    folded = {name.casefold(): name for name in alike}
    near = get_close_matches(item.casefold(), folded, n=1)
    if near:
        return f"did you mean '{folded[near[0]]}'?"
    return f"the shop has {len(ids)} items" + (f", such as '{ids.names[0]}'" if len(ids) else "")
