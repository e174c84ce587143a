"""Tuning: the most variety that keeps a share of the accuracy."""

import json
import math
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment import config, kept
from assortment.config import Settings
from assortment.core.arrays import Ids, strings
from assortment.core.blend import Blend
from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput, BadSetting
from assortment.core.events import Event
from assortment.core.pipeline import Plan
from assortment.core.progress import watched_by
from assortment.core.slate import Slate
from assortment.diversify.methods import Dpp, Mmr, Ssd
from assortment.diversify.stage import Diversify
from assortment.evaluate.cases import time_split
from assortment.evaluate.offline import Goods, evaluate
from assortment.explain.why import Why
from assortment.guard.policy import Policy
from assortment.retrieve.neighbours import ItemNeighbours
from assortment.retrieve.popular import Popular
from assortment.shop import Shop
from assortment.tune.search import Point, front, most_varied, search
from assortment.tune.settings import METHODS, OPTIONS, Setting, Space, tuned_of
from assortment.tune.trials import Line, Trials
from assortment.tune.tuned import Tuned
from assortment.understand.embed import Embed
from assortment.workshop import HeldOut, Workshop
from tests import world
from tests.report.facts import read
from tests.test_cli import run

KINDS = ["green tea", "steam train", "wool sock", "clay pot", "glass lamp"]
THINGS = [f"{kind} {word}" for kind in KINDS for word in ("red", "blue", "old", "new", "big", "small", "round", "flat")]
CHOICE = Diversify(Mmr(), 0.4, at_most={"category": 6}, personal=0.0, pool=30)
STAGES = (Blend((ItemNeighbours(), Popular()), (1.0, 0.01)), Policy(), CHOICE, Why())
SETTINGS = Settings("Tea and trains", "€", plan=Plan(STAGES, (Embed(encoder="hash:64", dims=16),)))
TRIALS = 40
KEEP = 0.95


def goods() -> Catalog:
    categories = strings([title.rsplit(" ", 1)[0] for title in THINGS])
    return Catalog(Ids([f"g{n}" for n in range(len(THINGS))]), {"title": strings(THINGS), "category": categories})


def bought(seed: int = 1) -> list[Event]:
    """Two kinds of goods for each of 40 people, and now and then anything, a thing a day."""
    rng = np.random.default_rng(seed)
    events = []
    for person in range(40):
        likes = rng.choice(len(KINDS), 2, replace=False)
        there = [8 * kind + n for kind in likes for n in range(8)]
        wanted = [*rng.permutation(there)[:10], *rng.choice(len(THINGS), 3)]
        for day, item in enumerate(dict.fromkeys(rng.permutation(wanted).tolist())):
            events.append(Event(f"p{person}", f"g{item}", "purchase", world.START + day * world.DAY + person, 1.0))
    return sorted(events, key=lambda event: event.time)


def opened(folder: Path, settings: Settings = SETTINGS, events: list[Event] | None = None) -> Shop:
    """A shop with this log."""
    shop = Shop(folder)
    shop.open(settings)
    dataset = world.dataset(bought() if events is None else events, goods())
    with shop.store() as store:
        store.put_catalog(dataset.catalog)
        store.append_log(dataset.events, dataset.catalog.ids)
    return shop


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Tuned]:
    """A shop that was tuned, and what was found."""
    shop = opened(tmp_path_factory.mktemp("tuned") / "shop")
    return shop, Workshop(shop).tune(KEEP, HeldOut(k=5), trials=TRIALS)


def past_and_cases(shop: Shop):
    test = time_split(shop.dataset(), None, 0.2, 5)
    return time_split(test.past, None, 0.2, 5), test


def reached(recipe: Diversify, shop: Shop, part) -> tuple[float, float]:
    """NDCG and redundancy of a shop with this `diversify`, fitted and measured like any other."""
    plan = replace(SETTINGS.plan, stages=(*STAGES[:2], recipe, Why()))
    pipeline = plan.fit(part.past, np.random.default_rng(SETTINGS.seed))
    evaluation = evaluate(pipeline, part.cases, Goods.of(pipeline.catalog, part.past), np.random.default_rng(0))
    return evaluation.measure("NDCG@5").mean, evaluation.measure("redundancy@5").mean


