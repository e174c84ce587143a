"""What a client of Gorse asks for, done with our service."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assortment.core.errors import UnknownName
from assortment.core.events import KINDS, REFUSING, Event
from assortment.core.request import Wish
from assortment.serve.answers import Answer
from assortment.serve.doors.goods import Cell, catalog_of
from assortment.serve.doors.read import not_ahead, not_before
from assortment.serve.gorse.words import FeedbackIn, item_out, user_out
from assortment.serve.service import MOST, Service
from assortment.store import rows

POPULAR = tuple(kind for kind in KINDS if kind not in REFUSING)


class Missing(UnknownName):
    """Somebody or something that is not there."""


@dataclass(frozen=True)
class GorseShop:
    """Our shop as Gorse would be spoken to."""

    service: Service
    _writing: threading.Lock = field(default_factory=threading.Lock)

    # Goods

    def put(self, cells: Mapping[str, Mapping[str, Cell]]) -> int:
        """Say of goods what these cells say, and let the rest stand; new ones come into the catalog."""
        with self._writing:
            there = rows.known(self.service.store, list(cells))
            self.service.put(catalog_of({item: {**there.get(item, {}), **told} for item, told in cells.items()}))
        return len(cells)

    def item(self, item: str) -> dict[str, Any]:
        known = rows.known(self.service.store, [item])
        if item not in known:
            raise Missing(f"no item '{item}'")
        return item_out(item, known[item])

    def patch(self, item: str, cells: Mapping[str, Cell]) -> int:
        self.item(item)
        return self.put({item: cells})

    def items(self, after: str, most: int) -> tuple[str, list[dict[str, Any]]]:
        """A page of goods, and the cursor of the next, "" after the last."""
        start = int(after or 0)
        names = self.service.store.catalog().ids.names
        page = names[start : start + most]
        known = rows.known(self.service.store, page)
        return (str(start + most) if start + most < len(names) else ""), [item_out(item, known[item]) for item in page]

    # People

    def say(self, people: Mapping[str, Mapping[str, Any]]) -> int:
        rows.say(self.service.store, {self.service.known_as(user): told for user, told in people.items()})
        return len(people)

    def user(self, user: str) -> dict[str, Any]:
        """A person of whom the shop said something, or who did something."""
        named = self.service.known_as(user)
        known = rows.said(self.service.store, named)
        if known is None and not self.service.store.history(named):
            raise Missing(f"no user '{user}'")
        return user_out(user, known or {})

    def users(self, after: str, most: int) -> tuple[str, list[dict[str, Any]]]:
        page = rows.said_after(self.service.store, after, most)
        return (list(page)[-1] if len(page) == most else ""), [user_out(user, known) for user, known in page.items()]

    # Feedback

    def feed(self, feedback: Sequence[FeedbackIn], *, over: bool = False) -> int:
        """Take feedback; goods that there are not yet come into the catalog by their id, as with Gorse. What is there already
        is left as it is or, where `over`, gives way."""
        now = self.service.clock()
        events = [one.event(place, now) for place, one in enumerate(feedback)]
        for place, event in enumerate(events):
            not_ahead(f"{place}.Timestamp", event.time, now)
            not_before(f"{place}.Timestamp", event.time)
        unknown = [event.item for event in events if event.item not in self.service.catalog.ids]
        if unknown:
            self.put({item: {} for item in unknown})
        if over:
            rows.give_way(self.service.store, [event.id for event in events if event.id])
        return self.service.post(events)

    def feedback(self, after: str, most: int, **like: str) -> tuple[str, list[Event]]:
        if "person" in like:
            like["person"] = self.service.known_as(like["person"])
        found = rows.events_after(self.service.store, int(after or 0), most, **like)
        return (str(found[-1][0]) if len(found) == most else ""), [event for _, event in found]

    def retract(self, user: str, item: str) -> int:
        """Take back all that a person did with an item."""
        return rows.retract(self.service.store, self.service.known_as(user), item)

    # Slates

    def recommend(self, user: str, category: str, offset: int, n: int) -> Answer:
        """The slate for a person, of a category if one is named; what is answered is recorded."""
        k = MOST if category else min(MOST, offset + n)
        return self._shown(self.service.choose(self.service.request(user, k=k)), category, offset, n)

    def neighbours(self, item: str, category: str, offset: int, n: int) -> Answer:
        k = MOST if category else min(MOST, offset + n)
        request = self.service.request(about=[item], k=k, wish=Wish(diversity=0))
        return self._shown(self.service.choose(request), category, offset, n)

    def session(self, feedback: Sequence[FeedbackIn], category: str, offset: int, n: int) -> Answer:
        """A slate for somebody of whom only these deeds are known; nothing of them is kept."""
        profile = self.service.profile_of([one.event(place, self.service.clock()) for place, one in enumerate(feedback)])
        request = replace(self.service.request(k=MOST if category else min(MOST, offset + n)), profile=profile)
        return self._shown(self.service.choose(request), category, offset, n)

    def _shown(self, answer: Answer, category: str, offset: int, n: int) -> Answer:
        cards = [card for card in answer.cards if not category or category in (card.item.category or "").split("|")]
        part = tuple(replace(card, place=place) for place, card in enumerate(cards[offset : offset + n], 1))
        return self.service.record(replace(answer, cards=part, terms=None))

    def popular(self, category: str, offset: int, n: int) -> list[tuple[str, float]]:
        """What most was done with."""
        counts = rows.counts(self.service.store, POPULAR)
        listed = [(item, float(number)) for item, number in counts.items() if self._shows(item, category)]
        return listed[offset : offset + n]

    def latest(self, category: str, offset: int, n: int) -> list[tuple[str, float]]:
        """The goods that came last, by the moment that the shop gives or else by their arrival."""
        names = self.service.catalog.ids.names
        moments = self.service.catalog.columns.get("timestamp", [None] * len(names))
        order = sorted(range(len(names)), key=lambda number: (str(moments[number] or ""), number), reverse=True)
        listed = [(names[number], float(number)) for number in order if self._shows(names[number], category)]
        return listed[offset : offset + n]

    def _shows(self, item: str, category: str) -> bool:
        """Whether an item may be listed: it is there, not hidden, and of the category."""
        if item not in self.service.catalog.ids:
            return False
        stock = self.service.facts(item).get("stock")
        in_stock = not isinstance(stock, float) or stock > 0
        return in_stock and (not category or category in (self.service.item(item).category or "").split("|"))
