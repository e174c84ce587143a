"""What gives way, in which order, and by how much."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from assortment.core.errors import BadSetting, UnknownName
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.core.terms import GaveWay
from assortment.diversify.arrange import Clause
from assortment.diversify.contract import Contract, bands, by_relevance, different, distance, gave_way, settle
from assortment.diversify.methods import Dpp
from assortment.diversify.stage import Diversify
from tests import world
from tests.diversify.test_stage import RANKED, RNG
from tests.diversify.test_stage import dataset as goods


def dataset():
    """The known shop, its two tastes told as categories."""
    data = goods()
    return data.with_catalog(data.catalog.with_column("category", np.array(["tea"] * 6 + ["trains"] * 6, object)))


def clause(codes, amount) -> Clause:
    return Clause(np.array(codes, np.int32).reshape(len(codes), -1), amount)


def relevance(n: int) -> np.ndarray:
    return np.linspace(1, 0, n).astype(np.float32)


def mended(contract: Contract) -> tuple[np.ndarray, tuple[GaveWay, ...]]:
    rows, met = settle(contract, np.arange(len(contract.relevance)))
    return rows, gave_way(contract, met, rows)


def test_the_last_named_gives_way_first_and_by_no_more_than_it_must():
    """Five goods, k 3. Two of three categories are of one brand, capped at one: three categories cannot be, two can."""
    contract = Contract(
        3,
        relevance(5),
        at_most={"brand": clause([0, 0, 1, 1, 1], 1)},
        at_least={"size": clause([0, 0, 0, 1, 1], 2), "category": clause([0, 1, 2, 2, 2], 3)},
    )
    rows, given = mended(contract)
    # the caps leave two places: one of brand 0, one of brand 1; of those, sizes 0 and 1, and so the row 3 or 4
    assert rows.tolist() == [0, 3]
    assert [(g.part, g.wanted, g.got) for g in given] == [("at_least category", 3, 2), ("items", 3, 2)]


def test_a_demand_beyond_what_there_is_says_what_there_is():
    contract = Contract(3, relevance(4), at_least={"category": clause([0, 1, 1, 1], 4)})
    rows, (given,) = mended(contract)
    assert rows.tolist() == [0, 1, 2]
    assert (given.part, given.wanted, given.got) == ("at_least category", 4, 2)
    assert given.why == "the 4 candidates have only 2"


def test_spacing_gives_way_step_by_step():
    """Of two brands, no three places in a row can be of different brands, but neighbours can."""
    contract = Contract(4, relevance(4), apart={"brand": clause([0, 0, 1, 1], 3)})
    rows, (given,) = mended(contract)
    assert rows.tolist() == [0, 2, 1, 3]
    assert (given.part, given.wanted, given.got) == ("apart brand", 3, 2)


def test_the_floor_sinks_no_deeper_than_the_slate_needs():
    contract = Contract(3, relevance(5), floor=0.6)
    rows, (given,) = mended(contract)
    assert rows.tolist() == [0, 1, 2]
    assert (given.part, given.got) == ("floor", 0.5)


def test_variety_gives_way_before_relevance_does():
    contract = Contract(2, relevance(4), floor=0.5, at_least={"category": clause([0, 0, 0, 1], 2)})
    rows, (given,) = mended(contract)
    assert rows.tolist() == [0, 1]
    assert given.part == "at_least category"


@st.composite
def contracts(draw):
    n = draw(st.integers(1, 8))
    codes = st.lists(st.integers(-1, 3), min_size=n, max_size=n)

    def some(low):
        return {name: clause(draw(codes), draw(st.integers(low, 4))) for name in draw(st.sets(st.sampled_from("ab")))}

    return Contract(draw(st.integers(1, 5)), relevance(n), draw(st.sampled_from([0, 0.4, 1])), some(1), some(1), some(2))


@given(contracts())
def test_whatever_is_asked_caps_hold_and_what_gave_way_is_told(contract):
    rows, given = mended(contract)
    told = {one.part for one in given}
    for column, cap in contract.at_most.items():
        held = cap.codes[rows]
        assert np.bincount(held[held >= 0]).max(initial=0) <= cap.amount, column
    for column, least in contract.at_least.items():
        held = least.codes[rows]
        assert (len(set(held[held >= 0].tolist())) < least.amount) == (f"at_least {column}" in told)
    for column, spaced in contract.apart.items():
        if f"apart {column}" not in told:
            assert distance(spaced.codes[rows]) >= min(spaced.amount, len(rows))
    assert (len(rows) < contract.k) == ("items" in told)
    assert (contract.relevance[rows].min(initial=1) < contract.floor) == ("floor" in told)
    assert all(one.got < one.wanted for one in given)


def test_bands_hold_equally_many_and_never_part_equal_prices():
    assert bands(np.array([9.0, 1, 5, 7, 3, 2]), 3)[:, 0].tolist() == [2, 0, 1, 2, 1, 0]
    assert bands(np.array([5.0, 5, 5, 1]), 2)[:, 0].tolist() == [1, 1, 1, 0]
    assert bands(np.array([np.nan]), 2).tolist() == [[-1]]


def slate(wish: Wish, k: int = 4, **settings) -> Slate:
    return Diversify(**settings).fit(dataset(), RNG)([Request(k=k, wish=wish)], [RANKED])[0]


def names(slate: Slate) -> list[str]:
    return [world.catalog().ids.names[item] for item in slate.items]


def test_a_slate_says_what_it_achieved_and_what_that_cost():
    terms = slate(Wish(0.0, at_most={"brand": 1}, at_least={"category": 2}, apart={"brand": 2}), 3).terms
    assert terms.achieved["items"] == 3
    assert terms.achieved["at_most brand"] == 1
    assert terms.achieved["at_least category"] == 2
    assert terms.achieved["apart brand"] == 3
    assert not terms.gave_way
    plain = slate(Wish(0.0), 3)
    assert plain.terms.cost == 0
    assert plain.terms.achieved["redundancy"] == pytest.approx(0.75, abs=1e-6)
    assert terms.cost > 0


def popular(n: int, but: int) -> Clause:
    """n goods, all popular `but` the last."""
    return clause([0] * (n - but) + [-1] * but, 3)


def test_a_share_of_a_slate_that_caps_make_short_is_of_the_short_slate():
    """Three popular and two plain goods would be five; of five one is allowed, which leaves three, and of three none."""
    contract = Contract(10, relevance(30), at_most={"popular": popular(30, 2)}, shares={"popular": 0.3})
    rows, (given,) = mended(contract)
    assert rows.tolist() == [28, 29]
    assert (given.part, given.wanted, given.got) == ("items", 10, 2)
    assert given.why == "the caps leave no more of the candidates: at_most popular=0.3"
    rows, _ = mended(Contract(10, relevance(30), at_most={"popular": popular(30, 5)}, shares={"popular": 0.3}))
    assert rows.tolist() == [0, 1, *range(25, 30)], "of seven two"


@st.composite
def capped(draw):
    """Seven candidates and caps on two columns, of which one may give them two labels."""
    one = draw(st.lists(st.integers(-1, 2), min_size=7, max_size=7))
    some = draw(st.lists(st.lists(st.integers(0, 2), max_size=2, unique=True), min_size=7, max_size=7))
    two = [[*labels, -1, -1][:2] for labels in some]
    return {"one": clause(one, draw(st.integers(0, 2))), "two": clause(two, draw(st.integers(0, 2)))}


@given(capped(), st.integers(1, 7))
def test_a_slate_is_as_long_as_its_caps_allow(caps, k):
    def allowed(rows) -> bool:
        held = ((cap, cap.codes[np.array(rows, np.int64)]) for cap in caps.values())
        return all(np.bincount(codes[codes >= 0]).max(initial=0) <= cap.amount for cap, codes in held)

    most = max(size for size in range(k + 1) if any(allowed(rows) for rows in combinations(range(7), size)))
    rows, _ = mended(Contract(k, relevance(7), at_most=caps))
    assert len(rows) == most
    assert allowed(rows)


def test_no_place_is_lost_where_two_caps_leave_many():
    """One of each brand and one of each colour is a matching; of some twenty, a tenth less would be two."""
    for seed in range(10):
        brands, colours = np.random.default_rng(seed).integers(24, size=(2, 45)).astype(np.int32)
        graph = csr_array((np.ones(45), (brands, colours)), shape=(24, 24))
        most = int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())
        caps = {"brand": clause(brands, 1), "colour": clause(colours, 1)}
        rows, _ = mended(Contract(45, relevance(45), at_most=caps))
        assert len(rows) == most


@given(contracts())
def test_without_time_caps_hold_all_the_same_and_what_gave_way_is_told(contract):
    rows, met = settle(contract, np.arange(len(contract.relevance)), until=0.0)
    for cap in contract.at_most.values():
        held = cap.codes[rows]
        assert np.bincount(held[held >= 0]).max(initial=0) <= cap.amount
    told = {given.part for given in gave_way(contract, met, rows)}
    for column, least in contract.at_least.items():
        assert (different(least.codes[rows]) < least.amount) == (f"at_least {column}" in told)
    assert (len(rows) < contract.k) == ("items" in told)


def test_a_floor_that_a_cap_lowers_is_not_said_to_be_too_high():
    """Three reach it, of one brand; the cap lets one of them stay."""
    contract = Contract(2, relevance(5), floor=0.5, at_most={"brand": clause([0, 0, 0, 1, 1], 1)})
    rows, (given,) = mended(contract)
    assert rows.tolist() == [0, 3]
    assert given.why == "the rest of the wish leaves too few of the 3 candidates that reach it"


def test_what_is_mended_stands_by_relevance_as_far_as_it_may():
    spaced = Contract(4, relevance(4), apart={"brand": clause([0, 0, 1, 1], 2)})
    assert by_relevance(spaced, np.array([3, 1, 2, 0]), page=4).tolist() == [0, 2, 1, 3]
    free = Contract(4, relevance(4), at_least={"brand": clause([0, 0, 1, 1], 2)})
    assert by_relevance(free, np.array([3, 1, 2, 0]), page=2).tolist() == [1, 3, 0, 2]
    shown = slate(Wish(0.9, at_least={"category": 2}), select=Dpp()).notes["before"]
    assert shown.tolist() == sorted(shown.tolist())


def test_a_column_of_true_and_false_can_be_capped_and_counted():
    sale = np.array([True] * 6 + [False] * 6)
    stage = Diversify().fit(dataset().with_catalog(dataset().catalog.with_column("sale", sale)), RNG)
    (capped,) = stage([Request(k=4, wish=Wish(at_most={"sale": 0.3}))], [RANKED])
    assert capped.items.tolist() == [0, 6, 7, 8]
    (counted,) = stage([Request(k=2, wish=Wish(at_least={"sale": 1}))], [RANKED])
    assert counted.terms is not None
    assert counted.terms.achieved["at_least sale"] == 1


def test_vectors_can_not_be_counted():
    with pytest.raises(BadSetting, match="column 'vector' holds vectors; at_least counts labels, or bands of numbers"):
        slate(Wish(at_least={"vector": 2}))
    with pytest.raises(BadSetting, match="at_least counts labels"):
        Diversify(at_least={"vector": 2}).fit(dataset(), RNG)


def test_what_a_short_slate_leaves_out_is_part_of_its_cost():
    terms = slate(Wish(0.0, at_most={"category": 1})).terms
    assert terms is not None
    best = RANKED.scores[:4] - 1
    worth = 1 / np.log2(np.arange(2, 6))
    shown = np.array([best[0], RANKED.scores[6] - 1])
    assert terms.cost == pytest.approx(1 - shown @ worth[:2] / (best @ worth), abs=1e-5)


def test_a_share_of_the_slate_is_rounded_down():
    assert names(slate(Wish(at_most={"brand": 0.5}))) == ["t0", "t1", "t2", "t3"]
    assert names(slate(Wish(at_most={"brand": 0.49}))) == ["t0", "t2", "t4", "t5"]
    assert len(slate(Wish(at_most={"category": 0.2}))) == 0


def test_the_shops_contract_holds_where_the_request_is_silent_column_by_column():
    shop = {"at_least": {"category": 2}}
    assert "r0" in names(slate(Wish(), **shop))
    assert names(slate(Wish(at_least={"category": 1}), **shop)) == ["t0", "t1", "t2", "t3"]


def test_a_price_spread_shows_cheap_middle_and_dear():
    catalog = dataset().catalog.with_column("price", np.array([1.0, 1, 1, 1, 2, 2, 2, 9, 2, 9, 9, np.nan]))
    stage = Diversify().fit(dataset().with_catalog(catalog), RNG)
    (spread,) = stage([Request(k=3, wish=Wish(at_least={"price": 3}))], [RANKED])
    assert catalog.column("price")[spread.items].tolist() == [1, 2, 9]


def test_what_the_nearest_candidates_lack_is_looked_for_among_all():
    assert slate(Wish(at_least={"category": 2}), k=2, pool=3).terms.gave_way == ()


def test_the_same_wish_says_which_part_gave_way():
    terms = slate(Wish(at_least={"category": 3})).terms
    (gave_way,) = terms.gave_way
    assert (gave_way.part, gave_way.got) == ("at_least category", 2)
    assert terms.achieved["at_least category"] == 2


def test_a_cap_is_never_broken_by_a_vector():
    """Every method and every setting, all vectors equal or missing: the cap holds, and the slate is short and says so."""
    catalog = dataset().catalog
    for vectors in (np.zeros((12, 3), np.float32), np.tile(np.eye(3, dtype=np.float32)[:1], (12, 1))):
        stage = Diversify().fit(dataset().with_catalog(catalog.with_column("vector", vectors)), RNG)
        for diversity in (0.0, 0.5, 1.0):
            (short,) = stage([Request(k=12, wish=Wish(diversity, at_most={"brand": 1}))], [RANKED])
            assert len(short) == 6
            assert [one.part for one in short.terms.gave_way] == ["items"]


@pytest.mark.parametrize(
    "wish",
    [
        {"diversity": 1.5},
        {"diversity": float("nan")},
        {"at_most": {"brand": 0}},
        {"at_most": {"brand": 1.5}},
        {"at_least": {"category": 0}},
        {"apart": {"brand": 1}},
        {"floor": -0.1},
    ],
)
def test_a_wish_outside_its_range_is_refused(wish):
    with pytest.raises(BadSetting):
        Wish(**wish)


@pytest.mark.parametrize("part", ["at_most", "at_least", "apart"])
def test_a_column_the_shop_lacks_names_the_near_miss(part):
    with pytest.raises(UnknownName, match="did you mean 'brand'"):
        slate(Wish(**{part: {"brnad": 2}}))


def test_an_item_without_a_value_is_bound_by_nothing():
    brands = np.array([None] * 12, object)
    stage = Diversify().fit(dataset().with_catalog(dataset().catalog.with_column("brand", brands)), RNG)
    (free,) = stage([Request(k=4, wish=Wish(at_most={"brand": 1}, apart={"brand": 4}))], [RANKED])
    assert free.items.tolist() == [0, 1, 2, 3]
    assert not free.terms.gave_way
