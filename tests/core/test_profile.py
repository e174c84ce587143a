import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assortment.core import profile as profile_module
from assortment.core.events import Event
from assortment.core.profile import NOBODY, Profile, fold
from tests import world

GOODS = world.catalog().ids.names


def test_a_thing_seen_again_moves_to_the_end_and_stays_owned():
    seen = NOBODY.after(3, "purchase", 1).after(5, "view", 2).after(3, "view", 3)
    assert seen.recent.tolist() == [5, 3]
    assert seen.owned.tolist() == [3]
    assert seen.last == 3


def test_a_refused_thing_leaves_the_memory_until_it_is_liked_again():
    refused = NOBODY.after(3, "view", 1).after(3, "hide", 2)
    assert refused.recent.tolist() == []
    assert refused.refused.tolist() == [3]
    assert refused.after(3, "cart", 3).refused.tolist() == []


def test_what_is_muted_is_owned_and_not_remembered_as_a_taste():
    muting = Profile(muted=np.array([3, 4], np.int32))
    seen = muting.after(3, "purchase", 1).after(5, "view", 2).after(4, "hide", 3)
    assert seen.recent.tolist() == [5]
    assert (seen.owned.tolist(), seen.refused.tolist(), seen.muted.tolist(), seen.last) == ([3], [4], [3, 4], 3)


def test_memory_forgets_the_oldest_but_not_what_is_owned():
    profile = NOBODY
    for item in range(profile_module.MEMORY + 5):
        profile = profile.after(item, "purchase", item + 1)
    assert profile.recent[0] == 5
    assert len(profile.recent) == profile_module.MEMORY
    assert len(profile.owned) == profile_module.MEMORY + 5


events = st.lists(
    st.tuples(
        st.sampled_from(["u", "v"]), st.sampled_from(GOODS), st.sampled_from(["view", "purchase", "hide", "return", "cart"])
    ),
    max_size=40,
)


@given(events, st.integers(0, 40))
def test_folding_at_once_in_two_goes_or_one_by_one_is_the_same(history, cut):
    listed = [Event(user, item, kind, time) for time, (user, item, kind) in enumerate(history)]
    one_by_one = {}
    for event in listed:
        number = world.catalog().ids.number(event.item)
        one_by_one[event.user] = one_by_one.get(event.user, NOBODY).after(number, event.kind, event.time)
    first, rest = (world.log(part, world.catalog()) for part in (listed[:cut], listed[cut:]))
    for folded in (fold(world.log(listed, world.catalog())), fold(rest, fold(first))):
        assert folded.keys() == one_by_one.keys()
        for user, profile in folded.items():
            for name in ("recent", "kinds", "times", "owned", "refused", "last"):
                assert np.array_equal(getattr(profile, name), getattr(one_by_one[user], name)), name
