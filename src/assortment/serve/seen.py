"""The last slates that a person was shown and what they took of each, for stages that mind them."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from assortment.core.arrays import Ids
from assortment.core.events import REFUSING, Event, Shown
from assortment.core.seen import MOST, Glance
from assortment.store.sql import Store


def seen(store: Store, user: str, ids: Ids) -> tuple[Glance, ...]:
    """Of a person in a store: at most the last `MOST`, the oldest first."""
    return glances(store.shown(user=user)[-MOST:], store.history(user), ids)


def glances(shown: Sequence[Shown], history: Sequence[Event], ids: Ids) -> tuple[Glance, ...]:
    """Slates, and of each what an event that names it says was taken."""
    took: defaultdict[str, set[str]] = defaultdict(set)
    for event in history:
        if event.slate and event.kind not in REFUSING:
            took[event.slate].add(event.item)
    return tuple(
        Glance(ids.numbers(one.items), np.array([item in took[one.slate] for item in one.items], bool)) for one in shown
    )
