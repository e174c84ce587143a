"""What a log of visits tells of its people: how kinds tire them and recover, who comes again, and with how sure a number.

A visit is a day on which a person did something. Whether a kind is among what is taken on a visit is regressed (logistic) on
how often it is taken by all, how often this person has taken it before, and how much of it they have had lately, a count of
which a share is left after each visit: less of what was had lately, beyond habit, is that it tires. The interval is by
bootstrap over people.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.events import Events
from assortment.core.progress import tell
from assortment.rl.shoppers import MOOD

DAY = 86_400_000
SHARES = (0.5, 0.65, 0.8, 0.9, 0.95)
"""Shares left after a visit that are tried."""

AGAINST, PEOPLE, TAKINGS, DRAWS = 4, 3000, 100_000, 100
"""Kinds not taken that are set against each that was; the most people who are asked, and the most kinds that they took on
visits; and bootstrap draws."""

FEWEST = 30
"""People with three visits or more without whom nothing is fitted."""


@dataclass(frozen=True)
class Found:
    """A constant that the log says, with its 95 % interval, or why it does not; people: how many were asked."""

    name: str
    value: float
    low: float
    high: float
    sure: bool
    said: str
    people: int


@dataclass(frozen=True, eq=False)
class Log:
    """Visits of people in order: person [v], day [v], and kind of each taking with its visit, rows [m, 2] of (visit, kind)."""

    person: NDArray[np.int64]
    day: NDArray[np.int64]
    took: NDArray[np.integer]
    kinds: int

    def visits_of(self) -> NDArray[np.int64]:
        """How many visits each person has."""
        return np.bincount(self.person)


def read_visits(events: Events, kind: NDArray[np.int32], kinds: int) -> Log:
    """The visits of a log; raises `BadInput` where it has no times."""
    liked = events.liked()
    day = liked.time // DAY
    if len(day) and day.min() == day.max():
        raise BadInput(
            "all events of the log are of one day, so that it has no visits one after the other; give events their times "
            "(a column 'time'), and ingest again"
        )
    key = liked.user.astype(np.int64) * (int(day.max(initial=0)) + 1) + day
    order = np.argsort(key, kind="stable")
    visit_keys, visit = np.unique(key[order], return_inverse=True)
    people, days = np.divmod(visit_keys, int(day.max(initial=0)) + 1)
    took = np.unique(np.stack([visit, kind[liked.item][order]], 1), axis=0)
    return Log(people, days, took[took[:, 1] < kinds], kinds)


def habits(dataset: Dataset, kind: NDArray[np.int32], kinds: int, rng: np.random.Generator) -> tuple[Found, ...]:
    """What the log says of `tires`, `recovers` and `stays`."""
    log = read_visits(dataset.events, kind, kinds)
    asked = np.flatnonzero(log.visits_of() >= 3)
    if len(asked) < FEWEST:
        why = f"{len(asked)} people have three visits or more, and {FEWEST} are needed"
        return tuple(Found(name, np.nan, np.nan, np.nan, False, why, len(asked)) for name in ("tires", "recovers", "stays"))
    asked = _some(log, asked, rng)
    person, took, seen = _trials(log, asked, rng)
    fits = [_tiring(person, took, seen, len(asked), draw, rng) for draw in range(DRAWS + 1)]
    tires, recovers = ([fit[column] for fit in fits] for column in (0, 1))
    return (*_tires(tires, recovers, len(asked)), _stays(log, rng))


def _some(log: Log, asked: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """At most `PEOPLE` of the people, drawn, who together took no more than about `TAKINGS` kinds, but `FEWEST` of them."""
    drawn = rng.permutation(asked)[:PEOPLE]
    takings = np.bincount(log.person[log.took[:, 0]], minlength=int(log.person.max()) + 1)[drawn]
    return np.sort(drawn[: max(FEWEST, int(np.searchsorted(np.cumsum(takings), TAKINGS)))])


def _trials(log: Log, asked: NDArray[np.int64], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kinds that might have been taken on visits: whose, whether they were, and what was known [t, 2 + shares]."""
    usual = np.log(np.bincount(log.took[:, 1], minlength=log.kinds) + 1.0)
    first = np.searchsorted(log.person, asked)
    last = np.searchsorted(log.person, asked, "right")
    starts = np.searchsorted(log.took[:, 0], np.arange(len(log.person) + 1))
    person, took, seen = [], [], []
    for place, (start, end) in enumerate(zip(first, last, strict=True)):
        had, lately = np.zeros(log.kinds), np.zeros((len(SHARES), log.kinds))
        for visit in range(start, end):
            now = log.took[starts[visit] : starts[visit + 1], 1]
            if visit > start and len(now):
                other = np.setdiff1d(rng.integers(log.kinds, size=AGAINST * len(now)), now)
                tried = np.concatenate([now, other])
                person.append(np.full(len(tried), place))
                took.append(np.arange(len(tried)) < len(now))
                seen.append(np.stack([usual[tried], np.log1p(had[tried]), *lately[:, tried]], 1))
            lately *= np.array(SHARES)[:, None]
            had[now] += 1
            lately[:, now] += 1
        if place % 500 == 0:
            tell("habits", place, len(first))
    tell("habits", len(first), len(first))
    return np.concatenate(person), np.concatenate(took), np.concatenate(seen)


