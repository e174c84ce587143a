"""A slate that keeps every clause is found wherever there is one: checked against every ordering and against maximum flow."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from assortment.diversify.arrange import Clause, Clauses, arrange


def clause(codes, amount) -> Clause:
    return Clause(np.array(codes, np.int32).reshape(len(codes), -1), amount)


def keeps(rows, clauses: Clauses) -> bool:
    """Straight from the words of the contract, item by item."""
    held = [[set(clause.codes[row].tolist()) - {-1} for row in rows] for clause in (*clauses.at_most, *clauses.at_least)]
    for labels, one in zip(held, clauses.at_most, strict=False):
        if any(sum(label in item for item in labels) > one.amount for label in set().union(*labels)):
            return False
    for labels, one in zip(held[len(clauses.at_most) :], clauses.at_least, strict=True):
        if len(set().union(*labels)) < one.amount:
            return False
    for one in clauses.apart:
        labels = [set(one.codes[row].tolist()) - {-1} for row in rows]
        if any(labels[i] & labels[j] for i, j in combinations(range(len(rows)), 2) if j - i < one.amount):
            return False
    return all(clauses.allowed[row] for row in rows) and len(set(rows)) == len(rows)


@st.composite
def problems(draw):
    n = draw(st.integers(1, 7))

    def some(low, high, most):
        def one():
            width, labels = draw(st.integers(1, 2)), draw(st.integers(1, 4))
            codes = draw(st.lists(st.lists(st.integers(-1, labels), min_size=width, max_size=width), min_size=n, max_size=n))
            return clause([sorted(set(row) - {-1}) + [-1] * (width - len(set(row) - {-1})) for row in codes], draw(amounts))

        amounts = st.integers(low, high)
        return tuple(one() for _ in range(draw(st.integers(0, most))))

    allowed = np.array(draw(st.lists(st.sampled_from([True, True, True, False]), min_size=n, max_size=n)))
    clauses = Clauses(allowed, some(1, 2, 2), some(1, 3, 2), some(2, 3, 1))
    return draw(st.permutations(range(n))), draw(st.integers(1, min(n, 5))), clauses


@given(problems())
def test_it_finds_a_slate_exactly_where_trying_every_order_finds_one(problem):
    order, k, clauses = problem
    exists = any(keeps(rows, clauses) for rows in permutations(range(len(order)), k))
    found = arrange(np.array(order), k, clauses)
    assert (found is not None) == exists
    if found is not None:
        assert len(found) == k
        assert keeps(found.tolist(), clauses)


@pytest.mark.parametrize("seed", range(20))
def test_two_caps_of_one_fill_as_many_places_as_maximum_matching_says(seed):
    """One of each brand and one of each category: goods are edges between brands and categories."""
    rng = np.random.default_rng(seed)
    brand, category = rng.integers(0, 8, 14), rng.integers(0, 8, 14)
    edges = csr_array((np.ones(14), (brand, category)), (8, 8))
    most = int((maximum_bipartite_matching(edges) >= 0).sum())
    clauses = Clauses(np.ones(14, dtype=bool), (clause(brand, 1), clause(category, 1)))
    order = rng.permutation(14)
    assert len(arrange(order, most, clauses)) == most
    assert arrange(order, most + 1, clauses) is None


def test_what_nothing_binds_keeps_its_order():
    order = np.array([3, 1, 0, 2])
    assert arrange(order, 3, Clauses(np.ones(4, dtype=bool))).tolist() == [3, 1, 0]


def test_the_first_choice_gives_way_where_it_would_leave_the_rest_short():
    """Whoever takes the most preferred first, 0 of brand 0 and category 0, finds nothing for the second place."""
    clauses = Clauses(np.ones(3, dtype=bool), (clause([0, 0, 1], 1), clause([0, 1, 0], 1)))
    assert arrange(np.array([0, 1, 2]), 2, clauses).tolist() == [1, 2]


def test_a_floor_takes_the_last_places_and_not_the_first():
    clauses = Clauses(np.ones(5, dtype=bool), at_least=(clause([0, 0, 0, 0, 1], 2),))
    assert arrange(np.arange(5), 3, clauses).tolist() == [0, 1, 4]


def test_spacing_saves_the_rare_for_between_the_common():
    clauses = Clauses(np.ones(5, dtype=bool), apart=(clause([1, 1, 0, 0, 0], 2),))
    rows = arrange(np.arange(5), 5, clauses)
    assert keeps(rows.tolist(), clauses)
    assert rows.tolist() == [2, 0, 3, 1, 4]
