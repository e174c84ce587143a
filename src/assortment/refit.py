"""A new fit beside the one that serves: compared on what neither has seen, and let serve or not.

What people did since the release that serves was fitted is cut in two. The plan is fitted on all that came before the second
half, and both answer the people of that half, with their histories as they stood at the cut. So the new fit may know more, as
it will when it serves, and neither knows the answers. Where too few took something since, and the settings differ, both are
fitted on the log less its last fifth, and compared there; where they are the same, there is nothing to compare.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assortment.config import Settings
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.measure import Measure
from assortment.core.pipeline import Pipeline
from assortment.core.progress import tell
from assortment.core.request import Request
from assortment.evaluate.cases import Split, time_split
from assortment.evaluate.goods import Goods
from assortment.evaluate.offline import Evaluation, difference, evaluate
from assortment.judge import again
from assortment.releases import Release, version_of

ENOUGH = 50
"""How many people must have taken something for two fits to be compared by it."""

TIMED = 60
"""How many requests each of the two answers, in turn, to be timed."""


QUICK = 20.0
"""Milliseconds that no request is too slow for."""


@dataclass(frozen=True)
class Guards:
    """What a new fit may lose at the most and still serve.

    worse: the share of NDCG, 0 nothing … 1 all; repetitive: by how much redundancy may rise, 0 not at all … 2 anything;
    slower: how many times the time of a request, 1 not at all … 100. A loss of NDCG or variety beyond that counts where it is
    more than chance: where the 95 % interval of the difference, person by person, lies on the wrong side of 0.
    """

    worse: float = 0.05
    repetitive: float = 0.02
    slower: float = 2.0

    def __post_init__(self) -> None:
        within("worse", self.worse, 0, 1)
        within("repetitive", self.repetitive, 0, 2)
        within("slower", self.slower, 1, 100)


@dataclass(frozen=True)
class Check:
    """One guard: the measure of the release that serves, that of the new fit, the limit, and whether it passed."""

    name: str
    serving: float
    new: float
    limit: float
    passed: bool

    def __str__(self) -> str:
        return f"{self.name} {self.serving:.4g} → {self.new:.4g} (limit {self.limit:.4g})"


@dataclass(frozen=True)
class Comparison:
    """on: what the two were compared on, in words; people: how many were asked, 0 where there was nothing to compare by;
    change: how much higher each measure is for the new fit, person by person."""

    on: str
    people: int
    checks: tuple[Check, ...]
    change: tuple[Measure, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


@dataclass(frozen=True)
class Refit:
    """How a refit ended. release: the name of the one that serves now; changed: whether that is a new one; why, in words."""

    release: str
    changed: bool
    why: str
    comparison: Comparison | None = None


def refit(release: Release, settings: Settings, dataset: Dataset, guards: Guards, k: int = 10) -> Refit:
    """Whether a fit of these settings on all of this dataset is to serve in place of a release, `changed`, and why."""
    if unchanged(release, settings, dataset):
        return Refit(release.name, False, "nothing has changed since the last fit: the same settings, goods and events")
    comparison = compare(release, settings, dataset, guards, k)
    failed = ", ".join(str(check) for check in comparison.checks if not check.passed)
    if failed:
        return Refit(release.name, False, f"the new fit is held back: {failed}", comparison)
    passed = ", ".join(str(check) for check in comparison.checks) or f"it was compared on {comparison.on}"
    return Refit(release.name, True, f"refitted: {passed}", comparison)


def unchanged(release: Release, settings: Settings, dataset: Dataset) -> bool:
    """Whether a fit would be the release that serves once more."""
    return version_of(settings, dataset) == release.fitted.version


def compare(release: Release, settings: Settings, dataset: Dataset, guards: Guards, k: int = 10) -> Comparison:
    """The release that serves beside a fit of `settings`, on what people took that neither knows."""
    fresh = _fresh(release, settings, dataset, k)
    if fresh is not None:
        serving = release.pipeline.with_catalog(dataset.catalog)
        return _compared(serving, settings, fresh, "what people took since the last fit", guards)
    if release.settings.plan == settings.plan:
        return Comparison("nothing: the settings are the same, and too few people took something since the last fit", 0, (), ())
    split = time_split(dataset, k=k, again=again(settings.plan))
    if len(split.cases) < ENOUGH:
        return Comparison(f"nothing: only {len(split.cases)} people took something in the last fifth of the log", 0, (), ())
    before = release.settings.plan.fit(split.past, np.random.default_rng(settings.seed))
    return _compared(before, settings, split, "the last fifth of the log, both settings fitted on the rest", guards)


def timed(serving: Pipeline, new: Pipeline, requests: Sequence[Request], guards: Guards) -> Check:
    """The median CPU time of a request, in milliseconds, the two answering in turn; less than `QUICK` always passes."""
    spent: tuple[list[float], list[float]] = ([], [])
    for request in requests[:TIMED]:
        for pipeline, times in zip((serving, new), spent, strict=True):
            start = time.process_time()
            pipeline([request])
            times.append(1000 * (time.process_time() - start))
    old, now = (float(np.median(times)) if times else 0.0 for times in spent)
    limit = max(guards.slower * old, QUICK)
    return Check("milliseconds", old, now, limit, now <= limit)


def _fresh(release: Release, settings: Settings, dataset: Dataset, k: int) -> Split | None:
    """The later half of what people did since the release was fitted; None where too few took anything then."""
    times = dataset.events.since(release.fitted.until + 1).time
    middle = int(times[len(times) // 2]) if len(times) else 0
    if len(times) < ENOUGH or not 0 < len(dataset.events.before(middle)) < len(dataset.events):
        return None
    split = time_split(dataset, middle, k=k, again=again(settings.plan))
    return split if len(split.cases) >= ENOUGH else None


def _compared(serving: Pipeline, settings: Settings, split: Split, on: str, guards: Guards) -> Comparison:
    new = settings.plan.fit(split.past, np.random.default_rng(settings.seed))
    goods = Goods.of(new.catalog, split.past)
    tell("compare", 0, 2)
    one = evaluate(serving, split.cases, goods, np.random.default_rng(settings.seed))
    tell("compare", 1, 2)
    other = evaluate(new, split.cases, goods, np.random.default_rng(settings.seed))
    change = difference(other, one, np.random.default_rng(settings.seed))
    k = split.cases[0].request.k
    checks = [_worse(one, other, change, f"NDCG@{k}", guards.worse)]
    if goods.vectors is not None:
        checks.append(_repetitive(one, other, change, f"redundancy@{k}", guards.repetitive))
    checks.append(timed(serving, new, [case.request for case in split.cases], guards))
    return Comparison(on, len(split.cases), tuple(checks), change)


def _worse(one: Evaluation, other: Evaluation, change: Sequence[Measure], name: str, share: float) -> Check:
    old, new = one.measure(name).mean, other.measure(name).mean
    limit = (1 - share) * old
    return Check(name, old, new, limit, new >= limit or _named(change, name).high >= 0)


def _repetitive(one: Evaluation, other: Evaluation, change: Sequence[Measure], name: str, rise: float) -> Check:
    old, new = one.measure(name).mean, other.measure(name).mean
    limit = old + rise
    return Check(name, old, new, limit, new <= limit or _named(change, name).low <= 0)


def _named(measures: Sequence[Measure], name: str) -> Measure:
    return next(measure for measure in measures if measure.name == name)
