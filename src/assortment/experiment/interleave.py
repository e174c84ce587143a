"""Team-draft interleaving: two rankers on one list, and the clicks say which is better, with far fewer people than two arms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from assortment.core.arrays import Items
from assortment.core.measure import Measure

NEITHER, FIRST, SECOND = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Drafted:
    """items [k] in the order shown; team [k]: `FIRST` or `SECOND` for the ranker whose pick it is, `NEITHER` in the beginning
    that both rank alike, which says nothing of either."""

    items: Items
    team: NDArray[np.int8]

    @property
    def contested(self) -> float:
        """The share of places that belong to a team: 0 the rankers are the same … 1 they differ from the top. Below 0.3 there
        is little to be learnt."""
        return float((self.team != NEITHER).mean()) if len(self.team) else 0.0


def draft(first: Items, second: Items, k: int, rng: np.random.Generator) -> Drafted:
    """Each round a coin says who picks first, and each picks their best that is not picked yet (Radlinski, Kurup and Joachims,
    CIKM 2008).

    first, second: item numbers, best first. For rankers before diversification: the merged list keeps neither's caps or
    variety, so apply the same re-ranker to it, and compare re-rankers by arms.

    >>> draft(np.array([1, 2, 3]), np.array([1, 3, 2]), 3, np.random.default_rng(0)).team.tolist() in ([0, 1, 2], [0, 2, 1])
    True
    """
    items, team = _alike(first, second, k)
    picked, lists, at = set(items), (first.tolist(), second.tolist()), [0, 0]
    while len(items) < k and any(place < len(ranked) for place, ranked in zip(at, lists, strict=True)):
        for turn in rng.permutation(2).tolist():
            while at[turn] < len(lists[turn]) and lists[turn][at[turn]] in picked:
                at[turn] += 1
            if at[turn] < len(lists[turn]) and len(items) < k:
                picked.add(lists[turn][at[turn]])
                items.append(lists[turn][at[turn]])
                team.append((FIRST, SECOND)[turn])
    return Drafted(np.array(items, np.int32), np.array(team, np.int8))


def _alike(first: Items, second: Items, k: int) -> tuple[list[int], list[int]]:
    """The beginning that both lists share."""
    n = min(len(first), len(second), k)
    differs = np.flatnonzero(first[:n] != second[:n])
    items = first[: differs[0] if len(differs) else n].tolist()
    return items, [NEITHER] * len(items)


@dataclass(frozen=True)
class Preference:
    """gain: (wins of the second - wins of the first) / both, -1 the first always wins … 1 the second does, over people, with
    the interval; p: of the sign test that neither is better; ties: people who clicked on both alike or on neither."""

    gain: Measure
    p: float
    ties: int


def preference(user: Sequence[str], clicks: Sequence[tuple[int, int]], alpha: float = 0.05) -> Preference:
    """Which of two rankers people prefer. user [s]: of each slate; clicks [s]: on picks of the first and of the second.

    Each person has one vote, so that nobody who clicks a lot decides for the others.

    >>> preference(["ann", "bob", "cid"], [(0, 2), (0, 1), (1, 1)]).gain.mean
    1.0
    """
    votes: dict[str, int] = {}
    for name, (one, other) in zip(user, clicks, strict=True):
        votes[name] = votes.get(name, 0) + other - one
    second, first = sum(vote > 0 for vote in votes.values()), sum(vote < 0 for vote in votes.values())
    n = first + second
    if not n:
        return Preference(Measure("gain", np.nan, -1.0, 1.0, 0), 1.0, len(votes))
    found = stats.binomtest(second, n)
    ends = found.proportion_ci(1 - alpha)
    gain = Measure("gain", (second - first) / n, 2 * float(ends.low) - 1, 2 * float(ends.high) - 1, n)
    return Preference(gain, float(found.pvalue), len(votes) - n)
