"""Exposure across people: goods that everybody is shown grow dear, so that others come forward."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Rows, Scores, lengthened
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput, BadSetting, within
from assortment.core.profile import fold
from assortment.core.progress import tell
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.core.stage import Recipe, Stage

BATCH = 250
"""After so many people the prices move."""

PLACES = 10
"""The places of a slate that count as shown when prices are learnt."""

HEAD = 60
"""The candidates whose scores say how far apart a slate is; when prices are learnt, those that may be shown."""

ROUNDS = 5
"""How often everybody is asked when prices are learnt."""

RATE = 0.2
"""What a price moves in one round for each equal share of exposure that a group has above its target."""


@dataclass(frozen=True)
class Exposure:
    """Prices on exposure: what is shown more than its target to all people together grows dear for each of them.

    The prices are the multipliers of a dual ascent, as in online allocation (for groups of goods: Xu et al., P-MMF, WWW 2023).
    With e_g the exposure of a group, the sum of 1 / log2(place + 1) over the places it has on all slates, and t_g its target,
    a price moves by η_g ← [η_g + ε (e_g - t_g)]₊ after each batch of people. Of at most `people` of the log it is known what
    they would be shown now; they are asked several times.

    column: whose labels are the groups, such as a seller or a brand; an item with several labels belongs to the first, one with
    none is a group of its own. Left empty, each item is. strength: the highest price, in standard deviations of the scores of
    a slate's first 60: 0 nothing changes … the more, the more relevance may be given up. target: the exposure that a group may
    have before it grows dear, in equal shares, where the equal share of a group is its share of the goods: 0 whatever is shown
    grows dear … 1 what is shown more than others … the more, the fewer.
    """

    column: str = ""
    strength: float = 0.5
    target: float = 1.0
    people: int = 5_000

    def __post_init__(self) -> None:
        within("strength", self.strength, 0, float("inf"))
        within("target", self.target, 0, float("inf"))
        within("people", self.people, 1, float("inf"))

    def learn(self, upstream: Recipe[Stage], dataset: Dataset, rng: np.random.Generator) -> "Priced":
        groups = _groups(dataset.catalog, self.column)
        requests = _asked(dataset, self.people, rng)
        goods = np.bincount(groups)
        caps = (self.target * goods / max(1, len(groups))).astype(np.float32)
        step = RATE * len(groups) / (len(requests) or self.people) / float(_weights(np.arange(PLACES)).sum())
        priced = Priced(np.zeros(len(goods), np.float32), groups, caps, self.strength, step, self.column)
        if not requests or not self.strength:
            return priced
        return _settled(priced, requests, _heads(upstream.fit(dataset, rng), requests), rng)


def _groups(catalog: Catalog, column: str) -> Items:
    """The group of each item; raises `UnknownName` for a column that the shop has not, `BadSetting` for one of numbers."""
    if not column:
        return np.arange(len(catalog), dtype=np.int32)
    known = catalog.known(column)
    if known.dtype != object:
        raise BadSetting(f"column '{column}' holds numbers; exposure needs a column of labels, such as a seller or a brand")
    first = labels(known).first()
    alone = first < 0
    first[alone] = first.max(initial=-1) + 1 + np.arange(alone.sum())
    return first


def _asked(dataset: Dataset, people: int, rng: np.random.Generator) -> list[Request]:
    """What at most `people` of those who did something would ask for now."""
    known = np.unique(dataset.events.user)
    if len(known) > people:
        known = np.sort(rng.choice(known, people, replace=False))
    events = dataset.events
    profiles = fold(events.take(np.flatnonzero(np.isin(events.user, known))))
    return [Request(user=name, time=dataset.now, profile=profile, k=PLACES) for name, profile in profiles.items()]


def _heads(stage: Stage, requests: Sequence[Request]) -> list[Slate]:
    """The candidates of each request, without notes."""
    heads: list[Slate] = []
    for start in range(0, len(requests), BATCH):
        batch = requests[start : start + BATCH]
        heads += [Slate(slate.items[:HEAD], slate.scores[:HEAD]) for slate in stage(batch, [Slate()] * len(batch))]
        tell("asking", len(heads), len(requests))
    return heads


def _settled(priced: "Priced", requests: Sequence[Request], slates: Sequence[Slate], rng: np.random.Generator) -> "Priced":
    """The prices once everybody has been shown their slate at the prices of the moment, `ROUNDS` times."""
    for number in range(ROUNDS):
        order = rng.permutation(len(requests))
        for rows in np.split(order, range(BATCH, len(order), BATCH)):
            shown = priced([requests[row] for row in rows], [slates[row] for row in rows])
            heads = [slate.items[:PLACES] for slate in shown]
            priced = priced.after(np.concatenate(heads), np.concatenate([np.arange(len(head)) for head in heads]))
        tell("prices", number + 1, ROUNDS)
    return priced


@dataclass(frozen=True, eq=False)
class Priced:
    """Goods in g groups, and the price of each group.

    prices [g]: 0 … `strength`, in standard deviations of the scores of a slate's first 60; groups [n]: of each item; caps [g]:
    the part of all exposure that a group may have before it grows dear; step: what a price moves for each place at the top.

    The scores of a slate fall by their prices, and it is put in their order. Notes for each item its `price`. Who asks for
    something, in words or by goods, gets it at no price. Prices do not move within a call: see `after`.
    """

    prices: Scores
    groups: Items
    caps: Scores
    strength: float
    step: float
    column: str = ""

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        return [self._priced(*pair) for pair in zip(requests, slates, strict=True)]

    def _priced(self, request: Request, slate: Slate) -> Slate:
        price = np.zeros(len(slate), np.float32) if request.asked else self.prices[self.groups[slate.items]]
        noted = slate.noted("price", price)
        return noted.scored(slate.scores - price * slate.scores[:HEAD].std()) if price.any() else noted

    def with_catalog(self, catalog: Catalog) -> "Priced":
        """New goods with a label that is known belong to its group; each other is a group of its own, without a price."""
        return _joined(self, labels(catalog.known(self.column)).first() if self.column else np.full(len(catalog), -1, np.int32))

    def after(self, shown: Items, places: Rows | None = None) -> "Priced":
        """The stage once goods have been shown: what stood on one slate, best first, or, with their places (from 0), on many.

        η_g ← [η_g + step (e_g - cap_g Σ e)]₊, at most `strength`, with e_g the sum of 1 / log2(place + 2) over its goods.
        Raises `BadInput` for an item number that the catalog has not.
        """
        if len(shown) and not 0 <= shown.min() <= shown.max() < len(self.groups):
            raise BadInput(f"shown are item numbers from 0 to {len(self.groups) - 1}; there is one outside")
        weights = _weights(np.arange(len(shown)) if places is None else places)
        exposure = np.bincount(self.groups[shown], weights, len(self.prices))
        moved = self.prices + self.step * (exposure - self.caps * exposure.sum())
        return replace(self, prices=np.clip(moved, 0, self.strength).astype(np.float32))


def _joined(priced: Priced, label: Items) -> Priced:
    """The stage with further goods; label [n]: the first label of every item, -1 where it has none."""
    known, groups = len(priced.groups), priced.groups.tolist()
    group = dict(zip(label[:known].tolist(), groups, strict=True))
    group.pop(-1, None)
    new = len(priced.prices)
    for name in label[known:].tolist():
        joins = group.get(name, new)
        if name >= 0:
            group[name] = joins
        groups.append(joins)
        new += joins == new
    numbers = np.array(groups, np.int32)
    share = np.bincount(numbers, minlength=new)[len(priced.caps) :] * (priced.caps.sum() / max(1, known))
    caps = np.concatenate([priced.caps, share]).astype(np.float32)
    return replace(priced, prices=lengthened(priced.prices, new, 0), groups=numbers, caps=caps)


def _weights(places: Rows) -> NDArray[np.float64]:
    """How much a place is seen, from 0 on: 1, 0.63, 0.5, … as NDCG counts it."""
    return 1 / np.log2(places + 2)
