"""Learn a policy on a shop's simulated people, pass it through the gate, and let what passed serve as an ordinary stage."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assortment import kept
from assortment.core.errors import within
from assortment.core.measure import Measure
from assortment.longrun.build import Simulated, simulated
from assortment.longrun.gate import CONSTANTS, CONTEXTUAL, STATIC, gate
from assortment.longrun.served import install, logged_gain
from assortment.longrun.simulate import K, Outcomes, everyone, told
from assortment.rl.cem import Budget, learn_constants, tune_static
from assortment.rl.crowd import Crowd
from assortment.rl.lessons import learn_context
from assortment.rl.people import FAMILIES
from assortment.rl.policy import Constant, SlatePolicy, Static
from assortment.rl.ppo import Training
from assortment.rl.told import LearnedPolicy, difference
from assortment.shop import Shop


@dataclass(frozen=True)
class Effort:
    """How much a policy is learned for. minutes: of PPO at most; people: who are judged on, of each family; crowd: real people
    whose candidates are found; visits of each person; k: length of the slates; budget, training: of constants and of PPO."""

    minutes: float = 15.0
    people: int = 4000
    crowd: int = 2000
    visits: int = 60
    k: int = K
    budget: Budget = Budget()
    training: Training = Training()

    def __post_init__(self) -> None:
        within("minutes", self.minutes, 0.01, 24 * 60)
        within("people", self.people, 100, 1_000_000)
        within("crowd", self.crowd, 2, 1_000_000)


@dataclass(frozen=True)
class Begun:
    """What a learning that was stopped had come to. version: of the shop's fit, the seed and the effort."""

    version: str
    method: str
    diversity: float
    constants: tuple[float, ...]


def learn_policy(shop: Shop, effort: Effort = Effort(), seed: int | None = None, dry_run: bool = False) -> LearnedPolicy:
    """Tune what learns nothing, learn constants and then a network, compare them on other people, and serve what passes.

    A learning that was stopped goes on where it was. dry_run: nothing is put in place. Raises `BadInput` where the log has no
    times, or too few people or kinds of goods; `BadSetting` where no stage diversifies, or the libraries are missing.
    """
    started = time.monotonic()
    seed = shop.settings.seed if seed is None else seed
    rng = np.random.default_rng(seed)
    people = simulated(shop, rng, effort.crowd)
    learn, judge = people.crowd.halves(rng)
    how = {"k": min(effort.k, people.crowd.items.shape[1]), "horizon": effort.visits}
    folder = shop.folder / "policies" / "training"
    policies, curve = _learned(people, learn, effort, seed, folder, f"{shop.fitted.version}, seed {seed}, {effort}", how)
    outcomes = everyone(people, judge, policies, effort.people, how, seed + 1)
    serves, steps, why = gate(
        lambda policy, beside: _gains(outcomes, policy, beside), lambda policy: logged_gain(shop, policies[policy])
    )
    simulation = told(people, outcomes, policies, STATIC, seed + 1, how)
    minutes = (time.monotonic() - started) / 60
    found = LearnedPolicy(serves, why, str(policies[STATIC]), str(policies[CONSTANTS]), steps, curve, minutes, simulation)
    if not dry_run:
        static = policies[STATIC]
        assert isinstance(static, Static)
        install(shop, policies[serves], why, static)
        _drop(folder)
    return found


def _learned(
    people: Simulated, crowd: Crowd, effort: Effort, seed: int, folder: Path, version: str, how: Mapping[str, int]
) -> tuple[dict[str, SlatePolicy], tuple[float, ...]]:
    """The three policies, and the curve of the last."""
    population = people.population(FAMILIES[0])
    begun = _begun(folder, version)
    if begun is None:
        rng = np.random.default_rng(seed)
        static = tune_static(crowd, population, effort.budget, rng, **how)
        constants = learn_constants(crowd, population, effort.budget, rng, k=how["k"], horizon=how["horizon"])
        begun = Begun(version, static.method, static.diversity, tuple(constants.weights))
        folder.mkdir(parents=True, exist_ok=True)
        kept.write(folder / "begun.json", begun)
    static, constants = Static(begun.method, begun.diversity), Constant(begun.constants)
    until = time.monotonic() + 60 * effort.minutes
    late = lambda: time.monotonic() > until  # noqa: E731 a name for what it asks
    context, curve = learn_context(constants, crowd, population, effort.training, seed, folder=folder, enough=late, **how)
    policies: dict[str, SlatePolicy] = {STATIC: static, CONSTANTS: constants, CONTEXTUAL: context}
    return policies, tuple(round(float(reward), 4) for reward in curve)


def _gains(outcomes: Outcomes, policy: str, beside: str) -> list[Measure]:
    """The gain of one policy beside another with each family, named by it."""
    gains = []
    for family in FAMILIES:
        found = difference(outcomes[family, policy].taken, outcomes[family, beside].taken)
        gains.append(Measure(family, found.mean, found.low, found.high, found.n))
    return gains


def _begun(folder: Path, version: str) -> Begun | None:
    """What was come to before, where that was for the same fit, seed and effort; what was for another is dropped."""
    file = folder / "begun.json"
    if file.exists():
        begun = kept.read(file, Begun, "assortment learn-policy")
        if begun.version == version:
            return begun
    _drop(folder)
    return None


def _drop(folder: Path) -> None:
    """Forget where a learning was; its curves stay."""
    for name in ("begun.json", "checkpoint.pt"):
        (folder / name).unlink(missing_ok=True)
