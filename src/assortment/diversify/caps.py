"""Hard caps: at most so many items of one slate with the same label. No method can break them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Column, Items
from assortment.core.catalog import labels
from assortment.core.errors import BadSetting


def label_codes(name: str, column: Column) -> NDArray[np.int32]:
    """[n, most labels of one item] the labels of each item as numbers, -1 where it has no more.

    >>> label_codes("brand", np.array(["a|b", None, "b"], dtype=object))
    array([[ 0,  1],
           [-1, -1],
           [ 1, -1]], dtype=int32)
    """
    if column.dtype != object:
        raise BadSetting(f"column '{name}' holds numbers; a cap needs a column of labels, such as a brand or a price band")
    member = labels(column).member
    counts = np.diff(member.indptr)
    codes = np.full((len(column), max(1, counts.max(initial=0))), -1, np.int32)
    place = np.arange(len(member.indices)) - np.repeat(member.indptr[:-1], counts)
    codes[np.repeat(np.arange(len(column)), counts), place] = member.indices
    return codes


class Room:
    """Which of n candidates may still be taken: open [n]. It shrinks with each `take`.

    codes: by column, the label numbers of the candidates (`label_codes`); most: by column, how many may share a label.
    """

    def __init__(self, n: int, codes: Mapping[str, Items], most: Mapping[str, int]) -> None:
        self.open: NDArray[np.bool_] = np.ones(n, dtype=bool)
        self._caps = [(codes[name], most[name], dict[int, int]()) for name in most]

    def take(self, row: int) -> None:
        """Take one candidate, and close it and those whose label is now used up."""
        self.open[row] = False
        for codes, most, taken in self._caps:
            for label in codes[row]:
                if label < 0:
                    continue
                taken[label] = taken.get(label, 0) + 1
                if taken[label] >= most:
                    self.open &= ~(codes == label).any(axis=1)
