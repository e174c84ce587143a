"""Trades against the same bargains struck naively, in double precision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.errors import BadInput
from assortment.diversify.caps import Room
from assortment.diversify.select import by_relevance, trade

LITTLE = 1e-5
SETTINGS = np.linspace(0, 1, 11)


def unit(rows) -> np.ndarray:
    vectors = np.asarray(rows, np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(norms > 0, norms, 1)).astype(np.float32)


def drawn(seed: int, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(6, d))
    vectors = unit(centres[rng.integers(6, size=n)] + 0.5 * rng.normal(size=(n, d)))
    return rng.beta(2, 5, n).astype(np.float32), vectors


def spread(vectors, rows) -> float:
    """The sum of the distances of all pairs."""
    chosen = vectors[list(rows)].astype(float)
    return float((1 - chosen @ chosen.T)[np.triu_indices(len(chosen), 1)].sum())


def naive(relevance, vectors, k, diversity, brands=None, most=1) -> list[int]:
    """All trades looked at anew each time, those that the cap allows."""
    brands = np.arange(len(relevance)) if brands is None else brands
    rows = by_relevance(relevance, k, Room.of(len(relevance), {"brand": brands[:, None]}, {"brand": most})).tolist()
    exact = relevance.astype(float)
    while diversity > 0:
        best = (0.0, -1, -1)
        for place, pick in enumerate(rows):
            for newcomer in set(range(len(relevance))) - set(rows):
                slate = [*rows[:place], newcomer, *rows[place + 1 :]]
                gain = spread(vectors, slate) - spread(vectors, rows)
                if np.bincount(brands[slate]).max() <= most:
                    best = max(best, (gain / max(exact[pick] - exact[newcomer], LITTLE), place, newcomer))
        price, place, newcomer = best
        if price * diversity <= 1 - diversity:
            break
        rows[place] = newcomer
    return sorted(rows, key=lambda row: (-relevance[row], row))


@pytest.mark.parametrize("seed", range(6))
def test_the_bargains_are_those_of_looking_at_all_of_them(seed):
    relevance, vectors = drawn(seed, 25, (3, 16, 50)[seed % 3])
    for diversity in (0, 0.02, 0.05, 0.1, 0.3):
        assert trade(relevance, vectors, 6, diversity).tolist() == naive(relevance, vectors, 6, diversity)


@pytest.mark.parametrize("seed", range(6))
def test_within_a_cap_too_for_a_good_that_goes_makes_room_for_another_of_its_brand(seed):
    relevance, vectors = drawn(seed, 25, 16)
    brands = np.random.default_rng(seed).integers(6, size=25).astype(np.int32)
    for diversity in (0.02, 0.05, 0.1, 0.3):
        room = Room.of(25, {"brand": brands[:, None]}, {"brand": 1})
        assert trade(relevance, vectors, 5, diversity, room).tolist() == naive(relevance, vectors, 5, diversity, brands)


def test_the_cheapest_goes_first_and_not_the_widest():
    """For the second pick of two: the third gains 0.8 for 0.1 of relevance, the fourth 1.8 for 0.7. At 1/7 a trade may cost a
    sixth of what it gains, 0.13 and 0.3: the widest would be too dear, and at 0.3 it is what comes after the cheapest."""
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1], [-1, 0]], np.float32)
    relevance = np.array([1, 0.9, 0.8, 0.2], np.float32)
    assert trade(relevance, vectors, 2, 1 / 7).tolist() == [0, 2]
    assert trade(relevance, vectors, 2, 0.3).tolist() == [0, 2]
    assert trade(relevance, vectors, 2, 0.4).tolist() == [0, 3]


@st.composite
def crooked(draw):
    """Candidates that are twins, opposites, wordless or equally relevant, and labels of theirs."""
    d = draw(st.sampled_from([1, 2, 4, 17]))
    kinds = unit(draw(st.lists(st.lists(st.integers(-2, 2), min_size=d, max_size=d), min_size=1, max_size=5)))
    chosen = draw(st.lists(st.integers(0, len(kinds) - 1), min_size=1, max_size=14))
    relevance = draw(st.lists(st.sampled_from([0, 0.25, 0.5, 1]), min_size=len(chosen), max_size=len(chosen)))
    brands = draw(st.lists(st.integers(-1, 3), min_size=len(chosen), max_size=len(chosen)))
    return np.array(relevance, np.float32), kinds[chosen], np.array(brands, np.int32)[:, None]


@given(data=crooked(), k=st.integers(1, 16), most=st.integers(1, 3))
def test_more_diversity_never_gives_less_and_caps_hold(data, k, most):
    relevance, vectors, brands = data
    found = []
    for diversity in SETTINGS:
        room, again = (Room.of(len(relevance), {"brand": brands}, {"brand": most}) for _ in range(2))
        rows = trade(relevance, vectors, k, diversity, room).tolist()
        assert len(set(rows)) == len(rows)
        assert len(rows) == len(by_relevance(relevance, k, Room.of(len(relevance), {"brand": brands}, {"brand": most})))
        for row in rows:
            assert again.open[row]
            again.take(row)
        assert (room.open.tolist(), room.left.tolist()) == (again.open.tolist(), again.left.tolist())
        found.append(spread(vectors, rows))
    assert np.diff(found).min() > -1e-5


@given(data=crooked(), k=st.integers(1, 16))
def test_no_diversity_is_the_order_of_relevance(data, k):
    relevance, vectors, _ = data
    assert trade(relevance, vectors, k, 0).tolist() == by_relevance(relevance, k).tolist()


@given(data=crooked(), k=st.integers(1, 6), seed=st.integers(0, 9), diversity=st.sampled_from([0, 0.2, 0.5, 1]))
def test_items_say_which_rows_the_candidates_are(data, k, seed, diversity):
    relevance, vectors, _ = data
    items = np.random.default_rng(seed).integers(0, len(vectors), len(relevance)).astype(np.int32)
    chosen = trade(relevance, vectors, k, diversity, items=items)
    assert chosen.tolist() == trade(relevance, vectors[items], k, diversity).tolist()


def test_what_is_given_weighs_and_is_not_chosen_again():
    """Beside a first that is like the second, the third is the better bargain; alone the second stays."""
    vectors = unit([[1, 0, 0], [1, 0.1, 0], [0, 1, 0]])
    relevance = np.array([1, 0.9, 0.7], np.float32)
    assert trade(relevance, vectors, 1, 0.3).tolist() == [0]
    assert trade(relevance, vectors, 1, 0.3, given=np.array([0])).tolist() == [2]
    assert trade(relevance, vectors, 3, 0.3, given=np.array([0])).tolist() == [1, 2]


def test_vectors_that_are_no_numbers_are_refused():
    vectors = unit([[1, 0], [0, 1], [1, 1]])
    vectors[2] = np.nan
    with pytest.raises(BadInput, match="embed the goods again"):
        trade(np.array([1, 0.9, 0.1], np.float32), vectors, 2, 0.5)
    assert trade(np.array([1, 0.9, 0.1], np.float32), vectors, 2, 0).tolist() == [0, 1]


def test_no_candidates_give_no_slate():
    assert len(trade(np.empty(0, np.float32), np.empty((0, 4), np.float32), 3, 0.5)) == 0
