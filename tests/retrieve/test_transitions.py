import numpy as np

from assortment.core.request import Request
from assortment.retrieve.transitions import Transitions
from tests.retrieve.shop import RNG, bought, said


def test_what_came_next_counts_most_what_came_before_not_at_all_and_one_visit_goes_both_ways():
    shop = bought(4, a=[0, 1, 2], b=[(0, 3)])
    stage = Transitions(after=0.5, doubt=1).fit(shop, RNG)
    np.testing.assert_allclose(said(stage, Request(about=(0,)), 4), np.array([0, 1, 0.5, 0.5]) / 3, rtol=1e-5)
    np.testing.assert_allclose(said(stage, Request(about=(1,)), 4), np.array([0, 0, 1, 0]) / 2, rtol=1e-5)
    np.testing.assert_allclose(said(stage, Request(about=(2,)), 4), 0)


def test_an_item_bought_again_stands_at_its_last_moment():
    shop = bought(3, a=[0, 1, 0, 2])
    stage = Transitions(after=0, doubt=0).fit(shop, RNG)
    np.testing.assert_allclose(said(stage, Request(about=(1,)), 3), [1, 0, 0])
    np.testing.assert_allclose(said(stage, Request(about=(0,)), 3), [0, 0, 1])
