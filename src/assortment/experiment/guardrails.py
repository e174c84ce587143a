"""What must not get worse: tests of non-inferiority, whose burden of proof lies with the change."""

import math
from dataclasses import dataclass

from assortment.core.errors import within
from assortment.core.measure import Measure
from assortment.experiment.sample import Sample
from assortment.experiment.sequential import sequence

HOLDS, BROKEN, OPEN = "holds", "broken", "open"


@dataclass(frozen=True)
class Guardrail:
    """measure: of one arm against the control; margin: the part of the control's mean that may be lost, 0 none … 1 all; loss:
    how much worse the arm is, in parts of the control's mean, below 0 where it is better, with the interval that holds at any
    look; state: `HOLDS` where the loss is surely under the margin, `BROKEN` where it is surely over it, `OPEN` until then."""

    measure: str
    arm: str
    margin: float
    loss: Measure
    state: str


def guardrail(
    measure: str, arm: str, control: Sample, treated: Sample, margin: float, better: int, planned: float, alpha: float = 0.05
) -> Guardrail:
    """H0: the loss is the margin or more; one-sided at α, so the two-sided sequence at 2 α. All guardrails of an experiment
    must hold, so none is corrected for the others (intersection-union).

    better: 1 where more is better, -1 where less is.

    >>> guardrail("revenue", "b", Sample(9000, 10, 4), Sample(9000, 10, 4), 0.02, 1, 18_000).state
    'holds'
    >>> guardrail("revenue", "b", Sample(90, 10, 4), Sample(90, 10, 4), 0.02, 1, 18_000).state
    'open'
    """
    within("margin", margin, 0, 1)
    scale = abs(control.mean)
    if not scale > 0:
        return Guardrail(measure, arm, margin, Measure(measure, math.nan, -math.inf, math.inf, control.n + treated.n), OPEN)
    gap = sequence(measure, control, treated, planned, 2 * alpha)
    ends = sorted((-better * gap.low / scale, -better * gap.high / scale))
    loss = Measure(measure, -better * gap.mean / scale, ends[0], ends[1], gap.n)
    return Guardrail(measure, arm, margin, loss, HOLDS if loss.high < margin else BROKEN if loss.low > margin else OPEN)
