"""Chances by place and score: they add up, and they keep the order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from assortment.core.profile import NOBODY
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.rank.odds import Odds, fitted, signs

BUYER = Request("u", profile=NOBODY.after(0, "purchase", 1))


def slate(scores: list[float]) -> Slate:
    return Slate(np.arange(len(scores), dtype=np.int32), np.array(scores, np.float32))


def test_signs_by_hand():
    """The head is the first two, of mean 3 and deviation 1; the third is measured by them, and lies 4 below the first."""
    table = signs([BUYER], [slate([4, 2, 0])], 2)
    np.testing.assert_allclose(table[:, 0], [1, -1, -3])
    np.testing.assert_allclose(table[:, 1], [0, -2, -4])
    np.testing.assert_allclose(table[:, 2], -np.log([1, 2, 3]))
    np.testing.assert_allclose(table[:, 3], -(np.log([1, 2, 3]) ** 2))
    np.testing.assert_allclose(table[:, 4:], [[1, np.log(2), 4, 1]] * 3)


def world(people: int, falls: bool, seed: int = 3):
    """Ten goods each, of chance 0.5, 0.25, 0.17 … by place (falls), or the other way round."""
    rng = np.random.default_rng(seed)
    chance = 1 / np.arange(2, 12)
    slates = [slate(np.sort(rng.normal(size=10))[::-1].tolist()) for _ in range(people)]
    table = signs([BUYER] * people, slates, 10)
    taken = rng.random(people * 10) < np.tile(chance if falls else chance[::-1], people)
    return table, taken, np.ones(people * 10, np.float32)


def test_chances_come_true_place_by_place():
    table, taken, ones = world(4000, falls=True)
    chance = expit(table @ fitted(table, taken, ones, 10).weights).reshape(-1, 10).mean(0)
    assert chance.sum() * 4000 == pytest.approx(taken.sum(), rel=0.005)
    np.testing.assert_allclose(chance, 1 / np.arange(2, 12), atol=0.02)


def test_where_later_places_are_taken_more_the_chances_are_even_rather_than_out_of_order():
    table, taken, ones = world(500, falls=False)
    odds = fitted(table, taken, ones, 10)
    np.testing.assert_array_equal(odds.weights[:4], 0)
    assert expit(table @ odds.weights).sum() == pytest.approx(taken.sum(), rel=0.02)


def test_an_item_that_counts_for_three_is_three_items():
    table, taken, _ = world(60, falls=True)
    counts = np.where(taken, 1, 3).astype(np.float32)
    twice = np.repeat(np.arange(len(taken)), counts.astype(int))
    one = fitted(table, taken, counts, 10).weights
    other = fitted(table[twice], taken[twice], np.ones(len(twice), np.float32), 10).weights
    np.testing.assert_allclose(table @ one, table @ other, atol=0.02)


def test_where_nothing_was_taken_the_chances_are_small_and_finite():
    table, taken, ones = world(60, falls=True)
    chance = expit(table @ fitted(table, np.zeros_like(taken), ones, 10).weights)
    assert np.all((chance > 0) & (chance < 0.05))


falling = st.lists(st.floats(-20, 20, width=32), max_size=12).map(lambda scores: sorted(scores, reverse=True))


@given(st.lists(falling, min_size=1, max_size=4), st.lists(st.floats(0, 3), min_size=4, max_size=4), st.integers(2, 8))
def test_odds_never_rise_along_a_slate_and_a_batch_is_what_its_requests_are_alone(scores, weights, most):
    odds = Odds(np.array([*weights, -1, 0.5, 0.1, 0.1]), most)
    slates = [slate(row) for row in scores]
    together = odds([BUYER] * len(slates), slates)
    alone = [odds([BUYER], [one]) for one in slates]
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-12)
    for said in alone:
        assert np.all(np.diff(said) <= 1e-9)
