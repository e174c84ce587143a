"""Search by meaning, with an encoder that needs no model."""

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.errors import BadSetting
from assortment.core.profile import Profile
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.retrieve.semantic import Semantic
from tests import world
from tests.retrieve.shop import RNG, found, said

VECTORS = np.array([[1, 0], [0, 1], [0.8, 0.6], [-1, 0]], np.float32)


def shop(**columns):
    titles = ["green tea", "steam train", "tea for the train", "garden rake"]
    return world.dataset([], Catalog(Ids(list("abcd")), {"title": strings(titles), "vector": VECTORS, **columns}))


def fitted(**settings):
    return Semantic(encoder="hash:256", **settings).fit(shop(), RNG)


def had(*items: int) -> Profile:
    return Profile(np.array(items, np.int32), np.zeros(len(items), np.int8), np.arange(len(items)))


def test_a_profile_is_one_direction_in_which_newer_goods_weigh_more():
    scores = said(fitted(decay=0.5), Request(profile=had(3, 0, 1)), 4)
    taste = np.array([0.5 - 0.25, 1]) / np.hypot(0.25, 1)
    np.testing.assert_allclose(scores, VECTORS @ taste, atol=1e-6)


def test_goods_that_cancel_out_say_nothing():
    assert found(fitted(), Request(about=(0, 3))) == []


def test_a_page_is_compared_by_the_catalogs_vectors_and_words_by_the_encoders():
    stage = fitted()
    assert found(stage, Request(about=(0,)))[:2] == [0, 2]
    assert found(stage, Request(words="train"))[0] == 1
    assert set(found(stage, Request(words="train"))[:2]) == {1, 2}
    page, both = Request(about=(1,)), Request(words="rake", about=(1,))
    assert found(stage, both) == found(stage, page), "the page is the question"
    assert np.array_equal(said(stage, both, 4), said(stage, page, 4))


def test_words_that_say_nothing_and_strangers_are_met_with_silence():
    stage = fitted()
    for request in (Request(words="🎁"), Request("nobody")):
        assert found(stage, request) == []
        assert not said(stage, request, 4).any()


def test_words_pages_and_profiles_mix_in_a_batch():
    stage = fitted()
    asked = [Request(words="train"), Request(profile=had(0)), Request(), Request(about=(1,)), Request(words="garden")]
    together = [found(stage, request) for request in asked]
    assert [slate.items.tolist() for slate in stage(asked, [Slate()] * 5)] == together


def test_without_vectors_the_way_out_is_told():
    plain = world.dataset([], Catalog(Ids(["a"]), {"title": strings(["tea"])}))
    with pytest.raises(BadSetting, match="add 'embed' to what is understood"):
        Semantic(encoder="hash:64").fit(plain, RNG)
