"""The portrait of a person."""

import numpy as np
import pytest

from assortment.core.arrays import strings
from assortment.core.catalog import Catalog
from assortment.core.events import Event, no_events
from assortment.core.profile import fold
from assortment.portrait.draw import FADING, Portraits, usual_variety
from assortment.portrait.words import Vocabulary, terms
from tests import world
from tests.serve import goods

DAY = world.DAY


def drawn(*deeds: tuple[str, str, int], catalog: Catalog | None = None, **options):
    """The portrait of somebody who did these things: item, kind, on which day."""
    shop = catalog or goods.catalog()
    events = world.log([Event("ann", item, kind, world.START + day * DAY) for item, kind, day in deeds], shop)
    return Portraits.of(shop)(events, **options)


def test_the_latest_visits_count_most_and_halves_count_alike():
    """Two teas long ago, one train now: half of the takes are older, and the train outweighs one of them, but not both."""
    portrait = drawn(("t0", "view", 0), ("t1", "view", 1), ("r0", "purchase", 2))
    old = 2 ** (-2 / FADING) + 2 ** (-1 / FADING)
    tea, trains = portrait.interests
    assert (tea.label, trains.label) == ("Tea", "Trains")
    assert tea.share == pytest.approx(old / (old + 1))
    assert (tea.early, tea.late) == (1, 0.5) or (tea.early, tea.late) == (1, 0)
    assert (tea.goods, tea.last, tea.some) == (2, world.START + DAY, ("t1", "t0"))
    assert [part.share for part in portrait.categories] == [tea.share, trains.share]
    assert portrait.takes == 3


def test_a_thing_taken_often_counts_each_time_and_is_one_thing():
    portrait = drawn(("t0", "purchase", 0), ("t0", "purchase", 0), ("r0", "view", 0))
    assert [(one.label, one.goods) for one in portrait.interests] == [("Tea", 1), ("Trains", 1)]
    assert portrait.interests[0].share == pytest.approx(2 / 3)


def test_what_was_refused_in_the_end_is_no_interest():
    assert [one.label for one in drawn(("t0", "view", 0), ("r0", "purchase", 1), ("r0", "return", 2)).interests] == ["Tea"]
    assert drawn(("r0", "hide", 0)).interests == ()


def test_prices_stand_among_those_of_their_own_kind():
    """The dearest tea costs less than the cheapest-but-one train; it is dear all the same."""
    tea = drawn(("t2", "view", 0)).prices
    assert tea is not None
    assert (tea.low, tea.middle, tea.high) == (20, 20, 20)
    assert tea.level == pytest.approx(5.5 / 6)
    assert drawn(("x/1", "view", 0)).prices is None, "its price is not known"


def test_words_tell_what_was_taken_from_the_rest_of_the_shop():
    """Both are tea; what tells hers apart are the pot and the cup. `tea` stands in all titles of the kind."""
    titles = strings(["tea pot red", "tea cup", "tea towel", "tea tin", "tea green"])
    words = Vocabulary.of(titles).telling(titles[:2], [2.0, 1.0], 3)
    assert words[0] in ("pot", "red")
    assert "towel" not in words
    assert set(words) >= {"pot", "red"}


def test_words_are_read_in_chinese_and_without_what_says_nothing():
    assert terms("THE TEA-POT of 3 cats 茶壶") == ["tea", "pot", "cats", "茶壶"]
    assert Vocabulary.of(strings(["candle red", "candles"])).telling(["candle red", "candles"], [1, 1], 3) == ("candle", "red")


def test_the_query_is_made_of_titles_and_words_without_what_is_muted():
    deeds = (("t0", "view", 0), ("t0", "view", 0), ("r0", "view", 1))
    portrait = drawn(*deeds)
    assert portrait.query == "green tea, green tea; steam train, steam train"
    assert drawn(*deeds, muted=np.arange(6, dtype=np.int32)).query == "steam train, steam train"
    assert [one.label for one in drawn(*deeds, muted=np.arange(6, dtype=np.int32)).interests] == ["Tea", "Trains"]


def test_of_a_stranger_nothing_is_known():
    portrait = Portraits.of(goods.catalog(), usual=0.3)(no_events())
    assert (portrait.takes, portrait.interests, portrait.prices, portrait.rhythm, portrait.drift) == (0, (), None, None, None)
    assert (portrait.variety, portrait.usual, portrait.query) == (0.3, 0.3, "")


def test_a_shop_without_kinds_titles_or_prices_has_portraits():
    bare = Catalog(goods.catalog().ids)
    portrait = drawn(("t0", "view", 0), ("r0", "view", 2), catalog=bare)
    assert (portrait.takes, portrait.column, portrait.interests, portrait.query) == (2, None, (), "")
    assert portrait.rhythm is not None
    assert (portrait.rhythm.visits, portrait.rhythm.between) == (2, 2 * DAY)


def test_variety_is_the_estimate_by_which_slates_are_varied():
    varied = drawn(*[(item, "view", day) for day, item in enumerate(["t0", "r0", "x/1", "t1", "r1"])])
    same = drawn(*[(item, "view", day) for day, item in enumerate(["t0", "t2", "t3", "t1", "t4"])])
    assert same.variety < 0.5 < varied.variety


def test_what_is_usual_is_told_of_all_people():
    data = goods.dataset()
    assert usual_variety(data.catalog, fold(data.events).values()) == 0, "everybody here keeps to one kind"
