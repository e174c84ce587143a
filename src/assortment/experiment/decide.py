"""What may be decided, in words a shopkeeper can act upon."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assortment.experiment.guardrails import BROKEN, OPEN
from assortment.experiment.interleaved import LITTLE, PREFERENCE
from assortment.experiment.novelty import FADES, GROWS
from assortment.experiment.srm import ALARM

if TYPE_CHECKING:
    from assortment.experiment.readout import Compared, Readout


def decide(found: "Readout") -> tuple[str, ...]:
    """The decision first, then what speaks for care. It is taken by the interval that holds at any look, after Holm."""
    if found.srm.blocks:
        return (_mismatch(found),)
    if not found.primary:
        why = f"'{found.experiment.primary}' cannot be told from this log" if found.missing else "too few people were exposed"
        return (f"Wait: {why}.",)
    return (_verdict(found), *_care(found))


def _mismatch(found: "Readout") -> str:
    counts = ", ".join(f"{found.people[arm]:,} in {arm} ({share:,.0f} expected)" for arm, share in found.srm.expected.items())
    return (
        f"Nothing is read from this experiment: {counts}, which chance brings about less often than once in {1 / ALARM:,.0f}. "
        "People of one arm are lost or counted twice; find out where (errors, redirects, robots, slates that are not "
        "recorded), "
        "mend it and begin anew."
    )


def _verdict(found: "Readout") -> str:
    alpha = found.experiment.alpha
    broken = [one for one in found.guardrails if one.state == BROKEN]
    lost = {one.arm for one in broken}
    sure = [one for one in found.primary if one.adjusted_always_p < alpha]
    good = [one for one in sure if one.better * one.gap.mean > 0 and one.arm not in lost]
    unsure = {one.arm for one in found.guardrails if one.state == OPEN}
    best = max(good, key=lambda one: one.better * one.gap.mean, default=None)
    if best is not None and best.arm not in unsure:
        rails = ", and every guardrail holds" if found.guardrails else ""
        return f"Ship {best.arm}: {_change(best)}{rails}."
    if best is not None:
        rails = ", ".join(one.measure for one in found.guardrails if one.arm == best.arm and one.state == OPEN)
        return f"Go on: {best.arm} wins ({_change(best)}), but {rails} may still be worse than the margin allows."
    if broken and len(lost) == len(found.experiment.arms) - 1:
        rail = broken[0]
        worse = f"{rail.measure} of {rail.arm} is worse by {_percent(rail.loss.mean)}"
        return f"Stop and keep {found.experiment.control.name}: {worse}."
    if sure and all(one.better * one.gap.mean < 0 for one in sure) and len(sure) == len(found.primary):
        return f"Stop and keep {found.experiment.control.name}: {_change(sure[0])}."
    return _undecided(found)


def _undecided(found: "Readout") -> str:
    planned, there = found.experiment.people, sum(found.people.values())
    widest = max(found.primary, key=lambda one: one.sequence.high - one.sequence.low)
    could = f"the truth lies between {_signed(widest.sequence.low)} and {_signed(widest.sequence.high)} of {widest.measure}"
    if there >= planned or not found.experiment.runs:
        return (
            f"Nothing is proven at {there:,} people: {could}. Keep {found.experiment.control.name}, or plan for a "
            f"smaller effect "
            "with more people."
        )
    return f"Go on: {there:,} of {planned:,} people; {could}."


def _change(one: "Compared") -> str:
    if one.measure == PREFERENCE:
        return (
            f"{one.treated:.1%} of people take more of its goods, {one.control:.1%} more of the other's, the difference surely "
            f"between {_signed(one.sequence.low)} and {_signed(one.sequence.high)}"
        )
    relative = f" ({one.gap.mean / one.control:+.1%})" if one.control else ""
    return (
        f"{one.measure} {'rises' if one.gap.mean > 0 else 'falls'} from {one.control:.4g} to "
        f"{one.treated:.4g}{relative}, surely "
        f"between {_signed(one.sequence.low)} and {_signed(one.sequence.high)}"
    )


def _care(found: "Readout") -> Iterator[str]:
    experiment = found.experiment
    days = ((experiment.ended or found.now) - experiment.began) / 86_400_000
    if days < 7:
        yield f"It has run for {days:.1f} days; a whole week sees every weekday once."
    if found.contested is not None and found.contested < LITTLE:
        differ = _percent(found.contested)
        yield f"The arms choose alike: they differ at {differ} of the places, and only there can they be told apart."
    for arm, course in found.courses.items():
        if course.state == FADES:
            yield f"The effect of {arm} fades from day to day: a part of it may be the charm of the new."
        if course.state == GROWS:
            yield f"The effect of {arm} grows from day to day: people may be learning; go on a while."
    if found.mixed:
        yield f"{found.mixed:,} people were seen in two arms and are left out; see whether ids are shared."
    if found.untimed:
        yield f"{found.untimed:,} slates are left out of latency: they were recorded without the time they took."
    if found.missing:
        yield f"Not to be told from this log: {', '.join(found.missing)}."
    if any(one.adjusted_always_p < experiment.alpha for one in found.primary) and experiment.runs:
        yield "An effect found on the day it first shows is exaggerated on average; expect somewhat less."


def _signed(value: float) -> str:
    return f"{value:+.3g}"


def _percent(value: float) -> str:
    return f"{value:.1%}"
