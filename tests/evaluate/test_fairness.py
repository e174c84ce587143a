import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from assortment.core.arrays import strings
from assortment.core.catalog import labels
from assortment.evaluate import fairness

EACH_ITS_OWN = sparse.csr_matrix(np.eye(4))


def test_attention_is_what_the_places_are_worth():
    """Item 2 stands first once and third once: 1 + ½, where a count would say 2."""
    found = fairness.attention(np.array([[2, 0, 1], [0, -1, 2]]), 4)
    assert found == pytest.approx([1 + 1 / np.log2(3), 0.5, 1.5, 0])


def test_goods_of_nobody_known_are_one_group_of_their_own():
    groups = fairness.sellers(labels(strings(["ann", None, "bob", None])))
    assert groups.toarray().tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]]
    assert fairness.sellers(labels(strings(["ann", "bob"]))).shape == (2, 2), "no group where nobody is unknown"


# groups


def test_group_exposure_by_hand():
    """a sells 0 and 1, b sells 2: a gets 4 of 5 of the attention for 1 of 2 of the merit."""
    groups = sparse.csr_matrix([[1.0, 0], [1, 0], [0, 1], [0, 0]])
    treated = fairness.group_exposure(np.array([3.0, 1, 1, 7]), groups, np.array([1.0, 1, 2, 9]))
    assert treated.ratio == pytest.approx([1.6, 0.4])
    assert treated.disparity == pytest.approx(1.2)
    assert not len(treated.excluded)


def test_a_group_without_merit_is_excluded_and_told():
    """Not an infinite ratio, and its exposure is no part of the whole that the others share."""
    treated = fairness.group_exposure(np.array([1.0, 1, 6, 0]), EACH_ITS_OWN, np.array([1.0, 1, 0, 0]))
    np.testing.assert_allclose(treated.ratio, [1, 1, np.nan, np.nan])
    assert treated.excluded.tolist() == [2, 3]
    assert treated.disparity == 0


def test_where_nobody_has_merit_or_attention_nothing_is_known():
    for exposure, merit in (([1.0, 1, 1, 1], [0.0] * 4), ([0.0] * 4, [1.0, 1, 1, 1])):
        treated = fairness.group_exposure(np.array(exposure), EACH_ITS_OWN, np.array(merit))
        assert np.isnan(treated.ratio).all()
        assert np.isnan(treated.disparity)
        assert np.isnan(fairness.inequity(np.array(exposure), np.array(merit)))


merits = arrays.arrays(np.float64, (4,), elements=st.sampled_from([0.0, 1, 2, 5])).filter(np.any)


@given(merits, st.floats(0.1, 9))
def test_who_gets_what_is_deserved_is_treated_alike(merit, times):
    treated = fairness.group_exposure(merit * times, EACH_ITS_OWN, merit)
    np.testing.assert_allclose(treated.ratio[merit > 0], 1)
    assert treated.disparity == pytest.approx(0)
    assert fairness.inequity(merit * times, merit) == pytest.approx(0)


# amortised inequity


def test_inequity_by_hand():
    """Shares ¾ and ¼ where ½ and ½ are deserved; the third has earned nothing yet and is left aside."""
    assert fairness.inequity(np.array([3.0, 1, 5]), np.array([1.0, 1, 0])) == pytest.approx(0.5)


@given(arrays.arrays(np.float64, (3, 4), elements=st.integers(0, 9)), merits)
def test_inequity_keeps_to_its_ends_and_each_row_is_what_it_is_alone(exposure, merit):
    found = fairness.inequity(exposure, merit)
    known = exposure[:, merit > 0].any(1)
    assert (np.isnan(found) == ~known).all()
    assert np.all((found[known] >= 0) & (found[known] < 2))
    np.testing.assert_allclose(found, [fairness.inequity(row, merit) for row in exposure])


# expected exposure


def test_what_is_deserved_is_shared_within_a_grade():
    """Grades 2, 1, 1, 0 and three places that are seen: the two of grade 1 share the second and the third."""
    second = (1 / np.log2(3) + 0.5) / 2
    assert fairness.deserved(np.array([1, 2, 0, 1]), k=3) == pytest.approx([second, 1, 0, second])
    assert fairness.deserved(np.array([1, 1]), k=9) == pytest.approx([(1 + 1 / np.log2(3)) / 2] * 2), "more places than goods"


def test_expected_exposure_by_hand():
    """Two goods of one grade; the ranking always puts the first first. Drawn by lot, it would lose nothing."""
    target = fairness.deserved(np.array([1, 1]), k=2)
    first, second = 1, 1 / np.log2(3)
    always = fairness.expected_exposure(np.array([first, second]), target)
    assert always.loss == pytest.approx((first - second) ** 2 / 2)
    by_lot = fairness.expected_exposure(fairness.attention(np.array([[0, 1], [1, 0]]), 2) / 2, target)
    assert by_lot.loss == pytest.approx(0)
    assert by_lot.disparity < always.disparity


@given(
    arrays.arrays(np.float64, (5,), elements=st.floats(0, 3)),
    arrays.arrays(np.int64, (5,), elements=st.integers(0, 3)),
    st.integers(1, 7),
)
def test_the_loss_is_the_sum_of_its_parts(exposure, grades, k):
    target = fairness.deserved(grades, k)
    found = fairness.expected_exposure(exposure, target)
    assert found.loss == pytest.approx(found.disparity - 2 * found.relevance + (target**2).sum(), abs=1e-9)
    assert target.sum() == pytest.approx((1 / np.log2(np.arange(2, min(k, 5) + 2))).sum()), "all attention is given away"
    assert np.all(np.diff(target[np.argsort(-grades, kind="stable")]) <= 1e-12), "a better grade never gets less"
