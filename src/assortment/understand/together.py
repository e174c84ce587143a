"""What goes together: a similarity that is learnt from baskets, so that variety costs no complements."""

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from assortment.core.arrays import Items, Vectors
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting, within
from assortment.core.events import Events
from assortment.language.vectors import unit

Values: TypeAlias = NDArray[np.floating[Any]]

DAY = 86_400_000
FLOOR = 0.1
"""Added to the diagonal, of a kernel whose own diagonal is 1: a twin takes much of a good's volume but never all."""

SIZE = 10
"""The most goods of a basket that are read at a time: as many as a slate has."""

BATCH = 256
RATE = 0.01
LOOKS = 10
"""How often the baskets kept aside are asked how far the learning is."""

CHUNK = 16_384


@dataclass(frozen=True)
class Together:
    """The column `together` [n, dims], unit rows: near 0 for goods that are bought together, high for those that take one
    another's place. For `dpp` in the place of `vector`.

    A projection x W of the column `vector`, learnt as the kernel of a determinantal point process of low rank (Gartrell, Paquet
    and Koenigstein, AAAI 2017; the projection of frozen features: Wilhelm et al., CIKM 2018). It maximises how much more volume
    baskets have than sets of as many goods drawn by their popularity, `gain`: the likelihood of a basket given its size and
    the popularity of its goods. Sizes and popularity, which a kernel of variety has no business to explain, drop out.

    A basket is what one person liked within a day (UTC), of two goods or more; of a person without such a day, all they liked.
    A tenth of the baskets is kept aside, and the projection that did best there is taken: in a shop without baskets the first
    `dims` directions of `vector`. Any good that has a vector has its row, whether anybody bought it or not; zeros where none.

    dims: 1 … those of `vector` (where it has fewer, those are taken); rounds of learning, 256 baskets each: 0 … 100,000.
    """

    dims: int = 64
    rounds: int = 300

    def __post_init__(self) -> None:
        within("dims", self.dims, 1, 65_536)
        within("rounds", self.rounds, 0, 100_000)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Projected":
        vectors = _vectors(dataset.catalog)
        said = np.any(vectors, axis=1)
        sets = [basket[said[basket]] for basket in baskets(dataset.events)]
        weights = np.eye(vectors.shape[1], min(self.dims, vectors.shape[1]), dtype=np.float32)
        with threadpool_limits(1, "blas"):
            return Projected(_learnt(weights, vectors, [goods for goods in sets if len(goods) > 1], self.rounds, rng))


@dataclass(frozen=True, eq=False)
class Projected:
    """weights [d, dims]: from the column `vector` to the column `together`."""

    weights: Vectors

    def __call__(self, catalog: Catalog) -> Catalog:
        vectors = _vectors(catalog)
        if vectors.shape[1] != len(self.weights):
            raise BadSetting(f"vectors of {vectors.shape[1]} dimensions, where {len(self.weights)} were learnt from; fit again")
        rows = [unit(vectors[start : start + CHUNK] @ self.weights) for start in range(0, len(vectors), CHUNK)]
        return catalog.with_column("together", np.concatenate([np.empty((0, self.weights.shape[1]), np.float32), *rows]))


def _vectors(catalog: Catalog) -> Vectors:
    if "vector" not in catalog:
        raise BadSetting("what goes together is learnt from vectors of the goods; put 'embed' before 'together'")
    return catalog.column("vector")