def _tiring(
    person: np.ndarray, took: np.ndarray, seen: np.ndarray, people: int, draw: int, rng: np.random.Generator
) -> tuple[float, float]:
    """By how much what was had lately tires, and the share left after a visit that explains most; the first draw is everybody
    once."""
    counts = np.ones(people) if draw == 0 else np.bincount(rng.integers(people, size=people), minlength=people)
    weight = counts[person].astype(float)
    best = (-np.inf, 0.0, 0.0)
    for place, share in enumerate(SHARES):
        columns = np.column_stack([np.ones(len(took)), seen[:, 0], seen[:, 1], seen[:, 2 + place]])
        fitted, likely = _logistic(columns, took, weight)
        best = max(best, (likely, -float(fitted[3]), share))
    return best[1], best[2]


def _logistic(columns: np.ndarray, took: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, float]:
    """Coefficients by Newton's steps, with a slight ridge, and the log likelihood."""
    fitted = np.zeros(columns.shape[1])
    for _ in range(8):
        chance = expit(columns @ fitted)
        slope = columns.T @ (weight * (took - chance)) - 1e-3 * fitted
        curve = (columns * (weight * chance * (1 - chance))[:, None]).T @ columns + 1e-3 * np.eye(len(fitted))
        step = np.linalg.solve(curve, slope)
        fitted += step
        if np.abs(step).max() < 1e-6:
            break
    odds = columns @ fitted
    return fitted, float(weight @ (took * odds - np.logaddexp(0, odds)))


def _tires(tires: list[float], recovers: list[float], people: int) -> tuple[Found, Found]:
    low, high = np.percentile(tires[1:], [2.5, 97.5])
    sure = bool(low > 0)
    said = (
        "what was had lately is taken less, beyond habit"
        if sure
        else "what was had lately is not taken less in this log, which shows purchases and not what was offered"
    )
    left = np.percentile(recovers[1:], [2.5, 97.5])
    return (
        Found("tires", tires[0], float(low), float(high), sure, said, people),
        Found(
            "recovers",
            recovers[0],
            float(left[0]),
            float(left[1]),
            sure,
            "the share left after a visit" if sure else said,
            people,
        ),
    )


def _stays(log: Log, rng: np.random.Generator) -> Found:
    """Log odds of another slate after one without anything, from who comes again on another day.

    Asked of visits after which the log goes on for as long as nine of ten gaps are. A visit of g kinds of goods, the median, is
    taken to be g slates of one good each, after each of which as many stay; such a slate adds `MOOD`.
    """
    same = log.person[1:] == log.person[:-1]
    gaps = (log.day[1:] - log.day[:-1])[same]
    long = np.percentile(gaps, 90)
    slates = float(np.median(np.bincount(log.took[:, 0], minlength=len(log.person))))
    asked = log.day <= log.day.max() - long
    of = np.bincount(log.person[asked], minlength=int(log.person.max()) + 1)
    came = np.bincount(log.person[asked], np.append(same, False)[asked], minlength=len(of))
    people = np.flatnonzero(of)
    draws = [rng.choice(people, len(people)) for _ in range(DRAWS)]
    shares = [np.clip(came[each].sum() / of[each].sum(), 1e-3, 1 - 1e-3) for each in (people, *draws)]
    odds = [float(logit(share ** (1 / max(slates, 1.0)))) - MOOD for share in shares]
    low, high = np.percentile(odds[1:], [2.5, 97.5])
    said = (
        f"{shares[0]:.1%} of visits are followed by another within {long:.0f} days; a visit of {slates:.0f} kinds of goods "
        f"counts as {slates:.0f} slates"
    )
    return Found("stays", odds[0], float(low), float(high), True, said, len(people))
