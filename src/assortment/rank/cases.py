"""Who did what later: the questions and answers that a ranker learns from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Rows
from assortment.core.dataset import Dataset
from assortment.core.events import KINDS, REFUSING, Events
from assortment.core.profile import fold
from assortment.core.request import Request


@dataclass(frozen=True, eq=False)
class Case:
    """What a person would have asked, and the goods they took to afterwards (sorted item numbers)."""

    request: Request
    later: Items


def held_back(dataset: Dataset, share: float) -> tuple[Dataset, Events]:
    """The log before its last `share` (0 … 1, of what people liked), and what they liked from then on."""
    liked = dataset.events.liked()
    if not len(liked):
        return dataset, liked
    cut = int(liked.time[min(len(liked) - 1, int(len(liked) * (1 - share)))])
    return dataset.before(cut), liked.since(cut)


def last_of_each(dataset: Dataset) -> tuple[Dataset, Events]:
    """The log without the last thing that each person liked, and those last things; who liked one thing only keeps it."""
    events = dataset.events
    liked = np.flatnonzero(~np.isin(events.kind, [KINDS.index(kind) for kind in REFUSING]))
    people, newest = np.unique(events.user[liked][::-1], return_index=True)
    last = liked[len(liked) - 1 - newest]
    several = np.diff(dataset.matrix().indptr)[people] > 1
    back = np.sort(last[several])
    earlier = events.take(np.setdiff1d(np.arange(len(events)), back))
    return Dataset(dataset.catalog, earlier), events.take(back)


def hidden(earlier: Dataset, share: float, rng: np.random.Generator) -> Dataset:
    """The log without any event of a share (0 … 1) of the goods that it holds, drawn at random."""
    touched = np.unique(earlier.events.item)
    drawn = rng.choice(touched, int(share * len(touched)), replace=False)
    return Dataset(earlier.catalog, earlier.events.take(np.flatnonzero(~np.isin(earlier.events.item, drawn))))


def cases(earlier: Dataset, later: Events, people: int, rng: np.random.Generator) -> list[Case]:
    """One case for each of at most `people` persons known before who liked something later, as things stood at the end of the
    earlier log."""
    known = np.intersect1d(later.user, earlier.events.user)
    if len(known) > people:
        known = np.sort(rng.choice(known, people, replace=False))
    profiles = fold(earlier.events.take(np.flatnonzero(np.isin(earlier.events.user, known))))
    rows = np.flatnonzero(np.isin(later.user, known))
    order = rows[np.argsort(later.user[rows], kind="stable")]
    pieces = _pieces(later.item[order], later.user[order])
    names = [later.people.names[person] for person in known]
    return [
        Case(Request(user=name, time=earlier.now, profile=profiles[name]), np.unique(items))
        for name, items in zip(names, pieces, strict=True)
    ]


def _pieces(items: Items, owner: NDArray[np.int32]) -> list[Items]:
    """Items by owner, whose numbers never decrease."""
    starts: Rows = np.flatnonzero(np.diff(owner)) + 1
    return np.split(items, starts) if len(items) else []
