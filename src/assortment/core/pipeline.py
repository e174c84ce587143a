"""Stages in order: one object that answers the web, the evaluation and the experiment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assortment.core.around import stage_around
from assortment.core.arrays import Items
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.progress import tell
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.core.stage import Annotator, Learner, Pairing, Recipe, Stage, Steered, grown


@dataclass(frozen=True)
class Plan:
    """Recipes in order: annotators first, so that every stage sees the same columns, then stages."""

    stages: tuple[Recipe[Stage] | Learner, ...]
    understand: tuple[Recipe[Annotator], ...] = ()

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Pipeline":
        dataset, annotators = self._understood(dataset, rng)
        fitted = []
        for number, recipe in enumerate(self.stages):
            tell(_name(recipe), 0, 1)
            if isinstance(recipe, Learner):
                upstream = _Upstream(Plan(self.stages[:number]), dataset, Pipeline(tuple(fitted), dataset.catalog))
                fitted.append(recipe.learn(upstream, dataset, rng))
            else:
                fitted.append(recipe.fit(dataset, rng))
            tell(_name(recipe), 1, 1)
        return Pipeline(tuple(fitted), dataset.catalog, annotators)

    def understood(self, dataset: Dataset, rng: np.random.Generator) -> Dataset:
        """The dataset with the columns that the annotators add; raises `BadInput` where one would overwrite a column."""
        return self._understood(dataset, rng)[0]

    def _understood(self, dataset: Dataset, rng: np.random.Generator) -> tuple[Dataset, tuple[Annotator, ...]]:
        annotators = []
        for recipe in self.understand:
            tell(_name(recipe), 0, 1)
            annotators.append(recipe.fit(dataset, rng))
            annotated = annotators[-1](dataset.catalog)
            for name, column in dataset.catalog.columns.items():
                if annotated.columns[name] is not column:
                    raise BadInput(f"the catalog has a column '{name}', which {_name(recipe)} would overwrite; rename it")
            dataset = dataset.with_catalog(annotated)
            tell(_name(recipe), 1, 1)
        return dataset, tuple(annotators)


@dataclass(frozen=True, eq=False)
class Pipeline:
    """Fitted stages, the catalog they know, and the fitted annotators that gave it its columns."""

    stages: tuple[Stage, ...]
    catalog: Catalog
    annotators: tuple[Annotator, ...] = ()

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate] | None = None) -> list[Slate]:
        answered = [Slate()] * len(requests) if slates is None else list(slates)
        for stage in self.stages:
            with stage_around(stage, len(requests)):
                answered = stage(requests, answered)
        return answered

    @property
    def pairing(self) -> "Pipeline | None":
        """The pipeline with, in place of what finds the goods, only the part that finds what goes well with them; None where no
        part does."""
        for place, stage in enumerate(self.stages):
            for part in (stage, *getattr(stage, "parts", ())):
                if isinstance(part, Pairing):
                    return replace(self, stages=(part, *self.stages[place + 1 :]))
        return None

    @property
    def steered(self) -> bool:
        """Whether what is shown moves any of the stages."""
        return any(isinstance(stage, Steered) for stage in self.stages)

    @property
    def remembers(self) -> bool:
        """Whether a stage minds what a person was shown before: requests are then to say it (`seen`)."""
        return any(getattr(stage, "remembers", False) for stage in self.stages)

    def after(self, shown: Sequence[Items]) -> "Pipeline":
        """The pipeline once slates have been shown, each its item numbers, best first."""
        items = np.concatenate([np.empty(0, np.int32), *shown])
        places = np.concatenate([np.empty(0, np.int64), *(np.arange(len(slate)) for slate in shown)])
        moved = (stage.after(items, places) if isinstance(stage, Steered) else stage for stage in self.stages)
        return replace(self, stages=tuple(moved))

    def with_catalog(self, catalog: Catalog) -> "Pipeline":
        """The pipeline with the goods that arrived since it was fitted, and with what the shop now says of the others.

        catalog: the shop's own columns; its first goods are those of the pipeline, in their order. The new ones get the columns
        of the annotators, and every stage that is `Growing` takes them in; nothing is learnt. The pipeline itself stays as it
        was. Raises `BadInput` where goods are missing or stand elsewhere.
        """
        before = self.catalog.ids.names
        for place, name in enumerate(before):
            if place >= len(catalog) or catalog.ids.names[place] != name:
                raise BadInput(
                    f"item '{name}' is not at its place, {place}; new goods go behind those that were fitted; fit again"
                )
        for annotate in self.annotators:
            catalog = annotate(catalog)
        return Pipeline(tuple(grown(stage, catalog) for stage in self.stages), catalog, self.annotators)


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
