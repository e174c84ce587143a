"""Side by side: several retrievers answer the same request, and their scores are added."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from assortment.core.answers import Retriever, flat
from assortment.core.arrays import Items, Rows, Scores, best_first, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.progress import tell
from assortment.core.request import Lot, Request
from assortment.core.slate import Slate
from assortment.core.stage import Recipe, Stage, grown

CELLS = 4_000_000
"""The most scores (requests x items) that a part computes at a time; it bounds the memory of a batch."""


@dataclass(frozen=True)
class Blend:
    """The union of what its recipes found, every item scored by each of them, ordered by the weighted sum of z-scores.

    weights: one per recipe, all 1 where left empty. A part whose scores are all equal says nothing and adds nothing.
    """

    recipes: tuple[Recipe[Stage], ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.weights and len(self.weights) != len(self.recipes):
            raise BadSetting(f"{len(self.weights)} weights for {len(self.recipes)} recipes")

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Blended":
        fitted = []
        kinds = [type(recipe).__name__ for recipe in self.recipes]
        before = [kinds[:place].count(kind) for place, kind in enumerate(kinds)]
        names = tuple(f"{kind} {count + 1}" if count else kind for kind, count in zip(kinds, before, strict=True))
        for name, recipe in zip(names, self.recipes, strict=True):
            tell(name, 0, 1)
            fitted.append(recipe.fit(dataset, rng))
            tell(name, 1, 1)
        at_once = max(1, CELLS // max(1, len(dataset.catalog)))
        return Blended(tuple(fitted), names, self.weights or (1.0,) * len(fitted), at_once)


@dataclass(frozen=True, eq=False)
class Blended:
    """Fitted parts; at_once: the most requests put to them together.

    Notes for each item: `from`, the part that spoke loudest for it; `score:<part>`, the part's own score, and `z:<part>`, its
    z-score among the items found, before weighing.
    """

    parts: tuple[Stage, ...]
    names: tuple[str, ...]
    weights: tuple[float, ...]
    at_once: int

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        starts = range(0, len(requests), self.at_once)
        pieces = [slice(start, start + self.at_once) for start in starts]
        return [slate for piece in pieces for slate in self._answer(requests[piece], slates[piece])]

    def with_catalog(self, catalog: Catalog) -> "Blended":
        parts = tuple(grown(part, catalog) for part in self.parts)
        return replace(self, parts=parts, at_once=max(1, CELLS // max(1, len(catalog))))

    @cached_property
    def retrievers(self) -> tuple[Retriever, ...]:
        """The parts, all of which can be asked."""
        return tuple(part if isinstance(part, Retriever) else Caller(part) for part in self.parts)

    def _answer(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        requests, answers, found = Lot(requests), [], []
        for retriever in self.retrievers:
            answers.append(retriever.ask(requests))
            found.append(answers[-1].found())
        rows, items, bounds = _candidates(slates, found)
        said = np.stack([part.of(rows, items) for part in answers])
        z = z_scores(said, rows, len(slates))
        weighed = z * np.array(self.weights, np.float32)[:, None]
        total = weighed.sum(0)
        notes = {"from": strings(self.names)[weighed.argmax(0)]}
        notes |= {f"score:{name}": row for name, row in zip(self.names, said, strict=True)}
        notes |= {f"z:{name}": row for name, row in zip(self.names, z, strict=True)}
        orders = [best_first(total[start:end], end - start) for start, end in pairwise(bounds.tolist())]
        blended = Slate(items, total, notes)
        return [
            _piece(given, order, blended.take(start + order))
            for given, order, start in zip(slates, orders, bounds.tolist(), strict=False)
        ]


def _piece(given: Slate, order: Rows, blended: Slate) -> Slate:
    """What was blended for one slate; the notes that it was given stay with their items."""
    return replace(blended, notes=given.take(order).noting(blended.notes).notes) if given.notes else blended


def _candidates(slates: Sequence[Slate], found: Sequence[Sequence[Items]]) -> tuple[Rows, Items, Rows]:
    """The items of slates or, of empty ones, what the parts found, by number; as `flat` gives them."""
    if any(len(slate) for slate in slates):
        unions = [np.unique(np.concatenate([_none, *lists])) for lists in zip(*found, strict=True)]
        return flat([slate.items if len(slate) else union for slate, union in zip(slates, unions, strict=True)])
    lists = [items for of_part in found for items in of_part]
    rows = np.tile(np.arange(len(slates)), len(found)).repeat([len(items) for items in lists])
    pairs = np.sort((rows << 32) + np.concatenate([_none, *lists]))
    first = np.ones(len(pairs), bool)
    np.not_equal(pairs[1:], pairs[:-1], out=first[1:])
    rows = pairs[first] >> 32
    return rows, pairs[first].astype(np.int32), np.searchsorted(rows, np.arange(len(slates) + 1))


_none: Items = np.empty(0, np.int32)


def z_scores(scores: Scores, rows: Rows, b: int) -> Scores:
    """Scores [parts, m] less their mean, over their deviation, within each of b requests; `rows` [m] never decreases.

    Zeros where a request's scores are all equal.
    """
    counts = np.maximum(np.bincount(rows, minlength=b), 1)
    mean = np.stack([np.bincount(rows, part, b) / counts for part in scores])
    square = np.stack(
        [np.bincount(rows, (part - centre[rows]) ** 2, b) / counts for part, centre in zip(scores, mean, strict=True)]
    )
    spread = np.sqrt(square)
    scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-9)
    return ((scores - mean[:, rows]) * scale[:, rows]).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Caller:
    """A stage that cannot be asked, such as a plug-in's: it is called once for what it finds and once for its scores."""

    stage: Stage

    def ask(self, requests: Sequence[Request]) -> "Called":
        return Called(self.stage, requests)


@dataclass(frozen=True, eq=False)
class Called:
    """The answers of a stage that is called for them."""

    stage: Stage
    requests: Sequence[Request]

    def found(self) -> list[Items]:
        return [slate.items for slate in self.stage(self.requests, [Slate()] * len(self.requests))]

    def of(self, rows: Rows, items: Items) -> Scores:
        bounds = np.searchsorted(rows, np.arange(len(self.requests) + 1))
        given = [Slate(items[start:end], np.zeros(end - start, np.float32)) for start, end in pairwise(bounds.tolist())]
        said = self.stage(self.requests, given)
        return np.concatenate([np.empty(0, np.float32), *(_aligned(*pair) for pair in zip(given, said, strict=True))])


def _aligned(given: Slate, said: Slate) -> Scores:
    """The scores that a part gave, in the order of the items it was given."""
    scores = np.empty(len(given), np.float32)
    scores[np.argsort(given.items)] = said.scores[np.argsort(said.items)]
    return scores
