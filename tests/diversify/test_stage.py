import numpy as np
import pytest

from assortment.core.arrays import strings
from assortment.core.errors import BadInput, BadSetting, UnknownName
from assortment.core.profile import Profile
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.diversify.caps import Room
from assortment.diversify.methods import Dpp, Facility, Hybrid, Methods, Mmr, Msd, Ssd, Trade
from assortment.diversify.pool import Pool
from assortment.diversify.stage import Diversify
from assortment.diversify.taste import Taste
from assortment.testing import check_batch, check_slates
from tests import world

RNG = np.random.default_rng(0)


def dataset():
    """The known shop; a thing's vector points to its taste, a little to itself."""
    vectors = np.zeros((12, 14), np.float32)
    vectors[np.arange(12), np.arange(12)] = 0.5
    vectors[:6, 12] = vectors[6:, 13] = np.sqrt(0.75)
    data = world.dataset()
    return data.with_catalog(data.catalog.with_column("vector", vectors))


RANKED = Slate(np.arange(12, dtype=np.int32), np.linspace(3, 1, 12).astype(np.float32))


def chosen(wish: Wish, **settings) -> list[str]:
    data = dataset()
    (slate,) = Diversify(**settings).fit(data, RNG)([Request(k=4, wish=wish)], [RANKED])
    return [data.catalog.ids.names[item] for item in slate.items]


def test_without_a_wish_the_shops_setting_holds():
    assert chosen(Wish()) == ["t0", "t1", "t2", "t3"]
    assert chosen(Wish(), diversity=0.8) == ["t0", "t1", "r0", "r1"]
    assert chosen(Wish(), diversity=0.8, select=Mmr()) == ["t0", "t1", "t2", "r0"]
    assert chosen(Wish(), diversity=0.8, select=Dpp()) == ["t0", "t1", "r0", "r1"]


def test_labels_can_say_how_alike_goods_are():
    """By words t0 to t5 are alike; by where they stand t0, t2, t4 are, and half so t1, which shares the floor."""
    stands = strings(["up > left", "up > right", "up > left", "down", "up > left", None] + ["down"] * 6)
    data = dataset()
    data = data.with_catalog(data.catalog.with_column("stands", stands))
    stage = Diversify(diversity=0.5, like="stands").fit(data, RNG)
    (slate,) = stage([Request(k=3)], [RANKED])
    assert [data.catalog.ids.names[item] for item in slate.items] == ["t0", "t3", "t5"]
    assert slate.terms is not None
    assert slate.terms.achieved["redundancy"] == pytest.approx(0, abs=1e-6)
    (pair,) = stage([Request(k=2, wish=Wish(diversity=0))], [RANKED])
    assert pair.terms is not None
    assert pair.terms.achieved["redundancy"] == pytest.approx(0.5)


def test_a_column_of_numbers_or_of_too_many_labels_says_nothing_of_likeness():
    data = dataset()
    priced = data.with_catalog(data.catalog.with_column("cost", np.ones(12, np.float32)))
    with pytest.raises(BadSetting, match="'cost' holds numbers; like is a column of vectors or of labels"):
        Diversify(diversity=0.5, like="cost").fit(priced, RNG)
    many = strings(["|".join(f"{row} {n}" for n in range(200)) for row in range(12)])
    with pytest.raises(BadSetting, match="'tags' has 2,400 labels; at most 2,000"):
        Diversify(diversity=0.5, like="tags").fit(data.with_catalog(data.catalog.with_column("tags", many)), RNG)
    with pytest.raises(UnknownName, match="did you mean"):
        Diversify(diversity=0.5, like="brnd").fit(data, RNG)


def test_what_is_seen_at_once_stands_by_relevance_page_by_page():
    """Chosen are t0, r0, t1, t2: on a page of two r0 stands beside the best, on one of four it comes last."""
    assert chosen(Wish(0.8), page=2, select=Mmr()) == ["t0", "r0", "t1", "t2"]
    assert chosen(Wish(0.8), page=4, select=Mmr()) == ["t0", "t1", "t2", "r0"]


