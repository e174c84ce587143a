import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from assortment.evaluate import beyond

LABELS = sparse.csr_matrix([[1.0, 0, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]])
"""Items 0: a; 1: a and b; 2: c; 3: none."""


def unit(*rows):
    x = np.array(rows, np.float32)
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)


# distance, redundancy, twins


def test_distance_by_hand():
    """Pairs at 60°, 90° and 30°: 1/2, 1 and 1 - √3/2. The naive mean over all k² places would take in each item with itself."""
    vectors = unit([1, 0], [0.5, np.sqrt(0.75)], [0, 1])
    assert beyond.distance(np.array([[0, 1, 2]]), vectors) == pytest.approx((0.5 + 1 + 1 - np.sqrt(0.75)) / 3, abs=1e-6)
    redundancy, twins = beyond.pairs(np.array([[0, 1, 2]]), vectors, near=0.8)
    assert redundancy == pytest.approx((0.5 + np.sqrt(0.75)) / 3, abs=1e-6)
    assert twins == pytest.approx(1 / 3)


def test_distance_of_a_single_item_is_not_known():
    """Not 0, which would say that it repeats itself."""
    vectors = unit([1, 0], [0, 1], [0, 0])
    lists = np.array([[0, -1, -1], [-1, -1, -1], [0, 2, -1], [0, 1, -1]])
    np.testing.assert_allclose(beyond.distance(lists, vectors), [np.nan, np.nan, np.nan, 1])


def test_an_empty_place_is_not_the_last_item_of_the_catalog():
    vectors = unit([1, 0], [0, 1], [1, 0])
    assert beyond.distance(np.array([[0, 1, -1]]), vectors) == pytest.approx(1)


def test_an_item_without_a_vector_makes_a_list_neither_nearer_nor_further():
    vectors = unit([1, 0], [1, 0], [0, 0])
    assert beyond.distance(np.array([[0, 1, 2]]), vectors) == pytest.approx(0, abs=1e-6)


@given(arrays.arrays(np.float32, (6, 3), elements=st.floats(-1, 1, width=32)), st.permutations(range(4)))
def test_distance_does_not_depend_on_the_order_of_a_list(x, order):
    vectors = unit(*x)
    shown = np.array([[0, 1, 2, 5]])
    np.testing.assert_allclose(beyond.distance(shown, vectors), beyond.distance(shown[:, list(order)], vectors), atol=1e-5)


def test_many_lists_are_measured_as_each_is_alone():
    rng = np.random.default_rng(0)
    vectors, lists = unit(*rng.normal(size=(20, 4))), rng.integers(-1, 20, (2500, 3))
    alone = np.concatenate([beyond.distance(lists[[row]], vectors) for row in (0, 1023, 1024, 2499)])
    np.testing.assert_allclose(beyond.distance(lists, vectors)[[0, 1023, 1024, 2499]], alone, atol=1e-6)


# labels


def test_an_item_of_two_labels_gives_half_to_each():
    np.testing.assert_allclose(beyond.mix(np.array([[0, 1, 3]]), LABELS).toarray(), [[0.75, 0.25, 0]])


def test_aspects_count_labels_and_not_items():
    assert beyond.aspects(beyond.mix(np.array([[0, 1, 3], [0, 0, -1], [2, 1, 0]]), LABELS)).tolist() == [2, 1, 3]


def test_a_list_without_labels_has_no_aspects_to_count():
    mixed = beyond.mix(np.array([[3, -1], [-1, -1]]), LABELS)
    assert np.isnan(beyond.aspects(mixed)).all()
    assert np.isnan(beyond.entropy(mixed, np.array([1, 0]))).all()


def test_entropy_by_hand():
    """¾ a, ¼ b on a list of 3 out of 3 labels."""
    expected = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25)) / np.log(3)
    assert beyond.entropy(beyond.mix(np.array([[0, 1, 3]]), LABELS), np.array([3])) == pytest.approx(expected)


