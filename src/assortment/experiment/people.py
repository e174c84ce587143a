"""The people of an experiment: whom it reached, with which arm, and all they were shown and did, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Ids, Items, Rows, Times
from assortment.core.catalog import Catalog
from assortment.core.events import Events, Shown
from assortment.experiment.assign import exposed
from assortment.experiment.definition import Experiment

DAY = 86_400_000
BEFORE = 28 * DAY
"""How long before a person's first exposure counts as their past."""

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Slates:
    """s slates: of whom, when, items [s, k] with -1 where a slate is shorter, took [s]: milliseconds in which it was chosen,
    NaN where nobody measured that."""

    person: Items
    time: Times
    items: Items
    took: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Deeds:
    """m events in order of time: by whom, when, what, of which kind, how many; slate [m]: the row of the slate that it
    answers, -1 where it answers none of theirs."""

    person: Items
    time: Times
    item: Items
    kind: NDArray[np.int8]
    value: NDArray[np.float64]
    slate: Rows


@dataclass(frozen=True, eq=False)
class People:
    """n people who were exposed. arm [n]: number of the arm; since [n]: when first exposed; mixed: how many were seen in two
    arms, who are left out. slates and deeds are theirs, from `BEFORE` the exposure on."""

    arm: Items
    since: Times
    slates: Slates
    deeds: Deeds
    catalog: Catalog
    mixed: int = 0

    def __len__(self) -> int:
        return len(self.arm)


def gather(experiment: Experiment, shown: Sequence[Shown], events: Events, catalog: Catalog) -> People:
    """Whom an experiment reached, and what the log holds of them. People are exposed from the first slate that an arm chose for
    them; what comes after the end of the experiment is left out."""
    until = NEVER if experiment.ended is None else experiment.ended
    tagged = [(one, exposed(one.arm, experiment.name)) for one in shown if one.user and experiment.began <= one.time <= until]
    first: dict[str, tuple[int, str]] = {}
    mixed: set[str] = set()
    for one, arm in sorted(((one, arm) for one, arm in tagged if arm is not None), key=lambda pair: pair[0].time):
        known = first.setdefault(one.user, (one.time, arm))
        if known[1] != arm:
            mixed.add(one.user)
    users = Ids(tuple(user for user in first if user not in mixed))
    numbers = {arm.name: number for number, arm in enumerate(experiment.arms)}
    arm = np.array([numbers[first[user][1]] for user in users.names], np.int32)
    since = np.array([first[user][0] for user in users.names], np.int64)
    theirs = [one for one in shown if one.user in users and one.time <= until]
    rows = {one.slate: row for row, one in enumerate(theirs)}
    return People(arm, since, _slates(theirs, users, catalog), _deeds(events, users, rows, until), catalog, len(mixed))


def _slates(shown: Sequence[Shown], users: Ids, catalog: Catalog) -> Slates:
    items = np.full((len(shown), max((len(one.items) for one in shown), default=0)), -1, np.int32)
    for row, one in enumerate(shown):
        items[row, : len(one.items)] = catalog.numbers(one.items)
    took = np.array([np.nan if one.took is None else one.took for one in shown], np.float64)
    return Slates(users.numbers(one.user for one in shown), np.array([one.time for one in shown], np.int64), items, took)


def _deeds(events: Events, users: Ids, rows: dict[str, int], until: int) -> Deeds:
    person = users.numbers(events.people.names)[events.user] if len(events) else np.empty(0, np.int32)
    kept = np.flatnonzero((person >= 0) & (events.time <= until))
    slate = np.array([rows.get(one, -1) if one else -1 for one in events.slate[kept]], np.int64)
    value = np.nan_to_num(events.value[kept].astype(np.float64), nan=1.0)
    return Deeds(person[kept], events.time[kept], events.item[kept], events.kind[kept], value, slate)
