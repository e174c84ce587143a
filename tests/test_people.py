"""The commands of people, as somebody at the shop would type them."""

import json
import sys
from pathlib import Path

import pytest

from assortment.cli import main
from assortment.config import Settings
from assortment.core.blend import Blend
from assortment.core.pipeline import Plan
from assortment.diversify.stage import Diversify
from assortment.guard.policy import Policy
from assortment.retrieve.popular import Popular
from assortment.retrieve.semantic import Semantic
from assortment.shop import Shop
from assortment.understand.embed import Embed
from tests import world
from tests.serve import goods

PLAN = Plan((Blend((Semantic(encoder="hash:64"), Popular())), Policy(), Diversify()), (Embed(encoder="hash:64", dims=8),))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop, fitted."""
    made = Shop(tmp_path_factory.mktemp("shops") / "shop")
    made.open(Settings(name="Tea and trains", currency="€", plan=PLAN))
    with made.store() as store:
        store.put_catalog(goods.catalog())
        store.append(world.purchases())
    made.fit()
    return made.folder


def run(*words: object, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["assortment", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_a_portrait_is_told_in_words(shop, monkeypatch, capsys):
    assert run("portrait", shop, "--user", "tea3", monkeypatch=monkeypatch) == 0
    said = " ".join(capsys.readouterr().out.split())
    for part in (
        "tea3 came 5 times, last on",
        "and took 5 things; usually 1 day",
        "Prices €4.00 to €9.00",
        "Tea 100%",
        "In words:",
    ):
        assert part in said


def test_a_portrait_of_a_stranger_says_so(shop, monkeypatch, capsys):
    assert run("portrait", shop, "--user", "nobody", monkeypatch=monkeypatch) == 0
    assert "nobody is new here." in capsys.readouterr().out


def test_what_is_muted_here_is_not_recommended_until_it_is_taken_back(shop, monkeypatch, capsys):
    assert run("portrait", shop, "--user", "tea3", "--mute", "category=Trains", "--json", monkeypatch=monkeypatch) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["column"], one["value"], one["goods"]) for one in told["muted"]] == [("category", "Trains", 6)]
    assert told["interests"][0]["label"] == "Tea"
    assert run("recommend", shop, "--user", "tea3", "--json", monkeypatch=monkeypatch) == 0
    assert {card["item"]["item"] for card in json.loads(capsys.readouterr().out)["cards"]} == {"t3", "x/1"}
    assert run("portrait", shop, "--user", "tea3", "--unmute", "category=Trains", "--json", monkeypatch=monkeypatch) == 0
    assert json.loads(capsys.readouterr().out)["muted"] == []


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--mute", "Trains"], 2, "'Trains' is not COLUMN=LABEL"),
        (["--mute", "category=Train"], 1, "no category 'Train'; did you mean 'Trains'?"),
    ],
)
def test_a_mute_that_cannot_be_says_what_to_write(shop, monkeypatch, capsys, words, code, says):
    assert run("portrait", shop, "--user", "tea3", *words, monkeypatch=monkeypatch) == code
    assert says in capsys.readouterr().err


def test_segments_are_told_and_reported(shop, monkeypatch, capsys):
    assert run("segments", shop, "--count", 2, "--json", monkeypatch=monkeypatch) == 0
    told = json.loads(capsys.readouterr().out)
    assert {(one["name"], one["people"]) for one in told["segments"]} == {("Tea", 6), ("Trains", 6)}
    assert "The people in groups" in (shop / "report.html").read_text()
    assert run("segments", shop, monkeypatch=monkeypatch) == 0
    assert "12 people" in capsys.readouterr().out


def test_a_fit_says_how_varied_its_people_take_things(shop):
    assert Shop(shop).fitted.usual == 0, "everybody here keeps to one kind"
