"""Prices that spread what people are shown over more goods."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assortment.core.arrays import Ids, best_first, strings
from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput, BadSetting, UnknownName
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.evaluate.spread import coverage, gini
from assortment.guard.exposure import BATCH, PLACES, RATE, ROUNDS, Exposure, Priced
from assortment.guard.policy import Policy
from assortment.parts import known_classes
from assortment.retrieve.neighbours import ItemNeighbours
from assortment.retrieve.popular import Popular
from assortment.testing import check_batch, check_future, check_saved, check_slates
from tests import world

RNG = np.random.default_rng(0)
STRANGER = Request("nobody")


def three(prices=(0.1, 0.0), strength=1.0) -> Priced:
    """Items 0 and 1 are of one seller, item 2 of another; each may have its equal share of the exposure."""
    return Priced(
        np.array(prices, np.float32), np.array([0, 0, 1], np.int32), np.array([2 / 3, 1 / 3], np.float32), strength, 0.5
    )


def slate(scores) -> Slate:
    return Slate(np.arange(len(scores), dtype=np.int32), np.array(scores, np.float32))


def test_a_price_moves_by_the_exposure_above_the_target():
    """Item 0 stands first, item 2 second: exposures 1 and .6309 of 1.6309, targets 1.0873 and .5436.

    By plain counts, one place each, both prices would move by a sixth.
    """
    np.testing.assert_allclose(three().after(np.array([0, 2])).prices, [0.1 - 0.04365, 0.04365], atol=1e-5)


def test_a_place_further_down_is_seen_less():
    """The same two goods on two slates, both first: exposures 1 and 1 of 2, targets 4/3 and 2/3."""
    moved = three().after(np.array([0, 2]), np.array([0, 0]))
    np.testing.assert_allclose(moved.prices, [0, 1 / 6], atol=1e-5)


def test_what_goes_unshown_grows_cheap_and_the_stage_before_stays_as_it_was():
    before = three((0.3, 0.3))
    after = before.after(np.array([1]))
    np.testing.assert_allclose(after.prices, [0.3 + 1 / 6, 0.3 - 1 / 6], atol=1e-6)
    np.testing.assert_allclose(before.prices, [0.3, 0.3])
    assert before.after(np.empty(0, np.int32)).prices.tolist() == before.prices.tolist()


@given(
    arrays(np.int32, st.integers(0, 40), elements=st.integers(0, 2)),
    st.tuples(st.floats(0, 0.7), st.floats(0, 0.7)),
)
def test_a_price_is_never_below_nothing_and_never_above_the_strength(shown, prices):
    moved = three(prices, 0.7).after(shown).prices
    assert np.all((moved >= 0) & (moved <= np.float32(0.7)))


@given(st.lists(st.permutations([0, 1, 2]), min_size=1, max_size=6))
def test_slates_shown_one_by_one_move_the_prices_as_all_at_once(slates):
    """As long as no price meets a bound."""
    far = three((50.0, 50.0), 100.0)
    one_by_one = far
    for shown in slates:
        one_by_one = one_by_one.after(np.array(shown))
    at_once = far.after(np.concatenate(slates).astype(np.int64), np.tile(np.arange(3), len(slates)))
    np.testing.assert_allclose(one_by_one.prices, at_once.prices, atol=1e-4)


def test_an_item_that_the_catalog_has_not_cannot_have_been_shown():
    for wrong in (-1, 3):
        with pytest.raises(BadInput, match="from 0 to 2"):
            three().after(np.array([0, wrong]))


def test_scores_fall_by_the_price_in_deviations_of_the_slate():
    """Deviation of 4, 3, 2: .8165. At a price of 1.5 the first falls to 2.7753, behind the second, before the third."""
    (priced,) = three((0.0, 0.0))([STRANGER], [slate([4, 3, 2])])
    assert priced.items.tolist() == [0, 1, 2]
    dear = Priced(np.array([1.5, 0, 0], np.float32), np.arange(3, dtype=np.int32), np.ones(3, np.float32), 2, 1)
    (priced,) = dear([STRANGER], [slate([4, 3, 2])])
    assert priced.items.tolist() == [1, 0, 2]
    np.testing.assert_allclose(priced.scores, [3, 2.7753, 2], atol=1e-4)
    np.testing.assert_allclose(priced.notes["price"], [0, 1.5, 0])


@given(st.floats(0.01, 100), st.floats(-50, 50))
def test_the_scale_of_the_scores_is_nothing_to_the_prices(scale, shift):
    dear = Priced(np.array([0.9, 0, 0.3, 0], np.float32), np.arange(4, dtype=np.int32), np.ones(4, np.float32), 2, 1)
    scores = np.array([4, 3, 2.5, 1])
    (one,), (other,) = dear([STRANGER], [slate(scores)]), dear([STRANGER], [slate(scores * scale + shift)])
    assert one.items.tolist() == other.items.tolist()


def test_what_lies_far_below_does_not_make_prices_dearer():
    """Goods past the first 60 are not asked how far apart a slate is."""
    dear = Priced(np.eye(1, 61, dtype=np.float32)[0], np.arange(61, dtype=np.int32), np.ones(61, np.float32), 2, 1)
    scores = np.append(np.linspace(10, 0, 60), -1e4)
    (priced,) = dear([STRANGER], [slate(scores)])
    assert priced.items[-1] == 60
    assert priced.scores[priced.items == 0] == pytest.approx(10 - scores[:60].std(), abs=1e-4)


def test_who_asks_for_something_gets_it_at_no_price():
    dear = three((1.0, 0.0))
    for request in (Request(words="the first"), Request(about=(2,))):
        (priced,) = dear([request], [slate([3, 2.9, 2.8])])
        assert priced.items.tolist() == [0, 1, 2]
        assert priced.notes["price"].tolist() == [0, 0, 0]


@dataclass(frozen=True)
class Tastes:
    """Ranks all the goods for everybody by scores that nothing explains, the first goods above the others."""

    goods: int

    def fit(self, dataset, rng) -> "Tastes":
        return self

    def __call__(self, requests, slates) -> list[Slate]:
        said = [self.scores(request.user) for request in requests]
        return [slate(scores).take(best_first(scores, self.goods)) for scores in said]

    def scores(self, user: str) -> np.ndarray:
        drawn = np.random.default_rng(list(user.encode())).normal(size=self.goods)
        return (drawn - np.arange(self.goods) / 4).astype(np.float32)


def shop_of_one_favourite(people: int = 400, goods: int = 40, seed: int = 3):
    """Everybody bought the first goods, and two others at random: without prices all are shown the same."""
    rng = np.random.default_rng(seed)
    chance = 1 / np.arange(1, goods + 1)
    events = [
        world.Event(f"u{person}", f"i{item}", "purchase", world.START + person * 1000)
        for person in range(people)
        for item in rng.choice(goods, 3, replace=False, p=chance / chance.sum())
    ]
    sellers = strings([f"s{item % 4}" if item % 5 else None for item in range(goods)])
    return world.dataset(events, Catalog(Ids([f"i{item}" for item in range(goods)]), {"seller": sellers}))


UPSTREAM = (ItemNeighbours(), Policy())


def exposures(pipeline: Pipeline, dataset) -> np.ndarray:
    """How often each item stands on a slate of five, over everybody."""
    asked = [Request(name, dataset.now, profile, k=5) for name, profile in dataset.profiles().items()]
    return np.bincount(np.concatenate([slate.items[:5] for slate in pipeline(asked)]), minlength=len(dataset.catalog))


def test_the_gini_falls_and_the_coverage_rises_the_more_the_stronger():
    dataset = shop_of_one_favourite()
    spread = [
        exposures(Plan((*UPSTREAM, Exposure(strength=strength, target=1.0))).fit(dataset, np.random.default_rng(0)), dataset)
        for strength in (0.0, 0.3, 3.0)
    ]
    ginis = [float(gini(exposure)) for exposure in spread]
    assert ginis[1] < ginis[0] - 0.03
    assert ginis[2] < ginis[1] - 0.1
    assert coverage(spread[2]) >= coverage(spread[0])


def test_strength_0_changes_nothing():
    dataset = shop_of_one_favourite()
    pipeline = Plan((*UPSTREAM, Exposure(strength=0))).fit(dataset, np.random.default_rng(0))
    asked = [Request(name, dataset.now, profile) for name, profile in dataset.profiles().items()]
    before = Pipeline(pipeline.stages[:2], pipeline.catalog)(asked)
    for one, other in zip(pipeline.stages[2](asked, before), before, strict=True):
        assert one.items.tolist() == other.items.tolist()
        assert one.scores.tolist() == other.scores.tolist()


def test_what_is_learnt_is_what_moving_the_prices_slate_by_slate_gives():
    """Twelve people are one batch: in each round all are shown their slates at the prices of the round before."""
    dataset = world.dataset()
    recipe = Exposure("brand", strength=0.4)
    *upstream, learnt = Plan((Tastes(12), recipe)).fit(dataset, np.random.default_rng(0)).stages
    assert len(dataset.profiles()) < BATCH
    names = sorted(set(dataset.catalog.column("brand")))
    seller = [names.index(brand) for brand in dataset.catalog.column("brand")]
    requests = [Request(name, dataset.now, profile) for name, profile in dataset.profiles().items()]
    slates = Pipeline(tuple(upstream), dataset.catalog)(requests)
    prices = [0.0] * 6
    for _ in range(ROUNDS):
        exposure = [0.0] * 6
        for candidates in slates:
            spread = float(np.std(candidates.scores))
            scores = [score - prices[seller[i]] * spread for i, score in zip(candidates.items, candidates.scores, strict=True)]
            order = sorted(range(len(scores)), key=lambda row, scores=scores: -scores[row])
            for place, row in enumerate(order[:PLACES]):
                exposure[seller[candidates.items[row]]] += 1 / np.log2(place + 2)
        total = sum(exposure)
        for group in range(6):
            above = exposure[group] - total * seller.count(group) / 12
            prices[group] = min(0.4, max(0.0, prices[group] + learnt.step * above))
    assert any(0 < price < 0.4 for price in prices)
    np.testing.assert_allclose(learnt.prices, prices, atol=1e-5)


def test_one_round_moves_a_price_by_the_rate_for_each_equal_share_above_the_target():
    """One item of twelve in every place of everybody's slate has twelve equal shares, ten above its target of two."""
    learnt = Exposure(strength=5, target=2).learn(Popular(), world.dataset(), RNG)
    unpriced = replace(learnt, prices=np.zeros(12, np.float32))
    moved = unpriced.after(np.zeros(12 * PLACES, np.int64), np.tile(np.arange(PLACES), 12))
    np.testing.assert_allclose(moved.prices, [RATE * 10, *[0] * 11], rtol=1e-5)


