"""Groups of people."""

import numpy as np

from assortment.core.dataset import Dataset
from assortment.core.events import Event, no_events
from assortment.portrait.draw import Portraits
from assortment.portrait.segments import _Taken, level, segments, stability
from tests import world
from tests.serve import goods


def shop(tea: int, trains: int) -> Dataset:
    """So many people who take four teas, or four trains, one of which is x/1."""
    people = [(f"{taste}{n}", taste) for taste, many in (("t", tea), ("r", trains)) for n in range(many)]
    deeds = [
        Event(name, f"{taste}{(n + place) % 6}", "view", world.START + place)
        for place in range(4)
        for n, (name, taste) in enumerate(people)
    ]
    return world.dataset(deeds, goods.catalog())


def found(dataset: Dataset, count: int | None = None):
    return segments(dataset, count, np.random.default_rng(0))


def test_two_tastes_are_two_segments_with_their_names_the_larger_first():
    made = found(shop(30, 20))
    assert [(one.name, one.people, one.share) for one in made.segments] == [("Tea", 30, 0.6), ("Trains", 20, 0.4)]
    assert made.segments[1].traits[0].times == 2.5
    assert made.segments[0].takes == 4
    assert (made.column, made.people, made.silent) == ("category", 50, 0)
    assert made.stable == 1
    assert "these groups are there" in stability(made)
    assert {name[0] for name in made.segments[0].some} == {"t"}


def test_one_segment_is_everybody():
    made = found(shop(6, 4), 1)
    assert [(one.name, one.people) for one in made.segments] == [("A bit of everything", 10)]


def test_who_took_one_thing_is_not_yet_set_apart():
    """One take of trains weighs a fifth of what the shop says, fifty weigh ten times as much."""
    deeds = [Event("once", "r0", "view", world.START), *[Event("often", "r0", "view", world.START + n) for n in range(50)]]
    dataset = world.dataset([*deeds, *[Event("tea", "t0", "view", world.START + 99)] * 51], goods.catalog())
    taken = _Taken.of(dataset, Portraits.of(dataset.catalog).interest)
    once, often = (taken.spots[taken.people.index(name)] ** 2 for name in ("once", "often"))
    np.testing.assert_allclose(once[[1, 2]], [2.5 / 6, 3.5 / 6])
    np.testing.assert_allclose(often[[1, 2]], [2.5 / 55, 52.5 / 55])


def test_people_without_anything_known_are_counted_and_in_no_segment():
    dataset = shop(8, 8)
    hides = world.dataset(
        [Event("no", "t0", "hide", world.START), *[Event(f"p{n}", "t1", "view", world.START + 1) for n in range(9)]],
        goods.catalog(),
    )
    made = found(hides)
    assert (made.people, made.silent) == (9, 1)
    assert sum(one.people for one in found(dataset).segments) == 16


def test_an_empty_log_has_no_segments():
    made = found(Dataset(goods.catalog(), no_events()))
    assert (made.people, made.segments) == (0, ())


def test_more_segments_than_people_are_as_many_as_differ():
    assert sum(one.people for one in found(shop(2, 1), 8).segments) == 3


def test_levels_are_said():
    assert [level(value) for value in (0.1, 0.5, 0.9, float("nan"))] == ["cheap", "middling", "dear", "–"]
