"""What a ranker learns from is later than all that the stages before it saw."""

import numpy as np
import pytest

from assortment.core.events import Event
from assortment.rank.cases import cases, held_back, hidden, last_of_each
from tests import world

RNG = np.random.default_rng(0)


def shop(*events: tuple[str, str, str, int]):
    listed = [Event(person, item, kind, world.START + day * world.DAY) for person, item, kind, day in events]
    return world.dataset(sorted(listed, key=lambda event: event.time))


def told(events) -> list[tuple[str, str]]:
    ids = world.catalog().ids.names
    return [(events.people.names[user], ids[item]) for user, item in zip(events.user, events.item, strict=True)]


def test_the_last_thing_of_each_is_held_back_not_their_last_word():
    dataset = shop(("a", "t0", "purchase", 1), ("a", "t1", "purchase", 2), ("a", "t2", "hide", 3), ("b", "r0", "purchase", 4))
    earlier, later = last_of_each(dataset)
    assert told(later) == [("a", "t1")], "a hide is no answer, and who liked one thing keeps it"
    assert told(earlier.events) == [("a", "t0"), ("a", "t2"), ("b", "r0")]


def test_a_share_of_the_log_is_held_back_by_time():
    dataset = world.dataset()
    earlier, later = held_back(dataset, 0.2)
    assert len(later) == 12
    assert earlier.events.time.max() < later.time.min()
    assert len(earlier.events) + len(later) == len(dataset.events)


def test_events_of_the_moment_of_the_cut_are_all_later():
    dataset = shop(("a", "t0", "purchase", 1), *(("a", f"t{i}", "purchase", 2) for i in range(1, 5)))
    earlier, later = held_back(dataset, 0.3)
    assert told(earlier.events) == [("a", "t0")]
    assert len(later) == 4


@pytest.mark.parametrize("split", [lambda data: held_back(data, 0.5), last_of_each])
def test_an_empty_log_has_no_cases(split):
    earlier, later = split(world.dataset([]))
    assert cases(earlier, later, 10, RNG) == []


def test_a_case_holds_the_profile_of_before_and_what_was_liked_after_once():
    dataset = shop(
        *(("a", f"t{i}", "purchase", i) for i in range(3)),
        *(("a", item, "purchase", 8) for item in ("r1", "r0")),
        ("a", "r1", "view", 9),
        ("new", "r2", "purchase", 9),
    )
    (case,) = cases(*held_back(dataset, 0.5), 10, RNG)
    assert (case.request.user, case.request.profile.recent.tolist(), case.later.tolist()) == ("a", [0, 1, 2], [6, 7])
    assert case.request.time < world.START + 8 * world.DAY


def test_no_more_people_are_asked_than_wished():
    asked = cases(*last_of_each(world.dataset()), 5, RNG)
    assert len({case.request.user for case in asked}) == 5


def test_hidden_goods_are_gone_whole_and_none_that_nobody_touched_is_drawn():
    """Half of the four goods that were touched, of the twelve in the shop; each is in the log twice."""
    dataset = shop(*((person, item, "purchase", 1) for person in "ab" for item in ("t0", "t1", "r0", "r1")))
    left = {item for _, item in told(hidden(dataset, 0.5, RNG).events)}
    assert len(left) == 2
    assert len(hidden(dataset, 0.5, RNG).events) == 4
    assert len(hidden(dataset, 0, RNG).events) == 8
