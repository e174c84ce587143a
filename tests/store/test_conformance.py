"""What any store must do, whatever its database."""

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect, select, text

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput, StoreError, UnknownName
from assortment.core.events import KINDS, Event, Shown
from assortment.core.mutes import Muting, standing
from assortment.core.profile import fold
from assortment.store import tables
from assortment.store.sql import open_store
from tests import world


def everything(store) -> str:
    """All that the store holds, as one text."""
    with store.engine.connect() as connection:
        return json.dumps(
            [[list(row) for row in connection.execute(select(table))] for table in tables.metadata.tables.values()]
        )


def empty(store) -> None:
    with store.engine.begin() as connection:
        for table in (
            tables.event,
            tables.slate,
            tables.shown,
            tables.item,
            tables.field,
            tables.mute,
            tables.change,
            tables.person,
        ):
            connection.execute(table.delete())


def slate(name="s1", user="ann", time=5, items=("t0", "r1"), propensity=(0.25, 1.0), arm="a") -> Shown:
    return Shown(name, time, user, arm, items, propensity)


# The log


def test_history_is_by_time_and_then_by_arrival(store):
    store.append([Event("ann", "late", "view", 9), Event("ann", "first", "cart", 3), Event("bob", "other", "view", 3)])
    store.append([Event("ann", "second", "view", 3)])
    assert [event.item for event in store.history("ann")] == ["first", "second", "late"]


def test_events_are_by_time_and_then_by_arrival(store):
    store.append([Event("ann", "c", "view", 9), Event("bob", "a", "cart", 3)])
    store.append([Event("ann", "b", "view", 3)])
    events = store.events(Ids(("a", "b", "c")))
    assert events.item.tolist() == [0, 1, 2]
    assert events.time.tolist() == [3, 3, 9]
    assert [events.people.names[user] for user in events.user] == ["bob", "ann", "ann"]
    assert [KINDS[kind] for kind in events.kind] == ["cart", "view", "view"]


ids = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
log = st.lists(
    st.builds(
        Event,
        st.sampled_from(["ann", "O'Neill; DROP TABLE event --", '"quoted"\\', "顾客", "🧑‍🚀", " "]) | ids,
        ids,
        st.sampled_from(KINDS),
        st.integers(0, 5) | st.integers(0, 2**63 - 1),
        st.none() | st.floats(allow_nan=False, width=32),
        st.none() | ids,
        st.none(),
    ),
    max_size=8,
)


def test_what_is_appended_is_read_back(store):
    @given(log)
    def reads_back(events):
        empty(store)
        assert store.append(events) == len(events)
        for user in {event.user for event in events}:
            theirs = [event for event in events if event.user == user]
            assert store.history(user) == sorted(theirs, key=lambda event: event.time)
        names = Ids(tuple({event.item: None for event in events}))
        read = store.events(names)
        in_order = sorted(events, key=lambda event: event.time)
        assert [names.names[item] for item in read.item] == [event.item for event in in_order]
        assert [read.people.names[user] for user in read.user] == [event.user for event in in_order]
        assert read.slate.tolist() == [event.slate for event in in_order]
        values = [np.nan if event.value is None else event.value for event in in_order]
        np.testing.assert_array_equal(read.value, np.array(values, np.float32))

    reads_back()


def test_a_log_in_bulk_is_read_back_as_it_was(store):
    dataset = world.dataset()
    assert store.append_log(dataset.events, dataset.catalog.ids) == 60
    read = store.events(dataset.catalog.ids)
    for name in ("time", "item", "kind", "value", "slate"):
        np.testing.assert_array_equal(getattr(read, name), getattr(dataset.events, name))
    assert {user: profile.recent.tolist() for user, profile in fold(read).items()} == {
        user: profile.recent.tolist() for user, profile in dataset.profiles().items()
    }


