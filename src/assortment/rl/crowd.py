"""Real people as simulated ones begin: what the shop's own pipeline finds for each, and how alike those goods are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.errors import BadInput
from assortment.rl.memory import Floats

NEAR_ALIKE = np.float16
"""Cosines are kept in 16 bits: a list of 120 goods takes 28 kB."""


FALL = 4.0
"""Log odds between the first and the last candidate, where no ranker says chances."""


@dataclass(frozen=True, eq=False)
class Crowd:
    """q lists of n candidates, the most relevant first: what real people start from.

    items [q, n] numbers in the catalog; odds [q, n]: log odds, less those of the first, that a candidate is taken to;
    kind [q, n]: the kind of each, the number of kinds where it has none; alike [q, n, n] cosines; kinds: their names.
    """

    items: NDArray[np.int32]
    odds: Floats
    kind: NDArray[np.int32]
    alike: NDArray[np.float16]
    kinds: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.kinds) < 2:
            raise BadInput(
                "the goods are of one kind, and variety in the long run is variety of kinds; give the catalog a 'category', "
                "or add 'clusters' to what is understood, and fit again"
            )
        if len(self.items) < 2:
            raise BadInput(
                f"the log has {len(self.items)} people with a history; a policy is learned on some and judged on others"
            )

    def __len__(self) -> int:
        return len(self.items)

    @property
    def relevance(self) -> Floats:
        """0 the least … 1 the most relevant of each list [q, n]."""
        return zero_to_one(self.odds)

    def take(self, rows: NDArray[np.int64]) -> "Crowd":
        """Some of the lists."""
        return Crowd(self.items[rows], self.odds[rows], self.kind[rows], self.alike[rows], self.kinds)

    def halves(self, rng: np.random.Generator) -> tuple["Crowd", "Crowd"]:
        """Two crowds of different people: one to learn on, one to judge on."""
        order = rng.permutation(len(self))
        middle = (len(self) + 1) // 2
        return self.take(np.sort(order[:middle])), self.take(np.sort(order[middle:]))


def zero_to_one(scores: Floats) -> Floats:
    """Each row over its range; all 1 where it is flat."""
    low, high = scores.min(1, keepdims=True), scores.max(1, keepdims=True)
    flat = high <= low
    return np.where(flat, 1, (scores - low) / np.where(flat, 1, high - low)).astype(np.float32)


def log_odds(scores: Floats, chances: bool) -> Floats:
    """Log odds [q, n] less those of the first, of scores [q, n]; chances: whether these are log odds already. Other scores are
    spread over `FALL`."""
    below = (scores - scores[:, :1]).astype(np.float32)
    return below if chances else below / np.maximum(-below[:, -1:], 1e-9) * np.float32(FALL)


def cosines(vectors: Floats, items: NDArray[np.int32]) -> NDArray[np.float16]:
    """The cosines [q, n, n] of the goods of each list [q, n]; vectors: unit rows of all goods."""
    alike = np.empty((*items.shape, items.shape[1]), NEAR_ALIKE)
    for row, each in enumerate(items):
        own = vectors[each]
        alike[row] = own @ own.T
    return alike


def made_up(rng: np.random.Generator, lists: int = 64, candidates: int = 60, kinds: int = 12) -> Crowd:
    """A crowd of nobody in particular, for tests and for trying algorithms: each likes three kinds.

    >>> len(made_up(np.random.default_rng(0), lists=5))
    5
    """
    goods = kinds * 25
    kind_of = (np.arange(goods) % kinds).astype(np.int32)
    centre = rng.normal(size=(kinds, 16))
    vectors = centre[kind_of] + 0.7 * rng.normal(size=(goods, 16))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    taste = rng.normal(size=(lists, kinds)) * 1.5
    odds = taste[:, kind_of] + 0.5 * rng.normal(size=(lists, goods))
    items = np.argsort(-odds, 1)[:, :candidates].astype(np.int32)
    best = np.take_along_axis(odds, items.astype(np.int64), 1)
    names = tuple(f"kind {number}" for number in range(kinds))
    return Crowd(items, (best - best[:, :1]).astype(np.float32), kind_of[items], cosines(vectors, items), names)
