"""What is remembered of people's visits: what they took, lately and for long, and what that says of them; nothing else."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from assortment.rl import belief
from assortment.rl.belief import Floats, Look

SLOW, FAST, LONG = 0.8, 0.5, 0.97
"""What is left of a count after one more visit: of a month's habit, of this week's, and of what is learnt of a person."""

DOUBT = 2.0
"""Goods that the ranker's own word weighs beside what was seen of a person and a kind."""

TRAITS = ("quick", "steady", "alike", "visits")
"""What is kept of the person as a whole: the share of the slate taken, by the fast and the slow count; how alike the goods of
the last slate were; and visits."""


@dataclass(frozen=True, eq=False)
class Memory:
    """Of p people and a kinds of goods, the last column standing for goods of no kind, of which nothing is kept.

    lately [p, a + 1]: goods of each kind taken, by the slow count; taken, expected [p, a + 1]: the same for long, and how many
    were to be expected from somebody like this without a taste of their own; belief [p, 72]: what is believed of their
    constants; traits [p, 4]: `TRAITS`.
    """

    lately: Floats
    taken: Floats
    expected: Floats
    belief: Floats
    traits: Floats

    @staticmethod
    def blank(people: int, kinds: int) -> "Memory":
        """Of people of whom nothing is known."""
        lately, taken, expected = (np.zeros((people, kinds + 1), np.float32) for _ in range(3))
        return Memory(lately, taken, expected, belief.first(people), np.zeros((people, len(TRAITS)), np.float32))

    def __len__(self) -> int:
        return len(self.lately)

    def after(self, kind: NDArray[np.int32], went: NDArray[np.bool_], alike: Floats, odds: Floats) -> "Memory":
        """The memory after one more visit of everybody. kind [p, k] of the goods shown, the number of kinds where none, and -1
        at an empty place; went [p, k]: which were taken; alike [p]: the mean likeness of each to its nearest above; odds
        [p, k]: the ranker's log odds of each beside the best candidate."""
        there = kind >= 0
        went = went & there
        tired = np.take_along_axis(self.lately, np.maximum(kind, 0), 1)
        above = number_above(np.where(kind == self.none, -2 - np.arange(kind.shape[1]), kind))
        taste = np.take_along_axis(self.rates(), np.maximum(kind, 0), 1)
        constants = belief.constants(self.belief)[0]
        expected = Look(odds, tired, above, there).expected(constants)
        return Memory(
            self.lately * SLOW + self._by_kind(kind, went, there),
            self.taken * LONG + self._by_kind(kind, went, there),
            self.expected * LONG + self._by_kind(kind, expected, there),
            belief.after(self.belief, Look(odds + taste, tired, above, there), went),
            self._traits(went, there, alike),
        )

    @property
    def none(self) -> int:
        """The number of no kind."""
        return self.lately.shape[1] - 1

    def _by_kind(self, kind: NDArray[np.int32], amount: NDArray[np.generic], there: NDArray[np.bool_]) -> Floats:
        """The sum of amounts [p, k] by kind [p, a + 1], none in the last column."""
        shape = self.lately.shape
        cell = (np.arange(len(self))[:, None] * shape[1] + kind)[there]
        sums = np.bincount(cell, amount[there], minlength=self.lately.size).reshape(shape).astype(np.float32)
        sums[:, -1] = 0
        return sums

    def _traits(self, went: NDArray[np.bool_], there: NDArray[np.bool_], alike: Floats) -> Floats:
        share = went.sum(1) / np.maximum(there.sum(1), 1)
        quick, steady, _, visits = self.traits.T
        now = (quick * FAST + share * (1 - FAST), steady * SLOW + share * (1 - SLOW), alike, visits + 1)
        return np.stack(now, 1).astype(np.float32)

    def take(self, rows: NDArray[np.int64]) -> "Memory":
        """Of some of the people."""
        return Memory(*(getattr(self, field.name)[rows] for field in fields(self)))

    def without(self, rows: NDArray[np.int64]) -> "Memory":
        """With nothing known of some of the people."""
        new = Memory.blank(len(rows), self.none)
        kept = []
        for field in fields(self):
            column = getattr(self, field.name).copy()
            column[rows] = getattr(new, field.name)
            kept.append(column)
        return Memory(*kept)

    def rates(self) -> Floats:
        """The logarithm of how much more of each kind was taken than was to be expected [p, a + 1]: 0 where none was shown."""
        return np.log((self.taken + DOUBT) / (self.expected + DOUBT))


def number_above(kind: NDArray[np.integer]) -> Floats:
    """How many of the same kind stand above [p, k].

    >>> number_above(np.array([[7, 7, 3, 7]])).tolist()
    [[0.0, 1.0, 0.0, 2.0]]
    """
    same = kind[:, :, None] == kind[:, None, :]
    return np.tril(same, -1).sum(2).astype(np.float32)