def test_dispersion_weighs_the_same_whatever_the_length_of_the_slate():
    """The second pick of two and of five: with k - 1 distances counting once each, five would look at variety alone."""
    pool = Pool(
        np.array([1, 0.8, 0.25, 0.2, 0.15, 0.1], np.float32),
        np.arange(6),
        np.eye(6, dtype=np.float32)[[0, 0, 1, 2, 3, 4]],
        Profile(),
        Taste.of(np.full((6, 1), -1, np.int32), []),
    )
    free = Room.of(6, {}, {})
    # of five, the weight of a distance is 0.3 × 2 / 4 beside 0.7 of relevance: 0.7 × 0.8 is more than 0.7 × 0.25 + 0.15
    assert Msd()(pool, 5, 0.3, free)[1] == 1
    assert Msd()(pool, 5, 0.9, Room.of(6, {}, {}))[1] == 2


METHODS = Methods.__args__


@pytest.mark.parametrize("method", METHODS)
def test_every_method_keeps_the_contract_and_gives_the_order_of_relevance_where_no_variety_is_asked(method):
    assert chosen(Wish(0.0), select=method()) == ["t0", "t1", "t2", "t3"]
    capped = chosen(Wish(1.0, at_most={"brand": 1}), select=method())
    brands = dict(zip(world.catalog().ids.names, world.catalog().column("brand"), strict=True))
    assert len({brands[name] for name in capped}) == 4


@pytest.mark.parametrize("method", METHODS)
def test_every_method_bears_goods_that_are_all_alike_and_goods_without_vectors(method):
    data = dataset()
    for vectors in (np.zeros((12, 3), np.float32), np.tile(np.eye(3, dtype=np.float32)[:1], (12, 1))):
        stage = Diversify(select=method()).fit(data.with_catalog(data.catalog.with_column("vector", vectors)), RNG)
        for diversity in (0.3, 1.0):
            (slate,) = check_slates(stage, [Request(k=20, wish=Wish(diversity))], [RANKED], 12)
            assert len(slate) == 12


def test_vectors_that_are_not_numbers_are_refused_with_the_item():
    data = dataset()
    vectors = data.catalog.column("vector").copy()
    vectors[2, 1] = np.nan
    with pytest.raises(BadInput, match="'t2' is not a number"):
        Diversify().fit(data.with_catalog(data.catalog.with_column("vector", vectors)), RNG)


@pytest.mark.parametrize("method", METHODS)
def test_no_method_takes_numbers_that_are_none_or_do_not_fit(method):
    """None of them may show one item again and again, which is where a search for the highest of NaN ends."""

    def pool(relevance, vectors) -> Pool:
        taste = Taste.of(np.zeros((4, 1), np.int32), [])
        return Pool(np.array(relevance, np.float32), np.arange(4, dtype=np.int32), vectors, Profile(), taste)

    whole = np.eye(4, dtype=np.float32)
    with pytest.raises(BadInput):
        method()(pool([1, np.nan, 0.5, 0.2], whole), 3, 0.5, Room.of(4, {}, {}))
    if method in (Mmr, Dpp, Msd, Ssd, Hybrid, Trade, Facility):
        with pytest.raises(BadInput):
            method()(pool([1, 0.9, 0.5, 0.2], whole * [[1], [np.nan], [1], [1]]), 3, 0.5, Room.of(4, {}, {}))


def test_scores_that_are_no_numbers_are_refused():
    scores = np.array([3, np.nan, 1], np.float32)
    with pytest.raises(BadInput, match="score is not a number"):
        Diversify().fit(dataset(), RNG)([Request(k=2)], [Slate(np.arange(3, dtype=np.int32), scores)])


def test_who_roams_gets_more_variety_and_who_names_it_gets_what_they_name():
    data = dataset()
    category = np.array(["tea"] * 6 + ["trains"] * 6, object)
    data = data.with_catalog(data.catalog.with_column("category", category))
    stage = Diversify(diversity=0.4, personal=1).fit(data, RNG)
    faithful, roaming = (profile(items) for items in ([0, 1, 2, 3, 4, 5], [0, 6, 1, 7, 2, 8]))
    one, other, named = stage(
        [Request(profile=faithful), Request(profile=roaming), Request(profile=roaming, wish=Wish(0.4))], [RANKED] * 3
    )
    assert one.terms.diversity == 0.4, "everyone in this shop is as faithful"
    assert other.terms.diversity > 0.4
    assert named.terms.diversity == 0.4


def profile(items: list[int]) -> Profile:
    person = Profile()
    for time, item in enumerate(items, 1):
        person = person.after(item, "purchase", time)
    return person


