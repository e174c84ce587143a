"""The methods as settings: what `select` in a settings file may be."""

from dataclasses import dataclass
from typing import TypeAlias

from assortment.core.arrays import Rows
from assortment.diversify import select
from assortment.diversify.caps import Room
from assortment.diversify.pool import Pool


@dataclass(frozen=True)
class Mmr:
    """Maximal marginal relevance: `select.mmr`."""

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        return select.mmr(pool.relevance, pool.vectors[pool.items], k, diversity, room)


@dataclass(frozen=True)
class Dpp:
    """A determinantal point process: `select.dpp`."""

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        return select.dpp(pool.relevance, pool.vectors[pool.items], k, diversity, room)


Methods: TypeAlias = Mmr | Dpp
