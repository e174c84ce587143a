from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.errors import UnknownName
from assortment.core.profile import NOBODY
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.guard.policy import Policy
from assortment.testing import check_batch
from tests import world

RNG = np.random.default_rng(0)
ALL = Slate(np.arange(12, dtype=np.int32), np.linspace(1, 0, 12).astype(np.float32))
BUYER = NOBODY.after(0, "purchase", 1).after(1, "view", 2).after(2, "hide", 3)


def left(request: Request, **settings) -> list[int]:
    (slate,) = Policy(**settings).fit(world.dataset(), RNG)([request], [ALL])
    return slate.items.tolist()


def test_what_is_owned_or_refused_goes_and_what_was_only_seen_stays():
    assert left(Request(profile=BUYER)) == [1, *range(3, 12)]


def test_a_shop_whose_goods_are_bought_again_shows_them_again():
    assert left(Request(profile=BUYER), again=True) == [0, 1, *range(3, 12)]


def test_a_page_about_a_thing_does_not_show_that_thing():
    assert left(Request(about=(4,))) == [0, 1, 2, 3, *range(5, 12)]


def test_who_searches_in_words_finds_what_they_have():
    assert left(Request(profile=BUYER, words="tea")) == [0, 1, *range(3, 12)]


def test_what_is_out_of_stock_or_blocked_is_shown_to_nobody():
    data = world.dataset()
    stock = np.array([0, 3, np.nan, -1] + [1] * 8)
    data = data.with_catalog(data.catalog.with_column("stock", stock))
    (slate,) = Policy(blocked=("t5",)).fit(data, RNG)([Request()], [ALL])
    assert slate.items.tolist() == [1, 2, 4, *range(6, 12)], "an unknown stock is no empty stock"


def test_who_has_bought_everything_gets_an_empty_slate():
    everything = replace(NOBODY, owned=np.arange(12, dtype=np.int32))
    assert left(Request(profile=everything)) == []


def test_blocking_an_item_the_shop_lacks_names_the_near_miss():
    with pytest.raises(UnknownName, match="no item to block 't55'; did you mean"):
        Policy(blocked=("t55",)).fit(world.dataset(), RNG)


def test_what_is_muted_goes_unless_the_person_asks_for_it():
    """Tea (0 … 5) is muted: not to be chosen for them, but found in words, and shown beside a tea they look at."""
    muted = replace(NOBODY, muted=np.arange(6, dtype=np.int32))
    assert left(Request(profile=muted)) == list(range(6, 12))
    assert left(Request(profile=muted, about=(7,))) == [6, *range(8, 12)], "a train page does not bring tea back"
    assert left(Request(profile=muted, about=(7, 2))) == [0, 1, 3, 4, 5, 6, *range(8, 12)]
    assert left(Request(profile=muted, words="tea")) == list(range(12))


def test_a_batch_is_what_its_requests_are_alone():
    requests = [Request(), Request(profile=BUYER), Request(profile=BUYER, words="x"), Request(about=(1, 2))]
    check_batch(Policy().fit(world.dataset(), RNG), requests, [ALL, ALL, ALL, Slate()])


def test_each_thing_goes_by_the_first_rule_that_takes_it():
    """0 is owned and blocked, 2 refused and what the page is about, 4 muted, 5 blocked and out of stock."""
    data = world.dataset()
    data = data.with_catalog(data.catalog.with_column("stock", np.array([1.0] * 5 + [0, 0] + [1] * 5)))
    policed = Policy(blocked=("t0", "t5")).fit(data, RNG)
    backwards = ALL.take(np.arange(12)[::-1])
    person = replace(BUYER, muted=np.array([0, 4], np.int32))
    removed = policed.removed(Request(profile=person, about=(2, 3)), backwards)
    assert list(removed) == ["owned", "refused", "muted", "about", "blocked", "out of stock"]
    assert [backwards.items[rows].tolist() for rows in removed.values()] == [[0], [2], [4], [3], [5], [6]]


PEOPLE = st.builds(
    lambda muted, deeds: reduce(
        lambda profile, deed: profile.after(*deed), deeds, replace(NOBODY, muted=np.array(sorted(muted), np.int32))
    ),
    st.sets(st.integers(0, 11), max_size=4),
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from(["purchase", "view", "hide"]), st.integers(1, 9)), max_size=6),
)


@given(
    profile=PEOPLE,
    about=st.lists(st.integers(0, 11), max_size=3),
    words=st.sampled_from(["", "tea"]),
    again=st.booleans(),
    blocked=st.sets(st.sampled_from(world.catalog().ids.names)),
    items=st.lists(st.integers(0, 11), unique=True),
)
def test_what_the_rules_say_they_take_is_what_goes(profile, about, words, again, blocked, items):
    slate = Slate(np.array(items, np.int32), np.zeros(len(items), np.float32))
    policed = Policy(again, tuple(blocked)).fit(world.dataset(), RNG)
    request = Request(profile=profile, about=tuple(about), words=words)
    rows = np.concatenate(list(policed.removed(request, slate).values()))
    (after,) = policed([request], [slate])
    assert len(np.unique(rows)) == len(rows), "each row goes by one rule"
    assert np.delete(slate.items, rows).tolist() == after.items.tolist()
