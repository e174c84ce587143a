"""The objective: what came next is to be nearer to what a person had than any other good, as the shop compares them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor, nn

from assortment.core.arrays import Items, Rows
from assortment.finetune.heads import Heads
from assortment.finetune.lessons import Lessons
from assortment.finetune.readout import Questions, some, whitened
from assortment.finetune.recipe import Finetune
from assortment.finetune.table import Table, read
from assortment.language.module import Trainable
from assortment.learn.compute import precise
from assortment.learn.loop import epoch_rows
from assortment.learn.losses import info_nce

TOUCHED, OTHERS = 512, 1024
"""Lessons of a step that have one of the goods just read before or next, and that have none."""

HARD = 32
"""Goods nearest to each right one that always stand against it."""


class Objective:
    """The loss of a step and the measure of a look, for `learn.loop.train`.

    A step reads `batch` goods anew and takes the vectors of all others from a table of what they were when last read
    (cross-batch memory, Wang et al., CVPR 2020). Goods are compared around their mean, and not whitened: whitening scales anew
    whatever is learnt. Every look reads all goods anew, and whitens them, as `embed` would, for the people who choose.
    """

    def __init__(
        self,
        recipe: Finetune,
        trainable: Trainable,
        tokens: Sequence[Sequence[int]],
        lessons: Lessons,
        questions: Questions,
        heads: Heads,
    ) -> None:
        self.recipe, self.trainable, self.tokens = recipe, trainable, tokens
        self.lessons, self.questions, self.heads = lessons, questions, heads
        self.written = trainable.tokens(lessons.written)
        self.spoken = np.array([bool(numbers) for numbers in tokens])
        self.table: Table | None = None

    @cached_property
    def goods(self) -> Rows:
        """The goods that there is anything to learn of, and that have words."""
        met = self.heads.known.copy()
        for goods in (self.lessons.target, self.lessons.history.indices, self.lessons.about):
            met[goods] = True
        return np.flatnonzero(met & self.spoken)

    def measure(self) -> float:
        """Recall@10 of people whose next thing is known."""
        self.table = read(self.trainable, self.tokens, self.recipe.precision)
        return float(self.questions.recall(whitened(self.table.vectors, self.recipe.dims)[0]).mean())

    def loss(self, step: int, rng: np.random.Generator) -> Tensor:
        """Of one step."""
        before = self.table or read(self.trainable, self.tokens, self.recipe.precision)
        goods = self.goods[epoch_rows(step, len(self.goods), self.recipe.batch, self.recipe.seed)]
        vectors = self._read([self.tokens[good] for good in goods])
        table = before.after(_place(goods), vectors)
        self.table = table.detached()
        loss = self._next(goods, table, rng) + self.heads(goods, vectors)
        return loss + self._of_words(goods, table, rng) if self.written else loss

    def _read(self, tokens: Sequence[Sequence[int]]) -> Tensor:
        with precise(self.recipe.precision, next(self.trainable.module.parameters()).device):
            return self.trainable(tokens).float()

    def _next(self, goods: Rows, table: Table, rng: np.random.Generator) -> Tensor:
        """The loss of all lessons, told by some that touch the goods just read, which pull at these, and by some of the others,
        which push: each kind counts for as many as there are of it, or what was just read would be pulled alone."""
        touched = self._touched(goods)
        loss = 0 * table.centred.sum()
        for rows, most in ((np.flatnonzero(touched), TOUCHED), (np.flatnonzero(self._asked & ~touched), OTHERS)):
            if len(rows):
                asked = rng.choice(rows, most, replace=False) if len(rows) > most else rows
                loss = loss + len(rows) / self._asked.sum() * self._of(asked, goods, table, rng)
        return loss

    def _of(self, asked: Rows, goods: Rows, table: Table, rng: np.random.Generator) -> Tensor:
        """The mean loss of some lessons."""
        target = self.lessons.target[asked]
        queries = nn.functional.normalize(_mixed(some(self.lessons.history, asked), table.centred), dim=1)
        chosen, chance = self._candidates(goods, target, table, rng)
        theirs = some(self.lessons.theirs, self.lessons.person[asked])[:, chosen].toarray() > 0
        return self._against(queries @ table.centred[_place(chosen)].T, target, chosen, chance, theirs)

    def _of_words(self, goods: Rows, table: Table, rng: np.random.Generator) -> Tensor:
        """The loss of what people wrote: each text is to be nearest to its good in the encoder's own space, as one searches."""
        rows = rng.choice(len(self.written), min(self.recipe.batch // 2, len(self.written)), replace=False)
        rows = rows[self.spoken[self.lessons.about[rows]]]
        if not len(rows):
            return 0 * table.plain.sum()
        about = self.lessons.about[rows]
        texts = self._read([self.written[row] for row in rows])
        chosen, chance = self._candidates(goods, about, table, rng)
        theirs = np.zeros((len(rows), len(chosen)), bool)
        return self._against(texts @ table.plain[_place(chosen)].T, about, chosen, chance, theirs)

    @cached_property
    def _asked(self) -> NDArray[np.bool_]:
        """[m] the lessons that ask for a good that has words."""
        return self.spoken[self.lessons.target]

    def _touched(self, goods: Rows) -> NDArray[np.bool_]:
        """[m] those of them that have one of the goods before or next."""
        touched = np.zeros(len(self.lessons), bool)
        touched[self._by_target[goods].indices] = True
        touched[self._by_history[goods].indices] = True
        return touched & self._asked

    @cached_property
    def _by_target(self) -> Any:
        """[n, m] which lessons ask for a good."""
        m, n = len(self.lessons), len(self.tokens)
        return sparse.csr_matrix((np.ones(m, bool), (self.lessons.target, np.arange(m))), shape=(n, m))

    @cached_property
    def _by_history(self) -> Any:
        """[n, m] which lessons begin from a good."""
        return sparse.csr_matrix(self.lessons.history.T)

    @cached_property
    def _chances(self) -> NDArray[np.float64]:
        """[n] how likely each good is to be drawn: as often as it was the right one, and once more."""
        counts = (np.bincount(self.lessons.target, minlength=len(self.tokens)) + 1.0) * self.spoken
        return counts / counts.sum()

    def _candidates(
        self, goods: Rows, target: Items, table: Table, rng: np.random.Generator
    ) -> tuple[Rows, NDArray[np.float32] | None]:
        """The goods that stand against each other, sorted, and the logarithm of how likely each was to be among them; None
        where they are all there are."""
        spoken = np.flatnonzero(self.spoken)
        if len(spoken) <= self.recipe.candidates:
            return spoken, None
        sure = np.union1d(np.concatenate([goods, target]), _nearest(target, table))
        sure = sure[self.spoken[sure]]
        drawn = rng.choice(len(self._chances), self.recipe.candidates, p=self._chances)
        chosen = np.union1d(sure, drawn).astype(np.int64)
        chance = 1 - (1 - self._chances[chosen]) ** self.recipe.candidates
        chance[np.isin(chosen, sure)] = 1.0
        return chosen, np.log(chance).astype(np.float32)

    def _against(
        self, scores: Tensor, target: Items, chosen: Rows, chance: NDArray[np.float32] | None, theirs: NDArray[np.bool_]
    ) -> Tensor:
        """InfoNCE of scores [b, c]. What the same person has (theirs [b, c]), and goods of the very words of the right one, are
        not wrong and do not count."""
        right = np.searchsorted(chosen, target)
        barred = theirs | (self._same[chosen][None] == self._same[target][:, None])
        barred[np.arange(len(target)), right] = False
        drawn = None if chance is None else torch.from_numpy(chance).to(scores.device)
        return info_nce(scores, _place(right), self.recipe.temperature, drawn, torch.from_numpy(barred).to(scores.device))

    @cached_property
    def _same(self) -> NDArray[np.int64]:
        """[n] a number for each text, the same for texts of the same tokens."""
        number: dict[tuple[int, ...], int] = {}
        return np.array([number.setdefault(tuple(numbers), len(number)) for numbers in self.tokens], np.int64)


def _nearest(target: Items, table: Table) -> Rows:
    """Hard ones, mined: the goods nearest to the right ones as the table has them."""
    right = table.centred.detach()[_place(np.unique(target))]
    return np.unique((right @ table.centred.detach().T).topk(min(HARD, len(table.centred)), dim=1).indices.cpu().numpy())


def _mixed(history: sparse.csr_matrix, vectors: Tensor) -> Tensor:
    """[b, d] the sums of the vectors of each history, by weight."""
    rows = np.repeat(np.arange(history.shape[0]), np.diff(history.indptr))
    parts = vectors[_place(history.indices)] * torch.from_numpy(history.data)[:, None].to(vectors.device)
    return torch.zeros(history.shape[0], vectors.shape[1], device=vectors.device).index_add(
        0, _place(rows).to(vectors.device), parts
    )


def _place(rows: NDArray[Any]) -> Tensor:
    return torch.from_numpy(rows.astype(np.int64))
