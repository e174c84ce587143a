from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assortment.core.errors import BadSetting
from assortment.diversify.caps import Room
from assortment.diversify.cover import PLACES, facility
from assortment.diversify.select import mmr


def unit(rows) -> np.ndarray:
    vectors = np.array(rows, np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


@st.composite
def candidates(draw, most=12):
    n = draw(st.integers(1, most))
    vectors = unit(draw(arrays(np.int8, (n, 4), elements=st.integers(-3, 3))).astype(np.float32))
    return draw(arrays(np.int16, n, elements=st.integers(0, 100))).astype(np.float32) / 100, vectors


def stands_for(vectors, rows) -> float:
    """How like its nearest pick a candidate is, on the mean over all of them, 0 … 1; from the definition, in float64."""
    if not len(rows):
        return 0.0
    wide = vectors.astype(float)
    return float(((1 + wide @ wide[list(rows)].T) / 2).max(1).mean())


def worth(relevance, vectors, rows, diversity) -> float:
    return (1 - diversity) * float(relevance[list(rows)].astype(float).sum()) + diversity * PLACES * stands_for(vectors, rows)


def test_facility_stands_for_the_crowds_and_leaves_out_the_one_unlike_all():
    """Three about one axis, three about another, one against all: the second of mmr is that one."""
    vectors = unit([[1, 0, 0], [1, 0.1, 0], [1, 0, 0.1], [0, 1, 0], [0.1, 1, 0], [0, 1, 0.1], [-1, -1, 0]])
    relevance = np.array([1, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8], np.float32)
    assert facility(relevance, vectors, 2, 0.3).tolist() == [0, 3]
    assert mmr(relevance, vectors, 2, 0.3).tolist() == [0, 6]


def test_facility_asks_who_is_served_anew_and_not_who_is_typical():
    """By likeness to all, the twin of the first is as good as the first itself; once that stands, it serves nobody."""
    vectors = unit([[1, 0], [1, 0], [1, 0], [0, 1]])
    assert facility(np.array([0.5, 0.5, 0.5, 0], np.float32), vectors, 2, 0.6).tolist() == [0, 3]


@pytest.mark.parametrize("diversity", [0.2, 0.5, 0.9, 1])
def test_facility_takes_what_adds_most_at_every_step_and_reaches_what_submodularity_promises(diversity):
    rng = np.random.default_rng(3)
    for _ in range(40):
        relevance, vectors = rng.random(8).astype(np.float32), unit(rng.normal(size=(8, 3)))
        rows = facility(relevance, vectors, 3, diversity).tolist()
        for place in range(3):
            rest = [i for i in range(8) if i not in rows[:place]]
            best = max(worth(relevance, vectors, [*rows[:place], i], diversity) for i in rest)
            assert worth(relevance, vectors, rows[: place + 1], diversity) >= best - 1e-5
        best = max(worth(relevance, vectors, some, diversity) for some in combinations(range(8), 3))
        assert (1 - 1 / np.e) * best <= worth(relevance, vectors, rows, diversity) <= best + 1e-5


@given(data=candidates(), k=st.integers(1, 15), diversity=st.sampled_from([0, 0.1, 0.5, 0.9, 1]))
def test_a_slate_has_k_different_rows_or_all(data, k, diversity):
    rows = facility(*data, k, diversity).tolist()
    assert len(rows) == len(set(rows)) == min(k, len(data[0]))


@given(data=candidates(), k=st.integers(1, 15))
def test_no_diversity_is_the_order_of_relevance(data, k):
    assert facility(*data, k, 0).tolist() == np.argsort(-data[0], kind="stable")[:k].tolist()


@given(data=candidates(), k=st.integers(1, 10), diversity=st.sampled_from([0.3, 1]))
def test_a_longer_slate_begins_as_the_shorter_one(data, k, diversity):
    assert facility(*data, k + 1, diversity)[:k].tolist() == facility(*data, k, diversity).tolist()


@given(data=candidates(), diversity=st.sampled_from([0.2, 0.6, 1]))
def test_of_twins_the_more_relevant_comes_first_and_of_equals_the_earlier(data, diversity):
    relevance, vectors = data
    rows = facility(relevance, vectors, len(relevance), diversity).tolist()
    for first, second in combinations(rows, 2):
        if np.array_equal(vectors[first], vectors[second]):
            assert (-relevance[first], first) < (-relevance[second], second)


@given(data=candidates(), seed=st.integers(0, 99), diversity=st.sampled_from([0.3, 1]))
def test_items_say_which_rows_of_the_shelf_the_candidates_are(data, seed, diversity):
    relevance, vectors = data
    items = np.random.default_rng(seed).permutation(len(vectors) + 3)[: len(vectors)].astype(np.int32)
    shelf = np.zeros((len(vectors) + 3, 4), np.float32)
    shelf[items] = vectors
    assert facility(relevance, shelf, 5, diversity, items=items).tolist() == facility(relevance, vectors, 5, diversity).tolist()


def test_a_cap_holds():
    vectors, relevance = unit([[1, 0], [1, 0], [0, 1], [0, 1]]), np.array([1, 0.9, 0.8, 0.7], np.float32)
    room = Room.of(4, {"brand": np.array([[0], [1], [0], [1]], np.int32)}, {"brand": 1})
    assert facility(relevance, vectors, 4, 0.8, room=room).tolist() == [0, 3]


def test_things_without_words_still_fill_the_slate_by_relevance():
    assert facility(np.array([0.1, 0.5, 0.2], np.float32), np.zeros((3, 2), np.float32), 3, 1).tolist() == [1, 2, 0]
    assert facility(np.empty(0, np.float32), np.empty((0, 2), np.float32), 3, 1).tolist() == []


@pytest.mark.parametrize("diversity", [-0.01, 1.01, float("nan")])
def test_diversity_outside_its_range_is_refused(diversity):
    with pytest.raises(BadSetting, match="goes from 0 to 1"):
        facility(np.ones(2, np.float32), unit([[1, 0], [0, 1]]), 1, diversity)


def test_more_diversity_gives_more_of_it_on_the_mean_of_many_requests():
    """One greedy slate may have less of it at a higher setting; the mean of a hundred does not."""
    rng = np.random.default_rng(11)
    requests = [(rng.random(40).astype(np.float32), unit(rng.normal(size=(40, 6)))) for _ in range(100)]
    steps = np.linspace(0, 1, 11)
    means = np.mean([[stands_for(v, facility(r, v, 8, step)) for step in steps] for r, v in requests], axis=0)
    assert np.all(np.diff(means) >= -1e-6)
    assert means[-1] > means[0] + 0.03