def test_the_chosen_setting_keeps_on_validation_what_it_promised(done: tuple[Shop, Tuned]):
    shop, tuned = done
    validation, _ = past_and_cases(shop)
    relevance, chosen = (reached(recipe, shop, validation) for recipe in (replace(CHOICE, diversity=0.0), written(shop)))
    assert chosen == pytest.approx((tuned.chosen.ndcg, tuned.chosen.redundancy), abs=1e-6)
    assert chosen[0] >= KEEP * relevance[0]
    assert chosen[1] < relevance[1]
    better = [p for p in tuned.points if p.ndcg >= KEEP * relevance[0] and p.redundancy < tuned.chosen.redundancy]
    assert not better


def test_the_test_part_is_measured_after_a_fit_on_all_that_came_before_it(done: tuple[Shop, Tuned]):
    shop, tuned = done
    _, test = past_and_cases(shop)
    for system, recipe in zip(tuned.test.systems, (replace(CHOICE, diversity=0.0), CHOICE, written(shop)), strict=True):
        measured = system.measure("NDCG@5").mean, system.measure("redundancy@5").mean
        assert measured == pytest.approx(reached(recipe, shop, test), abs=1e-6)


def written(shop: Shop) -> Diversify:
    """The `diversify` of the shop's file."""
    (recipe,) = (stage for stage in config.read(shop.folder / "shop.toml").plan.stages if isinstance(stage, Diversify))
    return recipe


def test_the_file_keeps_everything_but_the_choice(done: tuple[Shop, Tuned]):
    shop, tuned = done
    after = config.read(shop.folder / "shop.toml")
    assert after == tuned.put_into(SETTINGS)
    assert after != SETTINGS
    recipe = written(shop)
    asked = {field.name for field in fields(Diversify)} - {"select", "diversity", "personal", "pool"}
    assert {name: getattr(recipe, name) for name in asked} == {name: getattr(CHOICE, name) for name in asked}
    assert (after.plan.understand, after.plan.stages[:2], after.plan.stages[3:]) == (
        SETTINGS.plan.understand,
        STAGES[:2],
        (Why(),),
    )
    assert config.read(shop.folder / "shop.before.toml") == SETTINGS


def test_who_fits_next_fits_the_choice(tmp_path: Path):
    shop = opened(tmp_path / "shop")
    assert shop.settings == SETTINGS
    tuned = Workshop(shop).tune(KEEP, HeldOut(k=5), trials=len(METHODS))
    assert shop.settings == tuned.put_into(SETTINGS)


def test_what_was_found_is_read_as_it_was_written(done: tuple[Shop, Tuned]):
    shop, tuned = done
    assert repr(shop.findings.tuned) == repr(tuned)


def test_every_method_has_a_curve(done: tuple[Shop, Tuned]):
    _, tuned = done
    tried = {point.setting.method for point in tuned.points}
    assert tried == set(METHODS)
    assert len(tuned.points) == TRIALS


def test_the_same_seed_chooses_the_same_and_the_test_part_has_no_say(done: tuple[Shop, Tuned], tmp_path: Path):
    shop, tuned = done
    cut = past_and_cases(shop)[1].past.now
    rng = np.random.default_rng(9)
    others = [e._replace(item=f"g{rng.integers(len(THINGS))}") if e.time >= cut else e for e in bought()]
    changed = Workshop(opened(tmp_path / "shop", events=others)).tune(KEEP, HeldOut(k=5), trials=TRIALS)
    assert changed.points == tuned.points
    assert changed.chosen == tuned.chosen
    assert changed.test != tuned.test


