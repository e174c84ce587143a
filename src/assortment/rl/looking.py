"""How readily people take what stands first, and how far down a slate they look, from the slates that were recorded.

The position-based model (Craswell et al., WSDM 2008) with a chance γ_i for each good and looks^j for each place j, from 0,
that it is looked at. With takings counted as Poisson, γ is maximised out, and what is left of the likelihood,
log looks · Σ_taken j - Σ_i n_i log Σ_{shown i} looks^j, n_i how often i was taken, hangs on goods that stood at different
places alone. A good stands higher with those who want it more, too, so it is asked of slates that were drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from assortment.core.arrays import Ids
from assortment.core.events import Events, Shown
from assortment.rl.habits import DRAWS, FEWEST, Found

SHARES = np.linspace(0.4, 1, 61)
"""What `looks` may be."""

TAKEN = 50
"""Goods taken from slates without which nothing is fitted."""


@dataclass(frozen=True, eq=False)
class Places:
    """Places of slates: whose [m], the item [m], the place [m] from 0 and whether it was taken [m]."""

    person: NDArray[np.int64]
    item: NDArray[np.int64]
    place: NDArray[np.int64]
    taken: NDArray[np.bool_]


def looking(shown: Sequence[Shown], events: Events, ids: Ids, rng: np.random.Generator) -> tuple[Found, ...]:
    """What the drawn slates of known people say of `liking` and `looks`; nothing where there are none. ids: of the items."""
    drawn = [one for one in shown if one.user and one.items and min(one.propensity) < 1]
    if not drawn:
        return ()
    seen = _places(drawn, events, ids)
    people = len(np.unique(seen.person))
    if people < FEWEST or seen.taken.sum() < TAKEN:
        why = f"{int(seen.taken.sum())} goods were taken from drawn slates, by {people} people; {TAKEN} and {FEWEST} are needed"
        return tuple(Found(name, np.nan, np.nan, np.nan, False, why, people) for name in ("liking", "looks"))
    whose = np.unique(seen.person, return_inverse=True)[1]
    draws = [np.ones(people), *(_drawn(people, rng) for _ in range(DRAWS))]
    first = [_first(seen, counts[whose]) for counts in draws]
    looks = [_looks(seen, counts[whose]) for counts in draws]
    said = f"from {len(drawn):,} slates that were drawn"
    return _found("liking", first, said, people), _found("looks", looks, said, people)


def _drawn(people: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """How often each person is in one bootstrap draw."""
    return np.bincount(rng.integers(people, size=people), minlength=people).astype(np.float64)


def _places(shown: Sequence[Shown], events: Events, ids: Ids) -> Places:
    liked = events.liked()
    went = {(slate, int(item)) for slate, item in zip(liked.slate, liked.item, strict=True) if slate is not None}
    users = {user: number for number, user in enumerate(dict.fromkeys(one.user for one in shown))}
    rows = [
        (users[one.user], number, place, (one.slate, number) in went)
        for one in shown
        for place, number in enumerate(ids.numbers(one.items).tolist())
        if number >= 0
    ]
    person, item, place, taken = np.array(rows, np.int64).T
    return Places(person, np.unique(item, return_inverse=True)[1], place, taken.astype(bool))


def _first(seen: Places, weight: NDArray[np.float64]) -> float:
    """Log odds that what stands first is taken."""
    first = seen.place == 0
    share = np.average(seen.taken[first], weights=weight[first] + 1e-9)
    return float(logit(np.clip(share, 1e-4, 1 - 1e-4)))


def _looks(seen: Places, weight: NDArray[np.float64]) -> float:
    """The most likely of `SHARES`."""
    taken = weight * seen.taken
    times = np.bincount(seen.item, taken)
    deep = float((taken * seen.place).sum())
    asked = times > 0
    likely = [
        np.log(share) * deep - times[asked] @ np.log(np.bincount(seen.item, weight * share**seen.place)[asked])
        for share in SHARES
    ]
    return float(SHARES[int(np.argmax(likely))])


def _found(name: str, draws: Sequence[float], said: str, people: int) -> Found:
    low, high = np.percentile(draws[1:], [2.5, 97.5])
    return Found(name, draws[0], float(low), float(high), True, said, people)
