import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from assortment.evaluate import surprise
from assortment.evaluate.lists import ragged

VECTORS = np.array([[1, 0], [0.6, 0.8], [0, 1], [0, 0]], np.float32)


# how little known


def test_novelty_by_hand():
    """People 3: an item that 1 of them has tells 1 bit, one that nobody has 2 bits and not infinitely many."""
    assert surprise.novelty(np.array([[0, 1]]), np.array([1, 0]), 3) == pytest.approx(1.5)


def test_novelty_of_a_short_list_is_that_of_its_goods():
    assert surprise.novelty(np.array([[1, -1], [-1, -1]]), np.array([1, 0]), 3)[0] == 2
    assert np.isnan(surprise.novelty(np.array([[-1]]), np.array([0]), 3)).all()


def test_discovery_by_hand():
    """Of 4 people 4 have the first and 1 the second, which the plain mean would weigh alike: ⅜."""
    second = 1 / np.log2(3)
    assert surprise.discovery(np.array([[0, 1]]), np.array([4, 1]), 4) == pytest.approx(second * 0.75 / (1 + second))


def test_discovery_of_a_short_list_is_that_of_its_goods():
    values = surprise.discovery(np.array([[1, -1], [-1, -1]]), np.array([4, 1]), 4)
    np.testing.assert_allclose(values, [0.75, np.nan])


def test_discovery_counts_what_is_relevant():
    values = surprise.discovery(np.array([[0, 1]] * 2), np.array([0, 0]), 4, np.array([[1.0, 0], [0.5, 0.5]]))
    np.testing.assert_allclose(values, [1 / (1 + 1 / np.log2(3)), 0.5])


def test_where_nobody_has_anything_all_is_unknown():
    assert surprise.discovery(np.array([[0, 1]]), np.array([0, 0]), 0) == 1


@given(st.permutations(range(4)), st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_novelty_minds_no_order_and_both_keep_to_their_ends(order, people):
    lists, people = np.array([[0, 1, 2, 3]]), np.array(people)
    assert surprise.novelty(lists, people, 9) == pytest.approx(surprise.novelty(lists[:, list(order)], people, 9))
    assert surprise.novelty(lists, people, 9) >= 0
    assert 0 <= surprise.discovery(lists, people, 9) <= 1


# how little expected


def past(*histories):
    return ragged([np.array(history, np.int32) for history in histories], len(VECTORS))


def test_unexpectedness_by_hand():
    """A history of 0 and 2, at a right angle: 1 lies at cosines 0.6 and 0.8 from them."""
    each = surprise.unexpected(np.array([[1, 2]]), past([0, 2]), VECTORS)
    np.testing.assert_allclose(each, [[1 - 0.7, 1 - 0.5]], atol=1e-6)
    assert surprise.on_the_list(each) == pytest.approx(0.4)


def test_what_has_no_vector_is_left_aside_on_either_side():
    each = surprise.unexpected(np.array([[1, 3, -1]]), past([0, 3]), VECTORS)
    np.testing.assert_allclose(each, [[0.4, np.nan, np.nan]], atol=1e-6)
    assert surprise.on_the_list(each) == pytest.approx(0.4)


def test_to_whom_nothing_is_known_nothing_is_unexpected():
    each = surprise.unexpected(np.array([[0, 1], [0, 1], [-1, -1]]), past([], [3], [0]), VECTORS)
    assert np.isnan(each).all()
    assert np.isnan(surprise.on_the_list(each)).all()
    assert np.isnan(surprise.serendipity(each, np.zeros((3, 2), bool))).all()


@given(
    arrays.arrays(np.int32, (3, 2), elements=st.integers(-1, 3)),
    st.lists(st.lists(st.integers(0, 3), unique=True), min_size=3, max_size=3),
)
def test_unexpectedness_is_the_mean_distance_from_each_thing_had(lists, histories):
    each = surprise.unexpected(lists, past(*histories), VECTORS)
    for row, history in enumerate(histories):
        known = [VECTORS[item] for item in history if item != 3]
        for place, item in enumerate(lists[row]):
            defined = known and item not in (-1, 3)
            expected = np.mean([1 - had @ VECTORS[item] for had in known]) if defined else np.nan
            assert each[row, place] == pytest.approx(expected, abs=1e-6, nan_ok=True)


def test_many_lists_are_measured_as_each_is_alone():
    lists, had = np.tile(np.array([[0, 1], [2, 1], [1, 2]]), (700, 1)), past(*([[0], [2, 0], [2]] * 700))
    each = surprise.unexpected(lists, had, VECTORS)
    np.testing.assert_allclose(each, np.tile(surprise.unexpected(lists[:3], had[:3], VECTORS), (700, 1)), atol=1e-6)


def test_serendipity_by_hand():
    """Of four shown one was taken, and it was unexpected by 0.8; what was more unexpected and not taken counts for nothing."""
    each, hits = np.array([[0.9, 0.8, 0.1, np.nan]]), np.array([[False, True, False, False]])
    assert surprise.serendipity(each, hits) == pytest.approx(0.8 / 4)


def test_a_taken_good_without_a_vector_adds_nothing():
    assert surprise.serendipity(np.array([[0.9, np.nan]]), np.array([[False, True]])) == 0


# beyond the obvious


def test_beyond_the_obvious_by_hand():
    """Two of three would have been shown anyway; the order there does not matter."""
    assert surprise.beyond_obvious(np.array([[4, 5, 6]]), np.array([[6, 9, 4, 1]])) == pytest.approx(1 / 3)


def test_an_empty_place_is_not_obvious():
    lists, obvious = np.array([[4, -1], [-1, -1]]), np.array([[5, -1], [5, -1]])
    np.testing.assert_allclose(surprise.beyond_obvious(lists, obvious), [1, np.nan])
