"""Slates that are drawn, with known chances: what is never tried can never be judged."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items
from assortment.core.chances import Chances
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting, within
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.core.stage import Recipe, Stage


@dataclass(frozen=True)
class PlackettLuce:
    """Draw the slate place by place, each time one of those left with a chance that falls with where it stood:
    place^(-1/temperature) (Luce, 1959; Plackett, 1975).

    temperature: 0 as it stands … infinity any order alike. wider: from how many times k of the first are drawn, 1 or more.
    stage: what chooses them, such as `diversify`, asked for so many; without it, the order that comes. seed: with the
    request it says what is drawn, so that a slate can be made again.

    Notes `propensity`: the chance of the item at its place given those above, whose product is that of the slate. Only requests
    that ask for nothing particular are drawn: no words, no goods, no wish; others get what they ask, at propensity 1.
    """

    temperature: float = 0.3
    wider: float = 2.0
    stage: Recipe[Stage] | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        within("temperature", self.temperature, 0, math.inf)
        _check(self.wider)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Drawn":
        inner = self.stage.fit(dataset, rng) if self.stage else None
        return Drawn(1 / self.temperature if self.temperature else math.inf, 0.0, self.wider, inner, self.seed)


@dataclass(frozen=True)
class EpsilonGreedy:
    """Put at each place, with a chance of ε, any of those left, and else the first of them.

    epsilon: 0 as it stands … 1 any order alike. wider, stage, seed, and the note are as in `plackett-luce`, which spreads the
    same curiosity over what nearly was chosen; this one tries everything alike.
    """

    epsilon: float = 0.1
    wider: float = 2.0
    stage: Recipe[Stage] | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        within("epsilon", self.epsilon, 0, 1)
        _check(self.wider)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Drawn":
        inner = self.stage.fit(dataset, rng) if self.stage else None
        return Drawn(math.inf, self.epsilon, self.wider, inner, self.seed)


def _check(wider: float) -> None:
    if not 1 <= wider < math.inf:
        raise BadSetting(f"wider is {wider}; it is 1 or more times the length of the slate")


@dataclass(frozen=True, eq=False)
class Drawn:
    """At each place one of those left: with a chance of `epsilon` any, else by place^(-steepness), infinity the first."""

    steepness: float
    epsilon: float
    wider: float
    stage: Stage | None
    seed: int

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        choices = self._choices(requests, slates)
        return [self._drawn(request, choice) for request, choice in zip(requests, choices, strict=True)]

    def chances(self, requests: Sequence[Request], slates: Sequence[Slate], shown: Sequence[Items]) -> list[Chances]:
        """What it would put at each place of a slate, given those that were shown above it."""
        choices = self._choices(requests, slates)
        return [self._given(*each) for each in zip(requests, choices, shown, strict=True)]

    def _choices(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        """Among what is drawn, in the order in which it stands."""
        widened = [replace(one, k=self._width(one)) for one in requests]
        if self.stage is not None:
            slates = self.stage(widened, slates)
        return [
            slate if len(slate) <= one.k else slate.take(np.arange(one.k)) for slate, one in zip(slates, widened, strict=True)
        ]

    def _width(self, request: Request) -> int:
        return math.ceil(self.wider * request.k) if _silent(request) else request.k

    def _drawn(self, request: Request, choice: Slate) -> Slate:
        if not _silent(request):
            return choice.noted("propensity", np.ones(len(choice)))
        rng, left, drawn, propensity = _generator(self.seed, request), list(range(len(choice))), [], []
        for _ in range(min(request.k, len(choice))):
            chance = self._chance(np.array(left))
            at = int(np.searchsorted(np.cumsum(chance), rng.random() * (1 - 1e-12)))
            drawn.append(left.pop(min(at, len(left) - 1)))
            propensity.append(float(chance[min(at, len(chance) - 1)]))
        return choice.take(np.array(drawn, np.int64)).noted("propensity", np.array(propensity))

    def _given(self, request: Request, choice: Slate, shown: Items) -> Chances:
        left, chance = np.ones(len(choice), bool), np.zeros((len(shown), len(choice)))
        for place, item in enumerate(shown.tolist()):
            rows = np.flatnonzero(left)
            if len(rows):
                chance[place, rows] = self._chance(rows) if _silent(request) else _first(len(rows))
            left[choice.items == item] = False
        return Chances(choice.items, chance)

    def _chance(self, left: NDArray[np.int64]) -> NDArray[np.float64]:
        """The chance of each of those left, whose places were `left`, from 0."""
        if math.isinf(self.steepness):
            greedy = _first(len(left))
        else:
            log = -self.steepness * np.log(left + 1.0)
            greedy = np.exp(log - log.max())
            greedy /= greedy.sum()
        return (1 - self.epsilon) * greedy + self.epsilon / len(left)


def _first(n: int) -> NDArray[np.float64]:
    return np.eye(1, n)[0]


def _silent(request: Request) -> bool:
    return not request.asked and request.wish == Wish()


def _generator(seed: int, request: Request) -> np.random.Generator:
    """The same for the same request, whoever else is in the batch."""
    words = f"{seed}\0{request.user}\0{request.time}\0{request.k}"
    digest = hashlib.sha256(words.encode("utf-8", "surrogatepass")).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