def baskets(events: Events) -> list[Items]:
    """What was taken together: sets of two goods or more, as in `Together`."""
    liked = events.liked()
    visit = np.unique(np.stack([liked.user.astype(np.int64), liked.time // DAY]), axis=1, return_inverse=True)[1]
    owners, sets = _sets(visit, liked.item)
    person = np.zeros(len(visit), np.int64)
    person[visit] = liked.user
    alone = ~np.isin(liked.user, person[owners])
    return [*sets, *_sets(liked.user[alone].astype(np.int64), liked.item[alone])[1]]


def _sets(owner: NDArray[np.int64], item: Items) -> tuple[NDArray[np.int64], list[Items]]:
    """The different items of each owner that has two or more, and the owners, in order."""
    pairs = np.unique(np.stack([owner, item.astype(np.int64)], axis=1), axis=0)
    owners, starts = np.unique(pairs[:, 0], return_index=True)
    sets = np.split(pairs[:, 1].astype(np.int32), starts[1:])
    several = np.diff(np.append(starts, len(pairs))) > 1
    return owners[several], [goods for goods, keep in zip(sets, several, strict=False) if keep]


class Lesson(NamedTuple):
    """Vectors of the goods of m baskets, [m, k, d], and of r sets of as many goods drawn by popularity, [r, k, d]."""

    taken: Vectors
    drawn: Vectors


def gain(weights: Vectors, lesson: Lesson) -> tuple[float, Values]:
    """How much more volume the baskets have than the drawn sets, in nats a basket, and its gradient [d, dims] by `weights`.

    mean_Y log det S_Y - log mean_Y' det S_Y', where S = G Gᵀ + floor I, over 1 + floor, and G the unit rows of x W. With r
    large the second term is the normaliser of a determinantal process of size k and quality as popular as the goods are, so
    that 0 is what popularity alone says of a basket: below, goods of a basket are more alike than by chance; above, less.
    """
    taken, forward = volumes(lesson.taken, weights)
    drawn, back = volumes(lesson.drawn, weights)
    highest = drawn.max()
    share = np.exp(drawn - highest)
    normaliser = float(np.log(share.mean())) + float(highest)
    m = len(taken)
    upward = _gradient(lesson.taken, weights, forward, np.full(m, 1 / m))
    return float(taken.mean()) - normaliser, upward - _gradient(lesson.drawn, weights, back, share / share.sum())


def volumes(sets: Vectors, weights: Vectors) -> tuple[Values, Values]:
    """log det S of each of m sets [m, k, d], at most 0, and the matrices S [m, k, k]."""
    rows = _rows(sets, weights)[0]
    kernel = (rows @ rows.transpose(0, 2, 1) + FLOOR * np.eye(sets.shape[1], dtype=rows.dtype)) / (1 + FLOOR)
    return np.linalg.slogdet(kernel)[1], kernel


def _rows(sets: Vectors, weights: Vectors) -> tuple[Vectors, Vectors]:
    """The unit rows [m, k, dims] of x W, and their lengths before."""
    projected = sets @ weights
    length = np.maximum(np.linalg.norm(projected, axis=2, keepdims=True), 1e-9)
    return projected / length, length


def _gradient(sets: Vectors, weights: Vectors, kernel: Values, share: Values) -> Values:
    """The gradient of Σ share log det S by `weights`: d log det S / d G = 2 S^-1 G / (1 + floor), through the unit length."""
    rows, length = _rows(sets, weights)
    by_rows = 2 / (1 + FLOOR) * share[:, None, None] * (np.linalg.inv(kernel) @ rows)
    across = (by_rows - (by_rows * rows).sum(2, keepdims=True) * rows) / length
    return np.tensordot(sets, across, axes=((0, 1), (0, 1)))


def _learnt(weights: Vectors, vectors: Vectors, sets: list[Items], rounds: int, rng: np.random.Generator) -> Vectors:
    """The best of the weights on the way, by the baskets kept aside (Adam: Kingma and Ba, ICLR 2015)."""
    order = [sets[row] for row in rng.permutation(len(sets))]
    aside, learn = order[: len(order) // 10], order[len(order) // 10 :]
    if not aside or not rounds:
        return weights
    tested, taught = Course.of(vectors, aside), Course.of(vectors, learn)
    checks = [tested.lesson(rng) for _ in range(LOOKS)]
    best, highest = weights, _mean_gain(weights, checks)
    slope, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, rounds + 1):
        gradient = gain(weights, taught.lesson(rng))[1]
        slope = 0.9 * slope + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        length = RATE * (1 - (step - 1) / rounds)
        moved = slope / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
        weights = (weights + length * moved).astype(np.float32)
        if step % max(1, rounds // LOOKS) == 0 and (now := _mean_gain(weights, checks)) > highest:
            best, highest = weights, now
    return best


def _mean_gain(weights: Vectors, lessons: list[Lesson]) -> float:
    return float(np.mean([gain(weights, lesson)[0] for lesson in lessons]))


@dataclass(frozen=True, eq=False)
class Course:
    """What lessons are drawn from: vectors [n, d]; sets, the baskets; goods, those in any of them; share, how often each is."""

    vectors: Vectors
    sets: list[Items]
    goods: Items
    share: Values

    @staticmethod
    def of(vectors: Vectors, sets: list[Items]) -> "Course":
        goods, counts = np.unique(np.concatenate(sets), return_counts=True)
        return Course(vectors, sets, goods, counts / counts.sum())

    def lesson(self, rng: np.random.Generator) -> Lesson:
        """Some baskets, cut to the size of one of them drawn at random, and as many sets drawn by popularity."""
        k = min(len(self.sets[rng.integers(len(self.sets))]), SIZE)
        fit = [basket for basket in self.sets if len(basket) >= k]
        some = [fit[row] for row in rng.integers(0, len(fit), BATCH)]
        taken = np.stack([rng.permutation(basket)[:k] for basket in some])
        return Lesson(self.vectors[taken], self.vectors[self.goods[popular_sets(self.share, BATCH, k, rng)]])


def popular_sets(share: Values, r: int, k: int, rng: np.random.Generator) -> Items:
    """r sets of k different of n goods [r, k], drawn one after another by their share [n], above 0 for k of them or more."""
    cumulative = np.cumsum(share)
    drawn = np.searchsorted(cumulative / cumulative[-1], rng.random((r, 3 * k)), side="right")
    different = [list(dict.fromkeys(row))[:k] for row in drawn.tolist()]
    n = len(share)
    return np.array([row if len(row) == k else rng.choice(n, k, replace=False, p=share) for row in different], np.int32)
