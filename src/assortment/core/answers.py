"""What a part thinks of the goods: a batch of requests is asked once, and the answers are read as often as needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core import _passes
from assortment.core.arrays import Items, Rows, Scores
from assortment.core.request import Request
from assortment.core.slate import Slate

Parts: TypeAlias = tuple[Items, Items, Scores]


class Answers(Protocol):
    """The opinion of one part on all the goods, for each of b requests."""

    def found(self) -> list[Items]:
        """For each request the goods it found, in any order; none where it has nothing to say."""
        ...

    def of(self, rows: Rows, items: Items) -> Scores:
        """Its scores of given pairs: `rows` [m] says which request, `items` [m] which item; 0 where it has nothing to say."""
        ...


@runtime_checkable
class Retriever(Protocol):
    """A stage that can be asked before it is told which goods to score."""

    def ask(self, requests: Sequence[Request]) -> Answers: ...


@dataclass(frozen=True, eq=False)
class Everywhere:
    """Answers that hold the score of every item: scores [b, n], depth [b] the most items found per request.

    An item is found where its score is above 0 and among the `depth` highest of its row.
    """

    scores: Scores
    depth: NDArray[np.int64]

    def found(self) -> list[Items]:
        return highest(self.scores, self.depth)

    def of(self, rows: Rows, items: Items) -> Scores:
        return _cells(self.scores, rows, items)


@dataclass(frozen=True, eq=False)
class Added:
    """Answers that hold the score of every item, and what was found on the way."""

    scores: Scores
    items: list[Items]

    def found(self) -> list[Items]:
        return self.items

    def of(self, rows: Rows, items: Items) -> Scores:
        return _cells(self.scores, rows, items)


def added(asked: Parts, between: sparse.csr_matrix, depth: NDArray[np.int64]) -> Added:
    """The sums of the rows of `between` [m, n] that each request asks for, by its weights [b, m]; found as in `Everywhere`,
    depth [b]."""
    scores = np.zeros((len(depth), between.shape[1]), np.float32)
    found = _Found.room(scores, depth)
    _passes.sums(*asked, *parts(between), depth, scores, found.items, found.counts)
    return Added(scores, found.lists())


def parts(matrix: sparse.csr_matrix) -> Parts:
    """The bounds of the rows of a sparse matrix, its columns and its values."""
    bounds, columns = (np.ascontiguousarray(array, np.int32) for array in (matrix.indptr, matrix.indices))
    return bounds, columns, np.ascontiguousarray(matrix.data, np.float32)


def _cells(scores: Scores, rows: Rows, items: Items) -> Scores:
    """scores[rows, items], in a third of the time."""
    return scores.take(rows * scores.shape[1] + items)


def highest(scores: Scores, depth: NDArray[np.int64]) -> list[Items]:
    """Of each row of scores [b, n] where the `depth` [b] highest above 0 are, in any order; ties at the border as in
    `best_first`."""
    found = _Found.room(scores, depth)
    _passes.highest(np.ascontiguousarray(scores, np.float32), depth, found.items, found.counts)
    return found.lists()


class _Found(NamedTuple):
    """Lists end to end, and how long each is."""

    items: Items
    counts: NDArray[np.int64]

    @staticmethod
    def room(scores: Scores, depth: NDArray[np.int64]) -> "_Found":
        """Room for so many of each row."""
        return _Found(np.empty(np.minimum(depth, scores.shape[1]).sum(), np.int32), np.empty(len(depth), np.int64))

    def lists(self) -> list[Items]:
        ends = self.counts.cumsum().tolist()
        return [self.items[start:end] for start, end in pairwise([0, *ends])]


def slates(answers: Answers, given: Sequence[Slate]) -> list[Slate]:
    """The slates of one part alone: what it found where a slate is empty, else the given items, by its own scores."""
    found = answers.found() if any(not len(slate) for slate in given) else []
    filled = [slate if len(slate) else _unscored(found[row]) for row, slate in enumerate(given)]
    rows, items, bounds = flat([slate.items for slate in filled])
    scores = np.split(answers.of(rows, items), bounds[1:-1])
    return [slate.scored(row) for slate, row in zip(filled, scores, strict=True)]


def flat(lists: Sequence[Items]) -> tuple[Rows, Items, Rows]:
    """Lists end to end: the row of each entry, the entries, and where each list begins (one more for the end)."""
    bounds = np.concatenate([[0], np.cumsum([len(items) for items in lists])]).astype(np.int64)
    rows = np.repeat(np.arange(len(lists)), np.diff(bounds))
    return rows, np.concatenate([np.empty(0, np.int32), *lists]).astype(np.int32), bounds


def _unscored(items: Items) -> Slate:
    return Slate(items, np.zeros(len(items), np.float32))
