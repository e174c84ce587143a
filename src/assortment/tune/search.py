"""The search: for every method a curve, then a closer look at the methods that have most to give."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from assortment.evaluate.frontier import frontier
from assortment.tune.settings import DIVERSITY, METHODS, TASTE, Range, Setting, Space, tuned_of, usual

if TYPE_CHECKING:
    from optuna import Trial

GRID = (0.5, 0.2, 0.8, 0.1, 0.35, 0.65, 1.0)
"""The diversities that are tried first, so that every method has a curve; few of them span it too."""

CLOSER = 3
"""How many methods the second half of the trials goes to."""

HALVINGS = 7
"""How often at most the way from the most diversity that keeps the floor to the least that does not is halved in the end."""


@dataclass(frozen=True)
class Point:
    """What a setting reaches: means over people of the accuracy, 0 … 1, and of how alike goods on a slate are, below 1."""

    setting: Setting
    ndcg: float
    redundancy: float


def search(measure: Callable[[Setting], Point], space: Space, floor: float, trials: int, seed: int) -> Iterator[Point]:
    """The points of `trials` settings, in the order in which they were tried.

    For each method a search of its own for more NDCG and less redundancy (the multi-objective tree-structured Parzen estimator
    of Optuna; Ozaki et al., GECCO 2020), to which settings whose NDCG is below `floor` are worse than any that keep it. Half
    of the trials are dealt out evenly, the first of each method to `GRID`. The other half goes to the `CLOSER` methods that
    have the least redundancy at `floor`; its last trials go to the diversity alone, which is moved as near the floor as halving
    its way brings it. What is tried follows from the seed and from what was measured before, so that a
    search that is begun again goes the same way.
    """
    searches = [_Search(method, space, floor, seed) for method in METHODS]
    share = max(1, trials // (2 * len(searches)))
    for one in searches:
        yield from one.run(measure, share)
    left = max(0, trials - share * len(searches))
    ahead = sorted(searches, key=lambda one: _worth(most_varied(one.points, floor)))[:CLOSER]
    for place, one in enumerate(ahead):
        again = left // CLOSER + (place < left % CLOSER)
        halvings = min(HALVINGS, again // 2)
        yield from one.run(measure, again - halvings)
        yield from one.halve(measure, halvings)


def most_varied(points: Iterable[Point], floor: float) -> Point | None:
    """The point with the least redundancy whose NDCG is `floor` or more; of equal ones that with the most NDCG."""
    return min((point for point in points if point.ndcg >= floor), key=_worth, default=None)


def front(points: Sequence[Point]) -> list[Point]:
    """The points that no other beats in one goal without losing in the other, by NDCG, best first."""
    goals = np.array([(point.ndcg, -point.redundancy) for point in points]).reshape(-1, 2)
    return [points[row] for row in frontier(goals)]


def _worth(point: Point | None) -> tuple[float, float]:
    return (point.redundancy, -point.ndcg) if point else (math.inf, 0.0)


class _Search:
    """The search within one method."""

    def __init__(self, method: str, space: Space, floor: float, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.method, self.space, self.floor = method, space, floor
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=len(GRID))
        self.study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)
        self.points: list[Point] = []
        taste = {"taste": 0.0} if space.tastes else {}
        for diversity in GRID:
            self.study.enqueue_trial({"diversity": diversity, "pool": space.usual, **taste, **usual(method)})

    def run(self, measure: Callable[[Setting], Point], trials: int) -> Iterator[Point]:
        """So many points more."""
        for _ in range(trials):
            trial = self.study.ask()
            point = measure(self._setting(trial))
            trial.set_constraint("kept", self.floor - point.ndcg)
            self.study.tell(trial, (point.ndcg, point.redundancy))
            self.points.append(point)
            yield point

    def halve(self, measure: Callable[[Setting], Point], trials: int) -> Iterator[Point]:
        """So many points between the most varied that keeps the floor and the same with more diversity, which does not."""
        best = most_varied(self.points, self.floor)
        start = best.setting if best else Setting(self.method, 0.0, 0.0, self.space.usual, usual(self.method))
        alike = [point for point in self.points if replace(point.setting, diversity=0.0) == replace(start, diversity=0.0)]
        low = start.diversity
        high = min((p.setting.diversity for p in alike if p.setting.diversity > low and p.ndcg < self.floor), default=1.0)
        for _ in range(trials):
            point = measure(replace(start, diversity=round((low + high) / 2, 3)))
            low, high = (point.setting.diversity, high) if point.ndcg >= self.floor else (low, point.setting.diversity)
            yield point

    def _setting(self, trial: "Trial") -> Setting:
        return Setting(
            self.method,
            diversity=_drawn(trial, "diversity", DIVERSITY),
            personal=_drawn(trial, "taste", TASTE) if self.space.tastes else 0.0,
            pool=trial.suggest_int("pool", self.space.low, self.space.high, log=True),
            options={name: _drawn(trial, name, choice) for name, choice in tuned_of(self.method).items()},
        )


def _drawn(trial: "Trial", name: str, choice: Range) -> float:
    if choice.step:
        return round(trial.suggest_float(name, choice.low, choice.high, step=choice.step), 6)
    return float(f"{trial.suggest_float(name, choice.low, choice.high, log=True):.2g}")
