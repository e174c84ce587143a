"""The judgement: the table of measures, the intervals, and what variety costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from assortment.core.measure import Measure
from assortment.judge import Judgement, System
from assortment.report.measures import GROUPS, Meaning, base, meaning
from assortment.report.plots import Axis, Dot, Line, Plot, Whisker, Word, around, axis, placed
from assortment.report.words import change, number, share, spoken, written

ACCURACY = ("NDCG", "Recall")
"""What plots hold accuracy to be: the first of these that was measured everywhere."""

ALONG = ("coverage", "aspects", "novelty", "entropy", "Gini", "miscalibration")
"""What else changes along the slider; the first four of these that were measured are drawn."""


@dataclass(frozen=True)
class Head:
    """A measure and what it says."""

    name: str
    meaning: Meaning


@dataclass(frozen=True)
class Cell:
    """A value as it is written, with the ends of its interval, empty where there is none; measure: None where it was not
    measured; best: no system has a better one."""

    measure: Measure | None
    mean: str = "–"
    low: str = ""
    high: str = ""
    best: bool = False


@dataclass(frozen=True)
class Row:
    """A measure of all systems."""

    head: Head
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """names: of the systems or settings, and whether each is ours: the pipeline and not a baseline, or the shop's own setting;
    groups: the rows by what they look at."""

    names: tuple[tuple[str, bool], ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]


@dataclass(frozen=True)
class Interval:
    """A system's measure, drawn on an axis that it shares with others; said: in words."""

    name: str
    measure: Measure
    mean: str
    said: str
    ours: bool


@dataclass(frozen=True)
class TradeOff:
    """said: what the shop's setting costs and gives; along: small plots along the slider; outside: the baselines that lie too
    far away to be drawn beside the curve; table: the numbers that are drawn."""

    said: tuple[str, ...]
    curve: Plot
    along: tuple[Plot, ...]
    outside: tuple[str, ...]
    table: Table


@dataclass(frozen=True)
class Judged:
    """said: how the pipeline stands beside its baselines; intervals: of the accuracy, on `axis`."""

    said: str
    table: Table
    axis: Axis
    intervals: tuple[Interval, ...]
    tradeoff: TradeOff | None


def judged(judgement: Judgement) -> Judged:
    """What there is to show of a judgement."""
    names = dict.fromkeys(measure.name for system in judgement.systems for measure in system.measures)
    accuracy = _accuracy(judgement)
    intervals = _intervals(judgement, accuracy)
    ends = [end for row in intervals for end in (row.measure.low, row.measure.mean, row.measure.high)]
    return Judged(
        said=_compared(judgement, accuracy),
        table=_table(judgement.systems, list(names), judgement.systems[-2:]),
        axis=axis(intervals[0].measure.name if intervals else "", ends, zero=True, most=6),
        intervals=intervals,
        tradeoff=_tradeoff(judgement, accuracy) if _known(judgement, accuracy) and _known(judgement, "redundancy") else None,
    )


def _table(systems: Sequence[System], names: Sequence[str], ours: Sequence[System]) -> Table:
    rows = [Row(Head(name, meaning(name)), _cells(systems, name)) for name in names]
    rows.sort(key=_group)
    groups = tuple((GROUPS[group], tuple(held)) for group, held in groupby(rows, _group))
    return Table(tuple((spoken(system.name), system in ours) for system in systems), groups)


def _group(row: Row) -> int:
    return GROUPS.index(row.head.meaning.group)


def _cells(systems: Sequence[System], name: str) -> tuple[Cell, ...]:
    """One measure of all systems, the best of them marked where there is a better and a worse."""
    measures = [_find(system, name) for system in systems]
    digits, better = _digits(measures), meaning(name).better
    means = [measure.mean for measure in measures if measure is not None and math.isfinite(measure.mean)]
    best = {"higher": max, "lower": min}[better](means) if better and means else math.nan
    return tuple(_cell(measure, digits, best) for measure in measures)


