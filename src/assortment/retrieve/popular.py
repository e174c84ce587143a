"""What sells now: counts that fade with age."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assortment.core.arrays import Scores, best_first
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.request import Request
from assortment.core.slate import Slate

DAY = 86_400_000


@dataclass(frozen=True)
class Popular:
    """The number of people who liked a thing, each counted once, with a weight that halves every `half_life` days.

    half_life: days, 0 (only the last moment counts) … no end (all time counts alike); depth: items found per request.
    """

    half_life: float = 30.0
    depth: int = 100

    def __post_init__(self) -> None:
        within("half_life", self.half_life, 1e-6, float("inf"))

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Favourites":
        liked = dataset.events.liked()
        age = (dataset.now - liked.time) / DAY
        latest = np.unique(np.stack([liked.user, liked.item])[:, ::-1], axis=1, return_index=True)[1]
        rows = len(liked) - 1 - latest
        counts = np.bincount(liked.item[rows], np.exp2(-age[rows] / self.half_life), minlength=len(dataset.catalog))
        scores = np.log1p(counts).astype(np.float32)
        return Favourites(scores, best_first(scores, self.depth).astype(np.int32))


@dataclass(frozen=True, eq=False)
class Favourites:
    """scores [n] of all items, and the numbers of the best. Silent where the request names what it is about."""

    scores: Scores
    best: np.ndarray

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        return [self._answer(request, slate) for request, slate in zip(requests, slates, strict=True)]

    def _answer(self, request: Request, slate: Slate) -> Slate:
        if len(slate):
            return slate.scored(np.zeros(len(slate), np.float32) if request.asked else self.scores[slate.items])
        return slate if request.asked else Slate(self.best, self.scores[self.best])
