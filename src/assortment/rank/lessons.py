"""What a ranker learns from: slates as they would have been, and what people took to afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from assortment.core.arrays import Items, Rows, Scores
from assortment.core.dataset import Dataset
from assortment.core.progress import tell
from assortment.core.slate import Slate
from assortment.core.stage import Stage
from assortment.rank.cases import Case
from assortment.rank.features import SAID, Features, features
from assortment.rank.odds import SIGNS, signs

BATCH = 256
PLACES = 10
GOLDEN = np.uint32(2_654_435_769)
"""2^32 over the golden ratio."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """The heads of the slates of p people, end to end: m items.

    table [m, features]; signs [m, 8] what the odds go by; taken [m] later; sums [m] the scores before; bounds [p + 1] where
    each slate begins; wanted [p] how many goods each took to, in the slate or not; person [p] their numbers in the log; asked:
    how many people were asked, also those for whom nothing was proposed.
    """

    features: Features
    table: NDArray[np.float32]
    signs: NDArray[np.float64]
    taken: NDArray[np.bool_]
    sums: Scores
    bounds: Rows
    wanted: NDArray[np.int64]
    person: Items
    asked: int

    def __len__(self) -> int:
        return len(self.wanted)

    @property
    def rows(self) -> Rows:
        """Whose slate each item is in."""
        return np.repeat(np.arange(len(self)), np.diff(self.bounds))

    @property
    def found(self) -> int:
        """How many people took to something that their slate held."""
        return len(np.unique(self.rows[self.taken]))

    def half(self, odd: bool) -> NDArray[np.bool_]:
        """The items [m] of one half of the people; a person is in the same half in all lessons of a log, and neighbours in the
        log are not (multiplicative hashing, Knuth, The Art of Computer Programming 3, 6.4)."""
        return (self.person.astype(np.uint32) * GOLDEN >> 31 == odd)[self.rows]

    def ndcg(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        """NDCG@10 of each slate, were it in the order of `scores` [m]."""
        order = np.lexsort((-scores, self.rows))
        place = np.arange(len(order)) - self.bounds[:-1][self.rows]
        gains = np.where(self.taken[order] & (place < PLACES), 1 / np.log2(place + 2), 0)
        best = np.cumsum(1 / np.log2(np.arange(PLACES) + 2))
        return np.bincount(self.rows, gains, len(self)) / best[np.minimum(self.wanted, PLACES) - 1]

    def usual(self, odds: NDArray[np.float64]) -> float:
        """The chance of the best item of a slate by log odds [m]: that of half the slates is lower."""
        return float(expit(np.median(np.maximum.reduceat(odds, self.bounds[:-1]))))


def gathered(
    stage: Stage, earlier: Dataset, cases: Sequence[Case], most: int, touched: NDArray[np.bool_] | None = None
) -> Lessons:
    """Ask the stages fitted on the earlier log about each case; the first `most` items of each slate are kept.

    touched [n]: goods that somebody touched at any time; the others are left out of the slates, for nobody could take them:
    they may be as new as the next that arrives.
    """
    kept: list[tuple[Case, Slate]] = []
    for start in range(0, len(cases), BATCH):
        batch = cases[start : start + BATCH]
        slates = stage([case.request for case in batch], [Slate()] * len(batch))
        known = slates if touched is None else [slate.take(np.flatnonzero(touched[slate.items])) for slate in slates]
        heads = [slate.take(np.arange(min(len(slate), most))) for slate in known]
        kept += [pair for pair in zip(batch, heads, strict=True) if len(pair[1])]
        tell("asking", start + len(batch), len(cases))
    said = [name for name in (kept[0][1].notes if kept else ()) if name.startswith(SAID)]
    known = features(earlier, said)
    pieces = [_told(known, kept[start : start + BATCH], most) for start in range(0, len(kept), BATCH)]
    return Lessons(
        known,
        np.concatenate([np.empty((0, len(known.names)), np.float32), *(table for table, _ in pieces)]),
        np.concatenate([np.empty((0, SIGNS)), *(signs for _, signs in pieces)]),
        np.concatenate([np.empty(0, bool), *(np.isin(head.items, case.later) for case, head in kept)]),
        np.concatenate([np.empty(0, np.float32), *(head.scores for _, head in kept)]),
        np.cumsum([0, *(len(head) for _, head in kept)]),
        np.array([len(case.later) for case, _ in kept], np.int64),
        earlier.events.people.numbers(str(case.request.user) for case, _ in kept),
        len(cases),
    )


def _told(known: Features, kept: Sequence[tuple[Case, Slate]], most: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    requests, heads = [case.request for case, _ in kept], [head for _, head in kept]
    return known.table(requests, heads, most), signs(requests, heads, most)