def test_entropy_of_one_item_or_of_a_catalog_of_one_label_is_not_known():
    assert np.isnan(beyond.entropy(beyond.mix(np.array([[0, -1]]), LABELS), np.array([1])))
    assert np.isnan(beyond.entropy(sparse.csr_matrix([[1.0]]), np.array([5])))


# novelty


def test_novelty_by_hand():
    """People 3: an item that 1 of them has tells 1 bit, one that nobody has 2 bits and not infinitely many."""
    assert beyond.novelty(np.array([[0, 1]]), np.array([1, 0]), 3) == pytest.approx(1.5)


def test_novelty_of_a_short_list_is_that_of_its_goods():
    assert beyond.novelty(np.array([[1, -1], [-1, -1]]), np.array([1, 0]), 3)[0] == 2
    assert np.isnan(beyond.novelty(np.array([[-1]]), np.array([0]), 3)).all()


# calibration


def test_miscalibration_by_hand():
    """Liked ½ a, ½ b; shown a only: q' = (0.995, 0.005)."""
    wanted, mixed = sparse.csr_matrix([[0.5, 0.5]]), sparse.csr_matrix([[1.0, 0]])
    expected = 0.5 * np.log(0.5 / 0.995) + 0.5 * np.log(0.5 / 0.005)
    assert beyond.miscalibration(wanted, mixed) == pytest.approx(expected)


def test_miscalibration_minds_what_is_missing_and_not_what_is_added():
    wanted, mixed = sparse.csr_matrix([[1.0, 0]]), sparse.csr_matrix([[0.5, 0.5]])
    assert beyond.miscalibration(wanted, mixed) == pytest.approx(-np.log(0.505))


def test_without_a_history_there_is_nothing_to_be_calibrated_to():
    nothing, something = sparse.csr_matrix([[0.0, 0]]), sparse.csr_matrix([[1.0, 0]])
    assert np.isnan(beyond.miscalibration(nothing, something)).all()
    assert np.isnan(beyond.miscalibration(something, nothing)).all()


mass = arrays.arrays(np.float64, (3, 4), elements=st.sampled_from([0.0, 1, 2, 5])).filter(lambda x: (x.sum(1) > 0).all())


@given(mass, mass)
def test_miscalibration_is_never_below_zero_nor_above_its_end(p, q):
    wanted, mixed = (sparse.csr_matrix(x / x.sum(1, keepdims=True)) for x in (p, q))
    values = beyond.miscalibration(wanted, mixed)
    assert np.all(values >= -1e-12)
    assert np.all(values <= -np.log(0.01) + 1e-12)
    assert beyond.miscalibration(wanted, wanted) == pytest.approx(0)


# spread


def test_gini_counts_the_goods_that_nobody_is_shown():
    """Two goods share all; among themselves they are equal, in a catalog of four they are not."""
    assert beyond.gini(np.array([4.0, 4])) == 0
    assert beyond.gini(np.array([4.0, 4, 0, 0])) == pytest.approx(0.5)


def test_gini_by_hand():
    """(2i - n - 1) e: -2·1 + 0·2 + 2·6 = 10, over 3 · 9."""
    assert beyond.gini(np.array([6.0, 1, 2])) == pytest.approx(10 / 27)


def test_gini_of_nothing_shown_is_not_known():
    assert np.isnan(beyond.gini(np.zeros(3)))


@given(arrays.arrays(np.float64, (5,), elements=st.integers(0, 9)), st.permutations(range(5)))
def test_gini_and_coverage_do_not_care_which_good_is_which(exposure, order):
    shuffled = exposure[list(order)]
    assert beyond.coverage(exposure) == beyond.coverage(shuffled)
    np.testing.assert_allclose(beyond.gini(exposure), beyond.gini(shuffled))


def test_showing_one_more_good_never_lowers_coverage():
    assert beyond.coverage(np.array([[1.0, 0, 0], [1, 2, 0], [1, 2, 1]])).tolist() == pytest.approx([1 / 3, 2 / 3, 1])
