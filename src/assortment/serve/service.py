"""The loop without the web: a person asks, a slate is chosen and recorded, what they do with it changes the next one."""

import os
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assortment.core.arrays import Items
from assortment.core.catalog import Catalog
from assortment.core.errors import AssortmentError, BadInput, BadSetting, within
from assortment.core.events import Event
from assortment.core.pipeline import Pipeline
from assortment.core.profile import Profile
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.core.stage import Stage
from assortment.evaluate.lost import Remover
from assortment.experiment.book import Book
from assortment.serve.answers import Answer, cards, first, shown_of, without
from assortment.serve.arms import Answered, answered
from assortment.serve.kinds import Kinds
from assortment.serve.person import Muted, Person
from assortment.serve.profiles import Profiles
from assortment.serve.register import Held, Register
from assortment.serve.seen import seen
from assortment.serve.serving import Released, Serving
from assortment.serve.shelf import Item, Shelf, Value
from assortment.serve.traces import Trace, traced
from assortment.store.marks import Mark
from assortment.store.sql import Store

MOST = 1000
"""The largest slate that may be asked for."""

SLATES = 100
"""After so many slates for people the pipeline is told what they were shown."""

AS_SET = Wish()
"""The wish of somebody who leaves variety to the shop."""


def wall_clock() -> int:
    """Milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Ask:
    """What `Service.recommend` is asked, as a value; now: the moment, None for the clock's."""

    user: str = ""
    k: int = 10
    about: tuple[str, ...] = ()
    words: str = ""
    wish: Wish = AS_SET
    context: Mapping[str, str] | None = None
    now: int | None = None


def beside_item(item: str, user: str = "", k: int = 10) -> Ask:
    """What stands beside a product page, as `Service.similar` asks it."""
    return Ask(user, k, (item,), wish=Wish(diversity=0))


def searching(words: str, user: str = "", k: int = 20) -> Ask:
    """A search, as `Service.search` asks it; raises `BadInput` where it holds no words."""
    if not words.strip():
        raise BadInput("a search needs words")
    return Ask(user, k, words=words, wish=Wish(diversity=0))


@dataclass(frozen=True)
class Chosen:
    """A slate that was chosen for a request, and is not yet recorded."""

    request: Request
    answer: Answer


