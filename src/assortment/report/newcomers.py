"""New goods and new kinds of goods: how often a good was seen before, and whether it is found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assortment.core.measure import Measure
from assortment.evaluate.newness import SEEN
from assortment.judge import Judgement, System
from assortment.report.plots import Axis, Dot, Line, Plot, Whisker, Word, axis, placed
from assortment.report.words import spoken, written


@dataclass(frozen=True)
class Told:
    """A row of words: what it is of, and its numbers as written."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Newcomers:
    """plot: recall by how often a good was seen; said: what it says in words; unseen: how many goods nobody had liked; pool:
    recall and NDCG of each system where only those may be shown; transfer: kinds of goods that were left out."""

    plot: Plot
    said: str
    unseen: int
    pool: tuple[Told, ...]
    transfer: tuple[Told, ...]


def newcomers(judgement: Judgement) -> Newcomers | None:
    """What there is to show; None where no measure tells by how often a good was seen."""
    ours = judgement.systems[-2]
    best = next((system for system in judgement.systems if system.name == judgement.best), ours)
    seen = [name for name in SEEN if _seen(ours, name, judgement.k) and _seen(best, name, judgement.k)]
    if not seen:
        return None
    return Newcomers(
        _plot(ours, best, seen, judgement.k),
        _said(ours, best, seen, judgement.k),
        judgement.unseen,
        tuple(Told(spoken(system.name), tuple(_cell(m) for m in system.measures)) for system in judgement.pool),
        tuple(
            Told(one.kind, (f"{one.goods:,}", f"{one.people:,}", *(_cell(m) for m in (*one.zero, *one.few))))
            for one in judgement.transfer
        ),
    )


def _seen(system: System, name: str, k: int) -> Measure | None:
    wanted = f"Recall seen {name}@{k}"
    found = next((measure for measure in system.measures if measure.name == wanted), None)
    return found if found and math.isfinite(found.mean) else None


def _measures(system: System, seen: Sequence[str], k: int) -> list[Measure]:
    return [measure for name in seen if (measure := _seen(system, name, k))]


def _plot(ours: System, best: System, seen: Sequence[str], k: int) -> Plot:
    mine, theirs = _measures(ours, seen, k), _measures(best, seen, k)
    places = [float(place) for place in range(len(seen))]
    ends = [end for m in (*mine, *theirs) for end in (m.low, m.mean, m.high)]
    x = Axis("how many people had liked a good before", -0.5, len(seen) - 0.5, tuple(zip(places, seen, strict=True)))
    y = axis(f"Recall@{k}", ends, zero=True)
    dots = [
        Dot(at, m.mean, 4.5, kind, f"{spoken(system.name)}, seen {name}: {m.mean:.4f} over {m.n:,}")
        for system, measures, kind in ((best, theirs, "other"), (ours, mine, "swept"))
        for at, name, m in zip(places, seen, measures, strict=True)
    ]
    words = [
        tuple(Word(places[-1], m[-1].mean, said, -8, dy, "end", kind) for dy in (-12, 18, -26, 32))
        for m, said, kind in ((mine, "the pipeline", "loud"), (theirs, spoken(best.name), "other"))
    ]
    return Plot(
        f"Recall by how many people had liked a good before: {_said(ours, best, seen, k)}",
        x,
        y,
        260,
        whiskers=tuple(Whisker(at, m.low, m.high) for at, m in zip(places, mine, strict=True)),
        lines=(
            Line(tuple(zip(places, (m.mean for m in theirs), strict=True)), "other"),
            Line(tuple(zip(places, (m.mean for m in mine), strict=True)), "swept"),
        ),
        dots=tuple(dots),
        words=placed(words, x, y, 260, dots),
    )


def _said(ours: System, best: System, seen: Sequence[str], k: int) -> str:
    """The first and the last of what is drawn, in words."""
    ends = list(dict.fromkeys((seen[0], seen[-1])))
    told = [f"{written(_at(ours, name, k), 3)} of goods seen {name} ({written(_at(best, name, k), 3)})" for name in ends]
    return f"the pipeline for relevance only finds {' and '.join(told)}; in brackets {spoken(best.name)}"


def _at(system: System, name: str, k: int) -> float:
    found = _seen(system, name, k)
    return found.mean if found else math.nan


def _cell(measure: Measure) -> str:
    return f"{written(measure.mean, 3)} [{written(measure.low, 3)}, {written(measure.high, 3)}]"
