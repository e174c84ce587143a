"""A slate that keeps every clause of a contract, as near to an order of preference as the clauses allow.

Whether one exists is a question of covering, matching and scheduling at once, which no greedy rule answers in all cases. So a
quick constructor is asked first, and where it finds none, an exact solver (mixed integer, HiGHS) says whether there is none.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from assortment.core.arrays import Rows

LARGE = 10_000
"""Places times candidates beyond which the exact solver is not asked: it would not keep its time."""

FOREVER = 3600.0
"""Seconds after which the solver gives up where nobody says when."""

TRIES = 25
"""How many candidates are tried for a place before the one that is known to lead to a whole slate is taken."""


@dataclass(frozen=True, eq=False)
class Clause:
    """codes [n, m]: labels of each candidate in one column, -1 where it has no more; amount: how many."""

    codes: NDArray[np.int32]
    amount: int

    @property
    def labels(self) -> int:
        return int(self.codes.max(initial=-1)) + 1

    def bears(self) -> NDArray[np.bool_]:
        """[n, labels] which candidate bears which label."""
        there = np.zeros((len(self.codes), self.labels), dtype=bool)
        rows, places = np.nonzero(self.codes >= 0)
        there[rows, self.codes[rows, places]] = True
        return there

    def at_best(self, rows: Rows, each: int) -> int:
        """How many candidates there can be at the most where a label is borne by no more than `each`: all, where a candidate
        may bear many."""
        codes = self.codes[rows]
        if codes.shape[1] > 1:
            return len(rows)
        return int((codes < 0).sum() + np.minimum(np.bincount(codes[codes >= 0]), each).sum())


@dataclass(frozen=True, eq=False)
class Clauses:
    """n candidates and what binds a slate of them: allowed [n] those that may stand on it at all."""

    allowed: NDArray[np.bool_]
    at_most: tuple[Clause, ...] = ()
    at_least: tuple[Clause, ...] = ()
    apart: tuple[Clause, ...] = ()


def arrange(order: Rows, k: int, clauses: Clauses, until: float = np.inf) -> Rows | None:
    """k candidates that keep all clauses, place by place the first in `order` that lets the rest be filled; None where there
    are none.

    order: the candidates, the most preferred first. until: when to have done, as `time.monotonic` tells it: what the exact
    solver has not found by then counts as none, and the places not looked at by then are as they were found first.
    """
    known = _Slots(clauses, k).filled(order)
    if known is None:
        known = _solved(order, k, clauses, until)
    if known is None:
        return None
    slots = _Slots(clauses, k)
    while len(known) and time.monotonic() < until:
        ahead = order[: int(np.flatnonzero(order == known[0])[0])]
        for row in ahead[slots.fits()[ahead]][:TRIES]:
            rest = slots.after(row).filled(order)
            if rest is not None:
                known = np.concatenate([[row], rest])
                break
        slots = slots.after(known[0])
        known = known[1:]
    return np.concatenate([slots.rows, known])


def most_at_once(order: Rows, caps: Sequence[Clause], until: float = np.inf) -> int:
    """How many of the candidates of `order` caps allow at once, as far as the exact solver finds `until` then."""
    bears = [LinearConstraint(sparse.csr_array(cap.bears()[order].T.astype(float)), 0, cap.amount) for cap in caps]
    n = len(order)
    found = milp(-np.ones(n), constraints=bears, integrality=np.ones(n), bounds=Bounds(0, 1), options=_options(until, 0))
    return 0 if found.x is None else int((found.x > 0.5).sum())


class _Slots:
    """The places of a slate, some of them filled."""

    def __init__(self, clauses: Clauses, k: int, rows: Sequence[int] = ()) -> None:
        self.clauses = clauses
        self.k = k
        self.rows = np.array(rows, np.int64)

    def after(self, row: int) -> "_Slots":
        return _Slots(self.clauses, self.k, [*self.rows, row])

    def fits(self) -> NDArray[np.bool_]:
        """[n] which candidates may take the next place, caps and spacing considered."""
        fits = self.clauses.allowed.copy()
        fits[self.rows] = False
        for clause in self.clauses.at_most:
            taken = clause.codes[self.rows]
            counts = np.bincount(taken[taken >= 0], minlength=clause.labels)
            fits &= ~_bears_any(clause.codes, counts >= clause.amount)
        for clause in self.clauses.apart:
            near = clause.codes[self.rows[max(0, len(self.rows) - clause.amount + 1) :]]
            fits &= ~_bears_any(clause.codes, np.bincount(near[near >= 0], minlength=clause.labels) > 0)
        return fits

    def filled(self, order: Rows) -> Rows | None:
        """The rest of the slate by a quick rule, or None where the rule finds none: whoever serves the clauses that are short
        of places first, then whose spaced label has most goods left, then the more preferred."""
        slots = self
        rank = np.empty(len(self.clauses.allowed), np.int64)
        rank[:] = len(order)
        rank[order] = np.arange(len(order))
        start = len(self.rows)
        while len(slots.rows) < slots.k:
            fits = np.flatnonzero(slots.fits())
            if not len(fits):
                return None
            serves, tight = slots._serves(fits)
            crowd = slots._crowd(fits)
            worth = np.lexsort((rank[fits], -crowd, -serves if tight else np.zeros(len(fits))))
            slots = slots.after(int(fits[worth[0]]))
        return slots.rows[start:] if not slots._missing() else None

    def _missing(self) -> bool:
        return any(len(_known(clause.codes[self.rows])) < clause.amount for clause in self.clauses.at_least)

    def _serves(self, fits: Rows) -> tuple[NDArray[np.int64], bool]:
        """How many labels that are still wanted each of these bears, and whether every place left is needed for that."""
        serves, wanted = np.zeros(len(fits), np.int64), 0
        for clause in self.clauses.at_least:
            short = clause.amount - len(_known(clause.codes[self.rows]))
            if short > 0:
                new = ~np.isin(clause.codes[fits], [-1, *_known(clause.codes[self.rows])])
                serves += np.minimum(new.sum(1), short) * (1 + short)
                wanted += short
        return serves, wanted >= self.k - len(self.rows)

    def _crowd(self, fits: Rows) -> NDArray[np.int64]:
        """How many goods that may still be taken share the most common spaced label of each of these; 0 where spacing leaves
        places enough."""
        crowd = np.zeros(len(fits), np.int64)
        left = self.clauses.allowed.copy()
        left[self.rows] = False
        for clause in self.clauses.apart:
            open_codes = clause.codes[left]
            counts = np.append(np.bincount(open_codes[open_codes >= 0], minlength=clause.labels), 0)
            most = -(-(self.k - len(self.rows)) // clause.amount)
            if np.minimum(counts, most).sum() + (open_codes < 0).all(1).sum() < 2 * (self.k - len(self.rows)):
                crowd += counts[clause.codes[fits]].max(1, initial=0)
        return crowd


def _known(codes: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.unique(codes[codes >= 0])


def _bears_any(codes: NDArray[np.int32], labels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[n] who bears one of the labels for which labels [c] is true."""
    return np.asarray(np.append(labels, False)[codes].any(axis=1))


