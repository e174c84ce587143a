"""Teaching a network what people come to next (torch)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assortment.core.arrays import Rows
from assortment.learn.diverse import Term
from assortment.learn.histories import Batch, Histories
from assortment.learn.negatives import Negatives
from assortment.learn.sequence import Network

PLACES = 10
AT_ONCE = 2048
"""Goods, or histories, that are looked at together."""
LISTS = 64
"""The most lists of a batch whose variety is looked at."""
LIKELY = 100
"""The goods of each list that are looked at, where the catalog is too large to look at all."""
STALE = 50
"""Steps after which the goods that could be in a list are looked for anew."""
ALREADY = -40.0
"""The logit of what a person has: it is in no list."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a network learns from, and how.

    text [n, text]: the vectors of goods; told: pieces to learn from; held: pieces whose last item is to be foretold; known [n]
    true where anybody took to an item; negatives: of which `count` are drawn for each batch; temperature: what a cosine is
    divided by; forget: the share of goods whose own vector is left out of a batch, so that their text must do; tokens: the most
    goods of a batch; terms: losses of variety.
    """

    network: Network
    text: Tensor
    told: Histories
    held: Histories
    known: NDArray[np.bool_]
    negatives: Negatives
    count: int
    temperature: float
    forget: float
    tokens: int
    seed: int
    terms: tuple[Term, ...] = ()

    @cached_property
    def steps(self) -> int:
        """How many batches there are."""
        return len(self._batches(0))

    @cached_property
    def _batches(self) -> Callable[[int], list[Rows]]:
        """The batches of a passage through all that is told, by its number; the last one asked for is kept."""
        return lru_cache(1)(lambda passage: self.told.batches(self.tokens, np.random.default_rng([self.seed, passage])))

    def loss(self, step: int, rng: np.random.Generator) -> Tensor:
        """Of one batch: how badly each next item is told from the negatives, and what the terms add."""
        passage, place = divmod(step, self.steps)
        batch = self.told.batch(self._batches(passage)[place], rng)
        drawn = self.negatives.draw(self.count, rng)
        numbers, where = np.unique(np.concatenate([batch.items.ravel(), drawn.astype(np.int64)]), return_inverse=True)
        goods = self.goods(numbers, rng.random(len(numbers)) >= self.forget)[torch.from_numpy(where)]
        history = goods[: batch.items.size].view(*batch.items.shape, -1)
        queries = self._queries(history[:, :-1], batch)
        next_there = torch.from_numpy(batch.there[:, 1:])
        right = (queries * history[:, 1:]).sum(-1)[next_there] / self.temperature
        wrong = queries[next_there] @ goods[batch.items.size :].T / self.temperature
        wrong = wrong - torch.from_numpy(self.negatives.correction(drawn, self.count))
        same = torch.from_numpy(batch.items[:, 1:])[next_there][:, None] == torch.from_numpy(drawn)
        loss = sampled_softmax(right, wrong.masked_fill(same, -torch.inf))
        return loss + self._variety(batch, queries, step) if self.terms else loss

    def after(self, step: int, share: float) -> None:
        """The prices of the terms follow what the last step showed: a lesson is a rule of its run."""
        for term in self.terms:
            term.price.follow()

    def state(self) -> Mapping[str, Tensor]:
        return {str(number): torch.tensor(term.price.beta) for number, term in enumerate(self.terms)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        for number, term in enumerate(self.terms):
            term.price.beta = float(state[str(number)])

    def goods(self, numbers: Rows, own: NDArray[np.bool_]) -> Tensor:
        """Unit rows [m, d]; own [m]: whose own vector counts, if it has learnt one."""
        known = torch.from_numpy((own & self.known[numbers]).astype(np.float32))[:, None]
        rows = torch.from_numpy(numbers)
        return self.network.goods(self.text[rows], rows, known)

    def _queries(self, history: Tensor, batch: Batch) -> Tensor:
        length = history.shape[1]
        return self.network.queries(
            history, torch.from_numpy(batch.visits[:, :length]), torch.from_numpy(batch.there[:, :length])
        )

    def measure(self) -> float:
        """NDCG@10 of the last items of the pieces that are held, among all goods but those before them in the piece, less what
        the lists have above the shares of the terms: weights that foretell well and break a cap are not the best."""
        goods = self.everything()
        chunks = np.array_split(np.arange(len(self.held)), len(self.held) // AT_ONCE + 1)
        return float(np.average([self._value(goods, rows) for rows in chunks], weights=[len(rows) for rows in chunks]))

    def everything(self) -> Tensor:
        """The unit rows [n, d] of all goods, as they stand."""
        pieces = np.array_split(np.arange(len(self.text)), len(self.text) // AT_ONCE + 1)
        return torch.cat([self.goods(rows, np.ones(len(rows), bool)) for rows in pieces])

    def _value(self, goods: Tensor, pieces: Rows) -> float:
        batch = self.held.batch(pieces)
        last = batch.there.sum(1) - 1
        row = np.arange(len(last))
        queries = self._queries(goods[torch.from_numpy(batch.items[:, :-1])], batch)[row, last - 1]
        scores = (queries @ goods.T).numpy()
        right = scores[row, batch.items[row, last]][:, None]
        batch.there[row, last] = False
        scores[np.nonzero(batch.there)[0], batch.items[batch.there]] = -np.inf
        place = (scores > right).sum(1)
        every = np.arange(len(goods))
        excess = [term.price.excess(term.over(torch.from_numpy(scores), every)) for term in self.terms]
        return float(np.where(place < PLACES, 1 / np.log2(place + 2), 0).mean()) - sum(excess)

    def _variety(self, batch: Batch, queries: Tensor, step: int) -> Tensor:
        """What the terms say of the lists that some of the pieces of a batch would get after their last item but one."""
        row = np.arange(min(LISTS, len(batch.items)))
        asked = queries[row, batch.there.sum(1)[row] - 2]
        items = self._likely(asked, step)
        scores = asked @ self.goods(items, np.ones(len(items), bool)).T / self.temperature
        had = [np.isin(items, piece[there][:-1]) for piece, there in zip(batch.items[row], batch.there[row], strict=True)]
        scores = scores.masked_fill(torch.from_numpy(np.stack(had)), ALREADY)
        return torch.stack([term(scores, items) for term in self.terms]).sum()

    def _likely(self, queries: Tensor, step: int) -> Rows:
        """The goods that could be in one of the lists after queries [b, d]."""
        if len(self.text) <= LIKELY * LISTS:
            return np.arange(len(self.text))
        with torch.no_grad():
            return np.unique((queries @ self._stale(step // STALE).T).topk(LIKELY).indices.numpy())

    @cached_property
    def _stale(self) -> Callable[[int], Tensor]:
        """All goods as they stood when a turn was first asked for."""
        return lru_cache(1)(lambda _: self.everything())


def sampled_softmax(right: Tensor, wrong: Tensor) -> Tensor:
    """The mean over m of -log of the share of exp(right) [m] in it and the sum of exp(wrong) [m, c]."""
    return (torch.logsumexp(torch.cat([right[:, None], wrong], 1), 1) - right).mean()
