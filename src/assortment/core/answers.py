"""What a part thinks of the goods: a batch of requests is asked once, and the answers are read as often as needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import TIE, Items, Rows, Scores, best_first
from assortment.core.request import Request
from assortment.core.slate import Slate


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
        return [highest(row, int(depth)) for row, depth in zip(self.scores, self.depth, strict=True)]

    def of(self, rows: Rows, items: Items) -> Scores:
        return _cells(self.scores, rows, items)


@dataclass(frozen=True, eq=False)
class Sparsely:
    """Answers that hold the few scores that are not 0: scores [b, n], depth [b]. Found as in `Everywhere`."""

    scores: sparse.csr_matrix
    depth: NDArray[np.int64]

    def found(self) -> list[Items]:
        spans = pairwise(self.scores.indptr.tolist())
        return [self._highest(slice(*span), int(depth)) for span, depth in zip(spans, self.depth, strict=True)]

    def _highest(self, span: slice, depth: int) -> Items:
        return np.asarray(self.scores.indices[span][highest(self.scores.data[span], depth)], np.int32)

    def of(self, rows: Rows, items: Items) -> Scores:
        return _cells(self.scores.toarray(), rows, items)


def _cells(scores: Scores, rows: Rows, items: Items) -> Scores:
    """scores[rows, items], in a third of the time."""
    return scores.take(rows * scores.shape[1] + items)


def highest(scores: Scores, most: int) -> Items:
    """Where the `most` highest scores above 0 are, in any order; ties at the border as in `best_first`."""
    positive = scores > TIE
    count = np.count_nonzero(positive)
    if count <= most:
        return np.flatnonzero(positive).astype(np.int32)
    border = np.partition(scores, len(scores) - most)[len(scores) - most]
    near = np.flatnonzero(scores >= border - 10 * TIE * max(1.0, float(scores.max())))
    return (near[best_first(scores[near], most)] if len(near) > most else near).astype(np.int32)


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
