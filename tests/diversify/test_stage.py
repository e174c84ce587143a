import numpy as np
import pytest

from assortment.core.errors import BadSetting, UnknownName
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.diversify.methods import Dpp
from assortment.diversify.stage import Diversify
from assortment.testing import check_batch, check_slates
from tests import world

RNG = np.random.default_rng(0)


def dataset():
    """The known shop; a thing's vector points to its taste, a little to itself."""
    vectors = np.zeros((12, 14), np.float32)
    vectors[np.arange(12), np.arange(12)] = 0.5
    vectors[:6, 12] = vectors[6:, 13] = np.sqrt(0.75)
    data = world.dataset()
    return data.with_catalog(data.catalog.with_column("vector", vectors))


RANKED = Slate(np.arange(12, dtype=np.int32), np.linspace(3, 1, 12).astype(np.float32))


def chosen(wish: Wish, **settings) -> list[str]:
    data = dataset()
    (slate,) = Diversify(**settings).fit(data, RNG)([Request(k=4, wish=wish)], [RANKED])
    return [data.catalog.ids.names[item] for item in slate.items]


def test_without_a_wish_the_shops_setting_holds():
    assert chosen(Wish()) == ["t0", "t1", "t2", "t3"]
    assert chosen(Wish(), diversity=0.8) == ["t0", "r0", "t1", "t2"]
    assert chosen(Wish(), diversity=0.8, select=Dpp()) == ["t0", "r0", "t1", "r1"]


def test_a_request_that_wishes_none_gets_none():
    assert chosen(Wish(0.0), diversity=0.9) == ["t0", "t1", "t2", "t3"]


def test_a_cap_of_the_request_takes_the_place_of_the_shops_for_that_column_only():
    assert chosen(Wish(), at_most={"brand": 1}) == ["t0", "t2", "t4", "t5"]
    assert chosen(Wish(at_most={"brand": 2}), at_most={"brand": 1}) == ["t0", "t1", "t2", "t3"]


def test_a_cap_leaves_a_short_slate_when_the_shop_has_no_more():
    data = dataset()
    stage = Diversify().fit(data, RNG)
    (slate,) = check_slates(stage, [Request(k=12, wish=Wish(at_most={"brand": 1}))], [RANKED], 12)
    assert len(slate) == 6


def test_it_notes_relevance_and_the_place_before():
    (slate,) = Diversify(diversity=0.5).fit(dataset(), RNG)([Request(k=2)], [RANKED])
    assert slate.notes["before"].tolist() == [0, 6]
    np.testing.assert_allclose(slate.notes["relevance"], [1, 1 - 6 / 11], atol=1e-6)


def test_a_cap_on_a_column_the_shop_lacks_names_the_near_miss():
    with pytest.raises(UnknownName, match="did you mean 'brand'"):
        chosen(Wish(at_most={"brnad": 1}))


def test_a_cap_on_numbers_is_refused():
    with pytest.raises(BadSetting, match="column 'price' holds numbers"):
        chosen(Wish(at_most={"price": 1}))


def test_variety_without_vectors_is_refused_with_the_way_out():
    with pytest.raises(BadSetting, match="add 'embed'"):
        Diversify(diversity=0.3).fit(world.dataset(), RNG)


def test_more_asked_than_there_is_gives_all_there_is():
    (slate,) = Diversify(pool=3).fit(dataset(), RNG)([Request(k=100)], [RANKED])
    assert len(slate) == 12


def test_a_batch_is_what_its_requests_are_alone():
    wishes = [Wish(), Wish(0.7), Wish(0.2, {"brand": 1}), Wish(1.0)]
    check_batch(
        Diversify().fit(dataset(), RNG), [Request(k=5, wish=wish) for wish in wishes], [RANKED, RANKED, Slate(), RANKED]
    )
