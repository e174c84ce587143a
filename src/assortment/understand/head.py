"""A head on frozen vectors: ridge regression to one column for each class, in closed form, with calibrated confidence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from threadpoolctl import threadpool_limits

from assortment.core.arrays import Rows, Scores, Vectors
from assortment.core.errors import BadInput

PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""The ridge penalties that are tried, for vectors of length 1."""

BIAS = 0.01
"""How strongly, for each row, the bias of a class is held to 0 when the confidence is calibrated."""

CELLS = 20_000_000
"""Rows times classes that a head is fitted on; of more rows, as many as make this up."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Head:
    """names [c] of the classes; mean [d], weights [d, c], bias [c]; penalty, and the accuracy on rows left out."""

    names: Sequence[str]
    mean: Vectors
    weights: Vectors
    bias: Vectors
    penalty: float
    accuracy: float

    def __call__(self, vectors: Vectors) -> Scores:
        """[n, c] the probability of each class."""
        return softmax((vectors - self.mean) @ self.weights + self.bias, axis=1)


@dataclass(frozen=True, eq=False)
class _Fit:
    """Weights [d, c] and bias [c] for one penalty, and the scores [n, c] of each row by a fit without it."""

    penalty: float
    weights: Matrix
    bias: Matrix
    left_out: Matrix


def fit_head(vectors: Vectors, classes: Rows, names: Sequence[str], prior: Vectors | None = None) -> Head:
    """The head that tells classes [n], numbers in `names`, apart by vectors [n, d].

    Weights = argmin Σ |x W + b - y|² + penalty |W - prior|², y being 1 for the class of the row and 0 for the others: few rows
    pull little away from `prior` [d, c], what the words of the classes say, and many rows override it. The scores become
    probabilities by a temperature for all and a bias for each class (Guo et al., ICML 2017). Penalty, temperature and bias are
    those of the least log loss on the rows left out one by one, which a ridge regression knows exactly without being fitted
    again (PRESS; Allen, Technometrics 1974). Rows that say the same should be given but once.
    """
    if len(names) < 2 or len(np.unique(classes)) < 2:
        raise BadInput("a head tells classes apart; there must be rows of two at least")
    rows = np.asarray(vectors, np.float64)
    base = np.zeros((rows.shape[1], len(names))) if prior is None else np.asarray(prior, np.float64)
    with threadpool_limits(1):
        tried = [(fit, *_calibrated(fit.left_out, classes)) for fit in _fits(rows, np.eye(len(names))[classes], base)]
    fit, _, scale, shift = min(tried, key=lambda one: one[1])
    return Head(
        tuple(names),
        rows.mean(0).astype(np.float32),
        (fit.weights * scale).astype(np.float32),
        (fit.bias * scale + shift).astype(np.float32),
        fit.penalty,
        float(((fit.left_out * scale + shift).argmax(1) == classes).mean()),
    )


def _fits(rows: Matrix, target: Matrix, base: Matrix) -> Iterator[_Fit]:
    """The ridge regression at each penalty."""
    n, centred = len(rows), rows - rows.mean(0)
    variance, directions = np.linalg.eigh(centred.T @ centred)
    turned = centred @ directions
    offset = centred @ base
    rest = target - offset
    bias = rest.mean(0)
    pulled = turned.T @ (rest - bias)
    for penalty in PENALTIES:
        shrink = 1 / (np.maximum(variance, 0) + penalty)
        fitted = turned @ (pulled * shrink[:, None]) + bias
        leverage = 1 / n + turned**2 @ shrink
        left_out = rest - (rest - fitted) / np.maximum(1 - leverage, 1e-6)[:, None]
        yield _Fit(penalty, directions @ (pulled * shrink[:, None]) + base, bias, left_out + offset)


def _calibrated(scores: Matrix, classes: Rows) -> tuple[float, float, Matrix]:
    """The log loss, and the scale (1 / temperature) and the shifts [c] that make it least."""
    target = np.eye(scores.shape[1])[classes]

    def loss(parameters: Matrix) -> tuple[float, Matrix]:
        scale, shift = np.exp(parameters[0]), parameters[1:]
        logs = log_softmax(scores * scale + shift, axis=1)
        pull = (np.exp(logs) - target) / len(scores)
        slope = np.concatenate([[(pull * scores).sum() * scale], pull.sum(0) + BIAS * shift])
        return float(-(logs * target).sum() / len(scores) + BIAS / 2 * shift @ shift), slope

    start = np.concatenate([[np.log(5.0)], np.zeros(scores.shape[1])])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-5, 8)] + [(None, None)] * scores.shape[1])
    return float(found.fun), float(np.exp(found.x[0])), found.x[1:]


def calibration_error(probability: Scores, right: NDArray[np.bool_], bins: int = 15) -> float:
    """The expected calibration error: 0 as sure as it is right … 1 always the opposite (Naeini et al., AAAI 2015).

    probability [n] of what was said and whether it was right; the mean over `bins` of equal width, by how many fall into each,
    of the distance between the mean probability and the share that was right.

    >>> calibration_error(np.array([0.9, 0.9, 0.9, 0.9], np.float32), np.array([True, True, True, False]))
    0.15
    """
    place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    sure, true = (np.bincount(place, values, bins) for values in (probability, right.astype(np.float64)))
    return round(float(np.abs(sure - true).sum() / max(1, len(place))), 6)