def _cell(measure: Measure | None, digits: int, best: float) -> Cell:
    if measure is None or not math.isfinite(measure.mean):
        return Cell(measure)
    known = math.isfinite(measure.low + measure.high)
    low, high = (written(end, digits) if known else "" for end in (measure.low, measure.high))
    return Cell(measure, written(measure.mean, digits), low, high, measure.mean == best)


def _digits(measures: Sequence[Measure | None]) -> int:
    """Enough to tell systems apart: 2 where a mean is 1 or more, else 4."""
    means = [abs(measure.mean) for measure in measures if measure is not None and math.isfinite(measure.mean)]
    return 2 if means and max(means) >= 1 else 4


def _find(system: System, name: str) -> Measure | None:
    return _named(system.measures, name)


def _named(measures: Sequence[Measure], name: str) -> Measure | None:
    """A measure by its whole name, or by its name without the length of the slates."""
    return next((measure for measure in measures if name in (measure.name, base(measure.name))), None)


def _mean(system: System, name: str) -> float:
    """NaN where it was not measured."""
    measure = _find(system, name)
    return measure.mean if measure else math.nan


def _known(judgement: Judgement, name: str) -> bool:
    """Whether the pipeline has a number for a measure, as the shop has set it and all along the slider."""
    systems = (*judgement.systems[-2:], *judgement.sweep)
    return len(judgement.sweep) > 1 and all(math.isfinite(_mean(system, name)) for system in systems)


def _accuracy(judgement: Judgement) -> str:
    """The name of the accuracy that every system has a number for."""
    return next((n for n in ACCURACY if all(math.isfinite(_mean(system, n)) for system in judgement.systems)), ACCURACY[0])


def _intervals(judgement: Judgement, accuracy: str) -> tuple[Interval, ...]:
    found = [(system, _find(system, accuracy)) for system in judgement.systems]
    kept = [(system, measure) for system, measure in found if measure is not None and math.isfinite(measure.mean)]
    digits = _digits([measure for _, measure in kept])
    ours = judgement.systems[-2:]
    return tuple(
        Interval(spoken(s.name), measure, written(measure.mean, digits), f"{spoken(s.name)}: {_told(measure)}", s in ours)
        for s, measure in kept
    )


def _told(measure: Measure) -> str:
    """A measure in words, with its interval where it has one."""
    known = math.isfinite(measure.low + measure.high)
    return f"{measure.name} {measure.mean:.4g}" + (f", between {measure.low:.4g} and {measure.high:.4g}" if known else "")


def _compared(judgement: Judgement, accuracy: str) -> str:
    """How the pipeline stands beside the best of its parts; empty where that was not measured."""
    reached = _find(judgement.systems[-2], accuracy)
    bar = next((_mean(system, accuracy) for system in judgement.systems if system.name == judgement.best), math.nan)
    if reached is None or not math.isfinite(reached.mean + bar):
        return ""
    digits, best = _digits([reached]), spoken(judgement.best)
    first = f"For relevance only the pipeline reaches {reached.name} {written(reached.mean, digits)}"
    if reached.mean == bar:
        return f"{first}, as much as the best of the others ({best})."
    beside = f"{change(bar, reached.mean)} {'more' if reached.mean > bar else 'less'} than the best of the others"
    by_person = _by_person(_named(judgement.gain, accuracy), digits)
    return f"{first}, {beside} ({best}, {written(bar, digits)}){by_person}."


def _by_person(difference: Measure | None, digits: int) -> str:
    """Where a difference lies, and whether it may be nothing."""
    if difference is None or not math.isfinite(difference.low + difference.high):
        return ""
    chance = ", which may be chance" if difference.low <= 0 <= difference.high else ""
    low, high = (written(end, digits, "+") for end in (difference.low, difference.high))
    return f"; person by person the difference lies between {low} and {high}{chance}"