def test_a_search_that_was_stopped_goes_on_and_ends_as_if_it_had_not_been(done: tuple[Shop, Tuned], tmp_path: Path):
    _, tuned = done
    shop = opened(tmp_path / "shop")

    def stop(part: str, step: int, total: int) -> None:
        if part == "tune" and step == 13:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), watched_by(stop):
        Workshop(shop).tune(KEEP, HeldOut(k=5), trials=TRIALS)
    journal = shop.folder / "trials.jsonl"
    first = journal.read_text()
    assert len(first.splitlines()) == 1 + 2 + 13
    journal.write_text(first + '{"setting": {"meth')
    assert repr(Workshop(shop).tune(KEEP, HeldOut(k=5), trials=TRIALS)) == repr(tuned)
    assert journal.read_text().startswith(first)
    assert len(set(journal.read_text().splitlines())) == len(journal.read_text().splitlines())


def test_what_was_measured_on_other_data_is_measured_again(done: tuple[Shop, Tuned], tmp_path: Path):
    old, _ = done
    fewer = [event for event in bought() if event.user != "p7"]
    shop = opened(tmp_path / "shop", events=fewer)
    (shop.folder / "trials.jsonl").write_bytes((old.folder / "trials.jsonl").read_bytes())
    anew = Workshop(opened(tmp_path / "anew", events=fewer)).tune(KEEP, HeldOut(k=5), trials=len(METHODS))
    assert repr(Workshop(shop).tune(KEEP, HeldOut(k=5), trials=len(METHODS))) == repr(anew)


def test_a_dry_run_leaves_the_settings_as_they_are(tmp_path: Path):
    shop = opened(tmp_path / "shop")
    before = (shop.folder / "shop.toml").read_bytes()
    Workshop(shop).tune(KEEP, HeldOut(k=5), trials=len(METHODS), dry_run=True)
    assert (shop.folder / "shop.toml").read_bytes() == before
    assert shop.findings.tuned is not None


def test_where_nothing_more_varied_keeps_it_the_choice_is_relevance_only(tmp_path: Path):
    """Everybody takes all of one kind, and whatever is found is shown: no setting changes anything."""
    plan = replace(SETTINGS.plan, stages=(ItemNeighbours(), *STAGES[1:]))
    shop = opened(tmp_path / "shop", replace(SETTINGS, plan=plan), one_kind_each())
    tuned = Workshop(shop).tune(1.0, HeldOut(k=5), trials=len(METHODS))
    assert tuned.chosen.setting.diversity == 0
    assert tuned.chosen == tuned.relevance == tuned.sure
    assert written(shop).diversity == 0


def one_kind_each() -> list[Event]:
    events = []
    for person in range(30):
        for day in range(8):
            item = 8 * (person % len(KINDS)) + (day + person) % 8
            events.append(Event(f"p{person}", f"g{item}", "purchase", world.START + day * world.DAY + person, 1.0))
    return sorted(events, key=lambda event: event.time)


def test_to_be_sure_of_a_share_is_to_ask_for_less_variety(done: tuple[Shop, Tuned]):
    _, tuned = done
    assert tuned.sure.redundancy >= tuned.chosen.redundancy
    assert tuned.sure.ndcg >= tuned.floor
    shop, _ = done
    validation, _ = past_and_cases(shop)
    relevance, chosen, sure = (
        ndcg(point.setting.put_into(CHOICE), validation) for point in (tuned.relevance, tuned.chosen, tuned.sure)
    )
    assert bound(sure - KEEP * relevance) >= -0.003
    assert bound(chosen - KEEP * relevance) < -0.003


def ndcg(recipe: Diversify, part) -> np.ndarray:
    """Of each case."""
    pipeline = replace(SETTINGS.plan, stages=(*STAGES[:2], recipe)).fit(part.past, np.random.default_rng(1))
    return evaluate(pipeline, part.cases, Goods.of(pipeline.catalog, part.past), np.random.default_rng(0)).values["NDCG@5"]


def bound(values: np.ndarray) -> float:
    """What the mean of a population is above with 95 % confidence, by the normal distribution."""
    return float(values.mean() - 1.645 * values.std() / np.sqrt(len(values)))


