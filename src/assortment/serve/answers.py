"""What is answered: a slate as goods at their places, with what was said of each."""

from dataclasses import dataclass, replace
from typing import Any

from assortment.core.events import Shown
from assortment.core.slate import Slate
from assortment.core.terms import Terms
from assortment.serve.shelf import Item, Shelf, Value, plain


@dataclass(frozen=True)
class Card:
    """A product at its place in a slate, 1 the first.

    source: the part that spoke loudest for it; relevance: 0 the least … 1 the most relevant of the candidates; before: the
    place it would have had by relevance alone. None where no stage said so.
    """

    place: int
    item: Item
    score: float
    source: str | None
    why: str | None
    relevance: float | None
    before: int | None
    propensity: float


@dataclass(frozen=True)
class Answer:
    """A slate as it was answered and recorded. slate: its id, which events may name; arm: the version that chose it, and the
    arms of experiments; terms: what it achieved of the wish, None where nothing diversifies; instead: why these are only what
    is popular, None where they are what was asked for; took: milliseconds in which it was chosen, None where that is of no
    account."""

    slate: str
    user: str
    time: int
    arm: str
    cards: tuple[Card, ...]
    terms: Terms | None = None
    instead: str | None = None
    took: float | None = None


def shown_of(answer: Answer) -> Shown:
    """As the log keeps it."""
    return Shown(
        slate=answer.slate,
        time=answer.time,
        user=answer.user,
        arm=answer.arm,
        items=tuple(card.item.item for card in answer.cards),
        propensity=tuple(card.propensity for card in answer.cards),
        took=answer.took,
    )


def cards(slate: Slate, shelf: Shelf) -> tuple[Card, ...]:
    """The goods of a slate at their places."""
    source, why, relevance, before = (_said(slate, name, None) for name in ("from", "why", "relevance", "before"))
    places = [None if place is None else int(place) + 1 for place in before]
    told = (source, why, relevance, places, _said(slate, "propensity", 1.0))
    return tuple(map(Card, range(1, len(slate) + 1), shelf.items(slate.items), slate.scores.tolist(), *told))


def _said(slate: Slate, name: str, silent: Value) -> list[Any]:
    """What a note says of each row; silent: what stands where no stage said so."""
    column = slate.notes.get(name)
    return [silent] * len(slate) if column is None or column.ndim > 1 else [plain(value) for value in column.tolist()]


def notes_of(slate: Slate) -> list[dict[str, Value]]:
    """The notes of each row, as values that JSON knows; notes of more than one number are left out."""
    columns = {name: [plain(value) for value in note.tolist()] for name, note in slate.notes.items() if note.ndim == 1}
    return [{name: column[row] for name, column in columns.items()} for row in range(len(slate))]


def without(terms: Terms | None, part: str) -> Terms | None:
    """The terms without what was achieved of a part that nobody wished for."""
    if terms is None:
        return None
    return replace(terms, achieved={name: got for name, got in terms.achieved.items() if name != part})


def first(slate: Slate, most: int) -> Slate:
    """At most so many of its goods."""
    return slate if len(slate) <= most else slate.take(slice(most))
