"""A slate chosen place by place, by relevance, by what is believed of the person, and by what stands above."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.rl.belief import constants
from assortment.rl.memory import Floats, Memory

WEIGHTS = ("tired", "rate", "alike", "again")
"""What is weighed beside relevance, in this order: that its kind was taken lately counts against an item as far as this tires
the person, so do its likeness to the nearest pick, and every pick of its kind as far as the person minds; that its kind is
taken more often than was to be expected counts for it."""

TIRED, RATE, ALIKE, AGAIN = range(len(WEIGHTS))
OUT = np.float32(-1e9)
"""The score of what may not be shown."""


@dataclass(frozen=True, eq=False)
class Offer:
    """What p people may be shown now, n candidates each, the most relevant first as a rule.

    relevance [p, n]: 0 the least … 1 the most relevant; odds [p, n]: log odds that it is taken, less those of the best; kind
    [p, n], the number of kinds where an item has none; alike [q, n, n]: cosines of the candidates of q lists; whose [p]:
    which of the lists each person has; there [p, n]: whether it may be shown.
    """

    relevance: Floats
    odds: Floats
    kind: NDArray[np.int32]
    alike: NDArray[np.floating]
    whose: NDArray[np.int64]
    there: NDArray[np.bool_]

    def likeness(self, rows: NDArray[np.int64]) -> Floats:
        """Of each candidate to one of them, rows [p]: [p, n]."""
        return self.alike[self.whose, rows].astype(np.float32)


def arrange(offer: Offer, memory: Memory, weights: Floats, k: int) -> NDArray[np.int64]:
    """The rows [p, k] of the candidates, best first; -1 where none is left.

    o_i - w_1 t lately_c + w_2 rate_c - w_3 max_{j picked} cos(x_i, x_j) - w_4 m n_c(picked), c the kind of i, t how soon a
    kind is believed to tire the person and m how much they are believed to mind more of the same, is made as large as may be,
    again and again. weights [p, 4]: `WEIGHTS`. Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998) is the case
    of w_3 alone.
    """
    _, tires, minds = constants(memory.belief)[0].T
    worth = weights[:, RATE, None] * memory.rates() - (weights[:, TIRED] * tires)[:, None] * memory.lately
    score = (offer.odds + np.take_along_axis(worth, offer.kind, 1)).astype(np.float32)
    return pick(offer, score, weights[:, ALIKE], weights[:, AGAIN] * minds, memory.none, k)


def pick(offer: Offer, score: Floats, alike: Floats, again: Floats, none: int, k: int) -> NDArray[np.int64]:
    """Rows [p, k] by the score of each candidate less what the picks above take from it; none: the number of no kind."""
    people = np.arange(len(score))
    score = np.where(offer.there, score, OUT)
    left, rows = offer.there.copy(), np.full((len(score), k), -1, np.int64)
    nearest = np.full(score.shape, -1, np.float32)
    pressed = np.zeros(score.shape, np.float32)
    for place in range(min(k, score.shape[1])):
        best = np.argmax(np.where(left, score - pressed - (alike[:, None] * np.maximum(nearest, 0)), OUT), 1)
        rows[:, place] = np.where(left[people, best], best, -1)
        left[people, best] = False
        np.maximum(nearest, offer.likeness(best), out=nearest)
        kind = offer.kind[people, best]
        pressed += again[:, None] * ((offer.kind == kind[:, None]) & (kind != none)[:, None])
    return rows


def nearest_above(offer: Offer, rows: NDArray[np.int64]) -> Floats:
    """How alike each item of a slate, rows [p, k], is to its nearest above [p, k]: 0 at the first place and at empty ones."""
    alike = np.zeros(rows.shape, np.float32)
    people, filled = np.arange(len(rows)), np.maximum(rows, 0)
    for place in range(1, rows.shape[1]):
        to = offer.alike[offer.whose[:, None], filled[:, place : place + 1], filled[:, :place]]
        alike[:, place] = np.where(rows[people, place] >= 0, np.maximum(to.max(1), 0), 0)
    return alike
