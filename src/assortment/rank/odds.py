"""The chance that an item is taken to, by its score and place alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from assortment.core.arrays import Rows, Scores
from assortment.core.request import Request
from assortment.core.slate import Slate

RIDGE = 1e-5
"""What the squares of the weights cost beside the mean loss."""

SIGNS = 8

FALLING = 4
"""So many of the signs never rise along a slate; their weights are 0 or more."""


@dataclass(frozen=True, eq=False)
class Odds:
    """A logistic regression from scores to chances (Platt, Advances in Large Margin Classifiers, 1999): weights [8].

    Of the place and score of an item it knows what falls along a slate, with weights of 0 or more, so that its chances are in
    the order of the slate; of the person, how long the history is and how high and how far apart the scores are.
    """

    weights: NDArray[np.float64]
    most: int

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> NDArray[np.float64]:
        """The log odds [m] of all items of slates, in order, end to end."""
        return signs(requests, slates, self.most) @ self.weights


def signs(requests: Sequence[Request], slates: Sequence[Slate], most: int) -> NDArray[np.float64]:
    """[all items of slates, 8]: the score in deviations of the first `most`, how far it is below the first, the place as
    -log and -log², 1, and of the slate: log(1 + goods in the profile), the first score, and the deviation."""
    sizes = np.array([len(slate) for slate in slates])
    rows = np.repeat(np.arange(len(slates)), sizes)
    starts = np.cumsum(sizes) - sizes
    scores = np.concatenate([np.empty(0), *(slate.scores for slate in slates)], dtype=np.float64)
    place = np.arange(len(rows)) - starts[rows]
    mean, spread = _level(scores, rows, place < most, np.minimum(sizes, most))
    first = scores[starts[rows]]
    depth = np.log1p(place)
    history = np.log1p([len(request.profile.recent) for request in requests])
    z = (scores - mean[rows]) / np.maximum(spread, 1e-9)[rows]
    falling = (z, scores - first, -depth, -np.square(depth))
    return np.stack([*falling, np.ones(len(rows)), history[rows], first, spread[rows]], 1, dtype=np.float64)


def _level(
    scores: NDArray[np.float64], rows: Rows, inside: NDArray[np.bool_], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean and the deviation of the scores inside the head of each slate, whose `sizes` are above 0 where it has any."""
    counts = np.maximum(sizes, 1)
    mean = np.bincount(rows, scores * inside, len(sizes)) / counts
    return mean, np.sqrt(np.bincount(rows, np.square(scores - mean[rows]) * inside, len(sizes)) / counts)


def fitted(table: NDArray[np.float64], taken: NDArray[np.bool_], weight: Scores, most: int) -> Odds:
    """The odds that say best which items were taken: table [m, 8] of `signs`, taken [m], weight [m] for how many each
    counts."""
    scale = np.maximum(np.abs(table).max(0), 1e-9)
    signs, whole = table / scale, weight.sum()

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        said = signs @ weights
        wrong = weight * (expit(said) - taken)
        size = weight @ (np.logaddexp(0, said) - taken * said) / whole
        return float(size + RIDGE * weights @ weights), wrong @ signs / whole + 2 * RIDGE * weights

    bounds = [(0, None)] * FALLING + [(None, None)] * (table.shape[1] - FALLING)
    found = minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds)
    return Odds(found.x / scale, most)
