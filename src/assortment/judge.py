"""The pipeline beside baselines and its own parts, judged on what people did after it was fitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assortment.core.arrays import Items
from assortment.core.blend import Blended
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.measure import Measure
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.progress import tell
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.core.stage import Stage
from assortment.diversify.stage import Diversified, Diversify
from assortment.evaluate.newness import in_pool
from assortment.evaluate.offline import Goods, Split, difference, measured
from assortment.evaluate.transfer import Transfer, transfer
from assortment.guard.policy import Policed, Policy
from assortment.parts import BASELINES

SWEEP = tuple(step / 10 for step in range(11))
"""The settings of diversity at which a pipeline is measured."""

BATCH = 256


@dataclass(frozen=True)
class System:
    """One way to recommend, and how it measured."""

    name: str
    measures: tuple[Measure, ...]

    def measure(self, name: str) -> Measure:
        return next(measure for measure in self.measures if measure.name == name)


@dataclass(frozen=True)
class Judgement:
    """How a pipeline did on a split of the log.

    split: what was held out, in words; k: length of the slates; people: how many were asked; skipped: people who were not, by
    reason; diversity: the shop's own setting; systems: the baselines, each part alone, the blend, the pipeline for relevance
    only, and as the shop has set it; best: the baseline or part with the highest NDCG; gain: how much the pipeline for
    relevance only is above it, and change: how much the shop's variety changes the pipeline, both person by person; sweep: the
    pipeline at each setting of `SWEEP`, its name the setting; verdicts: what its stages say of themselves; unseen: how many
    goods nobody had liked before, and pool: how right each system is where only those may be shown, over those who took some
    of them, nothing where nobody did; transfer: kinds of goods left out of the log, where that was asked for.
    """

    split: str
    k: int
    people: int
    skipped: Mapping[str, int]
    diversity: float
    systems: tuple[System, ...]
    best: str
    gain: tuple[Measure, ...]
    change: tuple[Measure, ...]
    sweep: tuple[System, ...]
    verdicts: tuple[str, ...]
    unseen: int = 0
    pool: tuple[System, ...] = ()
    transfer: tuple[Transfer, ...] = ()


def again(plan: Plan) -> bool:
    """Whether the shop's goods are bought again, as its policy says."""
    return any(isinstance(recipe, Policy) and recipe.again for recipe in plan.stages)


def diversity(pipeline: Pipeline) -> float | None:
    """How varied a slate is where the request does not say: 0 relevance only … 1 variety only, None where no stage varies."""
    return next((stage.diversity for stage in pipeline.stages if isinstance(stage, Diversified)), None)


def judge(plan: Plan, split: Split, said: str, rng: np.random.Generator, kinds: int = 0) -> Judgement:
    """Fit a plan on the past of a split; measure baselines, its parts, the whole, and the whole range of its variety.

    said: what the split holds out, in words; kinds: how many kinds of goods to leave out of the log, one at a
    time. Raises `BadSetting` for a plan that does not diversify.
    """
    pipeline = plan.fit(split.past, rng)
    place, shop = next(((n, s.diversity) for n, s in enumerate(pipeline.stages) if isinstance(s, Diversified)), (-1, 0.0))
    if place < 0:
        raise BadSetting("the plan has no 'diversify'; add one, with diversity = 0 if it is to change nothing")
    alone = _baselines(pipeline, split.past, rng) | _parts(pipeline)
    lists = {name: [] for name in alone} | {f"{diversity:g}": [] for diversity in {*SWEEP, shop}}
    for start in range(0, len(split.cases), BATCH):
        tell("judge", start, len(split.cases))
        requests = [case.request for case in split.cases[start : start + BATCH]]
        for name, stage in alone.items():
            lists[name].append(shown(stage(requests, [Slate()] * len(requests)), requests))
        for name, slates in _varied(pipeline, place, requests, {*SWEEP, shop}).items():
            lists[name].append(shown(slates, requests))
    tell("judge", len(split.cases), len(split.cases))
    goods, k = Goods.of(pipeline.catalog, split.past), split.cases[0].request.k
    found = {name: measured(split.cases, np.concatenate(rows), goods, rng) for name, rows in lists.items()}
    relevant, varied = found["0"], found[f"{shop:g}"]
    others = [name for name in alone if name != "blend"]
    best = max(others, key=lambda name: found[name].measure(f"NDCG@{k}").mean)
    return Judgement(
        split=said,
        k=k,
        people=len(split.cases),
        skipped=split.skipped,
        diversity=shop,
        systems=(
            *(System(name, found[name].measures) for name in alone),
            System("pipeline, relevance only", relevant.measures),
            System(f"pipeline, diversity {shop:g}", varied.measures),
        ),
        best=best,
        gain=difference(relevant, found[best], rng),
        change=difference(varied, relevant, rng),
        sweep=tuple(System(f"{diversity:g}", found[f"{diversity:g}"].measures) for diversity in SWEEP),
        verdicts=tuple(stage.verdict for stage in pipeline.stages if hasattr(stage, "verdict")),
        unseen=int((goods.people == 0).sum()),
        pool=_pool(alone, pipeline, split, goods, rng),
        transfer=transfer(_relevant(plan), split, pipeline.catalog, kinds, rng),
    )


