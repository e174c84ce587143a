"""The short head."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.arrays import Ids
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.events import Event
from assortment.core.save import load, save
from assortment.understand.popularity import Popularised, Popularity, short_head
from tests import world

GOODS = Catalog(Ids(list("abcde")))


def _dataset(*pairs: str, kind: str = "purchase") -> Dataset:
    """`"u a"`: u bought a."""
    events = [Event(*pair.split(), kind, number) for number, pair in enumerate(pairs)]
    return world.dataset(events, GOODS)


def _popular(dataset: Dataset, head: float) -> list[str]:
    column = Popularity(head).fit(dataset, np.random.default_rng(0))(dataset.catalog).column("popular")
    assert set(column) <= {"popular", None}
    return [name for name, label in zip(dataset.catalog.ids.names, column, strict=True) if label]


def test_people_are_counted_and_not_events():
    """One person buys `a` five times; two people buy `e` once each."""
    assert _popular(_dataset(*["u a"] * 5, "u e", "v e"), head=0.5) == ["e"]


def test_goods_liked_alike_are_popular_together_or_not_at_all():
    shop = _dataset("u a", "v a", "u b", "u c")
    assert _popular(shop, 0.4) == _popular(shop, 0.9) == ["a"]
    assert _popular(shop, 1.0) == ["a", "b", "c"]


def test_the_share_is_of_what_was_liked_and_not_of_what_lies_on_the_shelf():
    """Half of four goods is two, however many more nobody wants."""
    assert short_head(np.array([4, 3, 2, 1, 0, 0, 0, 0]), 0.5).tolist() == [True, True] + [False] * 6


def test_what_nobody_liked_is_not_popular():
    assert _popular(_dataset("u a", "v b", kind="hide"), 1.0) == []
    assert _popular(_dataset("u a"), 1.0) == ["a"]
    assert _popular(_dataset(), 1.0) == []


def test_a_share_of_the_goods_is_not_lost_to_rounding():
    """0.29 of 100 goods is 28.999999999999996 in floating point."""
    assert short_head(np.arange(1, 101), 0.29).sum() == 29


def test_a_new_good_is_not_popular_and_an_old_one_stays_so():
    fitted = Popularity(1.0).fit(_dataset("u a"), np.random.default_rng(0))
    assert list(fitted(Catalog(Ids(["new", "a"]))).column("popular")) == [None, "popular"]
    assert list(fitted(Catalog(Ids([]))).column("popular")) == []


@given(st.lists(st.integers(0, 9), max_size=30), st.floats(0, 1))
def test_the_head_keeps_its_share_and_is_above_all_the_rest(people, head):
    people = np.array(people, np.int64)
    popular = short_head(people, head)
    best_of_rest = people[~popular].max(initial=0)
    most = head * (people > 0).sum()
    assert popular.sum() <= most + 1e-6
    assert people[popular].min(initial=99) > best_of_rest
    assert best_of_rest == 0 or popular.sum() + (people == best_of_rest).sum() > most - 1e-6


@given(st.permutations(list(range(8))), st.floats(0, 1))
def test_the_order_of_the_catalog_does_not_matter(order, head):
    people = np.array([5, 5, 5, 3, 3, 1, 0, 0])
    assert short_head(people[list(order)], head).tolist() == short_head(people, head)[list(order)].tolist()


def test_what_is_saved_comes_back(tmp_path):
    save(Popularity(1.0).fit(_dataset("u a"), np.random.default_rng(0)), tmp_path / "saved")
    loaded = load(tmp_path / "saved", [Popularised])
    assert list(loaded(GOODS).column("popular")) == ["popular", None, None, None, None]


def test_settings_outside_their_range_are_refused():
    with pytest.raises(BadSetting, match=r"head is -0\.1; it goes from 0 to 1"):
        Popularity(-0.1)
