"""Cosines worked out by hand."""

import numpy as np
import pytest

from assortment.core.errors import BadSetting
from assortment.core.request import Request
from assortment.retrieve.neighbours import ItemNeighbours, UserNeighbours
from tests.retrieve.shop import RNG, bought, found, said


def test_a_cosine_is_shrunk_and_a_person_who_likes_everything_says_little():
    shop = bought(3, a=[0, 1], b=[0, 1, 2], c=[0])
    two, three, one = np.log1p(3 / 2) ** 2, np.log1p(3 / 3) ** 2, np.log1p(3 / 1) ** 2
    length = np.sqrt([two + three + one, two + three, three])
    stage = ItemNeighbours(shrink=5).fit(shop, RNG)
    expected = [0, (two + three) / (length[0] * length[1] + 5), three / (length[0] * length[2] + 5)]
    np.testing.assert_allclose(said(stage, Request(about=(0,)), 3), expected, rtol=1e-5)


def test_only_the_nearest_neighbours_of_an_item_are_kept():
    shop = bought(4, a=[0, 1], b=[0, 1], c=[0, 2, 3])
    assert found(ItemNeighbours(neighbours=1).fit(shop, RNG), Request(about=(0,))) == [1]
    assert len(found(ItemNeighbours(neighbours=3).fit(shop, RNG), Request(about=(0,)))) == 3


def test_who_shares_a_rarity_is_nearer_than_who_shares_a_bestseller():
    shop = bought(6, kin=[2, 4], crowd1=[0, 3], crowd2=[0, 3], crowd3=[0, 3], me=[2, 0])
    stage = UserNeighbours(neighbours=2, decay=1).fit(shop, RNG)
    asked = Request("me", profile=shop.profiles()["me"])
    rarity = 1 / np.sqrt([4, 2])  # of items 0 and 2, which 4 and 2 people bought
    mine = rarity / np.linalg.norm(rarity)
    kin = mine[1] * rarity[1] / np.hypot(rarity[1], 1)
    assert said(stage, asked, 6)[4] == pytest.approx(kin, rel=1e-5)
    assert said(stage, asked, 6)[3] == 0, "the two nearest are me and my kin; the crowd is not asked"


@pytest.mark.parametrize("recipe", [ItemNeighbours(), UserNeighbours()])
def test_neighbours_are_silent_before_words_and_strangers(recipe):
    stage = recipe.fit(bought(3, a=[0, 1], b=[0, 2]), RNG)
    for request in (Request("nobody"), Request(words="tea")):
        assert found(stage, request) == []
        assert not said(stage, request, 3).any()


@pytest.mark.parametrize("setting", [{"neighbours": 0}, {"shrink": -1}, {"decay": 1.5}, {"depth": 0}, {"decay": float("nan")}])
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(BadSetting, match=next(iter(setting))):
        ItemNeighbours(**setting)
