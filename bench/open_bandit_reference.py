"""What `obp` says of the Open Bandit sample: run in an environment of its own, since obp 0.4.1 wants its own versions.

    pip install obp==0.4.1 pandas
    python bench/open_bandit_reference.py DATA bench/results/open-bandit-reference.json

DATA holds `random/men/men.csv.gz` and `bts/men/men.csv.gz`. The policy judged on the random log is Bernoulli Thompson
sampling with the priors of the shop; its chances [item, place] come from 100,000 draws and are kept in the results.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd  # type: ignore
from obp.ope import (  # type: ignore
    DirectMethod,
    DoublyRobust,
    InverseProbabilityWeighting,
    SelfNormalizedInverseProbabilityWeighting,
    SlateIndependentIPS,
    SlateRewardInteractionIPS,
    SlateStandardIPS,
    SwitchDoublyRobust,
)
from obp.policy import BernoulliTS  # type: ignore

ITEMS, PLACES, MOST = 34, 3, 3.0


def chances() -> np.ndarray:
    policy = BernoulliTS(n_actions=ITEMS, len_list=PLACES, is_zozotown_prior=True, campaign="men", random_state=12345)
    return policy.compute_batch_action_dist(n_rounds=1, n_sim=100_000)[0]


def expected(log: pd.DataFrame) -> np.ndarray:
    """q̂ [item, place]: the clicks of an item plus one, over its rounds plus 200."""
    clicks = np.bincount(log["item_id"], log["click"], ITEMS)
    rounds = np.bincount(log["item_id"], minlength=ITEMS)
    return np.repeat(((clicks + 1) / (rounds + 200))[:, None], PLACES, 1)


def single(log: pd.DataFrame, policy: np.ndarray) -> dict[str, float]:
    n = len(log)
    given = {
        "reward": log["click"].to_numpy(),
        "action": log["item_id"].to_numpy(),
        "pscore": log["propensity_score"].to_numpy(),
        "action_dist": np.repeat(policy[None], n, 0),
        "position": log["position"].to_numpy() - 1,
        "estimated_rewards_by_reg_model": np.repeat(expected(log)[None], n, 0),
    }
    named = {
        "ips": InverseProbabilityWeighting(),
        "snips": SelfNormalizedInverseProbabilityWeighting(),
        "direct": DirectMethod(),
        "dr": DoublyRobust(),
        "switch_dr": SwitchDoublyRobust(tau=MOST),
    }
    return {name: float(estimator.estimate_policy_value(**given)) for name, estimator in named.items()}


def slates() -> dict[str, float]:
    """On 500 slates of three, made up with a fixed seed."""
    rng = np.random.RandomState(7)
    shape = (500, 3)
    reward = (rng.rand(*shape) < 0.2).astype(float)
    chosen, judged, at_place, judged_at_place = (rng.uniform(0.1, 1, shape) for _ in range(4))
    common = {
        "slate_id": np.repeat(np.arange(500), 3),
        "position": np.tile(np.arange(3), 500),
        "reward": reward.ravel(),
    }
    whole, judged_whole = (np.repeat(each.prod(1), 3) for each in (chosen, judged))
    cascade, judged_cascade = (each.cumprod(1).ravel() for each in (chosen, judged))
    return {
        "standard": float(
            SlateStandardIPS(3).estimate_policy_value(**common, pscore=whole, evaluation_policy_pscore=judged_whole)
        ),
        "independent": float(
            SlateIndependentIPS(3).estimate_policy_value(
                **common, pscore_item_position=at_place.ravel(), evaluation_policy_pscore_item_position=judged_at_place.ravel()
            )
        ),
        "cascade": float(
            SlateRewardInteractionIPS(3).estimate_policy_value(
                **common, pscore_cascade=cascade, evaluation_policy_pscore_cascade=judged_cascade
            )
        ),
    }


def main(data: Path, out: Path) -> None:
    random, bts = (pd.read_csv(data / name / "men" / "men.csv.gz") for name in ("random", "bts"))
    policy = chances()
    found = {
        "random judging bts": single(random, policy),
        "on policy": {"bts": float(bts["click"].mean()), "random": float(random["click"].mean())},
        "bts judging random": single(bts, np.full((ITEMS, PLACES), 1 / ITEMS)),
        "slates": slates(),
        "chances": policy.tolist(),
    }
    out.write_text(json.dumps(found) + "\n")
    print({name: value for name, value in found.items() if name != "chances"})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