def test_a_setting_is_tried_as_it_would_be_fitted():
    dataset = world.dataset(bought(), goods())
    part = time_split(dataset, None, 0.2, 5)
    line = Line.of(SETTINGS.plan, part.past, np.random.default_rng(1))
    shown = {}
    for personal in (0.0, 1.0):
        setting = Setting("hybrid", 0.4, personal, 25, {"personal": 0.75})
        plan = replace(SETTINGS.plan, stages=(*STAGES[:2], setting.put_into(CHOICE)))
        requests = [case.request for case in part.cases]
        fitted = [slate.items.tolist() for slate in plan.fit(part.past, np.random.default_rng(1))(requests)]
        shown[personal] = line.shown(part.cases, {"this": setting})["this"].tolist()
        assert shown[personal] == fitted
    assert shown[0.0] != shown[1.0]


class Sure:
    """Says a chance of each item, as trees do, as a plan's stage."""

    def fit(self, *_) -> "Sure":
        return self

    def __call__(self, requests, slates):
        return [self._said(slate) for slate in slates]

    def _said(self, slate: Slate) -> Slate:
        chance = 0.4 * 0.6 ** np.arange(len(slate), dtype=np.float32)
        notes = {"chance": chance, "usual": np.full(len(slate), 0.1, np.float32)}
        return Slate(slate.items, np.log(chance / (1 - chance)), notes)

    def with_catalog(self, _) -> "Sure":
        return self


def test_where_chances_are_told_a_setting_is_tried_by_them_as_it_would_be_served():
    """Over the range of their log odds goods would look much more alike in relevance than by their chances."""
    part = time_split(world.dataset(bought(), goods()), None, 0.2, 5)
    plan = replace(SETTINGS.plan, stages=(*STAGES[:2], Sure(), CHOICE))
    line = Line.of(plan, part.past, np.random.default_rng(1))
    setting = Setting("msd", 0.5, 0.0, 25, {})
    fitted = replace(plan, stages=(*plan.stages[:3], setting.put_into(CHOICE))).fit(part.past, np.random.default_rng(1))
    served = [slate.items.tolist() for slate in fitted([case.request for case in part.cases])]
    assert line.shown(part.cases, {"this": setting})["this"].tolist() == served
    trials = Trials.of(line, part.cases)
    assert trials._lists(setting).tolist() == served


def test_the_setting_before_may_be_the_choice(done: tuple[Shop, Tuned], tmp_path: Path):
    """The best of 40 trials is before the best of the 10 that a shorter search tries."""
    _, tuned = done
    (recipe,) = (stage for stage in tuned.put_into(SETTINGS).plan.stages if isinstance(stage, Diversify))
    settings = replace(SETTINGS, plan=replace(SETTINGS.plan, stages=(*STAGES[:2], recipe, Why())))
    again = Workshop(opened(tmp_path / "shop", settings)).tune(KEEP, HeldOut(k=5), trials=len(METHODS))
    assert again.chosen == again.before == tuned.chosen
    assert tuned.chosen not in again.points


# the command


def test_the_command_prints_the_choice_and_what_the_test_part_says(tmp_path: Path, monkeypatch, capsys):
    shop = opened(tmp_path / "shop")
    words = ("tune", shop.folder, "--keep-ndcg", KEEP, "-k", 5, "--trials", len(METHODS))
    assert run(*words, monkeypatch=monkeypatch) == 0
    out, err = capsys.readouterr()
    assert all(method in out for method in METHODS)
    assert " ".join(str(Shop(shop.folder).findings.tuned.chosen.setting).split()[:3]) in " ".join(out.split())
    assert "test, looked at once" in out
    assert "redundancy bought" in out
    assert "Next: assortment fit" in err
    assert "report.html" not in err


def test_the_command_as_json_leaves_a_fitted_shop_a_report_with_the_curves(tmp_path: Path, monkeypatch, capsys):
    shop = opened(tmp_path / "shop")
    shop.fit()
    judged = Workshop(shop).judge(HeldOut("last-out", k=5))
    before = (shop.folder / "shop.toml").read_bytes()
    words = ("tune", shop.folder, "--keep-ndcg", 0.99, "-k", 5, "--trials", len(METHODS), "--dry-run", "--json")
    assert run(*words, monkeypatch=monkeypatch) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["points"]) == len(METHODS)
    assert (shop.folder / "shop.toml").read_bytes() == before
    root = read(shop.report.read_text(encoding="utf-8"))
    assert len(root.named("tuned").all("figure")) == 1 + len(METHODS)
    assert judged.split in root.named("how").words()


