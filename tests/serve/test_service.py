"""The loop without the web."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput, BadSetting, UnknownName
from assortment.core.events import KINDS, Event, Events, no_events
from assortment.core.mutes import Muting
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.profile import NOBODY, Profile, fold
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.diversify.stage import Diversify
from assortment.guard.exposure import Exposure, Priced
from assortment.guard.policy import Policy
from assortment.retrieve.popular import Popular
from assortment.retrieve.semantic import Semantic
from assortment.serve.answers import Answer
from assortment.serve.service import MOST, SLATES, Service, wall_clock
from assortment.serve.shelf import UnknownItem, plain
from assortment.store.append import Appended
from assortment.store.marks import Mark
from assortment.store.sql import Store, open_store
from assortment.understand.embed import Embed
from tests import world
from tests.serve import goods

LATER = world.START + 100 * world.DAY


def ids(answer: Answer) -> list[str]:
    return [card.item.item for card in answer.cards]


def same(one: Profile, other: Profile) -> None:
    for name in ("recent", "kinds", "times", "owned", "refused", "last", "muted"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


# The guarantee


@pytest.mark.parametrize("wish", [Wish(), Wish(0.9), Wish(0, {"brand": 1})])
def test_the_slate_served_is_the_slate_of_the_offline_call(service: Service, pipeline: Pipeline, wish: Wish):
    profiles = goods.dataset().profiles()
    for user in (*world.PEOPLE, "stranger"):
        request = Request(user, LATER, profiles.get(user, NOBODY), 4, wish=wish)
        (offline,) = pipeline([request])
        answer = service.answer(service.request(user, k=4, wish=wish, now=LATER))
        assert ids(answer) == [pipeline.catalog.ids.names[item] for item in offline.items]
        np.testing.assert_allclose([card.score for card in answer.cards], offline.scores, atol=1e-5)
        assert [card.why for card in answer.cards] == list(offline.notes["why"])


def test_the_first_recommendation_is_the_one_thing_of_their_taste_that_they_lack(service: Service):
    for person in world.PEOPLE:
        assert ids(service.recommend(person, k=1, wish=Wish(0))) == [world.missing(person)]


# The loop


def test_what_is_bought_leaves_the_next_slate(service: Service):
    before = ids(service.recommend("tea3", k=13))
    assert "t3" in before
    service.post([Event("tea3", "t3", "purchase", LATER)])
    assert ids(service.recommend("tea3", k=13)) == [item for item in ids(service.recommend("tea3", k=13)) if item != "t3"]
    assert "t3" not in ids(service.recommend("tea3", k=13))


def test_a_glance_at_trains_brings_trains_to_a_newcomer(service: Service):
    service.post([Event("new", "t1", "view", LATER)])
    assert {item[0] for item in ids(service.recommend("new", k=3, wish=Wish(0)))} == {"t"}
    service.post([Event("new", item, "view", LATER + 1 + place) for place, item in enumerate(["r0", "r1", "r2", "r3", "r4"])])
    service.post([Event("new", "t1", "hide", LATER + 9)])
    assert {item[0] for item in ids(service.recommend("new", k=3, wish=Wish(0)))} == {"r"}


def test_what_was_shown_is_recorded_with_place_arm_and_propensity(service: Service, store: Store):
    answer = service.recommend("tea0", k=3)
    (shown,) = store.shown(slate=answer.slate)
    assert (shown.user, shown.arm, shown.time) == ("tea0", "v1", answer.time)
    assert list(shown.items) == ids(answer)
    assert list(shown.propensity) == [1.0, 1.0, 1.0]
    assert [card.place for card in answer.cards] == [1, 2, 3]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A stage that says with which probability it put each item where it is."""

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        return [slate.noted("propensity", np.linspace(0.5, 0.1, len(slate))) for slate in slates]


def test_ids_of_slates_begin_with_their_time_and_are_drawn(service: Service):
    began = wall_clock()
    ids = [service.recommend("tea1").slate for _ in range(20)]
    times = [int(name[:12], 16) for name in ids]
    assert began <= times[0]
    assert times == sorted(times)
    assert times[-1] <= wall_clock()
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in ids)
    assert len({name[12:] for name in ids}) == 20


def test_a_stage_that_draws_has_its_propensity_recorded(pipeline: Pipeline, store: Store):
    service = Service(Pipeline((*pipeline.stages, Drawn()), pipeline.catalog), store)
    answer = service.recommend("tea0", k=2)
    assert store.shown(slate=answer.slate)[0].propensity == (0.5, 0.1)


