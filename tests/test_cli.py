"""Each command, as the engineer of a shop would type it."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assortment import config, ingest
from assortment.cli import commands, main
from assortment.config import Settings
from assortment.core.blend import Blend
from assortment.core.pipeline import Plan
from assortment.diversify.stage import Diversify
from assortment.explain.why import Why
from assortment.guard.policy import Policy
from assortment.retrieve.neighbours import ItemNeighbours
from assortment.retrieve.popular import Popular
from assortment.retrieve.semantic import Semantic
from assortment.shop import Shop
from assortment.understand.embed import Embed
from assortment.workshop import Workshop
from tests import world

PLAN = Plan(
    (
        Blend((ItemNeighbours(), Semantic(encoder="hash:64"), Popular()), (1, 0.1, 0.01)),
        Policy(),
        Diversify(diversity=0.2),
        Why(),
    ),
    (Embed(encoder="hash:64", dims=16),),
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The known shop as a shop would hand it over: two CSV files, and settings that need no model."""
    folder = tmp_path_factory.mktemp("files")
    goods = world.catalog()
    with (folder / "goods.csv").open("w", newline="") as file:
        rows = zip(goods.ids.names, goods.column("title"), goods.column("brand"), goods.column("price"), strict=True)
        csv.writer(file).writerows([("item_id", "title", "brand", "price"), *rows])
    with (folder / "events.csv").open("w", newline="") as file:
        rows = [(event.user, event.item, event.time, event.kind) for event in world.purchases()]
        csv.writer(file).writerows([("user_id", "item_id", "timestamp", "event_type"), *rows])
    (folder / "shop.toml").write_text(config.write(Settings(name="Tea and trains", currency="€", plan=PLAN)))
    return folder