def test_a_share_that_is_none_ends_the_command(tmp_path: Path, monkeypatch, capsys):
    assert run("tune", opened(tmp_path / "shop").folder, "--keep-ndcg", 1.2, monkeypatch=monkeypatch) == 1
    assert "it goes from above 0" in capsys.readouterr().err


# what cannot be tuned


@pytest.mark.parametrize("keep", [0.0, -0.1, 1.01, math.nan])
def test_a_share_that_is_none_is_refused(tmp_path: Path, keep: float):
    with pytest.raises(BadSetting, match="it goes from above 0, nearly none, to 1, all"):
        Workshop(opened(tmp_path / "shop")).tune(keep, HeldOut(k=5))


def test_a_plan_without_variety_has_none_to_tune(tmp_path: Path):
    plan = Plan(STAGES[:2], SETTINGS.plan.understand)
    with pytest.raises(BadSetting, match="the plan has no 'diversify'"):
        Workshop(opened(tmp_path / "shop", replace(SETTINGS, plan=plan))).tune()


def test_goods_without_vectors_have_no_variety_to_tune(tmp_path: Path):
    plan = replace(SETTINGS.plan, understand=())
    with pytest.raises(BadSetting, match="variety needs vectors of the goods; add 'embed'"):
        Workshop(opened(tmp_path / "shop", replace(SETTINGS, plan=plan))).tune(held=HeldOut(k=5))


def test_fewer_trials_than_methods_are_refused(tmp_path: Path):
    with pytest.raises(BadSetting, match=f"trials is 3; it goes from {len(METHODS)}"):
        Workshop(opened(tmp_path / "shop")).tune(held=HeldOut(k=5), trials=3)


def test_a_slate_of_one_has_no_variety(tmp_path: Path):
    with pytest.raises(BadSetting, match="k is 1; variety is of slates of 2 or more"):
        Workshop(opened(tmp_path / "shop")).tune(held=HeldOut(k=1))


def test_a_part_in_which_nobody_takes_anything_new_is_told(tmp_path: Path):
    days = [("g0", 0), ("g1", 1), ("g0", 8), ("g1", 8), ("g2", 9)]
    log = [Event("ann", item, "purchase", world.START + day * world.DAY + n, 1.0) for n, (item, day) in enumerate(days)]
    with pytest.raises(BadInput, match="nobody took anything new in the validation part"):
        Workshop(opened(tmp_path / "shop", events=log)).tune(held=HeldOut(k=5, weeks=1.0 / 7 / 1))


def test_a_shop_whose_slates_are_never_right_has_no_accuracy_to_keep(tmp_path: Path):
    """What is sold is new every day."""
    log = [Event(f"p{n % 5}", f"g{n}", "purchase", world.START + n * world.DAY, 1.0) for n in range(len(THINGS))]
    shop = opened(tmp_path / "shop", replace(SETTINGS, plan=Plan((Popular(), Policy(), CHOICE), SETTINGS.plan.understand)), log)
    with pytest.raises(BadInput, match="there is no accuracy to keep"):
        Workshop(shop).tune(held=HeldOut(k=5))


def test_a_damaged_file_is_told_with_the_way_out(tmp_path: Path):
    shop = Shop(tmp_path)
    (tmp_path / "tuned.json").write_text('{"k": 5}')
    with pytest.raises(BadInput, match=r"tuned.json is damaged .*; make it anew: assortment tune"):
        _ = shop.findings.tuned


# the search alone


def asked(setting: Setting) -> Point:
    """A shop in which SSD gives most, then PM-2, and each in a straight line."""
    worth = {"ssd": 0.9, "pm2": 0.6, "dpp": 0.5}.get(setting.method, 0.3)
    return Point(setting, 0.1 - 0.05 * setting.diversity, 0.4 - worth * setting.diversity)


