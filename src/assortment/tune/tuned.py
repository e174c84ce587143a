"""Tuning: fit on the past of the past, search, choose, fit on the past, look once at what came after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assortment.config import Settings
from assortment.core.errors import BadInput, BadSetting, within
from assortment.core.measure import Measure
from assortment.core.pipeline import Plan
from assortment.core.progress import tell
from assortment.diversify.stage import Diversify
from assortment.evaluate.bootstrap import weights
from assortment.evaluate.cases import Case, Split
from assortment.evaluate.offline import difference, measured
from assortment.judge import System
from assortment.tune.search import Point, front, most_varied, search
from assortment.tune.settings import METHODS, Setting, Space
from assortment.tune.trials import Journal, Line, Trials, place_of

TRIALS = 200
"""How many settings are tried where nobody says otherwise."""

PEOPLE = 2000
"""The most people that the settings are tried on."""

SURE = 0.95
"""How sure a bound is that lies on one side."""


@dataclass(frozen=True)
class Look:
    """How relevance only, the shop's setting before and the chosen one did on one part of the log.

    said: what was held out, in words; people: how many were asked; systems: these three in this order; change: the chosen less
    relevance only, and moved: the chosen less the setting before, both person by person.
    """

    said: str
    people: int
    systems: tuple[System, ...]
    change: tuple[Measure, ...]
    moved: tuple[Measure, ...]


@dataclass(frozen=True)
class Tuned:
    """What tuning found.

    k: length of the slates; keep: the share of NDCG that is to stay, above 0 … 1; points: all that was tried, measured on the
    validation part, as are relevance, the setting before, the chosen one, and `sure`, the one that would have been chosen if
    the share had to be kept not by the mean but with 95 % confidence; validation: the part that the choice was made on; test:
    the part that was looked at once, when it was made.
    """

    k: int
    keep: float
    points: tuple[Point, ...]
    relevance: Point
    before: Point
    chosen: Point
    sure: Point
    validation: Look
    test: Look

    @property
    def floor(self) -> float:
        """The NDCG that is to stay."""
        return self.keep * self.relevance.ndcg

    def put_into(self, settings: Settings) -> Settings:
        """The shop's settings with the chosen one in place of the one before."""
        return _with(settings, self.chosen.setting)


def untuned(settings: Settings) -> Settings:
    """The shop's settings as far as tuning leaves them alone."""
    return _with(settings, replace(Setting.of(Diversify()), method=Setting.of(place_of(settings.plan)[1]).method))


def _with(settings: Settings, setting: Setting) -> Settings:
    place, recipe = place_of(settings.plan)
    stages = list(settings.plan.stages)
    stages[place] = setting.put_into(recipe)
    return replace(settings, plan=replace(settings.plan, stages=tuple(stages)))


@dataclass(frozen=True, eq=False)
class Part:
    """A split and what it holds out, in words."""

    split: Split
    said: str


def tune(plan: Plan, validation: Part, test: Part, keep: float, trials: int, journal: Journal, seed: int) -> Tuned:
    """Find the setting of the plan's `diversify` with the least redundancy that keeps the share `keep` of the NDCG that the
    same plan has for relevance only, on validation people, by the mean; then fit anew on all that came before the test part,
    and look at it once.

    The contract (caps, floors, spacing) stays as the shop has set it. Raises `BadSetting` for a plan without `diversify`, a
    share outside 0 … 1, fewer trials than methods, or slates of one, `BadInput` where a part has nobody to ask.
    """
    recipe = place_of(plan)[1]
    _check(validation, test, keep, trials)
    line = Line.of(plan, validation.split.past, np.random.default_rng(seed))
    part = replace(validation, split=replace(validation.split, cases=some(validation.split.cases, seed)))
    people = Trials.of(line, part.split.cases)
    before, k = Setting.of(recipe), part.split.cases[0].request.k
    relevance, now = journal(replace(before, diversity=0.0, personal=0.0), people), journal(before, people)
    if not relevance.ndcg > 0:
        raise BadInput("no slate by relevance holds anything that people then took; there is no accuracy to keep")
    points, space = [], Space.of(k, line.stage.taste.labels > 0)
    for point in search(lambda setting: journal(setting, people), space, keep * relevance.ndcg, trials, seed):
        points.append(point)
        tell("tune", len(points), trials)
    chosen = most_varied((relevance, now, *points), keep * relevance.ndcg) or relevance
    settings = {"relevance only": relevance.setting, "before": before, "chosen": chosen.setting}
    return Tuned(
        k=k,
        keep=keep,
        points=tuple(points),
        relevance=relevance,
        before=now,
        chosen=chosen,
        sure=_sure(people, (relevance, now, *points), relevance, keep, seed),
        validation=_look(line, part, settings, seed),
        test=_look(Line.of(plan, test.split.past, np.random.default_rng(seed)), test, settings, seed),
    )


def _check(validation: Part, test: Part, keep: float, trials: int) -> None:
    if not 0 < keep <= 1:
        raise BadSetting(f"the share of NDCG to keep is {keep:g}; it goes from above 0, nearly none, to 1, all")
    within("trials", trials, len(METHODS), float("inf"))
    for name, part in (("validation", validation), ("test", test)):
        if not part.split.cases:
            raise BadInput(f"nobody took anything new in the {name} part, so there is nobody to ask; split the log elsewhere")
    if validation.split.cases[0].request.k < 2:
        raise BadSetting("k is 1; variety is of slates of 2 or more")


def some(cases: tuple[Case, ...], seed: int) -> tuple[Case, ...]:
    """At most `PEOPLE` of the cases."""
    if len(cases) <= PEOPLE:
        return cases
    rows = np.sort(np.random.default_rng(seed).choice(len(cases), PEOPLE, replace=False))
    return tuple(cases[row] for row in rows)


def _sure(people: Trials, points: Sequence[Point], relevance: Point, keep: float, seed: int) -> Point:
    """The point with the least redundancy of which one may be `SURE` that it keeps the share, people drawn again."""
    bar = keep * people.ndcg(relevance.setting)
    drawn = np.concatenate(list(weights(len(bar), np.random.default_rng(seed))), 1) / len(bar)
    for point in sorted(front(points), key=lambda point: point.redundancy):
        if point.ndcg >= keep * relevance.ndcg:
            above = people.ndcg(point.setting) - bar
            if np.quantile(above @ drawn, 1 - SURE) >= 0:
                return point
    return relevance


def _look(line: Line, part: Part, settings: Mapping[str, Setting], seed: int) -> Look:
    """How the settings do on one part of the log."""
    cases, rng = part.split.cases, np.random.default_rng(seed)
    lists = line.shown(cases, settings)
    found = {name: measured(cases, rows, line.goods, rng) for name, rows in lists.items()}
    relevance, before, chosen = found.values()
    return Look(
        part.said,
        len(cases),
        tuple(System(name, evaluation.measures) for name, evaluation in found.items()),
        difference(chosen, relevance, rng),
        difference(chosen, before, rng),
    )
