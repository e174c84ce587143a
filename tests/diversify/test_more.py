"""More diversity gives more of what a method calls variety: over many requests, and exactly where a greedy choice is exact."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from assortment.core.profile import NOBODY
from assortment.diversify import select
from assortment.diversify.caps import Room
from assortment.diversify.methods import Calibrated, Coverage, Dpp, Facility, Hybrid, Mmr, Msd, Pm2, Ssd, Trade, Xquad
from assortment.diversify.pool import Pool
from assortment.diversify.taste import Aspects

GRID = np.linspace(0, 1, 11)
N, K, KINDS = 40, 8, 6


@dataclass(frozen=True)
class Told:
    """A taste that is known beforehand."""

    wanted: Aspects

    def aspects(self, *_) -> Aspects:
        return self.wanted


def request(seed: int) -> Pool:
    """Forty goods of six kinds, alike within a kind; the relevant ones are mostly of one."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(KINDS, size=N)
    vectors = np.eye(KINDS + 10)[kind] + 0.4 * rng.normal(size=(N, KINDS + 10))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    relevance = (0.6 * rng.random(N) + 0.4 * (kind == kind[0])).astype(np.float32)
    wanted = Aspects(kind[:, None].astype(np.int32), rng.dirichlet(np.ones(KINDS)).astype(np.float32))
    return Pool(relevance / relevance.max(), np.arange(N, dtype=np.int32), vectors, NOBODY, Told(wanted))  # type: ignore[arg-type]


def cosines(pool: Pool, rows) -> np.ndarray:
    return pool.vectors[rows].astype(float) @ pool.vectors[rows].T.astype(float)


def apart(pool: Pool, rows) -> float:
    """The mean distance of the pairs."""
    return float(1 - cosines(pool, rows)[np.triu_indices(len(rows), 1)].mean())


def volume(pool: Pool, rows) -> float:
    return float(np.linalg.slogdet(cosines(pool, rows) + 0.1 * np.eye(len(rows)))[1])


def stands_for(pool: Pool, rows) -> float:
    """How alike the nearest good of the slate is, over all candidates."""
    return float((pool.vectors.astype(float) @ pool.vectors[rows].T.astype(float)).max(1).mean())


def served(pool: Pool, rows) -> float:
    """How much of what is wanted the slate has something of."""
    return float(pool.aspects.wanted[np.unique(pool.aspects.codes[rows])].sum())


def in_proportion(pool: Pool, rows) -> float:
    """Less the distance between the mix of the slate and what is wanted."""
    mix = np.bincount(pool.aspects.codes[rows].ravel(), minlength=KINDS) / len(rows)
    return -float(np.abs(mix - pool.aspects.wanted).sum())


CALLED = [
    (Mmr(), apart),
    (Msd(), apart),
    (Trade(), apart),
    (Hybrid(), apart),
    (Dpp(), volume),
    (Ssd(), volume),
    (Facility(), stands_for),
    (Coverage(), served),
    (Xquad(), served),
    (Pm2(), in_proportion),
    (Calibrated(), in_proportion),
]


@pytest.mark.parametrize(("method", "variety"), CALLED)
def test_more_diversity_gives_more_variety_over_many_requests(method, variety):
    pools = [request(seed) for seed in range(100)]
    means = [np.mean([variety(pool, method(pool, K, diversity, Room.of(N, {}, {}))) for pool in pools]) for diversity in GRID]
    assert means[-1] > means[0]
    assert np.diff(means).min() >= -0.01 * (means[-1] - means[0]), means


@pytest.mark.parametrize(("method", "variety"), [(Mmr(), apart), (Msd(), apart), (Dpp(), volume), (Ssd(), volume)])
def test_the_second_pick_never_gives_less_variety_where_more_is_asked(method, variety):
    """The first is the most relevant whatever is asked, so that the second is an exact choice and not only a greedy one."""
    for seed in range(100):
        pool = request(seed)
        found = [variety(pool, method(pool, 2, diversity, Room.of(N, {}, {}))) for diversity in GRID]
        assert np.diff(found).min() > -1e-6


FINE = np.linspace(0, 1, 41)


def slates(pool: Pool, k: int, room=lambda: Room.of(N, {}, {})) -> list:
    return [Trade()(pool, k, diversity, room()) for diversity in FINE]


@pytest.mark.parametrize("k", [2, 5, 8, 12])
def test_trades_never_give_a_slate_less_variety_where_more_is_asked(k):
    for seed in range(100):
        pool = request(seed)
        found = [apart(pool, rows) for rows in slates(pool, k)]
        assert np.diff(found).min() > -1e-6, seed
        assert found[-1] > found[0]


def test_nor_do_they_within_caps():
    for seed in range(50):
        pool = request(seed)
        codes = pool.aspects.codes
        chosen = slates(pool, 8, lambda codes=codes: Room.of(N, {"kind": codes}, {"kind": 2}))
        assert np.diff([apart(pool, rows) for rows in chosen]).min() > -1e-6, seed
        assert all(np.bincount(codes[rows].ravel()).max() <= 2 for rows in chosen)


def test_a_greedy_slate_may_get_less_which_is_why_trades_are_the_default():
    """Were greedy dispersion as steady, trades would have nothing to add."""
    fell = 0
    for seed in range(100):
        pool = request(seed)
        fell += np.diff([apart(pool, Msd()(pool, K, diversity, Room.of(N, {}, {}))) for diversity in FINE]).min() < -1e-4
    assert fell > 0


def test_the_first_page_does_not_hang_on_how_many_follow_and_weighs_on_the_next():
    pool = replace(request(3), page=6)
    first, both = (Trade()(pool, k, 0.5, Room.of(N, {}, {})) for k in (6, 12))
    assert both[:6].tolist() == first.tolist()
    assert len(set(both.tolist())) == 12
    alone = select.trade(np.delete(pool.relevance, first), np.delete(pool.vectors, first, 0), 6, 1 / 11)
    assert both[6:].tolist() != np.delete(np.arange(N), first)[alone].tolist()
