from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import sparse

from assortment.evaluate import intents, metrics

ITEMS = 8


def judged(lists, targets, labels):
    lists, targets = np.array(lists), [np.array(items, np.int64) for items in targets]
    return lists, metrics.hits(lists, targets), targets, sparse.csr_matrix(np.array(labels, float))


@st.composite
def questions(draw):
    """Lists of at most 4 of 8 goods, targets, and up to 3 labels for each."""
    rows = draw(st.integers(1, 3))
    lists = np.full((rows, 4), -1)
    for row in lists:
        shown = draw(st.lists(st.integers(0, ITEMS - 1), unique=True, max_size=4))
        row[: len(shown)] = shown
    targets = [draw(st.lists(st.integers(0, ITEMS - 1), unique=True, max_size=5)) for _ in range(rows)]
    labels = draw(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=ITEMS, max_size=ITEMS))
    return judged(lists, targets, labels)


def gain(order, labels, alpha):
    """Σ G_r / log2(r + 1) of goods in order, label by label."""
    met, total = np.zeros(labels.shape[1]), 0.0
    for place, item in enumerate(order, 1):
        bears = labels[item] > 0
        total += ((1 - alpha) ** met[bears]).sum() / np.log2(place + 1)
        met += bears
    return total


# α-nDCG


def test_alpha_ndcg_by_hand():
    """Labels x and y on 0, x on 1, z on 2. Shown 1 and, third, 0: 1 + (½ + 1) / 2; the best order begins with 0."""
    asked = judged([[1, 3, 0]], [[0, 1, 2]], [[1, 1, 0], [1, 0, 0], [0, 0, 1], [1, 1, 1]])
    best = 2 + 1 / np.log2(3) + 0.5 / 2
    assert intents.alpha_ndcg(*asked) == pytest.approx((1 + 1.5 / 2) / best)


def test_alpha_says_how_much_a_label_met_again_is_worth():
    asked = judged([[1, 3, 0]], [[0, 1, 2]], [[1, 1, 0], [1, 0, 0], [0, 0, 1], [1, 1, 1]])
    assert intents.alpha_ndcg(*asked, alpha=0) == pytest.approx((1 + 2 / 2) / (2 + 1 / np.log2(3) + 1 / 2))
    assert intents.alpha_ndcg(*asked, alpha=1) == pytest.approx((1 + 1 / 2) / (2 + 1 / np.log2(3)))


def test_a_list_of_two_kinds_is_worth_more_than_one_of_one():
    labels = [[1, 0], [1, 0], [0, 1], [0, 0]]
    varied, alike = intents.alpha_ndcg(*judged([[0, 2, 1], [0, 1, 2]], [[0, 1, 2]] * 2, labels))
    assert varied == pytest.approx(1)
    assert alike < 1


def greedy(wanted, labels, alpha, k):
    """The targets that a list of k would take one by one, the highest gain first, the first of equals."""
    order = []
    while len(order) < min(k, len(wanted)):
        left = [item for item in wanted if item not in order]
        order.append(max(left, key=lambda item: gain([*order, item], labels, alpha)))
    return order


@given(questions(), st.sampled_from([0.0, 0.5, 0.75]))
def test_alpha_ndcg_is_the_gain_over_the_greedy_best(asked, alpha):
    lists, hits, targets, labels = asked
    found, dense = intents.alpha_ndcg(*asked, alpha=alpha), np.vstack([labels.toarray(), np.zeros(3)])
    for row, wanted in enumerate(targets):
        ideal = gain(greedy(wanted.tolist(), dense, alpha, 4), dense, alpha)
        ours = gain(np.where(hits[row], lists[row], ITEMS), dense, alpha)
        assert found[row] == pytest.approx(min(ours / ideal, 1) if ideal else np.nan, nan_ok=True)
        best = max(gain(order, dense, alpha) for order in permutations(wanted, min(4, len(wanted))))
        assert ideal <= best + 1e-9, "greedy is no better than the best"


