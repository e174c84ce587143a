"""How far people look, from slates of people who look so far."""

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.events import Events, Shown, kind_number
from assortment.rl.looking import looking

GOODS = Ids(tuple(f"g{number}" for number in range(12)))
WANTED = np.linspace(0.05, 0.5, 12)


def log(looks: float, slates: int = 3000, people: int = 60, drawn: float = 0.2, by_want: bool = False):
    """Slates of 6 goods, and what was taken of them by the position-based model; by_want: the more wanted stand higher, as a
    rule."""
    rng = np.random.default_rng(3)
    shown, user, item, slate = [], [], [], []
    for number in range(slates):
        order = np.argsort(-np.log(WANTED) * by_want - rng.gumbel(size=12))[:6]
        person = int(rng.integers(people))
        names = tuple(GOODS.names[each] for each in order)
        shown.append(Shown(f"s{number}", number, f"p{person}", "", names, (drawn,) * 6))
        for place, each in enumerate(order):
            if rng.random() < WANTED[each] * looks**place:
                user.append(person)
                item.append(each)
                slate.append(f"s{number}")
    count = len(user)
    events = Events(
        Ids(tuple(f"p{person}" for person in range(people))),
        np.arange(count, dtype=np.int64),
        np.array(user, np.int32),
        np.array(item, np.int32),
        np.full(count, kind_number("click"), np.int8),
        np.full(count, np.nan, np.float32),
        strings(slate),
    )
    return shown, events


@pytest.mark.parametrize("looks", [0.6, 0.9])
@pytest.mark.parametrize("by_want", [False, True])
def test_how_far_people_look_is_found_even_where_what_is_wanted_stands_higher(looks, by_want):
    """The naive answer, how much less is taken a place further down, is too low where the wanted stand higher."""
    shown, events = log(looks, by_want=by_want)
    liking, found = looking(shown, events, GOODS, np.random.default_rng(1))
    assert found.sure
    assert found.low <= looks <= found.high
    assert found.high - found.low < 0.1
    assert liking.low < liking.value < liking.high


def test_what_stands_first_says_how_readily_things_are_taken():
    shown, events = log(0.8)
    liking = looking(shown, events, GOODS, np.random.default_rng(1))[0]
    went = {(slate, int(item)) for slate, item in zip(events.slate, events.item, strict=True)}
    share = np.mean([(one.slate, GOODS.number(one.items[0])) in went for one in shown])
    assert liking.value == pytest.approx(np.log(share / (1 - share)))


def test_slates_that_were_not_drawn_or_are_few_say_nothing():
    shown, events = log(0.8, drawn=1.0)
    assert looking(shown, events, GOODS, np.random.default_rng(1)) == ()
    few = looking(*log(0.8, slates=10), GOODS, np.random.default_rng(1))
    assert [one.sure for one in few] == [False, False]
    assert "are needed" in few[0].said