def test_what_a_person_took_lately_is_what_they_want_and_a_stranger_wants_what_is_relevant():
    codes = np.array([[0], [0], [1], [2]], np.int32)
    taste = Taste.of(codes, [])
    items, relevance = np.array([0, 2, 3]), np.array([1, 1, 0], np.float32)
    np.testing.assert_allclose(taste.aspects(Profile(), items, relevance).wanted, [0.5, 0.5, 0], atol=1e-6)
    wanted = taste.aspects(profile([0, 1, 3]), items, relevance).wanted
    # takes of 0.87, 0.93 and 1 beside candidates that weigh 5 together
    takes = 2.0 ** (np.array([-2, -1, 0]) / 10)
    np.testing.assert_allclose(wanted, np.array([2.5 + takes[:2].sum(), 2.5, takes[2]]) / (5 + takes.sum()), atol=1e-6)


def test_a_request_that_wishes_none_gets_none():
    assert chosen(Wish(0.0), diversity=0.9) == ["t0", "t1", "t2", "t3"]


def test_a_cap_of_the_request_takes_the_place_of_the_shops_for_that_column_only():
    assert chosen(Wish(), at_most={"brand": 1}) == ["t0", "t2", "t4", "t5"]
    assert chosen(Wish(at_most={"brand": 2}), at_most={"brand": 1}) == ["t0", "t1", "t2", "t3"]


def test_a_cap_leaves_a_short_slate_when_the_shop_has_no_more():
    data = dataset()
    stage = Diversify().fit(data, RNG)
    (slate,) = check_slates(stage, [Request(k=12, wish=Wish(at_most={"brand": 1}))], [RANKED], 12)
    assert len(slate) == 6


def test_where_scores_are_log_odds_relevance_is_the_chance_over_the_highest():
    """A quarter of the chance is a third of the relevance; over the range of their log odds it would be more than half."""
    chances = np.array([0.8, 0.2, 0.008], np.float32)
    ranked = Slate(np.arange(3, dtype=np.int32), np.log(chances / (1 - chances)), {"chance": chances})
    (slate,) = Diversify().fit(dataset(), RNG)([Request(k=3)], [ranked])
    np.testing.assert_allclose(slate.notes["relevance"], [1, 0.25**0.8, 0.01**0.8], atol=1e-6)


@pytest.mark.parametrize(("best", "shown"), [(0.5, ["t0", "t1"]), (0.02, ["t0", "t6"])])
def test_who_is_sure_to_take_the_best_gives_up_less_for_variety(best, shown):
    """The chances stand in the same proportions; only for the second is the best of them below what is usual."""
    chances = best * np.array([1, 0.9, *[0.1] * 4, 0.5, *[0.1] * 5], np.float32)
    notes = {"chance": chances, "usual": np.full(12, 0.1, np.float32)}
    ranked = Slate(np.arange(12, dtype=np.int32), np.log(chances / (1 - chances)), notes)
    stage = Diversify(diversity=0.3).fit(dataset(), RNG)
    (slate,) = stage([Request(k=2)], [ranked])
    assert [f"t{item}" for item in slate.items] == shown
    assert slate.terms.diversity == 0.3


def test_it_notes_relevance_and_the_place_before():
    (slate,) = Diversify(diversity=0.5).fit(dataset(), RNG)([Request(k=2)], [RANKED])
    assert slate.notes["before"].tolist() == [0, 6]
    np.testing.assert_allclose(slate.notes["relevance"], [1, 1 - 6 / 11], atol=1e-6)


def test_a_cap_on_a_column_the_shop_lacks_names_the_near_miss():
    with pytest.raises(UnknownName, match="did you mean 'brand'"):
        chosen(Wish(at_most={"brnad": 1}))


def test_a_cap_on_numbers_is_refused():
    with pytest.raises(BadSetting, match="column 'price' holds numbers"):
        chosen(Wish(at_most={"price": 1}))


def test_variety_without_vectors_is_refused_with_the_way_out():
    with pytest.raises(BadSetting, match="add 'embed'"):
        Diversify(diversity=0.3).fit(world.dataset(), RNG)


def test_more_asked_than_there_is_gives_all_there_is():
    (slate,) = Diversify(pool=3).fit(dataset(), RNG)([Request(k=100)], [RANKED])
    assert len(slate) == 12


def test_a_batch_is_what_its_requests_are_alone():
    wishes = [Wish(), Wish(0.7), Wish(0.2, {"brand": 1}), Wish(1.0)]
    check_batch(
        Diversify().fit(dataset(), RNG), [Request(k=5, wish=wish) for wish in wishes], [RANKED, RANKED, Slate(), RANKED]
    )
