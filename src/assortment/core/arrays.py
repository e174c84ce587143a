"""The arrays everything is made of. n items, b requests, k shown, d dimensions, m events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core import _passes
from assortment.core.errors import BadInput

Items: TypeAlias = NDArray[np.int32]  # item numbers: rows of a catalog; -1 where unknown
Rows: TypeAlias = NDArray[np.int64]  # positions in an array
Scores: TypeAlias = NDArray[np.float32]
Vectors: TypeAlias = NDArray[np.float32]  # [n, d]
Times: TypeAlias = NDArray[np.int64]  # milliseconds since 1970-01-01 UTC
Strings: TypeAlias = NDArray[np.object_]  # str, and None where a value is missing
Column: TypeAlias = NDArray[Any]

TIE = 1e-6
"""Scores less than this apart are equal: float32 sums in another order differ by a tenth of it."""


@dataclass(frozen=True, eq=False)
class Ids:
    """The shop's own names of its goods or people, and the number of each.

    >>> Ids(("a", "b")).numbers(["b", "z"])
    array([ 1, -1], dtype=int32)
    """

    names: Sequence[str]

    def __post_init__(self) -> None:
        if len(self._number) != len(self.names):
            seen: set[str] = set()
            twice = next(name for name in self.names if name in seen or seen.add(name))  # type: ignore[func-returns-value]
            raise BadInput(f"id '{twice}' stands twice; ids must be unique")

    @cached_property
    def _number(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: str) -> bool:
        return name in self._number

    def number(self, name: str) -> int:
        """The number of one id, -1 where unknown."""
        return self._number.get(name, -1)

    def numbers(self, names: Iterable[str]) -> Items:
        """The numbers of ids, -1 where unknown."""
        number = self._number
        return np.fromiter((number.get(name, -1) for name in names), np.int32)


def strings(values: Iterable[str | None]) -> Strings:
    """A column of strings, None where missing."""
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def lengthened(column: Column, n: int, value: Any) -> Column:
    """A column with further rows, all of one value, up to n.

    >>> lengthened(np.array([1, 2]), 4, 0)
    array([1, 2, 0, 0])
    """
    return np.concatenate([column, np.full((n - len(column), *column.shape[1:]), value, column.dtype)])


def widened(matrix: sparse.csr_matrix, shape: tuple[int, int]) -> sparse.csr_matrix:
    """A matrix with empty rows and columns behind its own."""
    bounds = lengthened(matrix.indptr, shape[0] + 1, matrix.indptr[-1])
    return sparse.csr_matrix((matrix.data, matrix.indices, bounds), shape=shape)


def best_first(scores: Scores, most: int) -> Rows:
    """Positions of the `most` highest scores, best first; ties in an order that does not follow position.

    Numbers of goods often follow their age or sales, so breaking ties by position would favour some of them. Neighbours in the
    order that are less than `TIE` apart (of the largest score, where that is above 1) are ties, so that a batch, whose sums run
    in another order, ranks as its requests do alone.
    """
    rows = np.empty(min(most, len(scores)), np.int64)
    _passes.best(np.ascontiguousarray(scores, np.float32), rows)
    return rows


def scatter(numbers: NDArray[Any]) -> NDArray[np.uint32]:
    """A fixed pseudo-random rank for each number (Knuth's multiplicative hash): the order of ties."""
    return (numbers.astype(np.uint64) * np.uint64(2654435761) % np.uint64(2**32)).astype(np.uint32)
