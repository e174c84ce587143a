"""The cross-entropy method (Rubinstein, 1999): draw, keep the best quarter, draw about those. All are tried at once."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from assortment.core.progress import tell
from assortment.rl.crowd import Crowd
from assortment.rl.greedy import WEIGHTS, arrange
from assortment.rl.memory import Floats
from assortment.rl.people import Population
from assortment.rl.policy import Constant, Static
from assortment.rl.static import STATIC, static
from assortment.rl.visits import Visits

ELITE = 0.25
SMOOTH = 0.7
"""How far the middle and the spread go to those of the elite in one generation."""

START = np.array([0.7, 0.8, 0.1, 0.8], np.float32)
SPREAD = np.array([0.3, 0.3, 0.2, 0.4], np.float32)
"""Where the constants are looked for at first."""


@dataclass(frozen=True)
class Budget:
    """generations of `drawn` settings each, tried on `people` simulated people each; finals: how many of the best are tried
    again on 4 times as many new people, for the best of many is not as good as it looked."""

    generations: int = 8
    drawn: int = 16
    people: int = 300
    finals: int = 6


Trial = Callable[[Floats, int, int], Floats]
"""Settings [m, d], people for each and a seed give the mean return of each [m]."""


def search(
    trial: Trial, start: Floats, spread: Floats, budget: Budget, rng: np.random.Generator, told: str = "constants"
) -> tuple[Floats, float]:
    """The best setting found [d], and what it returned when it was tried again."""
    middle, width = start.astype(np.float64), spread.astype(np.float64)
    found: list[Floats] = [middle]
    for generation in range(budget.generations):
        drawn = rng.normal(middle, width, (budget.drawn, len(middle)))
        drawn[0] = middle
        returns = trial(drawn.astype(np.float32), budget.people, int(rng.integers(2**31)))
        elite = drawn[np.argsort(-returns)[: max(2, int(ELITE * budget.drawn))]]
        middle = SMOOTH * elite.mean(0) + (1 - SMOOTH) * middle
        width = SMOOTH * elite.std(0) + (1 - SMOOTH) * width
        found += [elite[0], middle]
        tell(told, generation + 1, budget.generations, f"return {returns.mean():.2f}, best {returns.max():.2f}")
    finals = np.array(found[-budget.finals :], np.float32)
    again = trial(finals, 4 * budget.people, int(rng.integers(2**31)))
    return finals[int(np.argmax(again))], float(again.max())


def learn_constants(
    crowd: Crowd,
    population: Population,
    budget: Budget,
    rng: np.random.Generator,
    only: tuple[str, ...] = WEIGHTS,
    *,
    k: int = 8,
    horizon: int = 60,
) -> Constant:
    """The constants of the greedy scorer that return most in the long run; the weights not named in `only` stay 0."""
    how = {"k": k, "horizon": horizon}
    mask = np.isin(WEIGHTS, only).astype(np.float32)

    def trial(settings: Floats, people: int, seed: int) -> Floats:
        weights = np.repeat(settings * mask, people, 0)
        return _returns(crowd, population, people, len(settings), seed, how, lambda v: arrange(v.offer, v.memory, weights, v.k))

    best, _ = search(trial, START * mask, SPREAD, budget, rng)
    return Constant(tuple(float(weight) for weight in best * mask))


def tune_static(crowd: Crowd, population: Population, budget: Budget, rng: np.random.Generator, **how: int) -> Static:
    """The best method and diversity of those that learn nothing, found with as many trials as the constants are."""
    part = Budget(-(-budget.generations // len(STATIC)), budget.drawn, budget.people, budget.finals)
    best: list[tuple[float, Static]] = []
    for method in STATIC:

        def trial(settings: Floats, people: int, seed: int, method: str = method) -> Floats:
            each = np.repeat(np.clip(settings[:, 0], 0, 1), people)
            return _returns(crowd, population, people, len(settings), seed, how, lambda v: static(method, v.offer, each, v.k))

        found, returned = search(trial, np.array([0.35]), np.array([0.25]), part, rng, f"static {method}")
        best.append((returned, Static(method, float(np.clip(found[0], 0, 1)))))
    return max(best, key=lambda pair: pair[0])[1]


def _returns(
    crowd: Crowd,
    population: Population,
    people: int,
    settings: int,
    seed: int,
    how: dict[str, int],
    choose: Callable[[Visits], np.ndarray],
) -> Floats:
    """The mean return of each of some settings, all on the same people."""
    visits = Visits(crowd, population, people, seed=seed, copies=settings, **how)
    total = np.zeros(visits.people, np.float32)
    for _ in range(visits.horizon):
        if not visits.here.any():
            break
        total += visits.step(choose(visits)).reward
    return total.reshape(settings, people).mean(1)
