"""Hard caps: at most so many items of one slate with the same label. No method can break them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Column, Items
from assortment.core.catalog import labels
from assortment.core.errors import BadSetting


def label_codes(name: str, column: Column) -> NDArray[np.int32]:
    """[n, most labels of one item] the labels of each item as numbers, -1 where it has no more. What is true or false bears a
    label where it is true.

    >>> label_codes("brand", np.array(["a|b", None, "b"], dtype=object))
    array([[ 0,  1],
           [-1, -1],
           [ 1, -1]], dtype=int32)
    """
    if column.dtype == bool:
        return np.where(column, 0, -1).astype(np.int32)[:, None]
    if column.dtype != object:
        held = "vectors" if column.ndim > 1 else "numbers"
        raise BadSetting(f"column '{name}' holds {held}; caps and spacing need labels, such as a brand or a price band")
    member = labels(column).member
    counts = np.diff(member.indptr)
    codes = np.full((len(column), max(1, counts.max(initial=0))), -1, np.int32)
    place = np.arange(len(member.indices)) - np.repeat(member.indptr[:-1], counts)
    codes[np.repeat(np.arange(len(column)), counts), place] = member.indices
    return codes


@dataclass(frozen=True, eq=False)
class Room:
    """Which of n candidates may still be taken. It shrinks with each `take`.

    codes [n, m] int32: the capped labels of each candidate, those of all capped columns numbered through, -1 where it has no
    more; left [labels] int32: how many more may bear each label; open [n] bool.
    """

    codes: NDArray[np.int32]
    left: NDArray[np.int32]
    open: NDArray[np.bool_]

    @staticmethod
    def of(n: int, codes: Mapping[str, Items], most: Mapping[str, int]) -> "Room":
        """Room for n candidates. codes: by column, their label numbers (`label_codes`); most: by column, how many may share a
        label, 0 … n.

        >>> room = Room.of(3, {"brand": np.array([[0], [0], [-1]])}, {"brand": 1})
        >>> room.take(0)
        >>> room.open
        array([False, False,  True])
        """
        if not most:
            return Room(np.empty((n, 0), np.int32), np.empty(0, np.int32), np.ones(n, dtype=bool))
        columns, left, first = [np.empty((n, 0), np.int32)], [np.empty(0, np.int32)], 0
        for name, limit in most.items():
            labels = int(codes[name].max(initial=-1)) + 1
            columns.append(np.where(codes[name] < 0, -1, codes[name] + first).astype(np.int32))
            left.append(np.full(labels, limit, np.int32))
            first += labels
        room = Room(np.ascontiguousarray(np.concatenate(columns, 1)), np.concatenate(left), np.ones(n, dtype=bool))
        for label in np.flatnonzero(room.left < 1):
            room._close(int(label))
        return room

    def take(self, row: int) -> None:
        """Take one candidate, and close it and those whose label is now used up."""
        self.open[row] = False
        for label in self.codes[row]:
            if label >= 0:
                self.left[label] -= 1
                if self.left[label] < 1:
                    self._close(label)

    def _close(self, label: int) -> None:
        self.open[(self.codes == label).any(axis=1)] = False