def test_a_log_in_bulk_comes_after_what_is_there(store):
    dataset = world.dataset()
    store.append([Event("tea0", "t0", "hide", int(dataset.events.time[0]))])
    store.append_log(dataset.events, dataset.catalog.ids)
    store.append_log(dataset.events.take(slice(0, 2)), dataset.catalog.ids)
    assert store.history("tea0")[0].kind == "hide"
    assert {index["name"] for index in inspect(store.engine).get_indexes("event")} == {"event_id", "event_person"}
    assert sum(number for _, number in store.people(most=100)) == 63


def test_since_is_kept_and_before_is_left(store):
    store.append([Event("ann", "a", "view", time) for time in (3, 5, 7)])
    assert store.events(Ids(("a",)), since=5).time.tolist() == [5, 7]


def test_items_outside_the_ids_are_left_out_and_that_is_said(store, caplog):
    store.append([Event("ann", "gone", "view", 1), Event("bob", "a", "view", 2), Event("cid", "gone", "view", 3)])
    events = store.events(Ids(("a",)))
    assert events.people.names == ("bob",)
    assert "2 events of 1 items" in caplog.text
    assert store.unknown_items(Ids(("a",))) == {"gone": 2}


def test_an_empty_store_has_an_empty_log_and_catalog(store):
    assert len(store.events(Ids(("a",)))) == 0
    assert len(store.catalog()) == 0
    assert store.history("nobody") == []
    assert store.shown() == []
    assert store.people() == []
    assert store.append([]) == 0


@pytest.mark.parametrize(
    ("bad", "error", "says"),
    [
        (Event("", "a", "view", 1), BadInput, "at least one character"),
        (Event("ann", "a\0b", "view", 1), BadInput, "NUL"),
        (Event("ann", "\ud800", "view", 1), BadInput, "Unicode"),
        (Event("x" * 2000, "a", "view", 1), BadInput, "1000 bytes"),
        (Event("ann", "a", "vieuw", 1), UnknownName, "did you mean 'view'"),
        (Event("ann", "a", "view", -1), BadInput, "0 or more"),
        (Event("ann", "a", "view", 2**63), BadInput, "milliseconds"),
        (Event("ann", "a", "view", 1.5), BadInput, "whole number"),
        (Event("ann", "a", "view", 1, "many"), BadInput, "value"),
        (Event("ann", "a", "view", 1, None, ""), BadInput, "slate"),
        (Event("ann", "a", "view", 1, None, None, ""), BadInput, "the id of an event"),
    ],
)
def test_one_bad_event_keeps_the_whole_batch_out(store, bad, error, says):
    with pytest.raises(error, match=says):
        store.append([Event("ann", "a", "view", 1), bad])
    assert store.people() == []


def test_a_batch_that_fails_in_the_database_leaves_nothing(store):
    """The second chunk of a log meets a table that refuses it; the first is taken back, and so is the index."""
    dataset = world.dataset()
    refuse = {
        "sqlite": "CREATE TRIGGER stop BEFORE INSERT ON event WHEN new.person = 'train5' BEGIN SELECT RAISE(ABORT, 'no'); END",
        "postgresql": "ALTER TABLE event ADD CHECK (person <> 'train5')",
    }
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text(refuse[store.engine.dialect.name]))
    with pytest.raises(StoreError):
        store.append_log(dataset.events, dataset.catalog.ids)
    assert store.people() == []
    assert store.append([Event("ann", "a", "view", 1)]) == 1


def test_numbers_outside_the_ids_are_refused(store):
    dataset = world.dataset()
    with pytest.raises(BadInput, match="an item of an event is outside 0 to 2"):
        store.append_log(dataset.events, Ids(("t0", "t1", "t2")))


def test_numpy_numbers_are_numbers(store):
    store.append([Event("ann", "a", "rating", np.int64(7), np.float32(0.5))])
    assert store.history("ann") == [Event("ann", "a", "rating", 7, 0.5)]


