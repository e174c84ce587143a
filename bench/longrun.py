"""The long run on a shop's simulated people: static, constants, contextual and one that sees no further than the visit.

    python bench/longrun.py SHOP [--seeds 5] [--extra 2] [--people 2048] [--lists 600] [--out bench/results/longrun.json]

Each seed halves the shop's people: what is learned on one half is played on the other, on people who are drawn anew, all
policies on the same ones with the same chances. The contrast was fixed before: contextual beside static, in the family that was
learned on and in the two others; then against its own constants, and against γ = 0. Placebo people never tire and do not mind
more of the same; a bait makes half of the kinds promise more than they hold. Results are written after each seed.
"""

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from assortment.longrun.build import Simulated, simulated
from assortment.rl.cem import Budget, learn_constants, tune_static
from assortment.rl.crowd import Crowd
from assortment.rl.lessons import learn_context
from assortment.rl.people import FAMILIES, Population, Range
from assortment.rl.policy import Constant, SlatePolicy, Static
from assortment.rl.ppo import Training
from assortment.rl.rollout import Played, played
from assortment.rl.told import difference, mean
from assortment.shop import Shop

BUDGET = Budget()
TRAINING = Training()
VISITS = 60
NO_FATIGUE = ("rate",)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("shop", type=Path)
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--people", type=int, default=2048)
    asked.add_argument("--extra", type=int, default=2, help="seeds with gamma 0, placebo and bait")
    asked.add_argument("--lists", type=int, default=600)
    asked.add_argument("--out", type=Path, default=Path("bench/results/longrun.json"))
    given = asked.parse_args()
    shop = simulated(Shop(given.shop), np.random.default_rng(1), given.lists)
    seeds: list[dict[str, Any]] = []
    result: dict[str, Any] = {"how": how(shop, given.people), "speed": speed(shop)}
    for seed in range(1, given.seeds + 1):
        seeds.append(one_seed(shop, seed, given.people))
        result |= {"seeds": seeds, "over seeds": over(seeds)}
        given.out.write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")
        print(json.dumps(over(seeds), indent=1), flush=True)
    for seed in range(1, given.extra + 1):
        result[f"beside, seed {seed}"] = beside(shop, seed, given.people)
        given.out.write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")


def how(shop: Simulated, people: int) -> dict[str, Any]:
    return {
        "lists": len(shop.crowd),
        "candidates": shop.crowd.items.shape[1],
        "kinds": len(shop.crowd.kinds),
        "people of each family and seed": people,
        "budget": vars(BUDGET),
        "training": vars(TRAINING),
        "found": [vars(one) for one in shop.found],
    }


def one_seed(shop: Simulated, seed: int, people: int) -> dict[str, Any]:
    """What was learned with one seed, and what it came to."""
    started = time.process_time()
    policies, judge, tuned = learned(shop, seed)
    trained = time.process_time()
    return {
        "seed": seed,
        "static": str(policies["static"]),
        "constants": str(policies["constants"]),
        "cpu seconds": {"static and constants": round(tuned - started, 1), "contextual": round(trained - tuned, 1)},
        "families": {family: told(judge, shop.population(family), policies, people, 100 + seed) for family in FAMILIES},
    }


def learned(shop: Simulated, seed: int, gamma: float | None = None) -> tuple[dict[str, SlatePolicy], Crowd, float]:
    """The policies of a seed, those they are judged on, and the processor's time when only the network was still to be learned;
    gamma: another one for the network."""
    rng = np.random.default_rng(seed)
    learn, judge = shop.crowd.halves(rng)
    population = shop.population("tiring")
    static = tune_static(learn, population, BUDGET, rng, horizon=VISITS)
    constants = learn_constants(learn, population, BUDGET, rng, horizon=VISITS)
    tuned = time.process_time()
    training = TRAINING if gamma is None else replace(TRAINING, gamma=gamma)
    context, _ = learn_context(constants, learn, population, training, seed, horizon=VISITS)
    return {"relevance only": Static(), "static": static, "constants": constants, "contextual": context}, judge, tuned


