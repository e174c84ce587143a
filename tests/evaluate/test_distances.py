from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from assortment.core.arrays import strings
from assortment.core.catalog import labels
from assortment.evaluate import distances
from assortment.evaluate.lists import members


def unit(*rows):
    x = np.array(rows, np.float32)
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)


def redundancy(lists, features):
    return distances.redundancy(members(np.array(lists), features.shape[0]), features)


def by_pairs(lists, features):
    """What redundancy says it is, pair by pair."""
    x = features.toarray() if sparse.issparse(features) else features
    values = []
    for row in lists:
        known = [x[item] for item in row if item >= 0 and x[item].any()]
        values.append(np.mean([one @ other for one, other in combinations(known, 2)]) if len(known) > 1 else np.nan)
    return values


# redundancy


def test_redundancy_by_hand():
    """Pairs at 60°, 90° and 30°: ½, 0 and √3/2. The naive mean over all k² places would take in each item with itself."""
    vectors = unit([1, 0], [0.5, np.sqrt(0.75)], [0, 1])
    assert redundancy([[0, 1, 2]], vectors) == pytest.approx((0.5 + np.sqrt(0.75)) / 3, abs=1e-6)


def test_redundancy_of_a_single_item_is_not_known():
    """Not 1, which would say that it repeats itself, nor 0."""
    lists = [[0, -1, -1], [-1, -1, -1], [0, 2, -1], [0, 1, -1]]
    np.testing.assert_allclose(redundancy(lists, unit([1, 0], [0, 1], [0, 0])), [np.nan, np.nan, np.nan, 0])


def test_an_empty_place_is_not_the_last_item_of_the_catalog():
    assert redundancy([[0, 1, -1]], unit([1, 0], [0, 1], [1, 0])) == pytest.approx(0)


def test_an_item_without_a_vector_makes_a_list_neither_nearer_nor_further():
    assert redundancy([[0, 1, 2]], unit([1, 0], [1, 0], [0, 0])) == pytest.approx(1, abs=1e-6)


def test_a_vector_that_was_rounded_is_not_taken_for_its_own_twin():
    """A little short of 1, it lacks length and not likeness: the pair is at a right angle all the same."""
    assert redundancy([[0, 1]], unit([1, 0], [0, 1]) * np.float32(0.9)) == pytest.approx(0, abs=1e-6)


def test_redundancy_falls_below_zero_where_goods_point_away_from_one_another():
    """Three at 120°, as far apart as three can be: -1 / (3 - 1)."""
    vectors = unit([1, 0], [-0.5, np.sqrt(0.75)], [-0.5, -np.sqrt(0.75)])
    assert redundancy([[0, 1, 2]], vectors) == pytest.approx(-0.5, abs=1e-6)


shown = arrays.arrays(np.int64, (4, 5), elements=st.integers(-1, 7)).map(
    lambda lists: np.array([[x if x not in row[:place] else -1 for place, x in enumerate(row)] for row in lists.tolist()])
)
features = arrays.arrays(np.float32, (8, 3), elements=st.sampled_from([-1.0, 0, 0, 0.5, 2]))


@given(shown, features)
def test_redundancy_is_the_mean_over_pairs_of_dense_and_of_sparse_features(lists, x):
    rows = unit(*x)
    expected = by_pairs(lists, rows)
    np.testing.assert_allclose(redundancy(lists, rows), expected, atol=1e-5)
    np.testing.assert_allclose(redundancy(lists, distances.unit(sparse.csr_matrix(x))), expected, atol=1e-5)


@given(shown, features, st.permutations(range(5)))
def test_redundancy_does_not_depend_on_the_order_of_a_list(lists, x, order):
    np.testing.assert_allclose(redundancy(lists, unit(*x)), redundancy(lists[:, list(order)], unit(*x)), atol=1e-6)


def test_many_lists_are_measured_as_each_is_alone():
    rng = np.random.default_rng(0)
    vectors, lists = unit(*rng.normal(size=(20, 4))), np.array([rng.permutation(20)[:3] for _ in range(2500)])
    some = [0, 1023, 1024, 2499]
    alone = np.concatenate([redundancy(lists[[row]], vectors) for row in some])
    np.testing.assert_allclose(redundancy(lists, vectors)[some], alone, atol=1e-6)
    pairs = np.concatenate([distances.cosines(lists[[row]], vectors) for row in some])
    np.testing.assert_allclose(distances.cosines(lists, vectors)[some], pairs, atol=1e-6)


def test_no_lists_have_no_redundancy():
    assert redundancy(np.empty((0, 3), int), unit([1, 0])).shape == (0,)


# cosines of pairs


def test_a_pair_is_two_goods_that_have_vectors():
    similar = distances.cosines(np.array([[0, 1, 2, -1]]), unit([1, 0], [0.6, 0.8], [0, 0], [1, 0]))[0]
    assert similar[0, 1] == similar[1, 0] == pytest.approx(0.6)
    assert np.isnan(similar).sum() == 14, "neither the item itself, nor one without a vector, nor the empty place"


# shelves: the distance by labels


def shelf_cosines(*column):
    rows = distances.shelves(labels(strings(column)))
    return (rows @ rows.T).toarray()


def test_two_paths_are_as_alike_as_the_levels_they_share():
    """Labels read whole would find `a > b > c` and `a > b > d` unrelated."""
    similar = shelf_cosines("a > b > c", "a > b > d", "a > x > c", "y > b > c")
    np.testing.assert_allclose(similar[0], [1, 2 / 3, 1 / 3, 0], atol=1e-6)


def test_a_level_counts_only_below_the_same_one():
    """Red cars and red tea are not alike for standing on a shelf called red."""
    assert shelf_cosines("cars > red", "tea > red")[0, 1] == 0


def test_a_path_is_alike_to_the_shelf_it_lies_in():
    assert shelf_cosines("a > b", "a")[0, 1] == pytest.approx(1 / np.sqrt(2))


def test_several_labels_are_alike_as_far_as_they_overlap():
    similar = shelf_cosines("a|b", "b|c", "a", "a > x|a > y")
    np.testing.assert_allclose(similar[0], [1, 0.5, 1 / np.sqrt(2), 1 / np.sqrt(6)], atol=1e-6)


def test_blanks_around_a_step_do_not_matter():
    assert shelf_cosines("a > b", "a>b")[0, 1] == pytest.approx(1)


def test_an_item_without_labels_stands_nowhere():
    rows = distances.shelves(labels(strings(["a", None])))
    assert rows[[1]].nnz == 0
    assert distances.shelves(labels(strings([None, None]))).shape == (2, 0)


# bought: the audit


def test_goods_are_alike_by_who_took_them():
    """Three took 0, one of them and nobody else took 1: 1 / √(3 · 1), and not 1 of 1. Nobody took 2."""
    rows = distances.bought(sparse.csr_matrix([[1.0, 1, 0], [1, 0, 0], [1, 0, 0]]))
    assert (rows @ rows.T).toarray()[0] == pytest.approx([1, 1 / np.sqrt(3), 0])
    assert np.isnan(redundancy([[0, 2, -1]], rows))
    assert redundancy([[0, 1, 2]], rows) == pytest.approx(1 / np.sqrt(3))
