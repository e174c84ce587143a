"""The sections on turned fields and on smaller encoders: what mattered, what was kept, and who says so."""

from dataclasses import replace

from assortment.compress.compressed import Compressed, Row
from assortment.compress.compressed import Look as Whole
from assortment.core.measure import Measure
from assortment.report.compressed import smaller
from assortment.report.page import render
from assortment.report.turned import turning
from assortment.tune.recipes import Change, Tried, Turned
from tests.report.facts import facts, read


def measure(mean: float, low: float = 0.0, high: float = 0.0) -> Measure:
    return Measure("NDCG@10", mean, mean + low, mean + high, 90)


def changed(mean: float, low: float, high: float) -> Change:
    return Change("held out", 90, measure(0.1), measure(0.1 + mean), Measure("NDCG@10", mean, low, high, 90))


def turned(test: Change) -> Turned:
    before, chosen = {"linear.text": 3.0, "linear.decay": 0.8}, {"linear.text": 1.0, "linear.decay": 0.8}
    tried = (Tried(before, 0.10), Tried(chosen, None), Tried(chosen, 0.09), Tried(chosen, 0.12), Tried(chosen, 0.11))
    mattered = {"linear.decay": 0.2, "linear.text": 0.8}
    return Turned(10, before, chosen, tried, mattered, changed(0.02, 0.01, 0.03), changed(0.01, 0.0, 0.02), test)


def test_what_mattered_most_comes_first_with_where_it_went():
    page = read(render(facts(turned=turned(changed(0.01, 0.002, 0.02))))).named("turned")
    first, second = page.all("tbody")[0].all("tr")
    assert first.words() == "linear.text 80 % 3 → 1"
    assert second.words() == "linear.decay 20 % 0.8 → 0.8"


def test_the_best_until_then_never_falls_and_trials_ended_early_are_not_drawn():
    plot = turning(turned(changed(0.01, 0.002, 0.02))).plot
    assert [(dot.x, dot.y) for dot in plot.dots] == [(2, 0.09), (3, 0.12), (4, 0.11), (0, 0.10)]
    assert plot.lines[0].points == ((0, 0.10), (2, 0.10), (2, 0.10), (3, 0.10), (3, 0.12), (4, 0.12), (4, 0.12))


def test_a_choice_that_is_surely_worse_at_test_is_said_not_to_be_taken():
    worse, unsure = turned(changed(-0.01, -0.02, -0.001)), turned(changed(-0.01, -0.02, 0.001))
    assert "surely worse there, so the fields stay" in " ".join(turning(worse).said)
    assert "surely worse" not in " ".join(turning(unsure).said)
    assert "may be chance" in " ".join(turning(unsure).said)
    stays = replace(unsure, chosen=unsure.before)
    assert turning(stays).said[1].startswith("None did better")


def compressed(passed: bool, kept: float = 0.0) -> Compressed:
    rows = tuple(
        Row(name, size, speed, measure(ndcg), Measure("NDCG@10", ndcg - 0.1, ndcg - 0.11, ndcg - 0.09, 90), verdict)
        for name, size, speed, ndcg, verdict in (
            ("torch", 90.0, 100.0, 0.1, None),
            ("onnx", 90.0, 150.0, 0.1, None),
            ("shop's", 22.0, 200.0, 0.1, None),
            ("3 layers", 11.0, 420.0, 0.0996 if passed else 0.09, passed),
        )
    )
    look = Whole("held out", 90, measure(0.1), measure(0.1 + kept), Measure("NDCG@10", kept, kept - 0.001, kept + 0.001, 90))
    return Compressed(
        "pkg:minilm", 10, "held out", 90, rows, "onnx:x" if passed else None, *((look, look) if passed else (None, None))
    )


def test_speed_is_told_in_times_of_the_first_and_what_loses_too_much_is_said():
    page = read(render(facts(compressed=compressed(passed=False)))).named("compressed")
    assert (
        page.all("tbody")[0].all("tr")[-1].words() == "3 layers too much lost 11.0 420 4.2 × 0.0900 −0.0100 [−0.0200, +0.0000]"
    )
    assert "No step keeps 99.5 % of the NDCG" in page.words()


def test_the_dashed_line_is_what_a_step_may_lose():
    (floor,) = smaller(compressed(passed=True)).plot.lines
    assert {round(y, 6) for _, y in floor.points} == {0.0995}


def test_the_whole_pipeline_has_the_last_word():
    assert smaller(compressed(passed=True)).said[-1] == "It serves from the next fit on."
    assert smaller(compressed(passed=True, kept=-0.01)).said[-1] == "That is too much, so the encoder stays."


def test_a_shop_that_searched_nothing_has_no_such_sections():
    ids = {element.attributes.get("id") for element in read(render(facts())).every()}
    assert not ids & {"turned", "compressed"}
