"""The kinds of goods that a person may mute, and the goods that a mute means."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from assortment.core.arrays import Items
from assortment.core.catalog import Catalog, Labels, labels
from assortment.core.errors import did_you_mean
from assortment.core.mutes import Muting

USUAL = ("cluster", "category", "brand")
"""Columns whose labels are kinds wherever the catalog has them; others are where several goods share a label."""

SOME = 50
"""How many goods a mute remembers of its kind."""


class Kinds:
    """The labels of a catalog by column, a column that was derived being called as people call it (`category`)."""

    def __init__(self, catalog: Catalog, groups: Iterable[str]) -> None:
        self._catalog = catalog
        self._groups = tuple(groups)
        self._read: dict[str, Labels] = {}

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns whose labels may be muted."""
        there = [name for name in USUAL if name in self._catalog or f"derived_{name}" in self._catalog]
        return tuple(dict.fromkeys([*there, *self._groups]))

    def labels(self, column: str) -> Labels:
        """The labels of a column; raises `UnknownName` with the nearest column."""
        if column not in self.columns:
            raise did_you_mean("column to mute in", column, self.columns)
        if column not in self._read:
            self._read[column] = labels(self._catalog.known(column))
        return self._read[column]

    def counts(self, column: str) -> dict[str, int]:
        """How many goods bear each label of a column, the most frequent label first."""
        known = self.labels(column)
        borne = zip(known.names, np.asarray(known.member.sum(0)).ravel().astype(int).tolist(), strict=True)
        return dict(sorted(borne, key=lambda one: (-one[1], one[0])))

    def goods(self, column: str, value: str) -> Items:
        """The numbers of the goods of a kind; raises `UnknownName` with the nearest kind."""
        known = self.labels(column)
        if value not in known.names:
            raise did_you_mean(column, value, known.names)
        return _bearing(known, known.names.index(value))

    def some(self, column: str, value: str) -> tuple[str, ...]:
        """The ids of some goods of a kind, at most `SOME`, from all over the catalog; raises `UnknownName`."""
        goods = self.goods(column, value)
        rows = np.unique(np.linspace(0, len(goods) - 1, min(SOME, len(goods))).astype(np.int64))
        return tuple(self._catalog.ids.names[number] for number in goods[rows])

    def meant(self, muting: Muting) -> Items:
        """The numbers of the goods that a mute means now.

        Where no goods bear the label any more, since a later fit made other clusters: those that it remembers and, where half
        of these or more bear one label now, all that bear it.
        """
        if muting.column in self.columns and muting.value in self.labels(muting.column).names:
            return self.goods(muting.column, muting.value)
        numbers = self._catalog.numbers(muting.goods)
        known = np.unique(numbers[numbers >= 0])
        if muting.column not in self.columns or not len(known):
            return known
        now = self.labels(muting.column)
        bearing = np.isin(np.arange(len(self._catalog)), known) @ now.member
        if 2 * bearing.max(initial=0) < len(known):
            return known
        return np.union1d(known, _bearing(now, int(bearing.argmax()))).astype(np.int32)

    def all_meant(self, mutings: Iterable[Muting]) -> Items:
        """The numbers of all goods that these mutes mean, sorted."""
        each = [self.meant(muting) for muting in mutings]
        return np.unique(np.concatenate([np.empty(0, np.int32), *each]))


def _bearing(known: Labels, label: int) -> Items:
    return np.flatnonzero(known.member @ (np.arange(len(known.names)) == label)).astype(np.int32)
