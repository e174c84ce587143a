"""Dispersion for everybody at once: our trades and the picks of pyversity, as arrays, so that all people can be asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pyversity import Strategy, diversify
from scipy.special import expit
from variety import POOL, Asked, K, ours, shown

from assortment.core.arrays import Items, Rows
from assortment.core.slate import Slate
from assortment.diversify.methods import Trade
from assortment.diversify.worth import POWER, relevance_of, weighed

CHUNK = 256
Array = NDArray[np.float32]

SCALES: dict[str, Callable[[Slate], Array]] = {
    "relevance": relevance_of,
    "log odds": lambda slate: slate.scores,
    "chances": lambda slate: expit(slate.scores) ** np.float32(POWER),
}
"""What pyversity may be given."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """The `POOL` candidates of b people, best first: items [b, n], there where they are fewer, cosines [b, n, n], and hit where
    one is what the person took."""

    asked: Asked
    items: Items
    there: NDArray[np.bool_]
    cosines: Array
    hit: NDArray[np.bool_]

    @staticmethod
    def of(asked: Asked) -> "Sheet":
        b, vectors = len(asked.slates), asked.diversified.vectors()
        items, there = np.zeros((b, POOL), np.int32), np.zeros((b, POOL), bool)
        for row, slate in enumerate(asked.slates):
            items[row, : len(slate)], there[row, : len(slate)] = slate.items[:POOL], True
        cosines = np.empty((b, POOL, POOL), np.float32)
        for start in range(0, b, CHUNK):
            goods = vectors[items[start : start + CHUNK]]
            cosines[start : start + CHUNK] = goods @ goods.transpose(0, 2, 1)
        return Sheet(asked, items, there, cosines, there & (items == asked.targets[:, None]))

    def of_each(self, scale: Callable[[Slate], Array]) -> Array:
        """[b, n] a scale of every candidate."""
        told = np.zeros(self.items.shape, np.float32)
        for row, slate in enumerate(self.asked.slates):
            told[row, : len(slate)] = scale(slate)
        return told

    def picks(self, relevance: Array, far: Array) -> Rows:
        """[b, k] greedy picks by relevance less far [b] times the sum of the cosines to the picks before."""
        rows = np.arange(len(self.items))
        near, chosen = np.zeros(self.items.shape, np.float32), np.empty((len(rows), K), np.int64)
        open_ = self.there.copy()
        for place in range(K):
            chosen[:, place] = np.where(open_, relevance - far[:, None] * near, -np.inf).argmax(1)
            open_[rows, chosen[:, place]] = False
            near += self.cosines[rows, chosen[:, place]]
        return chosen

    def ndcg(self, chosen: Rows) -> NDArray[np.float64]:
        return np.take_along_axis(self.hit, chosen, 1) @ (1 / np.log2(np.arange(2, K + 2)))

    def redundancy(self, chosen: Rows) -> float:
        alike = self.cosines[np.arange(len(chosen))[:, None, None], chosen[:, :, None], chosen[:, None, :]]
        return float((alike.sum((1, 2), dtype=np.float64) - np.einsum("bii->b", alike)).mean() / (K * (K - 1)))

    def lists(self, chosen: Rows) -> Items:
        return np.take_along_axis(self.items, chosen, 1)


def of_ours(sheet: Sheet) -> Callable[[float], Rows]:
    """The picks of `Trade` at a diversity, each slate by relevance, as the stage shows it."""
    relevance = sheet.of_each(relevance_of)
    pieces = [slice(start, start + CHUNK) for start in range(0, len(relevance), CHUNK)]
    trades = [traded(relevance[piece], sheet.cosines[piece], sheet.there[piece]) for piece in pieces]

    def picks(diversity: float) -> Rows:
        each = np.array([weighed(diversity, slate) for slate in sheet.asked.slates])
        less, more = (K - 1) * (1 - each), 2 * each
        made = [(prices * more[piece] > less[piece]).sum(0) for (prices, _), piece in zip(trades, pieces, strict=True)]
        return np.concatenate([slates[many, np.arange(len(many))] for (_, slates), many in zip(trades, made, strict=True)])

    return picks


LITTLE = 1e-5


def traded(relevance: Array, cosines: Array, there: NDArray[np.bool_]) -> tuple[Array, Rows]:
    """What each trade gains for a bit of relevance, or one before it, if that is less [trades, b], and the slates before and
    after each [trades + 1, b, k], from the most relevant on."""
    b, n = relevance.shape
    rows, chosen = np.arange(b), np.zeros((b, n), bool)
    chosen[:, :K] = there[:, :K]
    near = (cosines * chosen[:, None]).sum(2)
    slates, prices = [np.argsort(~chosen, 1, kind="stable")[:, :K]], [np.full(b, np.inf, np.float32)]
    while (prices[-1] > 0).any():
        picks = slates[-1]
        beside = np.take_along_axis(cosines, picks[:, :, None], 1)
        own = np.take_along_axis(beside, picks[:, :, None], 2)[..., 0]
        gain = (np.take_along_axis(near, picks, 1) - own)[:, :, None] - near[:, None] + beside
        loss = np.take_along_axis(relevance, picks, 1)[:, :, None] - relevance[:, None]
        good = (there & ~chosen)[:, None] & (gain > LITTLE)
        price = np.where(good, gain / np.maximum(loss, LITTLE), 0).reshape(b, -1)
        best = price.argmax(1)
        go = np.flatnonzero(price[rows, best] > 0)
        out, new = picks[go, best[go] // n], best[go] % n
        chosen[go, out], chosen[go, new] = False, True
        near[go] += cosines[go, new] - cosines[go, out]
        slates.append(np.argsort(~chosen, 1, kind="stable")[:, :K])
        prices.append(np.minimum(price[rows, best], prices[-1]))
    return np.stack(prices[1:]), np.stack(slates)


def of_theirs(sheet: Sheet, scale: str) -> Callable[[float], Rows]:
    """The picks of pyversity's MSD at a diversity, in its own order."""
    told = sheet.of_each(SCALES[scale])
    return lambda diversity: sheet.picks(told, np.full(len(told), diversity / (1 - diversity), np.float32))


def same(sheet: Sheet, people: int = 300) -> dict[str, float]:
    """The share of places where the picks are what the libraries themselves pick, over the first people."""
    every = sheet.asked
    few = replace(every, profiles=every.profiles[:people], slates=every.slates[:people], targets=every.targets[:people])
    mine = ours(few, Trade())(0.3)
    found = {"ours": float((sheet.lists(of_ours(sheet)(0.3))[:people] == mine).mean())}
    vectors = few.diversified.vectors()
    for name, scale in SCALES.items():
        at = 0.001 if name == "chances" else 0.2
        rows = (diversify(vectors[s.items], scale(s), k=K, strategy=Strategy.MSD, diversity=at).indices for s in few.slates)
        theirs = shown(few, rows)
        found[name] = float((sheet.lists(of_theirs(sheet, name)(at))[:people] == theirs).mean())
    return found
