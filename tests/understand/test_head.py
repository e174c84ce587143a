"""A head on frozen vectors."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from assortment.core.errors import BadInput
from assortment.understand import head as module
from assortment.understand.head import calibration_error, fit_head

RNG = np.random.default_rng(3)


def _clouds(n: int, classes: int = 3, spread: float = 1.0):
    y = np.arange(n) % classes
    centres = np.random.default_rng(1).normal(size=(classes, 8))
    return (centres[y] + spread * np.random.default_rng(n).normal(size=(n, 8))).astype(np.float32), y


def test_the_scores_of_rows_left_out_are_those_of_a_fit_without_them():
    """The short way, by leverage, is the long way, fitted again n times."""
    x, y = _clouds(20)
    target, prior = np.eye(3)[y], RNG.normal(size=(8, 3)) / 10
    fit = next(one for one in module._fits(x.astype(np.float64), target, prior) if one.penalty == 1.0)
    for row in range(20):
        others = np.arange(20) != row
        again = Ridge(alpha=1.0).fit(x[others], target[others] - x[others] @ prior)
        np.testing.assert_allclose(fit.left_out[row], again.predict(x[row : row + 1])[0] + x[row] @ prior, atol=1e-5)


def test_its_confidence_is_true_on_rows_it_has_not_seen():
    x, y = _clouds(300, spread=2.0)
    unseen, truth = _clouds(3000, spread=2.0)
    said = fit_head(x, y, ["a", "b", "c"])(unseen)
    assert calibration_error(said.max(1), said.argmax(1) == truth) < 0.05
    assert 0.5 < (said.argmax(1) == truth).mean() < 0.99


def test_a_prior_helps_while_there_are_few_rows_and_yields_to_many():
    right = np.random.default_rng(1).normal(size=(3, 8)).T
    unseen, truth = _clouds(1000, spread=2.0)
    few, many = _clouds(6, spread=2.0), _clouds(600, spread=2.0)
    without, with_it = (fit_head(*few, ["a", "b", "c"], prior)(unseen).argmax(1) for prior in (None, right))
    assert (with_it == truth).mean() > (without == truth).mean()
    misled = fit_head(*many, ["a", "b", "c"], -right)(unseen).argmax(1)
    assert (misled == truth).mean() > 0.6


def test_a_class_that_no_row_is_of_may_still_be_named_by_its_prior():
    x = np.eye(4, dtype=np.float32)[[0, 0, 1, 1]]
    said = fit_head(x, np.array([0, 0, 1, 1]), ["a", "b", "c"], 3 * np.eye(4)[:, :3])
    assert said(np.eye(4, dtype=np.float32)[2:3]).argmax() == 2


def test_the_error_of_calibration_by_hand():
    """Two bins: said 0.95, right in 1 of 2: off by 0.45; said 0.55, right in 2 of 2: off by 0.45."""
    assert calibration_error(
        np.array([0.95, 0.95, 0.55, 0.55], np.float32), np.array([True, False, True, True])
    ) == pytest.approx(0.45)
    assert calibration_error(np.ones(3, np.float32), np.ones(3, bool)) == 0


def test_one_class_alone_is_refused():
    with pytest.raises(BadInput, match="two at least"):
        fit_head(np.ones((3, 2), np.float32), np.zeros(3, int), ["a", "b"])
