from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.arrays import strings
from assortment.core.blend import Blended
from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput
from assortment.core.pipeline import Pipeline
from assortment.core.profile import NOBODY
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.core.stage import Stage
from assortment.diversify.stage import Diversify
from assortment.evaluate.lost import Gone, Lost, Part, Remover, Rule, Spread, lost
from assortment.evaluate.verdict import verdict
from assortment.guard.policy import Policy
from assortment.parts import default_plan
from tests import world

RNG = np.random.default_rng(0)
KINDS = ["drink", "drink", "china", "china", "cloth", "drink"] + ["train"] * 4 + [None, "train|china"]
"""The category of t0 … t5 and r0 … r5."""


@dataclass(frozen=True)
class Finds:
    """A retriever that finds the same goods for everybody, and gives what it is given no score."""

    items: tuple[int, ...]

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        found = Slate(np.array(self.items, np.int32), np.linspace(2, 1, len(self.items)).astype(np.float32))
        return [slate.scored(np.zeros(len(slate))) if len(slate) else found for slate in slates]


def catalog(*, labels: bool = True, vectors: bool = True) -> Catalog:
    """The known goods; the vector of each points where its first letter does, and no other way."""
    goods = world.catalog()
    goods = goods.with_column("category", strings(KINDS)) if labels else goods
    return goods.with_column("vector", np.repeat(np.eye(2, dtype=np.float32), 6, axis=0)) if vectors else goods


def told(stages: Mapping[str, Stage], *requests: Request, goods: Catalog | None = None) -> Lost:
    return lost(Pipeline(tuple(stages.values()), goods or catalog()), requests, list(stages))


def owner(*items: int, refused: Sequence[int] = ()) -> Request:
    """Somebody who bought and refused things, and asks for three."""
    deeds = [(item, "purchase") for item in items] + [(item, "hide") for item in refused]
    profile = reduce(lambda person, deed: person.after(*deed[1], deed[0]), enumerate(deeds, 1), NOBODY)
    return Request(profile=profile, k=3)


def policy(**settings) -> Stage:
    return Policy(**settings).fit(world.dataset(goods=catalog()), RNG)


def test_the_policy_takes_a_whole_kind_and_part_of_another():
    """t2, t3 are all the china found, and t0 some of the drink: one kind is gone, not the two that she has."""
    found = told({"found": Finds((0, 1, 2, 3, 4)), "policy": policy()}, owner(0, 2, 3))
    assert found.column == "category"
    first, second = found.steps
    assert first.all == Spread(5, 3, pytest.approx(1))
    assert first.first == Spread(3, 2, pytest.approx(1))
    assert (first.came, first.went, first.room, first.chose) == (5, 0, 3, False)
    assert second.all == second.first == Spread(2, 2, pytest.approx(1))
    assert (second.came, second.went, second.kinds_went, second.room) == (0, 3, 1, 2)
    assert second.gone == (Gone("china", 1),)
    assert second.rules == (Rule("owned", goods=3, first=2, kinds=1),)


def test_a_kind_that_two_rules_take_together_is_neither_ones():
    found = told({"found": Finds((2, 3, 4)), "policy": policy()}, owner(2, refused=[3]))
    step = found.steps[1]
    assert step.kinds_went == 1
    assert [(rule.name, rule.goods, rule.kinds) for rule in step.rules] == [("owned", 1, 0), ("refused", 1, 0)]


def test_a_label_of_several_counts_as_several_and_one_that_is_missing_as_none():
    found = told({"found": Finds((10, 11))}, owner())
    assert found.steps[0].all == Spread(2, 2, pytest.approx(1))


def test_numbers_are_means_over_people_and_a_list_of_one_is_not_alike():
    """One keeps five goods, the other one only, whose redundancy is not known."""
    found = told({"found": Finds((0, 1, 2, 6, 7)), "policy": policy()}, owner(), owner(0, 1, 2, 6))
    assert (found.people, found.strangers) == (2, 1)
    step = found.steps[1]
    assert step.all == Spread(3, 2, pytest.approx(4 / 10))
    assert step.gone == (Gone("china", 0.5), Gone("drink", 0.5))
    assert step.rules == (Rule("owned", goods=2, first=1.5, kinds=1),)
    assert told({"found": Finds((0,))}, owner()).steps[0].all.redundancy is None


def test_the_kinds_that_most_people_lost_are_named_first():
    found = told({"found": Finds((0, 2, 4, 6)), "policy": policy()}, owner(6), owner(2, 6), owner(2, 6, 0))
    assert found.steps[1].gone == (Gone("train", 1), Gone("china", pytest.approx(2 / 3)), Gone("drink", pytest.approx(1 / 3)))


