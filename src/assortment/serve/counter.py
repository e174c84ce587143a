"""Where requests wait and are served together: those that wait while others are served are the next lot.

A lot costs less than its requests one by one: the pipeline works on arrays, and the log is committed once. Nobody waits for
a lot to fill: one that comes alone is served alone. Where too many wait, the next is told to come back; and who has waited too
long is told so, and what they asked for is not done, unless it is being done already.
"""

import asyncio
import contextvars
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeAlias, TypeVar

from assortment.core.errors import AssortmentError, StoreError, within

COURTESY = 0.1
"""Seconds that the next lot waits at the most until the answers of the last have gone out. Both need Python's lock; and who has
their answer may ask again, so that lots are larger and fewer."""

A = TypeVar("A")
R = TypeVar("R")


class Busy(AssortmentError):
    """Too much waits already; come back later."""


class Late(AssortmentError):
    """It was not begun in time, and will not be done."""


class Ticket(Generic[A, R]):
    """Somebody who waits. asked: what for; context: what was known of the request where it was asked."""

    def __init__(self, asked: A) -> None:
        self.asked = asked
        self.context = contextvars.copy_context()
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[R] = self.loop.create_future()
        self._lock = threading.Lock()
        self._settled: bool | None = None

    def claim(self) -> bool:
        """Whether they still wait; from now on they wait until it is done."""
        return self._settle(True)

    def give_up(self) -> bool:
        """Whether it is not being done yet; from now on it never will."""
        return self._settle(False)

    def _settle(self, done: bool) -> bool:
        with self._lock:
            if self._settled is None:
                self._settled = done
            return self._settled is done


Work: TypeAlias = Callable[[Sequence[Ticket[A, R]]], Sequence[R | Exception]]
"""Serves a lot: claims each ticket before what cannot be undone, and answers each, in order; an error is an answer."""


class Counter(Generic[A, R]):
    """Serves tickets in lots. patience: seconds that somebody waits, and as long again for what is being done; room: how many
    may wait; lot: how many are served together at the most."""

    def __init__(
        self, work: Work[A, R], *, patience: float = 2.0, room: int = 256, lot: int = 32, name: str = "counter"
    ) -> None:
        within("patience", patience, 0.001, 600)
        within("room", room, 1, 1_000_000)
        self._work = work
        self.patience = patience
        self.room = room
        self._lot = lot
        self._busy = False
        self._lock = threading.Lock()
        self._queue: deque[Ticket[A, R]] = deque()
        self._pool = ThreadPoolExecutor(1, name)
        self.told: Callable[[float], object] = float
        """Told how many were served together."""

    @property
    def waiting(self) -> int:
        """How many wait and are not yet being served."""
        return len(self._queue)

    async def ask(self, asked: A) -> R:
        """What the work answers; raises its error, `Busy` or `Late`, or `StoreError` where what is being done is slow."""
        ticket: Ticket[A, R] = Ticket(asked)
        self._put(ticket)
        timer = ticket.loop.call_later(self.patience, self._late, ticket)
        try:
            return await ticket.future
        finally:
            timer.cancel()
            ticket.give_up()

    def _late(self, ticket: Ticket[A, R]) -> None:
        if ticket.give_up():
            _answer(ticket.future, Late(f"this took longer than {self.patience:g} seconds; try again"))
        else:
            slow = StoreError(
                f"the log took longer than {self.patience:g} seconds; whether it has this is not known; try again"
            )
            ticket.loop.call_later(self.patience, _answer, ticket.future, slow)

    def _put(self, ticket: Ticket[A, R]) -> None:
        with self._lock:
            if len(self._queue) >= self.room:
                raise Busy(f"{self.room} requests wait already; try again in a second")
            self._queue.append(ticket)
            begins, self._busy = not self._busy, True
        if begins:
            self._pool.submit(self._serve)

    def _serve(self) -> None:
        while lot := self._next():
            lot[0].context.run(self._served, lot)

    def _next(self) -> list[Ticket[A, R]]:
        with self._lock:
            lot = [self._queue.popleft() for _ in range(min(self._lot, len(self._queue)))]
            self._busy = bool(lot)
        if lot:
            self.told(len(lot))
        return lot

    def _served(self, lot: Sequence[Ticket[A, R]]) -> None:
        """Serve a lot; where one of them breaks the work, each alone."""
        answers: Sequence[R | Exception]
        try:
            answers = self._work(lot)
        except Exception as error:  # noqa: BLE001 – whoever waits for it gets it
            if len(lot) > 1:
                for ticket in lot:
                    self._served([ticket])
                return
            answers = [error]
        by_loop = defaultdict(list)
        for ticket, answer in zip(lot, answers, strict=True):
            by_loop[ticket.loop].append((ticket.future, answer))
        for loop, answered in by_loop.items():
            if not loop.is_closed():
                gone = threading.Event()
                loop.call_soon_threadsafe(_answer_all, loop, answered, gone)
                gone.wait(COURTESY)


def _answer_all(
    loop: asyncio.AbstractEventLoop, answered: "Sequence[tuple[asyncio.Future[R], R | Exception]]", gone: threading.Event
) -> None:
    """Answer, and say when whoever waited has gone on with it."""
    for future, answer in answered:
        _answer(future, answer)
    loop.call_soon(gone.set)


def _answer(future: "asyncio.Future[R]", answer: R | Exception) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