def test_an_event_with_an_id_is_appended_once_by_whomever_and_whenever(url):
    """In the same batch, in a later one, after a restart; what has no id is always new."""
    one, other, nameless = (Event("ann", "a", "view", 1, None, None, name) for name in ("e1", "e2", None))
    with open_store(url) as store:
        assert store.append([one, nameless, one, nameless]) == 3
    with open_store(url) as store, open_store(url) as another:
        taken = store.take([other, one._replace(user="bob")])
        assert taken.new == (other,)
        assert another.append([other, one, nameless]) == 1
        assert [event.id for event in store.history("ann")] == ["e1", None, None, "e2", None]
        assert store.history("bob") == []


def test_the_same_events_from_many_at_once_are_appended_once(url):
    """In either order, which is how two transactions come to wait for one another."""
    events = [Event(f"u{n % 3}", "a", "view", n, None, None, f"e{n}") for n in range(40)]

    def send(turn):
        with open_store(url) as store:
            return sum(store.append(events[start::4][:: 1 if turn % 2 else -1]) for start in range(4))

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(send, range(6))) == 40
    with open_store(url) as store:
        assert store.count() == 40


def test_a_mark_moves_with_what_it_is_of_and_with_nothing_else(url):
    with open_store(url) as store, open_store(url) as other:
        before = store.mark("ann")
        other.append([Event("bob", "a", "view", 1)])
        assert store.mark("ann") == before
        for number, write in enumerate(
            (
                lambda: other.append([Event("ann", "a", "view", 1), Event("ann", "b", "view", 2)]),
                lambda: other.mute(Muting("ann", "brand", "Leaf", True, 1)),
            ),
            1,
        ):
            write()
            assert store.mark("ann") == before._replace(person=number)
        other.forget("ann")
        assert store.mark("ann") == before._replace(log=1)
        other.append_log(world.dataset().events, world.dataset().catalog.ids)
        assert store.mark("ann") == before._replace(log=2)
        other.put_catalog(world.catalog())
        assert store.mark("ann") == before._replace(log=2, goods=1)
        assert store.held("bob") == (store.mark("bob"), [Event("bob", "a", "view", 1)], [])


# The people


def test_people_are_most_active_first_and_found_by_a_part_of_their_id(store):
    for name, number in (("Ann", 2), ("bob_1", 3), ("bobx1", 1), ("Ute", 2)):
        store.append([Event(name, "a", "view", n) for n in range(number)])
    assert store.people() == [("bob_1", 3), ("Ann", 2), ("Ute", 2), ("bobx1", 1)]
    assert store.people(most=1) == [("bob_1", 3)]
    assert store.people("NN") == [("Ann", 2)]
    assert store.people("b_1") == [("bob_1", 3)], "a _ stands for itself"


# The catalog


def test_a_catalog_is_read_back(store):
    columns = {
        "title": strings(["绿茶 🍵", None, 'the "quoted"\0']),
        "price": np.array([1.1, np.nan, 1e300]),
        "stock": np.array([3, 0, 2**40]),
        "fragile": np.array([True, False, True]),
        "nothing": strings([None, None, None]),
        "no number": np.full(3, np.nan),
    }
    store.put_catalog(Catalog(Ids(("z", "a", "m")), columns))
    read = store.catalog()
    assert read.ids.names == ("z", "a", "m")
    assert list(read.columns) == list(columns)
    for name, values in columns.items():
        np.testing.assert_array_equal(read.column(name), values)
    assert read.column("fragile").dtype == bool
    assert read.column("no number").dtype == np.float64


def test_a_catalog_put_again_replaces_whole_items_and_keeps_their_places(store):
    store.put_catalog(Catalog(Ids(("a", "b")), {"title": strings(["A", "B"]), "price": np.array([1.0, 2.0])}))
    store.put_catalog(Catalog(Ids(("c", "a")), {"title": strings(["C", "new A"]), "new": np.array([True, False])}))
    read = store.catalog()
    assert read.ids.names == ("a", "b", "c")
    assert read.column("title").tolist() == ["new A", "B", "C"]
    np.testing.assert_array_equal(read.column("price"), [np.nan, 2, np.nan])
    np.testing.assert_array_equal(read.column("new"), [0, np.nan, 1])