def test_the_forgotten_are_strangers_and_leave_no_row(service: Service, store: Store):
    stranger = ids(service.recommend("stranger", k=5))
    assert ids(service.recommend("tea0", k=5)) != stranger
    assert service.forget("tea0") == {"event": 5, "shown": 5, "slate": 1, "mute": 0, "person": 0}
    assert ids(service.recommend("tea0", k=5)) == stranger
    assert not service.user("tea0").known
    assert store.history("tea0") == []


# The profile is the fold of the log, whatever happened in whatever order

people = st.sampled_from(["ann", "ben", "eve"])
deeds = st.builds(
    Event,
    user=people,
    item=st.sampled_from(goods.catalog().ids.names),
    kind=st.sampled_from(KINDS),
    time=st.integers(LATER, LATER + 4),
    value=st.none() | st.floats(-1e9, 1e9, width=32),
    slate=st.none(),
    id=st.none(),
)
mutes = st.tuples(people, st.sampled_from([("category", "Tea"), ("brand", "iron")]), st.booleans())
steps = st.lists(st.one_of(people, mutes, st.lists(deeds, min_size=1, max_size=3)), max_size=12)


@pytest.fixture(scope="module")
def emptied(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory):
    """Gives a service over a log that knows nobody, and room for two profiles."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('log')}/shop.db") as opened:

        def service() -> Service:
            for person in ("ann", "ben", "eve"):
                opened.forget(person)
            return Service(pipeline, opened, remembered=2)

        yield service


@settings(max_examples=25)
@given(steps)
def test_a_profile_at_hand_is_the_fold_of_the_log(emptied: Callable[[], Service], taken: list):
    service = emptied()
    for step in taken:
        if isinstance(step, str):
            service.request(step)
        elif isinstance(step, tuple):
            service.mute(step[0], *step[1], muted=step[2])
        else:
            service.post(step)
    log = service.store.events(service.catalog.ids)
    for person in ("ann", "ben", "eve"):
        held = {(one.column, one.value) for one in service.muted(person)}
        muted = [n for n in range(13) if any(service.catalog.column(column)[n] == value for column, value in held)]
        before = {person: Profile(muted=np.array(muted, np.int32))}
        same(service.request(person).profile, fold(log, before)[person])


@dataclass(frozen=True, eq=False)
class Interrupted(Store):
    """A store in which something happens just after a history was read, or just after an event was appended."""

    after_reading: list[Callable[[], object]] = field(default_factory=list)
    after_appending: list[Callable[[], object]] = field(default_factory=list)

    def past(self, users: Collection[str], ids: Ids) -> tuple[dict[str, Mark], Events, dict[str, list[Muting]]]:
        read = Store.past(self, users, ids)
        if self.after_reading:
            self.after_reading.pop()()
        return read

    def take(self, events: Iterable[Event]) -> Appended:
        appended = Store.take(self, events)
        if self.after_appending:
            self.after_appending.pop()()
        return appended


def test_what_a_remembered_person_does_is_folded_in_without_the_log_and_what_comes_late_with_it(
    pipeline: Pipeline, store: Store
):
    interrupted = Interrupted(store.engine)
    service, reads = Service(pipeline, interrupted), []
    service.request("tea3")
    interrupted.after_reading.append(lambda: reads.append("the log"))
    service.post([Event("tea3", "t3", "view", LATER + 1)])
    service.post([Event("tea3", "r1", "purchase", LATER + 2)])
    profile = service.request("tea3").profile
    assert [service.catalog.ids.names[item] for item in profile.recent[-2:]] == ["t3", "r1"]
    assert service.catalog.ids.number("r1") in profile.owned
    assert reads == []
    service.post([Event("tea3", "t1", "view", LATER)])
    recent = [service.catalog.ids.names[item] for item in service.request("tea3").profile.recent[-3:]]
    assert recent == ["t1", "t3", "r1"]
    assert reads == ["the log"]


def test_an_event_that_comes_while_the_history_is_read_is_not_lost(pipeline: Pipeline, store: Store):
    interrupted = Interrupted(store.engine)
    service = Service(pipeline, interrupted)
    interrupted.after_reading.append(lambda: service.post([Event("tea3", "t3", "purchase", LATER)]))
    service.request("tea3")
    assert pipeline.catalog.ids.number("t3") in service.request("tea3").profile.owned


def test_an_event_that_was_read_before_it_is_folded_is_not_folded_twice(pipeline: Pipeline, store: Store):
    interrupted = Interrupted(store.engine)
    service = Service(pipeline, interrupted)

    def another_is_posted_and_both_are_read() -> None:
        service.post([Event("new", "r1", "view", LATER)])
        service.request("new")

    interrupted.after_appending.append(another_is_posted_and_both_are_read)
    service.post([Event("new", "t1", "view", LATER)])
    recent = [service.catalog.ids.names[item] for item in service.request("new").profile.recent]
    assert recent == ["t1", "r1"], "in the order of the log"


def test_a_person_forgotten_while_the_history_is_read_is_not_kept(pipeline: Pipeline, store: Store):
    interrupted = Interrupted(store.engine)
    service = Service(pipeline, interrupted)
    interrupted.after_reading.append(lambda: service.forget("tea3"))
    service.request("tea3")
    assert service.request("tea3").profile is NOBODY


def test_threads_lose_nothing(service: Service, store: Store):
    things = goods.catalog().ids.names

    def shop(thread: int) -> int:
        shown = 0
        for turn in range(15):
            service.post([Event(f"guest{turn % 3}", things[(turn + thread) % 13], "view", LATER + turn)])
            shown += len(service.recommend(f"guest{turn % 3}", k=3).cards)
        return shown

    with ThreadPoolExecutor(4) as pool:
        shown = sum(pool.map(shop, range(4)))
    log = store.events(service.catalog.ids)
    assert len(log.since(LATER)) == 4 * 15
    assert sum(len(slate.items) for slate in store.shown()) == shown
    for guest in ("guest0", "guest1", "guest2"):
        same(service.request(guest).profile, fold(log)[guest])


# What else is asked


def test_similar_goods_are_of_a_kind_and_not_the_thing_itself(service: Service):
    found = ids(service.similar("t1", k=5))
    assert {item[0] for item in found} == {"t"}
    assert "t1" not in found


def test_a_search_finds_by_words(service: Service):
    assert ids(service.search("train station", k=1)) == ["r4"]
    assert ids(service.search("  station ", user="train0", k=1)) == ["r4"]


def test_a_portrait_says_what_was_done_last_first(service: Service):
    service.post([Event("tea0", "r1", "favourite", LATER), Event("tea0", "r2", "hide", LATER + 1)])
    portrait = service.user("tea0")
    assert (portrait.recent[0].item.item, portrait.recent[0].kind, portrait.recent[0].time) == ("r1", "favourite", LATER)
    assert len(portrait.owned) == 5
    assert [item.item for item in portrait.refused] == ["r2"]
    assert portrait.tastes == {"Tea": 5 / 6, "Trains": 1 / 6}
    assert portrait.last == LATER + 1


def test_people_are_listed_with_their_events(service: Service):
    assert service.people("tra", 2) == [("train0", 5), ("train1", 5)]


def test_a_trace_shows_what_each_stage_did(service: Service, pipeline: Pipeline):
    request = service.request("tea3", k=3, now=LATER)
    blended, policed, chosen, explained = service.trace(request)
    slates = [Slate()]
    for stage, offline in zip((blended, policed, chosen, explained), pipeline.stages, strict=True):
        slates = offline([request], slates)
        (slate,) = slates
        assert [step.item.item for step in stage.items] == [pipeline.catalog.ids.names[item] for item in slate.items]
        assert stage.count == len(slate)
    assert (blended.came, blended.went, policed.came, policed.went) == (blended.count, 0, 0, 5)
    assert {item.item for item in policed.gone} == {"t0", "t1", "t2", "t4", "t5"}
    assert [step.notes["before"] for step in chosen.items] == [step.was and step.was - 1 for step in chosen.items]
    assert policed.moved == 0, "to stand higher since others went is not to move"
    assert (explained.moved, explained.stage) == (0, "Explained")


@dataclass(frozen=True, eq=False)
class Fixed:
    """A stage that answers these items whatever it is given."""

    items: tuple[int, ...]

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        return [Slate(np.array(self.items, np.int32), np.zeros(len(self.items), np.float32)) for _ in slates]


def test_a_trace_tells_who_moved_from_who_stands_higher_since_others_went(pipeline: Pipeline, store: Store):
    service = Service(Pipeline((Fixed((0, 1, 2, 3, 4)), Fixed((9, 1, 4, 3))), pipeline.catalog), store)
    _, second = service.trace(service.request())
    assert (second.came, second.went, second.moved) == (1, 2, 2)
    assert [step.was for step in second.items] == [None, 2, 5, 4]
    assert [item.item for item in second.gone] == ["t0", "t2"]


def test_a_trace_records_nothing(service: Service, store: Store):
    service.trace(service.request("tea3"))
    assert store.shown() == []


# Bad input


def test_an_unknown_item_is_told_with_the_nearest(service: Service):
    with pytest.raises(UnknownItem, match="no item 'T10'; did you mean 't1'"):
        service.item("T10")
    with pytest.raises(UnknownItem, match="the shop has 13 items, such as 't0'"):
        service.recommend("tea0", about=["nothing like it"])


def test_a_search_needs_words(service: Service, store: Store):
    with pytest.raises(BadInput, match="a search needs words"):
        service.search("  ", user="tea0")
    assert store.shown() == []


def test_events_go_in_all_or_none(service: Service, store: Store):
    with pytest.raises(UnknownName):
        service.post([Event("new", "t1", "view", LATER), Event("new", "nothing", "view", LATER)])
    assert store.history("new") == []


@pytest.mark.parametrize("k", [0, -1, MOST + 1, 10**9])
def test_k_has_ends(service: Service, k: int):
    with pytest.raises(BadSetting, match="k is"):
        service.recommend("tea0", k=k)


def test_who_has_everything_gets_an_empty_slate(service: Service):
    service.post([Event("rich", item, "purchase", LATER) for item in goods.catalog().ids.names])
    assert ids(service.recommend("rich")) == []


def test_a_k_larger_than_the_shop_gives_all_that_is_left(service: Service):
    assert len(ids(service.recommend("tea0", k=MOST))) == 8


def test_a_missing_price_is_none(service: Service):
    assert service.item("x/1").price is None
    assert service.item("x/1").title == goods.SCRIPT
    assert service.facts("t0") == {"brand": "leaf"}
    assert plain(np.float32("inf")) is None


def test_columns_to_group_by_are_those_that_goods_share(service: Service):
    assert service.columns == ("brand", "category")


def test_a_log_may_hold_goods_that_the_pipeline_does_not_know(service: Service, store: Store):
    store.append([Event("tea3", "brand-new", "purchase", LATER)])
    assert ids(service.recommend("tea3", k=1, wish=Wish(0))) == ["t3"]


@pytest.mark.parametrize("n", [0, 1])
def test_a_shop_of_hardly_any_goods_answers(n: int, tmp_path: Path):
    catalog = Catalog(Ids(["only"][:n]), {"title": strings(["one"][:n])})
    pipeline = Plan((Popular(), Diversify())).fit(Dataset(catalog, no_events()), np.random.default_rng(0))
    with open_store(f"sqlite:///{tmp_path}/shop.db") as store:
        service = Service(pipeline, store)
        assert ids(service.recommend("anyone")) == ["only"][:n]
        with pytest.raises(UnknownItem):
            service.item("other")


# Mutes


def test_what_is_muted_is_shown_to_nobody_but_who_asks_for_it(service: Service):
    assert [item[0] for item in ids(service.recommend("tea3", k=13))].count("t") == 1
    service.post([Event("tea3", "t0", "return", LATER)])
    (muted,) = service.mute("tea3", "category", "Tea")
    assert (muted.column, muted.value, muted.goods) == ("category", "Tea", 6)
    assert sorted(ids(service.recommend("tea3", k=13))) == ["r0", "r1", "r2", "r3", "r4", "r5", "x/1"]
    assert ids(service.search("tea pot", user="tea3", k=1)) == ["t2"]
    assert "t3" in ids(service.similar("t1", user="tea3", k=13))
    assert "t3" not in ids(service.similar("r1", user="tea3", k=13))
    assert "t3" in ids(service.recommend("tea2", k=13)) or "t2" in ids(service.recommend("tea2", k=13)), "others see it"
    assert service.mute("tea3", "category", "Tea", muted=False) == ()
    assert "t3" in ids(service.recommend("tea3", k=13))


def test_what_is_muted_is_no_reason_for_showing_other_things(service: Service):
    """She looked at much tea and one train; without the tea, trains are what she likes."""
    service.post([Event("new", item, "view", LATER + place) for place, item in enumerate(["r0", "t0", "t1", "t2"])])
    service.mute("new", "category", "Tea")
    assert service.request("new").profile.recent.tolist() == [service.catalog.ids.number("r0")]
    assert {item[0] for item in ids(service.recommend("new", k=3, wish=Wish(0)))} == {"r"}
    service.post([Event("new", "t3", "view", LATER + 9)])
    assert service.request("new").profile.recent.tolist() == [service.catalog.ids.number("r0")]


def test_a_mute_outlives_the_server_and_goes_with_the_person(pipeline: Pipeline, service: Service, store: Store):
    service.mute("tea3", "brand", "leaf")
    again = Service(pipeline, store)
    assert not {"t0", "t1"} & set(ids(again.recommend("tea3", k=13)))
    assert again.forget("tea3")["mute"] == 1
    assert {"t0", "t1"} <= set(ids(again.recommend("tea3", k=13)))


def test_to_mute_again_or_to_take_back_what_is_not_muted_changes_nothing(service: Service, store: Store):
    for _ in range(2):
        service.mute("tea3", "brand", "leaf")
    service.mute("tea3", "brand", "clay", muted=False)
    assert len(store.mutings("tea3")) == 1


@pytest.mark.parametrize("muted", [True, False])
@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("brand", "leef", "no brand 'leef'; did you mean 'leaf'?"),
        ("brnd", "leaf", "no column to mute in 'brnd'; did you mean 'brand'?"),
    ],
)
def test_a_kind_that_the_shop_does_not_have_names_the_near_miss(
    service: Service, column: str, value: str, says: str, muted: bool
):
    with pytest.raises(UnknownName, match=re.escape(says)):
        service.mute("tea3", column, value, muted)


def renamed(pipeline: Pipeline, categories: list[str | None]) -> Pipeline:
    """The pipeline as another fit would have named its kinds."""
    return Pipeline(pipeline.stages, pipeline.catalog.with_column("category", strings(categories)))


def test_a_kind_that_a_later_fit_names_otherwise_stays_muted(pipeline: Pipeline, service: Service, store: Store):
    """Four of the six teas are `Hot drinks` now, with a train beside them; two are `Cloth`, with a train too."""
    service.mute("new", "category", "Tea")
    later = renamed(pipeline, ["Hot drinks"] * 4 + ["Cloth"] * 2 + ["Hot drinks", "Cloth"] + ["Trains"] * 4 + [None])
    now = Service(later, store)
    assert [(muted.value, muted.goods) for muted in now.muted("new")] == [("Tea", 7)]
    assert set(ids(now.recommend("new", k=13))) == {"r1", "r2", "r3", "r4", "r5", "x/1"}
    assert now.mute("new", "category", "Tea", muted=False) == ()


def test_a_kind_that_fell_apart_is_muted_by_the_goods_that_it_had(pipeline: Pipeline, service: Service, store: Store):
    service.mute("new", "category", "Tea")
    later = renamed(pipeline, ["a", "a", "b", "b", "c", "c", "a", "b", "c", "c", "c", "c", None])
    assert set(ids(Service(later, store).recommend("new", k=13))) == {"r0", "r1", "r2", "r3", "r4", "r5", "x/1"}


def test_a_trace_says_by_which_rule_a_thing_went(service: Service):
    service.mute("tea3", "brand", "iron")
    policed = service.trace(service.request("tea3", k=3))[1]
    rules = dict(zip((item.item for item in policed.gone), policed.rules, strict=True))
    assert rules == {**dict.fromkeys(["t0", "t1", "t2", "t4", "t5"], "owned"), **dict.fromkeys(["r0", "r1"], "muted")}


def test_what_is_muted_does_not_leave_the_slate_short(store: Store):
    """Each part looks only at the two goods most like hers, and all six of that kind are muted."""
    plan = Plan((Semantic(encoder="hash:64", depth=2), Policy()), (Embed(encoder="hash:64"),))
    service = Service(plan.fit(goods.dataset(), np.random.default_rng(0)), store)
    service.post([Event("new", "t1", "view", LATER), Event("new", "r1", "view", LATER + 1)])
    service.mute("new", "category", "Tea")
    assert len(ids(service.recommend("new", k=2))) == 2


# Exposure


def test_what_everybody_is_shown_grows_dear_while_the_shop_is_open(store: Store):
    """Strangers all see the most popular goods, until those have been shown too often; searching moves nothing."""
    fitted = Plan((Popular(), Exposure(strength=3.0), Diversify())).fit(goods.dataset(), np.random.default_rng(0))
    popular, priced, varied = fitted.stages
    assert isinstance(priced, Priced)
    free = replace(priced, prices=np.zeros_like(priced.prices), step=0.05)
    service = Service(Pipeline((popular, free, varied), fitted.catalog), store)
    first = ids(service.recommend("stranger", k=3))
    for _ in range(SLATES):
        service.search("tea", k=3)
    assert ids(service.recommend("stranger", k=3)) == first
    for _ in range(SLATES - 2):
        assert ids(service.recommend("stranger", k=3)) == first
    assert ids(service.recommend("stranger", k=3)) != first


def test_a_pipeline_that_nothing_moves_stays_the_same_object(service: Service):
    before = service.pipeline
    for _ in range(SLATES):
        service.recommend("stranger", k=1)
    assert service.pipeline is before
