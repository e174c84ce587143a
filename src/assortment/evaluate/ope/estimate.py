"""An estimate with its interval over people, or the reason why there is none."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items
from assortment.core.errors import BadInput, within
from assortment.core.measure import Measure
from assortment.evaluate.bootstrap import interval, weights
from assortment.evaluate.ope.single import Values

ENOUGH = 0.05
"""The least effective sample size, as a share of the sample, of which a number is told."""


@dataclass(frozen=True)
class Estimate:
    """measure: per slate, None where it may not be told; effective: the share of the sample that the weights leave, above 0
    … 1; refused: why there is no number and what to turn, empty where there is one."""

    name: str
    measure: Measure | None
    effective: float
    refused: str = ""


def effective(weight: Values) -> float:
    """(Σ ρ)² / (n Σ ρ²): 1 where all weigh alike, 1/n where one decides, 0 where none counts (Kish, 1965).

    >>> effective(np.array([1.0, 1, 0, 0]))
    0.5
    """
    square = float(np.square(weight).sum())
    return float(weight.sum()) ** 2 / (len(weight) * square) if square else 0.0


def estimate(
    name: str, values: Values, weight: NDArray[np.float64], user: Items, rng: np.random.Generator, *, normalised: bool = False
) -> Estimate:
    """The mean of values [n] with the middle 95 % of its draws over people drawn anew, 1,000 times.

    weight [n]: ρ of each round, by which it is told or refused, or of each round and place [n, k], when the place with the
    fewest effective rounds decides; user [n]: the number of the person of each round, from 0; normalised: `values` were
    divided by the mean of their weights (SNIPS), which is then drawn with them.
    """
    if not len(values):
        raise BadInput("there are no rounds to estimate from")
    within(f"the largest weight of {name}", float(weight.max()), 0, math.inf)
    left = min(effective(column) for column in (weight.T if weight.ndim > 1 else [weight]))
    if left < ENOUGH:
        return Estimate(name, None, left, _refusal(left, len(values)))
    people = int(user.max()) + 1
    top = np.bincount(user, values, people)
    scale = weight if weight.ndim == 1 else weight.mean(1)
    below = np.bincount(user, scale / scale.mean() if normalised else None, people).astype(np.float64)
    draws = np.concatenate([(drawn.T @ top) / np.maximum(drawn.T @ below, 1e-300) for drawn in weights(people, rng)])
    return Estimate(name, interval(name, float(values.mean()), draws, len(values), centred=False), left)


def _refusal(left: float, n: int) -> str:
    return (
        f"of {n:,} slates the weights leave {left * n:,.0f} effective ones ({left:.2%}, below {ENOUGH:.0%}), so that "
        f"few decide and "
        "any number would be chance"
    )
