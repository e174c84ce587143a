"""Who was here last, what the log holds of them, and what they muted."""

import math
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from threading import Lock

import numpy as np

from assortment.core.arrays import Ids, strings
from assortment.core.errors import AssortmentError
from assortment.core.events import KINDS, Event, Events
from assortment.core.mutes import standing
from assortment.core.profile import NOBODY, Profile, fold
from assortment.serve.kinds import Kinds
from assortment.store.sql import Store


class Profiles:
    """The profiles of those who were here last, each the fold of what the log holds of them, and of what they muted."""

    def __init__(self, store: Store, ids: Ids, kinds: Kinds, most: int) -> None:
        self._store = store
        self._ids = ids
        self._kinds = kinds
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
        mutes = standing(self._store.mutings(user))
        before = Profile(muted=self._kinds.all_meant(mutes)) if mutes else NOBODY
        return fold(events_of(user, self._store.history(user), self._ids), {user: before})[user]


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
