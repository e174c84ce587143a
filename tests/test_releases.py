"""Releases: a new fit beside the one that serves, and the way back."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assortment.config import Settings
from assortment.core.arrays import Ids, strings
from assortment.core.blend import Blend
from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput, BadSetting, UnknownName
from assortment.core.events import Event
from assortment.core.pipeline import Plan
from assortment.diversify.stage import Diversify
from assortment.guard.policy import Policy
from assortment.refit import Guards
from assortment.releases import KEPT
from assortment.retrieve.neighbours import ItemNeighbours
from assortment.retrieve.popular import Popular
from assortment.shop import Shop
from assortment.understand.embed import Embed
from tests import world
from tests.test_cli import run

KINDS = ["green tea", "steam train", "wool sock", "clay pot", "glass lamp"]
THINGS = [f"{kind} {n}" for kind in KINDS for n in range(8)]
REST = (Policy(), Diversify(diversity=0.2))
UNDERSTAND = (Embed(encoder="hash:64", dims=16),)
GOOD = Settings("Kinds", plan=Plan((Blend((ItemNeighbours(), Popular()), (1.0, 0.01)), *REST), UNDERSTAND))
BAD = replace(GOOD, plan=Plan((Popular(), *REST), UNDERSTAND))


def bought(people: range, days: range) -> list[Event]:
    """Everybody buys one thing a day, of one kind alone, in an order of their own."""
    events = []
    for person in people:
        order = np.random.default_rng(person).permutation(8)
        for day in days:
            thing = 8 * (person % len(KINDS)) + int(order[day])
            events.append(Event(f"p{person}", f"g{thing}", "purchase", world.START + day * world.DAY + person))
    return sorted(events, key=lambda event: event.time)


def shop(folder: Path, events: list[Event], settings: Settings = GOOD) -> Shop:
    made = Shop(folder / "shop")
    made.open(settings)
    with made.store() as store:
        store.put_catalog(Catalog(Ids([f"g{n}" for n in range(len(THINGS))]), {"title": strings(THINGS)}))
        store.append(events)
    made.fit()
    _ = made.release
    return made


def went_on(made: Shop, events: list[Event]) -> Shop:
    with made.store() as store:
        store.append(events)
    return Shop(made.folder)


EARLY = bought(range(100), range(3))
LATER = bought(range(200), range(3, 7))


def test_where_nothing_changed_nothing_is_fitted(tmp_path):
    ended = shop(tmp_path, EARLY).refit()
    assert not ended.changed
    assert "nothing has changed" in ended.why


def test_a_fit_that_knows_more_serves_and_the_one_before_can_come_back(tmp_path):
    first = shop(tmp_path, EARLY)
    ended = went_on(first, LATER).refit()
    assert ended.changed, ended.why
    assert ended.comparison.people == 200
    assert {check.name for check in ended.comparison.checks} == {"NDCG@10", "redundancy@10", "milliseconds"}
    after = Shop(first.folder)
    assert (after.release.name, after.fitted.events) == (ended.release, len(EARLY) + len(LATER))
    assert [kept.release for kept in after.kept()] == [ended.release, first.release.name]
    assert after.roll_back().name == first.release.name
    assert Shop(first.folder).fitted.events == len(EARLY)
    assert after.kept()[0].why == f"rolled back from {ended.release}"


def test_settings_that_lose_are_held_back_and_the_last_release_goes_on(tmp_path):
    first = shop(tmp_path, EARLY)
    went_on(first, LATER).open(BAD)
    ended = Shop(first.folder).refit()
    assert not ended.changed
    assert ended.why.startswith("the new fit is held back: NDCG@10")
    assert Shop(first.folder).release.name == ended.release == first.release.name


def test_other_settings_are_compared_on_the_log_where_nobody_did_anything_since(tmp_path):
    first = shop(tmp_path, EARLY + bought(range(200), range(3, 6)))
    first.open(BAD)
    ended = Shop(first.folder).refit()
    assert "last fifth of the log" in ended.comparison.on
    assert not ended.changed


def test_with_the_same_settings_a_few_new_events_are_taken_in_without_a_comparison(tmp_path):
    ended = went_on(shop(tmp_path, EARLY), bought(range(9), range(3, 4))).refit()
    assert ended.changed
    assert ended.comparison.people == 0
    assert "too few people" in ended.why


def test_a_guard_that_allows_any_loss_lets_bad_settings_serve(tmp_path):
    first = shop(tmp_path, EARLY)
    went_on(first, LATER).open(BAD)
    ended = Shop(first.folder).refit(Guards(worse=1, repetitive=2, slower=100))
    assert ended.changed
    assert Shop(first.folder).release.settings.plan == BAD.plan


@pytest.mark.parametrize("guards", [{"worse": 1.1}, {"repetitive": -0.1}, {"slower": 0.5}])
def test_guards_outside_their_range_are_refused(guards):
    with pytest.raises(BadSetting, match="it goes from"):
        Guards(**guards)


def test_new_goods_are_compared_too(tmp_path):
    first = shop(tmp_path, EARLY)
    with first.store() as store:
        store.put_catalog(Catalog(Ids(["new"]), {"title": strings(["green tea 9"])}))
        store.append([*LATER, Event("p0", "new", "purchase", world.START + 9 * world.DAY)])
    assert Shop(first.folder).refit().changed


@pytest.mark.parametrize("file", ["fitted.json", "pipeline/structure.json"])
def test_where_the_release_that_serves_is_damaged_the_last_good_one_serves(tmp_path, caplog, file):
    first = shop(tmp_path, EARLY)
    went_on(first, LATER).fit()
    second = Shop(first.folder).releases.serving
    (second.folder / file).write_text("{")
    with caplog.at_level(logging.WARNING):
        assert Shop(first.folder).release.name == first.release.name
    assert first.release.name in caplog.text
    assert "damaged" in caplog.text


def test_five_releases_are_kept_and_the_one_that_serves_is_among_them(tmp_path):
    made = shop(tmp_path, EARLY)
    oldest = made.release.name
    for _ in range(KEPT - 1):
        made.fit()
    Shop(made.folder).roll_back(oldest)
    Shop(made.folder).fit()
    there = [folder.name for folder in (made.folder / "model").iterdir() if folder.is_dir()]
    assert len(there) == KEPT
    assert {kept.release for kept in Shop(made.folder).kept()} == set(there)
    assert oldest in there, "it served last but one"


def test_a_history_that_a_crash_cut_short_is_read_as_far_as_it_goes(tmp_path):
    made = shop(tmp_path, EARLY)
    with (made.folder / "model" / "history.jsonl").open("a") as history:
        history.write('{"release": "x", "ti')
    made.fit()
    assert len(Shop(made.folder).kept()) == 2


def test_going_back_says_where_there_is_nothing_to_go_back_to(tmp_path):
    made = shop(tmp_path, EARLY)
    with pytest.raises(BadInput, match="nothing to go back to"):
        made.roll_back()
    with pytest.raises(UnknownName, match=f"did you mean '{made.release.name}'"):
        made.roll_back(made.release.name[:-1])


def test_the_commands_refit_list_and_go_back(tmp_path, monkeypatch, capsys):
    first = shop(tmp_path, EARLY)
    went_on(first, LATER)
    folder = str(first.folder)

    def said(*words: str) -> str:
        assert run(*words, monkeypatch=monkeypatch) == 0
        return capsys.readouterr().out

    assert json.loads(said("refit", folder, "--json"))["changed"]
    listed = json.loads(said("releases", folder, "--json"))
    assert [one["serves"] for one in listed] == [True, False]
    assert first.release.name in said("rollback", folder)
    again = said("releases", folder)
    assert again.index(first.release.name) < again.index(listed[0]["release"])