def beside(shop: Simulated, seed: int, people: int) -> dict[str, Any]:
    """The network that sees no further than the visit, people who never tire, and kinds that promise more than they hold."""
    policies, judge, _ = learned(shop, seed)
    policies["gamma 0"] = learned(shop, seed, 0.0)[0]["contextual"]
    tiring = shop.population("tiring")
    learn, _ = shop.crowd.halves(np.random.default_rng(seed))
    return {
        "gamma 0": {family: told(judge, shop.population(family), policies, people, 100 + seed) for family in FAMILIES},
        "placebo": placebo(shop, learn, judge, policies, people, seed),
        "bait": told(judge, tiring.with_ranges(bait=Range(0.5, 1.5)), policies, people, 300 + seed),
    }


def told(
    crowd: Crowd, population: Population, policies: Mapping[str, SlatePolicy], people: int, seed: int
) -> dict[str, dict[str, Any]]:
    """Each policy with one population: means, and gains beside static and beside the constants."""
    outcomes = {name: played(policy, crowd, population, people, seed=seed, horizon=VISITS) for name, policy in policies.items()}
    return {name: _row(one, outcomes) for name, one in outcomes.items()}


def _row(one: Played, outcomes: Mapping[str, Played]) -> dict[str, Any]:
    row: dict[str, Any] = {name: round(mean(name, getattr(one, name)).mean, 4) for name in ("taken", "pleasure", "visits")}
    row["goods a visit"] = round(float(one.taken.sum() / one.visits.sum()), 4)
    row["pleasure a good"] = round(float(one.pleasure.sum() / max(one.taken.sum(), 1)), 4)
    for beside in ("static", "constants"):
        gain = difference(one.taken, outcomes[beside].taken)
        row[f"beside {beside}"] = [round(gain.mean, 4), round(gain.low, 4), round(gain.high, 4)]
    row["trace"] = {
        name: [round(float(x), 3) for x in one.trace[place]] for place, name in ((2, "here"), (4, "kinds"), (5, "tired"))
    }
    return row


def placebo(
    shop: Simulated, learn: Crowd, judge: Crowd, policies: Mapping[str, SlatePolicy], people: int, seed: int
) -> dict[str, Any]:
    """People who never tire: constants learned on them with and without fatigue, and what was learned on others."""
    still = shop.population("tiring").placebo
    rng = np.random.default_rng(seed)
    own: dict[str, SlatePolicy] = {
        "constants of the placebo": learn_constants(learn, still, BUDGET, rng, horizon=VISITS),
        "of the placebo, without fatigue": learn_constants(learn, still, BUDGET, rng, NO_FATIGUE, horizon=VISITS),
    }
    return told(judge, still, {**policies, **own}, people, 200 + seed)


def speed(shop: Simulated) -> dict[str, float]:
    """Visits a minute of one thread, slates chosen by constants, by the clock and by the processor's time."""
    clock, cpu = time.perf_counter(), time.process_time()
    done = played(Constant((0.7, 0.8, 0.1, 0.8)), shop.crowd, shop.population("tiring"), 2048, seed=9)
    visits = 2048 * float(np.count_nonzero(done.trace[2]))
    return {
        "visits a minute": round(60 * visits / (time.perf_counter() - clock)),
        "visits a minute of CPU": round(60 * visits / (time.process_time() - cpu)),
    }


def over(seeds: list[dict[str, Any]]) -> dict[str, Any]:
    """Median and quartiles over the seeds of the gains."""
    found: dict[str, Any] = {}
    for family in FAMILIES:
        for policy, beside in (
            ("contextual", "static"), ("constants", "static"), ("contextual", "constants"),
        ):  # fmt: skip
            gains = [
                one["families"][family][policy][f"beside {beside}"][0] for one in seeds if policy in one["families"][family]
            ]
            if gains:
                low, middle, high = np.percentile(gains, [25, 50, 75])
                found[f"{family}: {policy} beside {beside}"] = [round(float(x), 4) for x in (middle, low, high)] + [len(gains)]
    return found


if __name__ == "__main__":
    main()
