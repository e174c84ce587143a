"""The log as stories: cut, held back, and put in batches."""

import numpy as np

from assortment.learn.histories import Histories, histories
from tests import world
from tests.retrieve.shop import bought

RNG = np.random.default_rng


def pieces(stories: Histories) -> list[list[int]]:
    return [piece.tolist() for piece in np.split(stories.items, stories.bounds[1:-1])]


def test_a_story_has_an_item_once_at_its_last_moment_and_one_item_alone_is_none():
    stories = histories(bought(5, ann=[0, 1, 2, 0], bob=[3], cas=[(1, 2), 4]), 10)
    assert pieces(stories) == [[1, 2, 0], [1, 2, 4]]
    assert np.diff(stories.visits[3:]).tolist() == [0, 1], "1 and 2 are one visit"


def test_a_long_story_is_cut_from_its_end_and_every_item_but_the_first_is_foretold_once():
    stories = histories(bought(6, ann=[0, 1, 2, 3, 4, 5]), 2)
    assert pieces(stories) == [[3, 4, 5], [1, 2, 3], [0, 1]]
    assert stories.newest.tolist() == [True, False, False]


def test_what_is_held_back_is_the_last_item_of_a_newest_piece_and_is_told_to_nobody():
    stories = histories(bought(6, ann=[0, 1, 2, 3, 4, 5], bob=[0, 1]), 2)
    told, held = stories.held_back(0.1, 9, RNG(1))
    assert pieces(held) == [[3, 4, 5]]
    assert pieces(told) == [[3, 4], [1, 2, 3], [0, 1], [0, 1]]
    few = histories(bought(3, bob=[0, 1]), 2)
    assert few.held_back(0.5, 9, RNG(1)) == (few, few), "nobody has three"


def test_batches_hold_every_piece_once_within_the_measure_or_alone():
    stories = histories(bought(9, ann=[0, 1, 2, 3, 4, 5, 6, 7], bob=[0, 1], cas=[1, 2], dan=[1, 2, 3]), 50)
    batches = stories.batches(6, RNG(1))
    assert sorted(piece for batch in batches for piece in batch) == [0, 1, 2, 3]
    sizes = [(len(batch), int(stories.lengths[batch].max())) for batch in batches]
    assert all(pieces == 1 or pieces * longest <= 6 for pieces, longest in sizes)
    assert len(batches) == len(stories.batches(6, RNG(2)))


def test_goods_of_one_visit_come_in_any_order_and_visits_in_theirs():
    stories = histories(bought(9, ann=[(0, 1, 2, 3), 4]), 50)
    orders = {tuple(stories.batch(np.array([0]), RNG(seed)).items[0].tolist()) for seed in range(20)}
    assert len(orders) > 5
    assert all(order[-1] == 4 for order in orders)
    batch = histories(bought(9, ann=[0, 1], bob=[2, 3, 4]), 50).batch(np.array([0, 1]))
    assert batch.items.tolist() == [[0, 1, 0], [2, 3, 4]]
    assert batch.there.tolist() == [[True, True, False], [True] * 3]


def test_an_empty_log_tells_nothing():
    assert len(histories(world.dataset([]), 5)) == 0
