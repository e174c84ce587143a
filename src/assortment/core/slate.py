"""The one list type along the whole line: candidates, a ranking, what is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from assortment.core.arrays import Column, Items, Rows, Scores, best_first
from assortment.core.errors import BadInput
from assortment.core.terms import Terms


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
        for name, column in (("scores", self.scores), *self.notes.items()):
            if len(column) != len(self.items):
                raise BadInput(f"'{name}' has {len(column)} rows for {len(self.items)} items")

    def __len__(self) -> int:
        return len(self.items)

    def take(self, rows: Rows | slice) -> "Slate":
        """Some of its items, in the order of `rows`."""
        return Slate(self.items[rows], self.scores[rows], {name: column[rows] for name, column in self.notes.items()})

    def scored(self, scores: Scores) -> "Slate":
        """The same items with new scores, best first."""
        return Slate(self.items, scores.astype(np.float32), self.notes).take(best_first(scores, len(scores)))

    def noted(self, name: str, values: Column) -> "Slate":
        return replace(self, notes={**self.notes, name: values})

    def settled(self, terms: Terms) -> "Slate":
        """The slate that is chosen, with what it achieved."""
        return replace(self, terms=terms)
