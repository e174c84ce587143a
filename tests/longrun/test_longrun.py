"""From a shop's log to a policy that serves: simulated people, the gate, the stage, the commands."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from assortment import kept
from assortment.cli import app
from assortment.config import Settings
from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput, BadSetting
from assortment.core.events import Event
from assortment.core.measure import Measure
from assortment.core.pipeline import Plan
from assortment.core.request import Wish
from assortment.core.slate import Slate
from assortment.diversify.methods import Dpp
from assortment.diversify.stage import Diversified, Diversify
from assortment.longrun.gate import Logged, gate
from assortment.longrun.learn import Effort, learn_policy
from assortment.longrun.served import install, plan_with
from assortment.longrun.simulate import own, simulate
from assortment.rank.explore import PlackettLuce
from assortment.retrieve.popular import Popular
from assortment.rl.cem import Budget
from assortment.rl.people import FAMILIES
from assortment.rl.policy import Constant, Static
from assortment.rl.ppo import Training
from assortment.rl.stage import LongRun, Paced
from assortment.shop import Shop
from assortment.understand.embed import Embed
from tests import world

KINDS = ("tea", "train", "sock", "pot")
GOODS = [f"{kind} {number}" for kind in KINDS for number in range(8)]
PLAN = Plan((Popular(), Diversify(diversity=0.3, at_most={"category": 2})), (Embed(encoder="hash:64", dims=16),))
WEIGHTS = (0.4, 0.5, 0.2, 0.3)
QUICK = Effort(
    people=100, visits=6, k=4, budget=Budget(2, 6, 8, 2), training=Training(people=16, visits=4, updates=2, minibatches=2)
)


def catalog(kinds=KINDS) -> Catalog:
    category = [kinds[number // 8 % len(kinds)] for number in range(len(GOODS))]
    return Catalog(Ids([f"g{n}" for n in range(len(GOODS))]), {"title": strings(GOODS), "category": strings(category)})


def bought(people: int = 12, days: int = 5) -> list[Event]:
    rng = np.random.default_rng(1)
    events = [
        Event(f"p{person}", f"g{item}", "purchase", world.START + day * world.DAY + person * 1000 + place)
        for person in range(people)
        for day in range(days)
        for place, item in enumerate(rng.choice(len(GOODS), 3, replace=False))
    ]
    return sorted(events, key=lambda event: event.time)


def made(folder: Path, plan: Plan = PLAN, events: list[Event] | None = None, goods: Catalog | None = None) -> Shop:
    shop = Shop(folder)
    shop.open(Settings(plan=plan))
    with shop.store() as store:
        store.put_catalog(catalog() if goods is None else goods)
        store.append(bought() if events is None else events)
    shop.fit()
    return shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return made(tmp_path / "shop")


def gains(low: float, *more: float):
    return [Measure(family, low + 0.1, low, low + 0.2, 100) for low, family in zip((low, *more), FAMILIES, strict=True)]


def test_the_gate_wants_every_family_and_the_log():
    good, bad = gains(0.1, 0.1, 0.1), gains(0.1, 0.1, -0.01)
    assert gate(lambda *_: good, lambda _: None)[0] == "contextual"
    assert gate(lambda policy, _: bad if policy == "contextual" else good, lambda _: None)[0] == "constants"
    assert gate(lambda *_: bad, lambda _: None)[0] == "static"
    sure, unsure = Measure("gain", 0.2, 0.1, 0.3, 50), Measure("gain", 0.2, -0.1, 0.3, 50)
    assert gate(lambda *_: good, lambda _: Logged(sure))[0] == "contextual"
    assert gate(lambda *_: good, lambda _: Logged(unsure))[0] == "static"
    serves, steps, why = gate(lambda *_: good, lambda _: Logged(None, "few slates decide"))
    assert serves == "static"
    assert steps[0].refused == "few slates decide"
    assert "gives no number" in why


def test_where_constants_do_not_pass_the_network_has_to_beat_what_learns_nothing():
    asked = []

    def some(policy: str, beside: str):
        asked.append((policy, beside))
        return gains(-0.1, 0.1, 0.1) if policy == "constants" else gains(0.1, 0.1, 0.1)

    assert gate(some, lambda _: None)[0] == "contextual"
    assert asked == [("constants", "static"), ("contextual", "static")]


def test_a_shop_is_simulated_as_it_is_set_and_as_it_serves(shop: Shop):
    assert list(own(shop)) == ["relevance only", "as it is set"]
    found = simulate(shop, people=60, visits=8, k=4)
    assert [(row.family, row.policy) for row in found.rows] == [(one, two) for one in FAMILIES for two in own(shop)]
    assert all(row.taken.mean > 0 for row in found.rows)
    assert found.rows == simulate(shop, people=60, visits=8, k=4).rows
    assert {one.name for one in found.found} == {"tires", "recovers", "stays"}


def test_a_policy_is_learned_and_what_passes_the_gate_serves(shop: Shop):
    pytest.importorskip("stable_baselines3")
    found = learn_policy(shop, QUICK)
    assert shop.releases.turns[-1].why == found.why
    assert found.serves in found.why
    assert len(found.curve) == 2
    assert [row.policy for row in found.simulation.rows[:3]] == ["static", "constants", "contextual"]
    shop.findings.keep(found)
    assert kept.plain(shop.findings.learned) == kept.plain(found)
    paced = any(isinstance(stage, Paced) for stage in Shop(shop.folder).pipeline.stages)
    assert paced == (found.serves != "static")


def test_a_learning_that_was_stopped_goes_on_from_its_constants(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("stable_baselines3")
    first = learn_policy(shop, QUICK, dry_run=True)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("tuned anew")

    monkeypatch.setattr("assortment.longrun.learn.tune_static", never)
    again = learn_policy(shop, QUICK, dry_run=True)
    assert (again.constants, again.curve) == (first.constants, first.curve)


def test_caps_stand_behind_what_was_learned_and_the_trace_shows_its_weights(shop: Shop):
    install(shop, Constant(WEIGHTS), "constants serve; because of this test")
    assert shop.settings.plan.stages[1] == LongRun(str((shop.folder / "policies" / "learned").absolute()))
    assert 'policy = "learned"' in (shop.folder / "shop.toml").read_text()
    with shop.store() as store:
        service = shop.service(store)
        answer = service.recommend("p1", k=8)
        of = catalog().column("category")
        counts = np.unique([of[int(card.item.item[1:])] for card in answer.cards], return_counts=True)[1]
        assert counts.max() == 2
        trace = next(one for one in service.trace(service.request("p1", k=8)) if one.stage == "Paced")
        assert trace.items[0].notes["weight: tired"] == pytest.approx(0.4)
        assert trace.items[0].notes["believed: tires"] > 0
        ranks = [(one.notes["static-rank"], one.notes["relevance-rank"]) for one in trace.items]
        assert sorted(rank for rank, _ in ranks if rank is not None) == list(range(8))
        assert all(rank is None or rank == relevance for rank, relevance in ranks)
    assert shop.fitted.verdicts == ("constants serve; because of this test",)
    refitted = shop.fit()
    assert refitted.verdicts == ("constants serve; because of this test",)


def test_kinds_that_were_shown_and_passed_over_give_way_to_others(shop: Shop):
    install(shop, Constant((0.0, 50.0, 0.0, 0.0)), "constants serve")
    kind = catalog().column("category")
    with shop.store() as store:
        service = shop.service(store)
        first, second = ({kind[int(card.item.item[1:])] for card in service.recommend("p1", k=2).cards} for _ in range(2))
    assert not first & second


def test_what_a_person_took_before_their_first_slate_tires_them_of_nothing(shop: Shop):
    """People buy 15 goods of four kinds here; no policy is learned on that."""
    install(shop, Constant(WEIGHTS), "constants serve")
    paced = next(stage for stage in shop.pipeline.stages if isinstance(stage, Paced))
    with shop.store() as store:
        request = shop.service(store).request("p1")
        slate = shop.pipeline.stages[0]([request], [Slate()])[0]
    assert len(request.profile.recent) > 8
    assert paced.memory(request, slate, np.zeros(len(slate), np.float32)).lately.sum() == 0


def test_who_asks_for_something_or_for_a_diversity_gets_it_as_before(shop: Shop):
    install(shop, Constant(WEIGHTS), "constants serve")
    paced = next(stage for stage in shop.pipeline.stages if isinstance(stage, Paced))
    with shop.store() as store:
        service = shop.service(store)
        for request in (service.request("p1", wish=Wish(0.5)), service.request("p1", about=("g3",))):
            slates = shop.pipeline.stages[0]([request], [Slate()])
            assert paced([request], slates)[0] is slates[0]


def test_what_learns_nothing_serves_without_a_stage_of_its_own(shop: Shop):
    install(shop, Constant(WEIGHTS), "constants serve")
    install(shop, Static("dpp", 0.4), "static serves")
    assert not any(isinstance(stage, LongRun) for stage in shop.settings.plan.stages)
    chosen = shop.pipeline.stages[-1]
    assert isinstance(chosen, Diversified)
    assert (chosen.select, chosen.diversity) == (Dpp(), 0.4)


def test_a_stage_that_draws_goes_on_drawing_from_what_was_learned(tmp_path: Path):
    drawing = replace(PLAN, stages=(Popular(), PlackettLuce(1.0, stage=Diversify(diversity=0.3))))
    shop = made(tmp_path / "shop", drawing)
    install(shop, Constant(WEIGHTS), "constants serve")
    with shop.store() as store:
        shop.service(store).recommend("p1", k=4)
        assert all(0 < one < 1 for one in store.shown()[0].propensity)


def test_a_policy_of_other_goods_or_of_nothing_is_refused(shop: Shop, tmp_path: Path):
    install(shop, Constant(WEIGHTS), "constants serve")
    folder = str(shop.folder / "policies" / "learned")
    with pytest.raises(BadInput, match="another shop or another catalogue"):
        LongRun(folder).fit(world.dataset(), np.random.default_rng(0))
    with pytest.raises(BadInput, match="there is no policy in"):
        LongRun(str(tmp_path / "none")).fit(world.dataset(), np.random.default_rng(0))
    with pytest.raises(BadInput, match="which is not a known part"):
        LongRun(str(shop.release.folder / "pipeline")).fit(world.dataset(), np.random.default_rng(0))
    with pytest.raises(BadSetting, match="weights are 4 numbers"):
        LongRun(weights=(1.0,))
    with pytest.raises(BadSetting, match="has no 'diversify'"):
        plan_with(Plan((Popular(),)), Static(), tmp_path)


@pytest.mark.parametrize(
    ("events", "goods", "said"),
    [
        (bought(days=1), None, "all events of the log are of one day"),
        (None, catalog(("tea",)), "of one kind"),
        (bought(people=1), None, "two are the least"),
        ([], None, "the log is empty"),
    ],
)
def test_a_log_that_says_too_little_is_refused_with_the_way_out(tmp_path: Path, events, goods, said):
    shop = made(tmp_path / "shop", events=events, goods=goods)
    with pytest.raises(BadInput, match=said):
        simulate(shop, people=10, visits=4)


def test_the_commands_tell_what_was_found(shop: Shop):
    pytest.importorskip("stable_baselines3")
    done = CliRunner().invoke(app, ["simulate", str(shop.folder), "--people", "40", "--visits", "5", "-k", "4"])
    assert done.exit_code == 0, done.output
    assert "does not say" in done.output
    asked = ["learn-policy", str(shop.folder), "--people", "100", "--visits", "4", "-k", "4", "--updates", "1", "--json"]
    done = CliRunner().invoke(app, [*asked, "--dry-run"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["serves"] in ("static", "constants", "contextual")