def _tradeoff(judgement: Judgement, accuracy: str) -> TradeOff:
    measured = [measure.name for measure in judgement.sweep[0].measures]
    names = [name for name in measured if base(name) in (accuracy, "redundancy", *ALONG)]
    plots = [_along(judgement, name) for name in sorted(names, key=_rank) if base(name) in ALONG and _known(judgement, name)]
    shops = [system for system in judgement.sweep if float(system.name) == judgement.diversity]
    baselines = [s for s in judgement.systems[:-2] if math.isfinite(_mean(s, "redundancy") + _mean(s, accuracy))]
    beside = [system for system in baselines if _beside(system, judgement.sweep, accuracy)]
    return TradeOff(
        said=_cost(judgement, accuracy),
        curve=_curve(judgement, accuracy, beside),
        along=tuple(plots[:4]),
        outside=tuple(spoken(system.name) for system in baselines if system not in beside),
        table=_table(judgement.sweep, names, shops),
    )


def _rank(name: str) -> int:
    return ALONG.index(base(name)) if base(name) in ALONG else len(ALONG)


def _beside(system: System, sweep: Sequence[System], accuracy: str) -> bool:
    """Whether a baseline lies no farther from the curve than half of what the curve spans."""
    for name in (accuracy, "redundancy"):
        means = [_mean(setting, name) for setting in sweep]
        low, high = min(means), max(means)
        if not low - (high - low) / 2 <= _mean(system, name) <= high + (high - low) / 2:
            return False
    return True


def _curve(judgement: Judgement, accuracy: str, baselines: Sequence[System]) -> Plot:
    """Accuracy against redundancy, setting by setting, with the baselines beside it."""
    setting, title = number(judgement.diversity), _whole(judgement, accuracy)
    others, swept, (shop,) = (
        [(spoken(system.name), _mean(system, "redundancy"), _mean(system, accuracy)) for system in systems]
        for systems in (baselines, judgement.sweep, judgement.systems[-1:])
    )
    found = [(same, _find(system, accuracy)) for (_, same, _), system in zip(swept, judgement.sweep, strict=True)]
    whiskers = tuple(Whisker(same, m.low, m.high) for same, m in found if m and math.isfinite(m.low + m.high))
    ends = [end for whisker in whiskers for end in (whisker.low, whisker.high)]
    x = axis("redundancy: how alike the goods on a slate are", [same for _, same, _ in (*swept, *others, shop)], most=6)
    y = axis(title, [*ends, *(right for *_, right in (*swept, *others, shop))])
    drawn = [(name, "other", name) for name, *_ in others] + [(at, "swept", f"variety {at}") for at, *_ in swept]
    dots = [
        Dot(same, right, 4.5, kind, f"{said}: {title} {right:.4f}, redundancy {same:.3f}")
        for (_, kind, said), (_, same, right) in zip(drawn, [*others, *swept], strict=True)
    ]
    dots.append(Dot(*shop[1:], 7, "shop", f"the shop’s setting, {setting}: {title} {shop[2]:.4f}, redundancy {shop[1]:.3f}"))
    loud = ((0, 26, "middle"), (12, 20, "start"), (0, -14, "middle"))
    words = [tuple(Word(*shop[1:], f"the shop: {setting}", *place, "loud") for place in loud)]
    words += [around(same, right, name, kind="other") for name, same, right in others]
    words += [
        (Word(same, right, at, -8, -9, "end"), Word(same, right, at, 8, -9, "start"))
        for at, same, right in (*swept[::2], *swept[1::2])
        if float(at) != judgement.diversity
    ]
    first, last = swept[0], swept[-1]
    name = (
        f"{title} against redundancy: without variety {first[2]:.4f} at {first[1]:.3f}; as the shop has set it, {setting}, "
        f"{shop[2]:.4f} at {shop[1]:.3f}; with nothing but variety {last[2]:.4f} at {last[1]:.3f}"
    )
    line = Line(tuple((same, right) for _, same, right in swept), "swept")
    return Plot(name, x, y, 400, whiskers=whiskers, lines=(line,), dots=tuple(dots), words=placed(words, x, y, 400, dots))


