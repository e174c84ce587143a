"""Trees read from LightGBM's text say what LightGBM says."""

import lightgbm
import numpy as np
import pytest

from assortment.rank.forest import read


def learnt(missing: float, seed: int, trees: int = 20, leaves: int = 15) -> lightgbm.Booster:
    """Trees from numbers of which a share is missing."""
    rng = np.random.default_rng(seed)
    table = rng.standard_normal((2000, 5)).astype(np.float32)
    table[rng.random(table.shape) < missing] = np.nan
    taken = np.nan_to_num(table[:, 0] * table[:, 1], nan=0.5) + np.isnan(table[:, 2]) > rng.standard_normal(2000)
    settings = {"objective": "binary", "num_leaves": leaves, "verbosity": -1, "num_threads": 1, "seed": seed}
    return lightgbm.train(settings, lightgbm.Dataset(table, taken.astype(np.int8)), trees)


@pytest.mark.parametrize("missing", [0, 0.3])
@pytest.mark.parametrize("rows", [0, 1, 15, 200])
def test_what_trees_say_is_to_the_bit_what_lightgbm_says(missing, rows):
    booster, rng = learnt(missing, 1), np.random.default_rng(2)
    table = (3 * rng.standard_normal((rows, 5))).astype(np.float32)
    table[rng.random(table.shape) < 0.2] = np.nan
    table[rng.random(table.shape) < 0.1] = 0
    forest = read(booster.model_to_string())
    expected = booster.predict(table, raw_score=True, num_threads=1) if rows else np.empty(0)
    assert forest(table).tolist() == np.asarray(expected).tolist()


def test_a_number_at_a_threshold_goes_left_and_the_next_one_right():
    booster = learnt(0, 3, trees=3, leaves=4)
    forest = read(booster.model_to_string())
    inner = np.flatnonzero(forest.forks["ways"][:, 0] != np.arange(len(forest.forks)))
    for fork in forest.forks[inner]:
        table = np.zeros((2, 5), np.float32)
        table[:, fork["feature"]] = fork["threshold"], np.nextafter(fork["threshold"], np.float32(np.inf))
        assert forest(table).tolist() == booster.predict(table, raw_score=True).tolist()


def test_a_tree_that_never_forked_says_one_thing():
    booster = lightgbm.train(
        {"objective": "binary", "verbosity": -1, "num_threads": 1},
        lightgbm.Dataset(np.zeros((30, 2), np.float32), np.arange(30) % 3 == 0),
        2,
    )
    table = np.ones((3, 2), np.float32)
    assert read(booster.model_to_string())(table).tolist() == booster.predict(table, raw_score=True).tolist()
