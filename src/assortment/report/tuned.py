"""What tuning found: the curve of every method, and the choice on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assortment.core.measure import Measure
from assortment.report.plots import Axis, Dot, Line, Plot, Word, around, axis, placed
from assortment.report.words import between, change, number, share, written
from assortment.tune.search import Point, front, most_varied
from assortment.tune.settings import METHODS
from assortment.tune.tuned import Look, Tuned

NEAR = 0.9
"""The share of the accuracy of relevance only below which a curve is not drawn: nobody would go there."""

COLOURED = 4
"""How many methods have a colour of their own; the others are grey, and each has a picture of its own."""


@dataclass(frozen=True)
class Curve:
    """A method and its most varied setting that keeps the share, in words; best: that it is the chosen one."""

    method: str
    setting: str
    ndcg: str
    redundancy: str
    plot: Plot
    best: bool


@dataclass(frozen=True)
class Tuning:
    """said: what was chosen and what became of it; near: down to which NDCG curves are drawn; keys: the methods with a colour,
    in order; curves: every method, the one that gives most first; looked: what was measured on the two parts."""

    said: tuple[str, ...]
    near: str
    plot: Plot
    keys: tuple[str, ...]
    curves: tuple[Curve, ...]
    looked: tuple[tuple[str, tuple[str, ...]], ...]


def tuning(tuned: Tuned) -> Tuning:
    """What there is to show of a tuning."""
    fronts = {method: _front(tuned, method) for method in METHODS}
    best = {method: most_varied(fronts[method], tuned.floor) or tuned.relevance for method in METHODS}
    order = sorted(METHODS, key=lambda method: (best[method] != tuned.chosen, best[method].redundancy))
    x, y = _axes(tuned, [point for points in fronts.values() for point in points])
    return Tuning(
        said=_said(tuned),
        near=share(NEAR),
        plot=_together(tuned, fronts, order, x, y),
        keys=tuple(order[:COLOURED]),
        curves=tuple(_curve(tuned, method, fronts, best[method], x, y) for method in order),
        looked=(*_looked(tuned.validation, tuned.k, "validation"), *_looked(tuned.test, tuned.k, "test")),
    )


def _front(tuned: Tuned, method: str) -> list[Point]:
    """The curve of a method, from relevance only on, as far as it is drawn."""
    of = [point for point in (*tuned.points, tuned.before) if point.setting.method == method]
    return [point for point in front([tuned.relevance, *of]) if point.ndcg >= NEAR * tuned.relevance.ndcg]


def _axes(tuned: Tuned, points: Sequence[Point]) -> tuple[Axis, Axis]:
    seen = [*points, tuned.relevance, tuned.chosen, *([tuned.before] if _near(tuned, tuned.before) else [])]
    return (
        axis("redundancy: how alike the goods on a slate are", [point.redundancy for point in seen], most=6),
        axis(f"NDCG@{tuned.k}", [point.ndcg for point in seen]),
    )


def _near(tuned: Tuned, point: Point) -> bool:
    return point.ndcg >= NEAR * tuned.relevance.ndcg


def _line(points: Sequence[Point], kind: str) -> Line:
    return Line(tuple((point.redundancy, point.ndcg) for point in points), kind)


def _dot(point: Point, radius: float, kind: str) -> Dot:
    said = f"{point.setting}: NDCG {point.ndcg:.4f}, redundancy {point.redundancy:.3f}"
    return Dot(point.redundancy, point.ndcg, radius, kind, said)


def _floor(tuned: Tuned, x: Axis) -> Line:
    return Line(((x.low, tuned.floor), (x.high, tuned.floor)), "floor")


def _together(tuned: Tuned, fronts: dict[str, list[Point]], order: Sequence[str], x: Axis, y: Axis) -> Plot:
    """All curves on one field, those that give most in colour and last."""
    kinds = {method: f"t{place}" if place <= COLOURED else "pale" for place, method in enumerate(order, 1)}
    drawn = list(reversed(order))
    dots = [_dot(point, 3, kinds[method]) for method in drawn[-COLOURED:] for point in fronts[method][1:]]
    marks = [_dot(tuned.relevance, 4.5, "other")]
    marks += [_dot(tuned.before, 4.5, "other")] if _near(tuned, tuned.before) else []
    marks.append(_dot(tuned.chosen, 7, "shop"))
    words = [around(tuned.chosen.redundancy, tuned.chosen.ndcg, "chosen", 13, "loud")]
    if tuned.chosen.setting.diversity:
        words.append(around(tuned.relevance.redundancy, tuned.relevance.ndcg, "relevance only", kind="other"))
    if _near(tuned, tuned.before) and tuned.before != tuned.chosen:
        words.append(around(tuned.before.redundancy, tuned.before.ndcg, "before", kind="other"))
    kept = f"{_part(tuned.keep)} of relevance only"
    words.append(tuple(Word(end, tuned.floor, kept, *place) for end, place in _ends(x)))
    return Plot(
        f"{y.title} against redundancy for {len(METHODS)} methods; chosen is {tuned.chosen.setting} with "
        f"{tuned.chosen.ndcg:.4f} at {tuned.chosen.redundancy:.3f}",
        x,
        y,
        420,
        lines=(_floor(tuned, x), *(_line(fronts[method], kinds[method]) for method in drawn)),
        dots=(*dots, *marks),
        words=placed(words, x, y, 420, [*dots, *marks]),
    )


def _ends(x: Axis) -> tuple[tuple[float, tuple[float, float, str]], ...]:
    """Where the name of a level line may stand."""
    return (x.low, (4, -6, "start")), (x.low, (4, 15, "start")), (x.high, (0, -6, "end")), (x.high, (0, 15, "end"))


def _curve(tuned: Tuned, method: str, fronts: dict[str, list[Point]], best: Point, x: Axis, y: Axis) -> Curve:
    """One method in front of all others."""
    others = [_line(points, "pale") for other, points in fronts.items() if other != method]
    ends = (x.ticks[0], x.ticks[-1])
    marks = [_dot(best, 5, "shop")] if best != tuned.relevance else []
    said = "none that was tried" if best == tuned.relevance else str(best.setting)
    plot = Plot(
        f"{y.title} against redundancy for {method}, the most varied that keeps {_part(tuned.keep)}: {said}",
        Axis("redundancy", x.low, x.high, ends),
        Axis(y.title, y.low, y.high, (y.ticks[0], y.ticks[-1])),
        130,
        lines=(_floor(tuned, x), *others, _line(fronts[method], "swept")),
        dots=(*(_dot(point, 2, "swept") for point in fronts[method]), *marks),
    )
    reached = (written(best.ndcg, 4), written(best.redundancy, 4)) if best != tuned.relevance else ("–", "–")
    return Curve(method, said, *reached, plot, best == tuned.chosen)


def _said(tuned: Tuned) -> tuple[str, ...]:
    """The choice, on whom it was made, and what people who were not asked say of it."""
    people = f"{tuned.validation.people:,} people"
    asked = f"{len(tuned.points):,} settings of {len(METHODS)} methods were tried on {people}, the validation part."
    if not tuned.chosen.setting.diversity:
        none = (
            f"None that keeps {_part(tuned.keep)} of the NDCG of relevance only is more varied: the choice is relevance only."
        )
        return asked, none
    least = (
        f"Of those that keep {_part(tuned.keep)} of the NDCG of relevance only, {tuned.chosen.setting} repeats itself least: "
        f"redundancy {written(tuned.relevance.redundancy, 3)} → {written(tuned.chosen.redundancy, 3)}."
    )
    right = _named(tuned.test.change, "NDCG", tuned.k)
    before, after = (
        _named(system.measures, "NDCG", tuned.k).mean for system in (tuned.test.systems[0], tuned.test.systems[-1])
    )
    verb = "loses" if after < before else "gains"
    chance = ", which may be chance" if right.low <= 0 <= right.high else ""
    return (
        asked,
        least,
        f"On the test part, {tuned.test.people:,} people who had no say in the choice, it {verb} {change(before, after)} of "
        f"NDCG ({written(before, 4)} → {written(after, 4)}; person by person between {written(right.low, 4, '+')} and "
        f"{written(right.high, 4, '+')}{chance}).",
    )


def _part(keep: float) -> str:
    return f"{number(round(keep * 100, 6))} %"


def _looked(look: Look, k: int, part: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Rows of the three settings on one part, and the difference of the chosen from relevance only."""
    there = {measure.name for measure in look.change}
    for name in ("NDCG", "redundancy", "redundancy bought"):
        if f"{name}@{k}" in there:
            means = (written(_named(system.measures, name, k).mean, 4) for system in look.systems)
            yield f"{name}@{k}, {part}", (*means, between(_named(look.change, name, k)))


def _named(measures: Sequence[Measure], name: str, k: int) -> Measure:
    return next(measure for measure in measures if measure.name == f"{name}@{k}")