def test_a_column_that_no_item_has_any_more_is_gone(store):
    store.put_catalog(Catalog(Ids(("a",)), {"price": np.array([1.0])}))
    store.put_catalog(Catalog(Ids(("a",)), {"price": strings(["1 EUR"])}))
    assert store.catalog().column("price").tolist() == ["1 EUR"]


def test_a_column_of_another_kind_is_refused_while_goods_of_the_first_stay(store):
    store.put_catalog(Catalog(Ids(("a", "b")), {"price": np.array([1.0, 2.0])}))
    with pytest.raises(BadInput, match="'price' holds text, and numbers for 1 goods"):
        store.put_catalog(Catalog(Ids(("b", "c")), {"price": strings(["dear", "cheap"])}))
    assert store.catalog().ids.names == ("a", "b")
    np.testing.assert_array_equal(store.catalog().column("price"), [1, 2])


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (np.zeros((1, 3), np.float32), "vectors"),
        (np.array([np.inf]), "infinite for 'a'"),
        (strings([3]), "holds 3 for 'a'"),  # type: ignore[list-item]
        (np.array(["2020"], "datetime64[Y]"), "datetime64"),
    ],
)
def test_what_a_column_cannot_hold_is_refused(store, column, says):
    with pytest.raises(BadInput, match=says):
        store.put_catalog(Catalog(Ids(("a",)), {"odd": column}))


# What was shown


def test_a_slate_is_read_back_in_its_order(store):
    first, second = slate(), slate("s2", "bob", 4, ("r1", "t0", "t0"), (1.0, 0.5, 0.5))
    store.show(first)
    store.show(second)
    store.show(slate("s3", "", 6, (), ()))
    assert store.shown() == [second, first, slate("s3", "", 6, (), ())]
    assert store.shown(user="ann") == [first]
    assert store.shown(slate="s2") == [second]
    assert store.shown(slate="s2", user="ann") == []


def test_a_slate_is_recorded_once(store):
    store.show(slate())
    with pytest.raises(BadInput, match="'s1' is recorded already"):
        store.show(slate(items=("x",), propensity=(1.0,)))
    assert store.shown() == [slate()]


@pytest.mark.parametrize("propensity", [(0.0, 1.0), (1.5, 1.0), (float("nan"), 1.0), (1.0,)])
def test_a_propensity_is_a_probability_for_each_item(store, propensity):
    with pytest.raises(BadInput, match="propensit"):
        store.show(slate(propensity=propensity))
    assert store.shown() == []


# The person


def test_forgetting_leaves_no_trace_of_the_person_and_all_of_the_others(store):
    for name in ("vanishing-zoe", "ann"):
        store.append([Event(name, "t0", "view", n) for n in range(3)])
        store.show(slate(f"of-{name}", name))
        store.mute(Muting(name, "brand", "zoe's" if name == "vanishing-zoe" else "Leaf", True, 3))
    before = store.history("ann"), store.shown(user="ann"), store.mutings("ann")
    assert store.forget("vanishing-zoe") == {"event": 3, "shown": 2, "slate": 1, "mute": 1, "person": 0}
    assert "zoe" not in everything(store)
    assert (store.history("ann"), store.shown(user="ann"), store.mutings("ann")) == before
    assert store.forget("vanishing-zoe") == {"event": 0, "shown": 0, "slate": 0, "mute": 0, "person": 0}


