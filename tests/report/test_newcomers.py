"""What the report and the command line tell of new goods."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from assortment.cli import new
from assortment.core.measure import Measure
from assortment.evaluate.transfer import Transfer
from assortment.judge import Judgement, System
from assortment.report.newcomers import newcomers
from assortment.report.page import render
from tests.report.facts import facts, judgement


def seen(system: System, recalls: dict[str, float]) -> System:
    told = (Measure(f"{name}@10", value, value - 0.01, value + 0.01, 40) for name, value in recalls.items())
    return replace(system, measures=(*system.measures, *told))


def judged() -> Judgement:
    """The pipeline finds new goods, Linear, the best of the others, finds none, and EASE is not there."""
    plain = judgement()
    recalls = {
        "Linear": {"Recall seen 0": 0.0, "Recall seen over 20": 0.25},
        "pipeline, relevance only": {"Recall seen 0": 0.125, "Recall seen over 20": 0.3, "Recall crossing": 0.0625},
    }
    systems = tuple(seen(system, recalls.get(system.name, {})) for system in plain.systems)
    within = (Measure("Recall@10", 0.75, 0.7, 0.8, 20), Measure("NDCG@10", 0.5, 0.4, 0.6, 20))
    other = tuple(replace(measure, name=measure.name.replace("@", " within@")) for measure in within)
    return replace(
        plain,
        systems=systems,
        unseen=321,
        pool=(System("pipeline, relevance only", within),),
        transfer=(Transfer("Garden & <Home>", 17, 20, (*within, *other), (*within, *other)),),
    )


def test_the_plot_has_what_both_were_asked_and_says_it_in_words():
    told = newcomers(judged())
    assert told is not None
    assert [words for _, words in told.plot.x.ticks] == ["0", "over 20"]
    assert [[y for _, y in line.points] for line in told.plot.lines] == [[0.0, 0.25], [0.125, 0.3]]
    assert "0.125 of goods seen 0 (0.000)" in told.said
    assert told.transfer[0].cells[:3] == ("17", "20", "0.750 [0.700, 0.800]")
    assert newcomers(judgement()) is None


def test_the_page_shows_it_and_a_kind_with_marks_stays_text():
    page = render(facts(judgement=judged()))
    assert 'id="newcomers"' in page
    assert "321 goods had been liked by nobody before" in page
    assert "Garden &amp; &lt;Home&gt;" in page
    assert 'id="newcomers"' not in render(facts(judgement=judgement()))


def test_the_terminal_has_a_column_for_each_system_and_a_row_for_each_kind_left_out():
    out = Console(width=80, record=True, file=StringIO())
    new.told(out, judged())
    text = out.export_text()
    rows = {line[:24].strip(): line[24:].split() for line in text.splitlines()}
    assert rows["goods seen over 20"] == ["0.250", "±0.010", "0.300", "±0.010", "–"]
    assert rows["kinds new to the person"] == ["–", "0.062", "±0.010", "–"]
    assert rows["only new goods shown"] == ["–", "0.750", "±0.050", "–"]
    assert any(line.startswith("Garden & <Home>") for line in text.splitlines())
    assert "…" not in text
    silent = Console(width=80, record=True, file=StringIO())
    new.told(silent, judgement())
    assert not silent.export_text()
