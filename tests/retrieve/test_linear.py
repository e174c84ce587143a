"""The linear model against the formula, solved another way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.errors import BadSetting
from assortment.core.request import Request
from assortment.retrieve.linear import Linear, alike
from tests.retrieve.shop import RNG, bought, found, said

EASE = Linear(near=1, after=1, backward=1, text=0, heirs=0, regularization=0.5, rows=100)

logs = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=5), min_size=1, max_size=6)


def rows(stage, n: int) -> np.ndarray:
    return np.stack([said(stage, Request(about=(item,)), n) for item in range(n)])


@given(logs)
def test_without_order_and_text_it_is_ease(people):
    shop = bought(6, **{f"u{number}": visits for number, visits in enumerate(people)})
    liked = shop.matrix().toarray().astype(np.float64)
    P = np.linalg.inv(liked.T @ liked + 0.5 * np.eye(6))
    B = -P / np.diag(P)
    np.fill_diagonal(B, 0)
    np.testing.assert_allclose(rows(EASE.fit(shop, RNG), 6), B, atol=2e-4)


def test_it_is_the_ridge_regression_under_its_constraint():
    """B minimises tr(Bᵀ(K + λI)B)/2 - tr(BᵀC) with a diagonal of zeros: (K + λI)B = C off the diagonal."""
    shop = bought(5, a=[0, 1, 2], b=[1, 0, (3, 4)], c=[2, 4, 1], d=[0, 2])
    recipe = Linear(near=0.5, after=0.25, backward=0.1, text=0, regularization=2, rows=100)
    orders = {"a": [[0], [1], [2]], "b": [[1], [0], [3, 4]], "c": [[2], [4], [1]], "d": [[0], [2]]}
    K, C = np.zeros((5, 5)), np.zeros((5, 5))
    for visits in orders.values():
        flat = [(item, visit) for visit, items in enumerate(visits) for item in items]
        for x, one in flat:
            for y, other in flat:
                K[x, y] += 0.5 ** abs(one - other)
                if x != y:
                    lag = other - one
                    C[x, y] += 0.25 ** (lag - 1) if lag > 0 else 0.1 * 0.25 ** (-lag - 1) if lag < 0 else 0.55
    B = rows(recipe.fit(shop, RNG), 5)
    assert np.abs(np.diag(B)).max() < 1e-6
    left = (K + 2 * np.eye(5)) @ B - C
    np.testing.assert_allclose(left - np.diag(np.diag(left)), 0, atol=1e-4)


def test_what_came_after_is_proposed_and_what_came_before_is_not():
    shop = bought(3, a=[0, 1], b=[0, 1], c=[0, 1], d=[2, 0])
    stage = Linear(backward=0, text=0, regularization=1).fit(shop, RNG)
    assert found(stage, Request(about=(0,))) == [1]
    assert 0 not in found(stage, Request(about=(1,)))


def test_an_item_that_nobody_touched_is_found_by_its_text_and_only_then():
    shop = bought(4, a=[0, 1], b=[0, 1], c=[0, 2])
    vectors = np.eye(4, dtype=np.float32)
    vectors[3] = [0.8, 0.6, 0, 0]
    described = shop.with_catalog(shop.catalog.with_column("vector", vectors))
    asked = Request(about=(0,))
    assert 3 not in found(Linear().fit(shop, RNG), asked)
    assert 3 not in found(Linear(heirs=0).fit(described, RNG), asked)
    assert 3 in found(Linear().fit(described, RNG), asked)
    assert found(Linear().fit(described, RNG), Request(about=(3,)))[0] == 0


def test_each_item_keeps_its_nearest_and_never_itself_nor_what_says_nothing():
    vectors = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 0]], np.float32)
    expected = [[0, 0.8, 0, 0], [0, 0, 0.96, 0], [0, 0.96, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(alike(vectors, 1).toarray(), expected, atol=1e-5)


def test_goods_beyond_the_dense_part_are_solved_alone_and_still_found():
    shop = bought(4, a=[0, 1, 2], b=[0, 1], c=[0, 1], d=[0, 3])
    stage = Linear(text=0, dense_up_to=2, regularization=1).fit(shop, RNG)
    np.testing.assert_allclose(said(stage, Request(about=(2,)), 4), np.array([0.25 * 0.9, 0.25, 0, 0]) / (1 + 1), atol=1e-5)
    assert {1, 2, 3} == set(found(stage, Request(about=(0,))))


def test_only_the_strongest_of_a_row_are_kept():
    shop = bought(4, a=[0, 1], b=[0, 1], c=[0, 2], d=[0, 3])
    assert np.count_nonzero(said(Linear(text=0, rows=1).fit(shop, RNG), Request(about=(0,)), 4)) == 1


def test_too_little_regularization_is_said_and_not_answered_with_noise():
    twins = {f"u{number}": [tuple(range(40))] for number in range(400)}
    with pytest.raises(BadSetting, match="regularization is 1e-06; too little"):
        Linear(regularization=1e-6, near=1).fit(bought(40, **twins), RNG)


def test_strangers_and_words_are_met_with_silence():
    stage = Linear().fit(bought(3, a=[0, 1], b=[0, 2]), RNG)
    assert found(stage, Request("nobody")) == found(stage, Request(words="tea")) == []
