"""New goods and new kinds of goods, counted by hand."""

import numpy as np
import pytest

from assortment.core.arrays import strings
from assortment.core.catalog import labels
from assortment.core.errors import BadInput
from assortment.core.pipeline import Plan
from assortment.core.profile import Profile
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.evaluate.cases import Case, time_split
from assortment.evaluate.goods import Goods
from assortment.evaluate.newness import by_seen, crossing, in_pool
from assortment.evaluate.transfer import thinned, transfer
from assortment.retrieve.popular import Popular
from tests import world

PEOPLE = np.array([0, 0, 2, 3, 21])
KINDS = labels(strings(["tea", "toy|wood", "tea|cup", "wood", None]))
GOODS = Goods(people=PEOPLE, everyone=30, labels=KINDS.member)
RNG = np.random.default_rng(0)


def case(history: list[int], targets: list[int], k: int = 2) -> Case:
    return Case(Request("u", 9, Profile(recent=np.array(history, np.int32)), k=k), np.array(targets, np.int32))


def test_recall_by_how_often_a_good_was_seen_counts_only_the_targets_that_were_seen_so_often():
    lists = np.array([[0, 3], [4, 2]])
    found = by_seen([case([], [0, 1, 3]), case([], [2])], lists, GOODS)
    assert list(found) == ["Recall seen 0", "Recall seen 1-2", "Recall seen 3-5"]
    np.testing.assert_array_equal(found["Recall seen 0"], [0.5, np.nan])
    np.testing.assert_array_equal(found["Recall seen 1-2"], [np.nan, 1])
    np.testing.assert_array_equal(found["Recall seen 3-5"], [1, np.nan])


def test_a_target_crosses_only_where_the_history_bears_none_of_its_labels():
    """Who had 0 (tea) and took 2 (tea, cup) did not cross; who took 3 (wood) did; a good without labels never does."""
    cases = [case([0], [2, 3]), case([0], [4]), case([4], [3]), case([1], [3]), case([], [3])]
    lists = np.tile([2, 3], (5, 1))
    found = crossing(cases, lists, GOODS)
    np.testing.assert_array_equal(found["Recall crossing"], [1, *[np.nan] * 4])
    np.testing.assert_allclose(found["NDCG crossing"], [1 / np.log2(3), *[np.nan] * 4])
    assert crossing(cases[1:2], lists[1:2], GOODS) == {}


class Backwards:
    """Puts what it is given in the opposite order of its numbers, and finds item 4 by itself."""

    def __call__(self, requests, slates):
        order = [np.sort(slate.items)[::-1] if len(slate) else np.array([4], np.int32) for slate in slates]
        return [Slate(items, np.zeros(len(items), np.float32)) for items in order]


def test_within_a_pool_only_its_goods_are_shown_and_only_its_targets_are_wanted():
    cases = [case([], [0, 3]), case([], [3]), case([], [1, 2])]
    recall, ndcg = in_pool(Backwards(), cases, PEOPLE == 0, RNG)
    assert (recall.name, recall.n, recall.mean) == ("Recall@2", 2, 1.0)
    assert ndcg.mean == pytest.approx((1 / np.log2(3) + 1) / 2)
    with pytest.raises(BadInput, match="nobody took anything"):
        in_pool(Backwards(), cases[1:2], PEOPLE == 0, RNG)


def test_a_few_events_of_each_good_are_left_and_all_of_the_others():
    shop = world.dataset()
    tea = np.array([name.startswith("t") for name in shop.catalog.ids.names])
    for shots, left in ((0, 0), (2, 12)):
        past = thinned(shop, tea, shots).events
        assert len(past) == 30 + left
        assert np.bincount(past.item, minlength=12)[tea].max(initial=0) == shots
        assert np.all(np.diff(past.time) >= 0)
    first = thinned(shop, tea, 1).events
    of_t0 = shop.events.time[shop.events.item == 0]
    assert first.time[first.item == 0].tolist() == [of_t0[0]]


def test_a_kind_left_out_is_asked_of_those_who_had_others():
    """Both kinds are bought by everybody here; popular knows none of a kind that nobody touched, and a little of one seen."""
    events = [
        event._replace(user=person, time=event.time + number)
        for number, person in enumerate(("ann", "bob", "cat"))
        for event in world.purchases()
    ]
    shop = world.dataset(sorted(events, key=lambda event: event.time))
    kinds = strings(["tea"] * 6 + ["train"] * 6)
    shop = shop.with_catalog(shop.catalog.with_column("category", kinds))
    split = time_split(shop, share=0.3, k=3, again=True)
    told = transfer(Plan((Popular(depth=100),)), split, shop.catalog, 2, RNG)
    assert {one.kind for one in told} == {"tea", "train"}
    for one in told:
        assert (one.goods, one.people) == (6, 3)
        named = {measure.name: measure.mean for measure in one.zero}
        assert named["Recall@3"] == 0
        assert {measure.name for measure in one.few} == {"Recall@3", "NDCG@3", "Recall within@3", "NDCG within@3"}
    assert transfer(Plan((Popular(),)), split, world.catalog(), 2, RNG) == ()
