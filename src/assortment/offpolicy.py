"""What a policy would have earned, by the log of the one that served: fitted on what came before, asked what was asked then."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assortment.config import Settings
from assortment.core.arrays import Ids, Items
from assortment.core.chances import chances
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput, did_you_mean
from assortment.core.events import KINDS, Events, Shown
from assortment.core.pipeline import Pipeline
from assortment.core.profile import NOBODY, Profile, fold
from assortment.core.progress import tell
from assortment.core.request import Request
from assortment.core.seen import MOST as MOST_SEEN
from assortment.core.seen import Glance
from assortment.evaluate.ope import single, slates
from assortment.evaluate.ope.estimate import Estimate, estimate
from assortment.evaluate.ope.rates import rates
from assortment.shop import Shop

REWARDS = {"click": ("click", "view", "favourite", "cart", "purchase"), "purchase": ("purchase",)}
"""What counts as earned by an item on a slate: events that name the slate."""

MOST = 10.0
"""The largest weight that switch-DR believes."""

BATCH = 256

HOW = """no slate of this log was drawn, so nothing is known of what was not shown; let the shop explore a little: in shop.toml
put in the place of the last stage that chooses, and then fit and serve:

[[stage]]
use = "plackett-luce"
temperature = 0.3
stage = { use = "diversify", diversity = 0.3 }"""


@dataclass(frozen=True)
class Judged:
    """reward: what counted; events: of the past, on which the policy was fitted; slates: that were drawn, to how many
    people; sure: slates of the log that were not drawn, and tell nothing; served: what a slate earned; estimates: what one
    of the policy would have; first: the same of the first place alone; gain: of the policy over what served."""

    reward: str
    events: int
    slates: int
    people: int
    sure: int
    served: Estimate
    estimates: tuple[Estimate, ...]
    first: tuple[Estimate, ...]
    gain: Estimate


def judge_policy(shop: Shop, policy: Settings, reward: str = "click") -> Judged:
    """Estimate a policy from a shop's log. It is fitted on what the log held before the first slate that was drawn.

    Raises `BadInput` where no slate was drawn or nothing came before.
    """
    if reward not in REWARDS:
        raise did_you_mean("reward", reward, REWARDS)
    with shop.store() as store:
        catalog = store.catalog()
        dataset, shown = Dataset(catalog, store.events(catalog.ids)), store.shown()
    drawn = [one for one in shown if one.items and min(one.propensity) < 1]
    if not drawn:
        raise BadInput(HOW)
    past = dataset.before(drawn[0].time)
    if not len(past.events):
        raise BadInput("nothing happened before the first slate that was drawn, so that no policy can be fitted")
    rng = np.random.default_rng(policy.seed)
    pipeline = policy.plan.fit(past, rng)
    logged = _logged(drawn, dataset, pipeline, REWARDS[reward])
    estimates, first, gain, served = _estimates(logged, rng)
    people = int(logged.user.max()) + 1
    return Judged(reward, len(past.events), len(drawn), people, len(shown) - len(drawn), served, estimates, first, gain)


@dataclass(frozen=True, eq=False)
class Logged:
    """n slates of at most k places, as the estimators take them; user [n] numbers, strangers being somebody each."""

    user: Items
    reward: np.ndarray
    chosen: np.ndarray
    judged: np.ndarray
    expected: np.ndarray
    policy: np.ndarray


def _logged(drawn: Sequence[Shown], dataset: Dataset, pipeline: Pipeline, kinds: Sequence[str]) -> Logged:
    users: defaultdict[str, int] = defaultdict(lambda: len(users))
    user = np.array([users[one.user or f"\0{one.slate}"] for one in drawn], np.int32)
    n, k = len(drawn), max(len(one.items) for one in drawn)
    items, chosen, judged = np.full((n, k), -1, np.int32), np.ones((n, k)), np.ones((n, k))
    for row, one in enumerate(drawn):
        items[row, : len(one.items)] = dataset.catalog.numbers(one.items)
        chosen[row, : len(one.items)] = one.propensity
    reward = _reward(drawn, items, dataset, kinds)
    expects, fold_of = rates(items, reward, user, len(dataset.catalog))
    expected, policy = np.zeros((n, k)), np.zeros((n, k))
    requests = _requests(drawn, dataset)
    for start in range(0, n, BATCH):
        rows = range(start, min(n, start + BATCH))
        lists = [items[row, : len(drawn[row].items)] for row in rows]
        for row, each, found in zip(rows, lists, chances(pipeline, requests[start : start + BATCH], lists), strict=True):
            length, model = len(each), expects[fold_of[row]]
            judged[row, :length] = found.of(each)
            expected[row, :length] = model[np.arange(length), each]
            policy[row, :length] = (found.chance * model[:length, found.items]).sum(1)
        tell("replaying", rows[-1] + 1, n)
    return Logged(user, reward, chosen, judged, expected, policy)


def _reward(drawn: Sequence[Shown], items: np.ndarray, dataset: Dataset, kinds: Sequence[str]) -> np.ndarray:
    """1 where an event of these kinds names the slate and the item, else 0."""
    events, row_of = dataset.events, {one.slate: row for row, one in enumerate(drawn)}
    reward = np.zeros(items.shape)
    wanted = np.isin(events.kind, [KINDS.index(kind) for kind in kinds])
    for slate, item in zip(events.slate[wanted], events.item[wanted], strict=True):
        if slate in row_of:
            reward[row_of[slate]][items[row_of[slate]] == item] = 1
    return reward


def _requests(drawn: Sequence[Shown], dataset: Dataset) -> list[Request]:
    """What was asked, with the person as they were at that moment."""
    events = dataset.events
    order = np.argsort(events.user, kind="stable")
    bounds = np.searchsorted(events.user[order], np.arange(len(events.people) + 1))

    def profile(one: Shown) -> Profile:
        person = events.people.number(one.user)
        if person < 0:
            return NOBODY
        rows = order[bounds[person] : bounds[person + 1]]
        return fold(events.take(rows[events.time[rows] < one.time])).get(one.user, NOBODY)

    before = _before(drawn, events, dataset.catalog.ids)
    return [
        Request(one.user, one.time, profile(one), len(one.items), seen=glances)
        for one, glances in zip(drawn, before, strict=True)
    ]


def _before(drawn: Sequence[Shown], events: Events, ids: Ids) -> list[tuple[Glance, ...]]:
    """The last slates that each person had been shown and what they had taken of them, for stages that mind it."""
    took: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for slate, item, time in zip(events.slate, events.item.tolist(), events.time.tolist(), strict=True):
        if slate:
            took[slate].append((time, item))
    shown: defaultdict[str, list[Shown]] = defaultdict(list)
    before = []
    for one in drawn:
        glances = []
        for other in shown[one.user][-MOST_SEEN:]:
            items = ids.numbers(other.items)
            went = [item for time, item in took[other.slate] if time < one.time]
            glances.append(Glance(items, np.isin(items, went)))
        before.append(tuple(glances))
        if one.user:
            shown[one.user].append(one)
    return before


def _estimates(log: Logged, rng: np.random.Generator) -> tuple[tuple[Estimate, ...], tuple[Estimate, ...], Estimate, Estimate]:
    weight = slates.prefixes(log.chosen, log.judged)
    whole, even, earned = weight[:, -1], np.ones(len(weight)), log.reward.sum(1)
    doubly = slates.cascade_dr(log.reward, log.chosen, log.judged, log.expected, log.policy)
    estimates = (
        estimate("IPS", single.ips(earned, whole), whole, log.user, rng),
        estimate("SNIPS", _safe_snips(earned, whole), whole, log.user, rng, normalised=True),
        estimate("cascade IPS", slates.cascade(log.reward, log.chosen, log.judged), weight, log.user, rng),
        estimate("cascade-DR", doubly, weight, log.user, rng),
    )
    reward, top, expected, policy = log.reward[:, 0], weight[:, 0], log.expected[:, 0], log.policy[:, 0]
    first = (
        estimate("IPS", single.ips(reward, top), top, log.user, rng),
        estimate("SNIPS", _safe_snips(reward, top), top, log.user, rng, normalised=True),
        estimate("DR", single.dr(reward, top, expected, policy), top, log.user, rng),
        estimate("switch-DR", single.switch_dr(reward, top, expected, policy, MOST), top, log.user, rng),
    )
    gain = estimate("gain by cascade-DR", doubly - earned, weight, log.user, rng)
    return estimates, first, gain, estimate("served", earned, even, log.user, rng)


def _safe_snips(reward: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Nothing where no weight is left; it is refused then."""
    return single.snips(reward, weight) if weight.any() else np.zeros(len(weight))