def test_labels_make_groups_and_goods_without_a_label_stand_alone():
    brands = strings(["b|a", None, "a", "b", None, ""])
    goods = Catalog(Ids([f"i{i}" for i in range(6)]), {"brand": brands})
    stage = Exposure("brand", target=1.5).learn(Popular(), world.dataset([], goods), RNG)
    assert stage.groups.tolist() == [1, 2, 0, 1, 3, 4]
    np.testing.assert_allclose(stage.caps, 1.5 * np.array([1, 2, 1, 1, 1]) / 6)


def test_a_brand_that_we_derived_serves_where_the_shop_gave_none():
    goods = Catalog(Ids(["a", "b", "c"]), {"derived_brand": strings(["x", "y", "x"])})
    assert Exposure("brand").learn(Popular(), world.dataset([], goods), RNG).groups.tolist() == [0, 1, 0]


def test_a_column_that_the_shop_lacks_or_one_of_numbers_is_refused():
    with pytest.raises(UnknownName, match="did you mean 'brand'"):
        Exposure("brnd").learn(Popular(), world.dataset(), RNG)
    with pytest.raises(BadSetting, match="'price' holds numbers"):
        Exposure("price").learn(Popular(), world.dataset(), RNG)


@pytest.mark.parametrize("setting", [{"strength": -0.1}, {"strength": np.nan}, {"target": -0.5}, {"people": 0}])
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(BadSetting, match=next(iter(setting))):
        Exposure(**setting)


