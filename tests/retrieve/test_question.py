"""What a request asks, as weights on goods."""

import numpy as np

from assortment.core.profile import Profile
from assortment.core.request import Request
from assortment.retrieve.question import depths, weights


def profile(items: list[int], times: list[int]) -> Profile:
    return Profile(np.array(items, np.int32), np.zeros(len(items), np.int8), np.array(times), np.array(sorted(items), np.int32))


def test_goods_of_one_moment_weigh_the_same_and_older_moments_less():
    request = Request("u", profile=profile([4, 0, 2, 1], [10, 20, 20, 30]))
    asked = weights([request], 5, 0.5).toarray()
    np.testing.assert_allclose(asked, [[0.5, 1, 0.5, 0, 0.25]])


def test_decay_0_leaves_the_last_moment_and_decay_1_all_alike():
    request = Request("u", profile=profile([0, 1], [1, 2]))
    assert weights([request], 2, 0).toarray().tolist() == [[0, 1]]
    assert weights([request], 2, 1).toarray().tolist() == [[1, 1]]


def test_the_page_is_the_question_and_not_the_profile_and_words_name_no_goods():
    person = profile([0], [1])
    asked = weights(
        [Request("u", profile=person, about=(2, 1, 2)), Request("u", profile=person, words="tea"), Request()], 3, 0.5
    )
    assert asked.toarray().tolist() == [[0, 1, 1], [0, 0, 0], [0, 0, 0]]


def test_a_request_is_searched_deeper_by_what_the_guard_may_take_out():
    refused = Profile(owned=np.array([1, 2], np.int32), refused=np.array([3], np.int32))
    muted = Profile(muted=np.arange(6, dtype=np.int32))
    assert depths([Request(profile=refused, about=(4,)), Request(), Request(profile=muted)], 10).tolist() == [14, 10, 16]
