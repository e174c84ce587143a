import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from assortment.core.errors import BadInput
from assortment.evaluate.frontier import frontier, hypervolume

points = st.integers(0, 12).flatmap(
    lambda m: arrays.arrays(np.float64, (m, 2), elements=st.one_of(st.integers(0, 4).map(float), st.just(np.nan)))
)


def beats(one, other):
    return np.all(one >= other) and np.any(one > other)


def test_the_front_by_hand():
    """NDCG and -redundancy: the third is beaten by the second, though it is neither the worst in the one nor in the other."""
    assert frontier(np.array([[0.080, -0.40], [0.079, -0.20], [0.0785, -0.30], [0.050, -0.10]])).tolist() == [0, 1, 3]


def test_of_equals_in_one_goal_the_better_in_the_other_stays():
    assert frontier(np.array([[1.0, 0], [1, 2], [0, 2]])).tolist() == [1]


def test_of_equal_points_the_first_stays():
    assert frontier(np.array([[1.0, 2], [1, 2], [0, 3], [0, 3]])).tolist() == [0, 2]


@given(points)
def test_the_front_is_what_nobody_beats(x):
    front = frontier(x)
    known = [row for row in range(len(x)) if not np.isnan(x[row]).any()]
    unbeaten = [row for row in known if not any(beats(x[other], x[row]) for other in known)]
    assert {tuple(x[row]) for row in front} == {tuple(x[row]) for row in unbeaten}
    assert len({tuple(x[row]) for row in front}) == len(front)
    assert np.all(np.diff(x[front, 0]) < 0), "by the first goal, best first"


def test_hypervolume_by_hand():
    """3 × 1 and 1 × 3 share 1 × 1: 5. The third point adds nothing; the sum of the three would be 7."""
    assert hypervolume(np.array([[3.0, 1], [1, 3], [1, 1]]), worst=(0, 0)) == 5


def test_what_is_worse_than_the_worst_adds_nothing():
    """Two of them together would give an area above 0."""
    assert hypervolume(np.array([[-2.0, -3], [-4, 9], [9, -4]]), worst=(0, 0)) == 0
    assert hypervolume(np.array([[0.08, -0.3]]), worst=(0.04, -0.5)) == pytest.approx(0.04 * 0.2)


def test_nothing_has_no_volume():
    assert hypervolume(np.empty((0, 2)), worst=(0, 0)) == 0
    assert hypervolume(np.array([[np.nan, 1.0]]), worst=(0, 0)) == 0


@given(points)
def test_hypervolume_counts_the_squares_that_are_covered(x):
    """Whole numbers from 0 to 4: the unit squares with some point above and to the right."""
    covered = [(a, b) for a in range(4) for b in range(4) if np.any((x[:, 0] > a) & (x[:, 1] > b))]
    assert hypervolume(x, worst=(0, 0)) == len(covered)
    assert hypervolume(x[frontier(x)], worst=(0, 0)) == len(covered), "what is off the front adds nothing"


@pytest.mark.parametrize("wrong", [np.zeros(3), np.zeros((3, 3))])
def test_points_of_other_than_two_goals_are_refused(wrong):
    with pytest.raises(BadInput, match="two goals"):
        frontier(wrong)
    with pytest.raises(BadInput, match="two goals"):
        hypervolume(wrong, worst=(0, 0))