def test_what_is_muted_and_taken_back_is_read_in_the_order_in_which_it_was_said(url):
    """The clock may have gone back between two words; the later word still counts."""
    said = [
        Muting("ann", "cluster", "Mug, tea ☕", True, 9, ("t0", "O'Neill")),
        Muting("ann", "brand", "Leaf", True, 9),
        Muting("ann", "brand", "Leaf", False, 3),
    ]
    with open_store(url) as store:
        for muting in said:
            store.mute(muting)
        store.mute(Muting("bob", "brand", "Leaf", True, 1))
    with open_store(url) as store:
        assert store.mutings("ann") == said
        assert standing(store.mutings("ann")) == (said[0],)
        assert store.mutings("nobody") == []


@pytest.mark.parametrize("part", ["user", "column", "value"])
def test_a_mute_that_says_nothing_is_refused(store, part):
    with pytest.raises(BadInput, match="an id is a text"):
        store.mute(replace(Muting("ann", "brand", "Leaf", True, 1), **{part: ""}))
    assert store.mutings("ann") == []


# Many at once


def test_readers_see_whole_batches_while_a_writer_writes(store):
    batch, batches = 20, 25
    done = threading.Event()

    def write():
        for number in range(batches):
            store.append([Event("ann", "a", "view", number)] * batch)
        done.set()

    def read():
        seen = [0]
        while not done.is_set() and seen[-1] < batch * batches:
            seen.append(len(store.events(Ids(("a",)))))
        return seen

    with ThreadPoolExecutor(3) as threads:
        readers = [threads.submit(read) for _ in range(2)]
        threads.submit(write).result()
        for reader in readers:
            seen = reader.result()
            assert seen == sorted(seen)
            assert all(count % batch == 0 for count in seen)
    assert len(store.history("ann")) == batch * batches


def test_writers_in_many_threads_all_get_their_turn(store):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: store.append([Event(f"u{n % 4}", "a", "view", n)]), range(80)))
    assert store.people() == [(f"u{n}", 20) for n in range(4)]


def test_a_store_may_be_opened_new_by_many_at_once(url):
    def open_and_append(number):
        with open_store(url) as store:
            return store.append([Event("ann", "a", "view", number)])

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(open_and_append, range(6))) == 6


# Death

MORTALS = """
import os, sys
import numpy as np
from assortment.core.arrays import Ids
from assortment.core.events import Event, Events
from assortment.store.sql import open_store

def live(url, start):
    store = open_store(url)
    print(os.getpid(), flush=True)
    seven = np.zeros(7, np.int32)
    for number in range(start, start + 1_000_000):
        names = [f"{number}-{part}" for part in range(7)]
        if number % 2:
            store.append([Event("ann", name, "view", number) for name in names])
        else:
            log = Events(Ids(["ann"]), seven + np.int64(number), seven, np.arange(7, dtype=np.int32), seven.astype(np.int8),
                         np.ones(7, np.float32), np.full(7, None, object))
            store.append_log(log, Ids(names))
        print(number, flush=True)

for line in sys.stdin:
    url, start = line.split()
    child = os.fork()
    if not child:
        live(url, int(start))
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


@pytest.fixture(scope="module")
def mortals():
    """A program that appends and says so, in a new process each time, until that one is killed."""
    with subprocess.Popen([sys.executable, "-c", MORTALS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        yield program
        program.stdin.close()


def test_what_was_acknowledged_survives_a_kill_and_no_batch_is_torn(url, mortals):
    random, start = Random(7), 0
    for _ in range(12):
        print(url, start, file=mortals.stdin, flush=True)
        process = int(mortals.stdout.readline())
        acknowledged = [int(mortals.stdout.readline()) for _ in range(random.randint(1, 40))]
        os.kill(process, signal.SIGKILL)
        acknowledged += [int(line) for line in iter(mortals.stdout.readline, "dead\n")]
        with open_store(url) as store:
            there = [event.item for event in store.history("ann")]
        numbers = list(dict.fromkeys(int(item.split("-")[0]) for item in there))
        assert numbers[: acknowledged[-1] + 1] == list(range(acknowledged[-1] + 1))
        assert there == [f"{number}-{part}" for number in numbers for part in range(7)]
        start = numbers[-1] + 1
