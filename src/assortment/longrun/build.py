"""From a fitted shop to its simulated one: the crowd its pipeline finds goods for, and constants from its log."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.events import Shown
from assortment.core.pipeline import Pipeline
from assortment.core.progress import tell
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.diversify.stage import Diversified
from assortment.rank.explore import Drawn
from assortment.rl.crowd import FALL, Crowd, cosines, log_odds
from assortment.rl.habits import Found, habits
from assortment.rl.looking import looking
from assortment.rl.people import FAMILIES, PRIOR, Population, Range
from assortment.rl.stage import Paced, kinds, vectors
from assortment.shop import Shop

CANDIDATES, FEWEST, PEOPLE, BATCH = 80, 20, 2000, 64
"""Goods that each person may be shown, and fewer at least; the most people; and how many are asked for at a time."""


@dataclass(frozen=True, eq=False)
class Simulated:
    """A shop's crowd, and what was found of its people; again: whether it sells the same good twice."""

    crowd: Crowd
    found: tuple[Found, ...]
    odds: str

    def population(self, family: str) -> Population:
        """A family with the constants that the log says, and the others from their ranges."""
        return Population(family, ranges(self.found))

    @property
    def populations(self) -> tuple[Population, ...]:
        """One of each family, the one that is learned on first."""
        return tuple(self.population(family) for family in FAMILIES)


def ranges(found: tuple[Found, ...]) -> dict[str, Range]:
    """From where the constants that a log says are drawn: about their intervals, for people differ more than the mean does."""
    said = {one.name: one for one in found if one.sure}
    drawn = {}
    if "tires" in said:
        drawn["tires"] = Range(0.5 * said["tires"].low, 2 * said["tires"].high, none=PRIOR["tires"].none, fitted=True)
        drawn["recovers"] = Range(max(0.3, said["recovers"].low - 0.1), min(0.97, said["recovers"].high + 0.1), fitted=True)
    for name in ("stays", "liking"):
        if name in said:
            drawn[name] = Range(said[name].low - 0.5, said[name].high + 0.5, fitted=True)
    if "looks" in said:
        drawn["looks"] = Range(max(0.2, said["looks"].low - 0.05), min(0.99, said["looks"].high + 0.05), fitted=True)
    return drawn


def simulated(shop: Shop, rng: np.random.Generator, people: int = PEOPLE) -> Simulated:
    """The simulated shop of a fitted one. Raises `BadInput` where its log has no times, or too few people or kinds of goods."""
    pipeline = shop.pipeline
    with shop.store() as store:
        dataset, shown = Dataset(pipeline.catalog, store.events(pipeline.catalog.ids)), store.shown()
    return of(pipeline, dataset, shown, rng, people)


def of(
    pipeline: Pipeline, dataset: Dataset, shown: Sequence[Shown], rng: np.random.Generator, people: int = PEOPLE
) -> Simulated:
    """The same of a pipeline, a dataset whose catalog has the columns of the pipeline's, and the slates that were shown."""
    if not len(dataset.events):
        raise BadInput("the log is empty; people are simulated from what people did")
    kind, names = kinds(pipeline.catalog)
    found = (*habits(dataset, kind, len(names), rng), *looking(shown, dataset.events, pipeline.catalog.ids, rng))
    slates = _slates(pipeline, dataset, rng, people)
    items = np.stack([slate.items for slate in slates])
    odds, said = _odds(slates)
    crowd = Crowd(items, odds, kind[items], cosines(vectors(pipeline.catalog), items), names)
    return Simulated(crowd, found, said)


def upstream(pipeline: Pipeline) -> Pipeline:
    """The stages before the one that chooses a slate."""
    choosing = (place for place, stage in enumerate(pipeline.stages) if isinstance(stage, Paced | Diversified | Drawn))
    place = next(choosing, len(pipeline.stages))
    return Pipeline(pipeline.stages[:place], pipeline.catalog)


def _slates(pipeline: Pipeline, dataset: Dataset, rng: np.random.Generator, people: int) -> list[Slate]:
    """The candidates of people drawn from the log, all of one length."""
    profiles = dataset.profiles()
    names = sorted(profiles)
    if len(names) > people:
        names = sorted(rng.choice(names, people, replace=False).tolist())
    line, slates = upstream(pipeline), []
    for start in range(0, len(names), BATCH):
        asked = [Request(name, dataset.now, profiles[name], CANDIDATES) for name in names[start : start + BATCH]]
        slates += [slate.take(np.arange(min(CANDIDATES, len(slate)))) for slate in line(asked)]
        tell("candidates", min(start + BATCH, len(names)), len(names))
    long = [slate for slate in slates if len(slate) >= min(FEWEST, len(pipeline.catalog) // 2)]
    if len(long) < 2:
        raise BadInput(
            f"for {len(long)} people of the log there are {FEWEST} goods that they might be shown; a policy is learned on some "
            "people and judged on others, so that two are the least"
        )
    length = min(len(slate) for slate in long)
    return [slate.take(np.arange(length)) for slate in long]


def _odds(slates: list[Slate]) -> tuple[np.ndarray, str]:
    """Log odds less those of the first candidate [q, n], and where they are from."""
    scores = np.stack([slate.scores for slate in slates])
    chances = all("chance" in slate.notes for slate in slates)
    said = f"the ranker's scores, spread over {FALL:g}, for none says chances"
    return log_odds(scores, chances), "the log odds of the ranker that serves" if chances else said
