"""Losses, against numbers worked out by hand."""

import math

import pytest
import torch

from assortment.learn.losses import bce, info_nce, mse, orthogonal


def test_info_nce_is_the_logarithm_of_the_share_of_the_right_one():
    scores = torch.tensor([[0.0, math.log(2), math.log(5)]])
    assert float(info_nce(scores, torch.tensor([1]), 1.0)) == pytest.approx(-math.log(2 / 8))
    assert float(info_nce(scores, torch.tensor([1]), 0.5)) == pytest.approx(-math.log(4 / 30))


def test_what_is_barred_does_not_count_as_wrong():
    scores = torch.tensor([[0.0, math.log(2), math.log(5)]])
    barred = torch.tensor([[False, False, True]])
    assert float(info_nce(scores, torch.tensor([1]), 1.0, barred=barred)) == pytest.approx(-math.log(2 / 3))


def test_one_drawn_with_a_chance_of_a_quarter_stands_for_four_but_the_right_one_for_itself():
    scores = torch.tensor([[0.0, math.log(2)]])
    drawn = torch.tensor([0.25, 0.5]).log()
    assert float(info_nce(scores, torch.tensor([1]), 1.0, drawn)) == pytest.approx(-math.log(2 / (2 + 4)))


def test_drawn_by_popularity_and_corrected_the_gradient_is_that_of_all_candidates():
    """Ten goods, five drawn again and again by unlike chances: the mean gradient of the wrong ones is near the whole one."""
    torch.manual_seed(0)
    scores = torch.randn(10, requires_grad=True)
    chance = torch.linspace(0.2, 0.9, 10)
    whole = torch.autograd.grad(info_nce(scores[None], torch.tensor([0]), 1.0), scores)[0]
    sums = []
    for corrected in (True, False):
        mean = torch.zeros(10)
        for _ in range(1500):
            kept = torch.rand(10) < chance
            kept[0] = True
            at = torch.nonzero(kept)[:, 0]
            loss = info_nce(scores[at][None], torch.tensor([0]), 1.0, chance[at].log() if corrected else None)
            mean += torch.autograd.grad(loss, scores)[0] / 1500
        sums.append(float((mean - whole).abs().max()))
    assert sums[0] < 0.06 < sums[1]


def test_labels_that_are_not_known_are_left_out():
    scores, labels = torch.tensor([[0.0, 9.0]]), torch.tensor([[1.0, math.nan]])
    assert float(bce(scores, labels)) == pytest.approx(math.log(2))
    assert float(mse(torch.tensor([[3.0], [8.0]]), torch.tensor([[1.0], [math.nan]]))) == 4
    assert float(bce(scores, torch.full((1, 2), math.nan))) == float(mse(scores, torch.full((1, 2), math.nan))) == 0


def test_rows_at_right_angles_cost_nothing_and_others_what_they_lack():
    assert float(orthogonal([torch.eye(2, 5), torch.eye(5, 2)])) == 0
    assert float(orthogonal([torch.tensor([[1.0, 1.0]])])) == 1
