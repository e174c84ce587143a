"""The learner on problems whose answers are known."""

import numpy as np
import pytest

pytest.importorskip("stable_baselines3")
from assortment.rl.baselines import Environments, fresh, layers
from assortment.rl.policy import Contextual
from assortment.rl.ppo import Training, train

SMALL = Training(people=32, visits=16, updates=25, gamma=0.9, rate=3e-3, epochs=4, minibatches=4, spread=-0.5, hidden=8)


class Bandit:
    """Two contexts; the best act is 0.6 in one and -0.6 in the other, and every miss costs its square."""

    people, observed, acted = 32, 1, 1

    def begin(self, seed):
        self.rng = np.random.default_rng(seed)
        return self._draw()

    def _draw(self):
        self.context = self.rng.choice(np.array([-1, 1], np.float32), self.people)
        return self.context[:, None]

    def act(self, acts):
        reward = -((acts[:, 0] - 0.6 * self.context) ** 2)
        seen, ends = self._draw(), np.ones(self.people, bool)
        return seen, reward.astype(np.float32), ends, np.zeros(self.people, bool), seen


class TwoStates(Bandit):
    """An act above 0 moves to the other state or stays there, at a price of 0.3; there, every visit pays 1. Who looks one visit
    ahead stays where it costs nothing; who looks far goes and stays."""

    def begin(self, seed):
        self.rng = np.random.default_rng(seed)
        self.there = np.zeros(self.people, bool)
        self.time = np.zeros(self.people, int)
        return self._seen()

    def _seen(self):
        return np.where(self.there, 1, -1).astype(np.float32)[:, None]

    def act(self, acts):
        go = acts[:, 0] > 0
        reward = self.there - 0.3 * go
        self.there = go
        self.time += 1
        cut = self.time >= 12
        last = self._seen()
        self.there, self.time = self.there & ~cut, np.where(cut, 0, self.time)
        return self._seen(), reward.astype(np.float32), np.zeros(self.people, bool), cut, last


def mean(network, *contexts):
    policy = Contextual(np.zeros(1), np.ones(1), np.zeros(1), np.ones(1), network.layers)
    return policy.network(np.array(contexts, np.float32)[:, None])[:, 0]


def test_it_finds_the_best_act_of_each_context():
    low, high = mean(train(Bandit(), SMALL, 1), -1, 1)
    assert low == pytest.approx(-0.6, abs=0.15)
    assert high == pytest.approx(0.6, abs=0.15)


def test_it_pays_now_for_what_comes_later_and_with_gamma_0_it_does_not():
    far = mean(train(TwoStates(), SMALL, 1), -1, 1)
    near = mean(train(TwoStates(), Training(**{**vars(SMALL), "gamma": 0.0}), 1), -1, 1)
    assert (far > 0).all()
    assert (near < 0).all()


def test_an_end_for_want_of_time_is_told_as_one():
    batch = TwoStates()
    env = Environments(batch, 1)
    env.reset()
    for _ in range(12):
        env.step_async(np.ones((32, 1), np.float32))
        _, _, ends, infos = env.step_wait()
    assert ends.all()
    assert infos[0]["TimeLimit.truncated"]
    assert infos[0]["terminal_observation"].tolist() == [1.0]


def test_it_begins_as_the_constants():
    """The last layer is small: what is learnt starts from there."""
    network = layers(fresh(Bandit(), SMALL, 1))
    assert np.abs(network[-2]).max() < 0.02
    assert not network[-1].any()


def test_a_training_that_was_stopped_goes_on_where_it_was(tmp_path):
    half = train(Bandit(), SMALL, 1, folder=tmp_path, enough=Stop(16 * 12))
    assert 0 < len(half.curve) < SMALL.updates
    whole = train(Bandit(), SMALL, 1, folder=tmp_path)
    assert whole.curve[: len(half.curve)] == half.curve
    assert len(whole.curve) == SMALL.updates
    assert mean(whole, 1)[0] == pytest.approx(0.6, abs=0.2)


class Stop:
    """Enough after so many steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def __call__(self) -> bool:
        self.left -= 1
        return self.left <= 0
