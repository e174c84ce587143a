import dataclasses

import numpy as np
import pytest
from scipy.special import expit

from assortment.core.errors import BadInput, BadSetting
from assortment.rl.belief import LOOKED
from assortment.rl.crowd import Crowd, made_up
from assortment.rl.memory import TRAITS, Memory
from assortment.rl.people import FAMILIES, Population, Range
from assortment.rl.policy import Constant, Static
from assortment.rl.rollout import play, played
from assortment.rl.shoppers import Latent, Shelf, worth
from assortment.rl.visits import Visits

CROWD = made_up(np.random.default_rng(0), lists=12, candidates=40, kinds=6)


def constants(**given: float):
    """Of one person, all else 0."""
    one = Population().draw(1, np.random.default_rng(0))
    still = {name: np.zeros(1, np.float32) for name in vars(one) if name != "cascade"}
    return dataclasses.replace(one, **{**still, **{name: np.array([value], np.float32) for name, value in given.items()}})


def shelf(kind, alike=None) -> Shelf:
    kind = np.array([kind], np.int32)
    zeros = np.zeros(kind.shape, np.float32)
    return Shelf(zeros, kind, zeros if alike is None else np.array([alike], np.float32), zeros, np.ones(kind.shape, bool))


def test_the_same_seed_gives_the_same_visits_and_another_gives_others():
    policy = Static("mmr", 0.4)
    one, again, other = (played(policy, CROWD, Population(), 40, seed=seed, horizon=12) for seed in (3, 3, 4))
    assert one.taken.tolist() == again.taken.tolist()
    assert one.taken.tolist() != other.taken.tolist()


@pytest.mark.parametrize("family", FAMILIES)
def test_copies_have_the_same_fate_when_they_are_shown_the_same(family):
    visits = Visits(CROWD, Population(family), 20, horizon=10, seed=1, copies=3)
    taken = play(Constant((0.7, 0.8, 0.1, 0.8)), visits).taken.reshape(3, 20)
    assert taken[0].sum() > 0
    assert taken[0].tolist() == taken[1].tolist() == taken[2].tolist()


def test_who_has_left_takes_nothing_more():
    visits = Visits(CROWD, Population("tiring", {"stays": Range(-9, -9)}), 30, seed=2)
    visits.latent.mood[:] = 0
    first = visits.step(Static()(visits.offer, visits.memory, 8))
    assert first.left.mean() > 0.5
    gone = ~visits.here
    assert visits.step(Static()(visits.offer, visits.memory, 8)).reward[gone].sum() == 0


def test_what_was_taken_tires_of_its_kind_and_a_placebo_of_none():
    latent = Latent.fresh(constants(), 3)
    latent.tired[0, 1] = 2.0
    assert worth("tiring", shelf([0, 1]), constants(tires=0.5), latent).tolist() == [[0, -1]]
    assert worth("tiring", shelf([0, 1]), constants(), latent).tolist() == [[0, 0]]


def test_every_good_of_the_kind_above_counts_and_none_of_no_kind():
    latent = Latent.fresh(constants(), 3)
    assert worth("tiring", shelf([0, 0, 1, 0, 3, 3]), constants(repeats=0.5), latent).tolist() == [[0, -0.5, 0, -1, 0, 0]]


def test_the_bored_do_not_mind_until_a_kind_bores_them_and_then_they_do():
    one, latent = constants(tires=2.0), Latent.fresh(constants(), 3)
    latent.tired[0, 0] = 2.0
    assert worth("bored", shelf([0, 1]), one, latent).tolist() == [[0, 0]]
    latent.bored[0, 0] = 1
    assert worth("bored", shelf([0, 1]), one, latent).tolist() == [[-3, 0]]


def test_those_who_choose_take_one_good_at_most():
    visits = Visits(CROWD, Population("choosing"), 50, seed=5)
    for _ in range(5):
        assert visits.step(Static()(visits.offer, visits.memory, 8)).went.sum(1).max() == 1


def test_what_was_taken_is_not_offered_again_for_a_while():
    visits = Visits(CROWD, Population("tiring", {"liking": Range(9, 9), "stays": Range(20, 20)}), 5, seed=5)
    rows = Static()(visits.offer, visits.memory, 8)
    went = visits.step(rows).went
    for _ in range(9):
        assert not np.take_along_axis(visits.offer.there, np.maximum(rows, 0), 1)[went].any()
        visits.step(np.full((5, 8), -1))


def test_the_memory_by_hand():
    """Tea, tea, nothing of a kind; the first tea and the last are taken; then one train is shown and left."""
    odds = np.zeros((1, 3), np.float32)
    memory = Memory.blank(1, 2)
    memory = memory.after(np.array([[0, 0, 2]], np.int32), np.array([[True, False, True]]), np.array([0.3]), odds)
    memory = memory.after(np.array([[1, -1, -1]], np.int32), np.array([[False, False, False]]), np.array([0.0]), odds)
    np.testing.assert_allclose(memory.lately, [[0.8, 0, 0]])
    np.testing.assert_allclose(memory.taken, [[0.97, 0, 0]])
    first, second = expit(-0.67), LOOKED * expit(-0.67 - 0.315)
    assert memory.expected[0, 0] == pytest.approx(0.97 * (first + second), rel=1e-3)
    assert memory.expected[0, 2] == 0
    traits = dict(zip(TRAITS, memory.traits[0].tolist(), strict=True))
    assert traits["visits"] == 2
    assert traits["quick"] == pytest.approx(2 / 3 * 0.5 * 0.5)
    assert memory.rates()[0, 0] > 0 > memory.rates()[0, 1]


def test_new_people_are_blank_and_the_others_stay_as_they_were():
    odds, went = np.zeros((2, 2), np.float32), np.array([[True, False]] * 2)
    memory = Memory.blank(2, 3).after(np.array([[0, 1]] * 2, np.int32), went, np.zeros(2), odds)
    renewed = memory.without(np.array([1]))
    for name, column in vars(Memory.blank(1, 3)).items():
        assert getattr(renewed, name)[1].tolist() == column[0].tolist()
        assert getattr(renewed, name)[0].tolist() == getattr(memory, name)[0].tolist()


def test_errors_say_the_way_out():
    with pytest.raises(BadInput, match="of one kind"):
        Crowd(CROWD.items, CROWD.odds, np.zeros_like(CROWD.kind), CROWD.alike, ("tea",))
    with pytest.raises(BadInput, match="learned on some and judged on others"):
        CROWD.take(np.arange(1))
    with pytest.raises(BadSetting, match="no family 'tired'"):
        Population("tired")
    with pytest.raises(BadSetting, match="no constant"):
        Population("tiring", {"tire": Range(0, 1)})