class Service:
    """A pipeline and a log, answering one person at a time from any number of threads.

    version: recorded as the arm of every slate, with the arms of the experiments in `book` that had a part in it; clock:
    milliseconds since 1970 UTC; remembered: how many people's profiles are kept at hand; the others are folded from the log
    when they come back; usual: how varied the shop's people take things, 0 … 1, which portraits say beside a person's own.
    known_as: what a person is called in the store and in memory, the pseudonym where the shop keeps no names; ticks: seconds of
    a clock that goes one way, by which it is told how long slates took.
    Stages that what is shown moves, such as prices of exposure, move every `SLATES` slates, and begin again from their fit
    with each start. Several processes may serve one log: each asks with every request whether the person or the goods have
    changed meanwhile. Their stages that what is shown moves do so each by itself.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        store: Store,
        *,
        version: str = "",
        clock: Callable[[], int] = wall_clock,
        remembered: int = 10_000,
        book: Book | None = None,
        usual: float = 0.5,
        popular: Stage | None = None,
        known_as: Callable[[str], str] = str,
        ticks: Callable[[], float] = time.perf_counter,
    ) -> None:
        within("remembered", remembered, 1, float("inf"))
        self.store = store
        self.clock = clock
        self.book = book
        self.known_as = known_as
        self.ticks = ticks
        self._shown: list[Items] = []
        self._steering = threading.Lock()
        self._putting = threading.Lock()
        self._remembered = remembered
        self._goods = store.mark().goods
        self._now = self._serving(Released(pipeline, version, usual, popular))
        self._register = Register(store, known_as, lambda: self._now, lambda: self._seen([""]))

    def _serving(self, release: Released) -> Serving:
        catalog = release.pipeline.catalog
        shelf = Shelf(catalog)
        kinds = Kinds(catalog, shelf.groups)
        return Serving(release, shelf, kinds, Profiles(self.store, catalog.ids, kinds, self._remembered))

    def take_up(self, release: Released) -> None:
        """Answer from now on by another release, in one step; a request that is under way ends with the one it began with.

        Goods that came into the store since its fit are taken in. Raises `BadInput` where it was fitted on other goods.
        """
        with self._putting:
            goods = self.store.mark().goods
            catalog, fitted = self.store.catalog(), release.pipeline.catalog
            if tuple(catalog.ids.names[: len(fitted)]) != tuple(fitted.ids.names):
                raise BadInput("the store holds other goods than this release was fitted on; fit the shop again")
            new = self._serving(release.grown(catalog) if len(catalog) > len(fitted) else release)
            with self._steering:
                self._now, self._shown, self._goods = new, [], goods

    @property
    def version(self) -> str:
        """Of the release that answers now."""
        return self._now.release.version

    @property
    def usual(self) -> float:
        """How varied the shop's people take things, by the release that answers now."""
        return self._now.release.usual

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline that answers now."""
        return self._now.pipeline

    @property
    def catalog(self) -> Catalog:
        return self.pipeline.catalog

    def put(self, goods: Catalog) -> int:
        """Put goods into the catalog, new ones or such as have changed; returns how many are new.

        The next slate may show them: they get the columns of what was fitted, and what the parts can tell by those. Nothing is
        learnt before the next fit. goods: the shop's own columns; of goods that are there already, all of what is known.
        Raises `BadInput` where the store holds other goods than the pipeline was fitted on, and changes nothing.
        """
        with self._putting:
            before = self.catalog
            if tuple(self.store.catalog().ids.names[: len(before)]) != tuple(before.ids.names):
                raise BadInput("the store holds other goods than the pipeline was fitted on; fit the shop again")
            self.store.put_catalog(goods)
            self._take_in_the_store()
            return len(self.catalog) - len(before)

    def _take_in_the_store(self) -> None:
        """Answer for the goods that the store has now."""
        goods = self.store.mark().goods
        self.take_in(self.store.catalog())
        self._goods = goods

    def _seen(self, users: Collection[str]) -> Mapping[str, Mark]:
        """Where things stand for people; goods that another process put are taken in first."""
        seen = self.store.marks(users)
        goods = next((mark.goods for mark in seen.values()), self._goods)
        if goods != self._goods:
            with self._putting:
                if goods != self._goods:
                    self._take_in_the_store()
        return seen

    def take_in(self, catalog: Catalog) -> None:
        """Answer from now on for all the goods of a catalog, whose first are those that are there, as `put` does."""
        old = self._now.release
        new = self._serving(old.grown(catalog))
        with self._steering:
            self._now = new if self._now.release is old else self._serving(self._now.release.grown(catalog))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that group the goods, such as a brand: those of which a slate may be given at most so many alike."""
        return self._now.shelf.groups

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
        return self.request_for(Ask(user, k, tuple(about), words, wish, context, now))

    def request_for(self, ask: Ask) -> Request:
        """The same of what is asked as a value."""
        ask = self._veiled(ask)
        marks = self._seen([ask.user])
        now = self._now
        return self._asked(now, ask, now.profiles.of_all(marks)[ask.user])

    def _veiled(self, ask: Ask) -> Ask:
        """The same, of the person as the store knows them."""
        known = self.known_as(ask.user) if ask.user else ""
        return ask if known == ask.user else replace(ask, user=known)

    def _asked(self, now: Serving, ask: Ask, profile: Profile) -> Request:
        within("k", ask.k, 1, MOST)
        numbers = tuple(now.shelf.number(item) for item in ask.about)
        time = self.clock() if ask.now is None else ask.now
        before = seen(self.store, ask.user, now.pipeline.catalog.ids) if ask.user and now.pipeline.remembers else ()
        return Request(ask.user, time, profile, ask.k, numbers, ask.words.strip(), ask.wish, ask.context or {}, before)

    def profile_of(self, events: Sequence[Event]) -> Profile:
        """The profile of somebody who did this and no more; goods that the shop does not have are left out."""
        in_time = sorted(events, key=lambda event: event.time)
        return self._now.profiles.fold([event._replace(user="") for event in in_time])

    def recommend(
        self, user: str = "", *, k: int = 10, about: Sequence[str] = (), words: str = "", wish: Wish = AS_SET
    ) -> Answer:
        """The slate for a person now, recorded as shown. Somebody unknown gets one too."""
        return self._recommended(Ask(user, k, tuple(about), words, wish))

    def _recommended(self, ask: Ask) -> Answer:
        (chosen,) = self.choose_all([ask])
        if isinstance(chosen, AssortmentError):
            raise chosen
        self.record_all([chosen])
        return replace(chosen.answer, user=ask.user)

    def choose_all(self, asks: Sequence[Ask]) -> list[Chosen | AssortmentError]:
        """What is chosen for several people at once, each as it would be alone, in the order asked; what cannot be answered
        has its error in its place. Nothing is recorded."""
        asks = [self._veiled(ask) for ask in asks]
        marks = self._seen({ask.user for ask in asks})
        now = self._now
        profiles = now.profiles.of_all(marks)
        found: list[Chosen | AssortmentError] = []
        requests: list[Request] = []
        for ask in asks:
            try:
                requests.append(self._asked(now, ask, profiles[ask.user]))
            except AssortmentError as error:
                found.append(error)
            else:
                found.append(_COMING)
        answers = iter(self._answered(now, requests))
        return [next(answers) if one is _COMING else one for one in found]

    def _answered(self, now: Serving, requests: Sequence[Request]) -> list[Chosen | AssortmentError]:
        """All in one call of the pipeline, where no experiment may have another answer some of them and all can be answered."""
        if not (self.book and self.book.running()):
            began = self.ticks()
            try:
                slates = now.pipeline(requests) if requests else []
            except AssortmentError as error:
                if len(requests) == 1:
                    return [error]
            else:
                seconds = self.ticks() - began
                return [
                    Chosen(request, self._told(now, request, Answered(slate, now.release.version, seconds)))
                    for request, slate in zip(requests, slates, strict=True)
                ]
        return [self._alone(now, request) for request in requests]

    def _alone(self, now: Serving, request: Request) -> Chosen | AssortmentError:
        try:
            chosen = answered(self.book, request, now.pipeline, now.release.version, self.ticks)
            return Chosen(request, self._told(now, request, chosen))
        except AssortmentError as error:
            return error

    def _told(self, now: Serving, request: Request, chosen: Answered, instead: str | None = None) -> Answer:
        slate, took = first(chosen.slate, request.k), 1000 * chosen.seconds
        listed = cards(slate, now.shelf)
        return Answer(_new_id(), request.user, request.time, chosen.arm, listed, slate.terms, instead, took)

    @property
    def falls_back(self) -> bool:
        """Whether there is something popular to show in place of what takes too long."""
        return self._now.release.popular is not None

    def instead(self, ask: Ask, why: str, waited: float = 0.0) -> Chosen:
        """What is popular in place of what was asked, by the same hard rules: of the pipeline's stages those that say what they
        take away, such as the policy and the caps of a wish. Nothing is recorded. waited: seconds for what was asked, which
        count to what it took.

        Raises `BadSetting` where no part of the plan knows what is popular.
        """
        began, ask = self.ticks(), self._veiled(ask)
        marks = self._seen([ask.user])
        now = self._now
        if now.release.popular is None:
            raise BadSetting("nothing here knows what is popular; add 'popular' to the recipes of the blend")
        request = self._asked(now, ask, now.profiles.of_all(marks)[ask.user])
        (slate,) = now.release.popular([replace(request, about=(), words="")], [Slate()])
        hard: list[Stage] = [stage for stage in now.pipeline.stages if isinstance(stage, Remover)]
        for stage in hard:
            (slate,) = stage([request], [slate])
        chosen = Answered(slate, now.release.version, waited + self.ticks() - began)
        return Chosen(request, self._told(now, request, chosen, why))

    def choose(self, request: Request, *, together: bool = False) -> Answer:
        """The slate that the pipeline chooses for a request, for somebody to look at; nothing is recorded.

        together: only of what goes well with the goods that it is about, where a part finds that.
        """
        now = self._now
        pairing = now.pipeline.pairing if together else None
        book = None if pairing else self.book
        return self._told(now, request, answered(book, request, pairing or now.pipeline, now.release.version, self.ticks))

    def answer(self, request: Request, *, together: bool = False) -> Answer:
        """The slate that the pipeline chooses for a request, recorded as shown; together: as in `choose`."""
        answer = self.choose(request, together=together)
        self.record_all([Chosen(request, answer)])
        return answer

    def record(self, answer: Answer) -> Answer:
        """An answer that was chosen, once the log has it as shown."""
        self.store.show_all([shown_of(answer)])
        return answer

    def record_all(self, chosen: Sequence[Chosen]) -> None:
        """Record slates as shown, all or none, and let the pipeline know where it is steered by that."""
        self.store.show_all([shown_of(one.answer) for one in chosen])
        if self.pipeline.steered:
            for one in chosen:
                if not one.request.asked:
                    self._steer(self.catalog.numbers(card.item.item for card in one.answer.cards))

    def _steer(self, items: Items) -> None:
        """Let the pipeline know what is shown, some slates at a time; answers that are being chosen finish with the old one."""
        with self._steering:
            self._shown.append(items)
            if len(self._shown) >= SLATES:
                release = replace(self._now.release, pipeline=self.pipeline.after(self._shown))
                self._now, self._shown = replace(self._now, release=release), []

    def similar(self, item: str, *, user: str = "", k: int = 10) -> Answer:
        """What stands beside a product page: the goods most like it, or most often chosen with it, and nothing for variety."""
        return self._recommended(beside_item(item, user, k))

    def goes_with(self, item: str, *, user: str = "", k: int = 10) -> Answer:
        """What goes well with a product: goods of other kinds that are taken together with it more often than by chance, the
        surest first, and nothing for variety; recorded as shown. Few goods or none where the log shows few.

        Raises `BadSetting` where no part of the plan finds that.
        """
        if self.pipeline.pairing is None:
            raise BadSetting("nothing here finds what goes well together; add 'complements' to the recipes of the blend")
        return self.answer(self.request(user, k=k, about=(item,), wish=Wish(diversity=0)), together=True)

    def search(self, words: str, *, user: str = "", k: int = 20) -> Answer:
        """What answers a query, the best match first; raises `BadInput` where it holds no words."""
        return self._recommended(searching(words, user, k))

    @property
    def kinds(self) -> Mapping[str, Mapping[str, int]]:
        """By column, categories first, the labels that goods share and how many bear each, the most frequent first."""
        columns = sorted(self._now.kinds.columns, key=lambda column: column != "category")
        return {column: self._now.kinds.counts(column) for column in columns}

    def among(self, column: str, value: str, *, user: str = "", k: int = 24, wish: Wish = AS_SET) -> Answer:
        """The goods of a kind that suit a person, recorded as shown; a cap on goods of this kind does not bind them.

        Raises `UnknownName` for a kind that the shop does not have.
        """
        now = self._now
        goods = now.kinds.goods(column, value)
        request = self.request(user, k=k, wish=replace(wish, at_most={column: k, **wish.at_most}))
        began = self.ticks()
        slate = now.pipeline([request], [Slate(goods, np.zeros(len(goods), np.float32))])[0]
        answer = self._told(now, request, Answered(slate, now.release.version, self.ticks() - began))
        terms = answer.terms if column in wish.at_most else without(answer.terms, f"at_most {column}")
        return self.record(replace(answer, terms=terms))

    def post(self, events: Sequence[Event]) -> int:
        """Put events into the log, all or none, and into the profiles; returns how many are new. The next slate knows of them.

        One whose id the log has already is not put there again, whoever sent it. Raises `UnknownItem` for an item that the shop
        does not have; nothing is put into the log then.
        """
        return self._register.post(events)

    def post_all(self, posts: Sequence[Sequence[Event]]) -> list[int | AssortmentError]:
        """The same for several posts in one transaction, each with its number or its error as it would have it alone."""
        return self._register.post_all(posts)

    def mute(self, user: str, column: str, value: str, muted: bool = True) -> tuple[Muted, ...]:
        """Show a person no goods of a kind any more unless they ask for them, or take that back; what they then have muted.

        column, value: the kind, as in `brand`, `Acme`. Recorded in the log; the next slate knows of it. To say again what
        holds changes nothing. Raises `UnknownName` for a kind that the shop does not have, unless it stands muted.
        """
        return self._register.mute(user, column, value, muted, self.clock())

    def muted(self, user: str) -> tuple[Muted, ...]:
        """The kinds that a person has muted, the oldest first."""
        return self._register.muted(user)

    def forget(self, user: str) -> Mapping[str, int]:
        """Remove a person from the log and from memory; returns the rows removed by table."""
        return self._register.forget(user)

    def held(self, user: str) -> Held:
        """All that the store holds of a person."""
        return self._register.held(user)

    def item(self, item: str) -> Item:
        """A product; raises `UnknownItem` with the nearest id."""
        return self._now.shelf.item(self._now.shelf.number(item))

    def facts(self, item: str) -> dict[str, Value]:
        """What else the catalog knows of a product, by column; vectors are left out."""
        return self._now.shelf.facts(self._now.shelf.number(item))

    def user(self, user: str) -> Person:
        """What we hold of a person; of somebody unknown, nothing."""
        return self._register.person(user)

    def people(self, contains: str = "", most: int = 20) -> Sequence[tuple[str, int]]:
        """People in the log whose id contains these letters, and the number of their events, the most active first."""
        return self.store.people(contains, most)

    def tried(self, requests: Sequence[Request]) -> tuple[Answer, ...]:
        """What the pipeline chooses for requests, whatever experiments run; nothing is recorded, for nobody is shown it."""
        now = self._now
        slates = [first(slate, request.k) for slate, request in zip(now.pipeline(requests), requests, strict=True)]
        asked = zip(slates, requests, strict=True)
        return tuple(Answer("", one.user, one.time, self.version, cards(slate, now.shelf), slate.terms) for slate, one in asked)

    def trace(self, request: Request) -> tuple[Trace, ...]:
        """What each stage makes of a request. Nothing is recorded, for nobody is shown it."""
        now = self._now
        return traced(now.pipeline, request, now.shelf)


def _new_id() -> str:
    """The id of a slate: the milliseconds of its making and 80 bits that nobody can guess. Ids of one time lie side by side in
    the indices of the store, so that to record a lot changes few of their pages."""
    return f"{wall_clock():012x}{os.urandom(10).hex()}"


_COMING = BadInput("")
"""In the place of what is still to be answered."""
