"""Who was here last, what the log holds of them, and what they muted."""

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from threading import Lock
from typing import NamedTuple

import numpy as np

from assortment.core.arrays import Ids, strings
from assortment.core.events import KINDS, Event, Events
from assortment.core.mutes import Muting, standing
from assortment.core.profile import NOBODY, Profile, fold
from assortment.serve.kinds import Kinds
from assortment.serve.written import digest, read, written
from assortment.store.append import Appended
from assortment.store.marks import Mark
from assortment.store.sql import Store

SINCE = 100
"""So many events of a person are kept to be folded in later; with more the profile is folded anew, from the log."""


class _Held(NamedTuple):
    """A profile that is kept. mark: where things stand for the person; since: what they did after the profile was folded, which
    is folded in when they are next asked for."""

    mark: Mark
    profile: Profile
    since: tuple[Event, ...] = ()

    @property
    def last(self) -> int:
        """The time of the last that they did."""
        return self.since[-1].time if self.since else self.profile.last


class Profiles:
    """The profiles of those who were here last, each the fold of what the log holds of them, and of what they muted.

    One that is kept is used only as long as the store's own count of what happened to the person stands where it stood, so that
    what another process writes is seen with the next request.
    """

    def __init__(self, store: Store, ids: Ids, kinds: Kinds, most: int) -> None:
        self._store = store
        self._ids = ids
        self._kinds = kinds
        self._most = most
        self._lock = Lock()
        self._held: OrderedDict[str, _Held] = OrderedDict()

    def of(self, user: str) -> Profile:
        """The profile of a person as things stand for them."""
        return self.of_all({user: self._store.mark(user)})[user]

    def of_all(self, marks: Mapping[str, Mark]) -> dict[str, Profile]:
        """The profiles of people, by where things stand for each; those not at hand are read together. "" is nobody."""
        found = {user: self._known(user, mark) for user, mark in marks.items()}
        folded = self._folded([user for user, profile in found.items() if profile is None])
        return {user: profile or folded[user] for user, profile in found.items()}

    def _known(self, user: str, mark: Mark) -> Profile | None:
        """The profile that need not be read from the log."""
        return (self._at_hand(user, mark) or self._beside(user, mark)) if user else NOBODY

    def _at_hand(self, user: str, mark: Mark) -> Profile | None:
        with self._lock:
            held = self._held.get(user)
            if held is None or not _same(held.mark, mark):
                return None
            if held.since:
                held = self._held[user] = _Held(held.mark, self._folded_in(user, held))
            self._held.move_to_end(user)
            return held.profile

    def _folded_in(self, user: str, held: _Held) -> Profile:
        return fold(events_of(user, held.since, self._ids), {user: held.profile})[user]

    def _keep(self, user: str, mark: Mark, profile: Profile) -> Profile:
        with self._lock:
            self._held[user] = _Held(mark, profile)
            self._held.move_to_end(user)
            if len(self._held) > self._most:
                self._held.popitem(last=False)
        return profile

    def happened(self, taken: Appended) -> None:
        """Take note of what the log has taken. A profile that does not stand just before it, or an event that is not later than
        the last, is left to be folded anew, from the log."""
        theirs: dict[str, list[Event]] = {user: [] for user in taken.people}
        for event in taken.new:
            theirs[event.user].append(event)
        with self._lock:
            for user, events in theirs.items():
                held = self._held.pop(user, None)
                if held is not None and held.mark.person == taken.people[user] - 1 and self._follow(held, events):
                    mark = held.mark._replace(person=taken.people[user])
                    self._held[user] = _Held(mark, held.profile, (*held.since, *events))

    def _follow(self, held: _Held, events: Sequence[Event]) -> bool:
        """Whether these are of known goods, each later than the one before, and not too many."""
        times = [held.last, *(event.time for event in events)]
        in_order = all(one < other for one, other in pairwise(times))
        return in_order and len(held.since) + len(events) <= SINCE and all(event.item in self._ids for event in events)

    def fold(self, history: Sequence[Event]) -> Profile:
        """The profile of somebody who did this, in order of time."""
        return fold(events_of("", history, self._ids)).get("", NOBODY)

    def drop(self, user: str) -> None:
        with self._lock:
            self._held.pop(user, None)

    def _folded(self, users: Sequence[str]) -> dict[str, Profile]:
        """The folds of what the log holds of people, which are kept from now on."""
        if not users:
            return {}
        marks, events, mutings = self._store.past(users, self._ids)
        mutes = {user: standing(mutings.get(user, ())) for user in users}
        before = {user: Profile(muted=self._kinds.all_meant(theirs)) if theirs else NOBODY for user, theirs in mutes.items()}
        profiles = fold(events, before)
        for user in users:
            self._keep(user, marks[user], profiles[user])
            self._put_beside(user, marks[user], profiles[user], mutes[user])
        return profiles

    def _put_beside(self, user: str, mark: Mark, profile: Profile, mutes: Sequence[Muting]) -> None:
        if self._store.cache is not None and profile is not NOBODY:
            self._store.cache.write(user, written(profile, mutes, mark, self._goods))
            if not _same(self._store.mark(user), mark):
                self._store.cache.drop(user)

    def _beside(self, user: str, mark: Mark) -> Profile | None:
        """The profile that is kept beside the store, where it is of these goods and this moment and its mutes mean the same."""
        text = self._store.cache.read(user) if self._store.cache is not None else None
        found = read(text, user, mark, self._goods) if text is not None else None
        if found is None or not np.array_equal(found[0].muted, self._kinds.all_meant(found[1])):
            return None
        return self._keep(user, mark, found[0])

    @cached_property
    def _goods(self) -> str:
        return digest(self._ids)


def _same(one: Mark, other: Mark) -> bool:
    """Whether what is held of a person has not changed in between; the goods have their own count."""
    return (one.log, one.person) == (other.log, other.person)


def events_of(user: str, history: Sequence[Event], ids: Ids) -> Events:
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
