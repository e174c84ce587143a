"""What is remembered of people's visits: how often each kind of thing was shown and taken lately. It can all be observed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

SLOW, FAST, LONG = 0.8, 0.5, 0.97
"""What is left of a count after one more visit: of a month's habit, of this week's, and of what is learnt of a person."""

DOUBT = 4.0
"""Showings that the usual share of goods taken weighs beside those of one kind."""

TRAITS = (
    "quick",
    "steady",
    "alike",
    "visits",
    "fresh taken",
    "fresh shown",
    "tired taken",
    "tired shown",
    "again taken",
    "again shown",
)
"""What is kept of the person as a whole: the share of the slate taken, by the fast and the slow count; how alike the goods of
the last slate were; visits; and goods taken and shown that were of a kind not taken lately, of one taken lately, and of a kind
that stood above on the same slate."""


@dataclass(frozen=True, eq=False)
class Memory:
    """Of p people and a kinds of goods, the last column standing for goods of no kind, of which nothing is kept.

    slow, fast, seen [p, a + 1]: goods of each kind taken, by the slow and the fast count, and shown, by the slow one; taken,
    shown [p, a + 1]: the same, for long; traits [p, 10]: `TRAITS`.
    """

    slow: Floats
    fast: Floats
    seen: Floats
    taken: Floats
    shown: Floats
    traits: Floats

    @staticmethod
    def blank(people: int, kinds: int) -> "Memory":
        """Of people of whom nothing is known."""
        slow, fast, seen, taken, shown = (np.zeros((people, kinds + 1), np.float32) for _ in range(5))
        return Memory(slow, fast, seen, taken, shown, np.zeros((people, len(TRAITS)), np.float32))

    def __len__(self) -> int:
        return len(self.slow)

    def after(self, kind: NDArray[np.int32], went: NDArray[np.bool_], alike: Floats) -> "Memory":
        """The memory after one more visit of everybody. kind [p, k] of the goods shown, the number of kinds where none, and -1
        at an empty place; went [p, k]: which were taken; alike [p]: the mean likeness of each to its nearest above."""
        there = kind >= 0
        size = self.slow.shape[1]
        cell = (np.arange(len(self))[:, None] * size + kind)[there]
        shown = np.bincount(cell, minlength=self.slow.size).reshape(self.slow.shape).astype(np.float32)
        taken = np.bincount(cell, went[there], minlength=self.slow.size).reshape(self.slow.shape).astype(np.float32)
        shown[:, -1] = taken[:, -1] = 0
        return Memory(
            self.slow * SLOW + taken,
            self.fast * FAST + taken,
            self.seen * SLOW + shown,
            self.taken * LONG + taken,
            self.shown * LONG + shown,
            self._traits(kind, went & there, there, alike),
        )

    def _traits(self, kind: NDArray[np.int32], went: NDArray[np.bool_], there: NDArray[np.bool_], alike: Floats) -> Floats:
        share = went.sum(1) / np.maximum(there.sum(1), 1)
        tired = np.take_along_axis(self.fast, np.maximum(kind, 0), 1) > 0.4
        again = stood_above(kind)
        quick, steady = self.traits[:, 0], self.traits[:, 1]
        counts = [
            column
            for rows in (there & ~tired & ~again, there & tired & ~again, there & again)
            for column in ((went & rows).sum(1), rows.sum(1))
        ]
        learnt = self.traits[:, 4:] * LONG + np.stack(counts, 1)
        now = (quick * FAST + share * (1 - FAST), steady * SLOW + share * (1 - SLOW), alike, self.traits[:, 3] + 1)
        return np.concatenate([np.stack(now, 1), learnt], 1).astype(np.float32)

    def take(self, rows: NDArray[np.int64]) -> "Memory":
        """Of some of the people."""
        return Memory(*(getattr(self, name)[rows] for name in ("slow", "fast", "seen", "taken", "shown", "traits")))

    def without(self, rows: NDArray[np.int64]) -> "Memory":
        """With nothing known of some of the people."""
        kept = np.ones((len(self), 1), np.float32)
        kept[rows] = 0
        return Memory(*(getattr(self, name) * kept for name in ("slow", "fast", "seen", "taken", "shown", "traits")))

    def rates(self) -> Floats:
        """How much more of each kind was taken, when shown, than of all goods [p, a + 1]: 0 where it was never shown."""
        taken, shown = self.taken.sum(1, keepdims=True), self.shown.sum(1, keepdims=True)
        usual = (taken + 0.1 * DOUBT) / (shown + DOUBT)
        return (self.taken + usual * DOUBT) / (self.shown + DOUBT) - usual


def stood_above(kind: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether goods of the same kind, and of any, stand above on the slate [p, k]; of the last kind's number, none, it is not
    known which it is, and callers that mind give it another number a place."""
    again = np.zeros(kind.shape, bool)
    for place in range(1, kind.shape[1]):
        again[:, place] = (kind[:, :place] == kind[:, place : place + 1]).any(1) & (kind[:, place] >= 0)
    return again
