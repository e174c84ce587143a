"""Whether what a person takes has changed: the mix of late beside that of early, and beside what chance alone would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Rows, Times

Weights: TypeAlias = NDArray[np.float64]

VISIT = 30 * 60_000
"""Deeds less than half an hour apart are of one visit: what one does in it hangs together, and proves no change by itself."""

LATEST = 200
"""How many visits are looked at, the latest."""

SHUFFLES = 199
SURE = 0.05
"""A change that chance would bring to fewer people than this share is called real."""


@dataclass(frozen=True)
class Drift:
    """How the mix of the later half of a history differs from that of the earlier half.

    amount: 0 the same mix … 1 nothing in common, the total variation distance; usual: what it would be on average if the same
    visits had come in another order; chance: the probability of so much by that alone, above 0 … 1. towards, away: the label
    that gained most and the one that lost most, None where nothing did.
    """

    amount: float
    usual: float
    chance: float
    towards: str | None
    away: str | None

    @property
    def real(self) -> bool:
        """Whether it is more than chance: `chance` at most `SURE`."""
        return self.chance <= SURE


def drift(mass: Weights, visits: Rows, names: Sequence[str]) -> Drift | None:
    """The drift of a history [m, labels]: what each take weighs on each label, in order of time; visits [m]: of which visit
    each is, never decreasing; names: of the labels. None where there is but one visit, or nothing has a label.

    Shuffling whole visits says what chance does (a permutation test; Fisher, 1935): takes of one visit are alike, and shuffled
    one by one they would make almost everybody drift. The smallest chance that can come out is 1 / (1 + `SHUFFLES`); with five
    visits or fewer there are too few orders for any drift to be called real.

    >>> tea, toys = [1.0, 0.0], [0.0, 1.0]
    >>> changed = drift(np.array([tea] * 6 + [toys] * 6), np.arange(12), ["tea", "toys"])
    >>> changed.amount, changed.real, changed.towards, changed.away
    (1.0, True, 'toys', 'tea')
    >>> drift(np.array([tea] * 6 + [toys] * 6), np.repeat([0, 1], 6), ["tea", "toys"]).real
    False
    """
    each = _by_visit(mass, visits)[-LATEST:]
    if len(each) < 2:
        return None
    rng = np.random.default_rng(len(each))
    orders = np.array([np.arange(len(each)), *(rng.permutation(len(each)) for _ in range(SHUFFLES))])
    early, late = _halves(each[orders])
    amount, *shuffled = np.abs(late - early).sum(1) / 2
    change = late[0] - early[0]
    most, least = int(change.argmax()), int(change.argmin())
    return Drift(
        amount=float(amount),
        usual=float(np.mean(shuffled)),
        chance=float(1 + np.sum(np.array(shuffled) >= amount - 1e-9)) / (1 + SHUFFLES),
        towards=names[most] if change[most] > 1e-9 else None,
        away=names[least] if change[least] < -1e-9 else None,
    )


def halves(mass: Weights, visits: Rows) -> tuple[Weights, Weights]:
    """The share of each label [labels] in the earlier half of a history and in the later, as `drift` compares them; the same
    for both where there is but one visit."""
    each = _by_visit(mass, visits)[-LATEST:]
    if len(each) < 2:
        share = each.sum(0) / max(each.sum(), 1e-12)
        return share, share
    early, late = _halves(each[None])
    return early[0], late[0]


def visits_of(times: Times) -> Rows:
    """The number of the visit of each deed, from 0, by their times, which never decrease.

    >>> visits_of(np.array([0, 60_000, 9_000_000]))
    array([0, 0, 1])
    """
    return np.cumsum(np.diff(times, prepend=times[:1]) >= VISIT, dtype=np.int64)


def _by_visit(mass: Weights, visits: Rows) -> Weights:
    """[visits, labels] what the takes of each visit weigh; visits that weigh nothing are left out."""
    if not len(mass):
        return mass
    each = np.add.reduceat(mass, np.flatnonzero(np.diff(visits, prepend=-1)), axis=0)
    return each[each.sum(1) > 0]


def _halves(each: Weights) -> tuple[Weights, Weights]:
    """[s, labels] the mix of the earlier and of the later half of s orders of visits [s, visits, labels]. An order is cut
    between the two visits where the weights on either side are nearest to each other."""
    up_to = each.sum(2).cumsum(1)
    whole = up_to[:, -1]
    cut = np.abs(up_to[:, :-1] - whole[:, None] / 2).argmin(1)
    rows = np.arange(len(each))
    early, before = each.cumsum(1)[rows, cut], up_to[rows, cut]
    return early / before[:, None], (each.sum(1) - early) / (whole - before)[:, None]
