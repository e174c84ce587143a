"""The long run: what simulated people came to under each policy, visit by visit, and which of them serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from assortment.core.measure import Measure
from assortment.report.plots import Axis, Line, Plot, axis
from assortment.report.words import written
from assortment.rl.habits import Found
from assortment.rl.told import LearnedPolicy, Row, Simulation

CURVES = (
    ("reward", "goods taken so far", "return"),
    ("here", "share who still come", "leaving"),
    ("kinds", "kinds on a slate", "variety"),
    ("tired", "had lately of the kinds shown", "satiation"),
)
"""What is drawn: the trace, the axis, and what it is called."""

FEW = 0.05
"""The share who still come below which the other curves are not drawn: they would be of few people."""


@dataclass(frozen=True)
class Picture:
    """One curve of each policy with one family."""

    family: str
    name: str
    plot: Plot


@dataclass(frozen=True)
class LongRun:
    """said: what was played, and which serves; keys: the policies in the order of their colours; table: family, policy and
    numbers; constants: what people are like, from the log or not."""

    said: tuple[str, ...]
    keys: tuple[str, ...]
    pictures: tuple[Picture, ...]
    table: tuple[tuple[str, ...], ...]
    constants: tuple[tuple[str, ...], ...]


def long_run(simulated: Simulation | None, learned: LearnedPolicy | None) -> LongRun | None:
    """What there is to show: of the last learning, or where nothing was learned of the last simulation."""
    found = learned.simulation if learned else simulated
    if found is None:
        return None
    names = tuple(dict.fromkeys(row.policy for row in found.rows))
    families = tuple(dict.fromkeys(row.family for row in found.rows))
    pictures = tuple(
        Picture(family, name, _plot(found, family, names, trace, title)) for family in families for trace, title, name in CURVES
    )
    return LongRun(_said(found, learned), names, pictures, tuple(map(_cells, found.rows)), tuple(_constants(found)))


def _said(found: Simulation, learned: LearnedPolicy | None) -> tuple[str, ...]:
    played = (
        f"{found.people:,} simulated people of each of three families, the same for each policy, {found.visits} visits at "
        f"most, slates of {found.k}. Relevance: {found.odds}. All of it is in simulation."
    )
    return (played, f"{learned.why}.") if learned else (played,)


def _plot(found: Simulation, family: str, names: Sequence[str], trace: str, title: str) -> Plot:
    curves = [_curve(row, trace) for row in found.rows if row.family == family]
    y = axis(title, [value for curve in curves for value in curve], most=3, zero=True)
    x = Axis("visit", 1, max(2, found.visits), ((1, "1"), (found.visits, str(found.visits))))
    lines = [
        Line(tuple((float(visit), value) for visit, value in enumerate(curve, 1)), f"t{place}")
        for place, curve in enumerate(curves, 1)
    ]
    ends = ", ".join(f"{name} {written(curve[-1], 2)}" for name, curve in zip(names, curves, strict=False) if curve)
    return Plot(f"{title} by visit, {family}; at the last visit drawn: {ends}", x, y, 130, lines=tuple(lines))


def _curve(row: Row, name: str) -> list[float]:
    """The values of a trace that can be drawn; goods taken are summed up."""
    values = {one.name: one.values for one in row.traces}
    if name == "reward":
        return list(accumulate(values[name]))
    if name == "here":
        return list(values[name])
    return [value for value, here in zip(values[name], values["here"], strict=True) if here >= FEW]


def _cells(row: Row) -> tuple[str, ...]:
    gain = _interval(row.gain, 100, 1, "+", " %") if row.gain else "–"
    return row.family, row.policy, _interval(row.taken, 1, 2), written(row.visits.mean, 1), written(row.pleasure.mean, 2), gain


def _interval(measure: Measure, times: float, digits: int, sign: str = "", unit: str = "") -> str:
    mean, low, high = (written(times * value, digits, sign) for value in (measure.mean, measure.low, measure.high))
    return f"{mean}{unit} [{low}, {high}]"


def _constants(found: Simulation) -> Sequence[tuple[str, ...]]:
    said = [(one.name, _number(one), one.said) for one in found.found]
    sure = {one.name for one in found.found}
    return said + [
        (name, f"drawn from {low:g} to {high:g}", "the log does not say") for name, low, high in found.drawn if name not in sure
    ]


def _number(found: Found) -> str:
    interval = f"{written(found.value, 3)} [{written(found.low, 3)}, {written(found.high, 3)}]"
    return interval if found.sure else f"not used: {interval}" if found.value == found.value else "not fitted"
