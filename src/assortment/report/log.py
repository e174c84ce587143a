"""The log: when things happened, how much each person does, and how evenly the goods are wanted."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import KINDS, Events
from assortment.evaluate.spread import gini
from assortment.report.plots import DAY, Axis, Column, Line, Plot, Word, axis, dates
from assortment.report.words import day, number, share

PERIODS = {"day": 1, "week": 7, "four weeks": 28, "twelve weeks": 84, "year": 365}
MOST_PERIODS = 110


@dataclass(frozen=True)
class Shown:
    """A plot with its title and what it says in a sentence."""

    title: str
    said: str
    plot: Plot


@dataclass(frozen=True)
class Log:
    kinds: str
    plots: tuple[Shown, ...]


def log(dataset: Dataset) -> Log | None:
    """What there is to show of a log, None where nothing happened."""
    events = dataset.events
    if not len(events):
        return None
    plots = (_periods(events), _activity(events), _popularity(events, dataset.catalog))
    return Log(_kinds(events), plots)


def _kinds(events: Events) -> str:
    counts = Counter({KINDS[kind]: int(n) for kind, n in enumerate(np.bincount(events.kind)) if n})
    return ", ".join(f"{n:,} {kind}s" if n > 1 else f"1 {kind}" for kind, n in counts.most_common())


def _periods(events: Events) -> Shown:
    """Events per day, week or longer, in periods counted back from the last event."""
    first, last = int(events.time[0]), int(events.time[-1])
    name, days = next(
        ((name, days) for name, days in PERIODS.items() if (last - first) / (days * DAY) < (45 if days == 1 else MOST_PERIODS)),
        ("year", 365),
    )
    length = days * DAY
    ago = (last - events.time) // length
    counts = np.bincount(ago)
    ends = [last + 1 - place * length for place in range(len(counts))]
    x = dates("", ends[-1] - length, last + 1)
    y = axis("events", [float(counts.max())], zero=True, most=4)
    columns = tuple(
        Column(end - length * 0.94, end - length * 0.06, float(count), f"{name} to {day(end - 1)}: {count:,}")
        for end, count in zip(ends, counts.tolist(), strict=True)
    )
    busiest = int(counts.argmax())
    most, end = f"{counts[busiest]:,}", day(ends[busiest] - 1)
    said = f"{len(events) / len(counts):,.0f} events per {name} on average; most, {most}, in the {name} to {end}."
    return Shown(f"Events per {name}", said, Plot(f"Events per {name}. {said}", x, y, height=230, columns=columns))


def _activity(events: Events) -> Shown:
    """How many people have how many events, in steps that double."""
    counts = np.bincount(events.user)
    counts = counts[counts > 0]
    step = np.floor(np.log2(counts)).astype(np.int64)
    people = np.bincount(step)
    x = Axis(
        "events of one person",
        0,
        len(people),
        tuple((place, f"{2**place:,}") for place in range(0, len(people), 1 + len(people) // 9)),
    )
    y = axis("people", [float(people.max())], zero=True, most=4)
    columns = tuple(
        Column(place + 0.06, place + 0.94, float(n), f"{n:,} people with {_range(place)} events")
        for place, n in enumerate(people.tolist())
    )
    half = number(float(np.median(counts)))
    said = f"Half of the {len(counts):,} people have {half} events or fewer; the most active has {counts.max():,}."
    return Shown(
        "What each person does", said, Plot(f"People by their number of events. {said}", x, y, height=230, columns=columns)
    )


def _range(place: int) -> str:
    low, high = 2**place, 2 ** (place + 1) - 1
    return "1" if place == 0 else f"{low:,}–{high:,}"


def _popularity(events: Events, catalog: Catalog) -> Shown:
    """The Lorenz curve (Lorenz, 1905): the share of the events that goes to the least wanted goods."""
    counts = np.bincount(events.item, minlength=len(catalog))
    ordered = np.sort(counts)
    shares = np.concatenate([[0], np.cumsum(ordered) / ordered.sum()])
    places = np.unique(np.linspace(0, len(ordered), 101).round().astype(int))
    curve = tuple((float(place / len(ordered)), float(shares[place])) for place in places)
    parts = tuple((part, share(part)) for part in (0, 0.25, 0.5, 0.75, 1))
    top = 1 - float(shares[len(ordered) - max(1, len(ordered) // 10)])
    uneven = float(gini(counts.astype(np.float64)))
    never = int(np.sum(counts == 0))
    said = f"The most wanted tenth of the goods takes {share(top)} of the events; Gini {uneven:.2f}."
    said += f" {never:,} of the {len(catalog):,} goods have no event." if never else ""
    plot = Plot(
        f"Lorenz curve of the popularity of {len(catalog):,} goods. {said}",
        Axis("goods, the least wanted first", 0, 1, parts),
        Axis("events", 0, 1, parts),
        height=230,
        areas=(Line((*curve, (1.0, 0.0)), "band"),),
        lines=(Line(((0, 0), (1, 1)), "even"), Line(curve, "swept")),
        words=(Word(0.5, 0.5, "if all were wanted alike", -8, -6, "end", "other"),),
    )
    return Shown("How the goods are wanted", said, plot)
