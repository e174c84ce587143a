"""A wish as a form and as an address: what is asked for, and the rows that show it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from assortment.core.request import Wish
from assortment.serve.messages import CLAUSES, WishIn

CLAUSE = re.compile(r"(.+):(\d{0,9}\.?\d{1,9})")
SHARE = re.compile(r"0?\.\d{1,9}|[01]|1\.0*|0\.")
PARTS = ("at_most", "at_least", "apart")


@dataclass(frozen=True)
class Clause:
    """A row of the form: a part of the wish, the column, and the amount as it was written, "" where it is left to the shop."""

    part: str
    column: str
    amount: str


@dataclass(frozen=True)
class Wished:
    """wish: what is asked for; clauses: its rows; left: what could not be read in the address, in words."""

    wish: Wish
    clauses: tuple[Clause, ...]
    left: tuple[str, ...]

    @property
    def is_set(self) -> bool:
        """Whether anything is not left to the shop."""
        return self.wish != Wish()

    @property
    def count(self) -> int:
        """How many clauses are set."""
        return len(self.clauses) + (self.wish.floor is not None)

    def of(self, part: str) -> tuple[Clause, ...]:
        return tuple(clause for clause in self.clauses if clause.part == part)


def wished(query: QueryParams) -> Wished:
    """The wish of an address: `at_most=brand:2`, or `at_most_of=brand` and `at_most=2` as a form sends them.

    Raises `BadSetting` for an amount outside its range.
    """
    left: list[str] = []
    diversity, floor = _share(query, "diversity", left), _share(query, "floor", left)
    if floor == 0 and "at_most_of" in query:
        floor = None  # a slider cannot send nothing
    clauses = tuple(_unlike(clause for part in PARTS for clause in _clauses(query, part, left)))
    amounts = {part: {one.column: float(one.amount) for one in clauses if one.part == part} for part in PARTS}
    return Wished(WishIn(diversity=diversity, floor=floor, **amounts).wish(), clauses, tuple(left))


def _share(query: QueryParams, name: str, left: list[str]) -> float | None:
    given = query.get(name, "")
    if given and not SHARE.fullmatch(given):
        left.append(f"{name}={given[:40]} in the address is not a number from 0 to 1; it is left aside.")
        return None
    return float(given) if given else None


def _clauses(query: QueryParams, part: str, left: list[str]) -> Iterator[Clause]:
    columns = iter(query.getlist(f"{part}_of"))
    for given in query.getlist(part)[: 2 * CLAUSES]:
        text = given if ":" in given or f"{part}_of" not in query else f"{next(columns, '')}:{given}"
        found = CLAUSE.fullmatch(text)
        if found:
            yield Clause(part, found[1], found[2])
        elif not text.endswith(":"):
            left.append(f"{part}={given[:40]} in the address is not COLUMN:NUMBER; it is left aside.")


def _unlike(clauses: Iterable[Clause]) -> Iterator[Clause]:
    """The first clause of each part and column, at most `CLAUSES` of a part."""
    seen: dict[str, set[str]] = {part: set() for part in PARTS}
    for clause in clauses:
        if clause.column not in seen[clause.part] and len(seen[clause.part]) < CLAUSES:
            seen[clause.part].add(clause.column)
            yield clause
