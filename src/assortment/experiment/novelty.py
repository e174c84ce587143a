"""Does the effect fade as the new grows old, or grow as people learn to use it?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from assortment.core.measure import Measure

FADES, GROWS, STEADY, UNKNOWN = "fades", "grows", "steady", "unknown"
DAYS = 3
"""Days with an interval that a course needs."""


@dataclass(frozen=True)
class Course:
    """The effect by day since a person was first exposed, day 0 first. slope: its change a day, with the interval; state:
    `FADES` towards 0, `GROWS` away from it, `STEADY` where neither is sure, `UNKNOWN` below `DAYS` days."""

    days: tuple[Measure, ...]
    slope: Measure
    state: str


def course(days: Sequence[Measure], alpha: float = 0.05) -> Course:
    """A line through the effects by weighted least squares, weights 1 / variance. Days are taken as independent, which people
    who come again are not quite: it is a hint, not a test that decides.

    days: the difference of each day with its fixed interval at α.

    >>> course([Measure("d", effect, effect - 1, effect + 1, 100) for effect in (6, 5, 3, 2, 1)]).state
    'fades'
    """
    z = float(norm.ppf(1 - alpha / 2))
    at = np.array([day for day, one in enumerate(days) if math.isfinite(one.high - one.low) and one.high > one.low])
    if len(at) < DAYS:
        return Course(tuple(days), Measure("slope", math.nan, math.nan, math.nan, len(at)), UNKNOWN)
    weight = np.array([(2 * z / (days[day].high - days[day].low)) ** 2 for day in at])
    effect = np.array([days[day].mean for day in at])
    centre = np.average(at, weights=weight)
    spread = float(weight @ (at - centre) ** 2)
    slope, half = float(weight * (at - centre) @ effect) / spread, z / math.sqrt(spread)
    measure = Measure("slope", slope, slope - half, slope + half, len(at))
    return Course(tuple(days), measure, _state(measure, float(np.average(effect, weights=weight))))


def _state(slope: Measure, effect: float) -> str:
    if slope.low <= 0 <= slope.high:
        return STEADY
    return GROWS if slope.mean * effect > 0 else FADES
