"""The page: one file that needs nothing else, says what is so, and leaves out what is not known."""

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput
from assortment.core.events import no_events
from assortment.core.measure import Measure
from assortment.judge import System
from assortment.portrait.draw import Portraits
from assortment.portrait.segments import Segment, Segments, Trait
from assortment.report import Customer, write_report
from assortment.report.page import render
from assortment.serve.answers import Answer, Card
from assortment.serve.person import Deed, Person
from assortment.serve.shelf import Item
from tests import world
from tests.report.facts import difference, facts, judgement, measures, nothing_happened, read, tuned, understood

NO_PORTRAIT = Portraits.of(world.catalog())(no_events())
SCRIPT = "<script>alert('tea')</script> & 茶 ☕"


def customer(title: str = "black tea") -> Customer:
    tea, train = Item("t1", title, 4.0, "Tea", None), Item("r0", "steam train", None, None, None)
    pot = Item("t2", "tea pot", 20.0, "Tea", None)
    cards = [Card(1, tea, 0.9, "ItemNeighbours", "5 of 6 people who bought green tea bought this too.", 1.0, 1, 1.0)]
    cards.append(Card(2, pot, 0.8, "Popular", "7 people bought it in the last 30 days.", 0.9, 2, 1.0))
    other = [Card(1, train, 0.1, None, None, 0.2, 7, 1.0), cards[1]]
    relevant, varied = (Answer("", "tea1", world.START, "v", tuple(some)) for some in (cards, other))
    deeds = (Deed(tea, "purchase", world.START),)
    person = Person("tea1", True, deeds, (tea,), (), {"Tea": 1.0}, world.START, NO_PORTRAIT, {})
    return Customer(person, relevant, varied)


def test_the_file_needs_nothing_from_anywhere(tmp_path: Path):
    file = tmp_path / "new" / "report.html"
    write_report(file, facts(judgement=judgement(), tuned=tuned(), customers=(customer(),)))
    page = file.read_text(encoding="utf-8")
    assert "://" not in page
    assert not re.search(r"url\(|@import|<script|<iframe|<object|<embed", page)
    linked = [e.attributes[name] for e in read(page).every() for name in ("href", "src", "srcset") if name in e.attributes]
    assert linked
    assert all(address.startswith(("#", "data:")) for address in linked)


def test_every_link_within_the_page_leads_somewhere():
    root = read(render(facts(judgement=judgement(), tuned=tuned(), customers=(customer(),))))
    ids = {element.attributes["id"] for element in root.every() if "id" in element.attributes}
    assert {link.attributes["href"][1:] for link in root.all("a")} == ids


def test_every_plot_has_a_name_and_every_column_of_numbers_a_head():
    root = read(render(facts(judgement=judgement(), tuned=tuned(), customers=(customer(),))))
    plots = [svg for svg in root.all("svg") if svg.attributes.get("role") == "img"]
    assert len(plots) >= 10
    assert all(len(plot.attributes["aria-label"]) > 10 for plot in plots)
    hidden = [e for e in root.every() if e.attributes.get("aria-hidden") == "true"]
    loose = [svg for svg in root.all("svg") if svg not in plots]
    assert all(any(svg in outer.every() for outer in [*plots, *hidden]) for svg in loose)
    for table in root.all("table"):
        assert [head for head in table.all("th") if head.attributes.get("scope") == "col"]


def test_the_numbers_of_the_table_are_those_of_the_judgement():
    judged = judgement()
    table = read(render(facts(judgement=judged))).named("judgement").all("table")[0]
    rows = [row for body in table.all("tbody") for row in body.all("tr") if row.all("data")]
    names = [cell.words() for cell in table.all("thead")[0].all("th")][1:]
    assert names == ["linear", "item neighbours", "blend", "pipeline, relevance only", "pipeline, diversity 0.5"]
    shown = {row.all("th")[0].words().split()[0]: [float(cell.attributes["value"]) for cell in row.all("data")] for row in rows}
    assert shown == {m.name: [system.measure(m.name).mean for system in judged.systems] for m in judged.systems[0].measures}
    ndcg = next(row for row in rows if "NDCG" in row.all("th")[0].words())
    assert [cell.words() for cell in ndcg.all("data")] == ["0.0800", "0.0600", "0.1000", "0.1000", "0.0980"]
    assert ndcg.all("small")[0].words() == "0.0760– 0.0860"


def test_the_best_of_a_line_is_the_lowest_where_less_is_better():
    rows = read(render(facts(judgement=judgement()))).named("judgement").all("tr")
    best = {
        row.all("th")[0].words(): [c.words() for c in row.all("td") if "best" in c.attributes.get("class", "")] for row in rows
    }
    assert [cell.split()[0] for cell in best["redundancy@10 ↓"]] == ["0.3000"]
    assert [cell.split()[0] for cell in best["NDCG@10 ↑"]] == ["0.1000", "0.1000"]


