"""Which policy may serve: the contextual one where it surely beats the constants, these where they beat what learns nothing.

Surely: the lower end of the 95 % interval of its gain is above 0 with every family of people, none of whom it was learned on,
and by the estimate from the shop's own log where that has slates that were drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assortment.core.measure import Measure
from assortment.rl.told import Step

STATIC, CONSTANTS, CONTEXTUAL = "static", "constants", "contextual"


@dataclass(frozen=True)
class Logged:
    """The estimate of a gain from the log; measure: None where it gives no number, and `refused` says why."""

    measure: Measure | None
    refused: str = ""


Gains = Callable[[str, str], Sequence[Measure]]
"""The gain of one policy beside another with each family."""

Estimates = Callable[[str], Logged | None]
"""The gain of a policy over what served, from the log; None where nothing of it was drawn."""


def gate(gains: Gains, logged: Estimates) -> tuple[str, tuple[Step, ...], str]:
    """Which serves, each comparison, and why in words."""
    constants = _step(CONSTANTS, STATIC, gains(CONSTANTS, STATIC), logged(CONSTANTS))
    beside = CONSTANTS if constants.passed else STATIC
    contextual = _step(CONTEXTUAL, beside, gains(CONTEXTUAL, beside), logged(CONTEXTUAL))
    serves = CONTEXTUAL if contextual.passed else beside
    return serves, (constants, contextual), _why(serves, (constants, contextual))


def _step(policy: str, beside: str, gains: Sequence[Measure], logged: Logged | None) -> Step:
    passed = all(gain.low > 0 for gain in gains)
    if logged is not None:
        passed = passed and logged.measure is not None and logged.measure.low > 0
    measure, refused = (None, "") if logged is None else (logged.measure, logged.refused)
    return Step(policy, beside, tuple(gains), measure, refused, passed)


def _why(serves: str, steps: Sequence[Step]) -> str:
    return "; ".join([f"{serves} serves", *(_said(step) for step in steps)]) + "; all of it in simulation"


def _said(step: Step) -> str:
    """One comparison in words."""
    least = min(step.gains, key=lambda gain: gain.low)
    told = f"{step.policy} beside {step.beside}: {', '.join(f'{gain.name} {gain.mean:+.1%}' for gain in step.gains)}"
    if step.passed:
        return f"{told}, surely above 0 with each"
    if least.low <= 0:
        return f"{told}, and with '{least.name}' it may be {least.low:+.1%}"
    return f"{told}, but the shop's own log {'gives no number' if step.logged is None else 'does not bear it out'}"
