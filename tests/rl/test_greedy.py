from dataclasses import replace

import numpy as np
import pytest

from assortment.diversify.select import dpp, mmr, msd
from assortment.rl.belief import HYPOTHESES
from assortment.rl.crowd import cosines
from assortment.rl.greedy import WEIGHTS, Offer, arrange, nearest_above
from assortment.rl.memory import Memory
from assortment.rl.static import static

NONE = 3
"""The number of no kind, where there are three."""


def offer(relevance, kind, vectors=None) -> Offer:
    """What one person may be shown."""
    n = len(relevance)
    vectors = np.eye(n, dtype=np.float32) if vectors is None else vectors
    return Offer(
        np.array([relevance], np.float32),
        np.array([relevance], np.float32) - np.float32(max(relevance)),
        np.array([kind], np.int32),
        cosines(vectors, np.arange(n, dtype=np.int32)[None, :]),
        np.zeros(1, np.int64),
        np.ones((1, n), bool),
    )


def weights(**named: float) -> np.ndarray:
    return np.array([[named.get(name, 0.0) for name in WEIGHTS]], np.float32)


def test_a_kind_that_was_taken_lately_waits():
    """Two teas stand first, and two teas were taken: of somebody unknown 1.2 is believed, and 1 - 0.3 * 1.2 * 2 is less than
    the train's 0.5."""
    memory = replace(Memory.blank(1, 3), lately=np.array([[2, 0, 0, 0]], np.float32))
    goods = offer([1.0, 0.9, 0.5, 0.45], [0, 0, 1, NONE])
    assert arrange(goods, memory, weights(), 3).tolist() == [[0, 1, 2]]
    assert arrange(goods, memory, weights(tired=0.3), 3).tolist() == [[2, 3, 0]]


def test_who_is_believed_not_to_tire_is_shown_the_kind_again():
    """The same weights, and somebody of whom it is sure that nothing tires them."""
    memory = replace(Memory.blank(1, 3), lately=np.array([[2, 0, 0, 0]], np.float32))
    sure = replace(memory, belief=np.where(HYPOTHESES[:, 1] == 0, 0, -50)[None, :].astype(np.float32))
    goods = offer([1.0, 0.9, 0.5, 0.45], [0, 0, 1, NONE])
    assert arrange(goods, sure, weights(tired=0.3), 3).tolist() == [[0, 1, 2]]


def test_a_kind_that_is_taken_less_than_was_to_be_expected_gives_way():
    memory = Memory.blank(1, 3)
    for _ in range(4):
        memory = memory.after(np.array([[0, 1]], np.int32), np.array([[False, True]]), np.zeros(1), np.zeros((1, 2)))
    goods = offer([1.0, 0.5], [0, 1])
    assert arrange(goods, memory, weights(), 2).tolist() == [[0, 1]]
    assert arrange(goods, memory, weights(rate=1.0), 2).tolist() == [[1, 0]]


def test_goods_of_no_kind_are_not_of_one_kind_together():
    goods = offer([1.0, 0.9, 0.8], [NONE, NONE, 1])
    assert arrange(goods, Memory.blank(1, 3), weights(again=1.0), 3).tolist() == [[0, 1, 2]]
    assert arrange(offer([1.0, 0.9, 0.8], [0, 0, 1]), Memory.blank(1, 3), weights(again=1.0), 3).tolist() == [[0, 2, 1]]


def test_what_may_not_be_shown_leaves_a_place_empty():
    goods = offer([1.0, 0.9, 0.8], [0, 0, 1])
    goods.there[0, 0] = False
    assert arrange(goods, Memory.blank(1, 3), weights(), 3).tolist() == [[1, 2, -1]]


@pytest.mark.parametrize(("name", "method"), [("mmr", mmr), ("msd", msd), ("dpp", dpp)])
def test_the_static_methods_choose_as_those_that_serve(name, method):
    rng = np.random.default_rng(4)
    for diversity in (0.2, 0.5, 0.8):
        relevance = np.sort(rng.random(30).astype(np.float32))[::-1]
        vectors = np.abs(rng.normal(size=(30, 4))).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = vectors.astype(np.float16).astype(np.float32)
        goods = offer(relevance, np.zeros(30, int))
        exact = replace(goods, alike=(vectors @ vectors.T)[None])
        chosen = static(name, exact, np.array([diversity]), 8)[0]
        assert chosen.tolist() == method(np.ascontiguousarray(relevance), vectors, 8, diversity).tolist()


def test_the_likeness_to_the_nearest_above_is_of_those_above_alone():
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    goods = offer([1.0, 0.9, 0.8], [0, 0, 0], vectors)
    np.testing.assert_allclose(nearest_above(goods, np.array([[0, 1, 2]])), [[0, 0, 0.8]], atol=1e-3)
    np.testing.assert_allclose(nearest_above(goods, np.array([[2, 0, -1]])), [[0, 0.6, 0]], atol=1e-3)
