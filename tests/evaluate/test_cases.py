import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.errors import BadInput, BadSetting
from assortment.core.events import KINDS, Event
from assortment.evaluate.cases import last_out, time_split
from tests import world


def answers(split):
    """What each person is asked for, in the shop's words."""
    names = split.past.catalog.ids.names
    return {case.request.user: [names[item] for item in case.targets] for case in split.cases}


def past(split, user):
    events = split.past.events
    return [
        (split.past.catalog.ids.names[item], KINDS[kind])
        for person, item, kind in zip(events.user, events.item, events.kind, strict=True)
        if events.people.names[person] == user
    ]


def bought(user, item, time, kind="purchase"):
    return Event(user, item, kind, time)


BASKETS = [
    bought("ann", "t0", 1),
    bought("bob", "t0", 1),
    bought("cid", "t5", 2),
    bought("cid", "t4", 2),
    bought("ann", "t1", 3, "view"),
    bought("ann", "t1", 5),
    bought("ann", "t2", 5),
    bought("ann", "t2", 5),
    bought("bob", "t0", 6),
    bought("ann", "t0", 7),
    bought("ann", "t3", 8, "view"),
    bought("bob", "t1", 9, "hide"),
]


def test_the_last_moment_that_brought_something_new_is_left_out_whole():
    """Ann's last basket is t1 and t2; t0 at time 7 she had, and the view at 8 takes nothing. Bob never took a new thing after
    his first, and of cid nothing is known before."""
    split = last_out(world.dataset(BASKETS), k=3)
    assert answers(split) == {"ann": ["t1", "t2"]}
    assert past(split, "ann") == [("t0", "purchase"), ("t1", "view")]
    (case,) = split.cases
    assert (case.request.time, case.request.k, case.request.profile.last) == (5, 3, 3)
    assert case.request.profile.owned.tolist() == [0]
    assert split.skipped == {"nothing is known before what they took": 2}
    assert len(past(split, "bob")) == 3, "who is not asked keeps all"


def test_where_goods_are_bought_again_a_thing_had_before_is_an_answer():
    split = last_out(world.dataset(BASKETS), again=True)
    assert answers(split) == {"ann": ["t0"], "bob": ["t0"]}
    assert past(split, "ann")[-1] == ("t2", "purchase")


def test_the_time_split_asks_everyone_at_once_for_all_they_took_later():
    split = time_split(world.dataset(BASKETS), at=3)
    assert answers(split) == {"ann": ["t1", "t2"]}
    assert len(split.past.events) == 4
    assert [case.request.time for case in split.cases] == [3]
    assert split.skipped == {"they took nothing after the cut": 1, "they took only what they had": 1}
    assert answers(time_split(world.dataset(BASKETS), at=3, again=True)) == {"ann": ["t0", "t1", "t2"], "bob": ["t0"]}


def test_people_who_are_new_after_the_cut_are_asked_too():
    split = time_split(world.dataset(BASKETS), at=2)
    assert {case.request.user: case.new for case in split.cases} == {"ann": False, "cid": True}
    assert "cid" not in {split.past.events.people.names[user] for user in split.past.events.user}


def test_the_share_says_how_much_of_the_log_comes_after():
    split = time_split(world.dataset(), share=0.5)
    assert len(split.past.events) == 30


def test_a_view_is_an_answer_only_where_nothing_is_bought():
    views = [event._replace(kind="view") for event in BASKETS]
    assert answers(last_out(world.dataset(views))) == {"ann": ["t3"], "bob": ["t1"]}
    refused = [*views, bought("ann", "t4", 20, "hide")]
    assert answers(last_out(world.dataset(refused)))["ann"] == ["t3"]


def test_a_log_without_a_past_or_a_future_cannot_be_split():
    with pytest.raises(BadInput, match="0 events lie before the cut"):
        time_split(world.dataset(BASKETS), at=0)
    with pytest.raises(BadInput, match="and 0 after"):
        time_split(world.dataset(BASKETS), at=100)
    with pytest.raises(BadInput, match="the log is empty"):
        time_split(world.dataset([]))
    with pytest.raises(BadSetting, match="share"):
        time_split(world.dataset(BASKETS), share=1.5)
    assert last_out(world.dataset([])).cases == ()


logs = st.lists(
    st.builds(
        bought,
        st.sampled_from(["ann", "bob", "cid"]),
        st.sampled_from(["t0", "t1", "t2", "t3"]),
        st.integers(1, 6),
        st.sampled_from(KINDS),
    ),
    min_size=1,
    max_size=25,
).map(lambda events: sorted(events, key=lambda event: event.time))


@given(logs, st.booleans())
def test_no_answer_is_known_before_it_is_asked_for(events, again):
    data = world.dataset(events)
    split = last_out(data, again=again)
    for case in split.cases:
        assert len(case.targets)
        assert case.targets.tolist() == sorted(set(case.targets.tolist()))
        assert 0 < case.request.profile.last < case.request.time
        mine = split.past.events.time[split.past.events.user == split.past.events.people.number(case.request.user)]
        assert np.all(mine < case.request.time)
        if not again:
            assert not np.isin(case.targets, case.request.profile.owned).any()
    people = len({event.user for event in events})
    assert len(split.cases) + sum(split.skipped.values()) == people, "everybody is asked or counted"


@given(logs, st.integers(2, 6), st.booleans())
def test_the_past_of_a_time_split_ends_before_its_cut(events, at, again):
    data = world.dataset(events)
    if not 0 < len(data.before(at).events) < len(events):
        return
    split = time_split(data, at=at, again=again)
    assert np.all(split.past.events.time < at)
    assert len(split.cases) + sum(split.skipped.values()) == len({event.user for event in events})
    for case in split.cases:
        assert case.request.profile.last < at == case.request.time
        assert again or not np.isin(case.targets, case.request.profile.owned).any()
