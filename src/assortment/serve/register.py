"""What people do and mute, as it goes into the log, and all that is held of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assortment.core.errors import AssortmentError, BadInput, UnknownName
from assortment.core.events import Event, Shown
from assortment.core.mutes import Muting, standing
from assortment.portrait.draw import Portraits
from assortment.serve.person import Muted, Person, person_of
from assortment.serve.profiles import events_of
from assortment.serve.serving import Serving
from assortment.serve.shelf import Shelf
from assortment.store import rows
from assortment.store.sql import Store


@dataclass(frozen=True)
class Held:
    """All that a store holds of a person: what they did, what they were shown, what they muted and took back, and what the shop
    said of them, None where nothing."""

    events: tuple[Event, ...]
    shown: tuple[Shown, ...]
    muted: tuple[Muting, ...]
    said: Mapping[str, Any] | None = None


class Register:
    """The people of a shop, in a log. known_as: what a person is called there; serving: what answers now; looked: called where
    an event names goods that what answers does not have, for another process may have put them there meanwhile."""

    def __init__(
        self, store: Store, known_as: Callable[[str], str], serving: Callable[[], Serving], looked: Callable[[], object]
    ) -> None:
        self._store = store
        self._known_as = known_as
        self._serving = serving
        self._looked = looked
        self._drawn: tuple[Shelf, Portraits] | None = None

    # What they do

    def post(self, events: Sequence[Event]) -> int:
        """As `Service.post`."""
        if any(event.item not in self._serving().pipeline.catalog.ids for event in events):
            self._looked()
        return len(self._take(self._known([self._of(event) for event in events])))

    def post_all(self, posts: Sequence[Sequence[Event]]) -> list[int | AssortmentError]:
        """As `Service.post_all`."""
        posts = [[self._of(event) for event in events] for events in posts]
        if len(posts) == 1:
            return [self._alone(posts[0])]
        try:
            new = {id(event) for event in self._take([event for events in posts for event in self._known(events)])}
        except (BadInput, UnknownName):
            return [self._alone(events) for events in posts]
        except AssortmentError as error:
            return [error] * len(posts)
        return [sum(id(event) in new for event in events) for events in posts]

    def _of(self, event: Event) -> Event:
        """An event of the person as the store knows them."""
        known = self._known_as(event.user)
        return event if known == event.user else event._replace(user=known)

    def _alone(self, events: Sequence[Event]) -> int | AssortmentError:
        try:
            return self.post(events)
        except AssortmentError as error:
            return error

    def _known(self, events: Sequence[Event]) -> Sequence[Event]:
        """The same events; raises `UnknownItem`."""
        for event in events:
            self._serving().shelf.number(event.item)
        return events

    def _take(self, events: Sequence[Event]) -> Sequence[Event]:
        """Put events into the log and into the profiles; those that are new."""
        profiles = self._serving().profiles
        taken = self._store.take(events)
        profiles.happened(taken)
        if self._serving().profiles is not profiles:
            self._serving().profiles.happened(taken)
        return taken.new

    # What they mute

    def mute(self, user: str, column: str, value: str, muted: bool, time: int) -> tuple[Muted, ...]:
        """As `Service.mute`; time: the moment."""
        known, kinds = self._known_as(user), self._serving().kinds
        stands = any((one.column, one.value) == (column, value) for one in standing(self._store.mutings(known)))
        goods = () if stands else kinds.some(column, value)
        if muted != stands:
            self._store.mute(Muting(known, column, value, muted, time, goods))
            self._serving().profiles.drop(known)
        return self.muted(user)

    def muted(self, user: str) -> tuple[Muted, ...]:
        """As `Service.muted`."""
        held, kinds = standing(self._store.mutings(self._known_as(user))), self._serving().kinds
        return tuple(Muted(one.column, one.value, one.time, len(kinds.meant(one))) for one in held)

    # What is held of them

    def held(self, user: str) -> Held:
        """All that the store holds of a person."""
        known = self._known_as(user)
        _, events, mutings = self._store.held(known)
        return Held(tuple(events), tuple(self._store.shown(user=known)), tuple(mutings), rows.said(self._store, known))

    def forget(self, user: str) -> Mapping[str, int]:
        """As `Service.forget`."""
        known = self._known_as(user)
        removed = self._store.forget(known)
        self._serving().profiles.drop(known)
        return removed

    def person(self, user: str) -> Person:
        """What we hold of a person; of somebody unknown, nothing."""
        now, known = self._serving(), self._known_as(user)
        profile = now.profiles.of(known)
        history = events_of(known, self._store.history(known), now.pipeline.catalog.ids)
        portrait = self._portraits(now)(history, profile.muted)
        return person_of(user, profile, portrait, self.muted(user), now.shelf)

    def _portraits(self, now: Serving) -> Portraits:
        """What portraits are drawn from, made when the first is asked for, and anew when other goods are there."""
        drawn = self._drawn
        if drawn is None or drawn[0] is not now.shelf:
            drawn = self._drawn = now.shelf, Portraits.of(now.pipeline.catalog, now.release.usual)
        return drawn[1]