@pytest.mark.parametrize("goods", [0, 1])
@pytest.mark.parametrize("column", ["", "brand"])
def test_a_shop_with_no_goods_or_one_and_nobody_in_it(goods, column):
    catalog = Catalog(Ids(["a"][:goods]), {"brand": strings(["x"][:goods])})
    stage = Plan((Popular(), Exposure(column))).fit(world.dataset([], catalog), RNG).stages[-1]
    check_slates(stage, [STRANGER], [Slate()], goods)
    assert stage.after(np.zeros(goods, np.int32)).prices.tolist() == [0.0] * goods


def test_one_item_that_everybody_is_shown_has_nowhere_to_give_way_to():
    catalog = Catalog(Ids(["a"]), {})
    events = [world.Event(f"u{n}", "a", "purchase", world.START + n) for n in range(3)]
    stage = Plan((Popular(), Exposure())).fit(world.dataset(events, catalog), RNG).stages[-1]
    assert stage.prices.tolist() == [0.0]


def asked_of_the_world(dataset) -> tuple[list[Request], list[Slate]]:
    profiles = dataset.profiles()
    requests = [
        Request("tea0", profile=profiles["tea0"], k=4),
        STRANGER,
        Request("train2", profile=profiles["train2"], words="tea"),
    ]
    full = Slate(np.array([7, 2, 0, 9, 11, 4], np.int32), np.linspace(2, 1, 6).astype(np.float32))
    return [*requests, *requests], [full, full, full, Slate(), Slate(), Slate()]


