"""Which k of n candidates: pure functions of arrays, each with its paper.

All take relevance [n] in [0, 1], vectors [n, d] of unit rows, k, and diversity (0 relevance only … 1 variety only), and give
the rows of the chosen, in the order they were chosen. `room` says which candidates the caps still allow; a slate is shorter
than k only when nothing more is allowed. Equal gains go to the more relevant item.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from assortment.core.arrays import Rows, Scores, Vectors
from assortment.core.errors import within
from assortment.diversify.caps import Room

JITTER = 1e-3


def by_relevance(relevance: Scores, k: int, room: Room | None = None) -> Rows:
    """The most relevant that the caps allow."""
    return _greedy(relevance, k, room, lambda: relevance, lambda _: None)


def mmr(relevance: Scores, vectors: Vectors, k: int, diversity: float, room: Room | None = None) -> Rows:
    """Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): relevance less the likeness to the nearest pick.

    Takes argmax (1 - diversity) r_i - diversity max_{j picked} cos(x_i, x_j), again and again; O(n k d). Looks only at the
    nearest pick; `dpp` weighs the slate as a whole.

    >>> twins = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    >>> mmr(np.array([1, 0.9, 0.5], np.float32), twins, k=2, diversity=0.5)
    array([0, 2])
    """
    within("diversity", diversity, 0, 1)
    less, more = np.float32(1 - diversity), np.float32(diversity)
    nearest = np.full(len(relevance), -np.inf, np.float32)

    def gain() -> Scores:
        penalty = np.where(np.isinf(nearest), np.float32(0), nearest)
        return less * relevance - more * penalty

    def took(row: int) -> None:
        np.maximum(nearest, vectors @ vectors[row], out=nearest)

    return _greedy(relevance, k, room, gain, took)


def dpp(relevance: Scores, vectors: Vectors, k: int, diversity: float, room: Room | None = None) -> Rows:
    """The greedy most probable set of a determinantal point process (Chen, Zhang and Zhou, NeurIPS 2018).

    Takes the item that adds most to (1 - diversity) sum r_i + diversity log det S, where S is the cosine matrix of the picks
    with `JITTER` added to its diagonal, so that twins cost much but never everything; incremental Cholesky, O(n k (k + d)).

    >>> twins = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    >>> dpp(np.array([1, 0.9, 0.5], np.float32), twins, k=3, diversity=0.5)
    array([0, 2, 1])
    """
    within("diversity", diversity, 0, 1)
    less, more = np.float32(1 - diversity), np.float32(diversity)
    n = len(relevance)
    cholesky = np.zeros((min(k, n), n), np.float32)
    volume = np.full(n, 1 + JITTER, np.float32)
    taken: list[int] = []

    def gain() -> Scores:
        return less * relevance + more * np.log(np.maximum(volume, np.float32(1e-12)))

    def took(row: int) -> None:
        done = cholesky[: len(taken)]
        column = (vectors @ vectors[row] - done[:, row] @ done) / np.sqrt(max(volume[row], 1e-12))
        cholesky[len(taken)] = column
        taken.append(row)
        np.subtract(volume, column * column, out=volume)

    return _greedy(relevance, k, room, gain, took)


def _greedy(relevance: Scores, k: int, room: Room | None, gain: Callable[[], Scores], took: Callable[[int], None]) -> Rows:
    """Take the open candidate with the highest gain, k times; equal gains go to the more relevant."""
    n = len(relevance)
    room = room if room is not None else Room.of(n, {}, {})
    order = np.argsort(-relevance, kind="stable")
    chosen: list[int] = []
    while len(chosen) < min(k, n) and room.open.any():
        gains = np.where(room.open, gain(), -np.inf)[order]
        row = int(order[gains.argmax()])
        chosen.append(row)
        room.take(row)
        took(row)
    return np.array(chosen, np.int64)


@dataclass(frozen=True)
class Mmr:
    """`mmr` as a setting."""

    def __call__(self, relevance: Scores, vectors: Vectors, k: int, diversity: float, room: Room) -> Rows:
        return mmr(relevance, vectors, k, diversity, room)


@dataclass(frozen=True)
class Dpp:
    """`dpp` as a setting."""

    def __call__(self, relevance: Scores, vectors: Vectors, k: int, diversity: float, room: Room) -> Rows:
        return dpp(relevance, vectors, k, diversity, room)
