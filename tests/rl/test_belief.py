"""What is believed of people: Bayes' rule by hand, and people who are what they are."""

import numpy as np
import pytest
from scipy.special import expit

from assortment.rl import belief
from assortment.rl.belief import HYPOTHESES, LIKING, LOOKED, REPEATS, SHARES, TIRES, Look
from assortment.rl.crowd import made_up
from assortment.rl.people import PRIOR, Population, Range
from assortment.rl.policy import Constant
from assortment.rl.visits import Visits

CROWD = made_up(np.random.default_rng(0), lists=40, candidates=60, kinds=8)


def look(odds, tired, above, there=None) -> Look:
    given = (np.array([row], np.float32) for row in (odds, tired, above))
    return Look(*given, np.ones((1, len(odds)), bool) if there is None else np.array([there]))


def test_bayes_rule_by_hand():
    """Two goods of a kind of which two were had: the first is left, the second taken."""
    seen = belief.after(belief.first(1), look([0.0, -1.0], [2.0, 2.0], [0.0, 1.0]), np.array([[False, True]]))
    liking, tires, repeats = HYPOTHESES.T
    first, second = expit(liking - 2 * tires), LOOKED * expit(-1 + liking - 2 * tires - repeats)
    by_hand = np.exp(SHARES) * (1 - first) * np.maximum(second, 1e-3)
    np.testing.assert_allclose(np.exp(seen[0]), by_hand / by_hand.max(), rtol=1e-3)


def test_an_empty_place_says_nothing():
    seen = belief.after(belief.first(1), look([0.0, 0.0], [2.0, 2.0], [0.0, 0.0], [False, False]), np.array([[False, False]]))
    np.testing.assert_allclose(seen - seen.max(), SHARES[None] - SHARES.max(), atol=1e-6)


def test_what_is_expected_is_what_the_hypotheses_foretell():
    seen = look([0.0, -1.0], [2.0, 0.0], [0.0, 1.0])
    for place in (0, 17, 71):
        np.testing.assert_allclose(
            seen.expected(HYPOTHESES[place : place + 1]), seen.foretold()[:, :, place], rtol=1e-3, atol=1e-3
        )


def test_the_hypotheses_do_not_go_beyond_the_people_who_are_drawn():
    assert len(HYPOTHESES) == len(SHARES) == len(LIKING) * len(TIRES) * len(REPEATS)
    assert np.exp(SHARES).sum() == pytest.approx(1)
    for values, name in ((LIKING, "liking"), (TIRES, "tires"), (REPEATS, "repeats")):
        assert values.max() <= PRIOR[name].high
        assert values.min() == 0 or name == "liking"


@pytest.mark.parametrize(("name", "column"), [("liking", 0), ("tires", 1), ("repeats", 2)])
def test_people_are_found_out(name, column):
    """Half of the people are at one end of a range and half at the other: after 30 visits more is believed of those who are
    more so, and it is surer than at first."""
    ends = {"liking": (-1.4, 0.4), "tires": (0.0, 2.4), "repeats": (0.0, 0.9)}[name]
    means = []
    for end in ends:
        people = Population("tiring", {name: Range(end, end), "stays": Range(20, 20), "doubt": Range(0, 0)})
        visits = Visits(CROWD, people, 200, seed=4)
        for _ in range(30):
            visits.step(Constant((0.2, 0.5, 0.0, 0.0))(visits.offer, visits.memory, 8))
        found, unsure = belief.constants(visits.memory.belief)
        assert unsure[:, column].mean() < belief.constants(belief.first(1))[1][0, column]
        means.append(found[:, column].mean())
    assert means[1] - means[0] > 0.25 * (ends[1] - ends[0])
