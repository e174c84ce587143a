"""What turning the fields of what retrieves found: which mattered, how the search went, and who was asked last."""

from dataclasses import dataclass
from itertools import pairwise

from assortment.report.plots import Dot, Line, Plot, axis
from assortment.report.words import between, number, share, written
from assortment.tune.recipes import Turned

MOST = 12
"""Fields that are drawn, those that mattered most first."""


@dataclass(frozen=True)
class Field:
    """A field; matters: the share of the differences between trials that it explains, 0 … 1; went: from what to what."""

    name: str
    matters: float
    written: str
    went: str


@dataclass(frozen=True)
class Turning:
    """said: what was chosen; fields: empty where too few trials were finished to tell; plot: the trials in their order;
    looked: each group of people, its size, NDCG before and chosen, and the difference."""

    said: tuple[str, ...]
    fields: tuple[Field, ...]
    plot: Plot | None
    looked: tuple[tuple[str, tuple[str, ...]], ...]


def turning(turned: Turned) -> Turning:
    """What there is to show of a search."""
    order = sorted(turned.importance, key=lambda name: (-turned.importance[name], name))[:MOST]
    groups = (("searched on", turned.searched), ("held back", turned.checked), ("test, whole pipeline", turned.test))
    return Turning(
        _said(turned),
        tuple(_field(turned, name) for name in order),
        _plot(turned),
        tuple(
            (name, (f"{one.people:,}", written(one.before.mean, 4), written(one.chosen.mean, 4), between(one.change)))
            for name, one in groups
        ),
    )


def _field(turned: Turned, name: str) -> Field:
    before, chosen = (f"{number(float(f'{value:.3g}'))}" for value in (turned.before[name], turned.chosen[name]))
    return Field(name, turned.importance[name], share(turned.importance[name]), f"{before} → {chosen}")


def _said(turned: Turned) -> tuple[str, ...]:
    ended = sum(one.ndcg is None for one in turned.tried)
    tried = f"{len(turned.tried):,} trials, {ended:,} of them ended early."
    if not turned.moved:
        return tried, "None did better with people that nothing was searched on: the fields stay as they were."
    moved = turned.test.change
    chance = ", which may be chance" if moved.low <= 0 <= moved.high else ""
    kept = "" if turned.better else " It is surely worse there, so the fields stay as they were."
    return (
        tried,
        f"On the test part, {turned.test.people:,} people who had no say in the choice, the whole pipeline goes from "
        f"{written(turned.test.before.mean, 4)} to {written(turned.test.chosen.mean, 4)} of {turned.test.before.name} "
        f"(person by person between {written(moved.low, 4, '+')} and {written(moved.high, 4, '+')}{chance}).{kept}",
    )


def _plot(turned: Turned) -> Plot | None:
    """NDCG of each finished trial, and the best until then; None where fewer than two were finished."""
    finished = [(float(place), one.ndcg) for place, one in enumerate(turned.tried) if one.ndcg is not None]
    if len(finished) < 2:
        return None
    best = [(place, max(ndcg for at, ndcg in finished if at <= place)) for place, _ in finished]
    steps = [corner for (_, low), (place, high) in pairwise(best) for corner in ((place, low), (place, high))]
    x = axis("trial", [place for place, _ in finished], zero=True)
    y = axis(f"NDCG@{turned.k}", [ndcg for _, ndcg in finished])
    dots = [Dot(place, ndcg, 3, "other", f"trial {place:.0f}: {ndcg:.4f}") for place, ndcg in finished[1:]]
    first = Dot(*finished[0], 5, "shop", f"the fields as they were: {finished[0][1]:.4f}")
    said = f"{y.title} of {len(finished)} trials, from {finished[0][1]:.4f} to {best[-1][1]:.4f} at best"
    return Plot(said, x, y, 200, lines=(Line((best[0], *steps), "swept"),), dots=(*dots, first))
