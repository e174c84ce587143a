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
from assortment.core.seen import MOST, Glance
from assortment.core.slate import Slate
from assortment.rl.crowd import cosines, zero_to_one
from assortment.rl.file import Learnt, read
from assortment.rl.greedy import FORGIVEN, WEIGHTS, Offer
from assortment.rl.memory import Floats, Memory
from assortment.rl.policy import Constant, Contextual

DAY = 86_400_000
DEPTH = 48
"""How many places are chosen one by one; what is left stands behind them as it did."""


@dataclass(frozen=True)
class LongRun:
    """Order the candidates by a policy that was learned on simulated people of this shop (`assortment learn-policy`): what they
    took and were shown lately counts, kind by kind, and so does what stands above.

    policy: the folder of the policy, written by `learn-policy`; without one, weights are: of `taken`, `seen`, `just taken`,
    `rate`, `alike`, `again` and `passed`, in this order. pool: how many of the candidates are looked at, 1 … all. A stage
    behind it, such as `diversify` at diversity 0, takes the first k within the shop's caps. Requests that ask for something
    in particular, or name their own diversity, pass as they are.
    """

    policy: str = ""
    weights: tuple[float, ...] = (0.05, 0.0, 0.05, 0.5, 0.2, 0.05, 0.05)
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
        return Paced(learnt.policy, kind, len(names), vectors(catalog), self.pool, learnt.said)


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
    """Notes `relevance-rank`, the place, from 0, that each item had, and the weights for this person, `weight: …`, the same in
    each row. verdict: what `learn-policy` said of what serves."""

    policy: Constant | Contextual
    kind: Items
    kinds: int
    vectors: Vectors
    pool: int
    verdict: str
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
        offer, memory = self.offer(few, request), self.memory(request)
        first = self.policy(offer, memory, min(DEPTH, len(few)))[0]
        weights = self.policy.of(offer, memory)[0]
        order = np.concatenate([first, np.setdiff1d(np.arange(len(slate)), first)])
        notes = {name: column for name, column in slate.notes.items() if name not in ("chance", "usual")}
        placed = Slate(slate.items, _falling(slate, order), notes).take(order)
        for name, weight in zip(WEIGHTS, weights.tolist(), strict=True):
            placed = placed.noted(f"weight: {name}", np.full(len(order), weight, np.float32))
        return placed.noted("relevance-rank", order)

    def offer(self, slate: Slate, request: Request) -> Offer:
        """One slate as what one person may be shown."""
        items = slate.items[None, :]
        there = np.ones((1, len(slate)), bool)
        relevance, alike = zero_to_one(slate.scores[None, :]), cosines(self.vectors, items)
        return Offer(relevance, self.kind[items], alike, np.zeros(1, np.int64), there, _passed(slate.items, request)[None, :])

    def memory(self, request: Request) -> Memory:
        """What is remembered of a person: what they took on other days, and then the slates that they were shown."""
        memory = Memory.blank(1, self.kinds)
        for glance in (*_days(request), *request.seen)[-MOST:]:
            known = (glance.items >= 0) & (glance.items < len(self.kind))
            if known.any():
                items = glance.items[known]
                alike = _alike(self.vectors[items])
                memory = memory.after(self.kind[items][None, :], glance.taken[known][None, :], np.array([alike], np.float32))
        return memory


def _days(request: Request) -> list[Glance]:
    """What a person did on each day before the first slate of `seen`, as slates of which everything was taken."""
    profile = request.profile
    shown = np.concatenate([np.empty(0, np.int32), *(glance.items[glance.taken] for glance in request.seen)])
    other = ~np.isin(profile.recent, shown)
    items, day = profile.recent[other], profile.times[other] // DAY
    return [Glance(items[day == each], np.ones(int((day == each).sum()), bool)) for each in np.unique(day)[-MOST:]]


def _passed(items: Items, request: Request) -> Floats:
    """How often each item was shown lately and not taken [n]."""
    passed = np.zeros(len(items), np.float32)
    for glance in request.seen:
        passed = passed * np.float32(FORGIVEN) + np.isin(items, glance.items[~glance.taken])
    return passed.astype(np.float32)


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
