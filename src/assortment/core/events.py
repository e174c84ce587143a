"""What people did, and what we put before them. Shown is not Event: a thing merely seen says nothing of a taste."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Ids, Items, Scores, Strings, Times
from assortment.core.errors import BadInput, did_you_mean

KINDS = ("view", "click", "favourite", "cart", "purchase", "rating", "share", "comment", "hide", "return")
"""The kinds of event; an event holds its position here."""

OWNING = frozenset({"purchase", "rating"})
"""Kinds after which a person has the thing."""

REFUSING = frozenset({"hide", "return"})
"""Kinds that say no."""

ID_BYTES = 1_000
"""The longest id of a person, an item or a slate, in bytes of UTF-8."""


def kind_number(name: str) -> int:
    """Position in `KINDS`; raises `UnknownName` with the nearest kind."""
    if name not in KINDS:
        raise did_you_mean("kind of event", name, KINDS)
    return KINDS.index(name)


class Event(NamedTuple):
    """One thing that one person did, in the shop's own ids: how files, stores and HTTP speak of it.

    kind: one of `KINDS`; time: milliseconds since 1970 UTC; value: the quantity or the rating; slate: the slate it answers; id:
    the sender's own for it, by which a log takes it once, however often it is sent.
    """

    user: str
    item: str
    kind: str
    time: int
    value: float | None = None
    slate: str | None = None
    id: str | None = None


@dataclass(frozen=True, eq=False)
class Events:
    """m events in order of time.

    time [m] milliseconds since 1970 UTC, never decreasing; user [m] numbers in `people`; item [m] numbers in the catalog;
    kind [m] positions in `KINDS`; value [m] the quantity or the rating, NaN where none was given; slate [m] the id of the
    slate it answers, None where none.
    """

    people: Ids
    time: Times
    user: Items
    item: Items
    kind: NDArray[np.int8]
    value: Scores
    slate: Strings

    def __post_init__(self) -> None:
        for name in ("user", "item", "kind", "value", "slate"):
            if len(getattr(self, name)) != len(self.time):
                raise BadInput(f"events have {len(self.time)} times but {len(getattr(self, name))} rows of '{name}'")
        if np.any(np.diff(self.time) < 0):
            raise BadInput("events are out of time order; sort them by time first")

    def __len__(self) -> int:
        return len(self.time)

    def take(self, rows: NDArray[np.int64] | slice) -> "Events":
        """Some of the events; the people keep their numbers."""
        return Events(
            self.people,
            self.time[rows],
            self.user[rows],
            self.item[rows],
            self.kind[rows],
            self.value[rows],
            self.slate[rows],
        )

    def before(self, time: int) -> "Events":
        return self.take(slice(0, int(np.searchsorted(self.time, time))))

    def since(self, time: int) -> "Events":
        return self.take(slice(int(np.searchsorted(self.time, time)), None))

    def liked(self) -> "Events":
        """All but those that say no (`REFUSING`)."""
        refusing = [KINDS.index(kind) for kind in REFUSING]
        return self.take(np.flatnonzero(~np.isin(self.kind, refusing)))


def no_events(people: Ids | None = None) -> Events:
    """An empty log."""
    integers = np.empty(0, np.int32)
    return Events(
        people if people is not None else Ids(()),
        np.empty(0, np.int64),
        integers,
        integers,
        np.empty(0, np.int8),
        np.empty(0, np.float32),
        np.empty(0, object),
    )


@dataclass(frozen=True)
class Shown:
    """One slate as it was put before a person; `items` are the shop's own ids, best first.

    time in milliseconds since 1970 UTC; `arm` the version or experiment arm that chose it; propensity [k] in (0, 1]: the
    probability with which the policy puts this item at this place, given those above it, 1 where it does not draw; their
    product is that of the slate; took: milliseconds in which it was chosen, None where nobody measured that.
    """

    slate: str
    time: int
    user: str
    arm: str
    items: Sequence[str]
    propensity: Sequence[float]
    took: float | None = None
