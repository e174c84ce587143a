import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from assortment.evaluate import variety
from assortment.evaluate.calibration import mix
from assortment.evaluate.distances import cosines, redundancy
from assortment.evaluate.lists import members

LABELS = sparse.csr_matrix([[1.0, 0, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]])
"""Items 0: a; 1: a and b; 2: c; 3: none."""


def unit(*rows):
    x = np.array(rows, np.float32)
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)


def mixed(lists):
    return mix(members(np.array(lists), 4), LABELS)


# twins


def test_twins_are_the_pairs_that_are_near():
    vectors = unit([1, 0], [0.5, np.sqrt(0.75)], [0, 1])
    assert variety.twins(cosines(np.array([[0, 1, 2]]), vectors), near=0.8) == pytest.approx(1 / 3)
    assert variety.twins(cosines(np.array([[0, 1, 2]]), vectors)) == 0
    assert np.isnan(variety.twins(cosines(np.array([[0, -1]]), vectors)))


# EILD


def discount(place):
    return 1 / np.log2(place + 1)


def by_definition(x, row, relevance):
    """EILD as the paper writes it, place by place."""
    known = [place for place, item in enumerate(row) if item >= 0 and x[item].any()]
    if len(known) < 2:
        return np.nan
    total = 0.0
    for k in known:
        others = [place for place in known if place != k]
        weight = [discount(max(1, other - k)) * relevance[other] for other in others]
        far = [1 - float(x[row[k]] @ x[row[other]]) for other in others]
        near = np.dot(weight, far) / sum(weight) if sum(weight) else 0
        total += discount(k + 1) * relevance[k] * near
    return total / sum(discount(k + 1) for k in known)


def test_eild_by_hand():
    """A, its copy, and B. The copy stands right below A, and so the list is less varied as it is read than ILD says: ⅔."""
    vectors = unit([1, 0], [1, 0], [0, 1])
    top = (1 / np.log2(3)) / (1 + 1 / np.log2(3))
    expected = (top + 0.5 / np.log2(3) + 0.5) / (1 + 1 / np.log2(3) + 0.5)
    assert variety.eild(cosines(np.array([[0, 1, 2]]), vectors)) == pytest.approx(expected)
    assert expected < 2 / 3
    assert variety.eild(cosines(np.array([[0, 2, 1]]), vectors)) > expected, "apart on the list, they repeat less"


def test_eild_looks_only_at_what_is_relevant():
    vectors = unit([1, 0], [1, 0], [0, 1])
    similar = cosines(np.array([[0, 1, 2]]), vectors)
    assert variety.eild(similar, np.array([[1.0, 1, 0]])) == 0
    assert variety.eild(similar, np.array([[0.0, 0, 0]])) == 0
    assert variety.eild(similar, np.array([[1.0, 0, 0]])) == 0, "a single relevant good is far from nothing"


shown = arrays.arrays(np.int64, (3, 5), elements=st.integers(-1, 5)).map(
    lambda lists: np.array([[x if x not in row[:place] else -1 for place, x in enumerate(row)] for row in lists.tolist()])
)


@given(
    shown,
    arrays.arrays(np.float32, (6, 3), elements=st.sampled_from([-1.0, 0, 0.5, 2])),
    arrays.arrays(np.float64, (3, 5), elements=st.sampled_from([0, 0.5, 1])),
)
def test_eild_is_what_the_paper_says(lists, x, relevance):
    vectors = unit(*x)
    expected = [by_definition(vectors, row, p) for row, p in zip(lists, relevance, strict=True)]
    np.testing.assert_allclose(variety.eild(cosines(lists, vectors), relevance), expected, atol=1e-5)


@given(shown, st.floats(-0.5, 1))
def test_eild_is_ild_where_all_pairs_are_alike(lists, cosine):
    there = lists >= 0
    similar = np.where(there[:, :, None] & there[:, None, :] & ~np.eye(5, dtype=bool), cosine, np.nan)
    np.testing.assert_allclose(variety.eild(similar), np.where(there.sum(1) > 1, 1 - cosine, np.nan), atol=1e-12)


def test_redundancy_and_pairs_tell_the_same():
    rng = np.random.default_rng(0)
    vectors, lists = unit(*rng.normal(size=(20, 4))), rng.permuted(np.tile(np.arange(20), (50, 1)), axis=1)[:, :6]
    pairs = np.nanmean(cosines(lists, vectors), axis=(1, 2))
    np.testing.assert_allclose(redundancy(members(lists, 20), vectors), pairs, atol=1e-6)


# labels


def test_aspects_count_labels_and_not_items():
    assert variety.aspects(mixed([[0, 1, 3], [0, 3, -1], [2, 1, 0]])).tolist() == [2, 1, 3]


def test_a_list_without_labels_has_no_aspects_to_count():
    nothing = mixed([[3, -1], [-1, -1]])
    assert np.isnan(variety.aspects(nothing)).all()
    assert np.isnan(variety.entropy(nothing, np.array([1, 0]))).all()


def test_entropy_by_hand():
    """¾ a, ¼ b on a list of 3 out of 3 labels."""
    expected = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25)) / np.log(3)
    assert variety.entropy(mixed([[0, 1, 3]]), np.array([3])) == pytest.approx(expected)


def test_entropy_of_one_item_or_of_a_catalog_of_one_label_is_not_known():
    assert np.isnan(variety.entropy(mixed([[0, -1]]), np.array([1])))
    assert np.isnan(variety.entropy(sparse.csr_matrix([[1.0]]), np.array([5])))


def recalled(shown, wanted, most=9):
    return variety.subtopic_recall(mixed([shown]), sparse.csr_matrix([wanted]), np.array([most]))


def test_subtopic_recall_counts_what_the_person_cares_for_alone():
    """Wanted b and c; the list has a and b: one of two, though it has two labels."""
    assert recalled([0, 1], [0.0, 0.9, 0.1]) == pytest.approx(0.5)
    assert recalled([2, 1], [0.0, 0.9, 0.1]) == 1
    assert recalled([0, 3], [0.0, 0.9, 0.1]) == 0


def test_subtopic_recall_asks_for_no_more_than_there_is_room_for():
    assert recalled([2, 0], [1.0, 1, 1], most=2) == 1


def test_subtopic_recall_of_who_cares_for_nothing_is_not_known():
    assert np.isnan(recalled([0, 1], [0.0, 0, 0]))
    assert recalled([3, 3], [1.0, 0, 0]) == 0, "a list without labels has none of them"
