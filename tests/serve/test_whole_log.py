"""What the console counts in the database is what it would be read row by row."""

import logging
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest

from assortment.console.overtime import over_time
from assortment.console.review import Queue
from assortment.core.arrays import strings
from assortment.core.dataset import Dataset
from assortment.core.events import KINDS, Event, Shown
from assortment.core.pipeline import Pipeline
from assortment.serve.service import Service
from assortment.store.overview import answers, how_many_shown, liked_by
from assortment.store.sql import Store, open_store
from assortment.understand.account import doubts
from tests import world
from tests.serve import goods
from tests.servers import postgresql_server, postgresql_url

__all__ = ["postgresql_server", "postgresql_url"]

DAY = world.DAY
FIRST, NOW = world.START + 90 * DAY, world.START + 100 * DAY


@pytest.fixture(params=["sqlite", "postgresql"])
def busy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """300 slates over twenty days, some of them empty, answered by 600 events of all kinds: some before the days that count,
    some of slates or goods that are not there, some twice, some of no slate."""
    url = f"sqlite:///{tmp_path}/busy.db" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    random, items = Random(4), [*goods.catalog().ids.names, "gone"]
    with open_store(url) as store:
        store.put_catalog(goods.catalog())
        store.append(world.purchases())
        for number in range(300):
            some = tuple(random.sample(items[:13], random.choice([0, 1, 4])))
            time = NOW - random.randrange(20 * DAY)
            store.show(Shown(f"s{number}", time, random.choice(["", "tea1", "b"]), "v", some, (1.0,) * len(some)))
        events = [
            Event(
                random.choice(["tea1", "b"]),
                random.choice(items),
                random.choice(KINDS),
                NOW - random.randrange(20 * DAY),
                slate=random.choice([None, f"s{random.randrange(330)}"]),
            )
            for _ in range(600)
        ]
        store.append([*events, *events[:50]])
        yield store


def by_rows(store: Store, every: int = 1) -> set[tuple[str, str]]:
    """What answered each slate, read row by row."""
    shown = {one.slate for one in store.shown(since=FIRST, every=every)}
    events = store.events(store.catalog().ids, FIRST)
    return {(slate, KINDS[kind]) for slate, kind in zip(events.slate, events.kind, strict=True) if slate in shown}


def test_answers_and_numbers_are_those_of_the_rows(busy: Store, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.ERROR)
    shown = [one for one in busy.shown(since=FIRST) if one.items]
    assert how_many_shown(busy, FIRST) == (len(shown), len({one.user for one in shown}))
    assert len(shown) < len(busy.shown(since=FIRST)) < 300
    for every in (1, 3):
        found = answers(busy, FIRST, every)
        assert len(found) == len(set(found)) > 10
        assert set(found) == by_rows(busy, every)


def test_the_page_over_time_is_what_it_was(busy: Store, pipeline: Pipeline, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.ERROR)
    service = Service(pipeline, busy, clock=lambda: NOW)
    since = (NOW // DAY - 9) * DAY
    shown = [one for one in busy.shown(since=since) if one.items]
    events = busy.events(busy.catalog().ids, since)
    found = over_time(service, (), 10)
    assert (found.slates, found.people, found.every) == (len(shown), len({one.user for one in shown}), 1)
    for title, kinds in (("Taken from", {"click", "favourite", "cart", "purchase"}), ("Refused from", {"hide", "return"})):
        said = {slate for slate, kind in zip(events.slate, events.kind, strict=True) if slate and KINDS[kind] in kinds}
        days = [[one.slate in said for one in shown if one.time // DAY == since // DAY + day] for day in range(10)]
        (course,) = (one for one in found.courses if one.title == title)
        assert [dot.y for dot in course.plot.dots] == pytest.approx([np.mean(day) for day in days if day])


def test_of_many_slates_some_are_looked_at_and_that_is_said(busy: Store, pipeline: Pipeline):
    service = Service(pipeline, busy, clock=lambda: NOW)
    every, some = over_time(service, (), 10), over_time(service, (), 10, most=50)
    assert (some.slates, some.people) == (every.slates, every.people)
    assert some.every == -(-every.slates // 50)
    assert len(busy.shown(every=some.every)) == 300 // some.every


def test_the_review_queue_is_in_the_order_of_the_rows(busy: Store, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.ERROR)
    catalog = goods.catalog()
    names = ("unsure_brand", "unsure_brand_confidence")
    guessed = catalog.with_column(names[0], strings(["A"] * 13)).with_column(names[1], np.full(13, 0.5))
    log = busy.events(catalog.ids)
    rows = np.asarray(Dataset(catalog, log).matrix().sum(0)).ravel()
    assert {item: liked_by(busy).get(item, 0) for item in catalog.ids.names} == dict(
        zip(catalog.ids.names, rows.astype(int).tolist(), strict=True)
    )

    class Served:
        store = busy
        catalog = guessed

    assert Queue(Served())() == doubts(Dataset(guessed, log))  # type: ignore[arg-type]
