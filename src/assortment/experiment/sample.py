"""The difference of two arms, looked at once, at the end."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from assortment.core.measure import Measure

Values = NDArray[np.float64]

ROUNDING = 1e-12
"""The part of a mean by which equal values may differ where they were computed in different ways."""


@dataclass(frozen=True)
class Sample:
    """One value per person of an arm: how many people, their mean and their variance (over n - 1, NaN below two people; 0 where
    the values differ by rounding alone)."""

    n: int
    mean: float
    variance: float

    @staticmethod
    def of(values: Values) -> "Sample":
        mean = float(values.mean()) if len(values) else math.nan
        if len(values) < 2:
            return Sample(len(values), mean, math.nan)
        variance = float(values.var(ddof=1))
        return Sample(len(values), mean, variance if variance > (ROUNDING * mean) ** 2 else 0.0)

    @property
    def error(self) -> float:
        """The variance of the mean."""
        return self.variance / self.n if self.n else math.nan


def fixed(name: str, control: Sample, treated: Sample, alpha: float = 0.05) -> Measure:
    """treated - control with the interval that holds where one looks once, at a size fixed before (Welch, Biometrika 1947).

    >>> print(fixed("conversion", Sample(1000, 0.10, 0.09), Sample(1000, 0.13, 0.1131)))
    conversion 0.0300 [0.0021, 0.0579] n=2000
    """
    gap, error = treated.mean - control.mean, control.error + treated.error
    half = math.sqrt(error) * float(stats.t.ppf(1 - alpha / 2, _freedom(control, treated)))
    return Measure(name, gap, gap - half, gap + half, control.n + treated.n)


def fixed_p(control: Sample, treated: Sample) -> float:
    """Two-sided: 1 where the arms are alike, near 0 where they are not; 1 where nothing varies and nothing differs."""
    gap, error = treated.mean - control.mean, control.error + treated.error
    if not error > 0:
        return 1.0
    return float(2 * stats.t.sf(abs(gap) / math.sqrt(error), _freedom(control, treated)))


def _freedom(control: Sample, treated: Sample) -> float:
    """Degrees of freedom by Welch and Satterthwaite."""
    parts = sum(arm.error**2 / (arm.n - 1) for arm in (control, treated) if arm.n > 1)
    return (control.error + treated.error) ** 2 / parts if parts > 0 else math.inf
