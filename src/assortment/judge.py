"""The pipeline beside its own parts, judged on what people did after it was fitted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from assortment.core.blend import Blended
from assortment.core.dataset import Dataset
from assortment.core.measure import Measure
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.progress import tell
from assortment.core.stage import Stage
from assortment.diversify.stage import Diversified
from assortment.evaluate.offline import Case, Goods, Split, evaluate
from assortment.guard.policy import Policed, Policy

SWEEP = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class System:
    """One way to recommend, and how it measured."""

    name: str
    measures: tuple[Measure, ...]

    def measure(self, name: str) -> Measure:
        return next(measure for measure in self.measures if measure.name == name)


@dataclass(frozen=True)
class Judgement:
    """systems: the baselines, then the pipeline without and with variety; sweep: the pipeline at each setting of `SWEEP`.

    cut: time of the split, milliseconds since 1970 UTC, None for leave-last-out; skipped: people without a case, by reason.
    """

    split: str
    cut: int | None
    k: int
    people: int
    skipped: Mapping[str, int]
    diversity: float
    systems: tuple[System, ...]
    sweep: tuple[System, ...]
    verdicts: tuple[str, ...]


def again(plan: Plan) -> bool:
    """Whether the shop's goods are bought again, as its policy says."""
    return any(isinstance(recipe, Policy) and recipe.again for recipe in plan.stages)


def judge(plan: Plan, split: Split, name: str, cut: int | None, k: int, rng: np.random.Generator) -> Judgement:
    """Fit the plan on the past of a split and measure it, its parts, and the whole range of its variety."""
    pipeline = plan.fit(split.past, rng)
    goods = Goods.of(pipeline.catalog, split.past)
    named = dict(_systems(pipeline))
    total = len(named) + len(SWEEP)
    systems = []
    for done, (title, stage) in enumerate(named.items()):
        tell("judge", done, total)
        systems.append(System(title, evaluate(stage, split.cases, goods, rng).measures))
    sweep = []
    for done, diversity, measures in _swept(pipeline, split, goods, rng):
        tell("judge", len(named) + done, total)
        sweep.append(System(f"{diversity:g}", measures))
    tell("judge", total, total)
    diversify = next(stage for stage in pipeline.stages if isinstance(stage, Diversified))
    verdicts = tuple(stage.verdict for stage in pipeline.stages if hasattr(stage, "verdict"))
    return Judgement(name, cut, k, len(split.cases), split.skipped, diversify.diversity, tuple(systems), tuple(sweep), verdicts)
