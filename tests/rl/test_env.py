import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium")
from gymnasium.utils.env_checker import check_env  # noqa: E402 the extra 'rl' may be missing

from assortment.rl.crowd import made_up  # noqa: E402
from assortment.rl.env import Shop, Shops  # noqa: E402
from assortment.rl.people import FAMILIES, Population  # noqa: E402

CROWD = made_up(np.random.default_rng(0), lists=8, candidates=30, kinds=5)


@pytest.mark.parametrize("family", FAMILIES)
def test_gymnasiums_own_checker_finds_nothing_amiss(family):
    check_env(Shop(CROWD, Population(family)), skip_render_check=True)


def test_stable_baselines3_trains_on_it_unchanged():
    ppo = pytest.importorskip("stable_baselines3").PPO
    model = ppo("MlpPolicy", Shop(CROWD), n_steps=32, batch_size=16, n_epochs=1, device="cpu")
    model.learn(64)
    assert model.num_timesteps == 64


def test_many_people_begin_anew_where_they_end_and_by_the_seed():
    shops = Shops(CROWD, people=8, horizon=5)
    acts = np.zeros(shops.action_space.shape, np.float32)
    seen, _ = shops.reset(seed=3)
    again, _ = shops.reset(seed=3)
    assert seen.tolist() == again.tolist()
    ended = 0
    for _ in range(6):
        seen, _, left, cut, info = shops.step(acts)
        assert shops.observation_space.contains(seen)
        for person in np.flatnonzero(left | cut):
            ended += 1
            assert shops.visits.visit[person] == 0
            assert info["final_obs"][person].tolist() != seen[person].tolist()
    assert ended >= 8
