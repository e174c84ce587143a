"""Matrix factorisation: the person is solved for at the request, from the goods' factors alone."""

import numpy as np

from assortment.core.profile import NOBODY
from assortment.core.request import Request
from assortment.retrieve.factors import Factors
from tests import world
from tests.retrieve.shop import bought, found, said

FEW = Factors(factors=4, rounds=5, ridge=0.5)


def fitted(shop, recipe=FEW, seed=1):
    return recipe.fit(shop, np.random.default_rng(seed))


def test_a_profile_is_folded_in_by_the_normal_equations_with_older_goods_trusted_less():
    shop = world.dataset()
    stage = fitted(shop, Factors(factors=4, rounds=5, ridge=0.5, confidence=3, decay=0.5))
    profile = shop.profiles()["tea0"]
    Y = stage.goods.vectors.astype(np.float64)
    trust = 3 * 0.5 ** np.arange(len(profile.recent))[::-1]
    seen = Y[profile.recent]
    x = np.linalg.solve(Y.T @ Y + 0.5 * np.eye(4) + seen.T @ (trust[:, None] * seen), seen.T @ trust)
    np.testing.assert_allclose(said(stage, Request("tea0", profile=profile), 12), Y @ x, atol=1e-4)


def test_the_goods_are_where_they_should_be_given_the_people_and_the_people_given_the_goods():
    shop = world.dataset()
    stage = fitted(shop, Factors(factors=2, rounds=300, ridge=0.5, confidence=3, decay=1))
    Y, liked = stage.goods.vectors.astype(np.float64), shop.matrix().toarray()
    ridge = 0.5 * np.eye(2)
    X = np.stack([np.linalg.solve(Y.T @ Y + ridge + 3 * Y[u > 0].T @ Y[u > 0], 4 * Y[u > 0].sum(0)) for u in liked])
    again = np.stack([np.linalg.solve(X.T @ X + ridge + 3 * X[i > 0].T @ X[i > 0], 4 * X[i > 0].sum(0)) for i in liked.T])
    np.testing.assert_allclose(again, Y, atol=1e-3)


def test_an_event_changes_the_answer_without_a_refit():
    stage = fitted(world.dataset())
    newcomer = Request("new", profile=NOBODY.after(0, "purchase", 1))
    assert set(found(stage, newcomer)[:6]) == {0, 1, 2, 3, 4, 5}, "tea for who bought tea"
    later = Request("new", profile=newcomer.profile.after(7, "purchase", 2).after(8, "purchase", 3))
    assert found(stage, later)[0] >= 6, "trains for who has turned to trains"


def test_the_same_draw_gives_the_same_factors_and_another_draw_others():
    one, same, other = (fitted(world.dataset(), seed=seed).goods.vectors for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_nothing_is_said_of_what_nobody_bought_and_nothing_to_who_bought_only_that():
    stage = fitted(bought(4, a=[0, 1], b=[0, 1], c=[1, 2]))
    assert 3 not in found(stage, Request(about=(0,)))
    assert found(stage, Request(about=(3,))) == []


def test_what_nobody_touched_is_a_mixture_of_its_like_at_the_fit_and_when_it_arrives():
    """Item 3 says what 0 says, item 4 nothing: nobody touched either, and only 3 is like anything."""
    vectors = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0, 0]], np.float32)
    people = {"a": [0, 1], "b": [0, 1], "c": [2, 1], "d": [0, 2]}
    there = bought(5, **people)
    there = there.with_catalog(there.catalog.with_column("vector", vectors))
    before = bought(3, **people)
    before = before.with_catalog(before.catalog.with_column("vector", vectors[:3]))
    recipe = Factors(factors=4)
    fitted, first = recipe.fit(there, np.random.default_rng(1)), recipe.fit(before, np.random.default_rng(1))
    np.testing.assert_allclose(fitted.goods.vectors[3], fitted.goods.vectors[0], atol=1e-6)
    assert not fitted.goods.vectors[4].any()
    later = first.with_catalog(there.catalog)
    np.testing.assert_allclose(later.goods.vectors[:3], first.goods.vectors, atol=1e-6)
    np.testing.assert_allclose(later.goods.vectors[3], first.goods.vectors[0], atol=1e-6)
