"""What is measured of each person between two moments: a number, or a ratio of two."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Times
from assortment.core.catalog import labels
from assortment.core.errors import BadInput, did_you_mean
from assortment.core.events import KINDS
from assortment.experiment.people import DAY, People
from assortment.experiment.sample import Values

Mask = NDArray[np.bool_]

TAKEN = ("click", "view", "favourite", "cart", "purchase")
"""Kinds of event by which a good of a slate is taken."""

VISIT = 1_800_000
"""Milliseconds without a deed after which the next begins a new session."""

TIMES = "times"
"""What a measure needs that is of how long slates took."""

REGRET = 30 * DAY
"""Within so long a return undoes the satisfaction of a purchase."""


@dataclass(frozen=True, eq=False)
class Window:
    """Which deeds and which slates of the people lie between the two moments."""

    did: Mask
    saw: Mask


@dataclass(frozen=True)
class Definition:
    """said: in words; better: 1 more, -1 less; of: top [n] and below [n], None where each person counts as one; needs: the
    column of the catalog without which there is nothing to measure, or `TIMES`."""

    said: str
    better: int
    of: Callable[[People, Window], tuple[Values, Values | None]]
    needs: str = ""


def observed(measure: str, people: People, since: Times, until: Times | int) -> tuple[Values, Values | None]:
    """A measure of each of n people from `since` [n] (included) until `until` (excluded); an event that answers a slate counts
    by its own time. Raises `UnknownName` for a measure that is not there, `BadInput` where the goods lack what it needs."""
    definition = defined(measure)
    if definition.needs and not has(people, definition.needs):
        of = "of the slates" if definition.needs == TIMES else "of the goods"
        raise BadInput(f"'{measure}' needs {definition.needs} {of}, which this shop does not know")
    until = np.broadcast_to(np.asarray(until, np.int64), since.shape)
    deeds, slates = people.deeds, people.slates
    did = (deeds.time >= since[deeds.person]) & (deeds.time < until[deeds.person])
    saw = (slates.time >= since[slates.person]) & (slates.time < until[slates.person])
    return definition.of(people, Window(did, saw))


def defined(measure: str) -> Definition:
    if measure not in MEASURES:
        raise did_you_mean("measure", measure, MEASURES)
    return MEASURES[measure]


def has(people: People, needs: str) -> bool:
    """Whether there is what a measure needs: of the goods a price, a vector, or kinds; of any slate how long it took."""
    if needs == TIMES:
        return bool(np.isfinite(people.slates.took).any())
    return people.catalog.kinds is not None if needs == "kinds" else needs in people.catalog


def measurable(people: People) -> list[str]:
    """The measures that this log can tell."""
    return [name for name, one in MEASURES.items() if not one.needs or has(people, one.needs)]


def _of(people: People, did: Mask, *kinds: str) -> Mask:
    return did & np.isin(people.deeds.kind, [KINDS.index(kind) for kind in kinds])


def _sum(people: People, rows: Mask, weights: Values | None = None) -> Values:
    chosen = None if weights is None else weights[rows]
    return np.bincount(people.deeds.person[rows], chosen, len(people)).astype(np.float64)


def _per_slate(people: People, saw: Mask, values: Values) -> tuple[Values, Values]:
    """The sum over the slates of each person on which a value is known, and their number."""
    known = saw & np.isfinite(values)
    person = people.slates.person[known]
    return _counted(people, person, values[known]), _counted(people, person)


def _counted(people: People, person: Items, weights: Values | None = None) -> Values:
    return np.bincount(person, weights, len(people)).astype(np.float64)


def _ctr(people: People, window: Window) -> tuple[Values, Values]:
    taken = _of(people, window.did, *TAKEN) & (people.deeds.slate >= 0)
    deeds, slates = people.deeds, people.slates
    rows = np.flatnonzero(taken)
    rows = rows[(slates.items[deeds.slate[rows]] == deeds.item[rows, None]).any(1)] if len(rows) else rows
    pairs = np.unique(np.stack([deeds.slate[rows], deeds.item[rows]], 1), axis=0)[:, 0] if len(rows) else rows
    clicks = np.bincount(slates.person[pairs], minlength=len(people)).astype(np.float64)
    shown = (slates.items[window.saw] >= 0).sum(1).astype(np.float64)
    return clicks, _counted(people, slates.person[window.saw], shown)


def _conversion(people: People, window: Window) -> tuple[Values, None]:
    return (_sum(people, _of(people, window.did, "purchase")) > 0).astype(np.float64), None


def _orders(people: People, window: Window) -> tuple[Values, None]:
    return _sum(people, _of(people, window.did, "purchase")), None


def _revenue(people: People, window: Window) -> tuple[Values, None]:
    price = np.nan_to_num(people.catalog.column("price").astype(np.float64))
    return _sum(people, _of(people, window.did, "purchase"), price[people.deeds.item] * people.deeds.value), None


def _returns(people: People, window: Window) -> tuple[Values, Values]:
    return _sum(people, _of(people, window.did, "return")), _sum(people, _of(people, window.did, "purchase"))


def _satisfied(people: People, window: Window) -> tuple[Values, None]:
    """Sessions with a purchase, a cart or a favourite, in which nothing was hidden and of whose goods none came back."""
    deeds = people.deeds
    rows = np.flatnonzero(window.did)
    rows = rows[np.lexsort((deeds.time[rows], deeds.person[rows]))]
    if not len(rows):
        return np.zeros(len(people)), None
    new = (np.diff(deeds.person[rows]) != 0) | (np.diff(deeds.time[rows]) > VISIT)
    session = np.concatenate([[0], np.cumsum(new)])
    good, bad = (np.zeros(session[-1] + 1, bool) for _ in range(2))
    good[session[_of(people, window.did, "purchase", "cart", "favourite")[rows]]] = True
    bad[session[_of(people, window.did, "hide")[rows] | _regretted(people, window)[rows]]] = True
    owner = deeds.person[rows[np.concatenate([[True], new])]]
    return np.bincount(owner[good & ~bad], minlength=len(people)).astype(np.float64), None


def _regretted(people: People, window: Window) -> Mask:
    """Purchases whose item the person returned within `REGRET`."""
    deeds, undone = people.deeds, np.zeros(len(people.deeds.time), bool)
    returns = np.flatnonzero(deeds.kind == KINDS.index("return"))
    for row in returns:
        same = _of(people, window.did, "purchase") & (deeds.person == deeds.person[row]) & (deeds.item == deeds.item[row])
        undone |= same & (deeds.time <= deeds.time[row]) & (deeds.time >= deeds.time[row] - REGRET)
    return undone


def _categories(people: People, window: Window) -> tuple[Values, None]:
    kind = _kinds(people)
    rows = np.flatnonzero(_of(people, window.did, "purchase") & (kind[people.deeds.item] >= 0))
    pairs = np.unique(np.stack([people.deeds.person[rows], kind[people.deeds.item[rows]]], 1), axis=0)
    return np.bincount(pairs[:, 0], minlength=len(people)).astype(np.float64), None


def _kinds(people: People) -> NDArray[np.int32]:
    """The first label of each item in the column that says what kind of thing it is."""
    return labels(people.catalog.column(people.catalog.kinds or "")).first()


def _shown_kinds(people: People, window: Window) -> tuple[Values, Values]:
    items = people.slates.items
    kind = np.sort(np.where(items >= 0, np.append(_kinds(people), -1)[items], -1), axis=1)
    different = ((np.diff(kind, axis=1, prepend=-1) != 0) & (kind >= 0)).sum(1) if kind.shape[1] else np.zeros(len(kind))
    return _per_slate(people, window.saw, different.astype(np.float64))


def _variety(people: People, window: Window) -> tuple[Values, Values]:
    """1 - the mean cosine of the pairs: Σ over pairs = (|Σ v|² - Σ |v|²) / 2, so no pair is visited."""
    vectors = np.concatenate(
        [people.catalog.column("vector"), np.zeros((1, people.catalog.column("vector").shape[1]), np.float32)]
    )
    values = np.full(len(window.saw), np.nan)
    for row in np.flatnonzero(window.saw):
        shown = people.slates.items[row]
        n, own = int((shown >= 0).sum()), vectors[shown[shown >= 0]].astype(np.float64)
        if n > 1:
            values[row] = 1 - (np.square(own.sum(0)).sum() - np.square(own).sum()) / (n * (n - 1))
    return _per_slate(people, window.saw, values)


def _latency(people: People, window: Window) -> tuple[Values, Values]:
    return _per_slate(people, window.saw, people.slates.took)


def untimed(people: People) -> int:
    """How many slates that people were shown from their exposure on are not in `latency`, since nobody measured them."""
    slates = people.slates
    return int(np.isnan(slates.took[slates.time >= people.since[slates.person]]).sum())


MEASURES: Mapping[str, Definition] = {
    "conversion": Definition("the share of people who bought something", 1, _conversion),
    "orders": Definition("things bought per person", 1, _orders),
    "revenue": Definition("money of what was bought, per person", 1, _revenue, "price"),
    "ctr": Definition("goods of slates that were clicked, carted or bought from there, over goods shown", 1, _ctr),
    "satisfied": Definition("satisfied sessions per person: something taken, nothing hidden, nothing sent back", 1, _satisfied),
    "returns": Definition("things sent back over things bought", -1, _returns),
    "categories": Definition("different kinds of goods bought per person", 1, _categories, "kinds"),
    "variety": Definition("how unlike the goods of a slate are: 1 less the mean cosine of its pairs", 1, _variety, "vector"),
    "kinds": Definition("different kinds of goods on a slate", 1, _shown_kinds, "kinds"),
    "latency": Definition("milliseconds in which a slate was chosen", -1, _latency, TIMES),
}
"""By the name that an experiment uses."""
