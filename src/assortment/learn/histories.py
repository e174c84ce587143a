"""The log as stories: what each person took to, in order, cut into pieces that a sequence model can learn from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Rows
from assortment.core.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Batch:
    """b pieces side by side, the shorter ones filled up with item 0: items [b, l], visits [b, l] the number of the visit that
    each belongs to, there [b, l] true where there is an item."""

    items: NDArray[np.int64]
    visits: NDArray[np.int64]
    there: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Histories:
    """Pieces end to end: items [m] in order of time, visits [m] their visits, which never decrease within a piece; bounds
    [pieces + 1] where each begins; newest [pieces] true for the last of a person."""

    items: Items
    visits: NDArray[np.int64]
    bounds: Rows
    newest: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @property
    def lengths(self) -> Rows:
        return np.diff(self.bounds)

    def batch(self, pieces: Rows, rng: np.random.Generator | None = None) -> Batch:
        """Some pieces as arrays. Goods of one visit stand in the order of the log, or, given a generator, in any: nobody knows
        which came first."""
        lengths = self.lengths[pieces]
        there = np.arange(lengths.max(initial=0)) < lengths[:, None]
        rows = (self.bounds[pieces][:, None] + np.arange(there.shape[1]))[there]
        piece = np.nonzero(there)[0]
        if rng is not None:
            rows = rows[np.lexsort((rng.random(len(rows)), self.visits[rows], piece))]
        items, visits = np.zeros(there.shape, np.int64), np.zeros(there.shape, np.int64)
        items[there], visits[there] = self.items[rows], self.visits[rows]
        return Batch(items, visits, there)

    def batches(self, most: int, rng: np.random.Generator) -> list[Rows]:
        """Every piece once, in batches of like length, each of at most so many items or of one piece, in any order. How many
        batches there are does not depend on the draw."""
        lengths = self.lengths
        order = np.lexsort((rng.random(len(lengths)), lengths))
        batches, start = [], 0
        for end in range(1, len(order) + 1):
            if end == len(order) or (end + 1 - start) * lengths[order[end]] > most:
                batches.append(order[start:end])
                start = end
        return [batches[number] for number in rng.permutation(len(batches))]

    def held_back(self, share: float, most: int, rng: np.random.Generator) -> "tuple[Histories, Histories]":
        """Two of them: all pieces, of which some have lost their last item, and those, whole, to see whether it is foretold.

        share: of the people with three goods or more, 0 … 1, one at least and `most` at most. Where nobody has so many, nothing
        is held back, and what is foretold was seen.
        """
        fit = np.flatnonzero(self.newest & (self.lengths > 2))
        if not len(fit):
            return self, self
        chosen = np.sort(rng.choice(fit, min(most, max(1, int(share * len(fit)))), replace=False))
        left = np.ones(len(self.items), bool)
        left[self.bounds[chosen + 1] - 1] = False
        told = Histories(self.items[left], self.visits[left], np.append(0, np.cumsum(left))[self.bounds], self.newest)
        return told, self._of(chosen)

    def _of(self, pieces: Rows) -> "Histories":
        rows = np.concatenate([np.arange(self.bounds[piece], self.bounds[piece + 1]) for piece in pieces])
        return Histories(
            self.items[rows], self.visits[rows], np.append(0, np.cumsum(self.lengths[pieces])), self.newest[pieces]
        )


def histories(dataset: Dataset, length: int) -> Histories:
    """What each person liked, an item once, at its last moment, as in the profile; a story of more than `length` + 1 goods is
    cut into pieces, the newest whole, each beginning with the last item of the one before. One item alone tells no story."""
    liked = dataset.events.liked()
    pair = liked.user.astype(np.int64) * len(dataset.catalog) + liked.item
    latest = len(liked) - 1 - np.unique(pair[::-1], return_index=True)[1]
    rows = latest[np.lexsort((latest, liked.user[latest]))]
    user, time = liked.user[rows], liked.time[rows]
    visits = np.cumsum((np.diff(user, prepend=-1) != 0) | (np.diff(time, prepend=-1) != 0))
    starts = np.flatnonzero(np.diff(user, prepend=-1) != 0)
    ends = np.append(starts, len(rows))[1:]
    spans = [_cut(int(start), int(end), length) for start, end in zip(starts, ends, strict=True)]
    pieces = np.array([span for of_one in spans for span in of_one], np.int64).reshape(-1, 2)
    newest = np.array([place == 0 for of_one in spans for place in range(len(of_one))], bool)
    inside = np.concatenate([np.empty(0, np.int64), *(np.arange(*piece) for piece in pieces)])
    bounds = np.append(0, np.cumsum(pieces[:, 1] - pieces[:, 0]))
    return Histories(liked.item[rows][inside], visits[inside], bounds, newest)


def _cut(start: int, end: int, length: int) -> list[tuple[int, int]]:
    """Spans of at most `length` + 1, from the end, each but the first ending where the one before begins.

    >>> _cut(10, 16, 2)
    [(13, 16), (11, 14), (10, 12)]
    """
    spans = []
    while end - start > 1:
        spans.append((max(start, end - length - 1), end))
        end -= length
    return spans