def test_what_variety_gives_and_costs_is_told_in_one_sentence():
    words = read(render(facts(judgement=judgement()))).named("tradeoff").words()
    assert (
        "At 0.5, the shop’s setting, its slates are 25 % less repetitive (redundancy 0.400 → 0.300), hold 5.0 kinds of goods "
        "rather than 4.0 and together show 60 % of the shop’s goods rather than 50 %; for this the pipeline loses 2.0 % of its "
        "NDCG@10 (0.1000 → 0.0980; person by person the difference lies between −0.0050 and +0.0010, which may be chance)."
    ) in words
    assert "Up to 0.5, NDCG@10 stays within the 95 % interval" in words


def test_a_change_that_is_below_nothing_all_along_is_no_chance():
    words = (
        read(render(facts(judgement=replace(judgement(), change=difference(-0.002, -0.004, -0.001))))).named("tradeoff").words()
    )
    assert "between −0.0040 and −0.0010)" in words
    assert "chance" not in words


def test_slates_of_goods_that_have_less_than_nothing_in_common_do_not_repeat_themselves():
    judged = judgement()
    systems = (*judged.systems[:-1], System("pipeline, diversity 0.5", measures(0.098, -0.01)))
    words = read(render(facts(judgement=replace(judged, systems=systems)))).named("tradeoff").words()
    assert "its slates do not repeat themselves at all (redundancy 0.400 → −0.010)" in words


def test_how_the_pipeline_stands_is_told_beside_its_best_part():
    words = read(render(facts(judgement=judgement()))).named("judgement").words()
    assert (
        "NDCG@10 0.1000, 25 % more than the best of the others (linear, 0.0800); "
        "person by person the difference lies between +0.0150 "
        "and +0.0250."
    ) in words


def test_a_pipeline_that_is_its_best_part_is_said_to_be_as_good():
    words = read(render(facts(judgement=replace(judgement(), best="blend")))).named("judgement").words()
    assert "NDCG@10 0.1000, as much as the best of the others (blend)." in words


def test_titles_are_text_wherever_they_stand():
    titles = [SCRIPT, "列车 🚂", "tea"]
    goods = Catalog(Ids(["t1", "r0", "t2"]), {"title": strings(titles), "brand": strings([SCRIPT] * 3)})
    goods = understood(goods).with_column("cluster", strings([SCRIPT] * 3))
    page = render(facts(goods, dataset=nothing_happened(goods), shop=SCRIPT, customers=(customer(SCRIPT),)))
    assert "<script" not in page
    root = read(page)
    assert root.all("h1")[0].words() == SCRIPT
    assert SCRIPT in root.named("customers").words()
    assert [f"{title} – {SCRIPT}" for title in titles] == [dot.words() for dot in root.named("goods").all("circle")]


@given(st.text(max_size=40))
def test_no_title_breaks_the_page(title: str):
    goods = Catalog(Ids(["t1", "r0"]), {"title": strings([title, "tea"]), "category": strings([title or None, "Tea"])})
    read(render(facts(goods, dataset=nothing_happened(goods), shop=title or "x", customers=(customer(title),))))


def test_a_letter_that_is_half_a_letter_does_not_stop_the_report(tmp_path: Path):
    write_report(tmp_path / "report.html", facts(shop="tea \ud83c"))
    assert b"tea &#55356;" in (tmp_path / "report.html").read_bytes()


def test_what_is_not_known_is_left_out():
    bare = Catalog(Ids(["t1"]), {})
    root = read(render(facts(bare, dataset=nothing_happened(bare))))
    assert [e.attributes["id"] for e in root.every() if "id" in e.attributes] == ["how"]
    assert "nothing happened yet" in root.words()


def test_an_empty_catalog_has_a_report():
    empty = Catalog(Ids(()), {"title": strings([]), "vector": np.empty((0, 3), np.float32), "cluster": strings([])})
    assert "goods 0" in read(render(facts(empty, dataset=nothing_happened(empty)))).all("dl")[0].words()


def test_one_item_and_one_event_have_a_report():
    one = understood(Catalog(Ids(["t0"]), {"title": strings(["green tea"]), "price": np.array([np.nan])}))
    events = world.log(world.purchases()[:0] + [e for e in world.purchases() if e.item == "t0"][:1], one)
    root = read(render(facts(one, dataset=replace(nothing_happened(one), events=events))))
    assert "1 purchase" in root.named("log").words()


def test_a_slate_without_goods_says_so():
    nobody = Person("new", False, (), (), (), {}, None, NO_PORTRAIT, {})
    empty = Answer("", "new", world.START, "v", ())
    words = read(render(facts(customers=(Customer(nobody, empty),)))).named("customers").words()
    assert "Nothing is left that this person may be shown" in words
    assert "nothing is known of them" in words


