"""A small grammar of plots: marks in the units of the data, two axes, and the words for who cannot see them.

A template draws them as SVG whose places are per cent, so that a plot follows the width of its page, the colours follow the
page's light or dark, and letters keep their size.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeAlias

from assortment.report.words import moment, number

Point: TypeAlias = tuple[float, float]
DAY = 86_400_000
Box: TypeAlias = tuple[float, float, float, float]
PAGE, PHONE, MARGIN = 900, 280, 12
"""Pixels between the axes of a plot on a page and on a telephone, and from their end to the edge."""

MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True)
class Axis:
    """What is measured, from `low` to `high`, with ticks: a value and its words each."""

    title: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...] = ()

    def at(self, value: float) -> float:
        """Where a value lies: 0 at `low` … 100 at `high`.

        >>> Axis("", 10, 20).at(12.5)
        25.0
        """
        return round(100 * (value - self.low) / (self.high - self.low), 2)


@dataclass(frozen=True)
class Line:
    """Points joined in their order. kind: how the page's style sheet draws it."""

    points: tuple[Point, ...]
    kind: str = ""


@dataclass(frozen=True)
class Column:
    """A bar that stands on the lower end of the y axis; said: what it tells who points at it."""

    left: float
    right: float
    top: float
    said: str = ""


@dataclass(frozen=True)
class Whisker:
    """An upright line, as of a confidence interval."""

    x: float
    low: float
    high: float
    kind: str = ""


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    radius: float
    kind: str = ""
    said: str = ""


@dataclass(frozen=True)
class Word:
    """Text at a point, moved by dx, dy pixels; anchor: start, middle or end."""

    x: float
    y: float
    text: str
    dx: float = 0
    dy: float = 0
    anchor: str = "middle"
    kind: str = ""


@dataclass(frozen=True)
class Plot:
    """name: what it shows, for who cannot see it; height in pixels. Marks are drawn in the order of the fields."""

    name: str
    x: Axis
    y: Axis
    height: int = 260
    areas: tuple[Line, ...] = ()
    columns: tuple[Column, ...] = ()
    whiskers: tuple[Whisker, ...] = ()
    lines: tuple[Line, ...] = ()
    dots: tuple[Dot, ...] = ()
    words: tuple[Word, ...] = ()


def axis(
    title: str, values: Iterable[float], *, most: int = 5, zero: bool = False, words: Callable[[float], str] = number
) -> Axis:
    """An axis with round ends around the finite ones of some values, and about `most` round ticks.

    Steps are 1, 2 or 5 times a power of ten (Heckbert, Graphics Gems, 1990). zero: it starts there.

    >>> axis("", [0.31, 0.58], most=4).ticks
    ((0.3, '0.3'), (0.4, '0.4'), (0.5, '0.5'), (0.6, '0.6'))
    """
    finite = [float(value) for value in values if math.isfinite(value)] + ([0.0] if zero else [])
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300):
        low, high = (low, low + 1) if zero else (low - 0.5, low + 0.5)
    step = _step((high - low) / most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple((tick, words(tick)) for tick in (round(place * step, 12) for place in range(first, last + 1)))
    return Axis(title, ticks[0][0], ticks[-1][0], ticks)


def dates(title: str, low: int, high: int, most: int = 7) -> Axis:
    """An axis of time, milliseconds since 1970 UTC, with at most `most` ticks at the beginnings of months or years, or at
    days."""
    months = next((found for step in MONTHS if len(found := _months(low, high, step)) <= most), [])
    days = range(-(-low // DAY) * DAY, high + 1, max(1, -(-(high - low) // (DAY * most))) * DAY)
    ticks = (
        [(time, _month(time)) for time in months]
        if len(months) > 2
        else [(time, f"{moment(time).day} {moment(time):%b}") for time in days]
    )
    return Axis(title, low, max(high, low + 1), tuple((float(time), words) for time, words in ticks[:most]))


def apart(words: Sequence[Word], x: Axis, y: Axis, width: float, height: float) -> tuple[Word, ...]:
    """The words that do not run into one before them, on a plot of so many pixels."""
    kept: list[tuple[Word, Box]] = []
    for word in words:
        box = _box(word, x, y, width, height)
        if not any(_meet(box, other) for _, other in kept):
            kept.append((word, box))
    return tuple(word for word, _ in kept)


def around(x: float, y: float, text: str, far: float = 10, kind: str = "") -> tuple[Word, ...]:
    """Where the name of a point may stand, best first: right of it, left, above, below; far: pixels from its middle."""
    sides = ((far, 4, "start"), (-far, 4, "end"), (0, -far, "middle"), (0, far + 9, "middle"))
    slants = ((far - 2, -far, "start"), (2 - far, -far, "end"), (far - 2, far + 6, "start"), (2 - far, far + 6, "end"))
    farther = ((0, -2 * far, "middle"), (0, 2 * far + 9, "middle"), (far, -2 * far, "end"), (far, 2 * far + 9, "end"))
    return tuple(Word(x, y, text, *place, kind) for place in (*sides, *slants, *farther))


def placed(words: Iterable[Sequence[Word]], x: Axis, y: Axis, height: float, dots: Sequence[Dot] = ()) -> tuple[Word, ...]:
    """Of each word the first place where it runs into no other, into no dot and over no edge, on a page and on a telephone.

    A word that finds room on a page alone is `spare`, and one that finds none is left out; words before others have the choice.
    """
    boxes = {width: [_dot(dot, x, y, width, height) for dot in dots] for width in (PAGE, PHONE)}
    kept: list[Word] = []
    for places in words:
        free = {width: [p for p in places if _fits(_box(p, x, y, width, height), boxes[width], width)] for width in boxes}
        word = next((place for place in free[PAGE] if place in free[PHONE]), None)
        if word is None and free[PAGE]:
            word = replace(free[PAGE][0], kind=f"{free[PAGE][0].kind} spare")
        if word is not None:
            kept.append(word)
            for width in (PAGE,) if word.kind.endswith("spare") else (PAGE, PHONE):
                boxes[width].append(_box(word, x, y, width, height))
    return tuple(kept)


def _fits(box: Box, others: Sequence[Box], width: float) -> bool:
    return box[0] >= 0 and box[2] <= width + MARGIN and not any(_meet(box, other) for other in others)


def _dot(dot: Dot, x: Axis, y: Axis, width: float, height: float) -> Box:
    across, down = x.at(dot.x) / 100 * width, (1 - y.at(dot.y) / 100) * height
    return across - dot.radius, down - dot.radius, across + dot.radius, down + dot.radius


def _box(word: Word, x: Axis, y: Axis, width: float, height: float) -> Box:
    long = 6.6 * len(word.text)
    left = x.at(word.x) / 100 * width + word.dx - {"start": 0.0, "middle": long / 2, "end": long}[word.anchor]
    base = (1 - y.at(word.y) / 100) * height + word.dy
    return left, base - 11, left + long, base + 3


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(round * power for round in (1, 2, 5, 10) if round * power >= rough * 0.999999)


def _months(low: int, high: int, step: int) -> list[int]:
    """The beginnings of every `step`-th month, counted from a January, between two times."""
    first, last = moment(low), moment(high)
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    starts = [datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in numbers if number % step == 0]
    times = [round(start.timestamp() * 1000) for start in starts]
    return [time for time in times if low <= time <= high]


def _month(time: int) -> str:
    start = moment(time)
    return f"{start:%Y}" if start.month == 1 else f"{start:%b}"