def _whole(judgement: Judgement, name: str) -> str:
    """The whole name of a measure, with the length of the slates."""
    found = _find(judgement.sweep[0], name)
    return found.name if found else name


def _along(judgement: Judgement, name: str) -> Plot:
    """One measure along the slider, with its interval, and the shop's setting marked."""
    points = [(float(system.name), measure) for system in judgement.sweep if (measure := _find(system, name)) is not None]
    shop = _mean(judgement.systems[-1], name)
    sure = [(at, m) for at, m in points if math.isfinite(m.low + m.high)]
    y = axis(name, [end for _, m in points for end in (m.low, m.mean, m.high)], most=3)
    said = ", ".join(f"{m.mean:.4g} at {at:g}" for at, m in (points[0], points[-1]))
    return Plot(
        f"{name} along the slider of variety: {said}; {shop:.4g} as the shop has set it",
        Axis("variety", 0, 1, ((0, "0"), (0.5, "0.5"), (1, "1"))),
        y,
        height=120,
        areas=(Line((*((at, m.low) for at, m in sure), *((at, m.high) for at, m in reversed(sure))), "band"),),
        lines=(Line(tuple((at, m.mean) for at, m in points), "swept"),),
        dots=(
            *(Dot(at, m.mean, 2.5, "swept", f"variety {at:g}: {_told(m)}") for at, m in points),
            Dot(judgement.diversity, shop, 5, "shop", f"the shop’s setting, {number(judgement.diversity)}: {shop:.4g}"),
        ),
    )


def _cost(judgement: Judgement, accuracy: str) -> tuple[str, ...]:
    """What the shop's setting costs and gives, and how far one may go before the loss can be told from chance."""
    relevant, shop = judgement.systems[-2:]
    first = "The shop asks for no variety: its setting is 0, relevance only."
    if judgement.diversity:
        price = _price(relevant, shop, _named(judgement.change, accuracy), accuracy)
        first = f"At {number(judgement.diversity)}, the shop’s setting, {_gain(relevant, shop)}; for this {price}."
    start = _find(judgement.sweep[0], accuracy)
    border = start.low if start else math.nan
    free = [system.name for system in takewhile(lambda system: _mean(system, accuracy) >= border, judgement.sweep[1:])]
    if not free:
        return (first,)
    return first, f"Up to {free[-1]}, {_whole(judgement, accuracy)} stays within the 95 % interval that it has without variety."


def _price(relevant: System, shop: System, difference: Measure | None, accuracy: str) -> str:
    before, after = _mean(relevant, accuracy), _mean(shop, accuracy)
    found = _find(shop, accuracy)
    digits, verb = _digits([found]), "loses" if after < before else "gains"
    numbers = f"({written(before, digits)} → {written(after, digits)}{_by_person(difference, digits)})"
    return f"the pipeline {verb} {change(before, after)} of its {found.name if found else accuracy} {numbers}"


def _gain(relevant: System, shop: System) -> str:
    gains = [_less_alike(_mean(relevant, "redundancy"), _mean(shop, "redundancy"))]
    few, many = (f"{_mean(system, 'aspects'):.1f}" for system in (relevant, shop))
    if "nan" not in (few, many) and few != many:
        gains.append(f"hold {many} kinds of goods rather than {few}")
    narrow, wide = (share(_mean(system, "coverage")) for system in (relevant, shop))
    if "nan %" not in (narrow, wide) and narrow != wide:
        gains.append(f"together show {wide} of the shop’s goods rather than {narrow}")
    return " and ".join(filter(None, (", ".join(gains[:-1]), gains[-1])))


def _less_alike(before: float, after: float) -> str:
    """Redundancy is 0 where the goods on a slate have nothing in common, and below where they have less than that."""
    numbers = f"(redundancy {written(before, 3)} → {written(after, 3)})"
    if after <= 0 < before:
        return f"its slates do not repeat themselves at all {numbers}"
    return f"its slates are {change(before, after)} {'less' if after <= before else 'more'} repetitive {numbers}"
