"""Axes and marks: round ticks, and nothing outside."""

import math

from hypothesis import given
from hypothesis import strategies as st

from assortment.report.goods import goods
from assortment.report.log import log
from assortment.report.plots import DAY, Word, apart, axis, dates
from tests import world
from tests.report.facts import facts, understood

FINITE = st.floats(-1e9, 1e9, allow_subnormal=False)


@given(st.lists(st.one_of(FINITE, st.just(math.nan)), max_size=6), st.integers(1, 8), st.booleans())
def test_an_axis_holds_its_values_between_round_ends(values: list[float], most: int, zero: bool):
    found = axis("", values, most=most, zero=zero)
    assert found.low < found.high
    assert len(found.ticks) <= most + 3
    for value in values:
        if math.isfinite(value):
            assert -1e-6 <= found.at(value) <= 100 + 1e-6


def test_an_axis_begins_below_a_value_that_is_nearer_to_the_tick_above():
    assert axis("", [0.37, 0.58], most=4).low == 0.3


def test_an_axis_that_starts_at_zero_does_so_though_no_value_is_near():
    assert axis("", [0.91, 0.97], zero=True).low == 0


@given(st.integers(0, 4_000_000_000_000), st.integers(0, 60 * 365 * DAY))
def test_an_axis_of_time_has_few_ticks_and_all_within(start: int, length: int):
    found = dates("", start, start + length)
    assert len(found.ticks) <= 7
    assert all(found.low <= time <= found.high for time, _ in found.ticks)


def test_a_year_and_nine_days_are_told_by_months():
    found = dates("", 1_291_161_600_000, 1_323_388_800_000)
    assert [words for _, words in found.ticks] == ["2011", "Mar", "May", "Jul", "Sep", "Nov"]


def test_words_that_would_run_into_one_another_give_way_to_the_first():
    x, y = axis("", [0, 1]), axis("", [0, 1])
    near = [Word(0.5, 0.5, "first"), Word(0.51, 0.5, "second"), Word(0.5, 0.9, "above")]
    assert [word.text for word in apart(near, x, y, 300, 300)] == ["first", "above"]


def test_words_on_both_sides_of_a_point_do_not_meet():
    x, y = axis("", [0, 1]), axis("", [0, 1])
    sides = [Word(0.5, 0.5, "left", -6, 4, "end"), Word(0.5, 0.5, "right", 6, 4, "start")]
    assert len(apart(sides, x, y, 300, 300)) == 2


def test_the_weeks_of_the_log_hold_all_of_its_events():
    shown = log(facts().dataset)
    assert shown is not None
    periods, activity, _ = shown.plots
    assert periods.title == "Events per day"
    assert [column.top for column in periods.plot.columns] == [12] * 5
    assert sum(column.top for column in activity.plot.columns) == len(world.PEOPLE)
    assert periods.plot.x.high == facts().dataset.now


def test_the_map_shows_each_good_once_and_alike_near_alike():
    found = goods(understood())
    assert found is not None
    assert found.map is not None
    places = {dot.said.split(" – ")[0]: (dot.x, dot.y) for dot in found.map.dots}
    assert len(places) == 12
    assert math.dist(places["green tea"], places["black tea"]) < math.dist(places["green tea"], places["train signal"])
