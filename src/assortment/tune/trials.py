"""One part of the log, ranked once and varied again and again."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assortment import kept
from assortment.core.arrays import Items, Vectors
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.progress import tell
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.diversify.stage import Diversified, Diversify
from assortment.evaluate import metrics
from assortment.evaluate.cases import Case
from assortment.evaluate.distances import redundancy
from assortment.evaluate.goods import Goods
from assortment.evaluate.lists import Values, members
from assortment.judge import BATCH, shown
from assortment.tune.search import Point
from assortment.tune.settings import Setting

TAKEN = "by chances"
"""How slates are varied and measured: what was measured otherwise is measured again."""

DIGITS = 6
"""To so many digits measures are told apart: sums of the same numbers in another order are one."""


@dataclass(frozen=True, eq=False)
class Line:
    """A fitted pipeline up to its diversification: what ranks, and the stage that varies, which takes any setting."""

    ranks: Pipeline
    stage: Diversified
    recipe: Diversify
    goods: Goods

    @staticmethod
    def of(plan: Plan, past: Dataset, rng: np.random.Generator) -> "Line":
        """Fitted on a past. What comes after the diversification is left out."""
        place, recipe = place_of(plan)
        asked = replace(recipe, diversity=max(recipe.diversity, 0.1), personal=1.0)
        pipeline = Plan((*plan.stages[:place], asked), plan.understand).fit(past, rng)
        ranks = Pipeline(pipeline.stages[:-1], pipeline.catalog)
        stage = next(stage for stage in pipeline.stages if isinstance(stage, Diversified))
        return Line(ranks, stage, recipe, Goods.of(pipeline.catalog, past))

    @property
    def vectors(self) -> Vectors:
        """By which the redundancy of slates is told."""
        if self.goods.vectors is None:
            raise BadSetting("how alike goods are is told by their vectors; add 'embed' to what is understood")
        return self.goods.vectors

    def varied(self, setting: Setting) -> Diversified:
        """The stage as it would have been fitted with this setting."""
        recipe = setting.put_into(self.recipe)
        wish = replace(self.stage.wish, diversity=recipe.diversity)
        return replace(self.stage, select=recipe.select, wish=wish, personal=recipe.personal, pool=recipe.pool)

    def ranked(self, cases: Sequence[Case], said: str) -> Iterator[tuple[list[Request], list[Slate]]]:
        """The requests of cases and all that is ranked for them, some at a time, with no more notes than variety looks at."""
        for start in range(0, len(cases), BATCH):
            tell(said, start, len(cases))
            requests = [case.request for case in cases[start : start + BATCH]]
            yield requests, [_bare(slate) for slate in self.ranks(requests)]
        tell(said, len(cases), len(cases))

    def shown(self, cases: Sequence[Case], settings: Mapping[str, Setting]) -> dict[str, Items]:
        """What each setting shows, [cases, k] items, -1 where a slate is short."""
        stages = {name: self.varied(setting) for name, setting in settings.items()}
        found: dict[str, list[Items]] = {name: [] for name in settings}
        for requests, slates in self.ranked(cases, "look"):
            for name, stage in stages.items():
                found[name].append(shown(stage(requests, slates), requests))
        return {name: np.concatenate(lists) for name, lists in found.items()}


def _bare(slate: Slate) -> Slate:
    return Slate(slate.items, slate.scores, {name: slate.notes[name] for name in ("chance", "usual") if name in slate.notes})


def place_of(plan: Plan) -> tuple[int, Diversify]:
    """Where a plan varies its slates, and how; raises `BadSetting` where it does not."""
    found = next(((n, recipe) for n, recipe in enumerate(plan.stages) if isinstance(recipe, Diversify)), None)
    if found is None:
        raise BadSetting("the plan has no 'diversify', so there is no variety to tune; add one, last but 'why'")
    return found


@dataclass(frozen=True, eq=False)
class Trials:
    """People who are asked again and again, and all that is ranked for each of them."""

    line: Line
    cases: tuple[Case, ...]
    slates: tuple[Slate, ...]

    @staticmethod
    def of(line: Line, cases: Sequence[Case]) -> "Trials":
        slates = tuple(slate for _, some in line.ranked(cases, "rank") for slate in some)
        return Trials(line, tuple(cases), slates)

    def measure(self, setting: Setting) -> Point:
        lists = self._lists(setting)
        alike = redundancy(members(lists, len(self.line.goods)), self.line.vectors)
        return Point(setting, round(float(self._right(lists).mean()), DIGITS), round(float(np.nanmean(alike)), DIGITS))

    def ndcg(self, setting: Setting) -> Values:
        """Of each case."""
        return self._right(self._lists(setting))

    def _right(self, lists: Items) -> Values:
        targets = [case.targets for case in self.cases]
        return metrics.ndcg(metrics.hits(lists, targets), np.array([len(items) for items in targets]))

    def _lists(self, setting: Setting) -> Items:
        requests = [case.request for case in self.cases]
        return shown(self.line.varied(setting)(requests, self.slates), requests)


class Journal:
    """What was measured, kept in a file, a line each, so that a search that was stopped goes on where it was.

    version: of all that the measures follow from, but for how they are taken, which is `TAKEN`; lines of another version are
    thrown away.
    """

    def __init__(self, file: Path, version: str) -> None:
        self.file = file
        head = json.dumps({"version": version, "taken": TAKEN})
        lines = file.read_text(encoding="utf-8").split("\n")[:-1] if file.exists() else []
        lines = lines if lines[:1] == [head] else [head]
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        self.known = {_key(point.setting): point for point in (kept.typed(Point, json.loads(line)) for line in lines[1:])}

    def __call__(self, setting: Setting, trials: Trials) -> Point:
        """The point of a setting, measured unless that is known already."""
        if _key(setting) not in self.known:
            point = self.known[_key(setting)] = trials.measure(setting)
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(kept.plain(point)) + "\n")
        return self.known[_key(setting)]


def _key(setting: Setting) -> str:
    return json.dumps(kept.plain(setting), sort_keys=True)
