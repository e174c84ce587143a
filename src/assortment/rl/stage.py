"""The stage that puts candidates in the order that pays in the long run, as constants or a network say for the person now."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Rows, Vectors
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting, within
from assortment.core.request import Request
from assortment.core.seen import MOST
from assortment.core.slate import Slate
from assortment.rl.belief import constants
from assortment.rl.crowd import cosines, log_odds, zero_to_one
from assortment.rl.file import Learnt, read
from assortment.rl.greedy import WEIGHTS, Offer
from assortment.rl.memory import Floats, Memory
from assortment.rl.policy import Constant, Contextual, Static

DEPTH = 48
"""How many places are chosen one by one; what is left stands behind them as it did."""


@dataclass(frozen=True)
class LongRun:
    """Order the candidates by a policy that was learned on simulated people of this shop (`assortment learn-policy`): what they
    took and were shown lately counts, kind by kind, and so does what stands above.

    policy: the folder of the policy, written by `learn-policy`; without one, weights are: of `tired`, `rate`, `alike` and
    `again`, in this order. pool: how many of the candidates are looked at, 1 … all. A stage
    behind it, such as `diversify` at diversity 0, takes the first k within the shop's caps. Requests that ask for something
    in particular, or name their own diversity, pass as they are.
    """

    policy: str = ""
    weights: tuple[float, ...] = (0.7, 0.8, 0.1, 0.8)
    pool: int = 120

    def __post_init__(self) -> None:
        within("pool", self.pool, 1, float("inf"))
        if len(self.weights) != len(WEIGHTS) or not np.all(np.isfinite(self.weights)):
            raise BadSetting(f"weights are {len(WEIGHTS)} numbers, of {', '.join(WEIGHTS)}; there are {len(self.weights)}")

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Paced":
        catalog = dataset.catalog
        learnt = read(Path(self.policy)) if self.policy else Learnt(Constant(self.weights), (), catalog.kinds or "", "")
        learnt.check(catalog)
        kind, names = kinds(catalog)
        return Paced(learnt.policy, kind, len(names), vectors(catalog), self.pool, learnt.said, learnt.static)


def kinds(catalog: Catalog) -> tuple[Items, tuple[str, ...]]:
    """The first kind of each item, the number of kinds where it has none, and their names; raises `BadSetting` without any."""
    if catalog.kinds is None:
        raise BadSetting(
            "'long-run' counts kinds of goods; give the catalog a 'category', or add 'clusters' to what is understood"
        )
    read = labels(catalog.column(catalog.kinds))
    first = read.first()
    return np.where(first < 0, len(read.names), first).astype(np.int32), read.names


def vectors(catalog: Catalog) -> Vectors:
    """How alike goods are; raises `BadSetting` where they are not embedded."""
    if "vector" not in catalog:
        raise BadSetting("'long-run' needs vectors of the goods; add 'embed' to what is understood")
    return catalog.column("vector")


@dataclass(frozen=True, eq=False)
class Paced:
    """Notes `relevance-rank`, the place, from 0, that each item had; `static-rank`, the place that it has on the slate of what
    learns nothing, NaN where it is not there; and, the same in each row, the weights for this person, `weight: …`, and what is
    believed of them, `believed: …`. verdict: what `learn-policy` said of what serves."""

    policy: Constant | Contextual
    kind: Items
    kinds: int
    vectors: Vectors
    pool: int
    verdict: str
    static: Static
    remembers: bool = field(default=True, init=False)

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        return [self._paced(request, slate) for request, slate in zip(requests, slates, strict=True)]

    def with_catalog(self, catalog: Catalog) -> "Paced":
        """Goods that are new are of the kind that their column says; a kind that is new is none yet."""
        if catalog.kinds is None:
            return self
        known, names = labels(catalog.column(catalog.kinds)), self.kinds
        first = known.first()[len(self.kind) :]
        old = {name: int(number) for name, number in zip(_named(catalog, len(self.kind)), self.kind, strict=True) if name}
        fresh = [old.get(known.names[each], names) if each >= 0 else names for each in first]
        return replace(self, kind=np.concatenate([self.kind, np.array(fresh, np.int32)]), vectors=vectors(catalog))

    def _paced(self, request: Request, slate: Slate) -> Slate:
        if request.asked or request.wish.diversity is not None or len(slate) < 2:
            return slate
        few = slate.take(np.arange(min(self.pool, len(slate))))
        offer = self.offer(few)
        memory = self.memory(request, few, offer.odds[0])
        first = self.policy(offer, memory, min(DEPTH, len(few)))[0]
        weights = self.policy.of(offer, memory)[0]
        order = np.concatenate([first, np.setdiff1d(np.arange(len(slate)), first)])
        notes = {name: column for name, column in slate.notes.items() if name not in ("chance", "usual")}
        placed = Slate(slate.items, _falling(slate, order), notes).take(order)
        believed = constants(memory.belief)[0][0, 1:]
        said = [*(f"weight: {name}" for name in WEIGHTS), "believed: tires", "believed: minds more of the same"]
        for name, value in zip(said, (*weights.tolist(), *believed.tolist()), strict=True):
            placed = placed.noted(name, np.full(len(order), value, np.float32))
        beside = np.full(len(slate), np.nan, np.float32)
        static = self.static(offer, memory, min(request.k, len(few)))[0]
        beside[static] = np.arange(len(static))
        return placed.noted("relevance-rank", order).noted("static-rank", beside[order])

    def offer(self, slate: Slate) -> Offer:
        """One slate as what one person may be shown."""
        items, scores = slate.items[None, :], slate.scores[None, :]
        there = np.ones((1, len(slate)), bool)
        odds = log_odds(scores, "chance" in slate.notes)
        return Offer(zero_to_one(scores), odds, self.kind[items], cosines(self.vectors, items), np.zeros(1, np.int64), there)

    def memory(self, request: Request, slate: Slate, odds: Floats) -> Memory:
        """What is remembered of a person: the slates they were shown, each good as relevant as the ranker finds it now [n].

        What they took before or elsewhere the ranker knows; nothing was learned of how that tires them.
        """
        memory = Memory.blank(1, self.kinds)
        for glance in request.seen[-MOST:]:
            known = (glance.items >= 0) & (glance.items < len(self.kind))
            if known.any():
                items, taken = glance.items[known], glance.taken[known]
                alike = np.array([_alike(self.vectors[items])], np.float32)
                memory = memory.after(self.kind[items][None, :], taken[None, :], alike, _odds(items, slate, odds)[None, :])
        return memory


def _odds(items: Items, slate: Slate, odds: Floats) -> Floats:
    """The odds of items that were shown once: those of now, where they are among the candidates of a slate, else those of the
    candidate that stands where they stood."""
    order = np.argsort(slate.items)
    near = order[np.minimum(np.searchsorted(slate.items[order], items), len(order) - 1)]
    instead = odds[np.minimum(np.arange(len(items)), len(odds) - 1)]
    return np.where(slate.items[near] == items, odds[near], instead)


def _alike(own: Vectors) -> float:
    """The mean likeness of goods to their nearest above."""
    cosine = np.tril(own @ own.T, -1)
    return float(np.maximum(cosine.max(1), 0).mean())


def _falling(slate: Slate, order: Rows) -> NDArray[np.float32]:
    """Scores by which a slate stands in an order, within the range that they had."""
    scores = np.empty(len(slate), np.float32)
    low, high = float(slate.scores.min()), float(slate.scores.max())
    scores[order] = np.linspace(high, low if high > low else high - 1, len(slate), dtype=np.float32)
    return scores


def _named(catalog: Catalog, first: int) -> list[str | None]:
    """The first label of the kinds of the first goods of a catalog."""
    known = labels(catalog.column(catalog.kinds or ""))
    return [known.names[each] if each >= 0 else None for each in known.first()[:first]]
