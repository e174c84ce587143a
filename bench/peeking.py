"""How often an experiment without an effect claims one when it is looked at after every person, and what the intervals cover.

python bench/peeking.py bench/results/peeking.json [--runs 2000] [--people 10000]
"""

import argparse
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from assortment.experiment.cuped import adjusted
from assortment.experiment.sample import Sample, fixed
from assortment.experiment.sequential import LEAST, ratio

Values = NDArray[np.float64]
Z = float(stats.norm.ppf(0.975))


def conversion(rng: np.random.Generator, n: int) -> tuple[Values, Values]:
    return (rng.random(n) < 0.05).astype(np.float64), np.ones(n)


def revenue(rng: np.random.Generator, n: int) -> tuple[Values, Values]:
    return np.where(rng.random(n) < 0.05, rng.lognormal(3, 1, n), 0), np.ones(n)


def ctr(rng: np.random.Generator, n: int) -> tuple[Values, Values]:
    """People see 1 … 60 goods, and differ in how gladly they click."""
    shown = rng.integers(1, 61, n)
    return rng.binomial(shown, rng.beta(0.6, 11, n)).astype(np.float64), shown.astype(np.float64)


MEASURES: Mapping[str, Callable[[np.random.Generator, int], tuple[Values, Values]]] = {
    "conversion": conversion,
    "revenue": revenue,
    "ctr": ctr,
}


def paths(top: Values, below: Values, arm: NDArray[np.bool_]) -> tuple[Values, Values, NDArray[np.int64]]:
    """The difference of the ratios of both arms and its variance after every person, and how many the smaller arm has."""
    moments = []
    for mine in (~arm, arm):
        n = np.maximum(mine.cumsum(), 1)
        t, b, tt, bb, tb = (
            np.where(mine, column, 0).cumsum() / n for column in (top, below, top * top, below * below, top * below)
        )
        r = t / np.maximum(b, 1e-12)
        spread = ((tt - t * t) - 2 * r * (tb - t * b) + r * r * (bb - b * b)) * n / np.maximum(n - 1, 1)
        moments.append((r, np.maximum(spread, 0) / np.maximum(b, 1e-12) ** 2 / n))
    (r0, v0), (r1, v1) = moments
    return r1 - r0, v0 + v1, np.minimum((~arm).cumsum(), arm.cumsum())


def alarms(measure: str, runs: int, people: int, seed: int) -> dict[str, float]:
    """The share of runs that ever claim an effect, by the fixed interval and by the sequence under three plans; what both
    cover."""
    n, false, covered = np.arange(1, people + 1), {"fixed": 0}, 0
    plans = {"planned right": people, "planned for a tenth": people // 10, "planned for ten times": people * 10}
    false |= dict.fromkeys(plans, 0)
    stretched = {}
    for name, planned in plans.items():
        x = ratio(0.05) * n / planned
        stretched[name] = np.sqrt((1 + x) / x * (2 * math.log(20) + np.log1p(x)))
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        top, below = MEASURES[measure](rng, people)
        gap, variance, least = paths(top, below, rng.random(people) < 0.5)
        looks = (least >= LEAST) & (variance > 0)
        z = np.abs(gap[looks]) / np.sqrt(variance[looks])
        false["fixed"] += bool((z >= Z).any())
        covered += bool(z[-1] < Z)
        for name in plans:
            false[name] += bool((z >= stretched[name][looks]).any())
    return {**{name: count / runs for name, count in false.items()}, "covered by one look at the end": covered / runs}


def cuped(rho: float, runs: int, seed: int) -> dict[str, float]:
    """The variance of the difference of two arms with and without the past, over runs of 1,000 people, and coverage of 0.1."""
    plain, less, covered = [], [], 0
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        before, arm = rng.normal(size=1000), rng.integers(0, 2, 1000, np.int32)
        outcome = rho * before + math.sqrt(1 - rho**2) * rng.normal(size=1000) + 0.1 * arm
        values = adjusted(outcome, before, arm).values
        control, treated = (Sample.of(values[arm == number]) for number in (0, 1))
        found = fixed("m", control, treated)
        plain.append(outcome[arm == 1].mean() - outcome[arm == 0].mean())
        less.append(found.mean)
        covered += found.low <= 0.1 <= found.high
    return {
        "rho": rho,
        "variance ratio": float(np.var(less) / np.var(plain)),
        "1 - rho^2": 1 - rho**2,
        "covered": covered / runs,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--people", type=int, default=10_000)
    asked = parser.parse_args()
    found = {
        "runs": asked.runs,
        "people": asked.people,
        "false alarms": {name: alarms(name, asked.runs, asked.people, number) for number, name in enumerate(MEASURES)},
        "cuped": [cuped(rho, asked.runs, 9) for rho in (0.0, 0.3, 0.6, 0.9)],
    }
    asked.out.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