def test_the_second_half_goes_to_the_methods_that_have_most_to_give():
    half = 4 * len(METHODS)
    points = list(search(asked, Space(20, 300, True), 0.09, 2 * half, seed=1))
    assert len(points) == 2 * half
    first = [point.setting.method for point in points[:half]]
    assert {method: first.count(method) for method in METHODS} == dict.fromkeys(METHODS, 4)
    second = [point.setting.method for point in points[half:]]
    shares = {method: (half + 2 - place) // 3 for place, method in enumerate(("ssd", "pm2", "dpp"))}
    assert {method: second.count(method) for method in shares} == shares


def test_the_search_comes_near_the_most_that_there_is():
    """NDCG 0.09 is kept up to diversity 0.2, where SSD has redundancy 0.22; the grid has that point, so the floor is moved."""
    floor = 0.1 - 0.05 * 0.27
    found = most_varied(search(asked, Space(20, 300, False), floor, 100, seed=1), floor)
    assert found is not None
    assert found.setting.method == "ssd"
    assert 0.26 <= found.setting.diversity <= 0.27


def test_the_search_stays_where_the_floor_is_kept():
    """Of points on a line none beats another, so that without a floor they would lie anywhere between 0 and 1."""
    points = list(search(asked, Space(20, 300, False), 0.09, 160, seed=1))
    tried = [point.ndcg >= 0.09 for point in points[80:] if point.setting.method == "ssd"][:-7]
    assert sum(tried) > len(tried) / 3


def test_another_seed_goes_another_way():
    one, other = (list(search(asked, Space(20, 300, True), 0.09, 100, seed)) for seed in (1, 2))
    assert one != other
    assert one == list(search(asked, Space(20, 300, True), 0.09, 100, 1))


def test_the_least_redundancy_that_keeps_it_is_not_the_least_there_is():
    usual = Setting("mmr", 0.5, 0.0, 200, {})
    points = [Point(usual, *values) for values in ((0.10, 0.4), (0.09, 0.2), (0.095, 0.2), (0.08, 0.1))]
    assert most_varied(points, 0.09) == points[2]
    assert most_varied(points, 0.2) is None
    assert front(points) == [points[0], points[2], points[3]]


@given(
    st.sampled_from([Mmr(), Dpp(0.25), Dpp(0.25, window=3), Ssd(window=4), *(part() for part in METHODS.values())]),
    st.floats(0, 1),
    st.integers(1, 500),
)
def test_a_setting_put_back_where_it_was_read_changes_nothing(select, diversity: float, pool: int):
    recipe = Diversify(select, diversity, at_most={"brand": 2}, pool=pool, page=6)
    assert Setting.of(recipe).put_into(recipe) == recipe


@pytest.mark.parametrize(("method", "name"), OPTIONS)
def test_what_is_tuned_of_a_method_is_a_setting_of_it_and_both_ends_are_allowed(method: str, name: str):
    choice = OPTIONS[method, name]
    for end in (choice.low, choice.high):
        options = {**{other: value.low for other, value in tuned_of(method).items()}, name: end}
        select = Setting(method, 0.5, 0.0, 100, options).put_into(CHOICE).select
        assert getattr(select, name) == end
        assert type(getattr(select, name)) is type(getattr(METHODS[method](), name))


@given(st.integers(2, 1000))
def test_pools_are_larger_than_slates(k: int):
    space = Space.of(k, True)
    assert k < space.low <= space.usual <= space.high


def test_what_is_kept_comes_back_with_its_holes(tmp_path: Path):
    point = Point(Setting("mmr", 0.5, 0.0, 200, {"a": 1.0}), math.nan, 0.25)
    kept.write(tmp_path / "point.json", point)
    assert json.loads((tmp_path / "point.json").read_text())["ndcg"] is None
    assert repr(kept.read(tmp_path / "point.json", Point, "")) == repr(point)