@pytest.mark.parametrize("column", ["", "brand"])
def test_the_guarantees_of_the_house(column):
    dataset = world.dataset()
    stage = Plan((Popular(), Exposure(column, target=1.0))).fit(dataset, np.random.default_rng(0)).stages[-1]
    assert stage.prices.any()
    requests, slates = asked_of_the_world(dataset)
    check_slates(stage, requests, slates, 12)
    check_batch(stage, requests, slates)
    check_saved(stage, requests, slates, known_classes() | {Priced})


def test_the_future_is_never_read():
    later = [world.Event(f"later{n}", "r5", "purchase", world.START + 9 * world.DAY) for n in range(40)]
    dataset = world.dataset([*world.purchases(), *later])
    requests, slates = asked_of_the_world(world.dataset())
    plan = Plan((Popular(), Policy(), Exposure(target=1.0)))
    check_future(
        lambda past: plan.fit(past, np.random.default_rng(0)).stages[-1],
        dataset,
        world.START + 8 * world.DAY,
        requests,
        slates,
    )


def test_the_same_seed_learns_the_same_prices_and_no_more_people_are_asked_than_said():
    dataset = shop_of_one_favourite()
    plan = Plan((*UPSTREAM, Exposure(target=1.0, people=100)))
    one, other = (plan.fit(dataset, np.random.default_rng(7)).stages[-1] for _ in range(2))
    assert one.prices.tolist() == other.prices.tolist()
    everybody = Plan((*UPSTREAM, Exposure(target=1.0))).fit(dataset, np.random.default_rng(7)).stages[-1]
    assert one.step == pytest.approx(4 * everybody.step)


def test_goods_that_arrive_join_the_group_of_their_label_and_the_others_are_groups_of_their_own():
    """Of the first three goods a has two and b one; then come one of a, two of c, and one of which nothing is known."""
    brands = strings(["a", "b", "a", "a", "c", "c", None])
    goods = Catalog(Ids([f"i{number}" for number in range(7)]), {"brand": brands})
    caps = np.array([2 / 3, 1 / 3], np.float32)
    before = Priced(np.array([0.4, 0.1], np.float32), np.array([0, 1, 0], np.int32), caps, 2, 1, "brand")
    later = before.with_catalog(goods)
    assert later.groups.tolist() == [0, 1, 0, 0, 2, 2, 3]
    np.testing.assert_allclose(later.prices, [0.4, 0.1, 0, 0])
    np.testing.assert_allclose(later.caps, [2 / 3, 1 / 3, 2 / 3, 1 / 3], rtol=1e-6)
    alone = Priced(np.zeros(3, np.float32), np.arange(3, dtype=np.int32), np.ones(3, np.float32) / 3, 2, 1).with_catalog(goods)
    assert alone.groups.tolist() == list(range(7))