def test_measures_that_are_nan_are_dashes_and_draw_nothing():
    nan = Measure("NDCG@10", math.nan, math.nan, math.nan, 0)
    judged = judgement()
    unmeasured = tuple(replace(s, measures=(nan, *s.measures[1:])) for s in judged.systems)
    root = read(render(facts(judgement=replace(judged, systems=unmeasured))))
    table = root.named("judgement").all("table")[0]
    ndcg = next(row for row in table.all("tr") if "NDCG" in row.words())
    assert not ndcg.all("data")
    assert {cell.words() for cell in ndcg.all("td")} == {"–"}
    assert not [e for e in root.every() if e.attributes.get("id") == "tradeoff"]
    assert "nan" not in " ".join(value for e in root.every() for value in e.attributes.values())


def test_intervals_that_are_not_known_are_left_out():
    loose = tuple(replace(m, low=math.nan, high=math.nan) for m in judgement().systems[0].measures)
    systems = tuple(replace(s, measures=loose) for s in judgement().systems)
    root = read(render(facts(judgement=judgement(systems=systems))))
    assert not root.named("judgement").all("small")
    assert "nan" not in " ".join(value for e in root.every() for value in e.attributes.values())


def test_a_judgement_of_measures_that_we_do_not_know_is_shown_as_it_is():
    strange = (Measure("delight@5", 0.25, 0.2, 0.3, 9),)
    systems = [System(name, strange) for name in ("a", "b", "c")]
    root = read(render(facts(judgement=judgement(systems=systems, sweep=[]))))
    words = root.named("judgement").words()
    assert "delight@5" in words
    assert "Others" in words
    assert "0.2500" in words


def test_the_goods_say_what_the_shop_said_and_what_was_read():
    words = read(render(facts())).named("goods").words()
    assert "Colours 1 read from titles and prices; 11 unknown." in words
    assert "Brands 12 said by the shop." in words
    assert "green 1 0.75" in words


def test_what_the_shop_said_comes_before_what_was_derived():
    goods = understood().with_column("colour", strings(["white", "red", *[None] * 10]))
    words = read(render(facts(goods))).named("goods").words()
    assert "Colours 2 said by the shop; 10 unknown." in words
    assert "green" not in words.split("Colours")[1].split("Price bands")[0]


def test_the_files_are_accounted_for_without_their_folders():
    told = {
        "catalog": {"file": "/home/ann/goods.csv", "format": "csv", "read": 12, "kept": 10, "rejected": {"no id": 2}},
        "events": {"file": r"C:\shop\log.csv", "format": "csv", "read": 60, "kept": 60, "rejected": {}},
    }
    told = {part: {**file, "cleaned": {}, "columns": {}, "unread": ["shelf"], "notes": []} for part, file in told.items()}
    words = read(render(facts(ingested=told))).named("how").words()
    assert "Goods: goods.csv" in words
    assert "Events: log.csv" in words
    assert "rejected: no id 2" in words
    assert "not read: shelf" in words
    assert "ann" not in words


def test_the_ranker_that_serves_and_the_one_that_was_judged_each_have_their_say():
    words = read(render(facts(judgement=judgement(), verdicts=("ranks by trees",)))).named("how").words()
    assert "As it serves, it ranks by trees. As it was judged, it keeps the sum: trees are no better" in words


def test_a_slate_tells_where_each_thing_came_from_and_why_and_what_variety_changed():
    words = read(render(facts(customers=(customer(),), diversity=0.3))).named("customers").words()
    assert "£4.00 makes room" in words
    assert "Tea, cup · from item neighbours 5 of 6 people who bought green tea bought this too." in words
    assert "With the shop’s variety, 0.3" in words
    assert "steam train for variety" in words
    assert words.count("tea pot £20.00 Tea, cup · from popular") == 2
    assert words.count("7 people bought it") == 1


def test_a_place_that_cannot_be_written_is_refused_in_our_words(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="the report cannot be written to"):
        write_report(tmp_path / "file" / "report.html", facts())


def test_groups_of_people_are_told_with_how_far_they_can_be_trusted():
    traits = (Trait(SCRIPT, 0.5, 2.0), Trait("Trains", 0.2, 1.4))
    made = Segments("category", 50, 2, 0.4, 0.3, (Segment("Tea & more", 50, 1.0, traits, 7.0, 0.2, ("ann",)),))
    page = render(replace(facts(), segments=made))
    assert "come out" not in page
    assert "people near a border may be in either" in page
    assert "Tea &amp; more" in page
    assert SCRIPT not in page
    assert "Trains ×1.4" in page
    assert "The people in groups" not in render(replace(facts(), segments=replace(made, segments=())))