def test_each_part_of_a_blend_brings_what_no_other_brings():
    """Both find drink; the one adds cloth and china, the other trains."""
    blend = Blended((Finds((0, 4, 2)), Finds((1, 6))), ("one", "other"), (1.0, 1.0), 10)
    (step,) = told({"blend": blend}, replace(owner(), k=2)).steps
    assert step.all == Spread(5, 4, pytest.approx(6 / 10))
    assert step.parts == (
        Part("one", Spread(3, 3, pytest.approx(1)), Spread(2, 2, pytest.approx(1)), only=2),
        Part("other", Spread(2, 2, pytest.approx(0)), Spread(2, 2, pytest.approx(0)), only=1),
    )


@dataclass(frozen=True)
class Halves:
    """A stage that takes the second half of what it is given, and does not say why."""

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        return [slate.take(np.arange(len(slate) // 2)) for slate in slates]


@dataclass(frozen=True)
class Same:
    """A stage that changes nothing."""

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        return [slate.noted("seen", np.ones(len(slate))) for slate in slates]


def test_what_goes_without_a_reason_is_told_and_a_stage_that_changes_nothing_is_not():
    found = told({"found": Finds((0, 2, 4, 6)), "same": Same(), "halves": Halves(), "policy": policy()}, owner())
    assert [step.stage for step in found.steps] == ["found", "halves", "policy"]
    assert found.steps[1].rules == (Rule("no reason given", goods=2, first=1, kinds=2),)
    assert found.steps[2].rules == ()


def test_people_who_ask_for_different_numbers_of_goods_have_no_first_k_in_common():
    for requests in ([], [Request(k=1), Request(k=2)]):
        with pytest.raises(BadInput, match="as many goods"):
            told({"found": Finds((0,))}, *requests)


def test_many_people_are_told_of_as_few_are():
    requests = [owner(0), owner(2, 3), Request(k=3)]
    stages = {"found": Finds((0, 2, 3, 4)), "policy": policy()}
    few, many = told(stages, *requests), told(stages, *requests * 40)
    assert replace(many, people=3, strangers=1, steps=()) == replace(few, steps=())
    for one, other in zip(few.steps, many.steps, strict=True):
        assert one.all.goods == pytest.approx(other.all.goods)
        assert one.all.redundancy == pytest.approx(other.all.redundancy)
        assert [rule.kinds for rule in one.rules] == pytest.approx([rule.kinds for rule in other.rules])
        assert one.gone == other.gone


# What rules say, and what goes

PLAN = default_plan(encoder="hash:64")
DATA = world.dataset(goods=world.catalog().with_column("category", strings(KINDS)))
FITTED = replace(PLAN, stages=(*PLAN.stages[:-2], replace(PLAN.stages[-2], pool=5), PLAN.stages[-1])).fit(DATA, RNG)
ITEM = st.integers(0, 11)


@given(
    deeds=st.lists(st.tuples(ITEM, st.sampled_from(["purchase", "view", "hide"]), st.integers(1, 9)), max_size=6),
    about=st.lists(ITEM, max_size=2),
    words=st.sampled_from(["", "tea"]),
    k=st.integers(1, 14),
    wish=st.builds(
        Wish,
        st.none() | st.floats(0, 1),
        st.dictionaries(st.sampled_from(["brand", "category"]), st.sampled_from([0.3, 1, 2])),
        st.dictionaries(st.just("category"), st.integers(1, 6)),
        st.just({}),
        st.none() | st.floats(0, 1),
    ),
    items=st.lists(ITEM, unique=True),
)
def test_what_the_rules_of_a_stage_say_they_take_is_what_goes(deeds, about, words, k, wish, items):
    profile = reduce(lambda person, deed: person.after(*deed), deeds, NOBODY)
    request = Request("u", 10, profile, k, tuple(about), words, wish)
    slate = Slate(np.array(items, np.int32), np.linspace(2, 1, len(items)).astype(np.float32))
    for stage in filter(lambda stage: isinstance(stage, Remover), FITTED.stages):
        (after,) = stage([request], [slate])
        rows = np.concatenate([np.empty(0, np.int64), *stage.removed(request, slate).values()])
        assert len(np.unique(rows)) == len(rows), "each row goes by one rule"
        assert set(np.delete(slate.items, rows).tolist()) == set(after.items.tolist())


def test_the_rules_of_the_whole_default_pipeline_account_for_everything_that_goes():
    profiles = DATA.profiles()
    requests = [Request(person, DATA.now, profiles[person], k=3) for person in world.PEOPLE]
    found = lost(FITTED, requests, [type(stage).__name__ for stage in FITTED.stages])
    assert [step.stage for step in found.steps] == ["Blended", "Policed", "Diversified"]
    for before, after in pairwise(found.steps):
        assert before.all.goods - after.went + after.came == pytest.approx(after.all.goods)
        assert sum(rule.goods for rule in after.rules) == pytest.approx(after.went)
        assert sum(rule.kinds for rule in after.rules) <= after.kinds_went + 1e-9


# The verdict


def diversify(**settings) -> Stage:
    return Diversify(**settings).fit(world.dataset(goods=catalog()), RNG)


def test_the_verdict_on_goods_that_are_owned_says_that_they_may_be_bought_again():
    said = verdict(told({"found": Finds((0, 2, 3, 4)), "policy": policy()}, owner(2, 3)))
    assert said == (
        "found found 3 kinds (category) among 4 goods; the first 3 by relevance hold 2 of them.",
        "policy took 1 kind altogether, all owned.",
        "Most variety was lost at found's order by relevance: 3 to 2 kinds.",
        "How alike the first 3 are (redundancy): 1.00 by relevance, 1.00 in the end.",
        "Way out: set `again = true` in `policy` if people buy the same goods again.",
    )


def test_the_verdict_names_the_stage_that_loses_most_and_the_one_that_wins_most():
    """Of china, cloth, drink and trains the first three are drink; halves leaves four, and diversify brings trains."""
    stages = {"found": Finds((0, 1, 5, 6, 7, 2, 3, 4)), "halves": Halves(), "diversify": diversify(diversity=0.9)}
    said = verdict(told(stages, owner()))
    assert said[0].endswith("the first 3 by relevance hold 1 of them; after diversify it is 2.")
    assert said[1] == "halves took 2 kinds altogether, all no reason given."
    assert said[2] == "Most variety was lost at found's order by relevance: 3 to 1 kind."
    assert said[3] == "Most variety was won at diversify: 1 to 2 kinds."
    assert said[-1] == "Way out: see what `halves` says of `no reason given`."


@pytest.mark.parametrize(
    ("stages", "way"),
    [
        ({}, "add `diversify` to the plan"),
        (
            {"diversify": {"diversity": 0.0}},
            "raise `diversity` in `diversify` (0 now), or ask for `at_least`",
        ),
        (
            {"diversify": {"at_least": {"category": 3}}},
            "none is needed, as the first 3 hold nearly every kind that they could",
        ),
    ],
)
def test_the_way_out_is_the_setting_that_keeps_back_the_kinds_that_were_found(stages, way):
    chosen = {name: diversify(**settings) for name, settings in stages.items()}
    said = verdict(told({"found": Finds((0, 1, 5, 6, 7, 2, 3, 4)), "policy": policy(), **chosen}, owner()))
    assert said[-1].startswith(f"Way out: {way}")
    assert "give it other parts" not in said[-1]
    assert not any("diversify took" in sentence for sentence in said), "to choose a few is to take the rest"


def test_a_rule_is_the_way_out_only_where_it_took_at_least_half_of_what_is_missing():
    """Each is shown drink alone, of three kinds found; the cloth that the one owns is a quarter of what is missing."""
    said = verdict(told({"found": Finds((0, 1, 5, 2, 4)), "policy": policy()}, owner(), owner(4)))
    assert said[1] == "policy took 0.5 kinds altogether, all owned."
    assert said[-1] == "Way out: add `diversify` to the plan."


def test_a_rule_that_took_most_of_the_kinds_is_told_from_one_that_took_all():
    found = told({"found": Finds((0, 2, 3, 4, 6)), "policy": policy()}, owner(2, 3, 6, refused=[4]))
    assert verdict(found)[1] == "policy took 3 kinds altogether, most owned."


def test_a_column_that_we_derived_is_asked_for_by_the_name_that_a_wish_may_use():
    goods = catalog(labels=False).with_column("derived_category", strings(KINDS))
    chosen = Diversify().fit(world.dataset(goods=goods), RNG)
    said = verdict(told({"found": Finds((0, 1, 5, 2)), "diversify": chosen}, owner(), goods=goods))
    assert said[0].startswith("found found 2 kinds (derived_category)")
    assert said[-1].endswith("so many different `category`.")


def test_where_the_candidates_are_all_of_a_kind_the_retrievers_must_find_more():
    said = verdict(told({"found": Finds((0, 1, 5))}, owner()))
    assert "give it other parts" in said[-1]


def test_goods_without_labels_are_told_by_how_alike_they_are_and_goods_without_anything_by_the_way_out():
    stages = {"found": Finds((0, 1, 2, 6))}
    bare = told(stages, owner(), goods=catalog(labels=False))
    assert bare.column is None
    assert bare.steps[0].all == Spread(4, None, pytest.approx(0.5))
    assert bare.steps[0].kinds_went is bare.steps[0].room is None
    assert verdict(bare)[1:] == (
        "How alike the first 3 are (redundancy): 1.00 by relevance, 1.00 in the end.",
        "Way out: add `diversify` to the plan.",
    )
    nothing = told(stages, owner(), goods=catalog(labels=False, vectors=False))
    assert "`embed`" in verdict(nothing)[-1]


def test_who_is_offered_nothing_is_told_so():
    assert verdict(told({"found": Finds(())}, owner()))[0] == "No stage found any goods."


def test_a_cap_takes_the_rest_of_a_kind_and_the_pool_what_lies_beyond_it():
    """Of the best three drinks, two china and a train, one drink and one china may stand; the train lies beyond the pool."""
    stages = {"found": Finds((0, 1, 5, 2, 3, 6)), "diversify": diversify(at_most={"category": 1}, pool=5)}
    found = told(stages, replace(owner(), k=2))
    step = found.steps[1]
    assert step.chose
    assert step.first == Spread(2, 2, pytest.approx(1))
    assert step.rules == (Rule("pool", goods=1, first=0, kinds=1), Rule("at_most category", goods=3, first=1, kinds=0))
    assert "Most variety was won at diversify: 1 to 2 kinds." in verdict(found)


def test_a_cap_that_is_not_full_takes_nothing_and_the_floor_takes_before_the_caps():
    """Relevance falls by a fifth from 1 to 0: below 0.5 are 2, 3 and 6, the drinks 1 and 5 are above it."""
    slate = Slate(np.array((0, 1, 5, 2, 3, 6), np.int32), np.linspace(2, 1, 6).astype(np.float32))
    stage = diversify(at_most={"category": 2}, floor=0.5)
    removed = stage.removed(Request(k=2), slate)
    assert {rule: rows.tolist() for rule, rows in removed.items()} == {
        "pool": [],
        "floor": [3, 4, 5],
        "at_most category": [2],
        "less relevant or too alike": [],
    }
    one = stage.removed(Request(k=1), slate)
    assert one["at_most category"].tolist() == []
    assert one["less relevant or too alike"].tolist() == [1, 2]


def test_where_the_wish_cannot_be_met_within_the_pool_all_are_looked_at_and_none_goes_by_it():
    slate = Slate(np.array((0, 1, 5, 2, 6), np.int32), np.linspace(2, 1, 5).astype(np.float32))
    stage = diversify(at_least={"category": 2}, pool=2)
    assert stage.removed(Request(k=2), slate)["pool"].tolist() == []
    assert stage.removed(Request(k=2, wish=Wish(at_least={"category": 1})), slate)["pool"].tolist() == [2, 3, 4]


def test_where_the_floor_gave_way_for_a_cap_it_is_the_cap_that_takes():
    """Only one drink may stand, and the china that stands with it lies below the floor, below both other drinks."""
    slate = Slate(np.array((0, 1, 5, 2, 3), np.int32), np.linspace(2, 1, 5).astype(np.float32))
    removed = diversify(floor=0.9, at_most={"category": 1}).removed(Request(k=2), slate)
    assert {rule: rows.tolist() for rule, rows in removed.items() if len(rows)} == {"floor": [4], "at_most category": [1, 2]}


def test_the_pool_that_keeps_kinds_out_of_reach_is_what_to_raise():
    stages = {"found": Finds((0, 1, 5, 2, 4, 6)), "diversify": diversify(diversity=0.5, pool=3)}
    assert verdict(told(stages, owner()))[-1] == "Way out: raise `pool` in `diversify`."


def test_a_pool_that_leaves_kinds_enough_is_not_what_to_raise():
    """Of three kinds two lie within the pool, which is as many as two places can show."""
    stages = {"found": Finds((0, 1, 5, 2, 4, 6)), "diversify": diversify(diversity=0.01, pool=4)}
    asked = replace(owner(), k=2)
    said = verdict(told(stages, asked))[-1]
    assert said.startswith("Way out: raise `diversity`"), said
