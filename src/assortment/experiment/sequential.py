"""The difference of two arms, looked at as often as one likes: confidence sequences that hold at all times at once."""

import math

import numpy as np
from scipy.special import lambertw

from assortment.core.errors import within
from assortment.core.measure import Measure
from assortment.experiment.sample import Sample

LEAST = 100
"""People an arm needs before its variance is taken for known; before, nothing is said."""


def stretch(n: float, planned: float, alpha: float = 0.05) -> float:
    """How many standard errors the interval reaches at n people, so that it holds at all n at once.

    The mixture sequential probability ratio test with a normal mixture N(0, τ²) on the difference δ (Robbins, Annals of
    Mathematical Statistics 1970; Johari, Pekelis and Walsh, Operations Research 2022): with V the variance of the estimate,

        Λ = √(V / (V + τ²)) exp(τ² δ² / (2 V (V + τ²))),   reject where Λ ≥ 1/α,

    whose interval is δ ± √(V (V + τ²) / τ² · [2 log(1/α) + log((V + τ²) / V)]). As V falls like 1/n, τ² is written as
    `ratio` · V at the planned size, so that τ²/V = ratio · n / planned, and the interval is narrowest there. planned: people in
    all, 1 or more, fixed before the start; a plan that proves wrong costs width, never validity.

    >>> [round(stretch(n, 10_000), 2) for n in (1_000, 10_000, 100_000)]
    [3.82, 3.04, 3.25]
    """
    within("alpha", alpha, 1e-12, 1 - 1e-12)
    within("planned", planned, 1, math.inf)
    x = ratio(alpha) * n / planned
    return math.sqrt((1 + x) / x * (2 * math.log(1 / alpha) + math.log1p(x)))


def ratio(alpha: float) -> float:
    """The τ²/V at which the interval is narrowest: the root of x = 2 log(1/α) + log(1 + x), by Lambert's W."""
    return float(-np.real(lambertw(-(alpha**2) / math.e, -1))) - 1


def evidence(gap: float, error: float, n: float, planned: float, alpha: float = 0.05) -> float:
    """log Λ: how much more likely the mixture of effects makes what was seen than no effect does; error is V."""
    x = ratio(alpha) * n / planned
    return x * gap**2 / (2 * error * (1 + x)) - 0.5 * math.log1p(x)


def sequence(name: str, control: Sample, treated: Sample, planned: float, alpha: float = 0.05) -> Measure:
    """treated - control with the interval that holds whenever one looks; it has no ends before `LEAST` people per arm."""
    gap, error, n = treated.mean - control.mean, control.error + treated.error, control.n + treated.n
    if min(control.n, treated.n) < LEAST or not error > 0:
        return Measure(name, gap, -math.inf, math.inf, n)
    half = stretch(n, planned, alpha) * math.sqrt(error)
    return Measure(name, gap, gap - half, gap + half, n)


def always_valid_p(control: Sample, treated: Sample, planned: float, alpha: float = 0.05) -> float:
    """1/Λ, at most 1: the least level at which one look now would reject; the least of many looks is valid as well."""
    gap, error = treated.mean - control.mean, control.error + treated.error
    if min(control.n, treated.n) < LEAST or not error > 0:
        return 1.0
    return math.exp(min(0.0, -evidence(gap, error, control.n + treated.n, planned, alpha)))
