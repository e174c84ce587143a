"""Whitening, by hand and by property."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from assortment.core.errors import BadInput, BadSetting
from assortment.core.save import load, save
from assortment.language.vectors import unit
from assortment.language.whiten import Whitening, fit_whitening

CROSS = np.array([[2, 0.8, 0], [2, -0.8, 0], [2, 0, 0.4], [2, 0, -0.4]], np.float32)
"""Four vectors in a narrow cone around the first axis, spread twice as far along the second as along the third."""


def test_a_rare_direction_is_stretched_as_the_formula_says():
    """Variances 0.32 and 0.08, mean 0.2; with two components of four goods e is 0.2 * (0 + (4 * 2/4) ** 2) = 0.8."""
    whitened = fit_whitening(CROSS, dims=2, shrinkage=0)(np.array([[2, 0.8, 0.4]], np.float32))
    by_hand = np.array([0.8 / 1.12**0.5, 0.4 / 0.88**0.5])
    assert np.abs(whitened[0]) == pytest.approx(by_hand / np.linalg.norm(by_hand), abs=1e-5)


def test_what_was_all_alike_is_told_apart():
    raw = unit(CROSS) @ unit(CROSS).T
    whitened = fit_whitening(CROSS, dims=2)(CROSS)
    assert raw.min() > 0.7
    assert (whitened @ whitened.T)[0] == pytest.approx([1, -1, 0, 0], abs=1e-5)


def test_what_all_share_is_taken_off():
    """Without it these two would point the same way."""
    near, far = fit_whitening(np.array([[1, 0], [3, 0]], np.float32), 1)(np.array([[1, 0], [3, 0]], np.float32))
    assert near @ far == pytest.approx(-1)


def test_more_shrinkage_stretches_less():
    query = np.array([[2, 0.8, 0.4]], np.float32)
    thirds = [np.abs(fit_whitening(CROSS, dims=2, shrinkage=s)(query)[0]) for s in (0, 1, 100)]
    assert [third.min() for third in thirds] == sorted((third.min() for third in thirds), reverse=True)
    assert thirds[2] == pytest.approx(np.array([0.8, 0.4]) / 0.8**0.5 / 1, abs=0.01)


@given(
    arrays.arrays(np.float32, st.tuples(st.integers(0, 12), st.just(6)), elements=st.floats(-1, 1, width=16)),
    st.integers(1, 6),
    st.floats(0, 10),
)
def test_rows_have_length_1_or_0_and_zero_rows_stay_zero(vectors, dims, shrinkage):
    whitened = fit_whitening(unit(vectors), dims, shrinkage)(unit(vectors))
    lengths = np.linalg.norm(whitened, axis=1)
    assert whitened.shape == (len(vectors), dims)
    assert whitened.dtype == np.float32
    assert ((np.abs(lengths - 1) < 1e-4) | (lengths == 0)).all()
    assert not whitened[~vectors.any(axis=1)].any()


def test_zero_rows_do_not_move_the_mean():
    padded = np.concatenate([CROSS, np.zeros((3, 3), np.float32)])
    assert fit_whitening(padded, 2).mean == pytest.approx(fit_whitening(CROSS, 2).mean)


@pytest.mark.parametrize("rows", [1, 5])
def test_goods_that_are_all_alike_stay_alike(rows):
    vectors = unit(np.tile(np.array([[0.3, 0.1, 0.2]], np.float32), (rows, 1)))
    whitened = fit_whitening(vectors, 2)(vectors)
    assert (whitened @ whitened.T) == pytest.approx(np.ones((rows, rows)), abs=1e-4)


def test_few_goods_keep_who_is_nearer_to_whom():
    """Whitened in full, as many components as goods would leave all at one distance."""
    vectors = unit(np.array([[1, 0.1, 0], [1, 0.2, 0], [0.1, 0, 1], [0.3, 1, 0.2]], np.float32))
    near, far = (fit_whitening(vectors, 3)(vectors) @ fit_whitening(vectors, 3)(vectors).T)[0, 1:3]
    assert near > far + 0.3


def test_dimensions_that_do_not_fit_are_refused():
    with pytest.raises(BadSetting, match="dims is 4; it goes from 1 to 3"):
        fit_whitening(CROSS, 4)
    with pytest.raises(BadInput, match="vectors of 2 dimensions for a whitening of 3"):
        fit_whitening(CROSS, 2)(CROSS[:, :2])


def test_what_is_saved_comes_back(tmp_path):
    whitening = fit_whitening(CROSS, 2)
    save(whitening, tmp_path / "saved")
    assert np.array_equal(load(tmp_path / "saved", [Whitening])(CROSS), whitening(CROSS))
