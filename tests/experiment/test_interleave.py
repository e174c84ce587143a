"""Team drafts and what their clicks say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.experiment.interleave import FIRST, NEITHER, SECOND, draft, preference


@given(st.permutations(range(8)), st.permutations(range(4, 12)), st.integers(1, 12), st.integers(0, 99))
def test_a_draft_holds_the_best_of_both_once_and_teams_of_nearly_one_size(first, second, k, seed):
    found = draft(np.array(first, np.int32), np.array(second, np.int32), k, np.random.default_rng(seed))
    assert len(set(found.items.tolist())) == len(found.items) == min(k, 12)
    sizes = [int((found.team == team).sum()) for team in (FIRST, SECOND)]
    if k <= 8:
        assert abs(sizes[0] - sizes[1]) <= 1
    for team, ranked in ((FIRST, first), (SECOND, second)):
        picks = [ranked.index(item) for item in found.items[found.team == team]]
        assert picks == sorted(picks)


def test_the_beginning_that_both_share_belongs_to_neither():
    found = draft(np.array([1, 2, 3, 4]), np.array([1, 2, 4, 3]), 4, np.random.default_rng(0))
    assert found.items[:2].tolist() == [1, 2]
    assert found.team[:2].tolist() == [NEITHER, NEITHER]
    assert found.contested == 0.5


def test_each_picks_first_half_of_the_time():
    rng = np.random.default_rng(0)
    first = [draft(np.array([1, 2]), np.array([2, 1]), 2, rng).items[0] for _ in range(2000)]
    assert np.mean(np.array(first) == 1) == pytest.approx(0.5, abs=0.035)


def test_a_person_who_clicks_a_lot_has_one_vote():
    """By slates the first would win 5 : 3; by people the second does, 3 : 1."""
    user = ["ann"] * 5 + ["bob", "cid", "dan", "eve"]
    found = preference(user, [(1, 0)] * 5 + [(0, 1), (0, 1), (0, 1), (0, 0)])
    assert found.gain.mean == pytest.approx(0.5)
    assert (found.gain.n, found.ties) == (4, 1)
    assert found.p == pytest.approx(0.625)
    assert preference(["ann"], [(0, 0)]).p == 1


def test_a_better_ranker_wins_and_like_ones_are_told_apart_as_often_as_promised():
    rng, claimed = np.random.default_rng(2), 0
    for _ in range(100):
        clicks = [(int(rng.random() < 0.3), int(rng.random() < 0.3)) for _ in range(100)]
        claimed += preference([str(n) for n in range(100)], clicks).p < 0.05
    assert claimed <= 100 * 0.1
    better = [(int(rng.random() < 0.2), int(rng.random() < 0.4)) for _ in range(300)]
    assert preference([str(n) for n in range(300)], better).gain.low > 0
