from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from assortment.evaluate import spread
from assortment.evaluate.lists import members

# coverage and Gini


def test_gini_counts_the_goods_that_nobody_is_shown():
    """Two goods share all; among themselves they are equal, in a catalog of four they are not."""
    assert spread.gini(np.array([4.0, 4])) == 0
    assert spread.gini(np.array([4.0, 4, 0, 0])) == pytest.approx(0.5)


def test_gini_by_hand():
    """(2i - n - 1) e: -2·1 + 0·2 + 2·6 = 10, over 3 · 9."""
    assert spread.gini(np.array([6.0, 1, 2])) == pytest.approx(10 / 27)


def test_gini_of_nothing_shown_is_not_known():
    assert np.isnan(spread.gini(np.zeros(3)))


@given(arrays.arrays(np.float64, (5,), elements=st.integers(0, 9)), st.permutations(range(5)))
def test_gini_and_coverage_do_not_care_which_good_is_which(exposure, order):
    shuffled = exposure[list(order)]
    assert spread.coverage(exposure) == spread.coverage(shuffled)
    np.testing.assert_allclose(spread.gini(exposure), spread.gini(shuffled))


def test_showing_one_more_good_never_lowers_coverage():
    assert spread.coverage(np.array([[1.0, 0, 0], [1, 2, 0], [1, 2, 1]])).tolist() == pytest.approx([1 / 3, 2 / 3, 1])


# the effective catalog


def test_the_effective_catalog_by_hand():
    """Shares ½, ¼, ¼: 1½ bits, as 2^1.5 goods alike. The share of goods shown would say 3."""
    assert spread.effective(np.array([2.0, 1, 1, 0])) == pytest.approx(2**1.5)


def test_the_effective_catalog_of_nothing_shown_is_not_known():
    np.testing.assert_allclose(spread.effective(np.array([[0.0, 0], [0, 7]])), [np.nan, 1])


@given(arrays.arrays(np.float64, (5,), elements=st.integers(0, 9)).filter(np.any), st.floats(0.1, 100))
def test_the_effective_catalog_lies_between_one_and_what_is_shown(exposure, times):
    found = spread.effective(exposure)
    assert 1 - 1e-9 <= found <= np.count_nonzero(exposure) + 1e-9
    assert spread.effective(exposure * times) == pytest.approx(float(found)), "shares count, not numbers"


# from one person to the next


lists_of_three = st.lists(st.lists(st.integers(0, 5), unique=True, min_size=3, max_size=3), min_size=2, max_size=6)


@given(lists_of_three)
def test_personalisation_is_the_mean_over_all_pairs_of_lists(lists):
    expected = 1 - np.mean([len({*one} & {*other}) / 3 for one, other in combinations(lists, 2)])
    exposure = np.asarray(members(np.array(lists), 6).sum(0)).ravel()
    assert spread.personalisation(exposure, np.array(len(lists))) == pytest.approx(expected)


def test_personalisation_ends_where_all_see_the_same_and_where_none_do():
    exposure = np.array([[3.0, 3, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]])
    assert spread.personalisation(exposure, np.array([3, 3])) == pytest.approx([0, 1])


def test_one_list_is_neither_like_nor_unlike_others():
    exposure = np.array([[1.0, 1], [0, 0]])
    assert np.isnan(spread.personalisation(exposure, np.array([1, 4]))).all()


# from one day to the next


def test_churn_by_hand():
    """Two of three are new; that one of them stood there in another order is no news."""
    assert spread.churn(np.array([[5, 1, 2]]), np.array([[1, 8, 9]])) == pytest.approx(2 / 3)


def test_churn_of_short_lists_is_of_the_goods_they_have():
    before, after = np.array([[1, -1], [-1, -1], [1, 2], [1, 2]]), np.array([[1, 2], [3, -1], [-1, -1], [1, -1]])
    np.testing.assert_allclose(spread.churn(before, after), [0.5, 1, np.nan, 0])
    np.testing.assert_allclose(spread.stability(before, after), [0.5, 0, 0, 0.5])
    assert np.isnan(spread.stability(np.array([[-1]]), np.array([[-1]]))), "two empty places are no good in common"


def test_stability_by_hand():
    """One shared of five in all; churn says two thirds are new."""
    assert spread.stability(np.array([[5, 1, 2]]), np.array([[1, 8, 9]])) == pytest.approx(1 / 5)


@given(lists_of_three, st.permutations(range(3)))
def test_an_order_is_no_change(lists, order):
    shown = np.array(lists)
    assert not spread.churn(shown, shown[:, list(order)]).any()
    assert (spread.stability(shown, shown[:, list(order)]) == 1).all()
