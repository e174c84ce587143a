"""The diversity contract on the candidates of one request: kept where it can be, and where it cannot, what gives way.

Parts of a wish give way in this order, each by as little as it must: `at_least`, the last named first; `apart`, the last named
first; `floor`; the length of the slate. `at_most` never does; a share of a shorter slate is of the shorter slate.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from assortment.core.arrays import Rows, Scores
from assortment.core.terms import GaveWay
from assortment.diversify.arrange import Clause, Clauses, arrange, most_at_once
from assortment.diversify.caps import Room


@dataclass(frozen=True, eq=False)
class Contract:
    """What a wish demands of slates of k among n candidates. relevance [n]: 0 … 1; floor: the least relevance allowed; at_most,
    at_least and apart by column; shares: of which columns at_most is a share of the slate, above 0 … below 1."""

    k: int
    relevance: Scores
    floor: float = 0.0
    at_most: Mapping[str, Clause] = field(default_factory=dict)
    at_least: Mapping[str, Clause] = field(default_factory=dict)
    apart: Mapping[str, Clause] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)

    def of_length(self, k: int) -> "Contract":
        """The same of slates of k, shares being of that."""
        caps = {name: replace(self.at_most[name], amount=amount(share, k)) for name, share in self.shares.items()}
        return replace(self, k=k, at_most={**self.at_most, **caps})

    def room(self) -> Room:
        """Room for what the caps and the floor allow."""
        codes = {name: clause.codes for name, clause in self.at_most.items()}
        room = Room.of(len(self.relevance), codes, {name: clause.amount for name, clause in self.at_most.items()})
        if self.floor:
            room.open[self.relevance < self.floor] = False
        return room

    def kept(self, rows: Rows) -> bool:
        """Whether a slate keeps all of it, the caps, which `room` sees to, aside."""
        return (
            len(rows) == self.k
            and all(different(clause.codes[rows]) >= clause.amount for clause in self.at_least.values())
            and all(distance(clause.codes[rows]) >= clause.amount for clause in self.apart.values())
        )

    def arranged(self, order: Rows, until: float) -> Rows | None:
        """The slate of candidates of `order` that keeps all of it and follows that order as nearly as it can; None where none
        was found `until` then."""
        return arrange(order, self.k, self._clauses(order), until)

    def longest(self, order: Rows, until: float) -> int:
        """How long a slate of candidates of `order`, up to k, its caps allow: where one candidate after another does not come
        as far as they might at best, the exact solver is asked."""
        room, found = self.room(), 0
        for row in order.tolist():
            if found < self.k and room.open[row]:
                room.take(row)
                found += 1
        at_best = min([self.k, len(order), *(cap.at_best(order, cap.amount) for cap in self.at_most.values())])
        return found if found >= at_best else min(self.k, max(found, most_at_once(order, list(self.at_most.values()), until)))

    def _clauses(self, order: Rows) -> Clauses:
        allowed = np.zeros(len(self.relevance), dtype=bool)
        allowed[order] = self.relevance[order] >= self.floor
        return Clauses(allowed, *(tuple(part.values()) for part in (self.at_most, self.at_least, self.apart)))


def amount(most: float, k: int) -> int:
    """How many items of a slate of k `at_most` allows: a number of items, or below 1 a share, rounded down.

    >>> amount(2, 10), amount(0.29, 100), amount(0.3, 3)
    (2, 29, 0)
    """
    return int(most) if most >= 1 else int(most * k + 1e-9)


def settle(contract: Contract, order: Rows, until: float = np.inf) -> tuple[Rows, Contract]:
    """The slate nearest to an order of preference over all candidates, and the part of the contract that it keeps: all of it,
    or as much as any slate of these candidates does, as far as that was found `until` then (`time.monotonic`)."""
    met, rows = _loosened(contract, order, until)
    if met is not contract:
        met, rows = _tightened(met, contract, order, rows, until)
    return rows, met


def by_relevance(contract: Contract, rows: Rows, page: int, until: float = np.inf) -> Rows:
    """A slate that keeps a contract, page by page in the order of relevance as nearly as the contract allows."""
    paged = by_page(rows, page)
    if contract.kept(paged):
        return paged
    spaced = contract.arranged(np.sort(rows), until) if len(rows) <= page else None
    return rows if spaced is None else spaced


def by_page(rows: Rows, page: int) -> Rows:
    """Rows of candidates that stand by relevance, page by page in that order again.

    >>> by_page(np.array([0, 7, 3, 9, 1]), 3)
    array([0, 3, 7, 1, 9])
    """
    if len(rows) <= page:
        return np.sort(rows)
    return np.concatenate([np.sort(rows[start : start + page]) for start in range(0, len(rows), page)])


def _loosened(contract: Contract, order: Rows, until: float) -> tuple[Contract, Rows]:
    """Parts taken away in the order of giving way until a slate can be found."""
    rows = contract.arranged(order, until)
    while rows is None and (contract.at_least or contract.apart):
        name = "at_least" if contract.at_least else "apart"
        contract = _with(contract, name, dict(list(getattr(contract, name).items())[:-1]))
        rows = contract.arranged(order, until)
    if rows is None and contract.floor > 0:
        contract = replace(contract, floor=0.0)
        rows = contract.arranged(order, until)
    while rows is None:
        contract = contract.of_length(min(contract.k - 1, len(order), contract.longest(order, until)))
        rows = contract.arranged(order, until)
    return contract, rows


def _tightened(loose: Contract, asked: Contract, order: Rows, rows: Rows, until: float) -> tuple[Contract, Rows]:
    """What was taken away put back, as much of it as a slate can be found for, the last taken away first."""
    if loose.floor < asked.floor:
        levels = np.append(np.unique(asked.relevance[asked.relevance < asked.floor]), asked.floor)
        free = loose
        loose, rows = _highest(len(levels), lambda step: replace(free, floor=float(levels[step])), loose, order, rows, until)
    for name in ("apart", "at_least"):
        for column, clause in getattr(asked, name).items():
            if column not in getattr(loose, name):
                least = 2 if name == "apart" else 1
                steps = clause.amount + 1 - least
                loose, rows = _highest(steps, partial(_raised, loose, name, column, clause, least), loose, order, rows, until)
    return loose, rows


def _raised(loose: Contract, name: str, column: str, clause: Clause, least: int, step: int) -> Contract:
    """A contract with one clause more, `step` above the least it can say."""
    return _with(loose, name, {**getattr(loose, name), column: Clause(clause.codes, least + step)})


def _highest(
    steps: int, contract: Callable[[int], Contract], known: Contract, order: Rows, rows: Rows, until: float
) -> tuple[Contract, Rows]:
    """The last of ever harder contracts for which there is a slate, by bisection; `known` where there is one for none."""
    low, high = 0, steps
    while low < high:
        middle = (low + high) // 2
        tried = contract(middle)
        found = tried.arranged(order, until)
        if found is None:
            high = middle
        else:
            low, known, rows = middle + 1, tried, found
    return known, rows


def _with(contract: Contract, name: str, clauses: Mapping[str, Clause]) -> Contract:
    return replace(contract, at_least=clauses) if name == "at_least" else replace(contract, apart=clauses)


def gave_way(asked: Contract, met: Contract, rows: Rows) -> tuple[GaveWay, ...]:
    """What was asked and is not met, in the order of giving way."""
    given = []
    n = len(asked.relevance)
    for column, clause in reversed(list(asked.at_least.items())):
        if column not in met.at_least or met.at_least[column].amount < clause.amount:
            given.append(GaveWay(f"at_least {column}", clause.amount, different(clause.codes[rows]), _too_few(clause, asked)))
    for column, clause in reversed(list(asked.apart.items())):
        if column not in met.apart or met.apart[column].amount < clause.amount:
            why = "too many of the candidates that the rest of the wish leaves share a value"
            given.append(GaveWay(f"apart {column}", clause.amount, distance(clause.codes[rows]), why))
    if met.floor < asked.floor:
        reach = int((asked.relevance >= asked.floor).sum())
        few = f"of the {n} candidates only {reach} reach it"
        why = few if reach < asked.k else f"the rest of the wish leaves too few of the {reach} candidates that reach it"
        given.append(GaveWay("floor", asked.floor, float(asked.relevance[rows].min(initial=1)), why))
    if len(rows) < asked.k:
        why = (
            f"there are only {n} candidates"
            if len(rows) == n
            else "the caps leave no more of the candidates: "
            + ", ".join(f"at_most {name}={asked.shares.get(name, cap.amount):g}" for name, cap in asked.at_most.items())
        )
        given.append(GaveWay("items", asked.k, len(rows), why))
    return tuple(given)


def _too_few(clause: Clause, asked: Contract) -> str:
    there = different(clause.codes)
    if there < clause.amount:
        return f"the {len(asked.relevance)} candidates have only {there}"
    if asked.k * clause.codes.shape[1] < clause.amount:
        return f"the slate has only {asked.k} places"
    return "the rest of the wish leaves no more"


def different(codes: NDArray[np.int32]) -> int:
    """How many different labels there are.

    >>> different(np.array([[0, 1], [1, -1]]))
    2
    """
    return len(np.unique(codes[codes >= 0]))


def most(codes: NDArray[np.int32]) -> int:
    """How many of the items share the most common label.

    >>> most(np.array([[0, 1], [1, -1]]))
    2
    """
    return int(np.bincount(codes[codes >= 0]).max(initial=0))


def distance(codes: NDArray[np.int32]) -> int:
    """How many places apart the nearest two items with a label in common stand; their number where there are none.

    >>> distance(np.array([[0], [1], [0], [-1]]))
    2
    """
    nearest = len(codes)
    last: dict[int, int] = {}
    for place, held in enumerate(codes.tolist()):
        for label in held:
            if label >= 0:
                nearest = min(nearest, place - last.get(label, place - nearest))
                last[label] = place
    return nearest


def bands(values: NDArray[np.float64], count: int) -> NDArray[np.int32]:
    """[n, 1] which of `count` bands of equally many each value is in, from 0, the lowest; -1 where it is missing. Equal values
    are in one band.

    >>> bands(np.array([1.0, 2, 8, 9, np.nan, 20, 20]), 3)[:, 0]
    array([ 0,  0,  1,  1, -1,  2,  2], dtype=int32)
    """
    known = ~np.isnan(values)
    band = np.full(len(values), -1, np.int32)
    band[known] = (rankdata(values[known]) - 0.5) * count // max(1, known.sum())
    return band[:, None]
