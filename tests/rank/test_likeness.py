"""Likeness by hand, and against loops over pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.slate import Slate
from assortment.rank.likeness import NAMES, NEWEST, SHARPNESS, Likeness

HALF = np.sqrt(0.5)
VECTORS = np.array([[1, 0], [0, 1], [HALF, HALF], [-1, 0], [0, 0]], np.float32)


def slate(items: list[int], scores: list[float]) -> Slate:
    return Slate(np.array(items, np.int32), np.array(scores, np.float32))


def test_likeness_by_hand():
    """The history is item 1 and then item 0; the slate is 2, 3, 0 with even scores, so that all candidates weigh alike."""
    table = Likeness(VECTORS).table([np.array([1, 0], np.int32)], [slate([2, 3, 0], [1, 1, 1])], 4)
    expected = {
        "like the last": [HALF, -1, 1],
        "like the nearest": [HALF, 0, 1],
        "like the history": [HALF, -0.5, 0.5],
        "like one above": [0, 0, HALF],
        "like the candidates": [0, (-HALF - 1) / 3, (HALF - 1) / 3],
    }
    for column, name in enumerate(NAMES):
        np.testing.assert_allclose(table[:, column], expected[name], atol=1e-6, err_msg=name)


def test_only_the_newest_of_a_long_history_count():
    """The eleventh from the end is the only one that is like the item."""
    history = np.array([0] + [1] * NEWEST, np.int32)
    table = Likeness(VECTORS).table([history], [slate([0], [1])], 2)
    np.testing.assert_allclose(table[0, :3], [0, 0, 0], atol=1e-6)


def test_who_has_no_history_is_like_nothing_known_and_an_item_without_a_vector_like_none():
    table = Likeness(VECTORS).table([np.empty(0, np.int32), np.array([0], np.int32)], [slate([0, 4], [2, 1])] * 2, 2)
    assert np.isnan(table[:2, :3]).all()
    assert not np.isnan(table[:2, 3:]).any()
    np.testing.assert_array_equal(table[3], 0)


slates_of_goods = st.lists(
    st.tuples(
        st.lists(st.integers(0, 8), unique=True, max_size=8),
        st.lists(st.integers(0, 8), unique=True, max_size=12),
        st.floats(0.1, 3),
    ),
    min_size=1,
    max_size=4,
)


@given(slates_of_goods, st.integers(1, 6))
def test_likeness_is_what_loops_over_pairs_find_whatever_else_is_in_the_batch(drawn, most):
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(9, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    slates = [slate(items, (-gap * np.arange(len(items)) ** 1.5).tolist()) for items, _, gap in drawn]
    recent = [np.array(history, np.int32) for _, history, _ in drawn]
    alike = Likeness(vectors)
    together = alike.table(recent, slates, most)
    alone = [alike.table([one], [of], most) for one, of in zip(recent, slates, strict=True)]
    np.testing.assert_array_equal(together, np.concatenate(alone))
    for table, history, given_slate in zip(alone, recent, slates, strict=True):
        np.testing.assert_allclose(table, by_loops(vectors, history, given_slate, most), atol=1e-5)


def by_loops(vectors: np.ndarray, history: np.ndarray, given_slate: Slate, most: int) -> np.ndarray:
    items, scores = given_slate.items[:most], given_slate.scores[:most].astype(float)
    spread = scores.std() if len(scores) else 1
    weight = np.exp(SHARPNESS * (scores - scores.max(initial=-np.inf)) / max(spread, 1e-9))
    rows = []
    for place, item in enumerate(items):
        had = [float(vectors[item] @ vectors[other]) for other in history[-NEWEST:]]
        with_others = [float(vectors[item] @ vectors[other]) for other in items]
        past = [had[-1], max(had), np.mean(had)] if had else [np.nan] * 3
        above = max([0, *with_others[:place]])
        mass = sum(weight[p] * cosine for p, cosine in enumerate(with_others) if p != place) / weight.sum()
        rows.append([*past, above, mass])
    return np.array(rows).reshape(-1, len(NAMES))


def test_mass_lies_on_the_first():
    """Two candidates of scores 1 and -1, a deviation of 1: the first weighs e⁴ times the second."""
    table = Likeness(VECTORS).table([np.array([1], np.int32)], [slate([0, 2], [1, -1])], 2)
    first = np.exp(4) / (1 + np.exp(4))
    assert table[1, 4] == pytest.approx(HALF * first, abs=1e-6)
    assert table[0, 4] == pytest.approx(HALF * (1 - first), abs=1e-6)
