"""What goes well together, counted by hand, and steps from one kind of goods to another."""

import numpy as np

from assortment.core.arrays import strings
from assortment.core.request import Request
from assortment.retrieve.complements import Complements
from assortment.retrieve.crossing import Crossing
from tests.retrieve.shop import RNG, bought, found, said

BASKETS = {f"u{n}": [basket] for n, basket in enumerate([(0, 1), (0, 1), (0, 1, 2), (0, 2), (3, 4), (3, 4), (3, 0), (2, 4)])}
KINDS = ["cup", "tea", "cup", "toy", "wood"]


def shop(kinds=KINDS, **people):
    goods = bought(len(kinds), **(people or BASKETS))
    return goods.with_catalog(goods.catalog.with_column("category", strings(kinds)))


def test_lift_is_shrunk_needs_support_and_leaves_out_goods_of_the_same_kind():
    """0 and 1 lie together in 3 of 8 baskets, where 5 · 3 / 8 are due by chance; 0 and 2, in 2, are both cups."""
    stage = Complements(support=2, doubt=2).fit(shop(), RNG)
    np.testing.assert_allclose(stage.lift(0, np.array([1, 2, 3])), [(3 + 2) / (15 / 8 + 2), 1, 1], rtol=1e-5)
    np.testing.assert_allclose(stage.lift(3, np.array([4, 0])), [(2 + 2) / (9 / 8 + 2), 1], rtol=1e-5)
    assert found(Complements(support=3).fit(shop(), RNG), Request(about=(3,))) == []
    together = Complements(support=2, doubt=2).fit(shop(["a", "b", "c", "d", "e"]), RNG)
    np.testing.assert_allclose(together.lift(0, np.array([2])), [(2 + 2) / (15 / 8 + 2)], rtol=1e-5)


def test_what_everybody_takes_goes_with_nothing():
    """2 is in every basket: with 0 it lies as often as by chance, which plain counts would put first."""
    baskets = {f"u{n}": [(0, 1, 2) if n < 3 else (3, 2)] for n in range(6)}
    stage = Complements(support=2, doubt=0).fit(shop(["a", "b", "c", "d"], **baskets), RNG)
    assert found(stage, Request(about=(0,))) == [1]


def test_a_new_good_goes_with_what_its_like_goes_with():
    described = shop()
    vectors = np.eye(5, dtype=np.float32)
    later = described.catalog.with_column("vector", vectors)
    stage = Complements(support=2).fit(described.with_catalog(later), RNG)
    new = type(later)(type(later.ids)([*later.ids.names, "new"]), {"vector": np.vstack([vectors, vectors[3]])})
    assert found(stage.with_catalog(new), Request(about=(5,))) == [4]


def test_a_step_between_kinds_is_shared_by_their_goods_and_never_leads_back():
    """From a (0) people go to b (1, 2) twice and to c (3) once; 4 is of a itself."""
    goods = shop(["a", "b", "b", "c", "a"], u=[0, 1], v=[0, 2], w=[0, 3], x=[1, 3])
    stage = Crossing(after=0, doubt=0, words=0, decay=1).fit(goods, RNG)
    told = said(stage, Request(about=(0,)), 5)
    assert told[0] == told[4] == 0
    np.testing.assert_allclose(told[1:4], [2 / 3, 2 / 3 * np.log(2) / np.log(3), 1 / 3], rtol=1e-5)


def test_doubt_draws_the_steps_towards_what_everybody_takes():
    goods = shop(["a", "b", "b", "c", "a"], u=[0, 1], v=[0, 2], w=[0, 3], x=[1, 3])
    stage = Crossing(after=0, doubt=4, words=0, decay=1).fit(goods, RNG)
    np.testing.assert_allclose(stage.steps[0, 1:], [(2 + 4 * 2 / 4) / (3 + 4), (1 + 4 * 2 / 4) / (3 + 4)], rtol=1e-5)


def test_without_kinds_nothing_crosses():
    assert found(Crossing().fit(bought(3, a=[0, 1]), RNG), Request(about=(0,))) == []
