"""The one list type along the whole line: candidates, a ranking, what is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from assortment.core.arrays import Column, Items, Rows, Scores, best_first
from assortment.core.errors import BadInput
from assortment.core.terms import Terms


@dataclass(frozen=True, eq=False)
class Notes(Mapping[str, Column]):
    """Columns that are brought into the order of a slate when they are read, for most never are.

    layers: columns, and which of their rows the goods of the slate are; the column of a later layer hides an earlier one of its
    name.
    """

    layers: tuple[tuple[Mapping[str, Column], Rows], ...]

    def __getitem__(self, name: str) -> Column:
        for columns, rows in reversed(self.layers):
            if name in columns:
                return columns[name].take(rows, 0)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(name in columns for columns, _ in self.layers)

    def __iter__(self) -> Iterator[str]:
        return iter({name: None for columns, _ in self.layers for name in columns})

    def __len__(self) -> int:
        return len(list(iter(self)))

    def require(self, n: int) -> None:
        """Raise `BadInput` unless they are of n goods."""
        for _, rows in self.layers:
            if len(rows) != n:
                raise _misfit("notes", rows, n)

    def take(self, rows: Rows | slice) -> "Notes":
        """The notes of some of the goods, in the order of `rows`."""
        return Notes(tuple([(columns, places[rows]) for columns, places in self.layers]))


@dataclass(frozen=True, eq=False)
class Slate:
    """n goods, best first: items [n] numbers, scores [n], and notes, columns of n rows that stages leave for the next.

    terms: what it achieved of the wish, once a slate is chosen; they hold for these items in this order, and so are gone when
    either changes.
    """

    items: Items = field(default_factory=lambda: np.empty(0, np.int32))
    scores: Scores = field(default_factory=lambda: np.empty(0, np.float32))
    notes: Mapping[str, Column] = field(default_factory=dict)
    terms: Terms | None = None

    def __post_init__(self) -> None:
        n = len(self.items)
        if len(self.scores) != n:
            raise _misfit("scores", self.scores, n)
        if type(self.notes) is Notes:
            self.notes.require(n)
        else:
            _require(self.notes, n)

    def __len__(self) -> int:
        return len(self.items)

    def take(self, rows: Rows | slice) -> "Slate":
        """Some of its items, in the order of `rows`."""
        return Slate(self.items[rows], self.scores[rows], self._layered.take(rows))

    def scored(self, scores: Scores) -> "Slate":
        """The same items with new scores, best first."""
        return Slate(self.items, scores.astype(np.float32), self.notes).take(best_first(scores, len(scores)))

    def noted(self, name: str, values: Column) -> "Slate":
        return self.noting({name: values})

    def noting(self, columns: Mapping[str, Column], rows: Rows | None = None) -> "Slate":
        """The slate with further notes. rows: which rows of the columns its items are; None where all, in this order."""
        if rows is None:
            _require(columns, len(self.items))
            rows = np.arange(len(self.items))
        return Slate(self.items, self.scores, Notes((*self._layered.layers, (columns, rows))), self.terms)

    @property
    def _layered(self) -> Notes:
        if type(self.notes) is Notes:
            return self.notes
        return Notes(((self.notes, np.arange(len(self.items))),) if self.notes else ())

    def settled(self, terms: Terms) -> "Slate":
        """The slate that is chosen, with what it achieved."""
        return Slate(self.items, self.scores, self.notes, terms)


def _require(columns: Mapping[str, Column], n: int) -> None:
    for name, column in columns.items():
        if len(column) != n:
            raise _misfit(name, column, n)


def _misfit(name: str, column: Column, n: int) -> BadInput:
    return BadInput(f"'{name}' has {len(column)} rows for {n} items")
