import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.arrays import Ids, best_first, strings
from assortment.core.errors import BadInput


def test_best_first_takes_the_best_and_breaks_ties_against_position():
    scores = np.zeros(50, np.float32)
    scores[7] = 1
    order = best_first(scores, 50).tolist()
    assert order[0] == 7
    assert order[1:] != sorted(order[1:]), "ties in the order of position would favour the oldest goods"


def test_best_first_takes_differences_below_rounding_for_ties():
    for value in np.linspace(0.1, 0.9, 400, dtype=np.float32):
        noisy = np.array([value, value + 6e-8, value - 6e-8], np.float32)
        assert best_first(noisy, 3).tolist() == best_first(noisy[::-1].copy(), 3).tolist(), value


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=40), st.integers(1, 45))
def test_best_first_of_few_is_the_start_of_best_first_of_all(values, most):
    scores = np.array(values, np.float32)
    everything = best_first(scores, len(scores))
    assert best_first(scores, most).tolist() == everything[:most].tolist()
    assert np.all(np.diff(scores[everything]) <= 0)


def test_ids_answer_minus_one_where_unknown():
    assert Ids(("b", "a")).numbers(["a", "x", "b"]).tolist() == [1, -1, 0]


def test_ids_that_stand_twice_are_refused_by_name():
    with pytest.raises(BadInput, match="'a' stands twice"):
        Ids(("a", "b", "a"))


def test_strings_of_equal_length_lists_stay_a_column():
    assert strings(["ab", None]).shape == (2,)
