"""A neural scorer of people and goods, learnt from what people came to next (torch)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from assortment.core.arrays import Items, Rows
from assortment.learn.foretell import sampled_softmax
from assortment.learn.histories import Batch, Histories
from assortment.learn.negatives import Negatives

START = 10.0
"""What the inner product counts before anything is learnt."""


class Scorer(nn.Module):
    """w' sigmoid(A u + B p + D (u * p) + C) + b u' p, with so many hidden units."""

    def __init__(self, dims: int, hidden: int) -> None:
        super().__init__()
        self.person = nn.Linear(dims, hidden)
        self.item = nn.Linear(dims, hidden, bias=False)
        self.both = nn.Parameter(torch.randn(hidden, dims))
        self.weights = nn.Parameter(torch.randn(hidden) * 0.1)
        self.slope = nn.Parameter(torch.tensor(START))

    def pairs(self, people: Tensor, goods: Tensor) -> Tensor:
        """[m] scores of people [m, d] and goods [m, d], row by row."""
        hidden = torch.sigmoid(self.person(people) + self.item(goods) + (people * goods) @ self.both.T)
        return hidden @ self.weights + self.slope * (people * goods).sum(-1)

    def forward(self, people: Tensor, goods: Tensor) -> Tensor:
        """[m, c] scores of people [m, d] and goods [c, d], each with each."""
        both = (people[:, None] * self.both) @ goods.T
        hidden = torch.sigmoid(self.person(people)[:, :, None] + self.item(goods).T + both)
        return torch.einsum("h,mhc->mc", self.weights, hidden) + self.slope * people @ goods.T


@dataclass(frozen=True, eq=False)
class ScorerLesson:
    """vectors [n, d] unit rows; told and held: pieces to learn from, and pieces whose last item is to be foretold; negatives:
    of which `count` are drawn for each batch of so many `pairs` of a person and the next item; decay: of a person's goods with
    each newer one.
    """

    scorer: Scorer
    vectors: NDArray[np.float32]
    told: Histories
    held: Histories
    negatives: Negatives
    count: int
    pairs: int
    decay: float
    seed: int

    @cached_property
    def steps(self) -> int:
        """How many batches there are."""
        return len(self._batches(0))

    @cached_property
    def _batches(self) -> Callable[[int], list[Rows]]:
        """The batches of a passage through all that is told, by its number; the last one asked for is kept."""
        return lru_cache(1)(lambda passage: self.told.batches(self.pairs, np.random.default_rng([self.seed, passage])))

    def loss(self, step: int, rng: np.random.Generator) -> Tensor:
        """Of one batch: how badly each next item is told from the negatives."""
        passage, place = divmod(step, self.steps)
        batch = self.told.batch(self._batches(passage)[place], rng)
        people, following = self._people(batch), batch.there[:, 1:]
        return self._told(people[following], batch.items[:, 1:][following], self.negatives.draw(self.count, rng))

    def measure(self) -> float:
        """Less the loss of the last items of the pieces that are held, beside negatives that stay the same."""
        batch = self.held.batch(np.arange(len(self.held)))
        row, last = np.arange(len(self.held)), batch.there.sum(1) - 1
        people = self._people(batch)[row, last - 1]
        drawn = self.negatives.draw(self.count, np.random.default_rng(self.seed))
        return -float(self._told(people, batch.items[row, last], drawn))

    def _people(self, batch: Batch) -> NDArray[np.float32]:
        """[b, l - 1, d]: the vector of each person after each item but the last."""
        taken = self.vectors[batch.items[:, :-1]]
        for place in range(1, taken.shape[1]):
            taken[:, place] += self.decay * taken[:, place - 1]
        return taken / np.maximum(np.linalg.norm(taken, axis=-1, keepdims=True), 1e-9)

    def _told(self, people: NDArray[np.float32], taken: Rows, drawn: Items) -> Tensor:
        asked = torch.from_numpy(people)
        right = self.scorer.pairs(asked, torch.from_numpy(self.vectors[taken]))
        wrong = self.scorer(asked, torch.from_numpy(self.vectors[drawn]))
        wrong = wrong - torch.from_numpy(self.negatives.correction(drawn, self.count))
        same = torch.from_numpy(taken[:, None] == drawn)
        return sampled_softmax(right, wrong.masked_fill(same, -torch.inf))
