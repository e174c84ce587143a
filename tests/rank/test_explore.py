"""Drawn slates: the chances that are noted are those with which it draws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.chances import chances
from assortment.core.errors import BadSetting
from assortment.core.pipeline import Pipeline
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.diversify.methods import Msd
from assortment.diversify.stage import Diversify
from assortment.rank.explore import Drawn, EpsilonGreedy, PlackettLuce
from tests import world

FOUR = Slate(np.array([7, 3, 5, 1], np.int32), np.array([4, 3, 2, 1], np.float32))
RNG = np.random.default_rng(0)


def fitted(recipe) -> Drawn:
    return recipe.fit(world.dataset(), RNG)


def drawn(stage: Drawn, times: int, k: int = 2) -> list[Slate]:
    return stage([Request("u", time, k=k) for time in range(times)], [FOUR] * times)


def test_plackett_luce_by_hand():
    """Temperature 1, four items: chances 1, ½, ⅓, ¼ over their sum 25/12; without the second, 1, ⅓, ¼ over 19/12."""
    (found,) = fitted(PlackettLuce(1.0)).chances([Request(k=2)], [FOUR], [np.array([3, 5], np.int32)])
    assert found.chance[0].tolist() == pytest.approx([12 / 25, 6 / 25, 4 / 25, 3 / 25])
    assert found.chance[1].tolist() == pytest.approx([12 / 19, 0, 4 / 19, 3 / 19])
    assert found.of(np.array([3, 5], np.int32)).tolist() == pytest.approx([6 / 25, 4 / 19])


def test_epsilon_greedy_by_hand():
    (found,) = fitted(EpsilonGreedy(0.4)).chances([Request(k=2)], [FOUR], [np.array([3, 7], np.int32)])
    assert found.chance.tolist() == [pytest.approx([0.7, 0.1, 0.1, 0.1]), pytest.approx([0.6 + 0.4 / 3, 0, 0.4 / 3, 0.4 / 3])]


@pytest.mark.parametrize("recipe", [PlackettLuce(0.7), EpsilonGreedy(0.5)])
def test_slates_come_as_often_as_their_propensity_says(recipe):
    stage, counts = fitted(recipe), {}
    for slate in drawn(stage, 4_000):
        key = tuple(slate.items.tolist())
        counts.setdefault(key, [0, float(np.prod(slate.notes["propensity"]))])[0] += 1
    assert sum(chance for _, chance in counts.values()) == pytest.approx(1)
    for seen, chance in counts.values():
        assert seen == pytest.approx(4_000 * chance, abs=4.5 * math.sqrt(4_000 * chance))


@given(st.floats(0, 5), st.floats(0, 1), st.integers(1, 6), st.integers(0, 1000))
def test_what_is_noted_is_what_the_chances_say_and_a_slate_can_be_made_again(temperature, epsilon, k, time):
    for recipe in (PlackettLuce(temperature, wider=4), EpsilonGreedy(epsilon, wider=4)):
        stage, request = fitted(recipe), Request("u", time, k=k)
        (slate,), (again,) = stage([request], [FOUR]), stage([request], [FOUR])
        assert slate.items.tolist() == again.items.tolist()
        assert len(slate) == min(k, 4)
        (found,) = stage.chances([request], [FOUR], [slate.items])
        assert found.of(slate.items) == pytest.approx(slate.notes["propensity"])
        assert found.chance.sum(1) == pytest.approx(np.ones(len(slate)))
        assert np.all(slate.notes["propensity"] > 0)


def test_at_nought_nothing_changes_and_without_end_all_orders_are_alike():
    for recipe in (PlackettLuce(0), EpsilonGreedy(0)):
        for slate in drawn(fitted(recipe), 20):
            assert slate.items.tolist() == [7, 3]
            assert slate.notes["propensity"].tolist() == [1, 1]
    for recipe in (PlackettLuce(math.inf), EpsilonGreedy(1)):
        (slate,) = drawn(fitted(recipe), 1)
        assert slate.notes["propensity"] == pytest.approx([1 / 4, 1 / 3])


@pytest.mark.parametrize("request_", [Request("u", words="tea"), Request("u", about=(1,)), Request("u", wish=Wish(0.5))])
def test_who_asks_for_something_gets_it_undrawn(request_):
    (slate,) = fitted(PlackettLuce(math.inf))([request_], [FOUR])
    assert slate.items.tolist() == [7, 3, 5, 1]
    assert slate.notes["propensity"].tolist() == [1, 1, 1, 1]


def test_it_draws_among_what_a_stage_within_it_chose():
    inner = Diversify(Msd(), 0.0)
    all_ = Slate(np.arange(12, dtype=np.int32), np.linspace(2, 1, 12).astype(np.float32))
    stage = fitted(PlackettLuce(5.0, wider=2, stage=inner))
    for slate in stage([Request("u", time, k=3) for time in range(50)], [all_] * 50):
        assert set(slate.items.tolist()) <= set(range(6))
        assert len(slate) == 3


def test_a_pipeline_knows_the_chances_of_slates_that_it_did_not_show():
    catalog, shown = world.catalog(), np.array([3, 1], np.int32)
    fixed = Pipeline((lambda requests, slates: [FOUR] * len(requests),), catalog)
    (sure,) = chances(fixed, [Request(k=2)], [np.array([7, 5], np.int32)])
    assert sure.of(np.array([7, 5], np.int32)).tolist() == [1, 0]
    drawing = Pipeline((*fixed.stages, fitted(PlackettLuce(1.0))), catalog)
    (found,) = chances(drawing, [Request(k=2)], [shown])
    assert found.of(shown) == pytest.approx([6 / 25, 3 / 19])
    with pytest.raises(BadSetting, match="two stages draw"):
        chances(Pipeline((*drawing.stages, fitted(EpsilonGreedy())), catalog), [Request(k=2)], [shown])


@pytest.mark.parametrize("wrong", [{"temperature": -1}, {"wider": 0.5}, {"temperature": math.nan}])
def test_settings_outside_their_range_are_refused(wrong):
    with pytest.raises(BadSetting):
        PlackettLuce(**wrong)
