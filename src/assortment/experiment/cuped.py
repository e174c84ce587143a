"""What people did before they were exposed says much of what they will do: taken off, a smaller difference can be seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items
from assortment.core.errors import BadInput
from assortment.experiment.sample import Values


@dataclass(frozen=True, eq=False)
class Adjusted:
    """values [n]: the outcomes less what the time before explains; explained: the share of their variance that went, ρ²,
    0 none … 1 all."""

    values: Values
    explained: float


def adjusted(outcome: Values, before: NDArray[np.float64], arm: Items) -> Adjusted:
    """CUPED (Deng, Xu, Kohavi and Walker, WSDM 2013): Y' = Y - (X - X̄) θ, whose variance is that of Y times 1 - ρ².

    outcome [n], one per person; before [n] or [n, c] from before the person was first exposed, never after, NaN where nothing
    is known of them; arm [n] the number of each person's arm. θ is of all arms together, by least squares within the arms, so
    that no effect leaks into it. People without a past are a stratum of their own: a column says so, and they keep their mean.

    >>> before = np.array([1.0, 2, 3, 4])
    >>> adjusted(2 * before + [0, 0, 1, 1], before, np.array([0, 0, 1, 1])).values
    array([5., 5., 6., 6.])
    """
    if len(before) != len(outcome) or len(arm) != len(outcome):
        raise BadInput(f"outcome has {len(outcome)} people, before {len(before)}, arm {len(arm)}")
    covariates = _covariates(before)
    centred, own = _within(covariates, arm), _within(outcome[:, None], arm)[:, 0]
    theta = np.linalg.lstsq(centred, own, rcond=1e-9)[0] if covariates.shape[1] else np.empty(0)
    left, total = own - centred @ theta, float(own @ own)
    explained = 1 - float(left @ left) / total if total > 0 else 0.0
    return Adjusted(outcome - (covariates - covariates.mean(0)) @ theta, max(0.0, explained))


def _covariates(before: NDArray[np.float64]) -> NDArray[np.float64]:
    """The columns that vary, 0 where nothing is known, and for each with gaps one that says where."""
    columns = before[:, None] if before.ndim == 1 else before
    known = np.isfinite(columns)
    gaps = np.unique(known[:, ~known.all(0)].astype(np.float64), axis=1) if len(columns) else known.astype(np.float64)
    both = np.concatenate([np.where(known, columns, 0), gaps], axis=1)
    return both[:, np.ptp(both, axis=0) > 0] if len(both) else both


def _within(columns: NDArray[np.float64], arm: Items) -> NDArray[np.float64]:
    """The columns less their mean in each person's arm."""
    people = np.maximum(np.bincount(arm), 1)
    means = np.stack([np.bincount(arm, column) / people for column in columns.T], 1) if columns.size else columns[:0]
    return columns - means[arm] if columns.size else columns
