"""Groups of people whose portraits are alike, with names that a person can read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from assortment.core.arrays import Rows
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.progress import tell
from assortment.portrait.draw import Kind, Portraits
from assortment.portrait.drift import Weights

PRIOR = 5.0
"""How many takes the mix of the whole shop weighs as much as: who took one thing is not yet somebody who likes nothing else."""

MOST = 8
"""The most segments that are tried where the number is not given."""

SAMPLE = 20_000
"""People that the centres are fitted on; all are then assigned."""

NAMING = 3
"""How many interests tell of a segment."""

EXAMPLES = 3
"""How many people stand for a segment."""

AGAIN = 0.6
"""From which agreement on we say that groups come out again, 0 as by chance … 1 all alike."""

HALVINGS = 2
"""How often the people are halved to see what comes out again."""


@dataclass(frozen=True)
class Trait:
    """An interest of a segment. share: of what its people took, 0 … 1; times: how many times as much as in the whole shop."""

    label: str
    share: float
    times: float


@dataclass(frozen=True)
class Segment:
    """People who are alike. name: in words; people: how many; share: of all, above 0 … 1; traits: the interests that tell it
    from the whole shop; takes: the middle number of takes of its people; level: where the prices of what they take stand among
    goods of the same kind, 0 with the cheapest … 1 with the dearest, NaN where no price is known; some: those nearest to its
    centre.
    """

    name: str
    people: int
    share: float
    traits: tuple[Trait, ...]
    takes: float
    level: float
    some: tuple[str, ...]


@dataclass(frozen=True)
class Segments:
    """All people of a shop in groups, the largest first.

    column: whose labels tell people apart; people: how many there are, all of whom are in one; silent: who took nothing that
    has a label; distinct: how far they stand apart, 0 not at all … 1 wholly (the mean simplified silhouette); stable: how much
    of the grouping comes out again when it is made from each half of the people, 0 as by chance … 1 all of it (adjusted Rand
    index).
    """

    column: str | None
    people: int
    silent: int
    distinct: float
    stable: float
    segments: tuple[Segment, ...]


def segments(dataset: Dataset, count: int | None, rng: np.random.Generator) -> Segments:
    """The people of a log in `count` groups, 1 … 100; None for the most, from 2 to `MOST`, that come out again from each half
    of the people (Ben-Hur, Elisseeff and Guyon, 2002): `AGAIN` or more of them, or else those that do so best.

    Each person is the square root of their mix of interests, shrunk by `PRIOR` takes to the shop's, so that distances are
    Hellinger's, in which small shares count for something; k-means (Lloyd, 1982) groups them. rng: draws starts and halves.
    """
    if count is not None:
        within("count", count, 1, 100)
    portraits = Portraits.of(dataset.catalog)
    everybody = len(np.unique(dataset.events.user))
    taken = None if portraits.interest is None else _Taken.of(dataset, portraits.interest)
    if taken is None or not len(taken.people):
        return Segments(portraits.column, 0, everybody, math.nan, math.nan, ())
    spots = taken.spots
    tried = range(2, MOST + 1) if count is None else [count]
    stable = {number: _stability(spots, number, rng) for number in tried if number <= len(spots)} or {1: math.nan}
    best = max(stable, key=lambda number: _worth(number, stable[number]))
    centres = _centres(spots, best, rng)
    apart = _apart(spots, centres)
    nearest = apart.argmin(1)
    found = [
        _segment(np.flatnonzero(nearest == group), apart[:, group], taken, portraits)
        for group in range(len(centres))
        if np.any(nearest == group)
    ]
    ordered = _named(sorted(found, key=lambda one: (-one.people, one.name)))
    return Segments(portraits.column, len(spots), everybody - len(spots), _distinct(apart), stable[best], ordered)


@dataclass(frozen=True, eq=False)
class _Taken:
    """What people took. people [p]: their names; goods [p, n]: how often each took each; mass [p, labels]: the same of
    interests, more than nothing in each row; shop [labels]: the shares of all that was taken."""

    people: tuple[str, ...]
    goods: sparse.csr_matrix
    mass: Weights
    shop: Weights

    @staticmethod
    def of(dataset: Dataset, kind: Kind) -> "_Taken":
        liked = dataset.events.liked()
        shape = (len(dataset.events.people), len(dataset.catalog))
        goods = sparse.csr_matrix((np.ones(len(liked)), (liked.user, liked.item)), shape=shape)
        mass = goods @ _shares(kind)
        some = np.flatnonzero(mass.sum(1) > 0)
        people = tuple(dataset.events.people.names[int(person)] for person in some)
        return _Taken(people, sparse.csr_matrix(goods[some]), mass[some], mass.sum(0) / max(mass.sum(), 1e-12))

    @property
    def spots(self) -> Weights:
        """[p, labels] where each person stands: rows of length 1."""
        shrunk = self.mass + PRIOR * self.shop
        return np.sqrt(shrunk / shrunk.sum(1, keepdims=True))


def _shares(kind: Kind) -> Weights:
    """[n, labels] how much of each item is of each label."""
    shares = np.zeros((len(kind.codes), len(kind.names) + 1))
    np.add.at(shares, (np.arange(len(kind.codes))[:, None], kind.codes), kind.share)
    return shares[:, :-1]


def _centres(spots: Weights, count: int, rng: np.random.Generator) -> Weights:
    sample = spots if len(spots) <= SAMPLE else rng.choice(spots, SAMPLE, replace=False)
    different = len(np.unique(np.round(sample, 6), axis=0))
    from sklearn.cluster import KMeans

    means = KMeans(min(count, different), n_init=4, random_state=int(rng.integers(2**31)))
    with threadpool_limits(1):
        return means.fit(sample).cluster_centers_


def _apart(spots: Weights, centres: Weights) -> Weights:
    """[p, groups] Euclidean."""
    squares = (spots**2).sum(1)[:, None] - 2 * spots @ centres.T + (centres**2).sum(1)
    return np.sqrt(np.maximum(squares, 0))


def _distinct(apart: Weights) -> float:
    if apart.shape[1] < 2:
        return math.nan
    own, other = np.partition(apart, 1, axis=1)[:, :2].T
    return float(np.mean((other - own) / np.maximum(other, 1e-12)))


def _worth(count: int, stable: float) -> tuple[float, int]:
    """What numbers of segments are compared by: those that come out again by how many they are, others by how well they do."""
    return (1.0, count) if stable >= AGAIN else (0.0 if math.isnan(stable) else stable, -count)


def _stability(spots: Weights, count: int, rng: np.random.Generator) -> float:
    """How alike all people are grouped by the centres of either half of them: the adjusted Rand index (Hubert and Arabie,
    1985), the mean of `HALVINGS`."""
    from sklearn.metrics import adjusted_rand_score

    tell("segments", count, MOST)
    if count < 2 or len(spots) < 4 * count:
        return math.nan
    alike = []
    for _ in range(HALVINGS):
        order = rng.permutation(len(spots))[:SAMPLE]
        halves = (spots[order[: len(order) // 2]], spots[order[len(order) // 2 :]])
        groups = [_apart(spots[order], _centres(half, count, rng)).argmin(1) for half in halves]
        alike.append(adjusted_rand_score(*groups))
    return float(np.mean(alike))


def _segment(rows: Rows, apart: Weights, taken: _Taken, portraits: Portraits) -> Segment:
    """The people `rows`. apart [p]: how far everybody is from their centre."""
    assert portraits.interest is not None
    share = taken.mass[rows].sum(0) / taken.mass[rows].sum()
    times = share / np.maximum(taken.shop, 1e-12)
    telling = np.argsort(-share * np.log(np.maximum(times, 1e-12)), kind="stable")[:NAMING]
    traits = tuple(
        Trait(portraits.interest.names[label], float(share[label]), float(times[label]))
        for label in telling
        if times[label] > 1
    )
    bought = (np.isin(np.arange(len(taken.people)), rows) * 1.0) @ taken.goods
    priced = np.flatnonzero(np.isfinite(portraits.level) & (bought > 0))
    level = float(np.average(portraits.level[priced], weights=bought[priced])) if len(priced) else math.nan
    nearest = rows[np.argsort(apart[rows], kind="stable")[:EXAMPLES]]
    return Segment(
        name=_name(traits),
        people=len(rows),
        share=len(rows) / len(taken.people),
        traits=traits,
        takes=float(np.median((taken.goods @ np.ones(taken.goods.shape[1]))[rows])),
        level=level,
        some=tuple(taken.people[row] for row in nearest),
    )


def _name(traits: Sequence[Trait]) -> str:
    """The interests that are there half as much again as in the whole shop, at most two; else a bit of everything."""
    strong = [trait.label for trait in traits if trait.times >= 1.5][:2]
    return " and ".join(strong) if strong else "A bit of everything"


def _named(found: Sequence[Segment]) -> tuple[Segment, ...]:
    """The same with no two names alike."""
    names: dict[str, int] = {}
    told = []
    for segment in found:
        names[segment.name] = names.get(segment.name, 0) + 1
        again = names[segment.name]
        told.append(replace(segment, name=f"{segment.name} {again}") if again > 1 else segment)
    return tuple(told)


def level(level: float) -> str:
    """Where prices stand among those of goods of the same kind, in words.

    >>> level(0.2), level(0.5), level(float("nan"))
    ('cheap', 'middling', '–')
    """
    return "–" if math.isnan(level) else "cheap" if level < 0.4 else "dear" if level > 0.6 else "middling"


def stability(found: Segments) -> str:
    """How far segments can be trusted, in words."""
    if math.isnan(found.stable):
        return f"{found.people:,} people; too few to see whether the groups would come out again."
    trust = (
        "these groups are there" if found.stable >= AGAIN else "take them as a rough sketch: they come out otherwise each time"
    )
    if 0.3 <= found.stable < AGAIN:
        trust = "the groups are there in outline, and people near a border may be in either"
    return f"{found.people:,} people. Made from each half of them, the groups agree by {found.stable:.2f} of 1: {trust}."
