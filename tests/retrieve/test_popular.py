import numpy as np

from assortment.core.request import Request
from assortment.retrieve.popular import Popular
from tests.retrieve.shop import RNG, bought, found, said


def test_ten_purchases_by_one_person_count_as_one_and_old_ones_fade():
    shop = bought(3, keen=[0, 0, 0, 0, 1], early=[2], late=[2, 0, 1])
    scores = said(Popular(half_life=1).fit(shop, RNG), Request(), 3)
    ages = {0: [1, 3], 1: [0, 2], 2: [4, 4]}
    np.testing.assert_allclose(scores, [np.log1p(sum(2.0**-age for age in ages[item])) for item in range(3)], atol=1e-5)


def test_what_nobody_bought_comes_last_and_a_question_is_met_with_silence():
    popular = Popular().fit(bought(3, u=[1]), RNG)
    assert found(popular, Request())[0] == 1
    assert len(found(popular, Request())) == 3
    assert found(popular, Request(words="tea")) == found(popular, Request(about=(1,))) == []
    assert said(popular, Request(about=(0,)), 3).tolist() == [0, 0, 0]