def _pool(
    alone: Mapping[str, Stage], pipeline: Pipeline, split: Split, goods: Goods, rng: np.random.Generator
) -> tuple[System, ...]:
    """How each system puts the goods in order that nobody had liked before; nothing where nobody took any of them."""
    unseen = goods.people == 0
    if not any(unseen[case.targets].any() for case in split.cases):
        return ()
    cases = [replace(case, request=replace(case.request, wish=Wish(diversity=0))) for case in split.cases]
    systems = {**alone, "pipeline, relevance only": pipeline}
    return tuple(System(name, in_pool(stage, cases, unseen, rng)) for name, stage in systems.items())


def _relevant(plan: Plan) -> Plan:
    """The plan for relevance only."""
    stages = tuple(replace(recipe, diversity=0.0) if isinstance(recipe, Diversify) else recipe for recipe in plan.stages)
    return replace(plan, stages=stages)


def _baselines(pipeline: Pipeline, past: Dataset, rng: np.random.Generator) -> dict[str, Stage]:
    """What every pipeline is judged beside, behind the shop's policy."""
    dataset, fitted = past.with_catalog(pipeline.catalog), {}
    for name, recipe in BASELINES.items():
        tell(name, 0, 1)
        fitted[name] = Pipeline((recipe.fit(dataset, rng), *_policy(pipeline)), pipeline.catalog)
        tell(name, 1, 1)
    return fitted


def _policy(pipeline: Pipeline) -> tuple[Stage, ...]:
    return tuple(stage for stage in pipeline.stages if isinstance(stage, Policed))


def _parts(pipeline: Pipeline) -> dict[str, Stage]:
    """Each part of the blend alone, and the blend, all behind the shop's policy."""
    policy = _policy(pipeline)
    named: dict[str, Stage] = {}
    for stage in pipeline.stages:
        if isinstance(stage, Blended):
            parts = zip(stage.names, stage.parts, strict=True)
            named |= {name: Pipeline((part, *policy), pipeline.catalog) for name, part in parts}
            named["blend"] = Pipeline((stage, *policy), pipeline.catalog)
    return named


def _varied(pipeline: Pipeline, place: int, requests: Sequence[Request], settings: set[float]) -> dict[str, list[Slate]]:
    """The slates at each setting of diversity; what stands before the diversification is asked once."""
    ranked = Pipeline(pipeline.stages[:place], pipeline.catalog)(requests)
    varied = {}
    for diversity in settings:
        wished = [replace(request, wish=replace(request.wish, diversity=diversity)) for request in requests]
        varied[f"{diversity:g}"] = pipeline.stages[place](wished, ranked)
    return varied


def shown(slates: Sequence[Slate], requests: Sequence[Request]) -> Items:
    """[b, k] the goods shown, -1 where a slate is short."""
    lists = np.full((len(slates), requests[0].k), -1, np.int32)
    for row, slate in zip(lists, slates, strict=True):
        row[: len(slate)] = slate.items[: len(row)]
    return lists
