"""What we hold of a person: a fold of their events. The fold is the only way to make one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Times
from assortment.core.events import KINDS, OWNING, REFUSING, Events

MEMORY = 200
"""How many different goods a profile remembers in order; what is owned or refused is never forgotten."""


def _no_items() -> Items:
    return np.empty(0, np.int32)


@dataclass(frozen=True, eq=False)
class Profile:
    """recent [h] different goods in the order of their last event, the latest last, h <= `MEMORY`; kinds [h] and times [h] of
    those events; owned and refused: sorted item numbers; last: time of the last event, 0 before the first; muted: sorted
    numbers of the goods of kinds that they do not want to be shown, none of which is in `recent`."""

    recent: Items = field(default_factory=_no_items)
    kinds: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    times: Times = field(default_factory=lambda: np.empty(0, np.int64))
    owned: Items = field(default_factory=_no_items)
    refused: Items = field(default_factory=_no_items)
    last: int = 0
    muted: Items = field(default_factory=_no_items)

    def after(self, item: int, kind: str, time: int) -> "Profile":
        """The profile once this event has happened too."""
        return _extend(self, np.array([item], np.int32), np.array([KINDS.index(kind)], np.int8), np.array([time]))


NOBODY = Profile()
"""The profile of somebody we know nothing about."""


def fold(events: Events, profiles: Mapping[str, Profile] | None = None) -> dict[str, Profile]:
    """The profiles once `events` have happened; people without new events keep theirs."""
    folded = dict(profiles or {})
    order = np.argsort(events.user, kind="stable")
    people, starts = np.unique(events.user[order], return_index=True)
    for person, start, end in zip(people, starts, np.append(starts, len(order))[1:], strict=True):
        rows = order[start:end]
        name = events.people.names[person]
        before = folded.get(name, NOBODY)
        folded[name] = _extend(before, events.item[rows], events.kind[rows], events.time[rows])
    return folded


_OWNING = [kind in OWNING for kind in KINDS]
_REFUSING = [kind in REFUSING for kind in KINDS]


def _extend(before: Profile, item: Items, kind: NDArray[np.int8], time: Times) -> Profile:
    recent = dict(zip(before.recent.tolist(), zip(before.kinds.tolist(), before.times.tolist(), strict=True), strict=True))
    owned, refused = set(before.owned.tolist()), set(before.refused.tolist())
    for good, did, when in zip(item.tolist(), kind.tolist(), time.tolist(), strict=True):
        recent.pop(good, None)
        if _OWNING[did]:
            owned.add(good)
        if _REFUSING[did]:
            refused.add(good)
        else:
            refused.discard(good)
            recent[good] = did, when
    for good in recent.keys() & before.muted.tolist():
        del recent[good]
    latest = list(recent.items())[-MEMORY:]
    return Profile(
        recent=np.array([good for good, _ in latest], np.int32),
        kinds=np.array([did for _, (did, _) in latest], np.int8),
        times=np.array([when for _, (_, when) in latest], np.int64),
        owned=np.array(sorted(owned), np.int32),
        refused=np.array(sorted(refused), np.int32),
        last=max(before.last, int(time[-1])) if len(time) else before.last,
        muted=before.muted,
    )
