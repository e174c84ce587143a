"""Slates and events over counters: in time, and never more at once than can be done."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from assortment.core.errors import AssortmentError, StoreError
from assortment.core.events import Event
from assortment.serve.answers import Answer
from assortment.serve.counter import Counter, Late, Ticket
from assortment.serve.service import Ask, Chosen, Service


@dataclass(frozen=True)
class Bounds:
    """How much a server takes on. patience: seconds for a slate before what is popular is answered in its place; room: how many
    slates may wait, and how many posts of events; under_way: how many requests of all kinds; more are told to come back."""

    patience: float = 2.0
    room: int = 256
    under_way: int = 1024


class Desk:
    """Asks a service for slates and gives it events, on behalf of many at once."""

    def __init__(self, service: Service, bounds: Bounds | None = None) -> None:
        self.service = service
        self.bounds = bounds or Bounds()
        patience, room = self.bounds.patience, self.bounds.room
        self.slates = Counter(self._slates, patience=patience, room=room, name="slates")
        self.events = Counter(self._events, patience=max(10.0, patience), room=room, lot=128, name="events")
        self._spare = ThreadPoolExecutor(2, "spare")
        self.answered: Callable[[bool], object] = bool
        """Told of each slate whether it is what is popular instead."""
        self.taken: Callable[[int], object] = int
        """Told how many events the log has taken."""

    async def recommend(self, ask: Ask) -> Answer:
        """The slate for a person, recorded as shown; what is popular, by the same hard rules, where it takes too long.

        Raises `Busy` where too many wait, and `StoreError` where even that cannot be had in time.
        """
        try:
            answer = await self.slates.ask(ask)
        except Late as late:
            why = f"the slate took longer than {self.bounds.patience:g} seconds"
            answer = await self._in_time(ask, why, late)
        self.answered(answer.instead is not None)
        return answer if answer.user == ask.user else replace(answer, user=ask.user)

    async def _in_time(self, ask: Ask, why: str, late: Late) -> Answer:
        if not self.service.falls_back:
            raise StoreError(str(late)) from late
        loop = asyncio.get_running_loop()
        instead = loop.run_in_executor(self._spare, self._instead, ask, why)
        try:
            return await asyncio.wait_for(instead, self.bounds.patience)
        except TimeoutError as error:
            raise StoreError(f"{why}, and so did what is popular; try again") from error

    def _instead(self, ask: Ask, why: str) -> Answer:
        chosen = self.service.instead(ask, why, self.bounds.patience)
        self.service.record_all([chosen])
        return chosen.answer

    async def post(self, events: Sequence[Event]) -> int:
        """Put events into the log, all or none; how many are new. What is acknowledged is there."""
        try:
            new = await self.events.ask(events)
        except Late as late:
            raise StoreError(str(late)) from late
        self.taken(new)
        return new

    def _slates(self, lot: Sequence[Ticket[Ask, Answer]]) -> Sequence[Answer | Exception]:
        chosen = self.service.choose_all([ticket.asked for ticket in lot])
        kept = [one for ticket, one in zip(lot, chosen, strict=True) if isinstance(one, Chosen) and ticket.claim()]
        try:
            self.service.record_all(kept)
        except AssortmentError as error:
            return [error if isinstance(one, Chosen) else one for one in chosen]
        return [one.answer if isinstance(one, Chosen) else one for one in chosen]

    def _events(self, lot: Sequence[Ticket[Sequence[Event], int]]) -> Sequence[int | Exception]:
        claimed = [ticket for ticket in lot if ticket.claim()]
        answers = dict(zip(claimed, self.service.post_all([ticket.asked for ticket in claimed]), strict=True))
        return [answers.get(ticket, 0) for ticket in lot]
