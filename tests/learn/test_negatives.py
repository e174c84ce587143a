"""Negatives: how they are drawn, and what the correction for it is worth."""

import numpy as np
import pytest
import torch

from assortment.core.errors import BadSetting
from assortment.learn.foretell import sampled_softmax
from assortment.learn.negatives import mixed


def test_goods_are_drawn_as_often_as_their_chance_says():
    negatives = mixed([6, 2, 0, 0], 0.5)
    drawn = np.bincount(negatives.draw(40_000, np.random.default_rng(1)), minlength=4) / 40_000
    np.testing.assert_allclose(negatives.chance, [0.5, 0.25, 0.125, 0.125])
    np.testing.assert_allclose(drawn, negatives.chance, atol=0.01)


def test_all_by_popularity_never_draws_what_nobody_took_and_a_shop_without_people_draws_evenly():
    assert set(mixed([3, 0, 1], 1).draw(1000, np.random.default_rng(1)).tolist()) == {0, 2}
    assert mixed([0, 0], 0.7).chance.tolist() == [0.5, 0.5]
    with pytest.raises(BadSetting, match="popular is 2; it goes from 0 to 1"):
        mixed([1], 2)


def test_the_correction_changes_the_winner():
    """Two goods, one drawn nine times out of ten. Their logits being learnt from what was taken, which is half and half, logits
    end where drawing put them without the correction, and alike with it."""
    negatives = mixed([9, 1], 1)
    ends = {}
    for corrected in (False, True):
        logits = torch.zeros(2, requires_grad=True)
        optimiser = torch.optim.SGD([logits], 0.1)
        rng = np.random.default_rng(1)
        for _ in range(600):
            drawn = torch.from_numpy(negatives.draw(32, rng)).long()
            wrong = logits[drawn] - (torch.from_numpy(negatives.correction(drawn.numpy(), 32)) if corrected else 0)
            taken = torch.tensor([0, 1])
            hidden = wrong.expand(2, -1).masked_fill(drawn == taken[:, None], -torch.inf)
            optimiser.zero_grad()
            sampled_softmax(logits[taken], hidden).backward()
            optimiser.step()
        ends[corrected] = float((logits[0] - logits[1]).detach())
    assert ends[False] < -0.8, "the popular item is pushed down for being popular"
    assert abs(ends[True]) < 0.15


def test_the_corrected_sum_is_that_over_all_goods_on_average():
    logits = np.random.default_rng(3).normal(size=50)
    negatives = mixed(np.arange(50), 0.7)
    drawn = negatives.draw(200_000, np.random.default_rng(4))
    estimate = np.exp(logits[drawn] - negatives.correction(drawn, len(drawn))).sum()
    assert estimate == pytest.approx(np.exp(logits).sum(), rel=0.02)
