"""Several servers on one store: they share nothing but it, so two services with a store each stand for two processes."""

from collections.abc import Iterator
from random import Random

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.events import Event
from assortment.core.request import Wish
from assortment.serve.service import Service
from assortment.store.sql import open_store
from tests import world
from tests.serve import goods

LATER = world.START + 100 * world.DAY
MUG = Catalog(Ids(["mug"]), {"title": strings(["green tea mug"]), "brand": strings(["leaf"]), "price": np.array([4.0])})


@pytest.fixture
def two(pipeline, store) -> Iterator[tuple[Service, Service]]:
    with open_store(str(store.engine.url)) as other:
        yield Service(pipeline, store), Service(pipeline, other)


def slate(service: Service, user: str) -> list[str]:
    return [card.item.item for card in service.recommend(user, k=20, wish=Wish(0.2)).cards]


def alike(one: Service, other: Service, user: str) -> None:
    mine, theirs = one.request(user).profile, other.request(user).profile
    for name in ("recent", "kinds", "times", "owned", "refused", "last", "muted"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name), err_msg=name)
    assert slate(one, user) == slate(other, user)


DEEDS = ("post", "post", "post", "twice", "mute", "forget", "bulk")


def happen(here: Service, deed: str, user: str, random: Random) -> None:
    ids = goods.catalog().ids.names
    time = LATER + random.randint(0, 9)
    if deed == "post":
        here.post([Event(user, random.choice(ids), random.choice(["view", "purchase", "hide"]), time)])
    elif deed == "twice":
        here.post([Event(user, ids[0], "view", LATER, None, None, f"e{random.randint(0, 3)}")])
    elif deed == "mute":
        here.mute(user, "category", "Tea", random.random() < 0.5)
    elif deed == "forget":
        here.forget(user)
    else:
        here.store.append_log(world.dataset().events.take(slice(0, 3)), here.catalog.ids)


def test_whatever_is_done_at_one_is_seen_at_the_other_with_the_next_request(two):
    random = Random(3)
    for _ in range(40):
        here, there = random.sample(two, 2)
        user = random.choice(["tea0", "new"])
        happen(here, random.choice(DEEDS), user, random)
        alike(here, there, user)


def test_goods_that_one_puts_are_shown_and_taken_by_the_other(two):
    here, there = two
    here.put(MUG)
    assert "mug" in slate(there, "stranger")
    assert there.search("green tea mug").cards[0].item.item == "mug"
    here.put(Catalog(Ids(["mug2"]), MUG.columns))
    assert there.post([Event("new", "mug2", "purchase", LATER)]) == 1, "asked about before it was ever shown there"
    alike(here, there, "new")


def test_a_clock_that_goes_backwards_loses_nothing(pipeline, store):
    clock = iter([LATER + 2 * world.DAY, LATER, LATER - 30 * world.DAY, 0, 0, 0])
    service = Service(pipeline, store, clock=lambda: next(clock))
    for item in ("t0", "r1"):
        service.post([Event("new", item, "purchase", service.clock())])
    answer = service.recommend("new", k=13)
    assert answer.time == LATER - 30 * world.DAY
    assert not {"t0", "r1"} & {card.item.item for card in answer.cards}
    assert [event.item for event in store.history("new")] == ["r1", "t0"], "by the time that each was given"
    alike(Service(pipeline, store, clock=lambda: 0), Service(pipeline, store, clock=lambda: 0), "new")


def test_what_the_other_took_between_two_of_ones_own_is_not_passed_over(two):
    """The profile at hand stands before the other's event, so that one's own cannot be folded onto it."""
    here, there = two
    here.request("tea0")
    there.post([Event("tea0", "r0", "purchase", LATER)])
    here.post([Event("tea0", "r1", "purchase", LATER + 1)])
    alike(here, there, "tea0")
    assert {"r0", "r1"} <= {item.item for item in here.user("tea0").owned}
