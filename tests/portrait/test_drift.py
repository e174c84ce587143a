"""Whether what a person takes has changed."""

import numpy as np
import pytest

from assortment.portrait.drift import drift, halves, visits_of

NAMES = ["tea", "toys", "trains"]


def takes(*labels: int) -> np.ndarray:
    return np.eye(3)[list(labels)]


def test_a_change_of_interest_is_real_and_says_from_what_to_what():
    found = drift(takes(0, 0, 0, 0, 0, 1, 1, 1, 1, 1), np.arange(10), NAMES)
    assert found is not None
    assert (found.amount, found.real, found.away, found.towards) == (1.0, True, "tea", "toys")
    assert 0 < found.usual < 0.5


def test_takes_of_one_visit_prove_no_change_though_there_are_many():
    """Forty takes of two visits: taken one by one they would be as sure a drift as there is."""
    mass = takes(*[0] * 20, *[1] * 20)
    two = drift(mass, np.repeat([0, 1], 20), NAMES)
    each = drift(mass, np.arange(40), NAMES)
    assert two is not None
    assert each is not None
    assert (two.amount, two.real) == (1.0, False)
    assert two.usual == pytest.approx(1.0), "whichever comes first, they have nothing in common"
    assert each.chance == pytest.approx(1 / 200)


def test_where_nothing_drifts_one_in_twenty_is_called_real():
    """The probability is what it says. Where many orders come out equal, as with few takes of one weight, it is less."""
    rng = np.random.default_rng(0)
    real = [drift(rng.random((12, 3)) ** 4, np.arange(12), NAMES).real for _ in range(400)]
    equal = [drift(takes(*rng.integers(0, 3, 12)), np.arange(12), NAMES).real for _ in range(400)]
    assert np.mean(equal) <= 0.05
    assert 0.02 <= np.mean(real) <= 0.08


def test_halves_are_cut_by_what_was_taken_and_not_by_visits():
    """The first visit has six takes, the three others one each: it is the earlier half by itself."""
    early, late = halves(takes(*[0] * 6, 1, 1, 2), np.array([0] * 6 + [1, 2, 3]))
    np.testing.assert_allclose(early, [1, 0, 0])
    np.testing.assert_allclose(late, [0, 2 / 3, 1 / 3])


def test_who_came_once_or_took_nothing_known_has_no_drift():
    assert drift(takes(0, 1), np.array([0, 0]), NAMES) is None
    assert drift(np.zeros((3, 3)), np.arange(3), NAMES) is None
    assert drift(np.zeros((0, 3)), np.empty(0, np.int64), NAMES) is None


def test_half_an_hour_parts_visits():
    minute = 60_000
    assert visits_of(np.array([0, 29, 58, 88, 89]) * minute).tolist() == [0, 0, 0, 1, 1]
