"""The losses of variety: soft lists, what is above a cap, and who is pushed by it."""

import numpy as np
import pytest
import torch

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.errors import BadSetting
from assortment.learn.diverse import (
    Cap,
    ExposureCap,
    Mix,
    Price,
    Spread,
    likeness,
    narrowness,
    over_cap,
    over_exposed,
    soft_top,
)

GROUPS = torch.tensor([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1]], dtype=torch.float64)


def scores(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64, requires_grad=True)


def test_a_soft_list_of_alike_scores_holds_an_equal_part_of_each_and_a_hard_one_the_best():
    assert soft_top(scores([1, 1, 1, 1]), 2, 1).tolist() == [[0.5] * 4]
    hard = soft_top(scores([3, 1, 2, 0]), 2, 0.01)
    np.testing.assert_allclose(hard.detach(), [[1, 0, 1, 0]], atol=1e-6)


def test_a_soft_list_worked_out_by_hand():
    """At softness 1 with scores log 3 and -log 3 the threshold is 0: three quarters and one quarter."""
    third = float(np.log(3))
    soft = soft_top(scores([third, third, -third, -third]), 2, 1)
    np.testing.assert_allclose(soft.detach(), [[0.75, 0.75, 0.25, 0.25]], atol=1e-9)
    assert float(over_cap(soft, GROUPS[[0, 1, 2, 3]], 1).detach()) == pytest.approx(0.75**2), (
        "1.75 of the first group, 1 allowed"
    )


def test_every_soft_list_holds_k_however_far_its_scores_are_apart():
    far = torch.tensor(np.random.default_rng(1).normal(0, 30, (5, 40)))
    for softness in (0.05, 1, 50):
        np.testing.assert_allclose(soft_top(far, 7, softness).sum(1), 7, atol=1e-6)
    assert soft_top(far, 40, 1).tolist() == torch.ones(5, 40).tolist(), "all of what is not more than k"


@pytest.mark.parametrize(
    "loss",
    [
        lambda m: m.square().sum(),
        lambda m: over_cap(m, GROUPS, 0.7),
        lambda m: over_exposed(m, 0.9),
        lambda m: narrowness(m, GROUPS),
        lambda m: likeness(m, torch.eye(5, dtype=torch.float64) * 0.6 + 0.1),
    ],
    ids=["soft", "cap", "exposure", "mix", "spread"],
)
def test_gradients_are_those_of_finite_differences(loss):
    given = torch.tensor(np.random.default_rng(2).normal(0, 1, (3, 5)), requires_grad=True)
    assert torch.autograd.gradcheck(lambda s: loss(soft_top(s, 2, 0.5)), given, atol=1e-6)


def test_an_over_full_group_goes_down_in_every_list_where_it_is_and_no_other_is_punished():
    given = scores([2, 1.9, 1.8, 0, -1], [1.5, 1.7, 1.6, -1, 0], [2, -3, -3, 1.9, -3])
    over_cap(soft_top(given, 2, 0.3), GROUPS, 1).backward()
    pushed = given.grad
    assert (pushed[:2, :3] > 0).all(), "the first group has two of two places in two lists: descent lowers it in both"
    assert (pushed[:2, 3:] < 0).all(), "who takes the place is drawn up"
    np.testing.assert_allclose(pushed[2], 0, atol=1e-5)


def test_under_the_cap_costs_nothing_where_the_square_alone_would():
    spread = torch.tensor([[1.0, 0, 0, 1, 0]], dtype=torch.float64)
    assert float(over_cap(spread, GROUPS, 3)) == 0
    assert float(over_cap(torch.tensor([[1.0, 1, 1, 0, 0]], dtype=torch.float64), GROUPS, 0)) == 9, "a cap of 0 is the square"


def test_exposure_counts_an_item_over_lists():
    """The first item is in three lists of three, two may have it: (3 - 2)^2 over 3 lists."""
    lists = torch.tensor([[1.0, 1, 0], [1, 0, 1], [1, 1, 0]])
    assert float(over_exposed(lists, 2)) == pytest.approx(1 / 3)


def test_likeness_is_the_mean_cosine_of_pairs_and_narrowness_the_entropy():
    vectors = torch.tensor([[1.0, 0], [1, 0], [0, 1]])
    assert float(likeness(torch.ones(1, 3), vectors)) == pytest.approx(1 / 3), "one pair of three is alike"
    assert float(narrowness(torch.ones(1, 4), GROUPS[1:].float())) == pytest.approx(-np.log(2))
    assert float(narrowness(torch.tensor([[1.0, 1, 1, 0, 0]]), GROUPS.float())) == pytest.approx(0)


def test_the_price_rises_while_too_many_lists_are_over_and_falls_to_nothing_after():
    price = Price(share=0.25, step=2)
    betas = []
    for price.over in (0.75, 0.5, 0.25, 0, 0, 0, 0):
        price.follow()
        betas.append(price.beta)
    assert betas == [1.0, 1.5, 1.5, 1.0, 0.5, 0.0, 0.0]


def catalog() -> Catalog:
    kinds = strings(["a", "a", "a", "b", "b|c"])
    return Catalog(
        Ids([f"i{n}" for n in range(5)]), {"kind": kinds, "price": np.ones(5), "vector": np.eye(5, 4, dtype=np.float32)}
    )


def test_a_cap_sees_how_many_lists_are_over_and_costs_nothing_until_its_price_has_risen():
    term = Cap("kind", most=1, share=0, k=2, step=1).bound(catalog())
    given = torch.tensor([[3.0, 2, 1, 0, 0], [3.0, 0, 0, 2, 0]], requires_grad=True)
    assert float(term(given, np.arange(5)).detach()) == 0
    assert term.price.over == 0.5, "the first list has two of a"
    term.price.follow()
    assert float(term(given, np.arange(5)).detach()) > 0
    few = term(torch.tensor([[3.0, 2, 1]]), np.array([0, 3, 4]))
    assert float(few) < 0.01, "of some goods, by their numbers"


def test_the_cap_on_exposure_counts_places_beyond_it():
    term = ExposureCap(most=0.5, share=0, k=2).bound(catalog())
    term(torch.tensor([[3.0, 2, 0, 0, 0], [3.0, 0, 2, 0, 0], [3.0, 0, 0, 2, 0], [3.0, 0, 0, 0, 2]]), np.arange(5))
    assert term.price.over == 2 / 8, "the first item is in four lists of four and two may have it"


def test_regularisers_weigh_what_they_measure():
    given = torch.tensor([[9.0, 9, 9, -9, -9]])
    assert float(Spread(weight=2, k=3).bound(catalog())(given, np.arange(5))) == pytest.approx(0, abs=1e-4), "all unlike"
    all_alike = float(Mix("kind", weight=2, k=3).bound(catalog())(given, np.arange(5)))
    two_kinds = float(Mix("kind", weight=2, k=3).bound(catalog())(torch.tensor([[9.0, 9, -9, 9, -9]]), np.arange(5)))
    assert two_kinds < all_alike - 1


def test_bad_settings_are_refused_with_the_way_out():
    with pytest.raises(BadSetting, match="most is 11; it goes from 1 to 10"):
        Cap("kind", most=11)
    with pytest.raises(BadSetting, match="column 'price' holds numbers; a loss of variety counts labels"):
        Cap("price").bound(catalog())
