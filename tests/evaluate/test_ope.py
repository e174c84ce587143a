"""Off-policy estimates: right on average by counting all that could happen, as `obp` has them, and silent where they know
little."""

import csv
import gzip
import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from assortment.evaluate.ope import single, slates
from assortment.evaluate.ope.estimate import ENOUGH, effective, estimate
from assortment.evaluate.ope.rates import rates

REFERENCE = json.loads((Path(__file__).parents[2] / "bench" / "results" / "open-bandit-reference.json").read_text())
MOST = 3.0

# By hand


def test_one_choice_by_hand():
    """Two rounds: the policy is twice as likely and half as likely to choose so; q̂ says .5 of the first and .2 of the
    second."""
    reward, weight = np.array([1.0, 1.0]), np.array([2.0, 0.5])
    expected, policy = np.array([0.5, 0.2]), np.array([0.4, 0.3])
    assert single.ips(reward, weight).mean() == pytest.approx(1.25)
    assert single.snips(reward, weight).mean() == pytest.approx(1.0)
    assert single.dr(reward, weight, expected, policy).tolist() == pytest.approx([0.4 + 2 * 0.5, 0.3 + 0.5 * 0.8])
    assert single.switch_dr(reward, weight, expected, policy, 1.0).tolist() == pytest.approx([0.4, 0.7])
    assert single.switch_dr(reward, weight, expected, policy, 0.0).tolist() == single.direct(policy).tolist()


def test_a_slate_by_hand():
    """Weights 2 and ½ of its two places: the whole slate weighs 1, the first place 2 where people read from the top."""
    reward, chosen, judged = np.array([[1.0, 3.0]]), np.array([[0.25, 0.5]]), np.array([[0.5, 0.25]])
    assert slates.standard(reward, chosen, judged).item() == pytest.approx(4.0)
    assert slates.cascade(reward, chosen, judged).item() == pytest.approx(2 * 1 + 1 * 3)
    assert slates.independent(reward, chosen, judged).item() == pytest.approx(2 * 1 + 0.5 * 3)
    expected, policy = np.array([[0.5, 1.0]]), np.array([[0.6, 2.0]])
    assert slates.cascade_dr(reward, chosen, judged, expected, policy).item() == pytest.approx(
        2 * (1 - 0.5) + 0.6 + 1 * (3 - 1) + 2 * 2
    )


def test_estimates_of_slates_are_right_on_average_over_all_that_could_happen():
    """Three goods, two places; people read from the top, and like the second less if the first was good. Q̂ is quite wrong."""
    served, better = np.array([0.6, 0.3, 0.1]), np.array([0.1, 0.2, 0.7])
    likes = np.array([0.1, 0.3, 0.8])
    means = dict.fromkeys(("truth", "standard", "cascade", "doubly"), 0.0)
    for first, second in permutations(range(3), 2):
        chosen, judged = (np.array([[p[first], p[second] / (1 - p[first])]]) for p in (served, better))
        reward = np.array([[likes[first], likes[second] * (1 - likes[first])]])
        wrong = np.array([0.9, 0.0, 0.4])
        left = [item for item in range(3) if item != first]
        policy = np.array([[better @ wrong, sum(better[i] * wrong[i] for i in left) / (1 - better[first])]])
        expected = wrong[[[first, second]]]
        share = float(chosen.prod())
        means["truth"] += float(judged.prod()) * float(reward.sum())
        means["standard"] += share * slates.standard(reward, chosen, judged).item()
        means["cascade"] += share * slates.cascade(reward, chosen, judged).item()
        means["doubly"] += share * slates.cascade_dr(reward, chosen, judged, expected, policy).item()
    assert means["standard"] == pytest.approx(means["truth"])
    assert means["cascade"] == pytest.approx(means["truth"])
    assert means["doubly"] == pytest.approx(means["truth"])


# As others have it


def made_up() -> tuple[np.ndarray, ...]:
    rng = np.random.RandomState(7)
    reward = (rng.rand(500, 3) < 0.2).astype(float)
    return (reward, *(rng.uniform(0.1, 1, (500, 3)) for _ in range(4)))


def test_slates_are_estimated_as_obp_does():
    reward, chosen, judged, at_place, judged_at_place = made_up()
    told = REFERENCE["slates"]
    assert slates.standard(reward, chosen, judged).mean() == pytest.approx(told["standard"], abs=1e-9)
    assert slates.cascade(reward, chosen, judged).mean() == pytest.approx(told["cascade"], abs=1e-9)
    assert slates.independent(reward, at_place, judged_at_place).mean() == pytest.approx(told["independent"], abs=1e-9)


