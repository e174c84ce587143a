"""The simulated shop as Gymnasium environments, for others' algorithms: one person, or many at once."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode

from assortment.rl.crowd import Crowd
from assortment.rl.features import FEATURES, MOST, features
from assortment.rl.greedy import WEIGHTS, arrange
from assortment.rl.memory import Floats
from assortment.rl.people import Population
from assortment.rl.visits import Visits

Box = gymnasium.spaces.Box
TIRING = Population()


def seen_space() -> Any:
    """What is observed: `features.FEATURES`."""
    edge = np.full(len(FEATURES), MOST, np.float32)
    return Box(-edge, edge)


def acts_space() -> Any:
    """What is done: the weights of `greedy.WEIGHTS`, each from -1 to 1."""
    edge = np.ones(len(WEIGHTS), np.float32)
    return Box(-edge, edge)


class Shop(gymnasium.Env[Floats, Floats]):
    """One simulated person after the other. A step is a visit: the action weighs what the slate is chosen by, the reward is how
    many goods were taken, the episode ends where the person leaves for good, and is cut at `horizon` visits.

    >>> from assortment.rl.crowd import made_up
    >>> shop = Shop(made_up(np.random.default_rng(0)), Population("bored"))
    >>> seen, _ = shop.reset(seed=7)
    >>> seen, reward, ended, cut, info = shop.step(np.zeros(4, np.float32))
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012 Gymnasium declares it so

    def __init__(self, crowd: Crowd, population: Population = TIRING, *, k: int = 8, horizon: int = 60) -> None:
        self.observation_space, self.action_space = seen_space(), acts_space()
        self.visits = Visits(crowd, population, 1, k=k, horizon=horizon)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Floats, dict[str, Any]]:
        super().reset(seed=seed)
        self.visits.reset(int(self.np_random.integers(2**31)))
        return self._seen(), {}

    def _seen(self) -> Floats:
        return features(self.visits.memory, self.visits.offer)[0]

    def step(self, action: Floats) -> tuple[Floats, float, bool, bool, dict[str, Any]]:
        visit = _shown(self.visits, np.asarray(action, np.float32)[None, :])
        cut = bool(self.visits.visit[0] >= self.visits.horizon)
        info = {"pleasure": float(visit.pleasure[0]), "alike": float(visit.alike[0]), "kinds": float(visit.kinds[0])}
        return self._seen(), float(visit.reward[0]), bool(visit.left[0]), cut, info


class Shops(gymnasium.vector.VectorEnv[Floats, Floats, Any]):
    """`num_envs` people at once, as arrays; where one ends another begins in the same step (`AutoresetMode.SAME_STEP`)."""

    def __init__(
        self, crowd: Crowd, population: Population = TIRING, people: int = 256, *, k: int = 8, horizon: int = 60
    ) -> None:
        self.num_envs = people
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}
        self.single_observation_space, self.single_action_space = seen_space(), acts_space()
        self.observation_space = gymnasium.vector.utils.batch_space(seen_space(), people)
        self.action_space = gymnasium.vector.utils.batch_space(acts_space(), people)
        self.visits = Visits(crowd, population, people, k=k, horizon=horizon)

    def reset(
        self, *, seed: int | list[int] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Floats, dict[str, Any]]:
        super().reset(seed=seed if isinstance(seed, int) else None)
        self.visits.reset(int(self.np_random.integers(2**31)))
        return self._seen(), {}

    def _seen(self) -> Floats:
        return features(self.visits.memory, self.visits.offer)

    def step(self, actions: Floats) -> tuple[Floats, Any, Any, Any, dict[str, Any]]:
        visit = _shown(self.visits, np.asarray(actions, np.float32))
        cut = ~visit.left & (self.visits.visit >= self.visits.horizon)
        ended = visit.left | cut
        info: dict[str, Any] = {"pleasure": visit.pleasure, "alike": visit.alike, "kinds": visit.kinds}
        seen = self._seen()
        if ended.any():
            last = np.full(self.num_envs, None, object)
            for person in np.flatnonzero(ended):
                last[person] = seen[person]
            info |= {"final_obs": last, "_final_obs": ended}
            self.visits.renew(np.flatnonzero(ended))
            seen = self._seen()
        return seen, visit.reward.astype(np.float64), visit.left, cut, info


def _shown(visits: Visits, weights: Floats) -> Any:
    return visits.step(arrange(visits.offer, visits.memory, weights, visits.k))
