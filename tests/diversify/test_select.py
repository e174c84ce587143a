from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assortment.core.errors import BadSetting
from assortment.diversify.caps import Room
from assortment.diversify.select import JITTER, by_relevance, dpp, mmr

METHODS = [mmr, dpp]


def unit(rows) -> np.ndarray:
    vectors = np.array(rows, np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


@st.composite
def candidates(draw, most=12):
    n = draw(st.integers(1, most))
    whole = st.integers(-3, 3)
    vectors = unit(draw(arrays(np.int8, (n, 4), elements=whole)).astype(np.float32))
    relevance = draw(arrays(np.int16, n, elements=st.integers(0, 100))).astype(np.float32) / 100
    return relevance, vectors


def test_mmr_passes_over_the_twin():
    relevance, vectors = np.array([1, 0.95, 0.6], np.float32), unit([[1, 0], [1, 0.01], [0, 1]])
    assert mmr(relevance, vectors, 3, 0.5).tolist() == [0, 2, 1]


def test_mmr_looks_at_the_nearest_pick_and_not_at_the_mean():
    vectors = unit([[1, 0, 0], [0, 1, 0], [0.9, 0, 0.4], [0.5, 0.5, 0.7]])
    relevance = np.array([1, 1, 0.8, 0.8], np.float32)
    # mean likeness of 2 is (0.91 + 0) / 2 = 0.46 and of 3 is 0.50; the nearest are 0.91 and 0.50
    assert mmr(relevance, vectors, 3, 0.5).tolist() == [0, 1, 3]


def test_dpp_weighs_the_slate_as_a_whole_where_mmr_sees_pairs():
    """The third lies in the plane of the first two: no pair is alike, yet it adds no volume."""
    vectors = unit([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0.75, 0, 0.66]])
    relevance = np.array([1, 1, 0.5, 0.5], np.float32)
    assert mmr(relevance, vectors, 3, 0.5).tolist() == [0, 1, 2]
    assert dpp(relevance, vectors, 3, 0.5).tolist() == [0, 1, 3]


@pytest.mark.parametrize("diversity", [0.2, 0.5, 0.9])
def test_dpp_takes_what_adds_most_at_every_step_as_brute_force_does(diversity):
    rng = np.random.default_rng(3)
    for _ in range(20):
        relevance, vectors = rng.random(7).astype(np.float32), unit(rng.normal(size=(7, 4)))
        kernel = (vectors @ vectors.T).astype(np.float64)
        np.fill_diagonal(kernel, 1 + JITTER)
        chosen: list[int] = []
        for _ in range(5):
            rest = [i for i in range(7) if i not in chosen]
            worth = [_worth(relevance, kernel, [*chosen, i], diversity) for i in rest]
            chosen.append(rest[int(np.argmax(worth))])
        assert dpp(relevance, vectors, 5, diversity).tolist() == chosen


def _worth(relevance, kernel, rows, diversity):
    return (1 - diversity) * relevance[rows].sum() + diversity * np.linalg.slogdet(kernel[np.ix_(rows, rows)])[1]


@pytest.mark.parametrize("method", METHODS)
@given(data=candidates(), k=st.integers(1, 15), diversity=st.sampled_from([0, 0.1, 0.5, 0.9, 1]))
def test_a_slate_has_k_different_rows_or_all(method, data, k, diversity):
    relevance, vectors = data
    rows = method(relevance, vectors, k, diversity).tolist()
    assert len(rows) == min(k, len(relevance))
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize("method", METHODS)
@given(data=candidates(), k=st.integers(1, 15))
def test_no_diversity_is_the_order_of_relevance(method, data, k):
    relevance, vectors = data
    assert method(relevance, vectors, k, 0).tolist() == by_relevance(relevance, k).tolist()


@pytest.mark.parametrize("method", METHODS)
@given(data=candidates(), k=st.integers(1, 10), diversity=st.sampled_from([0.3, 1]))
def test_a_longer_slate_begins_as_the_shorter_one(method, data, k, diversity):
    relevance, vectors = data
    assert method(relevance, vectors, k + 1, diversity)[:k].tolist() == method(relevance, vectors, k, diversity).tolist()