def open_bandit(shared_data: Path, name: str) -> dict[str, np.ndarray]:
    file = shared_data / "open_bandit_small" / name / "men" / "men.csv.gz"
    if not file.exists():
        pytest.skip(f"the Open Bandit sample is not at {file}; set ASSORTMENT_DATA to the folder of the shared data sets")
    with gzip.open(file, "rt") as opened:
        rows = list(csv.DictReader(opened))
    columns = {"item": "item_id", "place": "position", "reward": "click", "propensity": "propensity_score"}
    return {ours: np.array([float(row[theirs]) for row in rows]) for ours, theirs in columns.items()}


def given(log: dict[str, np.ndarray], policy: np.ndarray) -> tuple[np.ndarray, ...]:
    """reward, weight, expected and policy of each round, with the q̂ of the reference: clicks + 1 over rounds + 200."""
    item, place = log["item"].astype(int), log["place"].astype(int) - 1
    q = (np.bincount(item, log["reward"], 34) + 1) / (np.bincount(item, minlength=34) + 200)
    return log["reward"], policy[item, place] / log["propensity"], q[item], (policy * q[:, None]).sum(0)[place]


@pytest.mark.parametrize(("name", "told"), [("random", "random judging bts"), ("bts", "bts judging random")])
def test_the_open_bandit_sample_is_estimated_as_obp_does(shared_data: Path, name: str, told: str):
    policy = np.array(REFERENCE["chances"]) if name == "random" else np.full((34, 3), 1 / 34)
    reward, weight, expected, model = given(open_bandit(shared_data, name), policy)
    ours = {
        "ips": single.ips(reward, weight),
        "snips": single.snips(reward, weight),
        "direct": single.direct(model),
        "dr": single.dr(reward, weight, expected, model),
        "switch_dr": single.switch_dr(reward, weight, expected, model, MOST),
    }
    for each, values in ours.items():
        assert values.mean() == pytest.approx(REFERENCE[told][each], abs=1e-9), each


def test_the_interval_from_the_random_log_holds_what_thompson_sampling_earned_itself(shared_data: Path):
    reward, weight, expected, model = given(open_bandit(shared_data, "random"), np.array(REFERENCE["chances"]))
    user, rng = np.arange(len(reward), dtype=np.int32), np.random.default_rng(0)
    for values in (single.ips(reward, weight), single.dr(reward, weight, expected, model)):
        found = estimate("V", values, weight, user, rng)
        assert found.measure is not None
        assert found.measure.low <= REFERENCE["on policy"]["bts"] <= found.measure.high
        assert found.effective > ENOUGH


# Telling and refusing


def test_where_few_decide_no_number_is_told():
    weight = np.zeros(1000)
    weight[:40] = 25.0
    user, rng = np.arange(1000, dtype=np.int32), np.random.default_rng(0)
    assert effective(weight) == pytest.approx(0.04)
    found = estimate("IPS", weight, weight, user, rng)
    assert found.measure is None
    assert "40 effective ones (4.00%, below 5%)" in found.refused
    weight[40:60] = 25.0
    assert estimate("IPS", weight, weight, user, rng).measure is not None
    both = np.stack([np.ones(1000), np.eye(1, 1000)[0]], axis=1)
    assert estimate("cascade", weight, both, user, rng).measure is None, "the place with the fewest decides"


def test_the_intervals_cover_the_truth_and_people_who_come_often_widen_them():
    """Slates of one place; 60 people with 1 … 9 slates each, who differ in their taste."""
    rng, covered, runs = np.random.default_rng(1), 0, 150
    served, better, truth = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5]), 0.0
    base = np.array([0.2, 0.4, 0.6])
    truth = float(better @ base)
    for _ in range(runs):
        user = np.repeat(np.arange(60), 1 + np.arange(60) % 9).astype(np.int32)
        item = rng.choice(3, len(user), p=served)
        shift = rng.normal(0, 0.15, 60)[user]
        reward = (rng.random(len(user)) < np.clip(base[item] + shift, 0, 1)).astype(float)
        weight = better[item] / served[item]
        found = estimate("IPS", single.ips(reward, weight), weight, user, rng)
        assert found.measure is not None
        covered += found.measure.low <= truth <= found.measure.high
    assert 0.88 <= covered / runs <= 0.99


def test_rates_are_learnt_from_other_people():
    items = np.array([[0, 1], [0, 1], [0, 1], [1, -1]], np.int32)
    reward = np.array([[1.0, 0], [0, 0], [0, 0], [0, 0]])
    found, fold = rates(items, reward, np.array([0, 1, 2, 3], np.int32), 2)
    assert fold.tolist() == [0, 1, 2, 0]
    assert found[0].max() == 0, "those of the first person are learnt from the other two, who clicked on nothing"
    assert found[1][0, 0] > found[1][0, 1]
