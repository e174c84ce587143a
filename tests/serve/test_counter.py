"""Requests that wait and are served together."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from assortment.core.errors import BadInput, StoreError
from assortment.serve.counter import Busy, Counter, Late, Ticket


class Work:
    """Doubles numbers, a lot at a time, once it is let; 13 breaks a lot, 7 is an error of its own."""

    def __init__(self) -> None:
        self.let, self.begun = threading.Event(), threading.Event()
        self.lots: list[list[int]] = []
        self.done: list[int] = []

    def __call__(self, lot: Sequence[Ticket[int, int]]) -> list[int | Exception]:
        self.lots.append([ticket.asked for ticket in lot])
        self.begun.set()
        assert self.let.wait(20)
        if any(ticket.asked == 13 for ticket in lot):
            raise RuntimeError("thirteen")
        self.done += [ticket.asked for ticket in lot if ticket.claim()]
        return [BadInput("seven") if ticket.asked == 7 else 2 * ticket.asked for ticket in lot]


async def _asked(counter: Counter[int, int], *numbers: int) -> list[int | BaseException]:
    """Ask in this order."""
    tasks = []
    for number in numbers:
        tasks.append(asyncio.ensure_future(counter.ask(number)))
        await asyncio.sleep(0)
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_who_waits_meanwhile_is_the_next_lot_and_each_gets_their_own():
    work = Work()
    counter = Counter(work, lot=3)

    async def asked() -> list[int | BaseException]:
        first = asyncio.ensure_future(counter.ask(1))
        await asyncio.to_thread(work.begun.wait, 20)
        rest = asyncio.ensure_future(_asked(counter, 2, 3, 7, 4))
        while counter.waiting < 4:
            await asyncio.sleep(0)
        work.let.set()
        return [await first, *await rest]

    answers = asyncio.run(asked())
    assert work.lots == [[1], [2, 3, 7], [4]]
    assert answers[:3] == [2, 4, 6]
    assert isinstance(answers[3], BadInput)
    assert answers[4] == 8


def test_who_has_their_answer_and_asks_again_at_once_is_in_the_next_lot():
    work = Work()
    counter = Counter(work)

    async def asked() -> list[int]:
        first = asyncio.ensure_future(_one_after_another(counter, 1, 3))
        await asyncio.to_thread(work.begun.wait, 20)
        second = asyncio.ensure_future(counter.ask(2))
        await asyncio.sleep(0)
        work.let.set()
        return [await first, await second]

    assert asyncio.run(asked()) == [6, 4]
    assert work.lots == [[1], [2, 3]]


async def _one_after_another(counter: Counter[int, int], *numbers: int) -> int:
    answers = [await counter.ask(number) for number in numbers]
    return answers[-1]


def test_one_that_breaks_the_work_breaks_it_for_nobody_else():
    work = Work()
    work.let.set()
    counter = Counter(work)

    async def asked() -> list[int | BaseException]:
        return await _asked(counter, 13, 1, 2)

    broken, one, two = asyncio.run(asked())
    assert isinstance(broken, RuntimeError)
    assert (one, two) == (2, 4)


def test_where_too_many_wait_the_next_is_told_to_come_back():
    work = Work()
    counter = Counter(work, room=2)

    async def asked() -> None:
        first = asyncio.ensure_future(counter.ask(1))
        await asyncio.to_thread(work.begun.wait, 20)
        waiting = [asyncio.ensure_future(counter.ask(number)) for number in (2, 3)]
        await asyncio.sleep(0)
        with pytest.raises(Busy, match="2 requests wait already"):
            await counter.ask(4)
        work.let.set()
        assert await asyncio.gather(first, *waiting) == [2, 4, 6]

    asyncio.run(asked())
    assert work.done == [1, 2, 3]


def test_what_was_not_begun_in_time_is_never_done():
    work = Work()
    counter = Counter(work, patience=0.02)

    async def asked() -> None:
        with pytest.raises(Late, match=r"longer than 0\.02 seconds"):
            await counter.ask(1)
        work.let.set()

    asyncio.run(asked())
    counter._pool.shutdown()
    assert (work.lots, work.done) == ([[1]], [])


def test_what_is_being_done_is_waited_for_as_long_again_and_then_in_doubt():
    let = threading.Event()

    def work(lot: Sequence[Ticket[int, int]]) -> list[int | Exception]:
        assert lot[0].claim()
        assert let.wait(20)
        return [1]

    async def asked() -> None:
        with pytest.raises(StoreError, match="is not known"):
            await Counter(work, patience=0.02).ask(1)
        let.set()

    asyncio.run(asked())


def test_who_goes_away_is_not_served():
    work = Work()
    counter = Counter(work)

    async def asked() -> None:
        first = asyncio.ensure_future(counter.ask(1))
        await asyncio.to_thread(work.begun.wait, 20)
        second = asyncio.ensure_future(counter.ask(2))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        work.let.set()
        assert await first == 2
        assert await counter.ask(3) == 6

    asyncio.run(asked())
    assert work.done == [1, 3]
