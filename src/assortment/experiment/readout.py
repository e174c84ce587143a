"""What an experiment says: each measure of each arm against the control, with both kinds of interval, and what may be
decided."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput
from assortment.core.events import Events, Shown
from assortment.core.measure import Measure
from assortment.experiment.assign import tagged
from assortment.experiment.cuped import adjusted
from assortment.experiment.decide import decide
from assortment.experiment.definition import Arm, Experiment
from assortment.experiment.guardrails import Guardrail, guardrail
from assortment.experiment.interleaved import PREFERENCE, ballot
from assortment.experiment.measures import defined, measurable, observed, untimed
from assortment.experiment.multiple import benjamini_hochberg, holm
from assortment.experiment.novelty import Course, course
from assortment.experiment.people import BEFORE, DAY, NEVER, People, gather
from assortment.experiment.ratio import linear
from assortment.experiment.sample import Sample, Values, fixed, fixed_p
from assortment.experiment.sequential import always_valid_p, sequence
from assortment.experiment.srm import Srm, srm

Raise = Callable[[Values], Values]

DAYS = 60
"""The most days of a course that are drawn."""

LEAST = 30
"""People of an arm below whom a day is not drawn."""


@dataclass(frozen=True)
class Compared:
    """A measure of one arm against the control, per person exposed.

    control, treated: their means; gap: treated - control with the interval of one look; sequence: with the one that holds at
    any look; p and always_p: of these, and raised for the other tests, by Holm where the measure decides, else by Benjamini and
    Hochberg; explained: the part of the variance that the time before took off (CUPED), 0 … 1; better: 1 more is, -1 less is.
    """

    measure: str
    arm: str
    control: float
    treated: float
    gap: Measure
    sequence: Measure
    p: float
    always_p: float
    adjusted_p: float
    adjusted_always_p: float
    explained: float
    better: int


@dataclass(frozen=True)
class Look:
    """The primary measure of an arm at the end of a day since the start, day 1 first, with both intervals."""

    day: int
    fixed: Measure
    sequence: Measure


@dataclass(frozen=True)
class Readout:
    """people: who were exposed by arm; mixed: who were seen in two arms and are left out; srm: whether the arms hold as many
    people as they should: where they do not, nothing else is said. looks: by arm, how the primary measure came; courses: by
    arm, its effect by day since a person's exposure; missing: measures that this log cannot tell; decision: in words;
    contested: of one that is interleaved, the share of places that belonged to an arm; untimed: slates that `latency` leaves
    out, since nobody measured how long they took."""

    experiment: Experiment
    now: int
    people: Mapping[str, int]
    mixed: int
    srm: Srm
    primary: tuple[Compared, ...]
    secondary: tuple[Compared, ...]
    guardrails: tuple[Guardrail, ...]
    looks: Mapping[str, tuple[Look, ...]]
    courses: Mapping[str, Course]
    missing: tuple[str, ...]
    decision: tuple[str, ...]
    contested: float | None = None
    untimed: int = 0


def read_out(experiment: Experiment, shown: Sequence[Shown], events: Events, catalog: Catalog, now: int) -> Readout:
    """Read an experiment from the log. shown, events: from `BEFORE` its start on at least."""
    if experiment.interleaved:
        return _preferred(experiment, shown, events, catalog, now)
    people = gather(experiment, shown, events, catalog)
    counts = np.bincount(people.arm, minlength=len(experiment.arms)).tolist()
    by_arm = dict(zip(experiment.shares, counts, strict=True))
    found = Readout(experiment, now, by_arm, people.mixed, srm(by_arm, experiment.shares), (), (), (), {}, {}, (), ())
    if not found.srm.blocks and all(count > 1 for count in counts):
        found = _measured(found, people)
    return replace(found, decision=decide(found))


def _preferred(experiment: Experiment, shown: Sequence[Shown], events: Events, catalog: Catalog, now: int) -> Readout:
    """Everybody has both arms; the vote of each is held against no vote at all."""
    votes = ballot(experiment, shown, events, catalog)
    n, treated = len(votes.vote), Sample.of(votes.vote)
    arm, indifferent = experiment.arms[1].name, Sample(n, 0.0, 0.0)
    by_arm = dict.fromkeys(experiment.shares, n)
    found = Readout(experiment, now, by_arm, 0, srm(by_arm, dict.fromkeys(by_arm, 1.0)), (), (), (), {}, {}, (), ())
    if n > 1:
        p = fixed_p(indifferent, treated)
        always = always_valid_p(indifferent, treated, 2 * experiment.people, experiment.alpha)
        one = Compared(
            measure=PREFERENCE,
            arm=arm,
            control=float((votes.vote < 0).mean()),
            treated=float((votes.vote > 0).mean()),
            gap=fixed(PREFERENCE, indifferent, treated, experiment.alpha),
            sequence=sequence(PREFERENCE, indifferent, treated, 2 * experiment.people, experiment.alpha),
            p=p,
            always_p=always,
            adjusted_p=p,
            adjusted_always_p=always,
            explained=0.0,
            better=1,
        )
        found = replace(found, primary=(one,), contested=votes.contested)
    return replace(found, decision=decide(found))


def usual(measure: str, shown: Sequence[Shown], events: Events, catalog: Catalog, days: int) -> Sample:
    """What a measure is without an experiment: of the people of the last days of the log, from the first of these on."""
    start = int(events.time[-1]) - days * DAY + 1
    late = events.since(start)
    users = [events.people.names[person] for person in np.unique(late.user)]
    everybody = Experiment("usual", (Arm("as-is"), Arm("aa-1")), began=start)
    seen = [Shown(f"usual {user}", start, user, tagged("", [("usual", "as-is")]), (), ()) for user in users]
    people = gather(everybody, [*seen, *(one for one in shown if one.time >= start)], late, catalog)
    values = _linear(*observed(measure, people, people.since, NEVER), people)
    if values is None:
        raise BadInput(f"'{measure}' has nothing to be measured on in the last {days} days")
    return Sample.of(values)


def _measured(found: Readout, people: People) -> Readout:
    experiment, known = found.experiment, measurable(people)
    others = [name for name in experiment.secondary or known if name != experiment.primary]
    wanted = (experiment.primary, *others, *experiment.guardrails)
    there = [name for name in dict.fromkeys(wanted) if name in known]
    values = {name: each for name in there if (each := _values(name, people)) is not None}
    guards = [_guardrail(found, people, values[name][0], name, arm) for name in experiment.guardrails if name in values
              for arm in range(1, len(experiment.arms))]  # fmt: skip
    return replace(
        found,
        primary=_raised(_compared(experiment, people, values, [experiment.primary]), holm),
        secondary=_raised(_compared(experiment, people, values, others), benjamini_hochberg),
        guardrails=tuple(guards),
        looks={arm.name: tuple(_looks(found, people, number)) for number, arm in enumerate(experiment.arms) if number},
        courses={arm.name: _course(found, people, number) for number, arm in enumerate(experiment.arms) if number},
        missing=tuple(name for name in dict.fromkeys(wanted) if name not in values),
        untimed=untimed(people) if "latency" in values else 0,
    )


def _values(measure: str, people: People) -> tuple[Values, float] | None:
    """One value per person from their exposure on, less what their past explains, and how much that was; None where an arm has
    nothing that the measure could be of."""
    now = _linear(*observed(measure, people, people.since, NEVER), people)
    if now is None:
        return None
    before = _past(measure, people)
    if before is None:
        return now, 0.0
    less = adjusted(now, before, people.arm)
    return less.values, less.explained


def _past(measure: str, people: People) -> Values | None:
    """The same measure of the time before: NaN for people of whom nothing is known then, None where that is everybody."""
    start = people.since - BEFORE
    top, below = observed(measure, people, start, people.since)
    deeds, slates = people.deeds, people.slates
    seen = np.bincount(deeds.person[deeds.time < people.since[deeds.person]], minlength=len(people))
    seen += np.bincount(slates.person[slates.time < people.since[slates.person]], minlength=len(people))
    known = seen > 0 if below is None else below > 0
    if not known.any():
        return None
    ratio = None if below is None else top.sum() / below.sum()
    return np.where(known, top if below is None or ratio is None else top - ratio * below, np.nan)


def _linear(top: Values, below: Values | None, people: People) -> Values | None:
    """One value per person: for a ratio, linear within each arm."""
    if below is None:
        return top
    values = np.empty(len(people))
    for arm in range(people.arm.max(initial=0) + 1):
        rows = people.arm == arm
        if not below[rows].sum() > 0:
            return None
        values[rows] = linear(top[rows], below[rows])
    return values


def _samples(people: People, values: Values, arm: int) -> tuple[Sample, Sample]:
    return Sample.of(values[people.arm == 0]), Sample.of(values[people.arm == arm])


def _compared(
    experiment: Experiment, people: People, values: Mapping[str, tuple[Values, float]], measures: Sequence[str]
) -> list[Compared]:
    compared = []
    for name in (name for name in measures if name in values):
        each, explained = values[name]
        for number, arm in enumerate(experiment.arms[1:], 1):
            control, treated = _samples(people, each, number)
            p, always = fixed_p(control, treated), always_valid_p(control, treated, experiment.people, experiment.alpha)
            compared.append(
                Compared(
                    measure=name,
                    arm=arm.name,
                    control=control.mean,
                    treated=treated.mean,
                    gap=fixed(name, control, treated, experiment.alpha),
                    sequence=sequence(name, control, treated, experiment.people, experiment.alpha),
                    p=p,
                    always_p=always,
                    adjusted_p=p,
                    adjusted_always_p=always,
                    explained=explained,
                    better=defined(name).better,
                )
            )
    return compared


def _raised(compared: Sequence[Compared], adjust: Raise) -> tuple[Compared, ...]:
    if not compared:
        return ()
    p, always = (adjust(np.array([getattr(one, name) for one in compared])) for name in ("p", "always_p"))
    return tuple(
        replace(one, adjusted_p=float(p[row]), adjusted_always_p=float(always[row])) for row, one in enumerate(compared)
    )


def _guardrail(found: Readout, people: People, values: Values, name: str, arm: int) -> Guardrail:
    experiment = found.experiment
    control, treated = _samples(people, values, arm)
    margin, better = experiment.guardrails[name], defined(name).better
    return guardrail(name, experiment.arms[arm].name, control, treated, margin, better, experiment.people, experiment.alpha)


def _looks(found: Readout, people: People, arm: int) -> Iterator[Look]:
    """The primary measure as it would have been read at the end of each day, of those exposed by then."""
    experiment = found.experiment
    end = experiment.ended or found.now
    last = min(DAYS, -(-(end - experiment.began) // DAY))
    for day in range(1, last + 1):
        moment = min(experiment.began + day * DAY, end)
        samples = _between(experiment.primary, people, arm, people.since < moment, moment)
        if samples is not None:
            planned, alpha = experiment.people, experiment.alpha
            yield Look(day, fixed(experiment.primary, *samples, alpha), sequence(experiment.primary, *samples, planned, alpha))


def _course(found: Readout, people: People, arm: int) -> Course:
    """The effect on each day since a person was exposed, of those of whom the whole day has passed."""
    experiment = found.experiment
    end = experiment.ended or found.now
    days = []
    for day in range(min(DAYS, (end - experiment.began) // DAY)):
        begin = people.since + day * DAY
        samples = _between(experiment.primary, people, arm, begin + DAY <= end, begin + DAY, begin)
        days.append(fixed(experiment.primary, *samples, experiment.alpha) if samples is not None else _nothing(experiment))
    return course(days, experiment.alpha)


def _nothing(experiment: Experiment) -> Measure:
    return Measure(experiment.primary, math.nan, math.nan, math.nan, 0)


def _between(
    measure: str, people: People, arm: int, who: np.ndarray, until: np.ndarray | int, since: np.ndarray | None = None
) -> tuple[Sample, Sample] | None:
    """Control and arm, of some of the people and between two moments; None where an arm has fewer than `LEAST`."""
    try:
        top, below = observed(measure, people, people.since if since is None else since, until)
    except BadInput:
        return None
    samples = []
    for number in (0, arm):
        rows = who & (people.arm == number)
        if rows.sum() < LEAST or (below is not None and not below[rows].sum() > 0):
            return None
        samples.append(Sample.of(top[rows] if below is None else linear(top[rows], below[rows])))
    return samples[0], samples[1]
