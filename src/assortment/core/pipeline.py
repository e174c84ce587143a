"""Stages in order: one object that answers the web, the evaluation and the experiment."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assortment.core.arrays import Items
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.progress import tell
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.core.stage import Annotator, Learner, Recipe, Stage, Steered


@dataclass(frozen=True)
class Plan:
    """Recipes in order: annotators first, so that every stage sees the same columns, then stages."""

    stages: tuple[Recipe[Stage] | Learner, ...]
    understand: tuple[Recipe[Annotator], ...] = ()

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Pipeline":
        dataset = self.understood(dataset, rng)
        fitted = []
        for number, recipe in enumerate(self.stages):
            tell(_name(recipe), 0, 1)
            if isinstance(recipe, Learner):
                upstream = _Upstream(Plan(self.stages[:number]), dataset, Pipeline(tuple(fitted), dataset.catalog))
                fitted.append(recipe.learn(upstream, dataset, rng))
            else:
                fitted.append(recipe.fit(dataset, rng))
            tell(_name(recipe), 1, 1)
        return Pipeline(tuple(fitted), dataset.catalog)

    def understood(self, dataset: Dataset, rng: np.random.Generator) -> Dataset:
        """The dataset with the columns that the annotators add; raises `BadInput` where one would overwrite a column."""
        for recipe in self.understand:
            tell(_name(recipe), 0, 1)
            annotated = recipe.fit(dataset, rng)(dataset.catalog)
            for name, column in dataset.catalog.columns.items():
                if annotated.columns[name] is not column:
                    raise BadInput(f"the catalog has a column '{name}', which {_name(recipe)} would overwrite; rename it")
            dataset = dataset.with_catalog(annotated)
            tell(_name(recipe), 1, 1)
        return dataset


@dataclass(frozen=True, eq=False)
class Pipeline:
    """Fitted stages and the catalog they know."""

    stages: tuple[Stage, ...]
    catalog: Catalog

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate] | None = None) -> list[Slate]:
        answered = [Slate()] * len(requests) if slates is None else list(slates)
        for stage in self.stages:
            answered = stage(requests, answered)
        return answered

    @property
    def steered(self) -> bool:
        """Whether what is shown moves any of the stages."""
        return any(isinstance(stage, Steered) for stage in self.stages)

    def after(self, shown: Sequence[Items]) -> "Pipeline":
        """The pipeline once slates have been shown, each its item numbers, best first."""
        items = np.concatenate([np.empty(0, np.int32), *shown])
        places = np.concatenate([np.empty(0, np.int64), *(np.arange(len(slate)) for slate in shown)])
        moved = (stage.after(items, places) if isinstance(stage, Steered) else stage for stage in self.stages)
        return Pipeline(tuple(moved), self.catalog)


@dataclass(frozen=True, eq=False)
class _Upstream:
    """The stages before one that learns, as a recipe: what is fitted on `dataset` already is not fitted twice."""

    plan: Plan
    dataset: Dataset
    fitted: Pipeline

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> Pipeline:
        return self.fitted if dataset is self.dataset else self.plan.fit(dataset, rng)


def _name(recipe: object) -> str:
    return type(recipe).__name__
