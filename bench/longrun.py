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
from dataclasses import dataclass, replace
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
        learnt = learned(shop, seed)
        seeds.append(one_seed(shop, learnt, given.people))
        result |= {"seeds": seeds, "over seeds": over(seeds)}
        if seed <= given.extra:
            result[f"beside, seed {seed}"] = beside(shop, learnt, given.people)
        given.out.write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")
        print(json.dumps(over(seeds), indent=1), flush=True)


@dataclass(frozen=True)
class Learnt:
    """The policies of a seed, the people that they were learned on and those that they are judged on, and seconds of CPU."""

    seed: int
    policies: dict[str, SlatePolicy]
    learn: Crowd
    judge: Crowd
    seconds: dict[str, float]


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


def learned(shop: Simulated, seed: int) -> Learnt:
    rng, started = np.random.default_rng(seed), time.process_time()
    learn, judge = shop.crowd.halves(rng)
    population = shop.population("tiring")
    static = tune_static(learn, population, BUDGET, rng, horizon=VISITS)
    constants = learn_constants(learn, population, BUDGET, rng, horizon=VISITS)
    tuned = time.process_time()
    context, _ = learn_context(constants, learn, population, TRAINING, seed, horizon=VISITS)
    policies: dict[str, SlatePolicy] = {
        "relevance only": Static(),
        "static": static,
        "constants": constants,
        "contextual": context,
    }
    seconds = {"static and constants": round(tuned - started, 1), "contextual": round(time.process_time() - tuned, 1)}
    return Learnt(seed, policies, learn, judge, seconds)


def one_seed(shop: Simulated, learnt: Learnt, people: int) -> dict[str, Any]:
    """What the policies of a seed came to."""
    families = {
        family: told(learnt.judge, shop.population(family), learnt.policies, people, 100 + learnt.seed) for family in FAMILIES
    }
    said = {name: str(learnt.policies[name]) for name in ("static", "constants")}
    return {"seed": learnt.seed, **said, "cpu seconds": learnt.seconds, "families": families}


def beside(shop: Simulated, learnt: Learnt, people: int) -> dict[str, Any]:
    """The network that sees no further than the visit, people who never tire, and kinds that promise more than they hold."""
    tiring, seed, constants = shop.population("tiring"), learnt.seed, learnt.policies["constants"]
    assert isinstance(constants, Constant)
    short, _ = learn_context(constants, learnt.learn, tiring, replace(TRAINING, gamma=0.0), seed, horizon=VISITS)
    policies: dict[str, SlatePolicy] = {**learnt.policies, "gamma 0": short}
    bait = tiring.with_ranges(bait=Range(0.5, 1.5))
    return {
        "gamma 0": {family: told(learnt.judge, shop.population(family), policies, people, 100 + seed) for family in FAMILIES},
        "placebo": placebo(shop, learnt.learn, learnt.judge, policies, people, seed),
        "bait": told(learnt.judge, bait, policies, people, 300 + seed),
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
    for beside in ("relevance only", "static", "constants"):
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
