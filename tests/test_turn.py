"""Turning the fields of recipes: what may be turned, the search that goes on, and the choice that is checked."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from assortment.config import Settings
from assortment.core.blend import Blend
from assortment.core.errors import BadSetting
from assortment.core.pipeline import Plan
from assortment.diversify.stage import Diversify
from assortment.evaluate.cases import last_out
from assortment.guard.policy import Policy
from assortment.parts import PARTS, default_plan
from assortment.retrieve.linear import Linear
from assortment.retrieve.popular import Popular
from assortment.retrieve.semantic import Semantic
from assortment.shop import Shop
from assortment.tune import fields as spaces
from assortment.tune import recipes
from assortment.tune.fields import SPACES, WEIGHT, Field, fields, with_fields
from assortment.tune.recipes import Bench, ndcg, search, turn
from assortment.tune.tuned import Part
from tests import world

BLEND = Blend((Popular(), Linear(text=0.0)), (0.5, 0.25))
PLAN = Plan((BLEND, Policy(), Diversify()))


@pytest.mark.parametrize("part", SPACES, ids=lambda part: part.__name__)
def test_every_field_that_may_be_turned_exists_and_takes_both_ends(part):
    assert part in PARTS.values()
    usual = part()
    for name, span in SPACES[part].items():
        assert name in {field.name for field in dataclasses.fields(part)}
        assert isinstance(getattr(usual, name), int) == span.whole
        assert span.low < span.high
        assert span.low <= getattr(usual, name) <= span.high, "the default is within"
        for end in (span.low, span.high):
            dataclasses.replace(usual, **{name: int(end) if span.whole else end})


def test_what_may_be_turned_is_named_with_what_it_is_now():
    named = {field.name: field.value for field in fields(PLAN)}
    assert named["linear.regularization"] == 100
    assert named["popular.half_life"] == 30
    assert named["weight of linear"] == 0.5, "beside a first weight of 1"
    assert "weight of popular" not in named


def test_what_is_off_stays_off():
    assert "linear.text" not in {field.name for field in fields(PLAN)}
    assert "linear.text" in {field.name for field in fields(default_plan())}


def test_turned_to_what_they_are_the_fields_change_nothing():
    for plan in (PLAN, default_plan()):
        assert with_fields(plan, {field.name: field.value for field in fields(plan)}) == plan


def test_a_turned_plan_has_the_values_and_the_rest_as_it_was():
    plan = with_fields(PLAN, {"linear.decay": 0.3, "weight of linear": 2.0})
    assert plan == Plan((Blend((Popular(), Linear(text=0.0, decay=0.3)), (0.5, 1.0)), Policy(), Diversify()))


def test_two_of_a_kind_are_told_apart():
    plan = Plan((Blend((Popular(half_life=5), Popular(half_life=90))),))
    turned = with_fields(plan, {"popular 2.half_life": 60.0})
    assert [recipe.half_life for recipe in turned.stages[0].recipes] == [5, 60]


def test_a_plan_without_anything_to_turn_is_refused():
    with pytest.raises(BadSetting, match="no part of the plan has a field to turn"):
        fields(Plan((Policy(),)))


def _bench() -> tuple[Bench, list]:
    split = last_out(world.dataset(), 3, False)
    return Bench(Plan((BLEND, Policy())), split.past, 1), list(split.cases)


def test_a_search_begins_with_the_fields_as_they_are_and_goes_on_where_it_was(tmp_path):
    bench, cases = _bench()
    known = fields(PLAN)
    study = search(bench, known, cases, 3, tmp_path / "study", "a", 1)
    assert study.trials[0].params == {field.name: field.value for field in known}
    first = [trial.params for trial in study.trials]
    study = search(bench, known, cases, 5, tmp_path / "study", "a", 1)
    assert len(study.trials) == 5
    assert [trial.params for trial in study.trials][:3] == first
    assert len(search(bench, known, cases, 2, tmp_path / "study", "b", 1).trials) == 2, "another shop is another study"


def test_the_best_of_the_search_must_win_with_people_it_was_not_searched_on(monkeypatch):
    bench, cases = _bench()
    before, lucky, good = {"a": 0.0}, {"a": 1.0}, {"a": 2.0}
    held_back = {0.0: 0.5, 1.0: 0.4, 2.0: 0.6}
    monkeypatch.setattr(Bench, "fit", lambda self, values: values["a"])
    monkeypatch.setattr(recipes, "ndcg", lambda pipeline, cases: np.array([held_back[pipeline]]))
    assert bench.best(before, [lucky], cases) == before
    assert bench.best(before, [lucky, good], cases) == good


def test_a_field_beyond_its_span_may_stay_where_it_is(tmp_path):
    bench, cases = _bench()
    known = [Field("popular.half_life", SPACES[Popular]["half_life"], 5_000.0)]
    study = search(bench, known, cases, 1, tmp_path / "study", "a", 1)
    assert study.trials[0].params == {"popular.half_life": 5_000.0}


def test_a_weight_that_ruins_the_order_is_turned_down(tmp_path):
    """A blend in which a part that knows nothing drowns one that knows the world by heart."""
    plan = Plan((Blend((Linear(text=0.0), Popular()), (1.0, 2.9)), Policy()))
    dataset = world.dataset()
    test = last_out(dataset, 3, False)
    validation = last_out(test.past, 3, False)
    found = turn(plan, Part(validation, "before"), Part(test, "last"), 12, tmp_path / "study", "a", 1)
    assert found.tried[0].values["weight of popular"] == pytest.approx(2.9)
    assert found.searched.people + found.checked.people == len(validation.cases)
    assert found.checked.change.mean >= 0
    assert sum(found.importance.values()) == pytest.approx(1) or not found.importance
    if found.moved:
        assert found.put_into(plan) != plan


def _shop(folder: Path) -> Shop:
    shop = Shop(folder)
    shop.open(Settings(plan=PLAN))
    with shop.store() as store:
        store.put_catalog(world.catalog())
        ids = store.catalog().ids
        store.append_log(world.log(world.purchases(), world.catalog()), ids)
    return shop


def test_the_command_tells_what_it_found_and_writes_nothing_when_it_is_only_tried(tmp_path, monkeypatch, capsys):
    from assortment.cli import main

    shop = _shop(tmp_path / "shop")
    before = (shop.folder / "shop.toml").read_text()
    words = ["assortment", "tune", str(shop.folder), "--split", "last-out", "-k", "3", "--trials", "3", "--dry-run", "--json"]
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["tried"]) == 3
    assert (shop.folder / "shop.toml").read_text() == before
    assert Shop(shop.folder).findings.turned.k == 3


def test_ndcg_of_a_pipeline_is_that_of_each_case():
    bench, cases = _bench()
    each = ndcg(bench.fit({}), cases)
    assert each.shape == (len(cases),)
    assert each.min() >= 0
    assert WEIGHT is spaces.WEIGHT
    assert Semantic in SPACES
