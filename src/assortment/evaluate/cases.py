"""Questions whose answers are known: what people took after a moment, and all that was known before it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Rows, Times
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput, within
from assortment.core.events import KINDS, OWNING, REFUSING, Events
from assortment.core.profile import NOBODY, fold
from assortment.core.request import Request


@dataclass(frozen=True, eq=False)
class Case:
    """A request as it would have been made, and the different goods that the person then took (sorted item numbers)."""

    request: Request
    targets: Items

    @property
    def new(self) -> bool:
        """True where nothing was known of the person."""
        return not self.request.profile.last


@dataclass(frozen=True, eq=False)
class Split:
    """What may be learnt from, what it is then asked, and how many people give no case, by reason."""

    past: Dataset
    cases: tuple[Case, ...]
    skipped: Mapping[str, int]


def last_out(dataset: Dataset, k: int = 10, again: bool = False) -> Split:
    """Leave out the last moment at which each person took something, and ask what it was.

    A moment is all that one person did at one time: the lines of a basket are left out together, so that none gives away the
    others. Taken is what was bought or rated or, in a log without purchases and ratings, whatever does not refuse. Without
    `again` a thing taken once more is no answer, as the policy would not show it: the moment is then the last that brought
    something new. People of whom nothing is known before that moment are skipped.

    The past holds what *others* did later too, which a fit at that moment could not have known; `time_split` has no such leak.
    """
    events = dataset.events
    taken = _taken(events)
    answers = taken if again else taken[_first_time(events, taken)]
    moment = np.full(len(events.people), -1, np.int64)
    np.maximum.at(moment, events.user[answers], events.time[answers])
    known = np.zeros(len(events.people), bool)
    before = (moment[events.user] >= 0) & (events.time < moment[events.user])
    known[events.user[before]] = True
    asked = known[events.user]
    past = replace(dataset, events=events.take(np.flatnonzero(~asked | before)))
    rows = answers[known[events.user[answers]] & (events.time[answers] == moment[events.user[answers]])]
    here = np.bincount(events.user, minlength=len(events.people)) > 0
    skipped = {
        "nothing is known before what they took": int(np.sum((moment >= 0) & ~known)),
        "they took nothing": int(np.sum(here & (moment < 0))),
    }
    return _split(past, events, rows, moment, k, skipped)


def time_split(dataset: Dataset, at: int | None = None, share: float = 0.2, k: int = 10, again: bool = False) -> Split:
    """Cut the log at one moment; everyone who took something from then on is asked, as things stood at the cut, what it was.

    at: milliseconds since 1970 UTC; where it is not given, the time from which on the last `share` (0 … 1) of the events
    happened. Taken is as in `last_out`; without `again`, not what the person had before the cut. People who are new after the
    cut are asked too, with an empty profile. Raises `BadInput` where the cut leaves no past or no future.
    """
    events = dataset.events
    cut = _cut(events, share) if at is None else at
    past = dataset.before(cut)
    if not 0 < len(past.events) < len(events):
        raise BadInput(f"{len(past.events)} events lie before the cut and {len(events) - len(past.events)} after; move it")
    taken = _taken(events)
    after = taken[events.time[taken] >= cut]
    answers = after if again else after[~_had(past.events, events, after)]
    skipped = {
        "they took nothing after the cut": len(events.people) - len(np.unique(events.user[after])),
        "they took only what they had": len(np.unique(events.user[after])) - len(np.unique(events.user[answers])),
    }
    return _split(past, events, answers, np.full(len(events.people), cut, np.int64), k, skipped)


def _cut(events: Events, share: float) -> int:
    within("share", share, 0, 1)
    if not len(events):
        raise BadInput("the log is empty; there is nothing to split")
    return int(events.time[min(len(events) - 1, int(len(events) * (1 - share)))])


def _taken(events: Events) -> Rows:
    """The events by which people took things."""
    owning = np.flatnonzero(_owning(events))
    refusing = [KINDS.index(kind) for kind in REFUSING]
    return owning if len(owning) else np.flatnonzero(~np.isin(events.kind, refusing))


def _owning(events: Events) -> NDArray[np.bool_]:
    return np.isin(events.kind, [KINDS.index(kind) for kind in OWNING])


def _pairs(events: Events, rows: Rows) -> NDArray[np.int64]:
    """One number for each person and item."""
    return events.user[rows].astype(np.int64) << 32 | events.item[rows]


def _first_time(events: Events, rows: Rows) -> NDArray[np.bool_]:
    """Whether the person did not have the thing before the moment of each event."""
    owning = np.flatnonzero(_owning(events))
    pairs, first = np.unique(_pairs(events, owning), return_index=True)
    if not len(pairs):
        return np.ones(len(rows), bool)
    asked = _pairs(events, rows)
    place = np.minimum(np.searchsorted(pairs, asked), len(pairs) - 1)
    return (pairs[place] != asked) | (events.time[rows] <= events.time[owning[first[place]]])


def _had(past: Events, events: Events, rows: Rows) -> NDArray[np.bool_]:
    """Whether the person of each event had its item at the end of the past."""
    return np.isin(_pairs(events, rows), _pairs(past, np.flatnonzero(_owning(past))))


def _split(past: Dataset, events: Events, rows: Rows, time: Times, k: int, skipped: Mapping[str, int]) -> Split:
    """One case for each person with answers; time: of each person's request."""
    pairs = np.unique(_pairs(events, rows))
    people, starts = np.unique(pairs >> 32, return_index=True)
    targets = np.split((pairs & 0xFFFFFFFF).astype(np.int32), starts[1:]) if len(people) else []
    asked = np.isin(past.events.user, people)
    profiles = fold(past.events.take(np.flatnonzero(asked)))
    names = [events.people.names[person] for person in people]
    cases = tuple(
        Case(Request(user=name, time=int(time[person]), profile=profiles.get(name, NOBODY), k=k), items)
        for name, person, items in zip(names, people, targets, strict=True)
    )
    return Split(past, cases, {reason: count for reason, count in skipped.items() if count})
