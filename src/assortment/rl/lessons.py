"""From constants to a contextual policy: the simulated shop as a batch of episodes, and the network as a policy."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assortment.rl.crowd import Crowd
from assortment.rl.features import FEATURES, features
from assortment.rl.greedy import WEIGHTS, arrange
from assortment.rl.memory import Floats
from assortment.rl.people import Population
from assortment.rl.policy import Constant, Contextual, normal
from assortment.rl.ppo import Training, train
from assortment.rl.visits import Visits

REACH = np.array([0.6, 0.5, 0.4, 0.8], np.float32)
"""How far a network may move each weight from its constant."""

WARM = 20
"""Visits from which the middle and the spread of the features are taken."""


class Lessons:
    """Visits of simulated people as episodes that begin anew where somebody leaves; what is done moves the weights."""

    def __init__(self, visits: Visits, policy: Contextual, scale: float) -> None:
        self.visits, self.policy, self.scale = visits, policy, scale
        self.people, self.observed, self.acted = visits.people, len(FEATURES), len(WEIGHTS)

    def begin(self, seed: int) -> Floats:
        """The first look at new people, who are then at different visits, as people in a shop are."""
        self.visits.reset(seed)
        self._end = 1 + np.random.default_rng(seed).integers(self.visits.horizon, size=self.people)
        return self._seen()

    def _seen(self) -> Floats:
        return normal(features(self.visits.memory, self.visits.offer), self.policy)

    def act(self, acts: Floats) -> tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.bool_], Floats]:
        """One visit of everybody."""
        weights = self.policy.constants + self.policy.reach * np.clip(acts, -1, 1)
        visit = self.visits.step(arrange(self.visits.offer, self.visits.memory, weights.astype(np.float32), self.visits.k))
        cut = ~visit.left & (self.visits.visit >= self._end)
        last = seen = self._seen()
        if (gone := np.flatnonzero(visit.left | cut)).size:
            self.visits.renew(gone)
            self._end[gone] = self.visits.horizon
            seen = self._seen()
        return seen, visit.reward / self.scale, visit.left, cut, last


def blank(constants: Constant, crowd: Crowd, population: Population, seed: int, **how: int) -> tuple[Contextual, float]:
    """A contextual policy that has learnt nothing yet, and by what rewards are to be divided: the features and rewards of
    the first visits under the constants."""
    visits = Visits(crowd, population, 1024, seed=seed, **how)
    seen, rewards = [], []
    for _ in range(min(WARM, visits.horizon)):
        seen.append(features(visits.memory, visits.offer)[visits.here])
        rewards.append(visits.step(constants(visits.offer, visits.memory, visits.k)).reward)
    every = np.concatenate(seen)
    spread = np.maximum(every.std(0), 0.02).astype(np.float32)
    policy = Contextual(np.array(constants.weights, np.float32), REACH, every.mean(0).astype(np.float32), spread, ())
    return policy, max(float(np.concatenate(rewards).std()), 0.1)


def learn_context(
    constants: Constant,
    crowd: Crowd,
    population: Population,
    training: Training,
    seed: int,
    *,
    folder: Path | None = None,
    enough: Callable[[], bool] = lambda: False,
    **how: int,
) -> tuple[Contextual, Sequence[float]]:
    """The policy that says the weights for each person, and the curve of its training."""
    policy, scale = blank(constants, crowd, population, seed, **how)
    visits = Visits(crowd, population, training.people, seed=seed, **how)
    network = train(Lessons(visits, policy, scale), training, seed, folder=folder, enough=enough)
    learned = Contextual(policy.constants, policy.reach, policy.middle, policy.spread, network.layers)
    return learned, [scale * reward for reward in network.curve]
