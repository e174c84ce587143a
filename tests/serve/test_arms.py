"""The service in the middle of an experiment."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assortment.core.arrays import Ids
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.events import Event
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.request import Wish
from assortment.core.save import load, save
from assortment.experiment.assign import assigned, exposed
from assortment.experiment.book import Book
from assortment.experiment.definition import Arm, Experiment
from assortment.experiment.interleave import FIRST, SECOND
from assortment.experiment.interleaved import teams
from assortment.parts import known_classes
from assortment.retrieve.popular import Popular
from assortment.serve.answers import Answer
from assortment.serve.service import Service
from assortment.store.sql import Store
from tests import world
from tests.serve import goods

VARIED = Experiment("more", (Arm("as-is", wish=Wish(0)), Arm("varied", wish=Wish(1))))


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "experiments", lambda folder: load(folder, known_classes()))


@pytest.fixture
def service(pipeline: Pipeline, store: Store, book: Book) -> Service:
    return Service(pipeline, store, version="v1", book=book)


def ids(answer: Answer) -> list[str]:
    return [card.item.item for card in answer.cards]


def test_people_get_the_slate_of_their_arm_and_it_is_recorded(service: Service, store: Store, book: Book):
    begun = book.start(VARIED, 1)
    for person in world.PEOPLE:
        answer = service.recommend(person, k=4)
        arm = assigned(begun, person)
        assert arm is not None
        assert exposed(store.shown(answer.slate)[0].arm, "more") == arm.name
        assert ids(answer) == ids(Service(service.pipeline, store).recommend(person, k=4, wish=arm.wish))
    assert {assigned(begun, person).name for person in world.PEOPLE} == {"as-is", "varied"}


def test_who_brings_a_wish_of_their_own_or_no_name_is_not_exposed(service: Service, book: Book):
    book.start(VARIED, 1)
    assert service.recommend("tea1", wish=Wish(0.5)).arm == "v1"
    assert service.similar("t1", user="tea1").arm == "v1"
    assert service.recommend("").arm == "v1"
    assert service.recommend("tea1", wish=Wish(at_most={"brand": 1})).arm.startswith("v1 more=")


def test_after_the_end_everybody_gets_what_serves(service: Service, book: Book):
    book.start(VARIED, 1)
    assert service.recommend("tea1").arm.startswith("v1 more=")
    book.stop("more", 2)
    assert service.recommend("tea1").arm == "v1"


def test_only_slates_on_which_the_arms_differ_count_where_that_is_asked(service: Service, book: Book):
    book.start(replace(VARIED, only_where_different=True), 1)
    assert service.recommend("tea1", k=13).arm.startswith("v1 more="), "all goods, in another order"
    shown = [service.recommend(person, k=1) for person in world.PEOPLE]
    assert {answer.arm for answer in shown} == {"v1"}, "the first item is the most relevant in both arms"


def test_two_layers_add_up(service: Service, book: Book, store: Store):
    book.start(VARIED, 1)
    book.start(Experiment("brands", (Arm("free"), Arm("few", wish=Wish(at_most={"brand": 1}))), layer="pages"), 2)
    answer = service.recommend("tea1", k=4)
    assert {exposed(answer.arm, "more"), exposed(answer.arm, "brands")} <= {"as-is", "varied", "free", "few"}
    few = next(p for p in world.PEOPLE if exposed(service.recommend(p).arm, "brands") == "few")
    brands = [service.facts(item)["brand"] for item in ids(service.recommend(few, k=4))]
    assert len(set(brands)) == len(brands)


def test_an_arm_of_other_recipes_that_know_other_goods_speaks_our_ids(service: Service, book: Book, tmp_path: Path):
    """The arm's pipeline was fitted on goods in another order, one of ours is missing, and one of its own is not ours."""
    ours = goods.catalog()
    names = [name for name in reversed(ours.ids.names) if name != "t1"]
    rows = [*ours.ids.numbers(names), 0]
    theirs = Catalog(Ids([*names, "new"]), {name: column[rows] for name, column in ours.columns.items()})
    bought = [event for event in world.purchases() if event.item != "t1"] + [
        Event("z", "new", "purchase", 2 * world.START)
    ] * 40
    pipeline = Plan((Popular(),)).fit(Dataset(theirs, world.log(bought, theirs)), np.random.default_rng(0))
    for arm in ("a", "aa-b"):
        save(pipeline, tmp_path / arm)
    book.start(Experiment("whose", (Arm("a"), Arm("aa-b"))), 1, {arm: tmp_path / arm for arm in ("a", "aa-b")})
    answer = service.recommend("tea3", k=20)
    assert answer.arm.startswith("v1 whose=")
    assert set(ids(answer)) <= set(names)
    assert len(answer.cards) == len(pipeline([service.request("x", k=20)])[0].items) - 1


BOTH = Experiment("both", (Arm("as-is", wish=Wish(0)), Arm("varied", wish=Wish(1))), interleaved=True)


def test_an_interleaved_slate_holds_the_picks_of_both_and_says_whose_they_are(service: Service, store: Store, book: Book):
    book.start(BOTH, 1)
    for person in world.PEOPLE:
        answer = service.recommend(person, k=6)
        team = teams(exposed(store.shown(answer.slate)[0].arm, "both") or "")
        alone = [ids(service.recommend(person, k=6, wish=arm.wish)) for arm in BOTH.arms]
        assert len(team) == len(set(ids(answer))) == 6
        for side, ranked in ((FIRST, alone[0]), (SECOND, alone[1])):
            picks = [item for item, one in zip(ids(answer), team, strict=True) if one == side]
            assert set(picks) <= set(ranked)
        assert abs(int((team == FIRST).sum()) - int((team == SECOND).sum())) <= 1
        assert team[0] == 0, "the most relevant good is the first of both"


def test_an_interleaved_slate_is_the_same_for_the_same_moment_and_who_begins_changes(service: Service, book: Book):
    book.start(BOTH, 1)
    requests = [service.request("tea1", k=6, now=world.START + 100 * world.DAY + n) for n in range(20)]
    once, again = ([(ids(one), one.arm) for one in map(service.choose, requests)] for _ in range(2))
    assert once == again
    assert {arm for _, arm in once} == {"v1 both=~000012", "v1 both=~000021"}


def test_where_a_rule_holds_nothing_is_interleaved(service: Service, book: Book):
    book.start(BOTH, 1)
    capped = service.recommend("tea1", k=4, wish=Wish(at_most={"brand": 1}))
    assert capped.arm == "v1"
    brands = [service.facts(item)["brand"] for item in ids(capped)]
    assert len(set(brands)) == len(brands)


def test_only_one_experiment_is_interleaved_at_a_time(book: Book):
    book.start(BOTH, 1)
    with pytest.raises(BadSetting, match="'both' is interleaved, too"):
        book.start(replace(BOTH, name="other", layer="pages"), 2)
    with pytest.raises(BadSetting, match="takes two arms"):
        replace(BOTH, arms=(*BOTH.arms, Arm("third", wish=Wish(0.5))))
