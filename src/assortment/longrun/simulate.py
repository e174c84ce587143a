"""Play the policies of a shop on its simulated people, side by side."""

from collections.abc import Mapping

import numpy as np

from assortment.core.progress import tell
from assortment.diversify.methods import Dpp, Methods, Mmr, Msd, Trade
from assortment.diversify.stage import Diversified
from assortment.longrun.build import Simulated, simulated
from assortment.rank.explore import Drawn
from assortment.rl.crowd import Crowd
from assortment.rl.people import FAMILIES, PRIOR
from assortment.rl.policy import SlatePolicy, Static
from assortment.rl.rollout import Played, played
from assortment.rl.stage import Paced
from assortment.rl.told import Simulation, row
from assortment.shop import Shop

PEOPLE, VISITS, K = 2000, 60, 8

SIMULATED: Mapping[type[Methods], str] = {Mmr: "mmr", Msd: "msd", Trade: "msd", Dpp: "dpp"}
"""The method by which simulated people are shown what a shop's own would choose; trades come to what dispersion chooses."""


def simulate(shop: Shop, people: int = PEOPLE, visits: int = VISITS, k: int = K, seed: int | None = None) -> Simulation:
    """What relevance only, the shop's own way and its learned policy, where it has one, come to with each family.

    people of each family; seed: the same gives the same, and where None it is the shop's.
    """
    chosen = shop.settings.seed if seed is None else seed
    with_people = simulated(shop, np.random.default_rng(chosen))
    policies, how = own(shop), {"k": min(k, with_people.crowd.items.shape[1]), "horizon": visits}
    outcomes = everyone(with_people, with_people.crowd, policies, people, how, chosen)
    return told(with_people, outcomes, policies, "relevance only", chosen, how)


def own(shop: Shop) -> dict[str, SlatePolicy]:
    """The policies of a shop that can be simulated, by what they are called: relevance only first."""
    policies: dict[str, SlatePolicy] = {"relevance only": Static()}
    for stage in shop.pipeline.stages:
        inner = stage.stage if isinstance(stage, Drawn) else stage
        if isinstance(inner, Diversified) and inner.diversity and type(inner.select) in SIMULATED:
            policies["as it is set"] = Static(SIMULATED[type(inner.select)], inner.diversity)
        if isinstance(inner, Paced):
            policies["as it serves"] = inner.policy
    return policies


Outcomes = Mapping[tuple[str, str], Played]
"""What came of each policy with each family."""


def everyone(
    shop: Simulated, crowd: Crowd, policies: Mapping[str, SlatePolicy], people: int, how: Mapping[str, int], seed: int
) -> Outcomes:
    """Every policy with every family, on the same people with the same chances; how: `k` and `horizon`."""
    outcomes = {}
    for place, family in enumerate(FAMILIES):
        for name, policy in policies.items():
            outcomes[family, name] = played(policy, crowd, shop.population(family), people, seed=seed, **how)
        tell("simulate", place + 1, len(FAMILIES))
    return outcomes


def told(
    shop: Simulated, outcomes: Outcomes, policies: Mapping[str, SlatePolicy], beside: str, seed: int, how: Mapping[str, int]
) -> Simulation:
    """What came of them, each beside one of them."""
    rows = tuple(
        row(family, name, str(policies[name]), one, None if name == beside else outcomes[family, beside])
        for (family, name), one in outcomes.items()
    )
    said = {one.name for one in shop.found if one.sure}
    drawn = tuple((name, usual.low, usual.high) for name, usual in PRIOR.items() if name not in said and name != "bait")
    return Simulation(rows[0].taken.n, how["horizon"], how["k"], seed, shop.odds, shop.found, drawn, rows)
