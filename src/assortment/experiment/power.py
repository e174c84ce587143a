"""How many people, and so how many days, an experiment needs before it begins."""

import math
from dataclasses import dataclass

from scipy.stats import norm

from assortment.core.errors import BadSetting, within
from assortment.experiment.sequential import stretch

LONGEST = 28
"""Days: an experiment that runs longer meets seasons, lost cookies and changed minds."""


@dataclass(frozen=True)
class Needed:
    """people: in each arm, who are triggered, for one look at the end; watched: the same where one looks all the time, by
    whom it has ended with the chance `power`, and mostly sooner; days: of one look, None where people a day are not known;
    warnings: in words."""

    people: int
    watched: int
    days: float | None
    warnings: tuple[str, ...]


def needed(
    mean: float,
    variance: float,
    effect: float,
    *,
    arms: int = 2,
    daily: float | None = None,
    triggered: float = 1.0,
    rho: float = 0.0,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Needed:
    """n = 2 (z_{1-α/2} + z_{power})² σ² (1 - ρ²) / δ² people in each arm.

    mean, variance: of the measure, one value per person, so that people who bring many views are no more than one; effect: the
    relative change that shall be seen, such as 0.05; triggered: the share of the people whom the change can reach, above 0 … 1,
    mean and variance being theirs; daily: new people a day; rho: the correlation with the time before (CUPED), 0 none … 1 all.
    The tests of several arms against one control share α.

    A click rate of 3 % and 2 % more of it:

    >>> needed(0.03, 0.0291, 0.02).people
    1268903
    """
    _check(mean, variance, effect, triggered, rho, power)
    within("arms", arms, 2, 100)
    level, above = alpha / (arms - 1), float(norm.ppf(power))
    spread = 2 * variance * (1 - rho**2) / (effect * mean) ** 2
    people = math.ceil((norm.ppf(1 - level / 2) + above) ** 2 * spread)
    watched = math.ceil((stretch(1, 1, level) + above) ** 2 * spread)
    if daily is None:
        return Needed(people, watched, None, ())
    within("daily", daily, 1e-9, math.inf)
    days = people * arms / (daily * triggered)
    return Needed(people, watched, days, _warnings(days))


def reached(mean: float, variance: float, effect: float, people: int, *, rho: float = 0.0, alpha: float = 0.05) -> float:
    """The power that so many people in each of two arms have: the chance that the effect is seen, α … 1."""
    _check(mean, variance, effect, 1.0, rho, 0.5)
    within("people", people, 1, math.inf)
    far = abs(effect * mean) / math.sqrt(2 * variance * (1 - rho**2) / people)
    z = norm.ppf(1 - alpha / 2)
    return float(norm.sf(z - far) + norm.cdf(-z - far))


def _check(mean: float, variance: float, effect: float, triggered: float, rho: float, power: float) -> None:
    within("variance", variance, 1e-300, math.inf)
    within("rho", rho, -0.999_999, 0.999_999)
    within("power", power, 0.01, 0.999_999)
    within("triggered", triggered, 1e-9, 1)
    if not effect or not mean:
        raise BadSetting(f"a relative effect of {effect:g} on a mean of {mean:g} is no difference that could be seen")


def _warnings(days: float) -> tuple[str, ...]:
    if days <= LONGEST:
        return ()
    return (
        f"it would take {days:,.0f} days, more than {LONGEST}: look for a larger effect, a measure that varies less, or let "
        "interleaving (rankers) or off-policy estimates choose what is worth an experiment",
    )
