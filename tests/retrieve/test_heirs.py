"""Goods that nobody has touched, worked out by hand."""

import numpy as np
from scipy import sparse

from assortment.core.arrays import Ids
from assortment.core.catalog import Catalog
from assortment.core.request import Request
from assortment.retrieve.heirs import Legacy, inherited, nearest
from assortment.retrieve.linear import Linear
from assortment.retrieve.related import Related
from tests.retrieve.shop import RNG, bought, found, said

SAID = np.array([[0, 4, 0, 0], [2, 0, 0, 0], [1, 3, 0, 0], [0, 0, 0, 0]], np.float32)
ALIKE = np.array([[0.8, 0.6, 0], [0.6, 0.8, 0], [0, 0, 1], [1, 0, 0]], np.float32)
LEARNT = np.array([True, True, True, False])


def between(legacy: Legacy) -> np.ndarray:
    related = Related(sparse.csr_matrix(SAID), 1.0, 10)
    return inherited(related, LEARNT, ALIKE, legacy).related.between.toarray()


def test_an_heir_is_the_mixture_of_its_elders_by_the_squares_of_their_cosines():
    """Item 3 has the cosines .8 and .6 with 0 and 1, so .64 and .36 of them; of 2 it has nothing."""
    told = between(Legacy(alike=2, heirs=0.5, itself=0.1, rows=10))
    np.testing.assert_array_equal(told[:3, :3], SAID[:3, :3])
    of_it = [0.1 * 0.64 + 4 * 0.36, 2 * 0.64 + 0.1 * 0.36, 1 * 0.64 + 3 * 0.36]
    np.testing.assert_allclose(told[:3, 3], 0.5 * np.array(of_it), rtol=1e-5)
    np.testing.assert_allclose(told[3, :3], [0.1 * 0.64 + 2 * 0.36, 4 * 0.64 + 0.1 * 0.36, 0], rtol=1e-5)
    assert told[3, 3] == 0


def test_heirs_say_of_each_other_what_their_elders_say_of_them():
    """Items 2 and 3 are both like 0 alone, which says half of .1 of each of them."""
    related = Related(sparse.csr_matrix([[0, 4.0, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], dtype=np.float32), 1.0, 10)
    vectors = np.array([[1, 0], [0, 1], [1, 0], [1, 0]], np.float32)
    learnt = np.array([True, True, False, False])
    told = inherited(related, learnt, vectors, Legacy(alike=2, heirs=0.5, itself=0.1, rows=10)).related.between.toarray()
    expected = [[0, 4, 0.05, 0.05], [2, 0, 1, 1], [0.1, 4, 0, 0.05], [0.1, 4, 0.05, 0]]
    np.testing.assert_allclose(told, expected, rtol=1e-5)


def test_only_the_nearest_elders_count_and_only_the_strongest_entries_are_kept():
    told = between(Legacy(alike=1, heirs=1, itself=0, rows=1))
    np.testing.assert_allclose(told[:, 3], [0, 2, 0, 0])
    np.testing.assert_allclose(told[3], [0, 4, 0, 0])


def test_where_nothing_is_inherited_or_no_words_are_known_an_heir_is_silent():
    related = Related(sparse.csr_matrix(SAID), 1.0, 10)
    for legacy, vectors in ((Legacy(2, 0, 0.1, 10), ALIKE), (Legacy(2, 1, 0.1, 10), 0 * ALIKE)):
        told = inherited(related, LEARNT, vectors, legacy).related.between.toarray()
        np.testing.assert_array_equal(told, SAID)


def test_what_is_near_is_asked_of_others_than_the_goods_themselves():
    near = nearest(np.array([[1, 0], [0, -1]], np.float32), np.array([[0.6, 0.8], [1, 0], [0, 1]], np.float32), 2)
    np.testing.assert_allclose(near.toarray(), [[0.6, 1, 0], [0, 0, 0]], atol=1e-6)


def described(n: int, vectors: np.ndarray, **people):
    shop = bought(n, **people)
    return shop.with_catalog(shop.catalog.with_column("vector", vectors))


PEOPLE = {"a": [0, 1], "b": [0, 1], "c": [0, 2], "d": [2, 1]}
VECTORS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0.9, np.sqrt(0.19)]], np.float32)


def test_an_item_that_arrives_after_the_fit_is_told_as_if_it_had_been_there_untouched():
    """The good that comes in between is the same, to the bit, as one that was in the catalog when the model was fitted."""
    there = Linear().fit(described(4, VECTORS, **PEOPLE), RNG)
    before = Linear().fit(described(3, VECTORS[:3], **PEOPLE), RNG)
    later = before.with_catalog(Catalog(Ids([f"i{number}" for number in range(4)]), {"vector": VECTORS}))
    np.testing.assert_allclose(later.related.between.toarray(), there.related.between.toarray(), atol=1e-7)
    assert found(before, Request(about=(0,))) == [1, 2]
    assert 3 in found(later, Request(about=(0,)))


def test_goods_join_twice_as_once():
    everything = Catalog(Ids([f"i{number}" for number in range(4)]), {"vector": VECTORS})
    two = Linear().fit(described(2, VECTORS[:2], a=[0, 1], b=[0, 1]), RNG)
    twice = two.with_catalog(Catalog(Ids(["i0", "i1", "i2"]), {"vector": VECTORS[:3]})).with_catalog(everything)
    once = two.with_catalog(everything)
    np.testing.assert_allclose(twice.related.between.toarray(), once.related.between.toarray(), atol=1e-7)


def test_a_new_good_in_the_history_speaks_for_what_its_like_speak_for():
    """3 is like 1 and a little like 2; people come to 0 from both."""
    stage = Linear().fit(described(4, VECTORS, a=[1, 0], b=[1, 0], c=[2, 0], d=[1, 0]), RNG)
    assert found(stage, Request(about=(3,)))[0] in (0, 1)
    assert said(stage, Request(about=(3,)), 4)[0] > 0