def _options(until: float, gap: float) -> dict[str, float]:
    """gap: how far from the best a solution may be, as a share of it."""
    return {"time_limit": max(0.0, min(until - time.monotonic(), FOREVER)), "mip_rel_gap": gap}


def _solved(order: Rows, k: int, clauses: Clauses, until: float) -> Rows | None:
    """A slate by mixed integer programming: x[i, p] is 1 where candidate i stands at place p (there is but one place where
    nothing must stand apart), y[l] where label l is shown. Preferred goods cost least. Candidates that no clause tells apart
    are one another's stand-ins: of those, only the first k are looked at."""
    rows = _telling(order[clauses.allowed[order]], k, clauses)
    n, places = len(rows), k if clauses.apart else 1
    if n * places > LARGE or time.monotonic() >= until or not _may_be(rows, k, clauses):
        return None
    shown = sum(clause.labels for clause in clauses.at_least)
    spread = np.ones((1, places))
    bounds = [
        _Bound(sparse.kron(sparse.eye_array(n), spread), 0, 1),
        _Bound(sparse.kron(np.ones((1, n)), sparse.eye_array(places)), k // places, k // places),
    ]
    for clause in clauses.at_most:
        bounds.append(_Bound(sparse.kron(clause.bears()[rows].T, spread), 0, clause.amount))
    for clause in clauses.apart:
        width = min(clause.amount, places)
        windows = [_run(places, start, width) for start in range(places - width + 1)]
        bounds.append(_Bound(sparse.kron(clause.bears()[rows].T, np.stack(windows)), 0, 1))
    first = 0
    for clause in clauses.at_least:
        flags = sparse.eye_array(clause.labels, shown, k=first)
        bounds.append(_Bound(sparse.kron(clause.bears()[rows].T, spread), 0, np.inf, -flags))
        bounds.append(_Bound(sparse.csr_array((1, n * places)), clause.amount, np.inf, _run(shown, first, clause.labels)[None]))
        first += clause.labels
    found = milp(
        np.concatenate([np.repeat(np.arange(n, dtype=float), places), np.zeros(shown)]),
        constraints=[bound.constraint(shown) for bound in bounds],
        integrality=np.ones(n * places + shown),
        bounds=Bounds(0, 1),
        options=_options(until, 0.1),
    )
    if found.x is None:
        return None
    chosen, place = np.nonzero(found.x[: n * places].reshape(n, places) > 0.5)
    return rows[chosen[np.argsort(place, kind="stable")]]


def _may_be(rows: Rows, k: int, clauses: Clauses) -> bool:
    """False where counting says that there is no slate of these: too few of them, of their labels, or of the places that caps
    and spacing leave to each label."""
    caps = [clause.at_best(rows, clause.amount) for clause in clauses.at_most]
    spaced = [clause.at_best(rows, -(-k // clause.amount)) for clause in clauses.apart]
    few = any(clause.amount > min(clause.labels, k * clause.codes.shape[1]) for clause in clauses.at_least)
    return min([len(rows), *caps, *spaced]) >= k and not few


@dataclass(frozen=True, eq=False)
class _Bound:
    """low <= stands @ x + shown @ y <= high."""

    stands: sparse.csr_array
    low: float
    high: float
    shown: sparse.sparray | NDArray[np.float64] | None = None

    def constraint(self, shown: int) -> LinearConstraint:
        stands = sparse.csr_array(self.stands)
        rows = len(stands.indptr) - 1
        right = sparse.csr_array((rows, shown)) if self.shown is None else sparse.csr_array(self.shown)
        return LinearConstraint(sparse.csr_array(sparse.hstack([stands, right])), self.low, self.high)


def _run(length: int, first: int, count: int) -> NDArray[np.float64]:
    """Zeros [length] with `count` ones from `first` on."""
    ones = np.zeros(length)
    ones[first : first + count] = 1
    return ones


def _telling(rows: Rows, k: int, clauses: Clauses) -> Rows:
    """The first k of each kind of candidates that bear the same labels in every clause."""
    every = (*clauses.at_most, *clauses.at_least, *clauses.apart)
    if not every or not len(rows):
        return rows
    kinds = np.unique(np.concatenate([np.sort(clause.codes[rows], 1) for clause in every], 1), axis=0, return_inverse=True)[1]
    seen: dict[int, int] = {}
    keep = np.zeros(len(rows), dtype=bool)
    for place, kind in enumerate(kinds.ravel().tolist()):
        seen[kind] = seen.get(kind, 0) + 1
        keep[place] = seen[kind] <= k
    return rows[keep]
