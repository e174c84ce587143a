"""The passes in C beside what they are in numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from assortment.core import _passes
from assortment.core.answers import added, highest, parts
from assortment.core.arrays import TIE, best_first, scatter


def plainly_best_first(scores: np.ndarray, most: int) -> np.ndarray:
    apart = TIE * max(1.0, float(np.abs(scores).max(initial=0)))
    rows = np.argsort(-scores, kind="stable")
    if most < len(scores):
        border = np.sort(scores)[len(scores) - most]
        rows = np.flatnonzero(scores >= border - 10 * apart)
        rows = rows[np.argsort(-scores[rows], kind="stable")]
    rank = np.cumsum(np.append(False, scores[rows][:-1] - scores[rows][1:] > apart))
    return rows[np.lexsort((scatter(rows), rank))][:most] if len(rows) else rows


def plainly_highest(scores: np.ndarray, most: int) -> np.ndarray:
    positive = scores > TIE
    if np.count_nonzero(positive) <= most:
        return np.flatnonzero(positive)
    border = np.sort(scores)[len(scores) - most]
    near = np.flatnonzero(scores >= border - 10 * TIE * max(1.0, float(scores.max())))
    return near[plainly_best_first(scores[near], most)] if len(near) > most else near


def drawn(seed: int, n: int, kind: str) -> np.ndarray:
    """Scores of one kind: few values, values nearly alike, values of any size, values that rise or fall."""
    rng = np.random.default_rng(seed)
    scores = {
        "few": lambda: rng.integers(-2, 4, n).astype(float),
        "near": lambda: 1 + rng.integers(0, 9, n) * 4e-7,
        "any": lambda: rng.standard_normal(n) * np.exp(3 * rng.standard_normal(n)),
        "rising": lambda: np.sort(rng.standard_normal(n)),
        "falling": lambda: -np.sort(rng.standard_normal(n)),
        "none": lambda: np.zeros(n),
        "endless": lambda: np.where(rng.random(n) < 0.2, -np.inf, rng.random(n)),
    }[kind]()
    return scores.astype(np.float32)


KINDS = st.sampled_from(["few", "near", "any", "rising", "falling", "none", "endless"])
MOST = st.integers(1, 400)


@given(st.integers(0, 2**32), st.integers(0, 300), KINDS, MOST)
def test_best_first_is_the_order_and_its_ties(seed, n, kind, most):
    scores = drawn(seed, n, kind)
    with np.errstate(invalid="ignore"):
        assert best_first(scores, most).tolist() == plainly_best_first(scores, most).tolist()


@given(st.integers(0, 2**32), st.integers(0, 700), st.lists(st.tuples(KINDS, MOST), min_size=1, max_size=4))
def test_the_highest_of_each_row_are_found(seed, n, rows):
    scores = np.stack([drawn(seed + row, n, kind) for row, (kind, _) in enumerate(rows)])
    found = highest(scores, np.array([most for _, most in rows]))
    for row, items, (_, most) in zip(scores, found, rows, strict=True):
        assert sorted(items.tolist()) == sorted(plainly_highest(row, most).tolist())


@given(st.lists(st.integers(-3, 3), max_size=12), st.integers(1, 14))
def test_the_highest_are_above_0_and_none_left_out_is_higher(values, most):
    scores = np.array(values, np.float32)
    (found,) = highest(scores[None], np.array([most]))
    assert len(found) == min(most, np.count_nonzero(scores > 0))
    left = np.setdiff1d(np.arange(len(scores)), found)
    assert not len(found) or len(left) == 0 or scores[left].max() <= scores[found].min()


@given(st.integers(0, 2**32), st.integers(1, 60), st.floats(0, 1), st.integers(1, 40))
def test_rows_are_added_as_a_sparse_product_adds_them(seed, n, density, most):
    rng = np.random.default_rng(seed)
    asked, between = (
        sparse.random(rows, n, density, "csr", np.float32, rng, data_rvs=lambda size: rng.integers(-3, 4, size))
        for rows in (5, n)
    )
    product = (asked @ between).tocsr()
    answers = added(parts(asked), between, np.full(5, most))
    assert np.array_equal(answers.scores, product.toarray())
    for row, items in enumerate(answers.found()):
        span = slice(product.indptr[row], product.indptr[row + 1])
        expected = product.indices[span][plainly_highest(product.data[span], most)]
        assert sorted(items.tolist()) == sorted(expected.tolist())


@given(st.lists(st.lists(st.integers(-50, 50), max_size=6), min_size=1, max_size=5))
def test_z_scores_have_mean_0_and_deviation_1_within_each_request_or_are_all_0(lists):
    bounds = np.cumsum([0, *(len(values) for values in lists)])
    said = np.array([[value for values in lists for value in values]], np.float32)
    z, total, loudest = np.empty_like(said), np.empty(said.shape[1], np.float32), np.empty(said.shape[1], np.int64)
    _passes.blend(said, bounds, np.array([2], np.float32), z, total, loudest, np.empty_like(loudest))
    for values, start, end in zip(lists, bounds[:-1], bounds[1:], strict=True):
        of_one = z[0, start:end]
        if len(set(values)) > 1:
            assert of_one.mean() == pytest.approx(0, abs=1e-5)
            assert of_one.std() == pytest.approx(1, abs=1e-5)
        else:
            assert not of_one.any()
    assert np.array_equal(total, 2 * z[0])


@pytest.mark.parametrize(("apart", "scaled"), [(1e-8, [-1, 1]), (1e-9, [0, 0])])
def test_scores_apart_by_no_more_than_rounding_are_equal_and_are_not_blown_up(apart, scaled):
    """The deviation of two scores is half of what lies between them."""
    said, z, total = np.array([[0, apart]], np.float32), np.empty((1, 2), np.float32), np.empty(2, np.float32)
    loudest = np.empty(2, np.int64)
    _passes.blend(said, np.array([0, 2]), np.ones(1, np.float32), z, total, loudest, np.empty_like(loudest))
    np.testing.assert_allclose(z[0], scaled, atol=1e-5)


def test_an_array_of_another_kind_is_refused():
    with pytest.raises(TypeError):
        _passes.best([1.0, 2.0], np.empty(2, np.int64))
