"""The section on tuning: a curve for each method, the choice marked, and what became of it."""

from dataclasses import replace

import pytest

from assortment.report.page import render
from assortment.report.plots import PAGE, PHONE, Axis, Dot, Word, _box, _meet, around, placed
from assortment.report.tuned import COLOURED, tuning
from assortment.tune.search import Point
from assortment.tune.settings import METHODS, Setting
from tests.report.facts import facts, read, tuned


def section(found):
    return read(render(facts(tuned=found))).named("tuned")


def test_every_method_has_a_curve_and_the_chosen_comes_first():
    shown = tuning(tuned())
    assert {curve.method for curve in shown.curves} == set(METHODS)
    assert [curve.best for curve in shown.curves] == [True] + [False] * (len(METHODS) - 1)
    assert shown.curves[0].method == "mmr"
    figures = section(tuned()).all("figure")
    assert len(figures) == 1 + len(METHODS)
    assert all(figure.all("polyline") for figure in figures)
    assert len(figures[0].all("polyline")) == 1 + len(METHODS)


def test_the_ring_stands_on_the_chosen_point():
    found = tuned()
    (ring,) = (dot for dot in tuning(found).plot.dots if dot.kind == "shop")
    assert (ring.x, ring.y) == (found.chosen.redundancy, found.chosen.ndcg)
    assert found.chosen.setting == Setting("mmr", 0.1, 0.0, 200, {})


def test_a_curve_is_of_what_no_other_setting_of_the_method_beats_and_begins_at_relevance_only():
    found = tuned()
    beaten = Point(Setting("mmr", 0.2, 0.0, 50, {}), 0.0985, 0.39)
    (line,) = tuning(replace(found, points=(*found.points, beaten))).curves[0].plot.lines[-1:]
    assert line.points[0] == (found.relevance.redundancy, found.relevance.ndcg)
    assert (beaten.redundancy, beaten.ndcg) not in line.points
    assert (found.before.redundancy, found.before.ndcg) in line.points
    assert len(line.points) == 1 + 3 + 1


def test_settings_that_nobody_would_choose_are_not_drawn():
    found = tuned()
    lost = Point(Setting("ssd", 1.0, 0.0, 200, {}), 0.05, -0.3)
    shown = tuning(replace(found, points=(*found.points, lost)))
    assert shown.plot.y.low > 0.08
    assert all(line.points[-1] != (-0.3, 0.05) for line in shown.plot.lines)


def test_the_choice_and_what_became_of_it_are_told():
    words = section(tuned()).words()
    assert (
        "Of those that keep 99 % of the NDCG of relevance only, mmr, diversity 0.1, pool 200 repeats itself least: "
        "redundancy 0.400 → 0.370."
    ) in words
    assert (
        "On the test part, 987 people who had no say in the choice, it loses 1.0 % of NDCG (0.1000 → 0.0990; "
        "person by person between −0.0060 and +0.0040, which may be chance)."
    ) in words
    assert "redundancy bought@10, test 0.2000 0.1500 0.1850 −0.0500 [−0.0540, −0.0440]" in words


def test_where_only_relevance_keeps_it_that_is_said():
    relevance = tuned().relevance
    words = section(tuned(0.999, relevance)).words()
    assert "None that keeps 99.9 % of the NDCG of relevance only is more varied: the choice is relevance only." in words


def test_a_shop_that_was_not_tuned_has_no_such_section():
    assert "tuned" not in {element.attributes.get("id") for element in read(render(facts())).every()}


def test_only_the_methods_that_give_most_are_coloured():
    shown = tuning(tuned())
    assert shown.keys == tuple(curve.method for curve in shown.curves[:COLOURED])
    kinds = [line.kind for line in shown.plot.lines]
    assert kinds.count("pale") == len(METHODS) - COLOURED
    assert kinds[-1] == "t1"


# words on plots

UNIT = Axis("", 0, 1)


def test_the_names_of_two_points_side_by_side_stand_apart():
    dots = [Dot(0.5, 0.5, 4.5), Dot(0.506, 0.51, 4.5)]
    words = placed(
        [around(dot.x, dot.y, name) for dot, name in zip(dots, ("EASE", "linear"), strict=True)], UNIT, UNIT, 400, dots
    )
    assert [word.text for word in words] == ["EASE", "linear"]
    for width in (PAGE, PHONE):
        one, other = (_box(word, UNIT, UNIT, width, 400) for word in words)
        assert not _meet(one, other)


def test_a_name_at_the_edge_stands_within_it():
    (word,) = placed([around(0.99, 0.5, "item neighbours")], UNIT, UNIT, 400)
    assert word.anchor == "end"


@pytest.mark.parametrize(("apart", "kinds"), [(0.5, ["", ""]), (0.1, ["", " spare"]), (0.0, [""])])
def test_a_name_that_has_room_on_a_page_alone_is_left_out_on_a_telephone(apart: float, kinds: list[str]):
    words = [(Word(0.2 + place, 0.5, "a longer name"),) for place in (0, apart)]
    assert [word.kind for word in placed(words, UNIT, UNIT, 400)] == kinds
