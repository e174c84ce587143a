"""The only thing that anything is fitted on."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from assortment.core.catalog import Catalog
from assortment.core.events import Events
from assortment.core.profile import Profile, fold


@dataclass(frozen=True, eq=False)
class Dataset:
    """A catalog and a log."""

    catalog: Catalog
    events: Events

    def before(self, time: int) -> "Dataset":
        """What was known just before `time`: the one guard against the future."""
        return replace(self, events=self.events.before(time))

    def with_catalog(self, catalog: Catalog) -> "Dataset":
        return replace(self, catalog=catalog)

    def profiles(self) -> dict[str, Profile]:
        """The profile of everybody in the log."""
        return fold(self.events)

    def matrix(self) -> sparse.csr_matrix:
        """Who liked what: [people, items] float32, 1 where a person has an event with an item that does not refuse it."""
        liked = self.events.liked()
        shape = (len(self.events.people), len(self.catalog))
        matrix = sparse.csr_matrix((np.ones(len(liked), np.float32), (liked.user, liked.item)), shape=shape)
        matrix.sum_duplicates()
        matrix.data[:] = 1
        return matrix

    @property
    def now(self) -> int:
        """One millisecond after the last event; 0 when there is none."""
        return int(self.events.time[-1]) + 1 if len(self.events) else 0
