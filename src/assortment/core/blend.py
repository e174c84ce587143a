"""Side by side: several retrievers answer the same request, and their scores are added."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assortment.core.arrays import Scores, strings
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.progress import tell
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.core.stage import Recipe, Stage


@dataclass(frozen=True)
class Blend:
    """The union of what its parts found, every item scored by every part, ordered by the weighted sum of z-scores.

    weights: one per recipe, all 1 where left empty. A part whose scores are all equal says nothing and adds nothing.
    """

    recipes: tuple[Recipe[Stage], ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.weights and len(self.weights) != len(self.recipes):
            raise BadSetting(f"{len(self.weights)} weights for {len(self.recipes)} recipes")

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Blended":
        fitted = []
        names = tuple(type(recipe).__name__ for recipe in self.recipes)
        for name, recipe in zip(names, self.recipes, strict=True):
            tell(name, 0, 1)
            fitted.append(recipe.fit(dataset, rng))
            tell(name, 1, 1)
        return Blended(tuple(fitted), names, self.weights or (1.0,) * len(fitted))


@dataclass(frozen=True, eq=False)
class Blended:
    """Fitted parts. Notes for each item: `from`, the part that spoke loudest for it, and `z:<part>`, what each part said."""

    parts: tuple[Stage, ...]
    names: tuple[str, ...]
    weights: tuple[float, ...]

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        found = [part(requests, slates) for part in self.parts]
        unions = [_union(of_one) for of_one in zip(*found, strict=True)]
        said = [part(requests, unions) for part in self.parts]
        return [self._merged(union, of_one) for union, of_one in zip(unions, zip(*said, strict=True), strict=True)]

    def _merged(self, union: Slate, said: Sequence[Slate]) -> Slate:
        if not len(union):
            return union
        z = np.stack([weight * z_scores(_aligned(union, one)) for weight, one in zip(self.weights, said, strict=True)])
        merged = Slate(union.items, z.sum(0), {f"z:{name}": row for name, row in zip(self.names, z, strict=True)})
        return merged.noted("from", strings(self.names[part] for part in z.argmax(0))).scored(z.sum(0))


def _union(slates: Sequence[Slate]) -> Slate:
    items = np.unique(np.concatenate([slate.items for slate in slates]))
    return Slate(items, np.zeros(len(items), np.float32))


def _aligned(union: Slate, said: Slate) -> Scores:
    """The scores a part gave, in the order of the union (whose items are sorted)."""
    scores = np.empty(len(union), np.float32)
    scores[np.searchsorted(union.items, said.items)] = said.scores
    return scores


def z_scores(scores: Scores) -> Scores:
    """Scores less their mean, over their deviation; zeros where all are equal."""
    spread = scores.std()
    return (scores - scores.mean()) / spread if spread > 1e-9 else np.zeros_like(scores)
