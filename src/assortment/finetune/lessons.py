"""What is learnt from: what each person took after what, and what people wrote about goods."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Items, Rows
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.events import Events

HISTORY = 5
"""Of how many goods before it a thing is foretold."""

MOST = 200_000
"""The most lessons; the latest are kept."""

WRITTEN = ("queries", "reviews")
"""Columns of the catalog with what people searched for and found, or wrote of it; several texts with `|` between them."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """m lessons of n goods.

    history [m, n]: what the person had before, the last moment weighing 1, the one before it `decay` and so on; target [m]:
    what came next; person [m]: a row of theirs [people, n], which has 1 for all that the person has, and is never wrong;
    written: texts, and the goods that they are about.
    """

    history: sparse.csr_matrix
    target: Items
    person: Rows
    theirs: sparse.csr_matrix
    written: tuple[str, ...]
    about: Items

    def __len__(self) -> int:
        return len(self.target)


def lessons(dataset: Dataset, decay: float) -> Lessons:
    """All that a log and a catalog teach; raises `BadInput` where that is nothing."""
    events = dataset.events.liked()
    found = [lesson for rows in _people(events) for lesson in _of_one(events, rows)]
    found = sorted(found, key=lambda lesson: lesson.row)[-MOST:]
    written, about = _written(dataset.catalog)
    if not found and not written:
        columns = " or ".join(f"'{name}'" for name in WRITTEN)
        raise BadInput(f"nothing can be learnt: nobody took one thing after another, and the catalog has no column {columns}")
    bounds = np.cumsum([0, *(len(lesson.before) for lesson in found)])
    before = np.concatenate([np.empty(0, np.int32), *(lesson.before for lesson in found)])
    weights = np.concatenate([np.empty(0, np.float32), *(decay**lesson.ages for lesson in found)]).astype(np.float32)
    rows = np.array([lesson.row for lesson in found], np.int64)
    return Lessons(
        sparse.csr_matrix((weights, before, bounds), shape=(len(found), len(dataset.catalog))),
        events.item[rows].astype(np.int32),
        events.user[rows].astype(np.int64),
        dataset.matrix(),
        written,
        about,
    )


@dataclass(frozen=True, eq=False)
class _Lesson:
    """row: of the event that is foretold; before: the goods that the person had; ages: how many moments before the last."""

    row: int
    before: Items
    ages: NDArray[np.int64]


def _people(events: Events) -> list[Rows]:
    """The rows of each person's events, in order of time."""
    order = np.argsort(events.user, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(events.user[order])) + 1) if len(order) else []


def _of_one(events: Events, rows: Rows) -> Iterator[_Lesson]:
    """One lesson for each of a person's events that has others, of other goods, at an earlier moment."""
    items, moments = events.item[rows], np.cumsum(np.diff(events.time[rows], prepend=events.time[rows[:1]]) > 0)
    for place, row in enumerate(rows):
        end = int(np.searchsorted(moments, moments[place]))
        before = np.arange(max(0, end - HISTORY), end)
        before = before[items[before] != items[place]]
        if len(before):
            yield _Lesson(int(row), items[before], moments[before[-1]] - moments[before])


def _written(catalog: Catalog) -> tuple[tuple[str, ...], Items]:
    """Each text of the columns `WRITTEN` that says anything, and its good."""
    texts: list[str] = []
    about: list[int] = []
    for name in WRITTEN:
        if name in catalog:
            found = labels(catalog.column(name))
            rows, columns = found.member.nonzero()
            texts += [found.names[column] for column in columns]
            about += rows.tolist()
    said = [place for place, text in enumerate(texts) if any(letter.isalnum() for letter in text)]
    return tuple(texts[place] for place in said), np.array([about[place] for place in said], np.int32)
