"""Boosted trees as arrays, and what they say of many rows at once."""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from assortment.core import _passes
from assortment.core.arrays import Items

FORK = np.dtype([("threshold", np.float32), ("feature", np.int32), ("right_unknown", np.int32), ("ways", np.int32, 2)])
"""A place where a tree forks, and the ways left and right: right where the feature is above the threshold, or where it is NaN
and that goes right. Where the tree ends, both ways lead to itself."""

LEFT_UNKNOWN, NAN_IS_MISSING = 2, 8
"""Marks in LightGBM's `decision_type`: what is missing goes left; NaN is missing, and not 0."""


@dataclass(frozen=True, eq=False)
class Forest:
    """forks: of all trees, the root of each at `roots` [trees]; values: what each fork says where it is an end; depths [trees]:
    forks on the longest way."""

    forks: NDArray[np.void]
    values: NDArray[np.float64]
    roots: Items
    depths: Items

    def __call__(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """The sum of what the trees say of each row, to the bit what LightGBM says, in a quarter of its time."""
        sums = np.zeros(len(table))
        _passes.walk(table, self.roots, self.depths, self.forks, self.values, sums)
        return sums


def read(model: str) -> Forest:
    """The trees of a model of numbers, none of them a category, in LightGBM's text form."""
    trees = [_tree(text) for text in model.split("\nTree=")[1:]]
    starts = [0, *accumulate(len(forks) for forks, _ in trees)]
    depths = np.array([_depth(forks, 0) for forks, _ in trees], np.int32)
    for (forks, _), start in zip(trees, starts, strict=False):
        forks["ways"] += start
    forks = np.concatenate([np.empty(0, FORK), *(forks for forks, _ in trees)])
    values = np.concatenate([np.empty(0), *(values for _, values in trees)])
    return Forest(forks, values, np.array(starts[:-1], np.int32), depths)


def _tree(text: str) -> tuple[NDArray[np.void], NDArray[np.float64]]:
    """The forks of one tree, its ends behind them, and what each says."""
    told = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    said, threshold = _numbers(told, "leaf_value"), _numbers(told, "threshold")
    inner, kinds = len(threshold), _numbers(told, "decision_type").astype(np.int32)
    forks = np.zeros(inner + len(said), FORK)
    left_unknown = np.where(kinds & NAN_IS_MISSING, kinds & LEFT_UNKNOWN, threshold >= 0)
    forks["threshold"][:inner] = _below(threshold)
    forks["feature"][:inner] = _numbers(told, "split_feature")
    forks["right_unknown"][:inner] = left_unknown == 0
    forks["ways"] = np.arange(len(forks))[:, None]
    for side, name in enumerate(("left_child", "right_child")):
        child = _numbers(told, name).astype(np.int32)
        forks["ways"][:inner, side] = np.where(child < 0, inner + ~child, child)
    return forks, np.concatenate([np.zeros(inner), said])


def _numbers(told: dict[str, str], name: str) -> NDArray[np.float64]:
    return np.array(told.get(name, "").split(), np.float64)


def _below(numbers: NDArray[np.float64]) -> NDArray[np.float32]:
    """The greatest float32 that is not above each number: the same float32 are above either."""
    near = numbers.astype(np.float32)
    return np.where(near > numbers, np.nextafter(near, np.float32(-np.inf)), near)


def _depth(forks: NDArray[np.void], at: int) -> int:
    ways = set(forks["ways"][at].tolist()) - {at}
    return 1 + max(_depth(forks, way) for way in ways) if ways else 0
