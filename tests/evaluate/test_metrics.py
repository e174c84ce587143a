import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import AP, RR, P, R, SetF, Success, nDCG

from assortment.evaluate import metrics

ITEMS = 30
K = 5


@st.composite
def questions(draw):
    """Lists of at most 5 of 30 goods, and 1 to 12 targets for each."""
    rows = draw(st.integers(1, 4))
    lists = np.full((rows, K), -1, np.int32)
    for row in lists:
        shown = draw(st.lists(st.integers(0, ITEMS - 1), unique=True, max_size=K))
        row[: len(shown)] = shown
    targets = [np.array(draw(st.lists(st.integers(0, ITEMS - 1), unique=True, min_size=1, max_size=12))) for _ in range(rows)]
    return lists, targets


def oracle(measure, lists, targets):
    qrels = [ir_measures.Qrel(str(row), str(item), 1) for row, items in enumerate(targets) for item in items]
    run = [
        ir_measures.ScoredDoc(str(row), str(item), -float(place))
        for row, shown in enumerate(lists)
        for place, item in enumerate(shown)
        if item >= 0
    ]
    found = {int(value.query_id): value.value for value in ir_measures.iter_calc([measure], qrels, run)}
    return [found.get(row, 0.0) for row in range(len(lists))]


@given(questions())
def test_accuracy_is_what_ir_measures_says(asked):
    lists, targets = asked
    hits, taken = metrics.hits(lists, targets), np.array([len(items) for items in targets])
    np.testing.assert_allclose(metrics.ndcg(hits, taken), oracle(nDCG @ K, lists, targets), atol=1e-9)
    np.testing.assert_allclose(metrics.mrr(hits, taken), oracle(RR @ K, lists, targets), atol=1e-9)
    np.testing.assert_allclose(metrics.precision(hits, taken), oracle(P @ K, lists, targets), atol=1e-9)
    np.testing.assert_allclose(
        metrics.recall(hits, taken) * np.minimum(taken, K) / taken, oracle(R @ K, lists, targets), atol=1e-9
    )
    np.testing.assert_allclose(metrics.hit_rate(hits, taken), oracle(Success @ K, lists, targets))
    np.testing.assert_allclose(
        metrics.average_precision(hits, taken) * np.minimum(taken, K) / taken, oracle(AP @ K, lists, targets), atol=1e-9
    )


@given(questions())
def test_f1_of_a_full_list_is_what_ir_measures_says(asked):
    lists, targets = asked
    full = (lists >= 0).all(1)
    hits, taken = metrics.hits(lists, targets), np.array([len(items) for items in targets])
    np.testing.assert_allclose(metrics.f1(hits, taken)[full], np.array(oracle(SetF, lists, targets))[full], atol=1e-9)


@given(questions())
def test_auc_is_the_share_of_pairs_in_the_right_order(asked):
    lists, targets = asked
    hits, taken = metrics.hits(lists, targets), np.array([len(items) for items in targets])
    expected = []
    for shown, wanted in zip(lists, targets, strict=True):
        place = {int(item): where for where, item in enumerate(shown) if item >= 0}
        of = [place.get(item, K) for item in range(ITEMS)]
        pairs = [(of[t], of[o]) for t in wanted for o in range(ITEMS) if o not in wanted]
        expected.append(np.mean([0.5 if t == o else float(t < o) for t, o in pairs]))
    np.testing.assert_allclose(metrics.auc(hits, taken, (lists >= 0).sum(1), ITEMS), expected)


def test_a_second_target_further_down_counts_for_less_than_the_first():
    """By hand: targets at places 1 and 3 of 3, three of them wanted."""
    hits, taken = np.array([[True, False, True]]), np.array([3])
    assert metrics.ndcg(hits, taken) == pytest.approx((1 + 0.5) / (1 + 1 / np.log2(3) + 0.5))
    assert metrics.recall(hits, taken) == pytest.approx(2 / 3)
    assert metrics.f1(hits, taken) == pytest.approx(2 / 3)
    assert metrics.average_precision(hits, taken) == pytest.approx((1 + 2 / 3) / 3)


def test_more_targets_than_places_can_still_be_answered_in_full():
    hits, taken = np.ones((1, 3), bool), np.array([50])
    assert metrics.recall(hits, taken) == 1
    assert metrics.ndcg(hits, taken) == 1
    assert metrics.average_precision(hits, taken) == 1


def test_where_nothing_was_taken_nothing_is_measured():
    hits, taken = np.zeros((1, 3), bool), np.array([0])
    measures = (metrics.recall, metrics.precision, metrics.f1, metrics.ndcg, metrics.mrr, metrics.average_precision)
    for metric in (*measures, metrics.hit_rate):
        assert np.isnan(metric(hits, taken)).all()
    assert np.isnan(metrics.auc(hits, taken, np.array([3]), 10)).all()
    assert np.isnan(metrics.auc(np.ones((1, 1), bool), np.array([1]), np.array([1]), 1)).all(), "a catalog of targets alone"


def test_an_empty_place_is_no_hit_even_where_a_target_is_unknown():
    assert not metrics.hits(np.array([[-1, -1]]), [np.array([-1])]).any()


def test_a_target_of_one_person_is_no_hit_for_another():
    assert metrics.hits(np.array([[1, 2], [1, 2]]), [np.array([1]), np.array([2])]).tolist() == [[True, False], [False, True]]
