"""Quality and variety, day by day: what was shown, what people took of it, and how varied it was."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from fastapi import Request as Asked
from fastapi.responses import HTMLResponse
from numpy.typing import NDArray

from assortment.console.desk import Desk
from assortment.core.catalog import Catalog, labels
from assortment.core.events import REFUSING, Shown
from assortment.releases import Turn
from assortment.report.plots import DAY, Dot, Line, Plot, Word, axis, dates
from assortment.serve.service import Service
from assortment.store.overview import answers, how_many_shown

WINDOWS = (7, 30, 90)
MOST = 20_000
"""Slates that are looked at: where there are more, as many of them, spread evenly over all."""

TAKING = frozenset({"click", "favourite", "cart", "purchase"})
BOUGHT = frozenset({"purchase"})


@dataclass(frozen=True)
class Course:
    """A measure day by day. said: the last days beside those before, in words."""

    title: str
    meaning: str
    said: str
    plot: Plot


@dataclass(frozen=True)
class Overtime:
    """slates: how many were shown; people: to how many; courses: of each measure; every: 1 where they are of all slates, 2 of
    every second, and so on."""

    days: int
    slates: int
    people: int
    courses: tuple[Course, ...]
    every: int = 1


@dataclass(frozen=True)
class _Measure:
    """values: one number for each slate, NaN where it has none."""

    title: str
    meaning: str
    values: NDArray[np.float64]


def add_overtime(desk: Desk) -> None:
    @desk.router.get("/overtime", response_class=HTMLResponse)
    def overtime(asked: Asked, days: int = 30) -> HTMLResponse:
        found = over_time(desk.service, desk.shop.releases.turns, min(max(days, 2), 3650))
        return desk.page(asked, "overtime.html", {"found": found, "windows": WINDOWS})


def over_time(service: Service, turns: Sequence[Turn], days: int, most: int = MOST) -> Overtime:
    """What the slates of the last days were, and what people made of them; turns: when a release began to serve; most: slates
    that are looked at."""
    now, store = service.clock(), service.store
    since = (now // DAY - days + 1) * DAY
    slates, people = how_many_shown(store, since)
    every = max(1, -(-slates // most))
    shown = [one for one in store.shown(since=since, every=every) if one.items]
    if not shown:
        return Overtime(days, slates, people, (), every)
    times = np.array([one.time for one in shown], np.int64)
    measures = _measures(service.catalog, shown, answers(store, since, every))
    begun = [turn for turn in turns if since <= turn.time <= now]
    courses = tuple(_course(one, times, since, now, begun) for one in measures if np.isfinite(one.values).any())
    return Overtime(days, slates, people, courses, every)


def _measures(catalog: Catalog, shown: Sequence[Shown], answered: Sequence[tuple[str, str]]) -> list[_Measure]:
    items = [catalog.numbers(one.items) for one in shown]

    def did(kinds: Collection[str]) -> NDArray[np.float64]:
        slates = {slate for slate, kind in answered if kind in kinds}
        return np.array([one.slate in slates for one in shown], np.float64)

    measures = [
        _Measure("Taken from", "slates of which something was clicked, liked, put in a basket or bought", did(TAKING)),
        _Measure("Bought from", "slates of which something was bought", did(BOUGHT)),
        _Measure("Refused from", "slates of which something was hidden or sent back", did(REFUSING)),
    ]
    if "vector" in catalog:
        variety = np.array([_variety(catalog.column("vector"), one[one >= 0]) for one in items])
        measures.append(_Measure("How varied", "1 less the mean likeness of the pairs on a slate", variety))
    if catalog.kinds:
        kind = labels(catalog.column(catalog.kinds)).first()
        kinds = np.array([len(np.unique(kind[one[one >= 0]])) / len(one) for one in items])
        measures.append(_Measure("Kinds", "different kinds of goods, of all places on a slate", kinds))
    popular = _popularity(catalog)
    if popular is not None:
        novelty = np.array([popular[one[one >= 0]].mean() if (one >= 0).any() else np.nan for one in items])
        measures.append(_Measure("Beyond the head", "goods that are not among the most popular", 1 - novelty))
    return measures


def _variety(vectors: NDArray[np.float32], items: NDArray[np.int32]) -> float:
    """1 less the mean cosine of the pairs, NaN where there are none."""
    if len(items) < 2:
        return float("nan")
    unit = vectors[items]
    total = unit.sum(0)
    pairs = len(items) * (len(items) - 1)
    return min(1.0, float(1 - (total @ total - (unit * unit).sum()) / pairs))


def _popularity(catalog: Catalog) -> NDArray[np.float64] | None:
    """1 for the short head, 0 for the others, None where the goods do not say."""
    if "popular" not in catalog:
        return None
    return np.array([value is not None for value in catalog.column("popular")], np.float64)


def _course(one: _Measure, times: NDArray[np.int64], since: int, now: int, turns: Sequence[Turn]) -> Course:
    there = np.isfinite(one.values)
    days, values = (times[there] - since) // DAY, one.values[there]
    found = [(int(at), values[days == at]) for at in np.unique(days)]
    points = [(since + at * DAY + DAY / 2, *_mean(of_day)) for at, of_day in found]
    band = [(time, high) for time, _, _, high in points] + [(time, low) for time, _, low, _ in reversed(points)]
    ends = [value for _, *three in points for value in three]
    y = axis("", ends, most=4, zero=max(ends) == min(ends), words=_percent)
    x = dates("", since, (now // DAY + 1) * DAY, 6)
    marks = tuple(Line(((turn.time, y.low), (turn.time, y.high)), "turn") for turn in turns)
    words = tuple(_named(turn, x.at(turn.time) > 80, y.high) for turn in turns[-1:])
    line = Line(tuple((time, mean) for time, mean, _, _ in points), "swept")
    plot = Plot(
        f"{one.title} by day, with 95 % intervals. {_said(values, days)}",
        x,
        y,
        height=180,
        areas=(Line(tuple(band), "band"),),
        lines=(*marks, line),
        dots=tuple(Dot(time, mean, 3, "swept", _percent(mean)) for time, mean, _, _ in points),
        words=words,
    )
    return Course(one.title, one.meaning, _said(values, days), plot)


def _named(turn: Turn, right: bool, top: float) -> Word:
    """The name of a release beside its line, on the side where there is room."""
    return Word(turn.time, top, f"release {turn.release[:6]}", -5 if right else 5, 12, "end" if right else "start", "turn")


def _mean(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """The mean and the ends of its 95 % interval, within what there can be."""
    mean = float(values.mean())
    half = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return mean, max(mean - half, min(0.0, float(values.min()))), min(mean + half, max(1.0, float(values.max())))


def _said(values: NDArray[np.float64], days: NDArray[np.int64]) -> str:
    """The last seven days beside those before."""
    late = days > days.max() - 7
    if late.all():
        return f"{_percent(float(values.mean()))} of {len(values):,} slate{'s' if len(values) > 1 else ''}."
    return f"{_percent(float(values[late].mean()))} in the last 7 days, {_percent(float(values[~late].mean()))} before."


def _percent(share: float) -> str:
    """A share of 1 in per cent, with a decimal where that is small.

    >>> _percent(0.257), _percent(0.015)
    ('26 %', '1.5 %')
    """
    return f"{100 * share:.2g} %" if abs(share) < 0.1 else f"{100 * share:.0f} %"
