"""A ratio of sums, such as clicks over goods shown, where a person brings many of both."""

import numpy as np

from assortment.core.errors import BadInput
from assortment.experiment.sample import Values


def linear(top: Values, below: Values) -> Values:
    """One value per person whose mean is the ratio Σ top / Σ below and whose variance is that of the delta method:

        σ² = (σ_T² - 2 R σ_TB + R² σ_B²) / μ_B²,   R = μ_T / μ_B

    (Deng, Knoblich and Lu, KDD 2018). People who bring nothing below stay in: they are people of the arm. Treating each thing
    shown as its own case would give an interval that is far too narrow, as the things of one person are alike.

    Raises `BadInput` where nothing is below at all.

    >>> float(linear(np.array([1.0, 0, 2]), np.array([2.0, 2, 4])).mean())
    0.375
    """
    if not below.sum() > 0:
        raise BadInput("a ratio needs something below: nobody of this arm was shown or bought anything")
    ratio = top.sum() / below.sum()
    return np.asarray(ratio + (top - ratio * below) / below.mean(), np.float64)
