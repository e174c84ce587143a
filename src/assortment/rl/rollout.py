"""Play a policy on simulated people and count what it comes to."""

from dataclasses import dataclass

import numpy as np

from assortment.rl.crowd import Crowd
from assortment.rl.memory import Floats
from assortment.rl.people import Population
from assortment.rl.policy import SlatePolicy
from assortment.rl.visits import Visits

TRACES = ("reward", "pleasure", "here", "alike", "kinds", "tired")
"""What is traced visit by visit: goods taken and what they held, a visit of somebody who has left counting 0; the share who
still come; and, of those, the likeness to the nearest above, different kinds on the slate, and goods taken lately of those."""


@dataclass(frozen=True, eq=False)
class Played:
    """taken, pleasure, visits [p]: of each person until they left or the horizon; trace [6, h]: means by visit, `TRACES`."""

    taken: Floats
    pleasure: Floats
    visits: Floats
    trace: Floats


def play(policy: SlatePolicy, visits: Visits) -> Played:
    """All visits of all people of a simulation that was reset."""
    taken, pleasure, came = (np.zeros(visits.people, np.float32) for _ in range(3))
    trace = np.full((len(TRACES), visits.horizon), np.nan, np.float32)
    trace[:3] = 0
    for number in range(visits.horizon):
        here = visits.here.copy()
        if not here.any():
            break
        visit = visits.step(policy(visits.offer, visits.memory, visits.k))
        taken += visit.reward
        pleasure += visit.pleasure
        came += here
        trace[:3, number] = visit.reward.mean(), visit.pleasure.mean(), here.mean()
        trace[3:, number] = [column[here].mean() for column in (visit.alike, visit.kinds, visit.tired)]
    return Played(taken, pleasure, came, trace)


def played(policy: SlatePolicy, crowd: Crowd, population: Population, people: int, **how: int) -> Played:
    """The same on new people; how: `k`, `horizon` and `seed` of `Visits`. Many people are played some at a time."""
    step = 4096
    seed = how.pop("seed", 0)
    parts = [
        play(policy, Visits(crowd, population, min(step, people - start), seed=seed + 7919 * number, **how))
        for number, start in enumerate(range(0, people, step))
    ]
    sizes = [len(part.taken) for part in parts]
    trace = np.average([np.nan_to_num(part.trace) for part in parts], axis=0, weights=sizes)
    whole = (np.concatenate([getattr(part, name) for part in parts]) for name in ("taken", "pleasure", "visits"))
    return Played(*whole, trace=trace.astype(np.float32))