def run(*words: object, monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of a command run in this process."""
    monkeypatch.setattr(sys, "argv", ["assortment", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def shop(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop, ingested and fitted."""
    folder = tmp_path_factory.mktemp("shops") / "shop"
    with pytest.MonkeyPatch.context() as patch:
        words = ("ingest", folder, "--catalog", files / "goods.csv", "--events", files / "events.csv")
        assert run(*words, monkeypatch=patch) == 0
        assert run("fit", folder, "--config", files / "shop.toml", monkeypatch=patch) == 0
    return folder


def test_recommend_finds_the_one_thing_of_her_taste_that_she_lacks(shop, monkeypatch, capsys):
    assert run("recommend", shop, "--user", "tea3", "-k", 1, "--diversity", 0, "--json", monkeypatch=monkeypatch) == 0
    out, err = capsys.readouterr()
    (card,) = json.loads(out)["cards"]
    assert card["item"]["item"] == "t3"
    assert "bought this too" in card["why"]
    assert err == ""


def test_recommend_prints_a_table_with_titles_and_reasons(shop, monkeypatch, capsys):
    assert run("recommend", shop, "--user", "tea3", "-k", 3, monkeypatch=monkeypatch) == 0
    out = capsys.readouterr().out
    assert "tea cup" in out
    assert "tea3 has 5 of our goods" in out


def test_a_cap_and_a_query_reach_the_pipeline(shop, monkeypatch, capsys):
    words = ("recommend", shop, "--query", "train", "-k", 6, "--at-most", "brand=1", "--json")
    assert run(*words, monkeypatch=monkeypatch) == 0
    out, _ = capsys.readouterr()
    brands = [world.catalog().column("brand")[world.catalog().ids.number(c["item"]["item"])] for c in json.loads(out)["cards"]]
    assert len(brands) == len(set(brands))


def test_the_whole_contract_is_answered_with_what_was_met_and_what_gave_way(shop, monkeypatch, capsys):
    wish = ("--diversity", 0.4, "--at-most", "brand=2", "--at-least", "brand=9", "--apart", "brand=2", "--floor", 0.01)
    assert run("recommend", shop, "--user", "tea3", "-k", 4, *wish, "--json", monkeypatch=monkeypatch) == 0
    terms = json.loads(capsys.readouterr().out)["terms"]
    assert terms["diversity"] == 0.4
    assert terms["achieved"]["at_most brand"] <= 2
    assert terms["gave_way"][0]["part"] == "at_least brand"
    assert run("recommend", shop, "--user", "tea3", "-k", 4, *wish, monkeypatch=monkeypatch) == 0
    out = capsys.readouterr().out
    assert "at_least brand: " in out
    assert "instead of 9" in out


def test_somebody_unknown_gets_a_slate(shop, monkeypatch, capsys):
    assert run("recommend", shop, "--user", "stranger", "-k", 4, "--json", monkeypatch=monkeypatch) == 0
    assert len(json.loads(capsys.readouterr().out)["cards"]) == 4


def test_what_recommend_shows_is_not_recorded_as_shown(shop, monkeypatch):
    from assortment.shop import Shop

    run("recommend", shop, "--user", "tea3", monkeypatch=monkeypatch)
    with Shop(shop).store() as store:
        assert store.shown() == []


@pytest.mark.parametrize("split", ["time", "last-out"])
def test_evaluate_puts_the_pipeline_beside_its_parts_with_intervals(shop, split, monkeypatch, capsys):
    assert run("evaluate", shop, "--split", split, "-k", 2, "--json", monkeypatch=monkeypatch) == 0
    judged = json.loads(capsys.readouterr().out)
    names = [system["name"] for system in judged["systems"]]
    parts = ["ItemNeighbours", "Semantic", "Popular", "blend"]
    assert names == ["EASE", "item neighbours", *parts, "pipeline, relevance only", "pipeline, diversity 0.2"]
    for measure in judged["systems"][0]["measures"]:
        assert measure["mean"] is None or measure["low"] <= measure["mean"] <= measure["high"]


def test_evaluate_prints_one_line_per_system(shop, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    assert run("evaluate", shop, "-k", 2, monkeypatch=monkeypatch) == 0
    out = capsys.readouterr().out
    assert "NDCG@2" in out
    assert "pipeline, diversity 0.2" in out


def test_ingest_says_what_it_read_and_keeps_what_it_rejected(files, tmp_path, monkeypatch, capsys):
    events = tmp_path / "events.csv"
    lines = (files / "events.csv").read_text().splitlines()
    events.write_text("\n".join([*lines, "tea0,nothing,1600000000000,purchase", lines[1]]))
    words = ("ingest", tmp_path / "shop", "--catalog", files / "goods.csv", "--events", events, "--json")
    assert run(*words, monkeypatch=monkeypatch) == 0
    report = json.loads(capsys.readouterr().out)["events"]
    assert report["read"] == 62
    assert report["kept"] == 60
    rejected = [json.loads(line) for line in (tmp_path / "shop" / "rejected.jsonl").read_text().splitlines()]
    assert [row["line"] for row in rejected] == [62, 63]


def test_ingesting_a_file_again_appends_nothing_and_a_longer_one_only_what_is_new(files, tmp_path, monkeypatch, capsys):
    longer = tmp_path / "longer.csv"
    longer.write_text((files / "events.csv").read_text() + "tea0,t0,1600999999999,purchase\nnew,t1,1600999999999,view\n")
    new = []
    for events in (files / "events.csv", files / "events.csv", longer):
        words = ("ingest", tmp_path / "shop", "--catalog", files / "goods.csv", "--events", events, "--json")
        assert run(*words, monkeypatch=monkeypatch) == 0
        new.append(json.loads(capsys.readouterr().out)["new_events"])
    assert new == [60, 0, 2]


def test_goods_that_come_alone_leave_the_log_alone(files, tmp_path, monkeypatch, capsys, caplog):
    one, bought = tmp_path / "goods.csv", tmp_path / "events.csv"
    one.write_text("item_id,title\nt9,tea bowl\n")
    bought.write_text("user_id,item_id,timestamp,event_type\ntea0,t9,1600999999999,purchase\n")
    new = []
    for goods, events in ((files / "goods.csv", files / "events.csv"), (one, bought), (one, bought)):
        words = ("ingest", tmp_path / "shop", "--catalog", goods, "--events", events, "--json")
        assert run(*words, monkeypatch=monkeypatch) == 0
        new.append(json.loads(capsys.readouterr().out)["new_events"])
    assert new == [60, 1, 0]
    dataset = Shop(tmp_path / "shop").dataset()
    assert (len(dataset.catalog), len(dataset.events)) == (13, 61)
    assert dataset.catalog.ids.names[dataset.events.item[-1]] == "t9"
    assert caplog.messages == [], "nobody is told that events of the other goods are left out, for they are not"


def test_a_fit_leaves_the_settings_as_they_were_written(files, tmp_path, monkeypatch):
    words = ("ingest", tmp_path / "shop", "--catalog", files / "goods.csv", "--events", files / "events.csv")
    assert run(*words, monkeypatch=monkeypatch) == 0
    written = "# why we vary so little: see the wiki\n" + (files / "shop.toml").read_text()
    (tmp_path / "shop" / "shop.toml").write_text(written)
    assert run("fit", tmp_path / "shop", monkeypatch=monkeypatch) == 0
    assert (tmp_path / "shop" / "shop.toml").read_text() == written


def test_a_bad_file_is_named_with_the_way_out_and_leaves_the_shop_as_it_was(files, shop, tmp_path, monkeypatch, capsys):
    bad = tmp_path / "bad.csv"
    bad.write_text("who,what\na,b\n")
    before = {file: file.stat().st_mtime_ns for file in shop.iterdir() if file.suffix != ".db-shm"}
    words = ("ingest", shop, "--catalog", files / "goods.csv", "--events", bad)
    assert run(*words, monkeypatch=monkeypatch) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "bad.csv" in err
    assert "Traceback" not in err
    assert {file: file.stat().st_mtime_ns for file in shop.iterdir() if file.suffix != ".db-shm"} == before


@pytest.mark.parametrize(
    "words",
    [
        ("recommend",),
        ("recommend", "SHOP", "--diversity", "1.5"),
        ("recommend", "SHOP", "--at-most", "brand"),
        ("recommend", "SHOP", "--at-most", "brand=0"),
        ("recommend", "SHOP", "--at-least", "brand=1.5"),
        ("recommend", "SHOP", "--apart", "brand=1"),
        ("recommend", "SHOP", "--floor", "2"),
        ("recommend", "SHOP", "--at-most", "brand=" + "9" * 5000),
        ("recommend", "SHOP", "-k", "0"),
        ("evaluate", "SHOP", "--split", "random"),
        ("recomend", "SHOP"),
        ("serve", "SHOP", "--port", "99999"),
    ],
)
def test_wrong_words_exit_with_two(words, shop, monkeypatch, capsys):
    assert run(*[shop if word == "SHOP" else word for word in words], monkeypatch=monkeypatch) == 2
    assert capsys.readouterr().out == ""


def test_a_folder_that_is_no_shop_is_answered_with_the_way_out(tmp_path, monkeypatch, capsys):
    for command in ("fit", "recommend", "evaluate", "serve"):
        assert run(command, tmp_path, monkeypatch=monkeypatch) == 1
        assert "assortment ingest" in capsys.readouterr().err.replace("\n", " ")
    assert list(tmp_path.iterdir()) == [], "asking makes nothing"


def test_a_shop_that_is_not_fitted_says_so(files, tmp_path, monkeypatch, capsys):
    words = ("ingest", tmp_path / "shop", "--catalog", files / "goods.csv", "--events", files / "events.csv")
    run(*words, monkeypatch=monkeypatch)
    assert run("recommend", tmp_path / "shop", monkeypatch=monkeypatch) == 1
    assert "assortment fit" in capsys.readouterr().err.replace("\n", " ")


def test_the_formats_that_help_names_are_those_there_are():
    assert set(commands.FORMATS) == set(ingest.FORMATS)


def test_json_is_the_only_thing_on_standard_output_even_as_a_program(shop):
    done = subprocess.run(
        [sys.executable, "-m", "assortment.cli", "fit", shop, "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        check=True,
    )
    assert json.loads(done.stdout)["items"] == 12
    assert "ItemNeighbours: done" in done.stderr


def test_debug_diversity_tells_each_stage_and_the_parts_of_the_blend(shop, monkeypatch, capsys):
    """tea3 has five of the twelve goods, and they are gone after the policy."""
    assert run("debug-diversity", shop, "--user", "tea3", "-k", 4, "--json", monkeypatch=monkeypatch) == 0
    found = json.loads(capsys.readouterr().out)
    blend, policy, diversify = found["steps"]
    assert [step["stage"] for step in found["steps"]] == ["blend", "policy", "diversify"]
    assert [part["name"] for part in blend["parts"]] == ["ItemNeighbours", "Semantic", "Popular"]
    assert blend["all"]["goods"] == 12
    assert policy["rules"][0]["name"] == "owned"
    assert policy["rules"][0]["goods"] == policy["went"] == 5
    assert diversify["all"] == diversify["first"]
    assert blend["all"]["kinds"] is None, "this shop has no column of kinds"
    assert found["verdict"][-1].startswith("Way out: ")


def test_debug_diversity_draws_the_same_people_again_and_for_an_empty_name_nobody_we_know(shop, monkeypatch, capsys):
    told = []
    for _ in range(2):
        assert run("debug-diversity", shop, "--people", 5, "--json", monkeypatch=monkeypatch) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1]
    assert told[0]["people"] == 5
    assert told[0]["strangers"] == 0
    assert run("debug-diversity", shop, "--json", monkeypatch=monkeypatch) == 0
    assert json.loads(capsys.readouterr().out)["people"] == 12, "there are no more"
    assert run("debug-diversity", shop, "--user", "", "--json", monkeypatch=monkeypatch) == 0
    nobody = json.loads(capsys.readouterr().out)
    assert (nobody["people"], nobody["strangers"]) == (1, 1)


def test_debug_diversity_fits_a_narrow_terminal_and_says_whom_it_does_not_know(shop, monkeypatch, capsys):
    assert run("debug-diversity", shop, "--user", "ghost", "--diversity", 0.8, monkeypatch=monkeypatch) == 0
    out = capsys.readouterr().out
    assert "ghost, whom the log does not know" in out
    assert max(map(len, out.splitlines())) <= 80
    rows = {line[:20].strip(): line for line in out.splitlines()}
    assert rows["Popular alone"].split()[2] == "12"
    assert "Way out" in out


def test_debug_diversity_says_what_is_wrong_as_the_others_do(files, shop, tmp_path, monkeypatch, capsys):
    assert run("debug-diversity", tmp_path, monkeypatch=monkeypatch) == 1
    assert "assortment ingest" in capsys.readouterr().err.replace("\n", " ")
    words = ("ingest", tmp_path / "shop", "--catalog", files / "goods.csv", "--events", files / "events.csv")
    run(*words, monkeypatch=monkeypatch)
    assert run("debug-diversity", tmp_path / "shop", monkeypatch=monkeypatch) == 1
    assert "assortment fit" in capsys.readouterr().err.replace("\n", " ")
    assert run("debug-diversity", shop, "--people", 0, monkeypatch=monkeypatch) == 2


def test_debug_diversity_of_a_shop_without_a_log_is_what_somebody_unknown_gets(tmp_path):
    empty = Shop(tmp_path / "shop")
    empty.open(Settings(plan=PLAN))
    with empty.store() as store:
        store.put_catalog(world.catalog())
    empty.fit()
    found = Workshop(empty).variety_lost(k=4)
    assert (found.people, found.strangers) == (1, 1)
    assert found.steps[-1].first.goods == 4