@given(questions())
def test_with_one_target_each_alpha_ndcg_is_ndcg(asked):
    lists, _, targets, labels = asked
    single = [items[:1] for items in targets]
    hits, taken = metrics.hits(lists, single), np.array([len(items) for items in single])
    labelled = [len(items) > 0 and labels[items].nnz > 0 for items in single]
    expected = np.where(labelled, metrics.ndcg(hits, taken), np.nan)
    np.testing.assert_allclose(intents.alpha_ndcg(lists, hits, single, labels), expected)


def test_where_greedy_is_not_the_best_the_measure_is_cut_at_one():
    """Each pair holds all labels; the good that bears the most spoils both pairs, and greedy takes it first."""
    labels = [[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [1, 1, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0]]
    asked = judged([[0, 1]], [[0, 1, 2]], labels)
    assert gain([0, 1], np.array(labels), 1) > gain([2, 0], np.array(labels), 1)
    assert intents.alpha_ndcg(*asked, alpha=1) == 1


# ERR-IA


def test_err_ia_by_hand():
    """x at once, ½; x and y at place 3, ¼ / 3 and ½ / 3; z never. Three labels, and a perfect list has ½ + ⅛ + 1/24."""
    asked = judged([[1, 3, 0]], [[0, 1, 2]], [[1, 1, 0], [1, 0, 0], [0, 0, 1], [1, 1, 1]])
    assert intents.err_ia(*asked) == pytest.approx((0.5 + 0.25 / 3 + 0.5 / 3) / (3 * (0.5 + 0.125 + 1 / 24)))


def test_err_ia_is_one_where_every_place_answers_every_label():
    assert intents.err_ia(*judged([[0, 1]], [[0, 1]], [[1, 1], [1, 1]])) == pytest.approx(1)


@given(questions())
def test_err_ia_is_the_mean_over_labels_of_where_a_reader_stops(asked):
    lists, hits, targets, labels = asked
    found, dense = intents.err_ia(*asked), labels.toarray()
    most = sum(0.5**place / place for place in range(1, lists.shape[1] + 1))
    for row, wanted in enumerate(targets):
        asked_for = np.flatnonzero(dense[wanted].any(0)) if len(wanted) else []
        errs = []
        for label in asked_for:
            reads, err = 1.0, 0.0
            for place, (item, hit) in enumerate(zip(lists[row], hits[row], strict=True), 1):
                stops = 0.5 if hit and dense[item, label] else 0
                err, reads = err + reads * stops / place, reads * (1 - stops)
            errs.append(err)
        assert found[row] == pytest.approx(np.mean(errs) / most if errs else np.nan, nan_ok=True)


@given(questions())
def test_intents_are_what_ndeval_says(asked):
    """Where it is installed. It has no topic without a labelled target, and no run without goods."""
    ir_measures = pytest.importorskip("ir_measures")
    pytest.importorskip("pyndeval")
    lists, _, targets, labels = asked
    dense = labels.toarray()
    qrels = [
        ir_measures.Qrel(str(row), str(item), 1, str(label))
        for row, items in enumerate(targets)
        for item in items
        for label in np.flatnonzero(dense[item])
    ]
    run = [
        ir_measures.ScoredDoc(str(row), str(item), -float(place))
        for row, shown in enumerate(lists)
        for place, item in enumerate(shown)
        if item >= 0
    ]
    assume(qrels and run)
    for measure, ours in (
        (ir_measures.alpha_nDCG(alpha=0.5) @ 4, intents.alpha_ndcg(*asked)),
        (ir_measures.ERR_IA @ 4, intents.err_ia(*asked)),
    ):
        for value in ir_measures.iter_calc([measure], qrels, run):
            assert ours[int(value.query_id)] == pytest.approx(min(value.value, 1), abs=1e-5)
