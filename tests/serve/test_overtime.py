"""Quality and variety over time, from the first slate on."""

from assortment.console.overtime import over_time
from assortment.core.events import Event
from assortment.core.pipeline import Pipeline
from assortment.serve.service import Service
from assortment.store.sql import Store
from tests import world

DAY = world.DAY


def courses(service: Service):
    found = over_time(service, (), 30)
    return found, {one.title: one for one in found.courses}


def test_the_first_slate_is_a_point_and_no_axis_is_below_nothing(pipeline: Pipeline, store: Store):
    service = Service(pipeline, store, clock=lambda: world.START + 40 * DAY)
    assert courses(service)[1] == {}
    service.recommend("tea1", k=4)
    found, by_title = courses(service)
    assert (found.slates, found.people) == (1, 1)
    taken = by_title["Taken from"]
    assert [(dot.y, dot.said) for dot in taken.plot.dots] == [(0.0, "0 %")]
    assert (taken.plot.y.low, taken.said) == (0.0, "0 % of 1 slate.")


def test_each_day_is_the_mean_of_its_slates(pipeline: Pipeline, store: Store):
    """Of two slates of one day one is bought from, and the one of the next day is not."""
    now = world.START + 40 * DAY
    service = Service(pipeline, store, clock=lambda: now)
    first = service.answer(service.request("tea1", k=4, now=now - DAY))
    service.answer(service.request("tea2", k=4, now=now - DAY))
    service.answer(service.request("tea1", k=4, now=now))
    service.post([Event("tea1", first.cards[0].item.item, "purchase", now - DAY + 1, None, first.slate)])
    found, by_title = courses(service)
    assert (found.slates, found.people) == (3, 2)
    assert [dot.y for dot in by_title["Bought from"].plot.dots] == [0.5, 0.0]
    assert [dot.y for dot in by_title["Refused from"].plot.dots] == [0.0, 0.0]
