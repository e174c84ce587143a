"""The diversity contract on the candidates of one request: kept where it can be, and where it cannot, what gives way.

Parts of a wish give way in this order, each by as little as it must: `at_least`, the last named first; `apart`, the last named
first; `floor`; the length of the slate. `at_most` never does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from assortment.core.arrays import Rows, Scores
from assortment.core.terms import GaveWay
from assortment.diversify.arrange import Clause, Clauses, arrange
from assortment.diversify.caps import Room


@dataclass(frozen=True, eq=False)
class Contract:
    """What a wish demands of slates of k among n candidates. relevance [n]: 0 … 1; floor: the least relevance allowed; at_most,
    at_least and apart by column."""

    k: int
    relevance: Scores
    floor: float = 0.0
    at_most: Mapping[str, Clause] = field(default_factory=dict)
    at_least: Mapping[str, Clause] = field(default_factory=dict)
    apart: Mapping[str, Clause] = field(default_factory=dict)

    @property
    def only_caps(self) -> bool:
        return not self.at_least and not self.apart

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

    def arranged(self, order: Rows) -> Rows | None:
        """The slate that keeps all of it and follows an order of preference as nearly as it can; None where there is none."""
        clauses = [tuple(part.values()) for part in (self.at_most, self.at_least, self.apart)]
        return arrange(order, self.k, Clauses(self.relevance >= self.floor, *clauses))


def settle(contract: Contract, order: Rows) -> tuple[Rows, Contract]:
    """The slate nearest to an order of preference over all candidates, and the part of the contract that it keeps: all of it,
    or as much as any slate of these candidates does."""
    met, rows = _loosened(contract, order)
    if met is not contract:
        met, rows = _tightened(met, contract, order, rows)
    return rows, met


def _loosened(contract: Contract, order: Rows) -> tuple[Contract, Rows]:
    """Parts taken away in the order of giving way until a slate can be found."""
    rows = contract.arranged(order)
    while rows is None and (contract.at_least or contract.apart):
        name = "at_least" if contract.at_least else "apart"
        contract = _with(contract, name, dict(list(getattr(contract, name).items())[:-1]))
        rows = contract.arranged(order)
    if rows is None and contract.floor > 0:
        contract = replace(contract, floor=0.0)
        rows = contract.arranged(order)
    while rows is None:
        contract = replace(contract, k=min(contract.k, len(order) + 1) - 1)
        rows = contract.arranged(order)
    return contract, rows


def _tightened(loose: Contract, asked: Contract, order: Rows, rows: Rows) -> tuple[Contract, Rows]:
    """What was taken away put back, as much of it as a slate can be found for, the last taken away first."""
    if loose.floor < asked.floor:
        levels = np.append(np.unique(asked.relevance[asked.relevance < asked.floor]), asked.floor)
        free = loose
        loose, rows = _highest(len(levels), lambda step: replace(free, floor=float(levels[step])), loose, order, rows)
    for name in ("apart", "at_least"):
        for column, clause in getattr(asked, name).items():
            if column not in getattr(loose, name):
                least = 2 if name == "apart" else 1
                steps = clause.amount + 1 - least
                loose, rows = _highest(steps, partial(_raised, loose, name, column, clause, least), loose, order, rows)
    return loose, rows


def _raised(loose: Contract, name: str, column: str, clause: Clause, least: int, step: int) -> Contract:
    """A contract with one clause more, `step` above the least it can say."""
    return _with(loose, name, {**getattr(loose, name), column: Clause(clause.codes, least + step)})


def _highest(
    steps: int, contract: Callable[[int], Contract], known: Contract, order: Rows, rows: Rows
) -> tuple[Contract, Rows]:
    """The last of ever harder contracts for which there is a slate, by bisection; `known` where there is one for none."""
    low, high = 0, steps
    while low < high:
        middle = (low + high) // 2
        tried = contract(middle)
        found = tried.arranged(order)
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
        why = f"of the {n} candidates only {int((asked.relevance >= asked.floor).sum())} reach it"
        given.append(GaveWay("floor", asked.floor, float(asked.relevance[rows].min(initial=1)), why))
    if len(rows) < asked.k:
        why = (
            f"there are only {n} candidates"
            if len(rows) == n
            else "the caps leave no more of the candidates: "
            + ", ".join(f"at_most {column}={clause.amount}" for column, clause in asked.at_most.items())
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