@pytest.mark.parametrize("method", METHODS)
def test_pure_variety_begins_with_the_most_relevant_and_then_the_farthest(method):
    relevance, vectors = np.array([0.2, 1, 0.9, 0], np.float32), unit([[1, 0.2], [1, 0], [1, 0.1], [0, 1]])
    assert method(relevance, vectors, 2, 1).tolist() == [1, 3]


@pytest.mark.parametrize("method", METHODS)
def test_items_without_words_and_twins_still_fill_the_slate(method):
    relevance = np.array([1, 0.5, 0.2, 0.1], np.float32)
    vectors = np.array([[0, 0], [1, 0], [1, 0], [1, 0]], np.float32)
    assert len(method(relevance, vectors, 4, 0.7)) == 4


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("diversity", [-0.01, 1.01, float("nan")])
def test_diversity_outside_its_range_is_refused(method, diversity):
    with pytest.raises(BadSetting, match="goes from 0 to 1"):
        method(np.ones(2, np.float32), unit([[1, 0], [0, 1]]), 1, diversity)


brands = st.lists(st.integers(-1, 2), min_size=1, max_size=9)


@pytest.mark.parametrize("method", METHODS)
@given(labels=brands, most=st.integers(1, 3), k=st.integers(1, 6), diversity=st.sampled_from([0, 0.4, 1]))
def test_a_cap_is_never_broken_and_never_costs_a_place_it_need_not(method, labels, most, k, diversity):
    n = len(labels)
    rng = np.random.default_rng(n)
    codes = np.array(labels, np.int32)[:, None]
    room = Room.of(n, {"brand": codes}, {"brand": most})
    rows = method(rng.random(n).astype(np.float32), unit(rng.normal(size=(n, 3))), k, diversity, room)
    taken = [labels[row] for row in rows if labels[row] >= 0]
    assert all(taken.count(label) <= most for label in taken)
    possible = sum(min(most, labels.count(label)) for label in set(labels) if label >= 0) + labels.count(-1)
    assert len(rows) == min(k, possible)


def test_a_thing_with_two_labels_counts_for_both():
    codes = np.array([[0, 1], [1, -1], [0, -1], [2, -1]], np.int32)
    room = Room.of(4, {"category": codes}, {"category": 1})
    assert by_relevance(np.array([4, 3, 2, 1], np.float32), 4, room).tolist() == [0, 3]


def test_mmr_agrees_with_pyversity_where_no_likeness_is_negative():
    """pyversity 0.2 counts a negative cosine as 0; where none is, the two are the same."""
    from pyversity import Strategy, diversify

    rng = np.random.default_rng(5)
    for diversity in (0.1, 0.3, 0.5, 0.8):
        vectors, relevance = unit(rng.random((60, 8))), rng.random(60).astype(np.float32)
        theirs = diversify(vectors, relevance, 10, strategy=Strategy.MMR, diversity=diversity)
        assert mmr(relevance, vectors, 10, diversity).tolist() == theirs.indices.tolist()


def test_the_best_set_is_not_always_the_greedy_one():
    """Greedy is a heuristic for DPP; were it exact, the claim in the docstring would be too modest."""
    rng = np.random.default_rng(0)
    beaten = 0
    for _ in range(50):
        relevance, vectors = rng.random(6).astype(np.float32), unit(rng.normal(size=(6, 3)))
        kernel = (vectors @ vectors.T).astype(np.float64)
        np.fill_diagonal(kernel, 1 + JITTER)
        best = max(_worth(relevance, kernel, list(rows), 0.5) for rows in combinations(range(6), 3))
        greedy = _worth(relevance, kernel, dpp(relevance, vectors, 3, 0.5).tolist(), 0.5)
        assert greedy <= best + 1e-5
        beaten += greedy < best - 1e-3
    assert 0 < beaten < 50
