"""What a part that learns is given of the stages before it."""

from dataclasses import dataclass, field

import numpy as np

from assortment.core.dataset import Dataset
from assortment.core.pipeline import Plan
from assortment.core.stage import Recipe, Stage
from assortment.retrieve.popular import Popular
from tests import world


@dataclass(frozen=True)
class Counted:
    """Popular goods, and how large each log was that they were fitted on."""

    sizes: list[int] = field(default_factory=list)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> Stage:
        self.sizes.append(len(dataset.events))
        return Popular().fit(dataset, rng)


@dataclass(frozen=True)
class Onlooker:
    """Fits the stages before it as they stood at a time, and once more on all; gives the latter."""

    time: int

    def learn(self, upstream: Recipe[Stage], dataset: Dataset, rng: np.random.Generator) -> Stage:
        upstream.fit(dataset.before(self.time), rng)
        return upstream.fit(dataset, rng)


def test_what_a_learner_asks_for_on_the_dataset_itself_is_not_fitted_twice():
    dataset, counted = world.dataset(), Counted()
    pipeline = Plan((counted, Onlooker(world.START + world.DAY))).fit(dataset, np.random.default_rng(0))
    assert counted.sizes == [60, 12]
    assert pipeline.stages[1].stages == pipeline.stages[:1]


def test_a_learner_is_not_among_the_stages_before_it():
    dataset, counted = world.dataset(), Counted()
    pipeline = Plan((counted, Onlooker(world.START), Popular())).fit(dataset, np.random.default_rng(0))
    assert len(pipeline.stages) == 3
    assert len(pipeline.stages[1].stages) == 1
    assert counted.sizes == [60, 0]
