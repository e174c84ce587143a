"""Side by side: several retrievers answer the same request, and their scores are added."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from assortment.core import _passes
from assortment.core.answers import Retriever, flat
from assortment.core.arrays import Items, Rows, Scores, strings
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
        order, blended = self._added(np.stack([part.of(rows, items) for part in answers]), items, bounds)
        answered = []
        for given, (start, end) in zip(slates, pairwise(bounds.tolist()), strict=True):
            slate = blended.take(slice(start, end))
            answered.append(_under(given.take(order[start:end] - start), slate) if given.notes else slate)
        return answered

    def _added(self, said: Scores, items: Items, bounds: Rows) -> tuple[Rows, Slate]:
        """What parts said [parts, m] of the items [m] of all requests, end to end, added: the order of each, and all in it."""
        z, total = np.empty_like(said), np.empty(len(items), np.float32)
        loudest, order = np.empty(len(items), np.int64), np.empty(len(items), np.int64)
        _passes.blend(said, bounds, np.array(self.weights, np.float32), z, total, loudest, order)
        notes = {"from": strings(self.names)[loudest]}
        notes |= {f"score:{name}": row for name, row in zip(self.names, said, strict=True)}
        notes |= {f"z:{name}": row for name, row in zip(self.names, z, strict=True)}
        return order, Slate(items, total, notes).take(order)


def _under(given: Slate, slate: Slate) -> Slate:
    """A slate with the notes that its items came with under its own."""
    return replace(slate, notes=given.noting(slate.notes).notes)


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
