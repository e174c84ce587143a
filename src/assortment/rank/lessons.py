"""What a ranker learns from: slates as they would have been, and what people took to afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Rows, Scores
from assortment.core.dataset import Dataset
from assortment.core.progress import tell
from assortment.core.slate import Slate
from assortment.core.stage import Stage
from assortment.rank.cases import Case
from assortment.rank.features import SAID, Features, features

BATCH = 256
PLACES = 10


@dataclass(frozen=True, eq=False)
class Lessons:
    """The slates of p people that hold something they took to later, end to end: m items.

    table [m, features]; taken [m]; sums [m] the scores before; bounds [p + 1] where each slate begins; wanted [p] how many
    goods each took to, in the slate or not.
    """

    features: Features
    table: NDArray[np.float32]
    taken: NDArray[np.bool_]
    sums: Scores
    bounds: Rows
    wanted: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.wanted)

    @property
    def rows(self) -> Rows:
        """Whose slate each item is in."""
        return np.repeat(np.arange(len(self)), np.diff(self.bounds))

    def of(self, people: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The items [m] in the slates of the people marked [p]."""
        return people[self.rows]

    def ndcg(self, scores: Scores) -> NDArray[np.float64]:
        """NDCG@10 of each slate, were it in the order of `scores` [m]."""
        order = np.lexsort((-scores, self.rows))
        place = np.arange(len(order)) - self.bounds[:-1][self.rows]
        gains = np.where(self.taken[order] & (place < PLACES), 1 / np.log2(place + 2), 0)
        best = np.cumsum(1 / np.log2(np.arange(PLACES) + 2))
        return np.bincount(self.rows, gains, len(self)) / best[np.minimum(self.wanted, PLACES) - 1]


def gathered(stage: Stage, earlier: Dataset, cases: Sequence[Case], most: int) -> Lessons:
    """Ask the stages fitted on the earlier log about each case; the first `most` items of each slate are kept, and only the
    slates that hold something to learn."""
    kept: list[tuple[Case, Slate, NDArray[np.bool_]]] = []
    for start in range(0, len(cases), BATCH):
        batch = cases[start : start + BATCH]
        slates = stage([case.request for case in batch], [Slate()] * len(batch))
        for case, slate in zip(batch, slates, strict=True):
            head = slate.take(np.arange(min(len(slate), most)))
            taken = np.isin(head.items, case.later)
            if taken.any():
                kept.append((case, head, taken))
        tell("asking", start + len(batch), len(cases))
    said = [name for name in (kept[0][1].notes if kept else ()) if name.startswith(SAID)]
    known = features(earlier, said)
    tables = [_table(known, kept[start : start + BATCH]) for start in range(0, len(kept), BATCH)]
    return Lessons(
        known,
        np.concatenate([np.empty((0, len(known.names)), np.float32), *tables]),
        np.concatenate([np.empty(0, bool), *(taken for _, _, taken in kept)]),
        np.concatenate([np.empty(0, np.float32), *(head.scores for _, head, _ in kept)]),
        np.cumsum([0, *(len(head) for _, head, _ in kept)]),
        np.array([len(case.later) for case, _, _ in kept], np.int64),
    )


def _table(known: Features, kept: Sequence[tuple[Case, Slate, NDArray[np.bool_]]]) -> NDArray[np.float32]:
    heads = [head for _, head, _ in kept]
    return known.table([case.request for case, _, _ in kept], heads, max(len(head) for head in heads))
