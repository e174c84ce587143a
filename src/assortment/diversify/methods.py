"""The methods as settings: what `select` in a settings file may be."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from assortment.core.arrays import Rows
from assortment.core.errors import within
from assortment.diversify import aspects, cover, select, variety
from assortment.diversify.caps import Room
from assortment.diversify.pool import Pool


@dataclass(frozen=True)
class Mmr:
    """Maximal marginal relevance: `select.mmr`."""

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        return select.mmr(pool.relevance, pool.vectors, k, diversity, room, items=pool.items)

    def variety(self, pool: Pool, rows: Rows) -> float:
        return variety.apart(pool, rows)


@dataclass(frozen=True)
class Hybrid:
    """Personal aspects beside redundancy: `select.hybrid`. personal: 0 redundancy only … 1 aspects only."""

    personal: float = 0.5

    def __post_init__(self) -> None:
        within("personal", self.personal, 0, 1)

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        return select.hybrid(pool.relevance, pool.vectors, pool.aspects, k, diversity, self.personal, room, items=pool.items)

    def variety(self, pool: Pool, rows: Rows) -> float:
        return self.personal * variety.served(pool, rows) + (1 - self.personal) * variety.apart(pool, rows)


@dataclass(frozen=True)
class Dpp:
    """A determinantal point process: `select.dpp`. jitter: what is added to its diagonal, 0 … 1; window: how many of the last
    picks a pick shall differ from, 1 … all, None for all."""

    jitter: float = select.JITTER
    window: int | None = None

    def __post_init__(self) -> None:
        within("jitter", self.jitter, 0, 1)
        _check_window(self.window)

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        return select.dpp(
            pool.relevance, pool.vectors, k, diversity, room, jitter=self.jitter, window=self.window, items=pool.items
        )

    def variety(self, pool: Pool, rows: Rows) -> float:
        return variety.apart(pool, rows)


def _check_window(window: int | None) -> None:
    if window is not None:
        within("window", window, 1, float("inf"))


@dataclass(frozen=True)
class Msd:
    """Max-sum dispersion: `select.msd`, its distances counting 2 / (k - 1), so that both sums are of k terms whatever k is
    (Gollapudi and Sharma, WWW 2009). angular: distances are angles, which are a metric, and not 1 - cos; swaps: picks are
    exchanged afterwards while that raises the sum."""

    angular: bool = False
    swaps: bool = False

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        distance, share = "angular" if self.angular else "cosine", _share(diversity, k)
        return select.msd(pool.relevance, pool.vectors, k, share, room, distance=distance, swaps=self.swaps, items=pool.items)

    def variety(self, pool: Pool, rows: Rows) -> float:
        return variety.apart(pool, rows)


def _share(diversity: float, k: int) -> float:
    """What distances weigh beside relevance where each good has k - 1 of them."""
    far = 2 * diversity / max(1, k - 1)
    return far / (1 - diversity + far)


@dataclass(frozen=True)
class Trade:
    """Dispersion by trades: `select.trade`, what counts being as in `Msd`. Page by page, so that the first page does not depend
    on how many follow; the goods of the pages before weigh on the next."""

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        chosen = select.NO_ROWS
        for shown in [*range(pool.page, k, pool.page), k]:
            share, wanted = _share(diversity, shown), shown - len(chosen)
            page = select.trade(pool.relevance, pool.vectors, wanted, share, room, items=pool.items, given=chosen)
            chosen = np.concatenate([chosen, page])
            if len(page) < wanted:
                break
        return chosen

    def variety(self, pool: Pool, rows: Rows) -> float:
        return variety.apart(pool, rows)


@dataclass(frozen=True)
class Ssd:
    """Sliding spectrum decomposition: `select.ssd`. window: as in `Dpp`."""

    window: int | None = None

    def __post_init__(self) -> None:
        _check_window(self.window)

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        return select.ssd(pool.relevance, pool.vectors, k, diversity, room, window=self.window, items=pool.items)

    def variety(self, pool: Pool, rows: Rows) -> float:
        return variety.apart(pool, rows)


@dataclass(frozen=True)
class Facility:
    """Facility location: `cover.facility`."""

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        return cover.facility(pool.relevance, pool.vectors, k, diversity, items=pool.items, room=room)

    def variety(self, pool: Pool, rows: Rows) -> float:
        return variety.stands_for(pool, rows)


@dataclass(frozen=True)
class Coverage:
    """Saturated coverage of the wanted aspects: `aspects.coverage`."""

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        return aspects.coverage(pool.relevance, pool.aspects, k, diversity, room=room)

    def variety(self, pool: Pool, rows: Rows) -> float:
        return variety.covered(pool, rows)


@dataclass(frozen=True)
class Xquad:
    """Explicit query aspects: `aspects.xquad`."""

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        return aspects.xquad(pool.relevance, pool.aspects, k, diversity, room=room)

    def variety(self, pool: Pool, rows: Rows) -> float:
        return variety.satisfied(pool, rows)


@dataclass(frozen=True)
class Pm2:
    """Places in proportion to what is wanted: `aspects.pm2`."""

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        return aspects.pm2(pool.relevance, pool.aspects, k, diversity, room=room)

    def variety(self, pool: Pool, rows: Rows) -> float:
        return variety.in_proportion(pool, rows)


@dataclass(frozen=True)
class Calibrated:
    """A mix like the person's own: `aspects.calibrated`."""

    def __call__(self, pool: Pool, k: int, diversity: float, room: Room) -> Rows:
        return aspects.calibrated(pool.relevance, pool.aspects, k, diversity, room=room)

    def variety(self, pool: Pool, rows: Rows) -> float:
        return variety.calibrated(pool, rows)


Methods: TypeAlias = Mmr | Msd | Trade | Hybrid | Dpp | Ssd | Facility | Coverage | Xquad | Pm2 | Calibrated
